"""Errors are data: they travel between processes whole, and tell no secret."""

from __future__ import annotations

import copy
import inspect
import pickle
from types import SimpleNamespace
from typing import Any

import pytest
from zerogate import errors
from zerogate.errors import (
    AlreadyTerminal,
    AttemptOpen,
    Conflict,
    GateError,
    GateUsageError,
    MoneyError,
    OutcomeUnknown,
    RequestRejected,
    SignatureRejected,
    UnexpectedAnswer,
)

CONTEXT: dict[str, Any] = {
    "status": 409,
    "type": "conflict",
    "code": "idempotency_conflict",
    "request_ids": ("req_1", "req_2"),
    "operation": "createSession",
    "order": "order_1",
    "attempt": 2,
    "idempotency_key": "zg1_abc",
    "retry_after": 1.5,
    "last_error": errors.NotSent("refused", operation="createSession"),
}
EXTRAS: dict[str, dict[str, Any]] = {
    "AttemptOpen": {"session": {"id": "gs_test_1"}},
    "AlreadyTerminal": {"session": {"id": "gs_test_1"}},
    "UnexpectedAnswer": {"id": "gs_test_1", "raw": {"id": "gs_test_1"}},
    "SignatureRejected": {"reason": "stale"},
    "ReadFailed": {"cursor": "gs_test_1"},
}
PUBLIC = [
    kind
    for name, kind in vars(errors).items()
    if inspect.isclass(kind) and issubclass(kind, GateError) and not name.startswith("_")
]


def data(error: BaseException) -> dict[str, Any]:
    return {
        name: (repr(value) if isinstance(value, GateError) else value)
        for name, value in vars(error).items()
    }


@pytest.mark.parametrize(
    "travel", [copy.copy, copy.deepcopy, lambda e: pickle.loads(pickle.dumps(e))]
)
@pytest.mark.parametrize("kind", PUBLIC)
def test_an_error_travels_with_everything_it_knows(kind: type[GateError], travel: Any) -> None:
    error = kind("what to do", **CONTEXT, **EXTRAS.get(kind.__name__, {}))
    arrived = travel(error)
    assert type(arrived) is kind
    assert str(arrived) == "what to do" == arrived.message
    assert data(arrived) == data(error)
    assert repr(arrived) == repr(error)


def test_the_tree_is_the_one_drawn_at_the_top() -> None:
    drawn = {
        line.split("──", 1)[1].split()[0]
        for line in (errors.__doc__ or "").splitlines()
        if "──" in line
    } | {"GateError"}
    assert drawn == {kind.__name__ for kind in PUBLIC}


@pytest.mark.parametrize(
    ("kind", "parents"),
    [
        (AttemptOpen, (GateUsageError,)),
        (AlreadyTerminal, (Conflict, RequestRejected)),
        (MoneyError, (ValueError,)),
    ],
    ids=lambda value: getattr(value, "__name__", ""),
)
def test_an_error_is_caught_as_its_parents(
    kind: type[GateError], parents: tuple[type[BaseException], ...]
) -> None:
    assert all(issubclass(kind, parent) for parent in parents)


def test_only_a_money_error_is_a_value_error() -> None:
    assert [kind for kind in PUBLIC if issubclass(kind, ValueError)] == [MoneyError]


def test_repr_names_what_support_asks_for_and_no_body() -> None:
    error = UnexpectedAnswer("no", id="gs_test_1", raw={"client_secret": "gsec_canary"}, **CONTEXT)
    assert "gsec_canary" not in repr(error) + str(error)
    assert "zg1_abc" in repr(error)
    assert "req_2" in repr(error)
    assert "gs_test_1" in repr(error)


def test_repr_names_a_session_by_its_id_alone() -> None:
    session = SimpleNamespace(id="gs_test_1", user_reference="jane@partner.example")
    told = repr(AttemptOpen("wait", session=session))
    assert "gs_test_1" in told
    assert "jane" not in told


def test_context_is_added_to_a_copy() -> None:
    first = OutcomeUnknown("unknown", idempotency_key="zg1_abc")
    told = first.with_context(order="order_1", request_ids=("req_1",))
    assert (told.order, told.idempotency_key, told.request_ids) == (
        "order_1",
        "zg1_abc",
        ("req_1",),
    )
    assert first.order is None
    with pytest.raises(TypeError, match="oder"):
        first.with_context(oder="order_1")


def test_a_rejected_signature_says_why_in_one_word() -> None:
    assert SignatureRejected("late", reason="stale").reason == "stale"


def test_every_refusal_by_status_is_a_rejection() -> None:
    assert all(issubclass(kind, RequestRejected) for kind in errors.BY_STATUS.values())


def test_an_unexpected_answer_leaves_its_client_secret_behind_when_it_travels() -> None:
    raw = {"id": "gs_test_1", "client_secret": "gsec_canary", "status": "open"}
    error = UnexpectedAnswer("no", id="gs_test_1", raw=raw)
    assert error.raw["client_secret"] == "gsec_canary"
    for travelled in (pickle.loads(pickle.dumps(error)), copy.copy(error), copy.deepcopy(error)):
        assert travelled.raw == {"id": "gs_test_1", "status": "open"}
