# Written by facade/unasync.py from tests/client/_async/test_another_payment.py; edit that file.
"""Answers that are about another payment, or on other terms: said as good as any, and not believed."""

from __future__ import annotations

import copy
import json
import pickle
import sqlite3
import traceback
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from zerogate import (
    AlreadyTerminal,
    AttemptOpen,
    Gate,
    GateError,
    GateUsageError,
    Money,
    OutcomeUnknown,
    ReadFailed,
    UnexpectedAnswer,
)
from zerogate._idempotency.keys import idempotency_key
from zerogate.transports import Reply, Request
from zerogate_store import Store

from tests.client.fake import Answer, FakeGate
from tests.client.moves import QUICK, base_url, wire
from tests.client.scripts import (
    PUBLISHABLE,
    SECRET,
    Script,
    VirtualClock,
    answer,
    created,
    page,
    session,
    transaction,
)
from tests.transport.scripted import Peer, Scripted

EVM = "0xAbCdEf0123456789aBcDeF0123456789AbCdEf01"
TRON = "T9yD14Nj9j7xAB4dbGeiX9h8unkKHxuWwb"
TERMS: dict[str, Any] = {
    "amount": Money("100.00", "EUR"),
    "return_url": "https://shop.example/done",
    "order": "order-1",
    "flow": "on_ramp",
    "target_token": "USDC",
    "target_network": "base",
    "wallet_address": EVM,
}


class Desk:
    """A shop with or without a database, and a Gate that can be made to say anything."""

    def __init__(self, folder: Path, stored: bool) -> None:
        self.clock = VirtualClock()
        self.fake = FakeGate(self.clock)
        self.file = folder / "gate.db"
        self.store = Store(f"sqlite:///{self.file}") if stored else None

    def gate(self, **options: Any) -> Gate:
        options = {"store": self.store, "transport": self.fake, "clock": self.clock} | options
        return Gate(SECRET, **options)

    def create(self, gate: Gate | None = None, **terms: Any) -> Any:
        return (gate or self.gate()).sessions.create(**TERMS | terms)

    def row(self, what: str) -> Any:
        asked = f"SELECT {what} FROM zerogate_intents WHERE order_ref = 'order-1'"
        with sqlite3.connect(self.file) as connection:
            (row,) = connection.execute(asked).fetchall()
        connection.close()
        return row

    def says(self, operation: str, times: int = 1_000, **changed: Any) -> None:
        """The next answers of an operation have other values; of a list, each of its rows."""
        left = [times]

        def tamper(asked: str, told: Answer) -> Any:
            if asked != operation or not left[0]:
                return told
            left[0] -= 1
            if "data" in told:
                return told | {"data": [_with(row, changed) for row in told["data"]]}
            return _with(told, changed)

        self.fake.tamper = tamper


def _with(told: Answer, changed: dict[str, Any]) -> Answer:
    return told | {n: v(told) if callable(v) else v for n, v in changed.items()}


@pytest.fixture(params=["store", "no store"])
def desk(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Desk]:
    made = Desk(tmp_path, request.param == "store")
    yield made
    if made.store is not None:
        made.store.close()


@pytest.fixture
def stored(tmp_path: Path) -> Iterator[Desk]:
    made = Desk(tmp_path, True)
    yield made
    assert made.store is not None
    made.store.close()


def shown(error: GateError) -> str:
    """Whatever of an error may reach a log, a report or another process."""
    raw = getattr(error, "raw", None)
    parts = [str(error), repr(error), repr(vars(error)), json.dumps(raw, default=str)]
    parts += [repr(vars(copy.copy(error))), repr(pickle.dumps(error))]
    return "".join([*parts, *traceback.format_exception(error)])


# --- whose it is ---

OTHER = idempotency_key(namespace="", operation="createSession", order="order-2", attempt=1)


def marked(**changed: Any) -> Any:
    return lambda told: told["metadata"] | changed


ANOTHERS = [
    pytest.param({"metadata": marked(zerogate_key=OTHER)}, id="another key"),
    pytest.param({"metadata": marked(order_id="order-2")}, id="another order"),
    pytest.param({"metadata": marked(zerogate_attempt="2")}, id="another attempt"),
    pytest.param({"metadata": marked(zerogate_attempt=2)}, id="another attempt, as a number"),
    pytest.param({"metadata": marked(zerogate_namespace="pos")}, id="another namespace"),
    pytest.param({"metadata": {"order_id": "order-2"}}, id="another order and nothing else"),
    pytest.param(
        {"id": "gs_test_9999", "metadata": marked(zerogate_key=OTHER), "amount": None},
        id="another key, and it does not fit the contract",
    ),
    pytest.param({"client_secret": "gsec_gs_test_0007_canary"}, id="a secret of another session"),
]


