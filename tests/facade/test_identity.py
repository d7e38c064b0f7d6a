"""What a write carries to be known again, and how it is read back from whatever Gate makes of it."""

from __future__ import annotations

from types import SimpleNamespace

import pytest
from zerogate import GateUsageError
from zerogate._idempotency.identity import Marks, echoes, marks_for, marks_of, stranger
from zerogate._idempotency.keys import Identity, idempotency_key
from zerogate._validation import checked_namespace
from zerogate._wire.bodies import with_marks

WHOLE = Identity("order-1", 2, "zg1_key")
FRESH = Identity(None, None, "fresh_1")


def test_what_is_sent_is_what_is_read_back() -> None:
    sent = with_marks({"basket": "b"}, WHOLE, "pos")
    assert sent == {
        "basket": "b",
        "order_id": "order-1",
        "zerogate_attempt": "2",
        "zerogate_namespace": "pos",
        "zerogate_key": "zg1_key",
    }
    assert marks_of({"metadata": sent}) == Marks("order-1", "2", "pos", "zg1_key")


def test_the_default_namespace_and_a_missing_order_are_not_sent() -> None:
    assert marks_for(FRESH, "") == {"zerogate_key": "fresh_1"}
    assert marks_of({"metadata": marks_for(FRESH, "")}) == Marks(key="fresh_1")


@pytest.mark.parametrize(
    "record",
    [
        pytest.param({"metadata": None}, id="null"),
        pytest.param({}, id="absent"),
        pytest.param({"metadata": []}, id="a list"),
        pytest.param({"metadata": {"order_id": None, "zerogate_key": ["k"]}}, id="no texts"),
        pytest.param(
            {"metadata": {"order_id": True, "zerogate_attempt": 1.5}}, id="no whole numbers"
        ),
        pytest.param(SimpleNamespace(metadata=None), id="a model's null"),
        pytest.param(object(), id="no record at all"),
    ],
)
def test_what_is_no_mark_is_none(record: object) -> None:
    assert marks_of(record) == Marks()


@pytest.mark.parametrize("told", [[], {}, ["pos"], True, False, 1.5], ids=repr)
def test_a_namespace_that_is_no_text_is_never_the_empty_one_nor_any_other(told: object) -> None:
    marks = marks_of({"metadata": {"order_id": "order-1", "zerogate_namespace": told}})
    assert marks.order == "order-1"
    with pytest.raises(GateUsageError):
        checked_namespace(marks.namespace)


@pytest.mark.parametrize(
    "metadata",
    [
        pytest.param({"order_id": "order-1", "zerogate_attempt": 2}, id="a number"),
        pytest.param(
            SimpleNamespace(additional_properties={"order_id": "order-1", "zerogate_attempt": "2"}),
            id="a model of its own",
        ),
    ],
)
def test_marks_are_read_however_they_are_kept(metadata: object) -> None:
    assert marks_of(SimpleNamespace(metadata=metadata)) == Marks(order="order-1", attempt="2")


@pytest.mark.parametrize(
    "name", ["order_id", "zerogate_attempt", "zerogate_key", "zerogate_namespace"]
)
def test_metadata_under_the_name_of_a_mark_is_refused_where_it_says_something_else(
    name: str,
) -> None:
    with pytest.raises(GateUsageError, match=name):
        with_marks({name: "another"}, WHOLE, "pos")


def test_the_partners_own_order_id_stands_where_no_order_was_given() -> None:
    assert with_marks({"order_id": "mine"}, FRESH, "")["order_id"] == "mine"


OURS = Marks("order-1", "2", "pos", "zg1_key")


