"""What a write carries to be known again, and how it is read back from whatever Gate makes of it."""

from __future__ import annotations

from types import SimpleNamespace

import pytest
from zerogate import GateUsageError
from zerogate._idempotency.identity import Marks, marks_for, marks_of
from zerogate._idempotency.keys import Identity
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
