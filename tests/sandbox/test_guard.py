"""Who may speak to a served sandbox, what it says to them, and where it sends events."""

import asyncio
import json
import os
import stat
import subprocess
import sys
from contextlib import contextmanager

import httpx
import pytest
from zerogate_sandbox import EVENT_TYPES, Sandbox, WallClock
from zerogate_sandbox.calls import PlainRequest
from zerogate_sandbox.interfaces.guard import Guard
from zerogate_sandbox.interfaces.targets import Targets
from zerogate_sandbox.responses import Refused

KEY = "sk_test_canaryofthekey"
WHSEC = "whsec_canaryofthesecret"
JSON = {"content-type": "application/json"}
BOOKS = "/_sandbox/books"
FAULTS = "/_sandbox/faults"
CHECKOUT = "/_sandbox/checkout"
BOOTSTRAP = "/v1/embed/bootstrap"
LISTED = "https://shop.example"


def refusal(guard, method, target, headers, body=b"", client="127.0.0.1"):
    """Its status and message; None where the request is let through."""
    given = {"host": "127.0.0.1:4000", **headers}
    pairs = tuple(
        (name, one)
        for name, value in given.items()
        for one in (value if isinstance(value, list) else [value])
    )
    try:
        request = PlainRequest(method, "http://127.0.0.1:4000", target, pairs, body)
        guard.check(request, client, lambda: {LISTED})
    except Refused as refused:
        return refused.status, refused.message
    return None


@pytest.mark.parametrize(
    "host",
    [
        *("127.0.0.1:4000", "127.9.9.9", "localhost:4000", "LOCALHOST", "localhost.", "[::1]:4000"),
        *("sandbox:4000", "Sandbox", "sandbox.:4000", "172.17.0.2:4000", "[fd00::2]"),
    ],
)
def test_loopback_and_named_hosts_are_answered(host):
    guard = Guard.listening_on("127.0.0.1", ["sandbox", "172.17.0.2", "[FD00::2]"])
    assert refusal(guard, "GET", BOOKS, {"host": host}) is None


@pytest.mark.parametrize(
    "host",
    [
        *("rebound.example:4000", "localhost.evil.example", "127.0.0.1.evil.example", "0.0.0.0"),
        *("evil-localhost", "2130706433", "127.1", "sandbox.evil.example", "sandbox", "10.0.0.1"),
        *("", "127.0.0.1@evil.example", "127.0.0.1:4000:1", "[::1", "evil.example#127.0.0.1"),
        *("lo calhost", "☃", "gate-api.0bit.app"),
        *([], ["127.0.0.1", "127.0.0.1"], ["127.0.0.1", "evil.example"]),
    ],
)
@pytest.mark.parametrize("target", [BOOKS, CHECKOUT, "/v1/gate_sessions", BOOTSTRAP])
def test_any_other_host_is_refused_whatever_it_resolves_to(host, target):
    status, said = refusal(Guard(), "GET", target, {"host": host})
    assert status == 403
    assert "--allow-host" in said or "one Host header" in said


@pytest.mark.parametrize(
    "headers",
    [
        {},
        {"origin": "http://127.0.0.1:4000", "sec-fetch-site": "same-origin"},
        {"sec-fetch-site": "none", "sec-fetch-mode": "navigate"},
        {"sec-fetch-mode": "cors"},
        {"host": "localhost:4000", "origin": "http://localhost:4000"},
        {"host": "localhost", "origin": "https://localhost"},
    ],
    ids=["no browser", "the page itself", "typed", "undici", "localhost", "behind TLS"],
)
@pytest.mark.parametrize("target", [BOOKS, "/v1/gate_sessions"])
def test_the_sandboxs_own_pages_and_what_is_no_browser_may_ask(headers, target):
    assert refusal(Guard(), "GET", target, headers) is None
    assert refusal(Guard(), "POST", target, {**JSON, **headers}, b"{}") is None