@pytest.mark.parametrize("changed", ANOTHERS)
def test_an_answer_about_another_payment_says_nothing_about_ours(
    desk: Desk, changed: dict[str, Any], caplog: pytest.LogCaptureFixture
) -> None:
    desk.says("create", **{"id": "gs_test_9999"} | changed)
    if desk.store is None:
        with pytest.raises(OutcomeUnknown, match="gs_test_9999") as caught:
            desk.create()
        assert "canary" not in shown(caught.value)
    else:
        # Found by its key, and handed back without the secret, which no answer of ours has brought.
        made = desk.create()
        assert (made.id, made.client_secret or None) == ("gs_test_0001", None)
        assert desk.row("state, ambiguous, object_id, secret_at") == ("known", 1, made.id, None)
    assert "gs_test_9999" in caplog.text
    assert desk.fake.discarded == desk.fake.asked.count("create")
    assert "cancel" not in desk.fake.asked


@pytest.mark.parametrize("changed", ANOTHERS)
def test_after_an_answer_about_another_payment_ours_is_found_and_handed_out(
    desk: Desk, changed: dict[str, Any]
) -> None:
    desk.says("create", times=1, **{"id": "gs_test_9999"} | changed)
    made = desk.create()
    assert (made.id, made.client_secret) == ("gs_test_0001", "gsec_gs_test_0001_canary")
    if desk.store is not None:
        # The first list is the look that a process begins with.
        assert desk.fake.asked[:3] == ["list", "create", "list"]
    assert "cancel" not in desk.fake.asked


@pytest.mark.parametrize("changed", ANOTHERS)
def test_a_replay_answered_about_another_payment_leaves_the_recorded_one(
    stored: Desk, changed: dict[str, Any]
) -> None:
    first = stored.create()
    stored.says("create", **{"id": "gs_test_9999"} | changed)
    again = stored.create()
    assert (again.id, again.client_secret or None) == (first.id, None)
    assert stored.row("state, object_id, duplicates") == ("known", first.id, "[]")
    assert "cancel" not in stored.fake.asked


@pytest.mark.parametrize("changed", [{}, {"amount": "1.00"}], ids=["our terms", "other terms"])
def test_a_secret_that_names_another_session_is_never_handed_out(
    desk: Desk, changed: dict[str, Any]
) -> None:
    """Whoever mixed two answers up may have given our own secret to somebody else."""
    desk.says("create", times=1, client_secret="gsec_gs_test_0007_canary", **changed)
    made = desk.create()
    assert made.client_secret == f"gsec_{made.id}_canary"
    assert desk.fake.discarded == 1


@pytest.mark.parametrize(
    ("told", "asked"),
    [("gs_test_0002", "gs_test_0001"), (24 * "b", 24 * "a")],
    ids=["named ids", "bare ids"],
)
def test_an_embed_token_of_another_session_than_the_secrets_is_not_handed_on(
    told: str, asked: str
) -> None:
    script = Script(
        answer(201, {"embed_token": "jwt.of.another", "mode": "test", "session_id": told}),
        answer(201, {"embed_token": "jwt", "mode": "test", "session_id": asked}),
        answer(201, {"embed_token": "jwt", "mode": "test", "session_id": None}),
    )
    gate = Gate(SECRET, publishable_key=PUBLISHABLE, transport=script, clock=VirtualClock())
    page, secret = {"origin": "https://shop.example"}, f"gsec_{asked}_canary"
    with pytest.raises(ReadFailed, match=f"for session '{told}'") as caught:
        gate.embed.bootstrap(secret, **page)
    assert "canary" not in shown(caught.value)
    assert "jwt" not in shown(caught.value)
    for _ in range(2):
        assert (gate.embed.bootstrap(secret, **page)).embed_token == "jwt"


def test_a_replay_that_brings_another_id_and_no_marks_is_not_ours_to_cancel(
    stored: Desk,
) -> None:
    first = stored.create()
    stored.says("create", id="gs_test_9999", metadata={})
    again = stored.create()
    assert (again.id, again.client_secret or None) == (first.id, None)
    assert "cancel" not in stored.fake.asked


@pytest.mark.parametrize("changed", [*ANOTHERS, pytest.param({"id": "gs_9"}, id="another id")])
def test_a_read_answered_about_another_payment_is_no_read_of_ours(
    stored: Desk, changed: dict[str, Any]
) -> None:
    stored.create()
    stored.clock.advance(601)
    stored.says("read", **changed)
    with pytest.raises(ReadFailed) as caught:
        stored.create()
    assert "canary" not in shown(caught.value)


