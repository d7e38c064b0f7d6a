"""lock.json: what generated/ was made from and with. Knows hashes and versions, no dates."""

import hashlib
import json
import re
from collections.abc import Iterable
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

from .refused import Refused

TOOLS = ("openapi-python-client", "ruff", "jinja2")
REQUIREMENTS = Path(__file__).parent / "requirements.txt"


def lock_json(contract: str, overlay: str, api_version: str, accepted: Iterable[str] = ()) -> str:
    """Return the text of lock.json; *accepted* is left out where it is empty."""
    pins = pinned()
    word = {"accepted": sorted(accepted)} if accepted else {}
    content = {
        **word,
        "contract": {"sha256": _sha256(contract), "version": api_version},
        "overlay": {"sha256": _sha256(overlay)},
        "tools": {name: pins[name] for name in TOOLS},
    }
    return json.dumps(content, indent=2, sort_keys=True) + "\n"


def accepted(generated: Path) -> frozenset[str]:
    """Read which names a reviewer has accepted as JSON numbers; empty for no readable lock."""
    path = generated / "lock.json"
    try:
        found = json.loads(path.read_text("utf-8")).get("accepted", [])
    except (FileNotFoundError, ValueError, AttributeError):
        return frozenset()
    return frozenset(map(str, found))


def pinned() -> dict[str, str]:
    """Return package → exact version, of requirements.txt."""
    lines = REQUIREMENTS.read_text("utf-8").splitlines()
    found = (re.match(r"([\w.-]+)==([\w.]+)", line) for line in lines)
    return {match[1].lower(): match[2] for match in found if match}


def refuse_other_tools() -> None:
    """Raise Refused for a tool of another version than pinned: it would write other bytes."""
    pins = pinned()
    for name in TOOLS:
        try:
            installed = version(name)
        except PackageNotFoundError:
            installed = "not installed"
        if installed != pins[name]:
            raise Refused(
                f"{name} is {installed}, requirements.txt pins {pins[name]}; run `nox -s regenerate`, "
                "or install openapi/regenerate/requirements.txt into this environment"
            )


def _sha256(text: str) -> str:
    """Return the SHA-256 of a text in UTF-8, in hex."""
    return hashlib.sha256(text.encode()).hexdigest()