@pytest.mark.parametrize(
    "headers",
    [
        {"origin": "http://evil.example"},
        {"origin": "http://127.0.0.1:5000"},
        {"origin": "http://localhost:4000"},
        {"origin": "http://127.0.0.1:4000.evil.example"},
        {"origin": "null"},
        {"origin": ""},
        {"origin": "chrome-extension://127.0.0.1:4000"},
        {"origin": ["http://127.0.0.1:4000", "http://evil.example"]},
        {"sec-fetch-site": "cross-site"},
        {"sec-fetch-site": "same-site"},
        {"sec-fetch-site": "anything"},
        {"sec-fetch-site": ["same-origin", "cross-site"]},
        {"origin": "http://127.0.0.1:4000", "sec-fetch-site": "cross-site"},
        {"origin": LISTED},
    ],
)
@pytest.mark.parametrize(
    "target", [BOOKS, "/v1/gate_sessions", CHECKOUT + "/", "/_sandbox%2fbooks"]
)
@pytest.mark.parametrize("method", ["GET", "POST", "DELETE", "OPTIONS"])
def test_pages_of_other_origins_are_refused(headers, target, method):
    status, said = refusal(Guard(), method, target, {**JSON, **headers})
    assert (status, BOOTSTRAP in said) == (403, True)


def test_any_page_may_send_its_user_to_the_checkout_page_and_only_itself_may_pay():
    there = {"sec-fetch-site": "cross-site", "sec-fetch-mode": "navigate"}
    assert refusal(Guard(), "GET", CHECKOUT, there) is None
    status, _ = refusal(Guard(), "POST", CHECKOUT, {**JSON, **there}, b"{}")
    assert status == 403


@pytest.mark.parametrize(
    ("origin", "site", "taken"),
    [
        (LISTED, "cross-site", True),
        ("http://127.0.0.1:8000", "same-site", True),
        ("http://localhost:8000", "cross-site", True),
        ("http://shop.test", "cross-site", True),
        (LISTED + ".evil.example", "cross-site", False),
        ("http://shop.example", "cross-site", False),
        ("http://evil.example", "cross-site", False),
        ("http://localhost.evil.example", "cross-site", False),
        ("null", "cross-site", False),
        ("http://[", "cross-site", False),
        # No browser: the account's own list judges, as it does at Gate.
        ("https://partner.example", [], True),
    ],
)
@pytest.mark.parametrize("method", ["POST", "OPTIONS"])
def test_pages_that_may_bootstrap_are_listed_or_of_this_machine(origin, site, taken, method):
    guard = Guard.listening_on("127.0.0.1", ["shop.test"])
    found = refusal(guard, method, BOOTSTRAP, {**JSON, "origin": origin, "sec-fetch-site": site})
    assert (found is None) == taken
    if not taken:
        assert found[0] == 403
        assert "origins" in found[1]


@pytest.mark.parametrize(
    ("method", "target", "headers", "body", "status"),
    [
        ("POST", FAULTS, JSON, b"{}", None),
        ("POST", FAULTS, {"content-type": "Application/JSON; charset=utf-8"}, b"{}", None),
        ("POST", FAULTS, {}, b"", None),
        ("DELETE", FAULTS, {}, b"", None),
        ("POST", FAULTS, {}, b"{}", 415),
        ("POST", FAULTS, {"content-type": "text/plain"}, b"{}", 415),
        ("POST", FAULTS, {"content-type": "text/plain"}, b"", 415),
        ("POST", FAULTS, {"content-type": "application/x-www-form-urlencoded"}, b"{}", 415),
        ("POST", FAULTS, {"content-type": "text/plain; x=application/json"}, b"{}", 415),
        ("POST", FAULTS, {"content-type": ["application/json", "text/plain"]}, b"{}", 415),
        ("PUT", FAULTS, {}, b"{}", 415),
        ("DELETE", FAULTS, {}, b"{}", 415),
        ("POST", CHECKOUT, {"content-type": "text/plain"}, b"{}", 415),
        ("POST", "/v1/gate_sessions", JSON, b"{}", None),
        ("POST", "/v1/webhooks/test", {}, b"", None),
        ("POST", "/v1/gate_sessions", {}, b"{}", 400),
        ("PATCH", "/v1/branding", {}, b"{}", 400),
    ],
)
def test_changes_are_json(method, target, headers, body, status):
    found = refusal(Guard(), method, target, headers, body)
    assert (None if found is None else found[0]) == status
    assert status is None or "content-type: application/json" in found[1]


