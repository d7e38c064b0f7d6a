"""The slow, obvious answer: one ledger at a time, in plain Python, without a line of the product's."""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Iterator, Sequence
from decimal import Decimal
from typing import Any

import attrs

Row = dict[str, Any]

SEVERITY = list(
    filter(
        None,
        re.split(
            r"\s+",
            """
            unreadable duplicate_local duplicate_remote paid_twice missing_remote missing_local
            over_refunded mode
            status_regressed status_conflict not_settled late_money currency asset action amount
            unknown_status fee_identity fee rate date status_behind broken_link late stale_in_flight
            open_past_expiry not_yet_due
            """,
        ),
    )
)

TEXTS = ["refid", "session_id", "status", "fiat_amount", "token_amount", "total_fees"]


@attrs.frozen
class Rules:
    """The same settings as the product's, in the test's own words."""

    now: int
    ledger_until: int
    gate_until: int
    ways: tuple[str, ...]
    ledger_says: dict[str, str]
    gate_says: dict[str, str]
    due: int = 3600
    missing: int = 86400
    stale: int = 3 * 86400
    mode: str | None = None
    total: bool = False
    dates: int | None = None


@attrs.frozen
class Found:
    """One row of the answer."""

    classes: frozenset[str]
    ledger: Row | None
    gate: Row | None


def number(text: str | None) -> Decimal | None:
    if text is None or not re.fullmatch(r"-?(0|[1-9][0-9]{0,19})(\.[0-9]{1,18})?", text, re.A):
        return None
    return Decimal(text)


def digest(text: str | None) -> str:
    return hashlib.md5((text or "").encode(), usedforsecurity=False).hexdigest()


def records(transactions: Sequence[Row], sessions: Sequence[Row] | None, rules: Rules) -> list[Row]:
    by_id = {s["id"]: s for s in sessions or ()}
    out = []
    for t in transactions:
        session = by_id.get(t["session_id"])
        out.append(
            {
                **t,
                "record": "transaction",
                "order_id": session and session["order_id"],
                "mode": session and session["mode"],
                "session_status": session and session["status"],
                "expires_at": session and session["expires_at"],
                "linked": sessions is None or session is not None or t["session_id"] is None,
                "says": rules.gate_says.get(t["status"], "unknown"),
            }
        )
    used = {t["session_id"] for t in transactions}
    for s in sessions or ():
        if s["id"] in used:
            continue
        says = {
            "open": "in_flight",
            "completed": "in_flight",
            "expired": "failure",
            "cancelled": "failure",
        }
        flow = {"on_ramp": "BUY", "off_ramp": "SELL", "swap": "SWAP"}
        out.append(
            {
                **dict.fromkeys(transactions[0] if transactions else ()),
                "record": "session",
                "refid": None,
                "rail_id": None,
                "session_id": s["id"],
                "order_id": s["order_id"],
                "mode": s["mode"],
                "status": s["status"],
                "session_status": s["status"],
                "expires_at": s["expires_at"],
                "created_at": s["created_at"],
                "action": flow.get(s["flow"] or ""),
                "token": s["target_token"],
                "network": s["target_network"],
                "token_amount": None,
                "currency": s["currency"],
                "fiat_amount": s["amount"],
                "total_pay_or_receive": s["amount"],
                "total_fees": None,
                "exchange_rate": None,
                "past_statuses": None,
                "linked": s["status"] != "completed",
                "says": says.get(s["status"], "unknown"),
            }
        )
    return out


def reconcile(
    ledger: Sequence[Row],
    transactions: Sequence[Row],
    sessions: Sequence[Row] | None,
    rules: Rules,
) -> list[Found]:
    gate = records(transactions, sessions, rules)
    mark_paid_twice(gate)
    left: dict[Any, list[Row]] = {}
    nameless_left, nameless_right = [], []
    for row in ledger:
        key = next(((way, row[way]) for way in rules.ways if row.get(way)), None)
        if key is None:
            nameless_left.append(row)
        else:
            left.setdefault(key, []).append(row)
    right: dict[Any, list[Row]] = {}
    for record in gate:
        names = [(way, record[way]) for way in rules.ways if record[way] is not None]
        key = next((name for name in names if name in left), None)
        if key is None and len(rules.ways) == 1 and names:
            key = names[0]
        if key is None:
            nameless_right.append(record)
        else:
            right.setdefault(key, []).append(record)
    found = [
        Found(frozenset({"unreadable"} | own_ledger(row, rules)), row, None)
        for row in nameless_left
    ]
    found += [
        Found(classes_of(None, record, rules, 0, 1, 1, "", False), None, record)
        for record in nameless_right
    ]
    for key in [*left, *(key for key in right if key not in left)]:
        found += pair(key, left.get(key, []), right.get(key, []), rules)
    return found


