"""Words that a sandbox cannot take, each refused by name, and endings that no server carries out for it."""

import copy

import pytest
from zerogate_sandbox import Sandbox, WallClock
from zerogate_sandbox.contract import Contract, find_contract
from zerogate_sandbox.interfaces.asgi import App
from zerogate_sandbox.profiles import PROFILES, profile_named
from zerogate_sandbox.responses import Refused

HEADERS = [(b"host", b"127.0.0.1:4000"), (b"authorization", b"Bearer sk_test_shop")]


@pytest.mark.parametrize(
    ("switches", "named"),
    [
        ({"keymemory": 1}, "no switch 'keymemory'"),
        ({"key_memory": -1}, "a number of seconds, 0 to ten years, not -1"),
        ({"key_memory": True}, "a number of seconds, 0 to ten years, not True"),
        ({"quote_life": float("inf")}, "a number of seconds, 0 to ten years, not inf"),
        ({"list_lag": 10**400}, "a number of seconds, 0 to ten years, not 1000"),
        ({"base": "lenent"}, "no profile 'lenent'"),
    ],
)
def test_a_profile_that_does_not_exist_is_named(switches, named):
    with pytest.raises(ValueError, match=named):
        profile_named(switches)


def test_a_profile_is_itself():
    assert profile_named(PROFILES["lenient"]) is PROFILES["lenient"]


@pytest.mark.parametrize("seconds", [-1, float("inf"), float("nan")])
def test_time_only_moves_forward(sandbox, seconds):
    for clock in (sandbox.clock, WallClock()):
        before = clock.now()
        with pytest.raises(ValueError, match="only moves forward"):
            clock.advance(seconds)
        assert clock.now() >= before


@pytest.mark.parametrize("new", ["secret", "sk_prod_new", "sk_test_"])
def test_only_keys_take_the_place_of_keys(sandbox, shop, new):
    with pytest.raises(ValueError, match="two API keys"):
        sandbox.rotate(shop.key, new)
    assert sandbox.world.partners.aliases == {}


@pytest.mark.parametrize("url", ["https://[", "ftp://shop.example", "/done", "http://shop.example"])
def test_a_return_url_is_one_that_a_browser_follows_safely(shop, url):
    refused = shop.session(return_url=url)
    assert (refused.status, refused["message"].partition(":")[0]) == (400, "return_url")


def test_a_widget_opens_for_secrets_of_sessions_alone(sandbox, shop):
    with pytest.raises(Refused) as unknown:
        sandbox.bootstrap("cs_unknown")
    assert unknown.value.status == 401
    session = shop.session().json
    assert sandbox.bootstrap(session["client_secret"])
    sandbox.account(shop.key, origins=["https://shop.example"])
    with pytest.raises(Refused) as elsewhere:
        sandbox.bootstrap(session["client_secret"], origin="https://other.example")
    assert elsewhere.value.status == 403


def test_a_user_waits_until_time_is_over(sandbox, shop):
    id = shop.session()["id"]
    assert sandbox.run_out(id)["status"] == "open"
    assert sandbox.expire(id)["status"] == "expired"


def test_what_is_not_in_an_answer_is_not_altered(sandbox, shop):
    plain = shop.get("/gate_sessions/cs_none").json
    sandbox.faults.add("missing_field", field="message")
    refused = shop.get("/gate_sessions/cs_none").json
    assert refused == {**plain, "request_id": refused["request_id"]}


def test_a_parameter_that_a_contract_requires_is_missed_by_name():
    document = copy.deepcopy(dict(find_contract()))
    listing = next(
        operation
        for item in document["paths"].values()
        for operation in item.values()
        if operation["operationId"] == "listSessions"
    )
    resolved = Contract(document).resolve
    listing["parameters"] = [
        {**copy.deepcopy(dict(resolved(one))), "required": True} for one in listing["parameters"]
    ]
    with pytest.raises(Refused, match="is missing from the query"):
        Contract(document).check_query("listSessions", "")


def test_an_operation_of_another_name_is_known_by_its_path():
    document = copy.deepcopy(dict(find_contract()))
    for path, item in document["paths"].items():
        for method, operation in item.items():
            if method != "parameters":
                operation["operationId"] = f"of_another_hand_{method}_{path}"
    assert Contract(document).operations.keys() == Contract(find_contract()).operations.keys()


# ── ASGI, without a server ───────────────────────────────────────────────────────────────────────


class Server:
    """An app's server that offers it no connection."""

    def __init__(self, *received: dict) -> None:
        self.received = list(received)
        self.sent: list[dict] = []

    async def receive(self) -> dict:
        return self.received.pop(0) if self.received else {"type": "http.disconnect"}

    async def send(self, message: dict) -> None:
        self.sent.append(message)

    async def ask(self, app, **scope) -> None:
        given = {"type": "http", "method": "GET", "scheme": "http", "path": "/v1/me"}
        given |= {"query_string": b"", "headers": HEADERS, "client": ("127.0.0.1", 1), **scope}
        await app(given, self.receive, self.send)


async def test_sockets_of_the_web_are_not_spoken(sandbox):
    with pytest.raises(NotImplementedError, match="websocket"):
        await Server().ask(sandbox.asgi(), type="websocket")


async def test_a_client_that_leaves_before_its_request_has_made_none(sandbox):
    server = Server({"type": "http.request", "body": b"{", "more_body": True})
    await server.ask(sandbox.asgi(), method="POST", path="/v1/gate_sessions")
    assert (server.sent, sandbox.requests()) == ([], [])


@pytest.mark.parametrize(
    ("fault", "body"), [("reset", None), ("refuse", None), ("hang", None), ("truncate", b"{")]
)
async def test_without_a_connection_to_break_nothing_more_is_said(sandbox, shop, fault, body):
    id = shop.session()["id"]
    sandbox.faults.add(fault, **({"keep": 1} if fault == "truncate" else {}))
    server = Server({"type": "http.request", "body": b""})
    await server.ask(sandbox.asgi(), path=f"/v1/gate_sessions/{id}")
    said = [one["body"] for one in server.sent if one["type"] == "http.response.body"]
    assert said == ([] if body is None else [body])
    assert not any(one.get("more_body") is False for one in server.sent)


async def test_what_a_server_has_begun_it_ends():
    ended = []
    app = App(Sandbox(seed=1), lambda: ended.append(True), deliver=False)
    server = Server({"type": "lifespan.startup"}, {"type": "lifespan.shutdown"})
    await server.ask(app, type="lifespan")
    assert [one["type"] for one in server.sent] == [
        "lifespan.startup.complete",
        "lifespan.shutdown.complete",
    ]
    assert ended == [True]


def test_what_fell_due_is_said_though_the_act_itself_is_refused(sandbox):
    woken = []
    sandbox.watchers.append(lambda: woken.append(sandbox.clock.now()))
    with pytest.raises(Refused):
        sandbox.pay("gs_unknown")
    assert woken == [sandbox.clock.now()]
