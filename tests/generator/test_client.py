"""How the generated client behaves in the hands of a person: the real one, of the real contract."""

import copy
import json
import pickle
import re
import subprocess
import sys
from contextlib import suppress
from decimal import Decimal
from pathlib import Path
from typing import Any

import httpx
import pytest
import zerogate_api
from hypothesis import given
from hypothesis import strategies as st
from zerogate_api.api.embed import create_embed_token
from zerogate_api.api.sessions import (
    cancel_session,
    create_session,
    list_sessions,
    retrieve_session,
)
from zerogate_api.errors import UnexpectedStatus
from zerogate_api.models import (
    CreateCustomerRequest,
    CreatedGateSession,
    CreateEmbedTokenRequest,
    CreateSessionRequest,
    EmbedToken,
    Error,
    GateSession,
    GateSessionList,
    SessionStatus,
    UpdateCustomerRequest,
)
from zerogate_api.types import UNSET, exact, path_segment

from tests.contract.reading import load

ROOT = Path(__file__).parents[2]
SESSION: dict[str, Any] = {
    "id": "gs_test_1",
    "object": "gate_session",
    "partner_id": "partner_1",
    "mode": "test",
    "amount": "49.90",
    "currency": "EUR",
    "return_url": "https://shop.example/thanks",
    "cancel_url": None,
    "status": "open",
    "expires_at": "2026-05-27T09:00:00.000Z",
    "created_at": "2026-05-26T09:00:00.000Z",
    "flow": None,
    "target_token": None,
    "target_network": None,
    "wallet_address": None,
    "user_reference": None,
    "kyc_pre_verified": False,
    "metadata": {"order_id": "order-1"},
}


def session(**changes: Any) -> GateSession:
    return GateSession.from_dict({**SESSION, **changes})


# Money


@pytest.mark.parametrize(
    "text", ["0", "49.90", "-1", "0.000000000000000001", "12345678901234567890.5"]
)
def test_an_amount_keeps_every_digit_in_both_directions(text):
    read = session(amount=text)

    assert read.amount == Decimal(text)
    assert format(read.amount, "f") == text
    assert read.to_dict()["amount"] == text


@pytest.mark.parametrize(
    "value",
    ["NaN", "Infinity", "-Infinity", "1e5", "1E-2", "1_000", " 1", "1 ", "1\n", "+1", "01", "-", "",
     ".5", "5.", "1,00", "٣", "१", "0x10", 1.5, float("nan"), True, False, None, [], {}, b"1",
     Decimal("NaN"), Decimal("Infinity")],
    ids=repr,
)  # fmt: skip
def test_what_is_no_plain_decimal_is_no_amount(value):
    with pytest.raises(ValueError, match="not a plain decimal"):
        exact(value)
    with pytest.raises(ValueError, match="GateSession: not a plain decimal"):
        session(amount=value)


def test_a_json_number_is_exact_only_if_it_was_read_as_one():
    body = '{"amount": 0.1, "count": 3}'

    read = json.loads(body, parse_float=Decimal)

    assert (exact(read["amount"]), exact(read["count"])) == (Decimal("0.1"), Decimal(3))
    with pytest.raises(ValueError, match="float"):
        exact(json.loads(body)["amount"])


@given(st.decimals(allow_nan=False, allow_infinity=False, places=18))
def test_every_plain_decimal_is_read_back_as_written(value):
    text = format(value, "f")

    assert format(exact(text), "f") == text


PLAIN = re.compile(r"-?(0|[1-9][0-9]*)([.][0-9]+)?", re.ASCII)


@given(st.text() | st.from_regex(PLAIN, fullmatch=True) | st.text("-+.,_e0123456789 "))
def test_any_text_is_an_exact_amount_or_a_value_error(text):
    if PLAIN.fullmatch(text):
        assert format(exact(text), "f") == text
    else:
        with pytest.raises(ValueError, match="not a plain decimal: str"):
            exact(text)


@pytest.mark.parametrize(
    "value", ["49.90", 49.9, 49, True, None, Decimal("NaN"), Decimal("Infinity")]
)
def test_anything_but_a_decimal_is_refused_when_given_not_when_sent(value):
    with pytest.raises(TypeError, match=r"CreateSessionRequest\.amount takes a finite Decimal"):
        CreateSessionRequest(amount=value, currency="EUR", return_url="https://shop.example")


