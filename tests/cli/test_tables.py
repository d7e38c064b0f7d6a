"""Tables at every width: what is left out, what is never cut, and when there is colour."""

from __future__ import annotations

import os
import pty
import re
import subprocess
import sys
import termios
from collections.abc import Callable

import attrs
import pytest
from zerogate_cli import tables
from zerogate_cli.client import Columns, short_time, table_of
from zerogate_cli.commands import deliveries, sessions, transactions
from zerogate_cli.tables import Table, cells, drawn, fit

TABLE = Table(
    columns=("outcome", "orders", "why"),
    rows=(("settled", "2", "the amount is what was asked"), ("failed", "10", "")),
    numbers=("orders",),
    prose=("why",),
    colours={"settled": "green"},
)
ROW = {
    "id": "6b0aa15e1e8db3bb0be197e2",
    "refid": "0g_txn_242f3b3a9dcfd82e",
    "status": "completed",
    "action": "BUY",
    "amount": "1234567.89",
    "currency": "EUR",
    "fiat_amount": "1234567.89",
    "token_amount": "0.000000000000000001",
    "token": "WETH",
    "session_id": "6b0aa15e1e8db3bb0be197e3",
    "metadata": {"order_id": "order-20261128-000001"},
    "created_at": "2026-11-28T09:39:38.123456Z",
    "event_type": "gate_session.completed",
    "attempts": 3,
    "last_response_status": 503,
    "last_error": "the receiver answered with a page that says that it is down for maintenance",
    "next_attempt_at": "2026-11-28T10:39:38Z",
}
WIDTHS = (20, 30, 50, 80, 120, None)
#: Fields whose text has to be whole wherever it is shown, and the first of which always is.
WHOLE = ("id", "refid", "amount", "fiat_amount", "token_amount", "session_id")


def test_in_a_pipe_a_table_is_whole_and_plain(capsys: pytest.CaptureFixture[str]) -> None:
    tables.show(TABLE)
    assert capsys.readouterr().out.splitlines() == [
        "  outcome  orders  why",
        "  ───────  ──────  ────────────────────────────",
        "  settled       2  the amount is what was asked",
        "  failed       10",
    ]


@pytest.mark.parametrize("width", WIDTHS)
@pytest.mark.parametrize(
    "columns", [sessions.COLUMNS, transactions.COLUMNS, deliveries.COLUMNS], ids=lambda c: c.what
)
def test_an_id_and_an_amount_are_whole_at_every_width(columns: Columns, width: int | None) -> None:
    table, left_out = fit(table_of([ROW], columns), width)
    lines = list(drawn(table, width))
    shown = "\n".join(lines)
    assert ROW[next(iter(columns.fields.values()))] in shown
    for head, paths in columns.fields.items():
        for path in paths.split():
            if path in WHOLE:
                assert (str(ROW[path]) in shown) == (head not in left_out)
    if width is not None and width >= 50:
        assert max(map(cells, lines)) <= width
    if width is None:
        assert not left_out


def test_columns_come_back_with_the_width() -> None:
    shown = [
        len(fit(table_of([ROW], transactions.COLUMNS), width)[0].columns) for width in (50, 80, 120)
    ]
    assert shown == sorted(shown)
    assert shown[0] < shown[-1]


def test_prose_is_broken_between_words_and_nothing_else_is() -> None:
    long = attrs.evolve(
        TABLE, rows=(("settled", "2", "word " * 20 + "https://shop.example/" + "x" * 60),)
    )
    lines = list(drawn(long, 60))
    assert len(lines) > 3
    assert "https://shop.example/" + "x" * 60 in "\n".join(lines)


def test_prose_is_broken_in_a_block_of_lines_too() -> None:
    facts = "operation createSession, attempt 1, first_sent_at 2026-11-28 20:19Z"
    table = Table(
        ("id", "facts"), (("6b0b37235f3e945d4f91ff5a6b0b37235f3e", facts),), prose=("facts",)
    )
    lines = list(drawn(table, 40))
    assert lines == [
        "  id     6b0b37235f3e945d4f91ff5a6b0b37235f3e",
        "  facts  operation createSession,",
        "         attempt 1, first_sent_at",
        "         2026-11-28 20:19Z",
    ]


def test_wide_characters_take_two_cells() -> None:
    table = Table(("order", "status"), (("注文-1", "open"), ("order-1", "open")))
    first, second = list(drawn(table, 80))[2:]
    assert first.index("open") + 2 == second.index("open")
    assert cells("é") == 1
    assert cells("e\u0301") == 1


@pytest.mark.parametrize(
    ("told", "short"),
    [
        ("2026-11-28T09:39:38.123456Z", "2026-11-28 09:39Z"),
        ("2026-11-28T09:39:38+02:00", "2026-11-28 07:39Z"),
        ("2026-11-28T09:39:38", "2026-11-28T09:39:38"),
        ("soon", "soon"),
        ("0001-01-01T00:00:00+14:00", "0001-01-01T00:00:00+14:00"),
        ("", ""),
    ],
)
def test_times_are_short_and_in_utc(told: str, short: str) -> None:
    assert short_time(told) == short


# --- in a terminal -------------------------------------------------------------------------------

SCRIPT = """
from zerogate_cli.client import table_of
from zerogate_cli.commands import transactions
from zerogate_cli.tables import show
show(table_of([{row!r}], transactions.COLUMNS))
"""
Terminal = Callable[..., str]


@pytest.fixture
def terminal() -> Terminal:
    """Runs the table in a real terminal of so many columns; returns what was written there."""

    def run(columns: int, **environ: str) -> str:
        ours, theirs = pty.openpty()
        termios.tcsetwinsize(theirs, (24, columns))
        known = {
            name: value for name, value in os.environ.items() if name not in ("COLUMNS", "NO_COLOR")
        }
        process = subprocess.Popen(
            [sys.executable, "-c", SCRIPT.format(row=ROW)],
            stdout=theirs,
            stderr=theirs,
            env={**known, "TERM": "xterm", **environ},
        )
        os.close(theirs)
        said = b""
        while piece := _read(ours):
            said += piece
        os.close(ours)
        assert process.wait() == 0, said
        return said.decode().replace("\r\n", "\n")

    return run


def _read(handle: int) -> bytes:
    try:
        return os.read(handle, 65_536)
    except OSError:
        return b""  # Linux says EIO where the other end is closed


@pytest.mark.parametrize("columns", [50, 80, 120])
def test_a_terminal_shows_what_fits_and_says_what_does_not(
    terminal: Terminal, columns: int
) -> None:
    said = terminal(columns)
    bare = re.sub(r"\x1b\[[0-9;]*m", "", said)
    assert ROW["refid"] in bare
    assert "1234567.89 EUR" in bare
    assert max(map(len, bare.splitlines()[:3])) <= columns
    assert ("not shown at" in bare) == ("created" not in bare.splitlines()[0])


def test_statuses_have_colour_unless_nobody_wants_any(terminal: Terminal) -> None:
    assert "\x1b[32mcompleted\x1b[0m" in terminal(120)
    assert "\x1b" not in terminal(120, NO_COLOR="1")
    assert "\x1b" not in terminal(120, TERM="dumb")
