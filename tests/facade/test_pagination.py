"""Walks along lists that change while they are read, and that may be wrong."""

from __future__ import annotations

import random
from collections.abc import Callable, Sequence
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from zerogate._pagination import CursorPaginator, OffsetPaginator, Page
from zerogate._unreadable import UnreadableRow
from zerogate.errors import ReadFailed


def walk(starting_after: str | None = None) -> CursorPaginator[str]:
    return CursorPaginator(str, starting_after)


def rows(fetch: Callable[[Any], tuple[Sequence[str], bool]], along: Any) -> list[str]:
    """What a client does with a walk: ask, take, go on."""
    found: list[str] = []
    for _ in range(1000):
        where = along.cursor if isinstance(along, CursorPaginator) else along.skip
        page = along.take(*fetch(where))
        found += page.items if page else []
        if along.over:
            return found
    raise AssertionError("the walk does not end")


def after(data: list[str], cursor: str | None, limit: int) -> tuple[list[str], bool]:
    start = data.index(cursor) + 1 if cursor is not None else 0
    return data[start : start + limit], start + limit < len(data)


@given(st.integers(0, 40), st.integers(1, 7))
def test_every_row_is_read_once(count: int, limit: int) -> None:
    data = [f"gs_{i}" for i in range(count)]
    assert rows(lambda cursor: after(data, cursor, limit), walk()) == data
    by_offset: OffsetPaginator[str] = OffsetPaginator(str)
    assert rows(lambda s: (data[s : s + limit], s + limit < count), by_offset) == data


def test_a_page_says_where_to_go_on() -> None:
    along = walk()
    page = along.take(["a", "b"], True)
    assert page == Page(["a", "b"], next_cursor="b")
    assert not along.over
    assert rows(lambda cursor: after(["a", "b", "c"], cursor, 2), walk("b")) == ["c"]
    assert along.take(["c"], False) == Page(["c"])
    assert along.over


def test_an_offset_page_says_how_many_to_leave_out() -> None:
    along: OffsetPaginator[str] = OffsetPaginator(str, skip=5)
    assert along.take(["a", "b"], True) == Page(["a", "b"], next_skip=7)
    assert along.take(["c"], False) == Page(["c"])


def test_rows_of_the_page_before_are_dropped() -> None:
    along: OffsetPaginator[str] = OffsetPaginator(str)
    along.take(["c", "b"], True)
    # A new row came in at the top: everything moved down by one.
    assert along.take(["b", "a"], True) == Page(["a"], next_skip=4)


def test_a_row_twice_in_one_page_comes_once() -> None:
    assert walk().take(["a", "a", "b"], False) == Page(["a", "b"])


def test_a_short_page_is_not_the_last() -> None:
    pages = {None: (["a"], True), "a": (["b", "c"], True), "c": (["d"], False)}
    assert rows(lambda cursor: pages[cursor], walk()) == ["a", "b", "c", "d"]


@pytest.mark.parametrize(
    "cycle",
    [{None: "a", "a": "a"}, {None: "a", "a": "b", "b": "a"}],
    ids=["the same", "round in circles"],
)
def test_a_repeated_cursor_stops_the_walk(cycle: dict[str | None, str]) -> None:
    with pytest.raises(ReadFailed, match="circles") as caught:
        rows(lambda cursor: ([cycle[cursor]], True), walk())
    assert caught.value.cursor in cycle


def odd(id: str | None = None, raw: object = None) -> UnreadableRow:
    return UnreadableRow(id, "created_at", "made up", raw)


def test_a_row_that_cannot_be_read_is_set_aside_and_the_walk_goes_on() -> None:
    along = walk()
    assert along.take(["a", odd("b"), "c"], True) == Page(
        ["a", "c"], next_cursor="c", unreadable=(odd("b"),)
    )
    assert along.take([odd("d")], True) == Page([], next_cursor="d", unreadable=(odd("d"),))
    assert along.take([odd("d"), "e"], False) == Page(["e"])