def test_an_amount_cannot_be_spoilt_later_either():
    request = CreateSessionRequest(
        amount=Decimal(1), currency="EUR", return_url="https://x.example"
    )

    with pytest.raises(TypeError, match="takes a finite Decimal"):
        request.amount = 1.5  # type: ignore[assignment]  # the point


def test_a_tiny_amount_is_sent_without_an_exponent():
    request = CreateSessionRequest(
        amount=Decimal("1E-18"), currency="ETH", return_url="https://x.example"
    )

    assert request.to_dict()["amount"] == "0.000000000000000001"


# Enums


def test_an_unknown_value_is_kept_readable_and_equal_to_its_text():
    status = session(status="on_hold").status

    assert status == "on_hold"
    assert status in {"on_hold"}
    assert (status.name, status.value, str(status)) == ("UNKNOWN", "on_hold", "on_hold")
    assert status not in list(SessionStatus)
    assert (status.is_known, SessionStatus.OPEN.is_known) == (False, True)


def test_an_unknown_value_survives_pickling_copying_and_writing_back():
    read = session(status="on_hold")

    for copied in (pickle.loads(pickle.dumps(read)), copy.deepcopy(read), copy.copy(read)):
        assert copied == read
        assert copied.status == "on_hold"
    assert read.to_dict()["status"] == "on_hold"


@pytest.mark.parametrize("value", [None, 3, [], {}, True])
def test_what_is_no_text_is_no_status(value):
    with pytest.raises(ValueError, match="GateSession"):
        session(status=value)


def test_a_constant_stays_closed_so_that_records_can_be_told_apart():
    with pytest.raises(ValueError, match="GateSession: object must match const 'gate_session'"):
        session(object="rail_pay_in")


# Null, absent, unknown


def test_null_and_absent_are_told_apart_and_written_back_as_they_came():
    cleared = UpdateCustomerRequest(first_name=None)

    assert cleared.to_dict() == {"first_name": None}
    assert UpdateCustomerRequest().to_dict() == {}
    assert UpdateCustomerRequest.from_dict({"first_name": None}).first_name is None
    assert UpdateCustomerRequest.from_dict({}).first_name is UNSET


def test_unset_stays_the_one_unset_over_pickling_and_copying():
    for copied in (pickle.loads(pickle.dumps(UNSET)), copy.copy(UNSET), copy.deepcopy(UNSET)):
        assert copied is UNSET
    assert (bool(UNSET), repr(UNSET)) == (False, "UNSET")
    kept = pickle.loads(pickle.dumps(CreateCustomerRequest(email="ada@shop.example")))
    assert kept.to_dict() == {"email": "ada@shop.example"}


def test_fields_nobody_described_are_kept_and_written_back():
    read = session(new_field={"deep": [1]})

    assert read["new_field"] == {"deep": [1]}
    assert read.to_dict()["new_field"] == {"deep": [1]}


def test_times_are_aware():
    assert session().expires_at.isoformat() == "2026-05-27T09:00:00+00:00"


def test_metadata_is_a_plain_dict():
    assert session().metadata == {"order_id": "order-1"}


# What does not fit


def test_a_missing_field_is_named_together_with_its_model():
    without = {key: value for key, value in SESSION.items() if key != "amount"}

    with pytest.raises(ValueError, match=r"^GateSession: the required field 'amount' is missing$"):
        GateSession.from_dict(without)
    page = {"object": "list", "data": [without], "has_more": False, "url": "/v1/gate_sessions"}
    with pytest.raises(
        ValueError, match=r"^GateSessionList: GateSession: the required field 'amount'"
    ):
        GateSessionList.from_dict(page)


@given(st.recursive(st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
                    lambda inner: st.lists(inner) | st.dictionaries(st.sampled_from([*SESSION]), inner),
                    max_leaves=20))  # fmt: skip
def test_any_json_is_a_session_or_a_value_error(value):
    with suppress(ValueError):
        assert isinstance(GateSession.from_dict(value), GateSession)


# Secrets


