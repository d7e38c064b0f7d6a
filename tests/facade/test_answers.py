"""What an answer is shown to be about: ours, another's, or ours on other terms."""

from __future__ import annotations

from typing import Any

import pytest
from zerogate._idempotency.answers import (
    Anothers,
    Disputed,
    Ours,
    is_customer,
    judged,
    other_metadata,
    other_secret,
)
from zerogate._idempotency.identity import Marks

KEY = "zg1_mine"
SENT = {
    "order_id": "o-1",
    "zerogate_attempt": "1",
    "zerogate_namespace": "pos",
    "zerogate_key": KEY,
}
BODY = {"amount": "100.00", "currency": "EUR", "metadata": SENT}
HEX = "67a1f3b9e4b0c10000000001"
TOLD = {"id": "gs_1", "amount": "100.00", "currency": "EUR", "mode": "test"}


def verdict(operation: str, asked: Any, told: Any, **more: Any) -> type:
    return type(judged(operation, asked, told, key=KEY, mode="test", **more))


@pytest.mark.parametrize(
    ("metadata", "expected"),
    [
        pytest.param(SENT, Ours, id="whole"),
        pytest.param({}, Ours, id="none"),
        pytest.param(None, Ours, id="null"),
        pytest.param({"zerogate_key": KEY}, Ours, id="the key alone"),
        pytest.param(SENT | {"zerogate_key": "zg1_other"}, Anothers, id="another key"),
        pytest.param(SENT | {"order_id": "o-2"}, Anothers, id="another order"),
        pytest.param(SENT | {"zerogate_attempt": "2"}, Anothers, id="another attempt"),
        pytest.param(SENT | {"zerogate_namespace": "web"}, Anothers, id="another namespace"),
        pytest.param({"order_id": "o-1"}, Anothers, id="our order in the default namespace"),
        pytest.param(SENT | {"zerogate_namespace": ["pos"]}, Anothers, id="a namespace in a list"),
    ],
)
def test_a_session_is_ours_by_its_marks(metadata: Any, expected: type) -> None:
    assert verdict("createSession", BODY, TOLD | {"metadata": metadata}) is expected


def test_bytes_without_a_key_are_still_not_anothers() -> None:
    asked = {"amount": "100.00", "metadata": {"order_id": "theirs"}}
    assert verdict("createSession", asked, TOLD | {"metadata": {"order_id": "theirs"}}) is Ours
    told = TOLD | {"metadata": {"order_id": "theirs", "zerogate_key": "zg1_other"}}
    assert verdict("createSession", asked, told) is Anothers


def test_a_namespace_that_cannot_be_read_is_not_the_default_one() -> None:
    sent = {"order_id": "o-1", "zerogate_key": KEY}
    told = TOLD | {"metadata": sent | {"zerogate_namespace": []}}
    assert verdict("createSession", BODY | {"metadata": sent}, told) is Anothers


def test_identity_decides_before_terms() -> None:
    told = TOLD | {"amount": "1.00", "metadata": SENT}
    assert verdict("createSession", BODY, told) is Disputed
    assert verdict("createSession", BODY, told | {"metadata": {"zerogate_key": "x"}}) is Anothers


