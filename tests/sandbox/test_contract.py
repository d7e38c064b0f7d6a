"""The sandbox and the contract say the same; a spec bump that adds something turns this red.

One long story touches every operation with every documented field. What it sends and what it gets
are compared with what the contract has.
"""

import json
import re

import pytest
from zerogate_sandbox import EVENT_TYPES, PROFILES, Sandbox
from zerogate_sandbox.contract import Contract, find_contract
from zerogate_sandbox.routes import OPERATIONS
from zerogate_sandbox.scenarios import Scenarios

CONTRACT = Contract(find_contract())
FULL_SESSION = {
    "amount": "100.00",
    "currency": "EUR",
    "return_url": "https://partner.example/done",
    "cancel_url": "https://partner.example/basket",
    "flow": "on_ramp",
    "target_token": "USDC",
    "target_network": "BASE",
    "wallet_address": "0x000000000000000000000000000000000000dEaD",
    "user_reference": "user_1",
    "metadata": {"order_id": "order_1"},
    "quote_preview_id": "qt_test_1",
    "kyc_package": {"level": "example"},
}
CUSTOMER = {
    "email": "ada@partner.example",
    "external_id": "user-1",
    "phone": "+49 30 000000",
    "first_name": "Ada",
    "last_name": "Example",
    "country_code": "DE",
    "metadata": {},
}
LOOK = {
    "logo_url": "https://partner.example/logo.svg",
    "primary_color": "#112233",
    "secondary_color": "#FFFFFF",
    "accent_color": "#F2B705",
    "brand_name": "Shop",
}
QUOTE = {
    "currency": "EUR",
    "asset": "USDC",
    "amount": "100.00",
    "side": "on_ramp",
    "payment_method": "bank_transfer",
    "country_code": "DE",
    "network": "BASE",
}
PLACE = "country_code=DE&currency=EUR"