@pytest.mark.parametrize("token", [[], "", "another", "tökén", ["t0ken", "t0ken"], "t0ken "])
def test_a_token_is_asked_for_where_other_machines_steer(token):
    guard = Guard.listening_on("0.0.0.0", token="t0ken")
    status, said = refusal(guard, "GET", BOOKS, {"x-sandbox-token": token})
    assert (status, "X-Sandbox-Token" in said, "t0ken" in said) == (401, True, False)


def test_the_token_opens_the_control_api_and_nothing_else_needs_it():
    guard = Guard.listening_on("0.0.0.0", token="t0ken")
    assert refusal(guard, "GET", BOOKS, {"x-sandbox-token": "t0ken"}) is None
    for method, target in (("GET", "/v1/gate_sessions"), ("GET", CHECKOUT), ("POST", CHECKOUT)):
        assert refusal(guard, method, target, JSON, client="172.17.0.1") is None


@pytest.mark.parametrize("host", ["0.0.0.0", "::", "", "172.17.0.2", "sandbox"])
def test_listening_for_other_machines_makes_a_token_that_no_repr_shows(host):
    first, second = Guard.listening_on(host), Guard.listening_on(host)
    assert len(first.token) > 30
    assert first.token != second.token
    assert first.token not in repr(first)


@pytest.mark.parametrize("host", ["127.0.0.1", "::1", "localhost"])
def test_on_loopback_there_is_none_and_only_this_machine_steers(host):
    guard = Guard.listening_on(host)
    assert guard.token is None
    status, said = refusal(guard, "GET", BOOKS, {}, client="172.17.0.1")
    assert (status, "token" in said) == (403, True)
    assert refusal(guard, "GET", BOOKS, {}, client=None) is None


@pytest.mark.parametrize(
    "host", ["", "http://sandbox", "sandbox:4000", "*", "a b", "a/b", "[::1]:1"]
)
def test_what_is_no_host_is_no_name_for_one(host):
    with pytest.raises(ValueError, match="--allow-host takes a host without scheme and port"):
        Guard.listening_on("127.0.0.1", [host])
    with pytest.raises(ValueError, match="--allow-target takes a host without scheme and port"):
        Targets.allowing([host])


def test_one_name_is_not_a_list_of_letters():
    with pytest.raises(ValueError, match=r"takes a list of hosts such as \['sandbox'\]"):
        Sandbox().serve(allowed_hosts="sandbox")


@pytest.mark.parametrize(
    ("url", "allowed"),
    [
        ("http://127.0.0.1:8000/hooks", True),
        ("http://localhost/hooks", True),
        ("https://[::1]/hooks", True),
        ("http://APP:8000/hooks", True),
        ("https://made.example/hooks", True),
        ("https://evil.example/", False),
        ("http://169.254.169.254/latest", False),
        ("http://0.0.0.0:8000/", False),
        ("http://127.1/", False),
        ("http://127.0.0.1@evil.example/", False),
        # As the sender's client reads it, whatever others make of it.
        ("http://evil.example\\@127.0.0.1/", True),
        ("http://evil.example#@127.0.0.1/", False),
        ("http://localhost.evil.example/", False),
        ("http://127.0.0.1.nip.io/", False),
        ("nonsense", False),
        ("http://[", False),
    ],
)
def test_events_go_to_this_machine_and_to_named_hosts(url, allowed):
    targets = Targets.allowing(["app"], "https://made.example/webhooks")
    assert targets.allow(url) == allowed
    if not allowed:
        with pytest.raises(ValueError, match="--allow-target"):
            targets.check(url)


# --- over HTTP -----------------------------------------------------------------------------------


@pytest.fixture
def served():
    with Sandbox(seed=7, clock=WallClock(), webhook_secret=WHSEC).serve() as served:
        yield served


@pytest.fixture
def control(served):
    with httpx.Client(base_url=served.control_url, trust_env=False) as client:
        yield client


def test_a_refusal_is_an_envelope_and_leaves_no_trace(served, control):
    for client_asks in (served.control_url + "/reset", served.base_url + "/gate_sessions"):
        answer = control.post(client_asks, json={}, headers={"host": "rebound.example"})
        said = answer.json()
        assert (answer.status_code, said["statusCode"]) == (403, 403)
        assert answer.headers["x-request-id"] == said["request_id"]
        assert "access-control-allow-origin" not in answer.headers
    assert served.sandbox.requests() == []