@pytest.mark.parametrize(
    ("id", "secret", "expected"),
    [
        pytest.param("gs_test_1", "gsec_gs_test_1_r4nd0m", Ours, id="its own"),
        pytest.param("gs_test_1", "gsec_gs_test_1_r4_nd_0m", Ours, id="its own, underscores in it"),
        pytest.param("gs_test_1", "gsec_gs_test_2_r4nd0m", Anothers, id="another's"),
        pytest.param("gs_test_1", "gsec_gs_test_12_r4nd0m", Anothers, id="one that begins alike"),
        pytest.param("gs_test_12", "gsec_gs_test_1_r4nd0m", Anothers, id="one that is shorter"),
        pytest.param("gs_test_1", "gsec_gs_live_1_r4nd0m", Anothers, id="one of another mode"),
        pytest.param(24 * "a", f"gsec_{24 * 'a'}_r4nd0m", Ours, id="its own, in hex"),
        pytest.param(24 * "a", f"gsec_{24 * 'b'}_r4nd0m", Anothers, id="another's in hex"),
        pytest.param(
            f"gs_test_{24 * 'a'}",
            f"gsec_{24 * 'a'}_r",
            Ours,
            id="its own without what stands before",
        ),
        pytest.param("gs_test_1", "gsec_r4nd0m", Ours, id="none"),
        pytest.param("gs_test_1", "gsec_r4nd_0m", Ours, id="what is no id"),
        pytest.param("gs_test_1", "s3cr3t", Ours, id="another shape"),
        pytest.param("gs_test_1", None, Ours, id="no secret"),
        # An id of another shape than is documented: nobody knows how a secret writes it.
        pytest.param("gs/eu/1", f"gsec_{HEX}_r4nd0m", Ours, id="a path"),
        pytest.param("gs_test_Zm9v==", f"gsec_{HEX}_r4nd0m", Ours, id="base64"),
        pytest.param("gs_ü", f"gsec_{HEX}_r4nd0m", Ours, id="not ASCII"),
        pytest.param("x" * 200, "gsec_gs_test_9_r4nd0m", Ours, id="a long one"),
        pytest.param("67A1F3B9-E4B0-4C10", f"gsec_{HEX}_r4nd0m", Ours, id="a UUID"),
        # Both shapes are documented, and whether one id can have both is not.
        pytest.param("gs_test_1", f"gsec_{HEX}_r4nd0m", Ours, id="one shape in the other"),
        pytest.param(HEX, "gsec_gs_test_1_r4nd0m", Ours, id="the other shape in one"),
        pytest.param(f"gs_test_{24 * 'a'}", f"gsec_{HEX}_r", Anothers, id="another's hex"),
        pytest.param("gs_test_1", 7, Ours, id="no text"),
    ],
)
def test_a_secret_that_names_another_session_is_anothers(
    id: str, secret: Any, expected: type
) -> None:
    told = TOLD | {"id": id, "client_secret": secret, "metadata": SENT}
    assert verdict("createSession", BODY, told) is expected


@pytest.mark.parametrize(
    ("metadata", "expected"),
    [(SENT, Ours), ({}, Anothers), (SENT | {"zerogate_key": "zg1_other"}, Anothers)],
    ids=["under our key: one more of ours", "without marks", "under another"],
)
def test_a_replay_that_brings_another_id(metadata: Any, expected: type) -> None:
    told = TOLD | {"id": "gs_2", "metadata": metadata}
    assert verdict("createSession", BODY, told, object_id="gs_1") is expected


def test_terms_of_the_journal_and_an_answer_without_metadata_are_no_echo() -> None:
    terms = {"amount": "1.00", "currency": "EUR"}
    sent = Marks(order="order-1", attempt="1", key="key-1")

    found = judged(
        "createSession",
        terms,
        {"id": "gs_2", **terms},
        key="key-1",
        mode="test",
        object_id="gs_1",
        sent=sent,
    )

    assert isinstance(found, Anothers)


RAIL = {"quote_id": "q-1", "gate_session_id": "gs_1", "reference": "o-1"}


@pytest.mark.parametrize("operation", ["createPayIn", "createPayOut"])
@pytest.mark.parametrize(
    ("changed", "expected"),
    [
        pytest.param({}, Ours, id="the same"),
        pytest.param({"quote_id": "q-2"}, Anothers, id="another quote"),
        pytest.param({"gate_session_id": "gs_2"}, Anothers, id="another session"),
        pytest.param({"quote_id": None, "gate_session_id": None}, Ours, id="neither is told"),
        pytest.param({"reference": None}, Ours, id="no reference"),
        pytest.param({"reference": "o-2"}, Ours, id="another reference is drift"),
    ],
)
def test_a_rail_is_ours_by_its_quote_and_session(
    operation: str, changed: dict[str, Any], expected: type
) -> None:
    assert verdict(operation, RAIL, {"id": "r-1"} | RAIL | changed) is expected


@pytest.mark.parametrize("operation", ["createPayIn", "createPayOut"])
@pytest.mark.parametrize(
    ("changed", "unmarked"),
    [
        pytest.param({}, False, id="both"),
        pytest.param({"quote_id": None}, False, id="its session alone"),
        pytest.param({"gate_session_id": None}, False, id="its quote alone"),
        pytest.param({"quote_id": None, "gate_session_id": None}, True, id="neither"),
    ],
)
def test_a_rail_that_names_neither_quote_nor_session_does_not_say_whose_it_is(
    operation: str, changed: dict[str, Any], unmarked: bool
) -> None:
    found = judged(operation, RAIL, {"id": "r-1"} | RAIL | changed, key=KEY, mode="test")
    assert found == Ours(unmarked)


