"""Ledgers as they happen: seeded stories of payments on both sides, most of them with something wrong."""

from __future__ import annotations

import json
from random import Random
from typing import Any

Row = dict[str, Any]

NOW = 1_772_000_000
DAY = 86_400
AMOUNTS = [
    *("100.00", "0.10", "19.99", "250", "3000", "1.5"),
    *("0.000000000000000001", "12345678901234567890.5"),
]
ILLEGIBLE = [
    *("1.234,56", "1e5", "NaN", "", " 1.00", "1.00\n", "01.00", "+1.00", "1.", ".5", "1_000"),
    *("٣.00", "１００", "0.1234567890123456789", "123456789012345678901.00", "Infinity", None),
]
LEDGER_SAYS = {"paid": "success", "open": "in_flight", "void": "failure"}
GATE_SAYS = {"completed": "success", "CREATED": "in_flight", "FAILED": "failure"}


class Story:
    """One small ledger with Gate's side of it; ids begin with the story's name, so stories add up."""

    def __init__(self, name: str, chance: Random) -> None:
        self.name, self.chance = name, chance
        self.ledger: list[Row] = []
        self.transactions: list[Row] = []
        self.sessions: list[Row] = []
        self._count = 0
        for _ in range(chance.randint(1, 5)):
            self._order()

    def id(self, kind: str) -> str:
        self._count += 1
        return f"{self.name}_{kind}{self.chance.randrange(1000):03d}_{self._count}"

    def _order(self) -> None:
        chance = self.chance
        order, age = (
            self.id("o"),
            chance.choice([60, 2_000, 5_000, 50_000, 100_000, 4 * DAY, 40 * DAY]),
        )
        at = NOW - age
        action = chance.choices(["BUY", "SELL", "SWAP", "LEND"], [6, 2, 2, 0.2])[0]
        amount = chance.choice(AMOUNTS)
        state = chance.choices(["paid", "open", "void"], [7, 2, 1])[0]
        session = {
            "id": self.id("gs"),
            "order_id": order,
            "mode": "test",
            "status": {"paid": "completed", "open": "open", "void": "cancelled"}[state],
            "flow": {"BUY": "on_ramp", "SELL": "off_ramp", "SWAP": "swap"}.get(action),
            "amount": amount,
            "currency": "EUR",
            "target_token": "USDC",
            "target_network": "base",
            "expires_at": at + DAY,
            "created_at": at,
        }
        status = {"paid": "completed", "open": "CREATED", "void": "FAILED"}[state]
        transaction = {
            "refid": self.id("tx"),
            "session_id": session["id"],
            "rail_id": self.id("rail") if chance.random() < 0.3 else None,
            "action": action,
            "status": status,
            "token": "USDC",
            "network": chance.choice(["base", "BASE"]),
            "currency": "EUR",
            "fiat_amount": "0.00" if action == "SWAP" else amount,
            "token_amount": "99.5",
            "total_pay_or_receive": amount,
            "exchange_rate": "1.0875",
            "total_fees": chance.choice(["0", "0.00", None]),
            "past_statuses": json.dumps(["CREATED", status], separators=(",", ":")),
            "created_at": at + 30,
        }
        row = {
            "order_id": order,
            "refid": transaction["refid"],
            "session_id": session["id"],
            "rail_id": transaction["rail_id"],
            "mode": chance.choice(["test", "TEST"]),
            "action": chance.choice([action, action.lower(), ""]),
            "currency": "USDC" if action == "SWAP" else chance.choice(["EUR", "eur"]),
            "amount": "99.5" if action == "SWAP" else amount,
            "token": chance.choice(["USDC", "usdc", ""]),
            "network": chance.choice(["base", "BASE", ""]),
            "token_amount": chance.choice(["99.5", "99.50", None]),
            "fee": chance.choice(["0.0", None]),
            "rate": chance.choice(["1.0875", None, ""]),
            "status": state,
            "created_at": at,
            "trouble": None,
        }
        for name in ("refid", "session_id", "rail_id"):
            if chance.random() < 0.3:
                row[name] = chance.choice([None, ""])
        rows, transactions, sessions = [row], [transaction], [session]
        for _ in range(chance.choice([0, 1, 1, 2])):
            chance.choice(_INJURIES)(self, rows, transactions, sessions)
        self.ledger += rows
        self.transactions += transactions
        self.sessions += sessions