def test_no_answer_of_the_control_api_holds_a_secret(served, control):
    """Every one there is, after every event has happened and an account was set up in full."""
    texts = []

    def ask(method, path, body=None):
        answer = control.request(method, path, json=body)
        assert answer.status_code == 200, answer.text
        texts.append(answer.text)
        return answer.json()

    account = {"key": KEY, "webhook_url": "http://127.0.0.1:1/", "webhook_secrets": [WHSEC, WHSEC]}
    ask("POST", "accounts", account)
    ask("POST", "accounts/rotate", {"old": KEY, "new": "sk_test_canaryofthenew"})
    for type in EVENT_TYPES:
        ask("POST", "trigger", {"event": type, "key": KEY})
    session = ask("POST", "trigger", {"event": "gate_session.created", "key": KEY})["data"]["id"]
    ask("POST", f"sessions/{session}/open")
    ask("POST", f"sessions/{session}/pay")
    ask("POST", "forward", {"url": "http://127.0.0.1:1/"})
    ask("POST", "clock", {"freeze": True})
    ask("POST", "deliver")
    ask("POST", "restore", ask("POST", "snapshot"))
    for path in ("books", "requests", "clock", "faults", "profile", "forward", "checkout"):
        answer = control.get(path)
        assert answer.status_code == 200
        texts.append(answer.text)
    ask("POST", "accounts/revoke", {"key": KEY})
    secrets = [one["client_secret"] for one in served.sandbox.books()["sessions"]]
    assert len(secrets) > 3
    for secret in (KEY, "canaryofthe", WHSEC, "gsec_", *secrets):
        assert [text for text in texts if secret in text] == []


def test_a_snapshot_stays_in_the_sandbox_and_is_gone_on_from_by_name(served, control):
    served.sandbox.trigger("gate_session.created", KEY)
    taken = control.post("snapshot").json()
    assert taken == {"snapshot": "snapshot_1"}
    control.post("reset")
    assert control.post("restore", json=taken).status_code == 200
    assert len(served.sandbox.books()["sessions"]) == 1
    assert control.get("snapshot").status_code == 405
    missing = control.post("restore", json={"snapshot": "snapshot_2"})
    assert (missing.status_code, "snapshot_1" in missing.json()["message"]) == (404, True)
    for _ in range(16):
        control.post("snapshot")
    assert control.post("restore", json=taken).status_code == 404
    assert control.post("restore", json=served.sandbox.snapshot()).status_code == 200


def test_no_event_is_sent_to_another_machine_unless_that_was_said(served, control):
    control.post("clock", json={"freeze": True})
    for path, body in (
        ("accounts", {"key": KEY, "webhook_url": "https://evil.example/"}),
        ("forward", {"url": "https://evil.example/"}),
    ):
        answer = control.post(path, json=body)
        assert answer.status_code == 400
        assert "--allow-target evil.example" in answer.json()["message"]
    assert served.sandbox.account(KEY).webhook_url is None
    # By another way in, such as a state file, it still does not leave.
    served.sandbox.account(KEY, webhook_url="https://evil.example/")
    served.sandbox.trigger("webhook.test", KEY)
    [delivery] = control.post("deliver").json()["deliveries"]
    assert delivery["last_error"].startswith("TargetNotAllowed")


def test_a_named_target_is_one_that_events_are_sent_to():
    sandbox = Sandbox(clock=WallClock())
    with sandbox.serve(allowed_targets=["app.invalid"]) as served:
        body = {"key": KEY, "webhook_url": "http://app.invalid/"}
        answer = httpx.post(f"{served.control_url}/accounts", json=body, trust_env=False)
        assert answer.status_code == 200


def test_served_for_other_machines_it_is_steered_by_its_token_only():
    with Sandbox(clock=WallClock()).serve(host="0.0.0.0") as served:
        assert served.token not in repr(served)
        with httpx.Client(trust_env=False) as client:
            books = served.control_url + "/books"
            assert client.get(books).status_code == 401
            assert client.get(books, headers=served.control_headers).status_code == 200
            keyed = {"authorization": f"Bearer {KEY}"}
            sessions = served.base_url + "/gate_sessions"
            assert client.get(sessions, headers=keyed).status_code == 200
            assert client.get(sessions).status_code == 401
            assert client.get(served.control_url + "/checkout").status_code == 200