class Story:
    """Lives through everything, and keeps each request and answer by operation."""

    def __init__(self, sandbox, shop):
        self.sandbox = sandbox
        self.shop = shop
        self.asked = []

    def ask(self, method, path, body=None, **more):
        heard = self.shop.ask(method, path, body, **more)
        self.asked.append((self.sandbox.requests()[-1]["operation"], path, body, more, heard))
        assert heard.status < 300, (path, heard.json)
        return heard

    def live(self):
        self.sessions()
        self.capabilities()
        self.customers()
        self.rails()
        self.diagnosis()
        return self

    def sessions(self):
        session = self.ask("POST", "/gate_sessions", FULL_SESSION, key="full")
        self.ask("GET", f"/gate_sessions/{session['id']}")
        boot = {"clientSecret": session["client_secret"], "requested_scopes": ["widget"]}
        self.ask("POST", "/embed/bootstrap", boot, authorization="Bearer pk_test_shop")
        self.sandbox.pay(session["id"])
        for flow, action in (
            ("off_ramp", self.sandbox.fail),
            ("swap", self.sandbox.pay),
            (None, self.sandbox.expire),
        ):
            body = (
                {**FULL_SESSION, "flow": flow}
                if flow
                else {k: v for k, v in FULL_SESSION.items() if k != "flow"}
            )
            action(self.ask("POST", "/gate_sessions", body, key=f"flow {flow}")["id"])
        cancelled = self.ask("POST", "/gate_sessions", FULL_SESSION, key="cancelled")["id"]
        self.ask("POST", f"/gate_sessions/{cancelled}/cancel")
        for status in sorted(statuses() - {"open", "completed", "expired", "cancelled"}):
            Scenarios(self.sandbox, "sk_test_shop").play(f"gate_session.{status}")
        for status in sorted(statuses()):
            self.ask("GET", f"/gate_sessions?limit=2&status={status}")
        self.ask("GET", f"/gate_sessions?starting_after={cancelled}")
        refid = self.sandbox.books()["transactions"][-1]["refid"]
        self.ask("GET", f"/transactions/{refid}")
        self.ask(
            "GET",
            f"/transactions?limit=1&starting_after={refid}&status=completed&session_id={session['id']}",
        )
        self.ask("GET", "/transactions")

    def capabilities(self):
        self.ask("GET", "/capabilities/countries?country_code=DE&supported=true")
        self.ask("GET", "/capabilities/currencies?country_code=DE")
        self.ask("GET", f"/capabilities/assets?side=off_ramp&{PLACE}")
        self.ask("GET", "/capabilities/assets/USDC?side=on_ramp")
        self.ask("GET", f"/capabilities/payment-methods?{PLACE}")
        self.ask("GET", f"/capabilities/payout-methods?{PLACE}")
        self.ask("GET", f"/capabilities/eligibility?{PLACE}&asset=USDC")
        self.ask("GET", "/branding")
        self.ask("PATCH", "/branding", LOOK)

    def customers(self):
        path = f"/customers/{self.ask('POST', '/customers', CUSTOMER, key='customer')['id']}"
        self.ask("GET", path)
        changes = ("first_name", "last_name", "country_code", "metadata")
        self.ask("PATCH", path, {name: CUSTOMER[name] for name in changes})
        self.ask("GET", "/customers?limit=5&external_id=user-1&email=ada%40partner.example")
        self.ask("GET", f"/customers?starting_after={path.rpartition('/')[2]}")
        self.ask("DELETE", path)

    def rails(self):
        preview = {
            name: QUOTE[name] for name in ("currency", "asset", "amount", "side", "country_code")
        }
        self.ask("POST", "/quotes/preview", preview)
        self.sandbox.account("sk_test_shop", volume_cap="1.00")
        for kind, side in (("pay_in", "on_ramp"), ("pay_out", "off_ramp")):
            for outcome in ("settled", "failed", "cancelled", "processing"):
                self.rail(kind, side, outcome)
        expired = self.ask("POST", "/quotes", QUOTE, key="expired")["id"]
        self.sandbox.advance(60)
        self.ask("GET", f"/quotes/{expired}")

    def rail(self, kind, side, outcome):
        key = f"{kind} {outcome}"
        quote = self.ask("POST", "/quotes", {**QUOTE, "side": side}, key=key)["id"]
        self.ask("GET", f"/quotes/{quote}")
        session = {**FULL_SESSION, "user_reference": key}
        session_id = self.ask("POST", "/gate_sessions", session, key=f"for {key}")["id"]
        body = {"quote_id": quote, "gate_session_id": session_id, "reference": "order_1"}
        rail = self.ask("POST", f"/rails/{kind}s", body, key=key)["id"]
        self.sandbox.move_rail(rail, outcome)
        for row in self.ask("GET", f"/transactions?session_id={session_id}")["data"]:
            self.ask("GET", f"/transactions/{row['refid']}")
        self.ask("GET", f"/rails/{kind}s/{rail}")
        self.ask("GET", f"/quotes/{quote}")

    def diagnosis(self):
        self.ask("POST", "/webhooks/test")
        self.sandbox.take()
        for _ in range(3):
            self.sandbox.advance(20_000)
        for status in ("pending", "in_flight", "succeeded", "dead_lettered"):
            self.ask("GET", f"/webhooks/deliveries?status={status}&limit=200&skip=0")
        dead = self.ask("GET", "/webhooks/deliveries?status=dead_lettered")["data"][0]["id"]
        self.ask("POST", f"/webhooks/deliveries/{dead}/replay")


def dislikes_new_customers(body, headers):
    return 500 if headers["x-0bit-event-type"] == "customer.created" else 200


@pytest.fixture
def lived(new_shop):
    # The older alias is in some profiles only: two lives, one of each.
    stories = []
    for profile in ("documented", {"rail_alias": True}):
        sandbox = Sandbox(webhook=dislikes_new_customers, profile=profile)
        stories += Story(sandbox, new_shop(sandbox)).live().asked
    return stories


# --- operations and parameters ---