@pytest.mark.parametrize(
    "metadata", [{}, None, {"orderId": "order-1"}], ids=["none", "null", "other names"]
)
def test_an_answer_without_marks_contradicts_nothing_and_is_told_as_drift(
    desk: Desk, metadata: Any, caplog: pytest.LogCaptureFixture
) -> None:
    desk.says("create", metadata=metadata)
    assert (desk.create()).client_secret
    assert "does not echo our marks" in caplog.text


def test_another_service_that_numbers_its_orders_alike_is_never_adopted(
    stored: Desk,
) -> None:
    stored.create(order="order-0")
    theirs = stored.fake.add({**_asked(), "metadata": {"order_id": "order-1"}})
    rival = stored.fake.add(
        {
            **_asked(),
            "metadata": {
                "order_id": "order-1",
                "zerogate_attempt": "1",
                "zerogate_namespace": "pos",
                "zerogate_key": idempotency_key(
                    namespace="pos", operation="createSession", order="order-1", attempt=1
                ),
            },
        }
    )
    stored.fake.tamper = lambda asked, told: ConnectionResetError() if asked == "create" else told
    with pytest.raises(OutcomeUnknown):
        stored.create()
    ours = list(stored.fake.sessions)[-1]
    stored.fake.tamper = lambda asked, told: told
    assert (stored.create()).id == ours
    stored.gate().recover()
    assert [theirs["status"], rival["status"]] == ["open", "open"]
    for stranger in (theirs["id"], rival["id"]):
        assert stranger not in stored.file.read_bytes().decode("latin-1")


def _asked() -> Answer:
    return {
        "amount": "100.00",
        "currency": "EUR",
        "return_url": "https://shop.example/done",
        "flow": "on_ramp",
        "target_token": "USDC",
        "target_network": "base",
        "wallet_address": EVM,
    }


def test_what_carries_another_key_is_not_taken_for_ours_by_its_id(stored: Desk) -> None:
    stored.fake.tamper = lambda asked, told: ConnectionResetError() if asked == "create" else told
    with pytest.raises(OutcomeUnknown) as caught:
        stored.create()
    stored.fake.tamper = lambda asked, told: told
    theirs = stored.fake.add({**_asked(), "metadata": {"order_id": "order-1"}})
    with pytest.raises(GateUsageError, match="belongs to"):
        stored.gate().resolve(caught.value, id=theirs["id"])
    assert (stored.gate().resolve(caught.value, id="gs_test_0001")).id == "gs_test_0001"


def test_without_a_store_a_session_is_looked_for_by_its_key_never_by_an_order_alone(
    tmp_path: Path,
) -> None:
    desk = Desk(tmp_path, False)
    desk.fake.tamper = lambda asked, told: ConnectionResetError() if asked == "create" else told
    with pytest.raises(OutcomeUnknown) as caught:
        desk.create()
    desk.fake.tamper = lambda asked, told: told
    desk.fake.add({**_asked(), "metadata": {"order_id": "order-1", "zerogate_attempt": "1"}})
    assert (desk.gate().resolve(caught.value)).id == "gs_test_0001"


# --- on which terms ---

DIFFERS = [
    pytest.param("amount", "1.00", id="another amount"),
    pytest.param("amount", "1,00.00", id="an amount that is no number"),
    pytest.param("amount", "-100.00", id="an amount below zero"),
    pytest.param("amount", None, id="an amount that is null"),
    pytest.param("amount", {"value": 1}, id="an amount that is an object"),
    pytest.param("currency", "USD", id="another currency"),
    pytest.param("flow", "off_ramp", id="another flow"),
    pytest.param("flow", None, id="no flow"),
    pytest.param("target_token", "USDT", id="another token"),
    pytest.param("target_network", "tron", id="another network"),
    pytest.param("target_network", None, id="no network"),
    pytest.param("wallet_address", EVM[:-1] + "2", id="another wallet"),
    pytest.param("wallet_address", None, id="no wallet"),
    pytest.param("mode", "live", id="another mode"),
]


@pytest.mark.parametrize(("term", "value"), DIFFERS)
def test_other_terms_withhold_the_secret_and_name_both(desk: Desk, term: str, value: Any) -> None:
    desk.says("create", **{term: value})
    for _ in range(2):
        with pytest.raises(UnexpectedAnswer) as caught:
            desk.create()
        assert (caught.value.id, caught.value.differs) == ("gs_test_0001", (term,))
        assert "canary" not in shown(caught.value)
        assert EVM not in str(caught.value) + repr(caught.value)
    if desk.store is not None:
        assert desk.row("state, object_id, secret_at, disputed_at") == (
            "known",
            "gs_test_0001",
            None,
            desk.clock.now(),
        )