def _value(rows: list[Row], chance: Random, choices: dict[str, list[Any]]) -> None:
    if rows:
        name = chance.choice(sorted(choices))
        chance.choice(rows)[name] = chance.choice(choices[name])


def _lose(s: Story, rows: list[Row], txs: list[Row], sessions: list[Row]) -> None:
    s.chance.choice([rows, txs, sessions]).clear()


def _lose_gate(s: Story, rows: list[Row], txs: list[Row], sessions: list[Row]) -> None:
    txs.clear()
    if s.chance.random() < 0.5:
        sessions.clear()


def _twice(s: Story, rows: list[Row], txs: list[Row], sessions: list[Row]) -> None:
    if rows:
        rows += [
            dict(rows[0], amount=s.chance.choice([rows[0]["amount"], "7"]))
            for _ in range(s.chance.randint(1, 2))
        ]


def _again(s: Story, rows: list[Row], txs: list[Row], sessions: list[Row]) -> None:
    if txs:
        status = s.chance.choice(["completed", "FAILED", "CREATED"])
        txs.append(
            dict(
                txs[0],
                refid=s.id("tx"),
                status=status,
                created_at=s.chance.randint(NOW - 90_000, NOW),
            )
        )


def _same_refid(s: Story, rows: list[Row], txs: list[Row], sessions: list[Row]) -> None:
    if txs:
        txs.append(dict(txs[0], fiat_amount="8.88"))


def _second_session(s: Story, rows: list[Row], txs: list[Row], sessions: list[Row]) -> None:
    if txs and sessions:
        session = dict(sessions[0], id=s.id("gs"))
        sessions.append(session)
        txs.append(dict(txs[0], refid=s.id("tx"), session_id=session["id"]))


def _ledger_value(s: Story, rows: list[Row], txs: list[Row], sessions: list[Row]) -> None:
    choices: dict[str, list[Any]] = {
        "amount": [*ILLEGIBLE, "101", "-5.00"],
        "currency": ["GBP", "USDC", "", None, "EUR"],
        "mode": ["live", None],
        "action": ["SELL", "on_ramp", None],
        "token": ["ETH", None],
        "network": ["tron", None],
        "token_amount": ["1", "x"],
        "fee": ["0.01", "free"],
        "rate": ["1", "1,1"],
        "status": ["paid", "open", "void", "??", None],
        "created_at": [None, NOW + 500],
        "trouble": ["created_at: 31/31/2026"],
        "order_id": [s.id("o"), None],
        "session_id": [s.id("gs")],
        "refid": [s.id("tx")],
    }
    _value(rows, s.chance, choices)


def _gate_value(s: Story, rows: list[Row], txs: list[Row], sessions: list[Row]) -> None:
    choices: dict[str, list[Any]] = {
        "fiat_amount": [*ILLEGIBLE, "100.01"],
        "token_amount": ["1e5", "98", None],
        "total_pay_or_receive": ["101.00", "x"],
        "total_fees": ["1.00", "1.0.0", ""],
        "currency": ["GBP", None],
        "token": ["ETH", "EUR"],
        "network": ["tron"],
        "exchange_rate": ["1", None],
        "status": ["COMPLETED", "FAILED", "CREATED", "completed", "reversed"],
        "past_statuses": ['["CREATED","completed"]', '["x\\"completed\\"y"]', None],
        "created_at": [None, NOW - 9 * DAY],
        "action": ["BUY", "SELL", "SWAP"],
        "session_id": [None, s.id("gs")],
    }
    _value(txs, s.chance, choices)


def _session_value(s: Story, rows: list[Row], txs: list[Row], sessions: list[Row]) -> None:
    choices: dict[str, list[Any]] = {
        "status": ["open", "expired", "cancelled", "completed", "paused"],
        "mode": ["live"],
        "order_id": [None, s.id("o")],
        "expires_at": [None, NOW - 1, NOW],
        "flow": [None, "swap"],
        "amount": ["1.00"],
    }
    _value(sessions, s.chance, choices)


_INJURIES = (
    _lose,
    _lose_gate,
    _twice,
    _again,
    _same_refid,
    _second_session,
    *[_ledger_value] * 4,
    *[_gate_value] * 4,
    *[_session_value] * 2,
)
