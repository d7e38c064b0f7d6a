"""The sandbox over real HTTP, for a client that knows nothing else."""

import asyncio
import http.client
import json
import socket
import subprocess
import sys
import threading
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import httpx
import pytest
from zerogate import Gate
from zerogate_sandbox import PROFILES, Sandbox, WallClock
from zerogate_sandbox.interfaces.server import Served, listen


@pytest.mark.parametrize(
    ("host", "base_url"),
    [
        ("127.0.0.1", "http://127.0.0.1:4000/v1"),
        ("0.0.0.0", "http://127.0.0.1:4000/v1"),
        ("::", "http://[::1]:4000/v1"),
        ("::1", "http://[::1]:4000/v1"),
        ("172.17.0.2", "http://172.17.0.2:4000/v1"),
        ("sandbox", "http://sandbox:4000/v1"),
    ],
)
def test_the_address_that_it_prints_is_one_that_a_client_takes(host, base_url):
    assert Served(Sandbox(), host, 4000).base_url == base_url
    named = None if ":" in host else host
    Gate("sk_test_shop", base_url=base_url, allow_host=named).close()


BODY = {"amount": "100.00", "currency": "EUR", "return_url": "https://a.example/"}
SECRET = {"authorization": "Bearer sk_test_shop"}


@pytest.fixture(scope="module")
def running():
    with Sandbox(clock=WallClock()).serve() as running:
        yield running


@pytest.fixture
def served(running):
    """One server for all tests, a world of its own for each."""
    running.sandbox.clock.resume()
    running.sandbox.reset(seed=7)
    running.sandbox.world.profile = PROFILES["documented"]
    return running


@pytest.fixture
def client(served):
    with httpx.Client(base_url=served.base_url, headers=SECRET, trust_env=False) as client:
        yield client


@pytest.fixture
def control(served):
    with httpx.Client(base_url=served.control_url, trust_env=False) as client:
        yield client


@pytest.fixture
def receiver():
    """A real receiver; `answers` are what it answers first."""

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self):
            body = self.rfile.read(int(self.headers["content-length"]))
            with server.heard:
                server.got.append((json.loads(body), dict(self.headers), body))
                status = server.answers.pop(0) if server.answers else 200
                server.heard.notify_all()
            self.send_response(status)
            self.send_header("content-length", "0")
            self.end_headers()

        def log_message(self, *args):
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.got, server.answers, server.heard = [], [], threading.Condition()
    server.url = f"http://127.0.0.1:{server.server_port}/hooks"
    thread = threading.Thread(target=server.serve_forever, args=(0.01,))
    thread.start()
    yield server
    server.shutdown()
    thread.join()
    server.server_close()


def create(client, key="k", **fields):
    return client.post("/gate_sessions", json={**BODY, **fields}, headers={"idempotency-key": key})


def test_the_whole_life_of_a_payment(client, control):
    session = create(client)
    assert session.status_code == 201
    id = session.json()["id"]
    paid = control.post(f"/sessions/{id}/pay", json={"fiat_amount": "60.00"}).json()
    assert client.get(f"/gate_sessions/{id}").json()["status"] == "completed"
    assert client.get(f"/transactions/{paid['refid']}").json() == paid
    books = control.get("/books").json()
    assert [one["id"] for one in books["sessions"]] == [id]
    assert len(books["events"]) == 3


def test_any_test_key_is_a_partner_of_its_own(client):
    create(client)
    other = {"authorization": "Bearer sk_test_somebody-else"}
    assert client.get("/gate_sessions", headers=other).json()["data"] == []


def test_every_answer_carries_its_request_id_and_errors_the_envelope(client):
    for answer in (
        client.get("/nowhere"),
        client.put("/gate_sessions"),
        client.post("/gate_sessions", content=b"{", headers={"idempotency-key": "k"}),
        client.get("/gate_sessions", headers={"authorization": ""}),
    ):
        said = answer.json()
        assert said["statusCode"] == answer.status_code >= 400
        assert said["request_id"] == answer.headers["x-request-id"]
    assert create(client).headers["x-request-id"]


def test_what_is_not_http_is_refused_in_the_envelope(served):
    connection = http.client.HTTPConnection("127.0.0.1", served.port)
    connection.connect()
    connection.sock.sendall(b"nonsense\r\n\r\n")
    answer = http.client.HTTPResponse(connection.sock)
    answer.begin()
    said = json.loads(answer.read())
    connection.close()
    assert (answer.status, said["statusCode"]) == (400, 400)
    assert answer.getheader("x-request-id") == said["request_id"]