@pytest.mark.parametrize(("term", "value"), DIFFERS)
def test_other_terms_are_noticed_on_a_replay_as_well(stored: Desk, term: str, value: Any) -> None:
    stored.create()
    stored.says("create", **{term: value})
    with pytest.raises(UnexpectedAnswer) as caught:
        stored.create()
    assert caught.value.differs == (term,)
    assert "canary" not in shown(caught.value)
    # Its secret is out already: it is over when that is, not at once.
    assert stored.row("disputed_at") == (None,)


READABLE = [case for case in DIFFERS if case.values[0] != "amount"] + DIFFERS[:1]


@pytest.mark.parametrize(("term", "value"), READABLE)
def test_other_terms_are_noticed_on_a_read_by_what_the_journal_kept(
    stored: Desk, term: str, value: Any
) -> None:
    stored.create()
    stored.clock.advance(601)
    stored.says("read", **{term: value})
    with pytest.raises(UnexpectedAnswer) as caught:
        stored.create()
    assert caught.value.differs == (term,)


@pytest.mark.parametrize(("term", "value"), READABLE)
def test_other_terms_are_noticed_on_what_is_found(stored: Desk, term: str, value: Any) -> None:
    stored.fake.tamper = lambda asked, told: ConnectionResetError() if asked == "create" else told
    with pytest.raises(OutcomeUnknown):
        stored.create()
    stored.says("list", **{term: value})
    (done,) = stored.gate().recover()
    assert isinstance(done.error, UnexpectedAnswer)
    assert (done.id, done.error.differs) == ("gs_test_0001", (term,))
    assert stored.row("state, disputed_at IS NOT NULL") == ("known", 1)


SAME = [
    pytest.param({"amount": "100"}, id="fewer digits"),
    pytest.param({"amount": "100.0000"}, id="more digits"),
    pytest.param({"amount": 100}, id="a number"),
    pytest.param({"currency": "eur"}, id="a currency in lower case"),
    pytest.param({"target_token": "usdc", "target_network": "BASE"}, id="codes in another case"),
    pytest.param({"wallet_address": EVM.lower()}, id="a hex wallet in lower case"),
    pytest.param({"user_reference": "else", "return_url": "https://else.example"}, id="no terms"),
]


@pytest.mark.parametrize("changed", SAME)
def test_presentation_is_gates(desk: Desk, changed: dict[str, Any]) -> None:
    desk.says("create", **changed)
    assert (desk.create()).client_secret
    desk.clock.advance(601)
    desk.says("read", **changed)
    assert (desk.create()).id == "gs_test_0001"


def test_what_was_not_asked_is_not_compared(desk: Desk) -> None:
    desk.says("create", flow="swap", target_token="BTC", target_network="x", wallet_address=TRON)
    asked = dict.fromkeys(("flow", "target_token", "target_network", "wallet_address"))
    assert (desk.create(**asked)).client_secret


def test_base58_is_compared_letter_by_letter(desk: Desk) -> None:
    desk.says("create", wallet_address=TRON.lower())
    with pytest.raises(UnexpectedAnswer, match=r"T9yD…wb"):
        desk.create(wallet_address=TRON)


def test_the_shop_may_say_which_networks_are_one(tmp_path: Path) -> None:
    desk = Desk(tmp_path, False)
    store = Store(f"sqlite:///{desk.file}", aliases={"BASE": "base-mainnet"})
    desk.says("create", target_network="Base-Mainnet")
    assert (desk.create(desk.gate(store=store))).client_secret
    desk.says("create", target_network=None)
    with pytest.raises(UnexpectedAnswer):
        desk.create(desk.gate(store=store), order="order-2")
    store.close()


def test_a_later_answer_on_the_right_terms_ends_the_dispute(stored: Desk) -> None:
    stored.says("create", times=1, amount="1.00")
    with pytest.raises(UnexpectedAnswer):
        stored.create()
    assert (stored.create()).client_secret
    assert stored.row("disputed_at, secret_at IS NOT NULL") == (None, 1)


def test_a_disputed_session_can_be_cancelled_at_once(stored: Desk) -> None:
    stored.says("create", amount="1.00")
    with pytest.raises(UnexpectedAnswer) as caught:
        stored.create()
    assert (stored.gate().sessions.cancel(str(caught.value.id))).status == "cancelled"