@pytest.mark.parametrize(
    ("changed", "expected"),
    [
        pytest.param({}, Ours, id="the same"),
        pytest.param({"external_id": "c-2"}, Anothers, id="another external id"),
        pytest.param({"external_id": "C-1"}, Anothers, id="an external id in another case"),
        pytest.param({"email": "ADA@shop.example"}, Ours, id="an e-mail in another case"),
        pytest.param({"external_id": None, "email": "b@x.example"}, Anothers, id="another e-mail"),
        pytest.param({"first_name": "Grace"}, Ours, id="another name is drift"),
    ],
)
def test_a_customer_is_ours_by_external_id_and_else_by_email(
    changed: dict[str, Any], expected: type
) -> None:
    asked = {"external_id": "c-1", "email": "ada@shop.example", "first_name": "Ada"}
    assert verdict("createCustomer", asked, {"id": "cus_1"} | asked | changed) is expected


def test_a_quote_on_other_terms_is_disputed() -> None:
    asked = {"currency": "EUR", "asset": "USDC", "side": "on_ramp", "payment_method": "card"}
    assert verdict("lockQuote", asked, {"id": "q"} | asked | {"asset": "usdc"}) is Ours
    assert verdict("lockQuote", asked, {"id": "q"} | asked | {"side": "off_ramp"}) is Disputed


def found(operation: str, asked: Any, told: Any, **more: Any) -> Any:
    return judged(operation, asked, told, key=KEY, mode="test", **more)


LONG_ID = "gs_\u202e" + "1" * 99
CUSTOMER = {"external_id": "c-1", "email": "ada@shop.example"}


@pytest.mark.parametrize(
    ("operation", "asked", "changed", "why"),
    [
        pytest.param(
            "createSession",
            BODY,
            {"metadata": SENT | {"order_id": "o-2"}},
            "order_id is 'o-2'",
            id="a mark",
        ),
        pytest.param(
            "createPayIn",
            RAIL,
            {"quote_id": "q" * 99},
            f"its quote_id is '{'q' * 64}'",
            id="a quote",
        ),
        pytest.param(
            "createPayOut",
            RAIL,
            {"gate_session_id": "gs_\u202e"},
            "its gate_session_id is 'gs_\\u202e'",
            id="a session",
        ),
        pytest.param(
            "createCustomer",
            CUSTOMER,
            CUSTOMER | {"external_id": "c-2"},
            "it is of another person",
            id="a person",
        ),
        pytest.param("cancelSession", {}, {}, "its id is not 'gs_1'", id="an id"),
    ],
)
def test_whose_an_answer_is_and_why_are_told_as_they_may_be_shown(
    operation: str, asked: Any, changed: Any, why: str
) -> None:
    told = TOLD | RAIL | changed | {"id": LONG_ID}
    expected = Anothers("gs_\\u202e" + "1" * 60, why)
    assert found(operation, asked, told, object_id="gs_1") == expected


@pytest.mark.parametrize(
    ("metadata", "unmarked"),
    [(SENT, False), ({"zerogate_key": KEY}, False), ({}, True), (None, True)],
    ids=["all of them", "our key alone", "none", "null"],
)
def test_an_answer_without_the_key_that_was_sent_does_not_say_that_it_is_ours(
    metadata: Any, unmarked: bool
) -> None:
    told = TOLD | {"metadata": metadata}
    assert found("createSession", BODY, told) == Ours(unmarked)
    disputed = found("createSession", BODY, told | {"amount": "1.00"})
    assert (type(disputed), disputed.unmarked) == (Disputed, unmarked)


@pytest.mark.parametrize("metadata", [{"basket": "b"}, {}, None], ids=repr)
def test_an_answer_need_not_say_a_key_that_was_not_sent(metadata: Any) -> None:
    asked = {"amount": "100.00", "metadata": metadata}
    for kept in ({"basket": "b"}, {}, None):
        assert found("createSession", asked, TOLD | {"metadata": kept}) == Ours(False)


def test_a_session_of_the_other_mode_is_disputed_with_all_that_differs() -> None:
    told = TOLD | {"metadata": SENT, "mode": "live", "currency": "USD"}
    disputed = found("createSession", BODY, told)
    assert [one.name for one in disputed.differs] == ["currency", "mode"]
    assert str(disputed) == (
        "currency was asked as EUR and answered as USD; mode was asked as test and answered as live"
    )
    # Of what is no session nobody says so.
    assert found("createPayIn", RAIL, {"id": "r-1", "mode": "live"} | RAIL) == Ours(False)


def test_another_name_of_the_network_is_no_difference() -> None:
    asked, told = BODY | {"target_network": "base"}, {"target_network": "8453", "metadata": SENT}
    names = (frozenset({"base", "8453"}),)
    assert type(found("createSession", asked, TOLD | told)) is Disputed
    assert found("createSession", asked, TOLD | told, aliases=names) == Ours(False)