def test_secrets_stay_out_of_reprs_and_in_what_is_sent():
    secret = "gsec_canary_notarealsecret"
    created = CreatedGateSession.from_dict({**SESSION, "client_secret": secret})
    token = EmbedToken.from_dict({"embed_token": secret})
    bootstrap = CreateEmbedTokenRequest(client_secret=secret)
    request = CreateSessionRequest(
        amount=Decimal(1), currency="EUR", return_url="https://x.example", kyc_package={"a": secret}
    )

    for record in (created, token, bootstrap, request):
        assert "canary" not in repr(record)
        assert "canary" in json.dumps(record.to_dict())
    assert created.client_secret == secret


def test_a_client_never_shows_its_token():
    client = zerogate_api.AuthenticatedClient(
        "https://gate.example/v1", "sk_test_canary", headers={"X-Also": "canary"}
    )
    client.get_httpx_client()

    assert "canary" not in repr(client)
    assert "canary" not in str(client)
    client.get_httpx_client().close()


# Calls


@pytest.mark.parametrize("id", ["", ".", "..", "...", None, UNSET])
@pytest.mark.parametrize("call", [retrieve_session, cancel_session])
def test_an_id_that_would_reach_another_address_is_refused(call, id):
    with pytest.raises(ValueError, match="cannot be an id in a path"):
        call.get_kwargs(id)


@pytest.mark.parametrize(
    ("id", "url"),
    [
        ("gs_test_1", "/gate_sessions/gs_test_1"),
        ("a/../b", "/gate_sessions/a%2F..%2Fb"),
        ("a?b#c", "/gate_sessions/a%3Fb%23c"),
        ("%2e%2e", "/gate_sessions/%252e%252e"),
        ("ä b", "/gate_sessions/%C3%A4%20b"),
    ],
)
def test_an_id_stays_one_segment_of_the_path(id, url):
    assert retrieve_session.get_kwargs(id)["url"] == url


@given(st.text())
def test_any_text_is_one_safe_segment_or_a_value_error(text):
    try:
        segment = path_segment(text)
    except ValueError:
        return
    assert segment.isascii()
    assert not set(segment) & set("/?#\\ \r\n")
    assert segment.strip(".")


def test_the_parts_of_a_call_are_plain_data():
    request = CreateSessionRequest(
        amount=Decimal("49.90"), currency="EUR", return_url="https://shop.example/thanks"
    )

    assert create_session.get_kwargs(body=request, idempotency_key="key-1") == {
        "method": "post",
        "url": "/gate_sessions",
        "json": {
            "amount": "49.90",
            "currency": "EUR",
            "return_url": "https://shop.example/thanks",
        },
        "headers": {"Idempotency-Key": "key-1", "Content-Type": "application/json"},
    }
    assert list_sessions.get_kwargs(limit=2, status=SessionStatus.OPEN) == {
        "method": "get",
        "url": "/gate_sessions",
        "params": {"limit": 2, "status": "open"},
    }
    assert create_embed_token.get_kwargs()["headers"] == {"Content-Type": "application/json"}


def answer(request: httpx.Request) -> httpx.Response:
    if request.headers.get("Authorization") != "Bearer sk_test_1":
        return httpx.Response(401, json={**ERROR, "statusCode": 401})
    if request.url.path == "/v1/gate_sessions/moved":
        return httpx.Response(302, headers={"Location": "https://elsewhere.example/"})
    return httpx.Response(200, json=SESSION)


ERROR = {
    "type": "unauthorized",
    "code": "unauthorized",
    "message": "made up",
    "request_id": "req_1",
    "doc_url": None,
    "statusCode": 401,
}
OPTIONS = {"transport": httpx.MockTransport(answer)}


def test_a_person_can_call_the_api_with_it():
    with zerogate_api.AuthenticatedClient(
        "https://gate.example/v1", "sk_test_1", httpx_args=OPTIONS
    ) as client:
        reply = client.get_httpx_client().request(**retrieve_session.get_kwargs("gs_test_1"))

    assert reply.request.url == "https://gate.example/v1/gate_sessions/gs_test_1"
    assert retrieve_session.parse_response(reply) == session()