@pytest.mark.parametrize("cancelled_before", [False, True])
def test_a_disputed_session_is_issued_anew_on_the_terms_that_were_asked(
    stored: Desk, cancelled_before: bool
) -> None:
    stored.says("create", times=1, amount="1.00")
    with pytest.raises(UnexpectedAnswer):
        stored.create()
    stored.fake.sessions["gs_test_0001"]["amount"] = "1.00"
    gate = stored.gate()
    if cancelled_before:
        gate.sessions.cancel("gs_test_0001")
    made = gate.journal.reissue(order="order-1")
    assert (str(made.amount), made.client_secret is not None) == ("100.00", True)
    assert made.id != "gs_test_0001"
    # Nobody ever had its secret: its end is waited for no longer.
    assert stored.fake.sessions["gs_test_0001"]["status"] == "cancelled"


def test_a_disputed_session_that_somebody_pays_all_the_same_is_not_replaced(
    stored: Desk,
) -> None:
    stored.says("create", times=1, amount="1.00")
    with pytest.raises(UnexpectedAnswer):
        stored.create()
    stored.fake.sessions["gs_test_0001"]["amount"] = "1.00"
    stored.fake.transactions.append(transaction(session_id="gs_test_0001"))
    with pytest.raises((AttemptOpen, AlreadyTerminal)):
        stored.gate().journal.reissue(order="order-1")
    assert len(stored.fake.sessions) == 1


@pytest.mark.parametrize(
    ("changed", "is_out"),
    [
        # Of the wallet that was asked only a hash is kept: who knows it has to say it.
        pytest.param({"wallet_address": EVM[:-1] + "2"}, False, id="another wallet"),
        pytest.param({"amount": "1.00"}, True, id="its secret is out"),
    ],
)
def test_what_cannot_be_issued_anew_is_left_as_it_is(
    stored: Desk, changed: dict[str, Any], is_out: bool
) -> None:
    if not is_out:
        stored.says("create", times=1, **changed)
        with pytest.raises(UnexpectedAnswer):
            stored.create()
    else:
        stored.create()
    stored.fake.sessions["gs_test_0001"].update(changed)
    with pytest.raises(UnexpectedAnswer) as caught:
        stored.gate().journal.reissue(order="order-1")
    assert caught.value.differs == tuple(changed)
    assert stored.fake.sessions["gs_test_0001"]["status"] == "open"


def test_a_wallet_is_kept_as_hashes_under_a_secret_of_the_store(stored: Desk) -> None:
    stored.create()
    (asked,) = stored.row("asked")
    kept = json.loads(asked)
    assert kept.pop("tag"), "what is kept is bound to its row"
    assert {n: v for n, v in kept.items() if n != "wallet"} == {
        "amount": "100.00",
        "currency": "EUR",
        "flow": "on_ramp",
        "target_token": "USDC",
        "target_network": "base",
    }
    assert EVM.lower() not in asked.lower()
    stored.create(order="order-1")
    with sqlite3.connect(stored.file) as connection:
        assert len(connection.execute("SELECT value FROM zerogate_secrets").fetchall()) == 1
    connection.close()


# --- how it stands ---


@pytest.mark.parametrize("status", ["completed", "expired", "cancelled", "paused"])
def test_without_a_store_what_is_not_open_is_handed_back_without_its_secret(
    tmp_path: Path, status: str
) -> None:
    desk = Desk(tmp_path, False)
    desk.says("create", status=status)
    made = desk.create()
    assert (str(made.status), made.client_secret or None) == (status, None)


@pytest.mark.parametrize("status", ["completed", "expired", "cancelled"])
def test_a_first_send_answered_by_what_is_over_means_that_the_store_has_forgotten(
    stored: Desk, status: str
) -> None:
    stored.says("create", status=status)
    with pytest.raises(UnexpectedAnswer, match=r"has forgotten.*namespace=") as caught:
        stored.create()
    assert caught.value.id == "gs_test_0001"
    assert "canary" not in shown(caught.value)
    assert stored.row("state, object_id") == ("known", "gs_test_0001")


@pytest.mark.parametrize("status", [None, 7, {"is": "open"}], ids=repr)
def test_a_status_that_cannot_be_read_says_nothing_of_when_a_session_was_made(
    stored: Desk, status: Any
) -> None:
    gate = stored.gate()
    stored.says("create", times=1, status=status)
    with pytest.raises(UnexpectedAnswer, match="'status' does not fit") as caught:
        stored.create(gate)
    assert caught.value.id == "gs_test_0001"
    assert "canary" not in shown(caught.value)
    assert gate.journal.store_loss() is None
    assert (stored.create(gate)).client_secret
    assert (stored.create(gate, order="order-2")).client_secret