def test_marks_that_the_bytes_carried_count_where_the_terms_have_none() -> None:
    terms, sent = {"amount": "100.00"}, Marks("o-1", "1", "", KEY)
    told = TOLD | {"metadata": {"order_id": "o-2", "zerogate_key": KEY}}
    assert found("createSession", terms, told) == Ours(False)
    assert type(found("createSession", terms, told, sent=sent)) is Anothers


def test_whose_a_customer_is_nobody_knows_without_an_id_or_an_address_on_both_sides() -> None:
    assert is_customer({"email": "Ada@shop.example"}, {"email": "aDA@shop.example"}) is True
    assert is_customer({"email": "ada@shop.example"}, {"email": "bda@shop.example"}) is False
    assert is_customer({"email": "bda@shop.example"}, {"email": "ada@shop.example"}) is False
    assert is_customer({"external_id": "c-2"}, {"external_id": "c-1"}) is False
    assert is_customer(CUSTOMER, CUSTOMER | {"email": "other@shop.example"}) is True
    for told in ({}, {"external_id": None, "email": 7}):
        assert is_customer(CUSTOMER, told) is None
        assert is_customer(told, CUSTOMER) is None
        assert found("createCustomer", CUSTOMER, {"id": "cus_1"} | told) == Ours(True)
        assert found("createCustomer", CUSTOMER, CUSTOMER | {"id": "cus_1"}) == Ours(False)


def test_metadata_that_is_not_empty_is_anothers() -> None:
    assert other_metadata([{"metadata": {}}, {"metadata": {"theirs": "1"}}]) is True
    for kept in ({}, None, [], ["theirs"], "theirs"):
        assert not other_metadata([{"metadata": kept}, {}])
    assert not other_metadata([])


def test_a_secret_says_whose_it_is_in_short_and_nothing_where_no_id_is_told() -> None:
    secret = f"gsec_gs_live_{'1' * 99}_r4nd0m"
    assert other_secret(secret, "gs_live_2") == (
        f"its client_secret is that of 'gs_live_{'1' * 56}'"
    )
    assert other_secret(secret, None) is None
    assert other_secret(secret, 7) is None
    told = TOLD | {"id": "gs_test_1", "metadata": {}, "client_secret": "gsec_gs_test_9_r4nd0m"}
    expected = Anothers("gs_test_1", "its client_secret is that of 'gs_test_9'")
    assert found("createSession", BODY, told) == expected


def anew(told: Any) -> Any:
    """Return a record of equal texts that are other objects, as they come from the wire."""
    return {
        name: anew(value) if isinstance(value, dict) else "".join([*value])
        for name, value in told.items()
    }


def test_answers_are_compared_by_what_they_say() -> None:
    told = anew(TOLD | {"metadata": SENT})
    assert found("createSession", BODY, told, object_id="gs_1") == Ours(False)
    assert found("createSession", BODY, anew(TOLD), object_id="gs_1") == Ours(True)
    by_key = anew(TOLD | {"metadata": {"zerogate_key": KEY}})
    assert found("createSession", BODY, by_key, object_id="gs_2") == Ours(False)
    assert found("createPayIn", RAIL, anew({"id": "r-1"} | RAIL)) == Ours(False)
    assert (Ours().unmarked, Disputed(()).unmarked) == (False, False)


@pytest.mark.parametrize("id", ["gs_0", "gs_2"])
def test_a_lesser_and_a_greater_id_are_anothers(id: str) -> None:
    told = TOLD | {"id": id, "metadata": {}}
    assert found("createSession", BODY, told, object_id="gs_1") == Anothers(
        id, "its id is not 'gs_1'"
    )


@pytest.mark.parametrize("name", ["quote_id", "gate_session_id"])
@pytest.mark.parametrize("theirs", ["a", "z"])
def test_a_lesser_and_a_greater_id_on_a_rail_are_anothers(name: str, theirs: str) -> None:
    told = {"id": "r-1"} | RAIL | {name: theirs}
    assert found("createPayIn", RAIL, told) == Anothers("r-1", f"its {name} is '{theirs}'")


@pytest.mark.parametrize("operation", ["cancelSession", "cancelPayIn", "lockQuote"])
def test_of_other_operations_neither_marks_nor_a_mode_nor_a_person_say_anything(
    operation: str,
) -> None:
    told = {"id": "gs_1", "mode": "live", "email": "b@x.example", "metadata": {"zerogate_key": "x"}}
    assert found(operation, {"email": "ada@shop.example"}, told) == Ours(False)
