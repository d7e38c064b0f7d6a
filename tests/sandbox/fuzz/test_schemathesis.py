"""Schemathesis, against the served sandbox, by the contract: it finds nothing.

Its own tool runs, in all of its phases (examples, coverage, fuzzing, stateful), for a bounded
number of cases. It is given the ids of a sandbox in which every event has happened, so that reads
reach something.
"""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from zerogate_sandbox import EVENT_TYPES, PROFILES, Sandbox, WallClock
from zerogate_sandbox.contract import Contract, find_contract

HERE = Path(__file__).parent
CONTRACT = HERE.parents[2] / "openapi" / "gate-v1.yaml"
KEY = "sk_test_schemathesis"
#: How many of each operation; `nox -s ordeal` draws more, and in every profile.
EXAMPLES = os.environ.get("ZEROGATE_EXAMPLES", "8")
# Profiles whose answers are other ones than the contract's by design: 200 for 201.
OTHERWISE = {"lenient", "terse", "hostile"}
#: The strictest: the others have the same doors, and differ in what they remember for how long.
TRIED = sorted(set(PROFILES) - OTHERWISE) if "ZEROGATE_EXAMPLES" in os.environ else ["strict"]


def ids(sandbox):
    """The id of something real, by the operations that take one."""
    books = sandbox.books()
    deliveries = [one["id"] for one in books["deliveries"]]
    return {
        ("retrieveSession", "cancelSession"): ("id", books["sessions"][0]["id"]),
        ("retrieveTransaction",): ("refid", books["transactions"][0]["refid"]),
        ("getCustomer", "updateCustomer", "deleteCustomer"): ("id", books["customers"][0]["id"]),
        ("retrieveSignedQuote",): ("id", books["quotes"][0]["id"]),
        ("retrievePayIn",): ("id", books["pay_ins"][0]["id"]),
        ("retrievePayOut",): ("id", books["pay_outs"][0]["id"]),
        ("replayWebhookDelivery",): ("id", deliveries[0]),
        ("getAsset",): ("symbol", "USDC"),
    }


def settings(sandbox):
    """The settings file, with those ids added to what it has on an operation."""
    text = (HERE / "schemathesis.toml").read_text()
    for operations, (name, value) in ids(sandbox).items():
        line = f'parameters = {{ "path.{name}" = "{value}" }}'
        known = f'include-operation-id = "{operations[0]}"'
        if known in text:
            text = text.replace(known, f"{known}\n{line}")
        else:
            text += f"\n[[operations]]\ninclude-operation-id = {list(operations)}\n{line}\n"
    return in_its_names(text)


def in_its_names(text):
    """The same where the contract calls its operations otherwise than we do."""
    for name, (_, _, node) in Contract(find_contract()).operations.items():
        text = text.replace(f'"{name}"', f'"{node["operationId"]}"')
    return text


def run(directory, served, *more):
    """The tool, in a directory with its settings, bounded and repeatable."""
    shutil.copy(HERE / "hooks.py", directory)
    tool = [str(Path(sys.executable).with_name("st")), "--config-file", "schemathesis.toml"]
    bounds = ["--max-examples", EXAMPLES, "--seed", "1", "--continue-on-failure", "--no-color"]
    command = [*tool, "run", str(CONTRACT), "--url", served.base_url, *bounds, *more]
    # For each request it reads through all of the environment, for a proxy: a tenth of its time.
    env = {name: os.environ[name] for name in ("PATH", "HOME") if name in os.environ}
    return subprocess.run(
        command, cwd=directory, env=env, capture_output=True, text=True, timeout=1_200
    )


@pytest.mark.parametrize("profile", TRIED)
def test_it_finds_nothing(profile, tmp_path):
    sandbox = Sandbox(seed=1, clock=WallClock(), profile=profile, webhook=lambda body, headers: 503)
    for type in EVENT_TYPES:
        sandbox.trigger(type, KEY)
    sandbox.advance(20_000)  # Every delivery is dead-lettered by then, and can be replayed.
    (tmp_path / "schemathesis.toml").write_text(settings(sandbox))
    with sandbox.serve() as served:
        done = run(tmp_path, served)
    assert done.returncode == 0, done.stdout
    assert "Operations:       31 selected / 31 total" in done.stdout
    made = [
        one
        for one in sandbox.requests()
        if one["operation"] == "createSession" and one["status"] < 300
    ]
    assert len({one["idempotency_key"] for one in made}) == len(made) > 10
    for phase in ("Examples", "Coverage", "Fuzzing", "Stateful"):
        assert f"✅  {phase}" in done.stdout, done.stdout


def test_it_would_find_a_broken_answer(tmp_path):
    """The control: a field that goes missing is found, so finding nothing means something."""
    sandbox = Sandbox(seed=1, clock=WallClock())
    sandbox.trigger("gate_session.completed", KEY)
    sandbox.faults.add("missing_field", field="status", operations="retrieveSession")
    id = sandbox.books()["sessions"][0]["id"]
    text = (HERE / "schemathesis.toml").read_text()
    text += '\n[[operations]]\ninclude-operation-id = "retrieveSession"\n'
    text += f'parameters = {{ "path.id" = "{id}" }}\n'
    (tmp_path / "schemathesis.toml").write_text(in_its_names(text))
    asked = in_its_names('"retrieveSession"').strip('"')
    with sandbox.serve() as served:
        done = run(tmp_path, served, "--include-operation-id", asked)
    assert done.returncode == 1
    assert "status" in done.stdout