def test_what_was_lost_and_is_over_by_now_is_handed_back_as_it_reads(
    stored: Desk,
) -> None:
    stored.fake.tamper = lambda asked, told: ConnectionResetError() if asked == "create" else told
    with pytest.raises(OutcomeUnknown):
        stored.create()
    stored.fake.sessions["gs_test_0001"]["status"] = "completed"
    stored.fake.tamper = lambda asked, told: told
    made = stored.create()
    assert (str(made.status), made.client_secret or None) == ("completed", None)


# --- whether it is there at all ---


ABSENT = [
    pytest.param({"metadata": {}}, "marks", id="a list that gives no marks back"),
    pytest.param({"metadata": marked(zerogate_key="zg1_")}, "marks", id="keys cut short"),
    pytest.param({"metadata": lambda told: {"orderId": "o"}}, "marks", id="names of its own"),
]


def _in_doubt(desk: Desk) -> None:
    """An order in doubt that Gate has never seen, among others that it has."""
    desk.create(order="order-0")
    desk.fake.tamper = lambda asked, told: ConnectionResetError() if asked == "create" else told
    with pytest.raises(OutcomeUnknown):
        desk.create()
    desk.fake.forget_newest()
    desk.fake.tamper = lambda asked, told: told
    desk.clock.advance(1_500)


@pytest.mark.parametrize(("changed", "why"), ABSENT)
def test_absence_is_doubt_where_the_list_is_not_known_to_give_marks_back(
    stored: Desk, changed: dict[str, Any], why: str
) -> None:
    _in_doubt(stored)
    stored.says("list", **changed)
    with pytest.raises(OutcomeUnknown, match=why):
        stored.create()
    assert stored.row("state, object_id") == ("sent", None)
    assert len(stored.fake.sessions) == 1


def test_absence_is_doubt_where_a_row_cannot_be_read_even_by_its_id(stored: Desk) -> None:
    _in_doubt(stored)
    stored.fake.add({**_asked(), "metadata": {"order_id": "theirs"}})
    stored.says("list", metadata=lambda told: None)
    everywhere = stored.fake.tamper
    stored.fake.tamper = lambda asked, told: (
        told | {"metadata": None} if asked == "read" else everywhere(asked, told)
    )
    with pytest.raises(OutcomeUnknown, match="2 rows of the list could not be read"):
        stored.create()
    assert len(stored.fake.sessions) == 2


def test_rows_whose_metadata_the_list_does_not_show_are_read_by_their_ids(
    stored: Desk,
) -> None:
    _in_doubt(stored)
    stored.says("list", metadata=None)
    assert (stored.create()).id == "gs_test_0003"


def test_a_row_that_fits_no_model_is_no_obstacle(stored: Desk) -> None:
    _in_doubt(stored)
    stored.says("list", amount="1e-7", created_at="yesterday", status=None, expires_at=None)
    assert (stored.create()).id == "gs_test_0003"


def test_absence_is_proven_on_a_list_that_gives_marks_back(stored: Desk) -> None:
    _in_doubt(stored)
    made = stored.create()
    assert (made.id, made.client_secret) == ("gs_test_0003", "gsec_gs_test_0003_canary")


def test_what_was_sent_a_moment_ago_is_not_proven_absent(stored: Desk) -> None:
    stored.create(order="order-0")
    stored.fake.tamper = lambda asked, told: ConnectionResetError() if asked == "create" else told
    for _ in range(2):
        with pytest.raises(OutcomeUnknown):
            stored.create()
        stored.fake.forget_newest()
        stored.clock.advance(500)
    with pytest.raises(OutcomeUnknown, match="may still be on its way"):
        stored.create()


def test_an_account_whose_list_was_never_seen_holds_its_first_order_in_doubt(
    stored: Desk,
) -> None:
    stored.fake.tamper = lambda asked, told: ConnectionResetError() if asked == "create" else told
    with pytest.raises(OutcomeUnknown):
        stored.create()
    stored.fake.forget_newest()
    stored.clock.advance(1_500)
    stored.fake.tamper = lambda asked, told: told
    with pytest.raises(OutcomeUnknown, match="never been seen"):
        stored.create()
    stored.create(order="order-0")
    assert (stored.create()).client_secret


def test_a_list_that_is_oldest_first_is_read_to_its_end(stored: Desk) -> None:
    _in_doubt(stored)
    for year in (2020, 2021, 2022):
        made = stored.fake.add({**_asked(), "metadata": {"order_id": f"old-{year}"}})
        made["created_at"] = f"{year}-01-01T00:00:00Z"
    ours = stored.fake.add({**_asked()})
    ours["metadata"] = stored.fake.sessions["gs_test_0001"]["metadata"] | {
        "order_id": "order-1",
        "zerogate_key": idempotency_key(
            namespace="", operation="createSession", order="order-1", attempt=1
        ),
    }

    def oldest_first(asked: str, told: Answer) -> Any:
        return told | {"data": told["data"][::-1]} if asked == "list" else told

    stored.fake.tamper = oldest_first
    assert (stored.create()).id == ours["id"]