def mark_paid_twice(gate: list[Row]) -> None:
    for record in gate:
        payer = record["order_id"], record["session_id"] if record["order_id"] is None else None
        same = [
            other
            for other in gate
            if other["says"] == "success"
            and (other["order_id"], other["session_id"] if other["order_id"] is None else None)
            == payer
        ]
        known = payer != (None, None)
        record["twice"] = known and record["says"] == "success" and len(same) > 1


def pair(key: Any, ledger: list[Row], gate: list[Row], rules: Rules) -> Iterator[Found]:
    ledger = sorted(ledger, key=lambda row: row["line"])
    rank = ["success", "in_flight", "unknown", "failure"]
    gate = sorted(
        gate,
        key=lambda r: (
            rank.index(r["says"]),
            -1 if r["created_at"] is None else r["created_at"],
            *(digest(r[name]) for name in TEXTS),
        ),
    )
    for place in range(max(len(ledger), len(gate))):
        row = ledger[place] if place < len(ledger) else None
        record = gate[place] if place < len(gate) else None
        claimed = bool(ledger) and len(gate) > 1
        classes = classes_of(row, record, rules, place, len(ledger), len(gate), key[0], claimed)
        yield Found(classes, row, record)


def own_ledger(row: Row, rules: Rules) -> set[str]:
    classes = set()
    if number(row["amount"]) is None or not row["currency"]:
        classes.add("unreadable")
    if any(row.get(n) and number(row[n]) is None for n in ("fee", "rate", "token_amount")):
        classes.add("unreadable")
    if row.get("trouble") is not None:
        classes.add("unreadable")
    if "status" in row and rules.ledger_says.get(row["status"], "unknown") == "unknown":
        classes.add("unknown_status")
    return classes


def own_gate(record: Row, rules: Rules) -> set[str]:
    classes = set()
    transaction = record["record"] == "transaction"
    basis = record["total_pay_or_receive"] if rules.total else record["fiat_amount"]
    shown = record["token_amount"] if record["action"] == "SWAP" else basis
    fees = record["total_fees"]
    code = record["token"] if record["action"] == "SWAP" else record["currency"]
    if transaction and (not code or number(shown) is None or (fees and number(fees) is None)):
        classes.add("unreadable")
    fiat, fee = number(record["fiat_amount"]), number(fees)
    total = number(record["total_pay_or_receive"])
    # Figures of twenty digits before the point are compared, but never added up.
    figures = [n for n in (fiat, fee, total) if n is not None and abs(n) < Decimal(10) ** 19]
    if transaction and len(figures) == 3:
        amount, fee, total = figures
        if record["action"] == "BUY" and amount + fee != total:
            classes.add("fee_identity")
        if record["action"] == "SELL" and amount - fee != total:
            classes.add("fee_identity")
    past = json.loads(record["past_statuses"] or "[]")
    if record["says"] != "success" and any(rules.gate_says.get(p) == "success" for p in past):
        classes.add("status_regressed")
    if record["twice"]:
        classes.add("paid_twice")
    if record["says"] == "success" and record["session_status"] in ("expired", "cancelled"):
        classes.add("late_money")
    awaited = transaction and record["says"] in ("in_flight", "unknown")
    if overdue(record, rules) and not awaited:
        classes.add("open_past_expiry")
    created = record["created_at"]
    old = created is not None and created < rules.now - rules.stale
    if transaction and record["says"] == "in_flight" and old:
        classes.add("stale_in_flight")
    known = (None, "open", "completed", "expired", "cancelled")
    if record["says"] == "unknown" or record["session_status"] not in known:
        classes.add("unknown_status")
    if not record["linked"]:
        classes.add("broken_link")
    return classes


