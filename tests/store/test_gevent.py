"""A create in a green thread that `gevent.Timeout` is thrown into: let go, in doubt, and made once."""

from __future__ import annotations

import json
import subprocess
import sys
from importlib.util import find_spec

from tests.roots import ROOT
from tests.services import unavailable


def test_a_timeout_of_gevents_leaves_the_order_free_and_in_doubt(url: str) -> None:
    if find_spec("gevent") is None:
        unavailable("no gevent here (pip install --group test)")
    ran = subprocess.run(
        [sys.executable, "-m", "tests.store.under_gevent", url],
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
        cwd=ROOT,
    )
    assert ran.returncode == 0, ran.stderr[-2000:]
    told = json.loads(ran.stdout)
    assert told["thrown"]
    assert told["rows"] == [["sent", 1, 0]]
    assert (told["secret"], told["sessions"]) == (True, 1)