# --- on real sockets: the connection that gave another's answer is not used again ---


def test_the_connection_that_gave_anothers_answer_is_closed() -> None:
    connections: list[Peer] = []

    def act(peer: Peer) -> None:
        connections.append(peer)
        while (seen := peer.request()) is not None:
            metadata = json.loads(seen.body)["metadata"]
            if len(connections) == 1 and len(peer.server.seen) == 2:
                metadata = metadata | {"zerogate_key": "zg1_other"}
            peer.send(wire(created(metadata=metadata), "201 Created"))

    with Scripted(act) as server:
        with Gate(SECRET, base_url=base_url(server), retries=QUICK) as gate:
            for order in ("order-1", "order-2"):
                made = gate.sessions.create(
                    amount=Money("100.00", "EUR"),
                    return_url="https://shop.example/done",
                    order=order,
                )
                assert made.client_secret
    assert (len(server.seen), len(connections)) == (3, 2)


# --- rails, quotes and customers ---


QUOTE: dict[str, Any] = {
    "object": "signed_quote",
    "id": "q-1",
    "status": "active",
    "side": "on_ramp",
    "currency": "EUR",
    "asset": "USDC",
    "payment_method": "bank_transfer",
    "fiat_amount": "100.00",
    "crypto_amount": "99",
    "exchange_rate": "1",
    "fees": "0.50",
    "signature": "s",
    "expires_at": "2099-01-01T00:00:00Z",
    "created_at": "2026-01-01T00:00:00Z",
}
RAIL: dict[str, Any] = {
    "object": "rail_pay_in",
    "id": "pi-9",
    "kind": "pay_in",
    "status": "pending",
    "gate_session_id": "gs_test_0001",
    "quote_id": "q-2",
    "method": "bank_transfer",
    "amount": "100.50",
    "currency": "EUR",
    "reference": "order-1",
    "created_at": "2026-01-01T00:00:00Z",
}
REDEEM: dict[str, Any] = {
    "quote_id": "q-1",
    "gate_session_id": "gs_test_0001",
    "expect": Money("100.00", "EUR"),
    "order": "order-1",
}
WAYS = {"pay_ins": "on_ramp", "pay_outs": "off_ramp"}


def test_a_rail_of_another_quote_is_not_ours(tmp_path: Path) -> None:
    store = Store(f"sqlite:///{tmp_path / 'gate.db'}")
    for kept in (None, store):
        script = Script(
            answer(200, QUOTE),
            answer(200, session(metadata={})),
            *([answer(200, page())] if kept else []),
            *[answer(201, RAIL)] * (1 if kept else 4),
            answer(200, QUOTE),
            answer(201, RAIL | {"id": "pi-1", "quote_id": "q-1"}),
        )
        gate = Gate(SECRET, transport=script, clock=VirtualClock(), store=kept)
        if kept is None:
            with pytest.raises(OutcomeUnknown, match=r"pi-9 \(its quote_id is 'q-2'\)"):
                gate.pay_ins.create(**REDEEM)
        else:
            # Its quote was read, and the same key sent again: one write, however often.
            assert (gate.pay_ins.create(**REDEEM)).id == "pi-1"
    store.close()


@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize("stored", [False, True], ids=["no store", "store"])
def test_a_rail_that_names_neither_quote_nor_session_is_not_taken_for_ours(
    tmp_path: Path, way: str, stored: bool
) -> None:
    silent = RAIL | {"quote_id": None, "gate_session_id": None}

    def reply(request: Request) -> Reply:
        path = request.target.partition("?")[0].partition("/v1/")[2]
        told = {
            "quotes/q-1": QUOTE | {"side": WAYS[way]},
            "gate_sessions/gs_test_0001": session(metadata={}),
            "gate_sessions": page(),
        }
        return answer(201 if request.method == "POST" else 200, told.get(path, silent))

    script, store = Script(*[reply] * 60), Store(f"sqlite:///{tmp_path / 'gate.db'}")
    kept = store if stored else None
    gate = Gate(SECRET, transport=script, clock=VirtualClock(), store=kept)
    with pytest.raises(OutcomeUnknown, match=r"pi-9 \(it names neither") as caught:
        getattr(gate, way).create(**REDEEM)
    if stored:
        # Nobody can prove it; a person may know.
        assert (gate.resolve(caught.value, id="pi-9")).id == "pi-9"
    store.close()