@pytest.mark.parametrize(
    ("told", "why"),
    [
        pytest.param(OURS, None, id="all of them"),
        pytest.param(Marks(), None, id="nothing is told"),
        pytest.param(Marks(key="zg1_key"), None, id="our key speaks for all"),
        pytest.param(Marks("order-1", "2", key="zg1_key"), None, id="our key, for all but one"),
        pytest.param(Marks(key="zg0_key"), "zerogate_key is 'zg0_key'", id="a lesser key"),
        pytest.param(Marks(key="zg2_key"), "zerogate_key is 'zg2_key'", id="a greater key"),
        pytest.param(Marks("order-1", "2"), "zerogate_namespace is ''", id="the default namespace"),
        pytest.param(
            Marks("order-1", "2", "web", "zg1_key"), "zerogate_namespace is 'web'", id="another"
        ),
        pytest.param(
            Marks("order-1", "2", "bar", "zg1_key"),
            "zerogate_namespace is 'bar'",
            id="a lesser one",
        ),
        pytest.param(Marks("order-0", None, "pos"), "order_id is 'order-0'", id="a lesser order"),
        pytest.param(Marks("order-2", None, "pos"), "order_id is 'order-2'", id="a greater order"),
        pytest.param(Marks(None, "1", "pos"), "zerogate_attempt is '1'", id="an attempt before"),
        pytest.param(Marks(None, "3", "pos"), "zerogate_attempt is '3'", id="an attempt after"),
        pytest.param(
            Marks("o\u202e" * 40, None, "pos"),
            "order_id is '" + "o\\u202e" * 32 + "'",
            id="long, and not to be printed",
        ),
    ],
)
def test_a_mark_that_contradicts_ours_is_named_as_it_may_be_shown(
    told: Marks, why: str | None
) -> None:
    assert stranger(OURS, "zg1_key", told) == why


def test_marks_are_compared_by_what_they_say() -> None:
    again = Marks(*("".join([*text]) for text in ("order-1", "2", "pos", "zg1_key")))
    assert stranger(OURS, "zg1_key", again) is None


def test_what_we_did_not_send_is_contradicted_by_nothing_but_a_namespace() -> None:
    nothing = Marks(key="fresh_1")
    assert stranger(nothing, "fresh_1", Marks("theirs", "7")) is None
    assert (
        stranger(nothing, "fresh_1", Marks("theirs", "7", "web")) == "zerogate_namespace is 'web'"
    )


DERIVED = idempotency_key(namespace="pos", operation="createSession", order="order-1", attempt=2)


@pytest.mark.parametrize(
    ("told", "whole"),
    [
        pytest.param(Marks("order-1", "2", "pos", DERIVED), True, id="all of them"),
        pytest.param(Marks("order-1", "2", "pos", DERIVED[:-1] + "!"), False, id="a lesser key"),
        pytest.param(Marks("order-1", "2", "pos", DERIVED + "0"), False, id="a greater key"),
        pytest.param(Marks("order-1", "2", "pos"), False, id="no key"),
        pytest.param(Marks(None, "2", "pos", DERIVED), False, id="no order"),
        pytest.param(Marks("order-1", None, "pos", DERIVED), False, id="no attempt"),
        pytest.param(Marks("order-1", "two", "pos", DERIVED), False, id="an attempt in words"),
        pytest.param(
            Marks("order-1", "0", "pos", DERIVED), False, id="an attempt before the first"
        ),
        pytest.param(Marks("order-1", "9" * 5000, "pos", DERIVED), False, id="an endless attempt"),
        pytest.param(Marks("order-1", "+2", "pos", DERIVED), False, id="an attempt with a sign"),
        pytest.param(Marks("order-1", "0_2", "pos", DERIVED), False, id="an attempt as in Python"),
        pytest.param(Marks("order-1", "1", "pos", DERIVED), False, id="another attempt"),
        pytest.param(Marks("order-1", "2", "", DERIVED), False, id="another namespace"),
        pytest.param(Marks("order-1", "2", "not text", DERIVED), False, id="no namespace"),
        pytest.param(Marks("a\nb", "2", "pos", DERIVED), False, id="no order that we would take"),
    ],
)
def test_marks_come_back_whole_where_the_key_follows_from_the_others(
    told: Marks, whole: bool
) -> None:
    assert echoes(told, "createSession") is whole
    assert not echoes(told, "createPayIn")