async def test_a_person_can_call_the_api_with_it_asynchronously():
    async with zerogate_api.Client("https://gate.example/v1", httpx_args=OPTIONS) as client:
        reply = await client.get_async_httpx_client().request(**retrieve_session.get_kwargs("a"))

    assert retrieve_session.parse_response(reply) == Error.from_dict(ERROR)


def test_redirects_are_not_followed_and_time_is_limited():
    with zerogate_api.AuthenticatedClient(
        "https://gate.example/v1", "sk_test_1", httpx_args=OPTIONS
    ) as client:
        reply = client.get_httpx_client().request(**retrieve_session.get_kwargs("moved"))
        assert client.get_httpx_client().timeout == httpx.Timeout(30)

    assert reply.status_code == 302
    assert reply.history == []


@pytest.mark.parametrize("status", [200, 202, 302, 418])
def test_an_undocumented_status_is_an_error_and_never_nothing(status):
    reply = httpx.Response(status, json=SESSION)

    with pytest.raises(UnexpectedStatus) as raised:
        create_session.parse_response(reply)

    assert raised.value.status_code == status
    assert pickle.loads(pickle.dumps(raised.value)).status_code == status
    assert "gs_test_1" not in str(raised.value)


# The whole


def test_the_documented_number_of_calls_and_events_is_there():
    kinds = [line.split(" ")[0] for line in (ROOT / "generated/API.md").read_text().splitlines()]

    assert (kinds.count("operation"), kinds.count("event")) == (31, 21)


def _examples(media: dict[str, Any]) -> list[Any]:
    named = [example["value"] for example in media.get("examples", {}).values()]
    return named + ([media["example"]] if "example" in media else [])


def _read_examples() -> list[Any]:
    contract = load((ROOT / "openapi/gate-v1.yaml").read_text("utf-8"))
    answers = contract["components"]["responses"].values()
    calls = [op for item in contract["paths"].values() for op in item.values() if "responses" in op]
    holders = [*answers, *(r for op in calls for r in op["responses"].values() if "content" in r)]
    holders += [op["requestBody"] for op in calls if "requestBody" in op]
    holders += [item["post"]["requestBody"] for item in contract["webhooks"].values()]
    media = [holder["content"]["application/json"] for holder in holders]
    return [
        pytest.param(one["schema"]["$ref"].rpartition("/")[2], example, id=f"{number}")
        for number, one in enumerate(media)
        for example in _examples(one)
    ]


@pytest.mark.parametrize(("model", "example"), _read_examples())
def test_every_example_of_the_contract_is_read_and_written_back_the_same(model, example):
    read = getattr(zerogate_api.models, model).from_dict(example)

    assert _comparable(read.to_dict()) == _comparable(example)
    copied = copy.deepcopy(read)
    assert pickle.loads(pickle.dumps(read)) == copied
    # A client secret leaves with no pickle and no copy.
    assert copied == read or getattr(read, "client_secret", None)


def _comparable(value: Any) -> Any:
    """Times are written back in another spelling of the same instant."""
    if isinstance(value, dict):
        return {key: _comparable(inner) for key, inner in value.items()}
    if isinstance(value, list):
        return [_comparable(inner) for inner in value]
    if isinstance(value, str) and value[10:11] == "T":
        return value.replace(".000", "").replace("+00:00", "Z")
    return value


def test_models_and_calls_are_imported_without_any_http_library():
    program = (
        "import sys\n"
        "from zerogate_api.models import GateSession\n"
        "from zerogate_api.api.sessions import create_session\n"
        "loaded = {name.split('.')[0] for name in sys.modules}\n"
        "assert not loaded & {'httpx', 'httpcore', 'ssl', 'asyncio'}, loaded\n"
        "models = [n for n in sys.modules if n.startswith('zerogate_api.models.')]\n"
        "assert len(models) < 10, models\n"
    )

    done = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, check=False
    )

    assert done.stderr == ""


def test_every_name_of_the_models_can_be_had_and_listed():
    assert set(zerogate_api.models.__all__) <= set(dir(zerogate_api.models))
    for name in zerogate_api.models.__all__:
        assert getattr(zerogate_api.models, name).__name__ == name
    with pytest.raises(AttributeError, match="no attribute 'Sesion'"):
        _ = zerogate_api.models.Sesion
