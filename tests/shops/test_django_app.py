"""examples/django_app, as who copies it would try it: its own tests, by its own command line."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from importlib.util import find_spec
from pathlib import Path

import pytest

from tests.services import unavailable

APP = Path(__file__).parents[2] / "examples" / "django_app"


@pytest.fixture
def environment(tmp_path: Path) -> dict[str, str]:
    if find_spec("django") is None:
        unavailable("no django (pip install --group receivers)")
    kept = {k: v for k, v in os.environ.items() if not k.startswith(("ZEROGATE_", "DJANGO_"))}
    return {**kept, "SHOP_DATABASE": str(tmp_path / "shop.db"), "PYTHONWARNINGS": "error"}


def manage(environment: dict[str, str], *words: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "manage.py", *words],
        cwd=APP,
        env=environment,
        capture_output=True,
        text=True,
        check=False,
    )


def test_the_apps_own_tests_pass_with_djangos_test_client(environment: dict[str, str]) -> None:
    ran = manage(environment, "test", "--noinput")
    assert ran.returncode == 0, ran.stderr
    (count,) = re.findall(r"Ran (\d+) tests", ran.stderr)
    assert int(count) >= 5
    assert "skipped" not in ran.stderr


def test_django_makes_no_migration_of_the_stores_tables(environment: dict[str, str]) -> None:
    ran = manage(environment, "makemigrations", "--check", "--dry-run")
    assert (ran.returncode, ran.stdout) == (0, "No changes detected\n"), ran.stderr


def test_its_models_have_only_columns_that_the_tables_have(environment: dict[str, str]) -> None:
    told = {**environment, "ZEROGATE_SECRET_KEY": "sk_test_columns"}
    made = manage(told, "gate_migrate")
    assert made.returncode == 0, made.stderr
    looked = (
        "from gate_payments.models import Event, Intent;"
        "print(list(Intent.objects.all()), list(Event.objects.all()))"
    )
    ran = manage(told, "shell", "--no-imports", "-c", looked)
    assert (ran.returncode, ran.stdout) == (0, "[] []\n"), ran.stderr
