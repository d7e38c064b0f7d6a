"""What an operation answers with is bound to it: checked by the type checkers, in both halves, never run."""

# A line that either checker takes makes its ignore unnecessary, and that is an error.
# pyright: reportUnnecessaryTypeIgnoreComment=true

from __future__ import annotations

from typing import Any, assert_type

from zerogate._async.calls import AsyncCalls
from zerogate._idempotency.attempts import Call
from zerogate._sync.calls import Calls
from zerogate._wire import operations
from zerogate._wire.models import Rows
from zerogate._wire.operations import Operation
from zerogate.types import CreatedSession, Customer, PayIn, PayOut, Session, Transaction


def bound(calls: Calls) -> None:
    assert_type(operations.RETRIEVE_SESSION, Operation[Session])
    assert_type(operations.LIST_TRANSACTIONS, Operation[Rows[Transaction]])
    assert_type(operations.RETRIEVE_SESSION.raw(), Operation[dict[str, Any]])
    assert_type(operations.LIST_SESSIONS.raw_rows(), Operation[Rows[dict[str, Any]]])
    assert_type(calls.ask(operations.RETRIEVE_PAY_IN, timeout=None, id="x"), PayIn)
    call = calls.call(operations.CREATE_SESSION, timeout=None)
    assert_type(call, Call[CreatedSession])
    assert_type(calls.run(call), CreatedSession)
    assert_type(calls.ask(operations.LIST_SESSIONS, timeout=None).data, list[Session])


async def awaited(calls: AsyncCalls) -> None:
    assert_type(await calls.ask(operations.RETRIEVE_PAY_OUT, timeout=None, id="x"), PayOut)
    rows = await calls.ask(operations.LIST_CUSTOMERS, timeout=None)
    assert_type(rows.data, list[Customer])


async def anothers_record(calls: Calls, acalls: AsyncCalls) -> None:
    one: PayOut = calls.ask(operations.RETRIEVE_PAY_IN, timeout=None)  # type: ignore[assignment]
    two: Customer = calls.ask(operations.GET_ASSET, timeout=None)  # type: ignore[assignment]
    rows: Rows[Session] = calls.ask(operations.LIST_CUSTOMERS, timeout=None)  # type: ignore[arg-type]
    three: Session = await acalls.ask(operations.LIST_SESSIONS, timeout=None)  # type: ignore[arg-type]
    four: Call[Customer] = calls.call(operations.CREATE_SESSION, timeout=None)  # type: ignore[arg-type]
    calls.ask("retrieveSession", timeout=None)  # type: ignore[arg-type]
    operations.RETRIEVE_SESSION.raw_rows()  # type: ignore[misc]
    del one, two, rows, three, four
