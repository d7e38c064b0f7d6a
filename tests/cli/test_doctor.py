"""`zerogate doctor`: what it finds well, what it does not, and what it says to do."""

from __future__ import annotations

import json
import subprocess
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest
from zerogate import Gate, SignatureRejected, webhooks
from zerogate_cli.exit_codes import Exit
from zerogate_sandbox.interfaces.server import Served
from zerogate_store import Inbox, Store

from tests.cli.conftest import KEY, Run

SECRET = "whsec_test_canary_of_commands"


def checks(said: subprocess.CompletedProcess[str]) -> dict[str, dict[str, Any]]:
    return {one["check"]: one for one in json.loads(said.stdout)}


def test_the_doctor_finds_everything_well(run: Run, served: Served) -> None:
    said = run("doctor", "--json")
    assert said.returncode == Exit.CLEAN, said.stdout
    found = checks(said)
    assert all(one["well"] for one in found.values())
    assert found["key"]["found"] == "test mode, from ZEROGATE_SECRET_KEY"
    assert found["host"]["found"] == served.base_url.split("/")[2]
    assert found["a read"]["found"].startswith("200 in ")
    assert "req_" in found["a read"]["found"]
    assert not any(one["todo"] for one in found.values())
    assert "NOT WELL" not in run("doctor").stdout


def test_the_doctor_names_a_proxy_without_who_may_use_it(run: Run) -> None:
    proxy = "http://someone:canary@proxy.example:3128"
    said = run("doctor", "--json", https_proxy=proxy)
    assert checks(said)["proxy"]["found"] == "https: proxy.example:3128"


@pytest.mark.parametrize(
    ("more", "exit", "check"),
    [
        ({"ZEROGATE_SECRET_KEY": ""}, Exit.USAGE, "key and host"),
        ({"ZEROGATE_SECRET_KEY": "pk_test_canary"}, Exit.USAGE, "key and host"),
        ({"ZEROGATE_SECRET_KEY": "sk_live_canary"}, Exit.USAGE, "key and host"),
        ({"ZEROGATE_BASE_URL": "http://127.0.0.1:9/v1"}, Exit.UNAVAILABLE, "a read"),
    ],
)
def test_the_doctor_says_what_is_not_well(
    run: Run, more: dict[str, str], exit: Exit, check: str
) -> None:
    said = run("doctor", "--json", **more)
    assert said.returncode == exit
    assert not checks(said)[check]["well"]
    assert checks(said)[check]["todo"]
    assert "NOT WELL" in run("doctor", **more).stdout


def test_the_doctor_says_what_the_default_namespace_means(run: Run) -> None:
    assert "one service per account" in checks(run("doctor", "--json"))["namespace"]["found"]
    named = run("doctor", "--json", "--namespace", "pos")
    assert checks(named)["namespace"]["found"] == "pos"


def test_the_doctor_reports_a_store_that_has_forgotten(
    run: Run, served: Served, made: list[str], tmp_path: Path
) -> None:
    url = f"sqlite:///{tmp_path / 'gate.db'}"
    missing = run("doctor", "--json", "--store", url)
    assert missing.returncode == Exit.USAGE
    store = Store(url)
    store.migrate()
    well = run("doctor", "--json", "--store", url)
    assert well.returncode == Exit.CLEAN, well.stdout
    with Gate(KEY, base_url=served.base_url, store=store) as gate:
        gate.recover()
    store.close()
    said = run("doctor", "--json", "--store", url)
    assert said.returncode == Exit.DIFFERENCES
    assert checks(said)["store"]["found"].startswith("has forgotten: it does not know ")
    assert "walk 2 of 2, 3 taken in" in checks(said)["store"]["found"]


def test_the_doctor_sees_a_key_that_is_refused(run: Run, served: Served) -> None:
    served.sandbox.revoke(KEY)
    said = run("doctor", "--json")
    assert said.returncode == Exit.CREDENTIALS
    assert checks(said)["a read"]["found"].startswith("401 ")