def test_under_an_asgi_server_other_machines_need_a_token():
    def asked(client, headers, **options):
        async def ask():
            transport = httpx.ASGITransport(Sandbox().asgi(**options), client=(client, 1))
            async with httpx.AsyncClient(transport=transport, base_url="http://localhost") as http:
                return (await http.get(BOOKS, headers=headers)).status_code

        return asyncio.run(ask())

    assert asked("127.0.0.1", {}) == 200
    assert asked("10.0.0.7", {}) == 403
    assert asked("10.0.0.7", {"x-sandbox-token": "t0ken"}, token="t0ken") == 200
    assert asked("127.0.0.1", {"host": "sandbox"}) == 403
    assert asked("127.0.0.1", {"host": "sandbox"}, allowed_hosts=["sandbox"]) == 200


# --- the command ---------------------------------------------------------------------------------


@contextmanager
def command(*options, **environ):
    """The command that serves, its address and what it told on the console."""
    process = subprocess.Popen(
        [sys.executable, "-m", "zerogate_sandbox", "serve", "--port", "0", *options],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        env={**os.environ, **environ},
    )
    try:
        base_url = process.stdout.readline().strip()
        # The start page, what events are signed with, and a token where other machines may come.
        lines = 3 if "--host" in options else 2
        yield base_url, "".join(process.stderr.readline() for _ in range(lines))
    finally:
        process.terminate()
        process.communicate(timeout=20)


def test_the_command_tells_its_secrets_once_and_on_the_console_only():
    with command("--webhook-secret", WHSEC) as (base_url, told):
        assert WHSEC in told
        assert WHSEC not in base_url
    with command() as (_, told):
        assert "whsec_test_NAME" in told


def test_the_command_makes_a_token_for_other_machines_and_shows_it():
    with command("--host", "0.0.0.0", "--allow-host", "sandbox") as (base_url, told):
        assert base_url.startswith("http://127.0.0.1:")
        token = told.splitlines()[-1].rpartition(" ")[2]
        books = base_url.removesuffix("/v1") + BOOKS
        for headers, status in (
            ({}, 401),
            ({"x-sandbox-token": token}, 200),
            ({"x-sandbox-token": token, "host": "sandbox:4000"}, 200),
            ({"x-sandbox-token": token, "host": "other:4000"}, 403),
        ):
            assert httpx.get(books, headers=headers, trust_env=False).status_code == status


def test_the_token_of_the_environment_is_taken_and_not_shown():
    environ = {"ZEROGATE_SANDBOX_TOKEN": "t0ken-of-the-environment"}
    with command("--host", "0.0.0.0", **environ) as (base_url, told):
        assert "t0ken" not in told
        words = ["trigger", "webhook.test", "--sandbox", base_url]
        asking = [sys.executable, "-m", "zerogate_sandbox", *words]
        without = subprocess.run(asking, capture_output=True, text=True, timeout=30)
        assert (without.returncode, "ZEROGATE_SANDBOX_TOKEN" in without.stderr) == (2, True)
        env = {**os.environ, **environ}
        done = subprocess.run(asking, capture_output=True, text=True, timeout=30, env=env)
        assert json.loads(done.stdout)["type"] == "webhook.test"


@pytest.mark.parametrize("option", ["--allow-host", "--allow-target"])
def test_the_command_refuses_what_is_no_host(option):
    serve = [sys.executable, "-m", "zerogate_sandbox", "serve", option, "http://app:8000"]
    result = subprocess.run(serve, capture_output=True, text=True, timeout=20)
    assert (result.returncode, "without scheme and port" in result.stderr) == (2, True)
    assert "Traceback" not in result.stderr


def test_the_state_file_is_its_owners_only(tmp_path):
    state, elsewhere = tmp_path / "state.json", tmp_path / "elsewhere"
    elsewhere.write_text("kept")
    (tmp_path / "state.json.new").symlink_to(elsewhere)
    before = os.umask(0)
    try:
        with command("--state", str(state)) as (base_url, _):
            # Once it answers, the signal that ends it finds it ready.
            httpx.get(base_url, trust_env=False)
    finally:
        os.umask(before)
    assert stat.S_IMODE(state.stat().st_mode) == 0o600
    assert not state.is_symlink()
    assert elsewhere.read_text() == "kept"