def test_the_operations_are_the_contracts():
    documented = {name: (method, path) for name, (method, path, _) in CONTRACT.operations.items()}
    assert {name: (one.method, one.path) for name, one in OPERATIONS.items()} == documented


def test_keys_are_asked_for_where_the_contract_asks_for_them():
    for name, operation in OPERATIONS.items():
        headers = {
            one.name: one for one in CONTRACT.rules(name).parameters if one.place == "header"
        }
        assert set(headers) <= {"Idempotency-Key"}
        wanted = {True: "required", False: "accepted"}
        documented = wanted[headers["Idempotency-Key"].required] if headers else "ignored"
        assert operation.keyed == documented, name


def test_credentials_are_the_contracts():
    for name, (_, _, node) in CONTRACT.operations.items():
        schemes = {scheme for one in node["security"] for scheme in one}
        public = {"publishableKey", "publishableKeyHeader"}
        expected = public if OPERATIONS[name].credential == "publishable" else {"secretKey"}
        assert schemes == expected, name


def test_every_operation_is_lived_through(lived):
    assert {name for name, *_ in lived} == set(OPERATIONS)


def test_every_field_of_every_request_is_sent(lived):
    sent = {}
    for name, _, body, _, _ in lived:
        sent.setdefault(name, set()).update(body or {})
    for name, (_, _, node) in CONTRACT.operations.items():
        content = node.get("requestBody", {}).get("content", {})
        schema = CONTRACT.resolve(content.get("application/json", {}).get("schema", {}))
        assert sent[name] == set(schema.get("properties", ())), name


def test_every_parameter_of_every_query_is_used(lived):
    used = {}
    for name, path, *_ in lived:
        used.setdefault(name, set()).update(re.findall(r"[?&](\w+)=", path))
    for name in OPERATIONS:
        documented = {one.name for one in CONTRACT.rules(name).parameters if one.place == "query"}
        assert used[name] == documented, name


# --- answers ---


def fields(schema, at=()):
    """Every place a schema documents, as paths of names."""
    schema = CONTRACT.resolve(schema)
    for part in (*schema.get("allOf", ()), *schema.get("anyOf", ()), *schema.get("oneOf", ())):
        yield from fields(part, at)
    for name, node in schema.get("properties", {}).items():
        yield (*at, name)
        yield from fields(node, (*at, name))
    if "items" in schema:
        yield from fields(schema["items"], (*at, "*"))


def statuses():
    """Every status that a session may have."""
    listed = [schema for name, schema in success_schemas() if name == "listSessions"]
    return {value for place, value in enums(listed[0]) if place[-1] == "status"}


def enums(schema, at=()):
    schema = CONTRACT.resolve(schema)
    for part in (*schema.get("allOf", ()), *schema.get("anyOf", ()), *schema.get("oneOf", ())):
        yield from enums(part, at)
    for value in schema.get("enum", ()):
        yield at, value
    for name, node in schema.get("properties", {}).items():
        yield from enums(node, (*at, name))
    if "items" in schema:
        yield from enums(schema["items"], (*at, "*"))


def places(data, at=()):
    if isinstance(data, dict):
        for name, value in data.items():
            yield (*at, name), value
            yield from places(value, (*at, name))
    if isinstance(data, list):
        for value in data:
            yield from places(value, (*at, "*"))


def success_schemas():
    for name, (_, _, node) in CONTRACT.operations.items():
        for status, response in node["responses"].items():
            if status.startswith("2"):
                content = CONTRACT.resolve(response)["content"]
                yield name, content["application/json"]["schema"]


def test_every_documented_field_is_answered_somewhere(lived):
    answered = {}
    for name, *_, heard in lived:
        answered.setdefault(name, set()).update(place for place, _ in places(heard.json))
    for name, schema in success_schemas():
        missing = {place for place in fields(schema) if place not in answered[name]}
        assert missing == set(), name