@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize("stored", [False, True], ids=["no store", "store"])
def test_a_rail_whose_answer_is_silent_is_ours_where_a_read_says_so(
    tmp_path: Path, way: str, stored: bool
) -> None:
    silent = RAIL | {"quote_id": None, "gate_session_id": None}
    store = Store(f"sqlite:///{tmp_path / 'gate.db'}")
    script = Script(
        answer(200, QUOTE | {"side": WAYS[way]}),
        answer(200, session(metadata={})),
        *([answer(200, page())] if stored else []),
        answer(201, silent),
        answer(200, RAIL | {"quote_id": "q-1"}),
    )
    kept = store if stored else None
    gate = Gate(SECRET, transport=script, clock=VirtualClock(), store=kept)
    assert (getattr(gate, way).create(**REDEEM)).id == "pi-9"
    store.close()


@pytest.mark.parametrize("by", ["create", "intend"])
def test_the_network_of_a_quote_has_the_names_that_the_shop_gave_it(
    tmp_path: Path, by: str
) -> None:
    script = Script(
        answer(200, QUOTE | {"network": "base-mainnet"}),
        answer(200, session(metadata={})),
        answer(200, page()),
        answer(201, RAIL | {"quote_id": "q-1"}),
    )
    store = Store(f"sqlite:///{tmp_path / 'gate.db'}", aliases={"base": "base-mainnet"})
    store.migrate()
    gate = Gate(SECRET, transport=script, clock=VirtualClock(), store=store)
    if by == "create":
        made: Any = gate.pay_ins.create(network="base", **REDEEM)
    else:
        script.steps.insert(0, script.steps[2])
        with sqlite3.connect(tmp_path / "gate.db") as connection:
            intent = gate.pay_ins.intend(connection, network="base", **REDEEM)
        connection.close()
        made = gate.journal.send(intent)
    assert made.id == "pi-9"
    store.close()


def test_a_quote_on_other_terms_is_not_handed_out() -> None:
    quote = QUOTE | {"side": "off_ramp", "payment_method": "card"}
    script = Script(answer(201, quote), answer(201, quote))
    gate = Gate(SECRET, transport=script, clock=VirtualClock())
    asked: dict[str, Any] = {"amount": Money("100", "EUR"), "asset": "usdc"}
    made = gate.quotes.lock(**asked, side="off_ramp", payment_method="card")
    assert made.id == "q-1"
    with pytest.raises(UnexpectedAnswer) as caught:
        gate.quotes.lock(**asked, side="on_ramp", payment_method="card")
    assert caught.value.differs == ("side",)


def test_a_customer_of_another_external_id_is_not_ours(
    caplog: pytest.LogCaptureFixture,
) -> None:
    person = {
        "id": "cus_9",
        "object": "customer",
        "partner_id": "p",
        "mode": "test",
        "email": "ada@shop.example",
        "external_id": "c-2",
        "phone": None,
        "first_name": "Grace",
        "last_name": None,
        "country_code": None,
        "kyc_status": "unverified",
        "metadata": {},
    }
    ours = person | {"id": "cus_1", "external_id": "c-1", "email": "ADA@shop.example"}
    script = Script(answer(201, person), answer(201, ours))
    gate = Gate(SECRET, transport=script, clock=VirtualClock())
    made = gate.customers.create(email="ada@shop.example", external_id="c-1", first_name="Ada")
    assert made.id == "cus_1"
    assert "cus_9 (it is of another person)" in caplog.text
    assert "first_name is not what was asked" in caplog.text
    assert "ada@" not in caplog.text.lower()


@pytest.mark.parametrize("read", ["ours", "silent", "another's"])
def test_a_customer_whose_answer_is_silent_is_ours_where_a_read_says_so(read: str) -> None:
    silent = {
        "id": "cus_1",
        "object": "customer",
        "partner_id": "p_1",
        "mode": "test",
        "email": None,
        "external_id": None,
        "phone": None,
        "first_name": None,
        "last_name": None,
        "country_code": None,
        "kyc_status": "unverified",
        "metadata": {},
    }
    told = {
        "ours": silent | {"email": "ADA@shop.example"},
        "silent": silent,
        "another's": silent | {"external_id": "c-2"},
    }[read]

    def reply(request: Request) -> Reply:
        return answer(201, silent) if request.method == "POST" else answer(200, told)

    gate = Gate(SECRET, transport=Script(*[reply] * 20), clock=VirtualClock())
    asked: dict[str, Any] = {"email": "ada@shop.example", "external_id": "c-1"}
    if read == "ours":
        assert (gate.customers.create(**asked)).id == "cus_1"
    else:
        with pytest.raises(OutcomeUnknown, match="cus_1"):
            gate.customers.create(**asked)
