"""Two tenants, two modes, two services in one store: what is done for one changes nothing of another."""

from __future__ import annotations

import importlib
import pkgutil
import re
from collections.abc import Iterator
from types import ModuleType
from typing import Any

import pytest
import zerogate
import zerogate_store
from zerogate import Gate, GateUsageError, Money, OutcomeUnknown
from zerogate_sandbox import Sandbox
from zerogate_store import Store
from zerogate_store._journal.statements import Statement

TERMS: Any = {"amount": Money("10.00", "EUR"), "return_url": "https://shop.example/done"}
SCOPE = ("account", "mode", "namespace")
#: What is not of one scope, and why.
EXCEPTIONS = {
    "SCHEMA_WRITE": "the schema is one for all",
    "ECHO_NOTED": "an account's list gives marks back, or does not, whatever its namespaces are",
    "RATE_HOLD": "Gate's limit is the account's",
    "RATE_WRITE": "Gate's limit is the account's",
}
BODIES = Statement(
    "SELECT account, namespace, body FROM zerogate_intents WHERE order_ref = 'order-1' "
    "ORDER BY account, namespace"
)


def modules(package: ModuleType) -> Iterator[ModuleType]:
    yield package
    for found in pkgutil.walk_packages(package.__path__, f"{package.__name__}."):
        # What is no name of Python's is a hook of another program's, and is not imported by ours.
        if found.name.rpartition(".")[2].isidentifier():
            yield importlib.import_module(found.name)


def statements() -> dict[str, str]:
    """Every statement of the store and the inbox, by its name."""
    return {
        name: " ".join(value.text.split())
        for package in (zerogate, zerogate_store)
        for module in modules(package)
        for name, value in vars(module).items()
        if isinstance(value, Statement)
    }


def scoped_by(text: str) -> set[str]:
    """The columns of the scope that the rows which a statement changes or erases are found by."""
    if text.startswith("INSERT"):
        target = re.search(r"ON CONFLICT \(([^)]*)\)", text)
        return set() if target is None else set(target[1].split(", ")) & set(SCOPE)
    where = text.partition(" WHERE ")[2]
    return {
        name
        for name in SCOPE
        if re.search(rf"(?<![\w.])(?:\w+\.)?{name}(?: \|\| '')? = :{name}\b", where)
    }


def changing() -> dict[str, str]:
    return {
        name: text
        for name, text in statements().items()
        if re.match("UPDATE|DELETE", text) or "DO UPDATE" in text
    }


def test_every_statement_that_changes_or_erases_names_account_mode_and_namespace() -> None:
    unscoped = {name for name, text in changing().items() if scoped_by(text) != set(SCOPE)}
    assert unscoped == set(EXCEPTIONS)
    assert len(changing()) > 25


@pytest.mark.parametrize(
    "text",
    [
        "UPDATE zerogate_intents SET body = NULL WHERE key = :key OR order_ref = :order_ref",
        "UPDATE zerogate_intents SET account = :account WHERE mode = :mode AND namespace = :namespace",
        "DELETE FROM zerogate_events WHERE account = :account AND mode = :mode",
        "INSERT INTO t (a) VALUES (:a) ON CONFLICT (account, mode) DO UPDATE SET a = excluded.a",
    ],
)
def test_a_statement_that_names_less_is_noticed(text: str) -> None:
    assert scoped_by(text) != set(SCOPE)


@pytest.fixture
def sandbox() -> Sandbox:
    return Sandbox(seed=5)


def in_doubt(sandbox: Sandbox, store: Store, account: str, namespace: str = "") -> Gate:
    """A client whose order-1 may have been sent or not."""
    gate = Gate(
        f"sk_test_{account}",
        transport=sandbox.transport(),
        clock=sandbox.clock,
        store=store,
        account=account,
        namespace=namespace,
    )
    sandbox.faults.add("reset", operations="createSession", when="before")
    with pytest.raises(OutcomeUnknown):
        gate.sessions.create(order="order-1", timeout=2, **TERMS)
    sandbox.faults.clear()
    return gate


def kept(store: Store) -> list[tuple[str, str]]:
    def rows() -> Any:
        return (yield BODIES())

    found = store.run_in_transaction(rows)
    return [(account, namespace) for account, namespace, body in found if body is not None]


def test_one_tenants_erasure_leaves_the_others_payment(sandbox: Sandbox, store: Store) -> None:
    for account in ("a", "b"):
        in_doubt(sandbox, store, account)
    with pytest.raises(GateUsageError, match=r"account='a'.*account='b'"):
        store.forget(order="order-1")
    assert kept(store) == [("a", ""), ("b", "")]
    store.forget(order="order-1", account="a")
    assert kept(store) == [("b", "")]


def test_one_services_erasure_leaves_the_others_of_the_same_account(
    sandbox: Sandbox, store: Store
) -> None:
    for namespace in ("shop", "tickets"):
        in_doubt(sandbox, store, "a", namespace)
    with pytest.raises(GateUsageError, match=r"namespace='shop'.*namespace='tickets'"):
        store.forget(order="order-1", account="a", mode="test")
    store.forget(order="order-1", namespace="tickets")
    assert kept(store) == [("a", "shop")]


def test_one_tenants_retention_leaves_the_others_bodies(sandbox: Sandbox, store: Store) -> None:
    for account in ("a", "b"):
        in_doubt(sandbox, store, account)
    with pytest.raises(GateUsageError, match="which part"):
        store.retain(days=0)
    store.retain(days=0, account="b")
    assert kept(store) == [("a", "")]


def test_where_there_is_one_scope_it_need_not_be_named(sandbox: Sandbox, store: Store) -> None:
    in_doubt(sandbox, store, "a")
    store.forget(order="order-1", account="nobody")
    store.forget(order="order-1", mode="live")
    assert kept(store) == [("a", "")]
    store.forget(order="order-1")
    assert kept(store) == []


def test_to_forget_nobody_is_refused(store: Store) -> None:
    with pytest.raises(GateUsageError, match="customer="):
        store.forget(account="a")


def test_many_scopes_are_named_up_to_five(sandbox: Sandbox, store: Store) -> None:
    for number in range(7):
        in_doubt(sandbox, store, f"tenant{number}")
    with pytest.raises(GateUsageError, match="and 2 more"):
        store.forget(order="order-1")