@pytest.mark.parametrize(
    ("fault", "error"),
    [
        ({"fault": "reset"}, httpx.ReadError),
        ({"fault": "reset", "when": "before"}, httpx.ReadError),
        ({"fault": "refuse"}, httpx.ReadError),
        ({"fault": "truncate"}, httpx.RemoteProtocolError),
        ({"fault": "truncate", "keep": 0}, httpx.RemoteProtocolError),
        ({"fault": "hang"}, httpx.ReadTimeout),
        ({"fault": "slow", "wait": 1.5}, httpx.ReadTimeout),
    ],
)
def test_faults_of_the_wire_happen_on_the_wire(served, client, control, fault, error):
    assert control.post("/faults", json={**fault, "times": 1}).status_code == 200
    patience = 0.2 if error is httpx.ReadTimeout else 60
    with pytest.raises(error):
        client.post("/gate_sessions", json=BODY, headers={"idempotency-key": "k"}, timeout=patience)
    assert create(client).status_code == 201
    assert len(served.sandbox.books()["sessions"]) == 1


def test_a_drip_comes_byte_by_byte(client, control):
    control.post("/faults", json={"fault": "drip", "pause": 0, "operations": "listSessions"})
    with client.stream("GET", "/gate_sessions") as answer:
        assert len(list(answer.iter_raw())) > 1


def test_faults_over_http_are_listed_and_disarmed(control, client):
    armed = control.post("/faults", json=[{"fault": "html"}, {"fault": "error", "status": 520}])
    assert [one["id"] for one in armed.json()["faults"]] == ["fault_1", "fault_2"]
    assert create(client).status_code == 520
    assert control.delete("/faults/fault_2").status_code == 200
    assert create(client).headers["content-type"] == "text/html"
    assert control.delete("/faults/fault_2").status_code == 404
    assert control.delete("/faults").json()["faults"] == []
    assert create(client).status_code == 201


@pytest.mark.parametrize(
    ("method", "path", "body", "status", "says"),
    [
        ("POST", "/faults", {"fault": "rset"}, 400, "reset"),
        ("POST", "/faults", {"name": "reset"}, 400, '"fault"'),
        ("POST", "/faults", None, 400, '"fault"'),
        ("POST", "/clock", {"advance": "1"}, 400, "seconds"),
        ("POST", "/clock", {"forward": 1}, 400, "advance, freeze, resume"),
        ("POST", "/profile", "documentd", 400, "documented"),
        ("POST", "/profile", 7, 400, "object"),
        ("POST", "/accounts", {"key": "sk"}, 400, "API key"),
        ("POST", "/accounts", {}, 400, "key"),
        ("POST", "/accounts", {"key": "sk_test_a", "webhok": 1}, 400, "webhook_url"),
        ("POST", "/sessions/x/pay", None, 404, "session"),
        ("POST", "/sessions/x/steal", None, 404, "pay"),
        ("POST", "/transactions/x/settle", None, 404, "transaction"),
        ("POST", "/withdraw", {"entry": "planet:earth"}, 400, "country:"),
        ("POST", "/offer", {"entree": "asset:USDC"}, 400, "entry, key"),
        ("POST", "/rails/x/settled", None, 404, "pay-in"),
        ("POST", "/customers/x/verify", None, 404, "customer"),
        ("POST", "/trigger", {"event": "gate_session.paid"}, 400, "gate_session.completed"),
        ("POST", "/forward", {"url": "localhost"}, 400, "https://"),
        ("POST", "/restore", {"format": 0}, 400, "snapshot"),
        ("POST", "/reset", {"sead": 1}, 400, "seed"),
        ("POST", "/checkout", {"client_secret": "gsec_x"}, 401, "not valid"),
        ("POST", "/checkout", {}, 400, "client_secret"),
        ("GET", "/nothing", None, 404, "/_sandbox/books"),
        ("PUT", "/books", None, 405, "GET"),
    ],
)
def test_control_refuses_typos_with_what_exists(control, method, path, body, status, says):
    answer = control.request(method, path, json=body)
    assert (answer.status_code, answer.json()["statusCode"]) == (status, status)
    assert says in answer.json()["message"]