def test_behind_a_last_row_without_an_id_the_walk_goes_on_after_the_one_before_it() -> None:
    along = walk()
    first = along.take(["a", "b", odd(raw={"n": 1})], True)
    assert first == Page(["a", "b"], next_cursor="b", unreadable=(odd(raw={"n": 1}),))
    # It comes again at the top of the next page: once is enough, and another one is another one.
    second = along.take([odd(raw={"n": 1}), odd(raw={"n": 2}), "c"], False)
    assert second == Page(["c"], unreadable=(odd(raw={"n": 2}),))


def test_a_page_of_rows_without_an_id_ends_the_walk_where_it_stood() -> None:
    pages: dict[str | None, Any] = {None: (["a"], True), "a": ([odd(), odd()], True)}
    with pytest.raises(ReadFailed, match="only rows without an id after 'a'") as caught:
        rows(lambda cursor: pages[cursor], walk())
    assert caught.value.cursor == "a"


def test_rows_without_an_id_cannot_lead_round_in_circles() -> None:
    pages: dict[str | None, Any] = {None: (["a", odd()], True), "a": (["a", odd()], True)}
    with pytest.raises(ReadFailed, match="circles"):
        rows(lambda cursor: pages[cursor], walk())


def test_where_rows_are_counted_the_odd_ones_count_too() -> None:
    along: OffsetPaginator[str] = OffsetPaginator(str)
    page = along.take(["a", odd("b"), odd()], True)
    assert page == Page(["a"], next_skip=3, unreadable=(odd("b"), odd()))


def test_the_row_as_it_came_stands_in_no_repr() -> None:
    assert "canary" not in repr(Page([], unreadable=(odd("b", {"email": "canary"}),)))


def test_a_cursor_that_comes_back_where_the_walk_began_stops_it() -> None:
    with pytest.raises(ReadFailed):
        rows(lambda _: (["a"], True), walk("a"))


def test_a_repeated_page_stops_the_count() -> None:
    with pytest.raises(ReadFailed, match="after 2 rows") as caught:
        rows(lambda _: (["a", "b"], True), OffsetPaginator(str))
    assert caught.value.cursor == 2


def test_an_empty_page_that_promises_more_is_asked_for_once_again() -> None:
    answers = iter([(["a"], True), ([], True), (["b"], True), ([], True), (["c"], False)])
    asked: list[str | None] = []

    def fetch(cursor: str | None) -> tuple[list[str], bool]:
        asked.append(cursor)
        return next(answers)

    assert rows(fetch, walk()) == ["a", "b", "c"]
    assert asked == [None, "a", "a", "b", "b"]


@pytest.mark.parametrize(("along", "where"), [(walk("x"), "x"), (OffsetPaginator(str, skip=3), 3)])
def test_a_second_empty_page_ends_with_the_cursor(along: Any, where: str | int) -> None:
    assert along.take([], True) is None
    with pytest.raises(ReadFailed, match="says that there are more") as caught:
        along.take([], True)
    assert caught.value.cursor == where


def test_an_empty_list_is_over_at_once() -> None:
    assert rows(lambda _: ([], False), walk()) == []


@given(st.integers(2, 60), st.integers(2, 9), st.randoms())
def test_no_row_is_missed_while_those_that_were_read_leave(
    count: int, limit: int, chance: random.Random
) -> None:
    """As where each dead letter is sent again when it comes: it is none any more."""
    data = [f"evt_{n}" for n in range(count)]
    along: OffsetPaginator[str] = OffsetPaginator(str, filtered=True)
    found: list[str] = []
    for _ in range(2000):
        skip = along.skip
        page = along.take(data[skip : skip + limit], skip + limit < len(data))
        for row in page.items if page else ():
            found.append(row)
            if chance.random() < 0.7:
                data.remove(row)
        if along.over:
            break
    assert along.over
    assert sorted(found) == sorted(f"evt_{n}" for n in range(count))