def test_the_doctor_sees_a_clock_that_is_wrong(
    served: Served, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    from zerogate_cli.commands.doctor import main
    from zerogate_probe.client import MachineClock

    monkeypatch.setenv("ZEROGATE_SECRET_KEY", KEY)
    right = MachineClock.now
    monkeypatch.setattr(MachineClock, "now", lambda clock: right(clock) + 120)
    assert main(["--base-url", served.base_url, "--json"]) == Exit.DIFFERENCES
    found = {one["check"]: one for one in json.loads(capsys.readouterr().out)}
    assert found["clock"]["found"].startswith("Gate's is -1")


# --- the account, the machine, the store and its inbox -------------------------------------------


def test_the_doctor_says_what_the_account_may_offer(run: Run, served: Served) -> None:
    found = checks(run("doctor", "--json"))
    assert found["assets"]["found"].endswith("are offered to this account")
    assert found["customers"]["found"] == "enabled"
    served.sandbox.account(KEY, entitlements=[])
    found = checks(run("doctor", "--json"))
    assert found["customers"]["found"] == "not enabled for this account"


def test_the_doctor_sees_a_file_of_certificates_that_is_not_there(run: Run) -> None:
    said = run("doctor", "--json", SSL_CERT_FILE="/nowhere/ca.pem")
    assert said.returncode == Exit.USAGE
    found = checks(said)["certificates"]
    assert "/nowhere/ca.pem, which is not there" in found["found"]
    assert "correct SSL_CERT_FILE" in found["todo"]


def test_the_doctor_shows_which_variables_are_set_and_no_value(run: Run) -> None:
    said = run("doctor", "--json", ZEROGATE_WEBHOOK_SECRET=SECRET)
    assert "ZEROGATE_WEBHOOK_SECRET" in checks(said)["environment"]["found"]


def test_the_doctor_looks_at_the_backlog_of_the_inbox(
    run: Run, served: Served, made: list[str], tmp_path: Path
) -> None:
    url = f"sqlite:///{tmp_path / 'gate.db'}"
    store = Store(url)
    store.migrate()
    well = checks(run("doctor", "--json", ZEROGATE_STORE=url))
    assert well["inbox"] == {"check": "inbox", "found": "empty", "well": True, "todo": ""}
    assert well["database"]["found"].startswith("SQLite")
    body = json.dumps(
        {"id": "evt_1", "type": "customer.created", "created_at": 1, "data": {"id": "c_1"}}
    ).encode()
    inbox = Inbox(store, SECRET, mode="test", tries=1)
    assert inbox.receive(body, webhooks.sign(body, SECRET)).status == 200
    with Gate(KEY, base_url=served.base_url) as gate:
        Inbox(store, SECRET, mode="test", gate=gate, tries=1).drain(_broken)
    store.close()
    said = run("doctor", "--json", "--store", url)
    assert said.returncode == Exit.DIFFERENCES
    assert checks(said)["inbox"]["found"] == "1 parked"
    assert "zerogate inbox" in checks(said)["inbox"]["todo"]


def _broken(event: object) -> None:
    raise ValueError("this handler has a fault")


# --- your receiver -------------------------------------------------------------------------------


class _Receiver(BaseHTTPRequestHandler):
    """Verifies as the documentation says; a careless one takes everything."""

    careless = False

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["content-length"]))
        try:
            webhooks.verify(body, dict(self.headers), SECRET)
            status = 200
        except SignatureRejected:
            status = 200 if self.careless else 400
        self.send_response(status)
        self.send_header("content-length", "0")
        self.end_headers()

    def log_message(self, *_: Any) -> None:
        """Say nothing."""


@pytest.fixture(params=[False, True], ids=["verifies", "careless"])
def receiver(request: pytest.FixtureRequest) -> Iterator[tuple[str, bool]]:
    handler = type("Receiver", (_Receiver,), {"careless": request.param})
    with ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        yield f"http://127.0.0.1:{server.server_port}/hooks", request.param
        server.shutdown()
        thread.join()


def test_the_doctor_tries_a_receiver_with_a_forged_event_and_a_signed_one(
    run: Run, served: Served, receiver: tuple[str, bool]
) -> None:
    url, careless = receiver
    said = run("doctor", "--json", "--webhook-url", url, ZEROGATE_WEBHOOK_SECRET=SECRET)
    found = checks(said)
    assert found["signed webhook"]["found"] == "answered 200"
    assert found["forged webhook"]["well"] is not careless
    assert said.returncode == (Exit.DIFFERENCES if careless else Exit.CLEAN)


def test_the_doctor_has_gate_send_a_test_event(run: Run, served: Served) -> None:
    unset = run("doctor", "--json", "--test-webhook")
    assert unset.returncode == Exit.DIFFERENCES
    assert "set a webhook URL" in checks(unset)["test webhook"]["todo"]
    handler = type("Receiver", (_Receiver,), {})
    with ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        url = f"http://127.0.0.1:{server.server_port}/hooks"
        served.sandbox.account(KEY, webhook_url=url, webhook_secrets=[SECRET])
        said = run("doctor", "--json", "--test-webhook")
        server.shutdown()
        thread.join()
    assert said.returncode == Exit.CLEAN, said.stdout
    assert checks(said)["test webhook"]["found"] == "your URL answered 200"


def test_a_receiver_that_is_not_there_is_told(run: Run) -> None:
    said = run("doctor", "--json", "--webhook-url", "http://127.0.0.1:9/hooks")
    assert said.returncode == Exit.UNAVAILABLE
    assert "is running" in checks(said)["forged webhook"]["todo"]