def test_events_are_posted_and_tried_again(client, control, receiver):
    control.post("/clock", json={"freeze": True})
    control.post("/accounts", json={"key": "sk_test_shop", "webhook_url": receiver.url})
    receiver.answers = [500, 500]
    id = create(client).json()["id"]
    control.post(f"/sessions/{id}/pay")
    control.post("/deliver")
    assert len(receiver.got) == 1
    control.post("/clock", json={"advance": 359})
    assert len(receiver.got) == 2
    control.post("/clock", json={"advance": 1})
    types = [said["type"] for said, _, _ in receiver.got]
    assert types == ["gate_session.created"] * 3 + [
        "gate_session.processing",
        "gate_session.completed",
    ]
    rows = client.get("/webhooks/deliveries").json()["data"]
    assert {row["status"] for row in rows} == {"succeeded"}


def test_events_are_posted_without_being_asked_for(client, control, receiver):
    control.post("/accounts", json={"key": "sk_test_shop", "webhook_url": receiver.url})
    create(client)
    with receiver.heard:
        assert receiver.heard.wait_for(lambda: receiver.got, timeout=10)


def test_a_receiver_that_is_not_there_is_a_failed_attempt(client, control):
    control.post("/clock", json={"freeze": True})
    control.post("/accounts", json={"key": "sk_test_shop", "webhook_url": "http://127.0.0.1:1/"})
    create(client)
    [delivery] = control.post("/deliver").json()["deliveries"]
    assert (delivery["attempts"], delivery["last_error"]) == (1, "ConnectError")


def test_a_receiver_that_takes_too_long_is_a_failed_attempt(client, control, receiver, monkeypatch):
    monkeypatch.setattr("zerogate_sandbox.interfaces.webhook_sender.TIMEOUT", 0.1)
    control.post("/clock", json={"freeze": True})
    control.post("/accounts", json={"key": "sk_test_shop", "webhook_url": receiver.url})
    with receiver.heard:
        # The receiver waits for this lock before it answers.
        create(client)
        [delivery] = control.post("/deliver").json()["deliveries"]
    assert (delivery["attempts"], delivery["last_error"]) == (1, "TimeoutError")


def test_a_frozen_clock_stands_and_is_advanced(client, control):
    frozen = control.post("/clock", json={"freeze": True}).json()
    assert frozen["frozen"]
    session = create(client).json()
    assert control.get("/clock").json() == frozen
    moved = control.post("/clock", json={"advance": 90_000}).json()
    assert moved["now"] == frozen["now"] + 90_000
    public = {"authorization": "Bearer pk_test_shop"}
    boot = client.post(
        "/embed/bootstrap", json={"clientSecret": session["client_secret"]}, headers=public
    )
    assert boot.status_code == 403
    assert not control.post("/clock", json={"resume": True}).json()["frozen"]


def test_the_profile_is_shown_and_changed(client, control):
    assert control.get("/profile").json()["profile"]["created_status"] == 201
    control.post("/profile", json={"base": "documented", "created_status": 200})
    assert create(client).status_code == 200


@contextmanager
def served_by_the_command(*options):
    """Its base URL, as it prints it."""
    process = subprocess.Popen(
        [sys.executable, "-m", "zerogate_sandbox", "serve", "--port", "0", *options],
        stdout=subprocess.PIPE,
        text=True,
    )
    try:
        yield process.stdout.readline().strip()
    finally:
        process.terminate()
        assert process.wait(10) in (0, -15)
        process.stdout.close()


def test_the_command_prints_where_it_listens_and_serves():
    with served_by_the_command("--seed", "3") as base_url:
        assert base_url.startswith("http://127.0.0.1:")
        answer = httpx.get(base_url + "/gate_sessions", headers=SECRET, trust_env=False)
        assert answer.json()["data"] == []


def test_a_sandbox_that_stands_still_is_the_same_in_every_run():
    def run():
        with (
            served_by_the_command("--seed", "3", "--clock", "2026-05-26T12:00:00Z") as base_url,
            httpx.Client(base_url=base_url, headers=SECRET, trust_env=False) as client,
        ):
            made = create(client).json()
            control = base_url.removesuffix("/v1") + "/_sandbox/"
            client.post(control + "clock", json={"advance": 90})
            return (
                made["created_at"],
                client.get(control + "books").text,
                create(client, "l").json(),
            )

    first, second = run(), run()
    assert first == second
    assert first[0] == "2026-05-26T12:00:00.000Z"
    assert first[2]["created_at"] == "2026-05-26T12:01:30.000Z"