def overdue(record: Row, rules: Rules) -> bool:
    expires = record["expires_at"]
    return record["session_status"] == "open" and expires is not None and expires < rules.now


def classes_of(
    row: Row | None,
    record: Row | None,
    rules: Rules,
    place: int,
    rows: int,
    same: int,
    way: str,
    claimed: bool,
) -> frozenset[str]:
    if row is None:
        assert record is not None
        if record["record"] == "session" and record["status"] != "completed":
            return frozenset()
    classes: set[str] = set()
    if row is not None:
        classes |= own_ledger(row, rules)
        if rows > 1:
            classes.add("duplicate_local")
    if record is not None:
        classes |= own_gate(record, rules)
        if same > 1 and way in ("refid", "rail_id"):
            classes.add("duplicate_remote")
    if record is None:
        assert row is not None
        if place == 0:
            classes.add(wait(row["created_at"], rules.gate_until, rules, "missing_remote"))
    elif row is None:
        if not claimed and record["says"] != "failure":
            classes.add(wait(record["created_at"], rules.ledger_until, rules, "missing_local"))
    else:
        classes |= against(row, record, rules)
    return frozenset(classes)


def wait(created: int | None, until: int, rules: Rules, missing: str) -> str:
    if created is None or created <= until - rules.missing:
        return missing
    return "not_yet_due" if created > until - rules.due else "late"


def against(row: Row, record: Row, rules: Rules) -> set[str]:
    classes = set()
    code = row["currency"].upper() if row["currency"] is not None else None
    swap = record["action"] == "SWAP" and record["record"] == "transaction"
    token = swap or (
        code is not None
        and record["token"] is not None
        and record["currency"] is not None
        and code == record["token"]
        and code != record["currency"]
    )
    basis = record["total_pay_or_receive"] if rules.total else record["fiat_amount"]
    theirs, amount = (
        (record["token"], record["token_amount"]) if token else (record["currency"], basis)
    )
    mode = row["mode"].lower() if row.get("mode") is not None else None
    if "mode" not in row:
        mode = rules.mode
    actions = {"ON_RAMP": "BUY", "OFF_RAMP": "SELL", "SWAP": "SWAP"}
    action = row.get("action") or None
    if action is not None:
        action = actions.get(action.upper(), action.upper())

    def differ(one: Any, two: Any) -> bool:
        return one is not None and two is not None and one != two

    def up(text: str | None) -> str | None:
        return None if text is None else text.upper()

    if differ(mode, record["mode"]):
        classes.add("mode")
    if differ(code, theirs):
        classes.add("currency")
    row = {
        n: None if v == "" and n in ("action", "token", "network") else v for n, v in row.items()
    }
    if differ(up(row.get("token")), up(record["token"])):
        classes.add("asset")
    if differ(up(row.get("network")), up(record["network"])):
        classes.add("asset")
    if differ(action, record["action"]):
        classes.add("action")
    if differ(number(row["amount"]), number(amount)):
        classes.add("amount")
    if differ(number(row.get("token_amount")), number(record["token_amount"])):
        classes.add("amount")
    if differ(number(row.get("fee")), number(record["total_fees"])):
        classes.add("fee")
    if differ(number(row.get("rate")), number(record["exchange_rate"])):
        classes.add("rate")
    times = [at for at in (row.get("created_at"), record["created_at"]) if at is not None]
    dated = rules.dates is not None and record["record"] == "transaction"
    if dated and max(times, default=0) - min(times, default=0) > (rules.dates or 0):
        classes.add("date")
    for name in ("refid", "rail_id", "session_id", "order_id"):
        if row.get(name) and differ(row[name], record[name]):
            classes.add("broken_link")
    if "status" not in row and record["says"] != "success":
        classes.add("not_settled")
    if "status" in row and not (record["record"] == "session" and overdue(record, rules)):
        ours = rules.ledger_says.get(row["status"], "unknown")
        if "unknown" not in (ours, record["says"]) and ours != record["says"]:
            classes.add(disagreement(ours, record["says"]))
    return classes


def disagreement(ours: str, theirs: str) -> str:
    if theirs == "in_flight":
        return "status_regressed"
    return "status_behind" if ours == "in_flight" else "status_conflict"