def test_nothing_is_answered_that_the_contract_does_not_have(lived):
    for name, schema in success_schemas():
        documented = set(fields(schema))
        open_ended = {(*place,) for place in documented if place[-1] == "metadata"}
        for other, *_, heard in lived:
            if other == name:
                shown = {place for place, _ in places(heard.json)}
                shown = {
                    place
                    for place in shown
                    if not any(place[: len(one)] == one for one in open_ended)
                }
                assert shown <= documented, name


def test_every_value_of_every_closed_set_is_answered_somewhere(lived):
    """Over all operations: a status that only one of them shows is enough."""
    answered = {
        (place[-1], value)
        for *_, heard in lived
        for place, value in places(heard.json)
        if isinstance(value, str)
    }
    for name, schema in success_schemas():
        for place, value in enums(schema):
            # Live mode is another host; test_frame.py goes there.
            assert (place[-1], value) in answered or value == "live", (name, place, value)


# --- events ---


def test_the_events_are_the_contracts():
    assert set(EVENT_TYPES) == CONTRACT.events
    assert len(EVENT_TYPES) == len(CONTRACT.document["webhooks"])


@pytest.mark.parametrize("profile", PROFILES)
@pytest.mark.parametrize("type", EVENT_TYPES)
def test_every_event_is_as_the_contract_says(type, profile):
    envelope = Scenarios(Sandbox(profile=profile), "sk_test_shop").play(type)
    del envelope["account"]
    assert envelope["type"] == type
    assert CONTRACT.event_problems(type, envelope) == []


def test_an_event_shows_the_state_that_reading_shows(sandbox, shop):
    said = sandbox.trigger("rail.pay_out.settled", "sk_test_shop")["data"]
    assert shop.get(f"/rails/pay_outs/{said['id']}").json == said


def test_an_event_nobody_knows_is_refused_with_those_that_exist(sandbox):
    with pytest.raises(ValueError, match=r"gate_session\.completed"):
        sandbox.trigger("gate_session.paid")


# --- the contract itself ---


def test_the_contract_is_found_in_a_checkout_and_beside_the_package():
    assert find_contract()["openapi"].startswith("3.1")


def test_an_answer_that_breaks_the_contract_is_noticed():
    session = {"id": "x"}
    assert CONTRACT.answer_problems("retrieveSession", 200, session)
    assert CONTRACT.answer_problems("retrieveSession", 418, session) == [
        "retrieveSession does not document the status 418"
    ]
    assert CONTRACT.event_problems("gate_session.created", {"id": 7})
    assert CONTRACT.event_problems("gate_session.paid", {}) == [
        "the contract knows no event gate_session.paid"
    ]


@pytest.mark.parametrize("name", PROFILES)
def test_every_profile_answers_by_the_contract(name, new_shop):
    """The shop checks every answer; here each profile lives the whole life once."""
    sandbox = Sandbox(webhook=lambda body, headers: 200, profile=name)
    shop = new_shop(sandbox)
    shop.session()
    for type in EVENT_TYPES:
        sandbox.trigger(type, "sk_test_shop")
    sandbox.advance(100)
    for path in ("/gate_sessions", "/transactions", "/customers", "/webhooks/deliveries"):
        assert shop.get(path)["data"]
    json.dumps(sandbox.books())


@pytest.mark.skipif(
    not CONTRACT.inferred_fields("listCountries", 200), reason="the contract guesses nothing"
)
def test_inferred_fields_are_left_out_where_a_profile_says_so(new_shop):
    sandbox = Sandbox(profile="terse", webhook=lambda body, headers: 200)
    shop = new_shop(sandbox)
    assert set(shop.get("/capabilities/countries?country_code=DE")["data"][0]) == {
        "country_code",
        "supported",
    }
    assert set(shop.bootstrap().json) == {"flow"}
    id = sandbox.trigger("rail.pay_out.settled", "sk_test_shop")["data"]["id"]
    assert set(shop.get(f"/rails/pay_outs/{id}").json) == {"id", "status"}
    assert "tx_refid" not in sandbox.trigger("gate_session.completed", "sk_test_shop")["data"]
