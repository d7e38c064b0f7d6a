"""docs/sandbox.md says what there is, and its Python runs."""

import re
from pathlib import Path

import attrs
import pytest
from zerogate_sandbox import PROFILES, Profile, Sandbox
from zerogate_sandbox.faults import KINDS
from zerogate_sandbox.interfaces.admin_api import Control
from zerogate_sandbox.partners import Account

TEXT = (Path(__file__).resolve().parents[2] / "docs" / "sandbox.md").read_text("utf-8")
CODE = re.findall(r"```python\n(.*?)```", TEXT, re.DOTALL)


def names(where):
    return set(re.findall(r"`([\w.]+)", where))


@pytest.mark.parametrize(
    "there_is",
    [
        set(PROFILES),
        {field.name for field in attrs.fields(Profile)},
        set(KINDS),
        {
            option
            for kind in KINDS.values()
            for option in kind.options
            if option not in ("copies", "keep")
        },
        {field.name for field in attrs.fields(Account)} - {"partner_id", "mode", "suffix"},
    ],
    ids=["profiles", "switches", "faults", "options of faults", "settings of accounts"],
)
def test_it_names_all_there_is(there_is):
    assert there_is <= names(TEXT)


def test_every_request_to_the_control_door_is_in_it():
    for _, pattern in Control(Sandbox())._table:
        place = re.escape("/" + pattern).replace(r"\*", r"\{\w+\}")
        assert re.search(f"(_sandbox|…){place}`?", TEXT), pattern


def test_every_call_in_it_exists():
    table = TEXT.partition("| call |")[2].partition("\n\n")[0]
    for name in re.findall(r"`([a-z_.]+)\(", table):
        owner = Sandbox()
        for step in name.split("."):
            owner = getattr(owner, step)


def test_its_python_runs(gate_sandbox, gate):
    scope = {}
    for block in CODE:
        exec(block, scope)
    scope["test_a_paid_order_is_settled"](gate_sandbox, gate)
    assert len(scope["sandbox"].faults.view()) == 3