@given(st.integers(2, 60), st.integers(1, 9), st.randoms())
def test_no_row_is_missed_where_the_cursors_own_row_leaves(
    count: int, limit: int, chance: random.Random
) -> None:
    """A server that looks its cursor up among the rows of the filter gives nothing after one that left."""
    data = [f"gs_{n}" for n in range(count)]
    along: CursorPaginator[str] = CursorPaginator(str, filtered=True)
    found: list[str] = []
    for _ in range(4000):
        cursor = along.cursor
        start = 0 if cursor is None else data.index(cursor) + 1 if cursor in data else len(data)
        page = along.take(data[start : start + limit], start + limit < len(data))
        for row in page.items if page else ():
            found.append(row)
            if chance.random() < 0.5:
                data.remove(row)
        if along.over:
            break
    assert along.over
    assert sorted(found) == sorted(f"gs_{n}" for n in range(count))


@given(st.integers(0, 5), st.integers(1, 40), st.integers(1, 9), st.booleans(), st.randoms())
def test_a_resumed_walk_gives_no_row_ahead_of_its_start(
    ahead: int, count: int, limit: int, start_leaves: bool, chance: random.Random
) -> None:
    """Such a server again: what was read leaves, and perhaps the row that the walk was to go on after."""
    data = [f"ahead_{n}" for n in range(ahead)] + ["start"] + [f"gs_{n}" for n in range(count)]
    along: CursorPaginator[str] = CursorPaginator(str, "start", filtered=True)
    found: list[str] = []
    failed: ReadFailed | None = None
    while not along.over:
        cursor = along.cursor
        start = 0 if cursor is None else data.index(cursor) + 1 if cursor in data else len(data)
        try:
            page = along.take(data[start : start + limit], start + limit < len(data))
        except ReadFailed as problem:
            failed = problem
            break
        for row in page.items if page else ():
            found.append(row)
            if chance.random() < 0.7:
                data.remove(row)
        if start_leaves and found and "start" in data:
            data.remove("start")
    wanted = [f"gs_{n}" for n in range(count)]
    if failed is not None:
        assert failed.cursor == "start"
        assert "start" not in data
        assert found == wanted[: len(found)]
    else:
        assert sorted(found) == sorted(wanted)


def test_a_resumed_walk_begins_anew_where_it_began() -> None:
    pages: dict[str | None, Any] = {"X": (["a", "b"], True), "b": ([], False), "a": ([], False)}
    asked: list[str | None] = []

    def fetch(cursor: str | None) -> tuple[list[str], bool]:
        asked.append(cursor)
        return (["c"], False) if asked.count("X") == 2 else pages[cursor]

    assert rows(fetch, CursorPaginator(str, "X", filtered=True)) == ["a", "b", "c"]
    assert asked == ["X", "b", "a", "X"]


def test_where_the_start_of_a_resumed_walk_has_left_it_says_so() -> None:
    pages: dict[str | None, Any] = {"b": ([], False), "a": ([], False)}
    answers = iter([(["a", "b"], True), ([], False)])
    with pytest.raises(ReadFailed, match="'X' has left the list") as caught:
        rows(
            lambda cursor: next(answers) if cursor == "X" else pages[cursor],
            CursorPaginator(str, "X", filtered=True),
        )
    assert caught.value.cursor == "X"


@pytest.mark.parametrize("limit", [2, 3])
def test_a_filtered_list_that_stays_costs_no_more_pages(limit: int) -> None:
    data = [f"evt_{n}" for n in range(12)]
    along: OffsetPaginator[str] = OffsetPaginator(str, filtered=True)
    asked: list[int] = []

    def fetch(skip: int) -> tuple[list[str], bool]:
        asked.append(skip)
        return data[skip : skip + limit + 1], skip + limit + 1 < len(data)

    assert rows(fetch, along) == data
    assert len(asked) <= 12 / limit + 1


@pytest.mark.parametrize(
    "along",
    [
        OffsetPaginator(str, filtered=True),
        CursorPaginator(str, filtered=True),
        CursorPaginator(str, "X", filtered=True),
    ],
)
def test_a_filtered_list_that_never_holds_still_ends(along: Any) -> None:
    begins = along.at

    def fetch(where: Any) -> tuple[list[str], bool]:
        if isinstance(along, CursorPaginator):
            return (["a", "b"], True) if where == begins else ([], False)
        return (["a", "b"], True) if where == 0 else (["other", "more"], True)

    with pytest.raises(ReadFailed, match="rows leave the list"):
        rows(fetch, along)