@pytest.mark.parametrize(
    ("options", "says"),
    [
        (["--profile", "documentd"], "documented"),
        (["--port", "99999"], "port"),
        (["--port", "x"], "port"),
        (["--clock", "2026-05-26T12:00:00"], "2026-05-26T12:00:00Z"),
        (["--clock", "noon"], "2026-05-26T12:00:00Z"),
    ],
)
def test_the_command_refuses_typos(options, says):
    command = [sys.executable, "-m", "zerogate_sandbox", "serve", *options]
    result = subprocess.run(command, capture_output=True, text=True, timeout=20)
    assert result.returncode == 2
    assert says in result.stderr
    assert "Traceback" not in result.stderr


def test_the_command_says_when_the_port_is_taken(served):
    command = [sys.executable, "-m", "zerogate_sandbox", "serve", "--port", str(served.port)]
    result = subprocess.run(command, capture_output=True, text=True, timeout=20)
    assert (result.returncode, result.stdout) == (1, "")
    assert "cannot listen" in result.stderr


def test_the_listening_socket_names_its_protocol():
    """Without it asyncio leaves Nagle's algorithm on, and each answer takes 40 ms."""
    with listen("127.0.0.1", 0) as listening:
        assert listening.proto == socket.IPPROTO_TCP


def test_everything_python_can_do_is_done_over_http(client, control):
    def post(path, body=None):
        answer = control.post(path, json=body)
        assert answer.status_code == 200, answer.text
        return answer.json()

    post("/accounts", {"key": "sk_test_shop", "kyc": True, "rail_outcome": None})
    id = create(client).json()["id"]
    post(f"/sessions/{id}/require_kyc")
    post(f"/sessions/{id}/pass_kyc")
    assert post(f"/sessions/{id}/start")["status"] == "processing"
    refid = client.get("/transactions").json()["data"][0]["refid"]
    assert post(f"/transactions/{refid}/fail")["status"] == "failed"
    post("/withdraw", {"entry": "asset:USDC", "key": "sk_test_shop"})
    assert client.get("/capabilities/assets/USDC").status_code == 404
    post("/offer", {"entry": "asset:USDC", "key": "sk_test_shop"})
    assert client.get("/capabilities/assets/USDC").status_code == 200
    triggered = post("/trigger", {"event": "customer.created", "key": "sk_test_shop"})
    customer = triggered["data"]["id"]
    assert post(f"/customers/{customer}/verify", {"status": "pending"})["kyc_status"] == "pending"
    rail = post("/trigger", {"event": "rail.pay_in.processing", "key": "sk_test_shop"})["data"][
        "id"
    ]
    assert post(f"/rails/{rail}/settled")["status"] == "settled"
    snapshot = post("/snapshot")
    post("/reset", {"seed": 9})
    assert control.get("/books").json()["sessions"] == []
    post("/restore", snapshot)
    assert client.get(f"/gate_sessions/{id}").status_code == 200
    post("/accounts/revoke", {"key": "sk_test_shop"})
    assert client.get("/gate_sessions").status_code == 401


def test_the_checkout_page_is_served_and_kept_nowhere(control):
    page = control.get("/checkout")
    assert page.headers["content-type"] == "text/html; charset=utf-8"
    assert page.headers["cache-control"] == "no-store"
    assert "default-src 'none'" in page.headers["content-security-policy"]


def test_a_mistake_in_the_sandbox_is_an_envelope_and_no_traceback(served, client, caplog):
    def broken(call):
        raise RuntimeError("sandbox")

    served.sandbox.world._operations["listSessions"] = broken
    answer = client.get("/gate_sessions")
    assert (answer.status_code, answer.json()["type"]) == (500, "server_error")
    assert answer.headers["x-request-id"] == answer.json()["request_id"]
    assert "Traceback" not in answer.text
    assert "RuntimeError" in caplog.text


def test_it_runs_under_any_asgi_server():
    """Here under none: httpx calls the app itself, without our protocol and without a lifespan."""

    async def talk():
        transport = httpx.ASGITransport(Sandbox().asgi(allowed_hosts=["h"]))
        async with httpx.AsyncClient(
            transport=transport, base_url="http://h", headers=SECRET
        ) as client:
            created = await client.post(
                "/v1/gate_sessions", json=BODY, headers={"idempotency-key": "k"}
            )
            moved = await client.post("/_sandbox/clock", json={"advance": 5})
            return created, moved

    created, moved = asyncio.run(talk())
    assert (created.status_code, moved.json()["now"]) == (201, 1_779_796_805)
