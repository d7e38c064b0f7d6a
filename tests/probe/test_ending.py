"""A run names what it may have left open: nothing that got no answer counts as over."""

from __future__ import annotations

import json
from typing import Any, cast

import pytest
from zerogate import Gate
from zerogate_cli.commands import probe as command
from zerogate_cli.exit_codes import Exit
from zerogate_probe import client as probing
from zerogate_probe.client import MARK, Heard, MachineClock, NotTest, Own, ProbeClient, Silence
from zerogate_probe.facts import Facts
from zerogate_probe.run import Asked

BODY = {"amount": "1.00"}
MADE = {"id": "gs_1", "mode": "test"}


class Still(MachineClock):
    """A clock that nobody waits for."""

    def sleep(self, seconds: float) -> None:
        return


class Sessions:
    """Of the façade: takes every cancel, or raises what it was told to."""

    def __init__(self, *raises: BaseException | None) -> None:
        self.raises = list(raises)
        self.cancelled: list[str] = []

    def cancel(self, id: str) -> None:
        problem = self.raises.pop(0) if self.raises else None
        if problem is not None:
            raise problem
        self.cancelled.append(id)


class Scripted(ProbeClient):
    """Answers in the order of its script: (status, body), or what is raised instead."""

    def __init__(self, own: Own, *script: Any, cancels: Sessions | None = None) -> None:
        self.clock, self.own, self.script = Still(), own, list(script)
        self.gate = cast(Gate, type("Facade", (), {"sessions": cancels or Sessions()})())

    def _once(self, method: str, target: str, body: Any, key: str | None) -> Heard:
        answer = self.script.pop(0)
        if isinstance(answer, BaseException):
            raise answer
        status, told = answer
        return Heard(status, {}, told, 0.0, 0.0)


LOST = Silence("no answer to POST /gate_sessions (ReadTimeout)")
EMPTY = (200, {"data": [], "has_more": False})


def page(*ids: str, more: bool = False, run: str = "run") -> tuple[int, dict[str, Any]]:
    rows = [{"id": id, "metadata": {MARK: run}} for id in ids]
    return 200, {"data": rows, "has_more": more}


def create(client: ProbeClient, key: str = "key") -> None:
    try:
        client.create(BODY, key)
    except (Silence, NotTest, KeyboardInterrupt):
        return


@pytest.mark.parametrize(
    "repeat",
    [
        [(409, {"code": "idempotency_conflict"})],
        [(429, {})] * 4,
        [(403, {})],
        [(422, {})],
        [(500, {})],
        [(302, {})],
        [(200, {})],
        [LOST],
    ],
    ids=["409", "429", "403", "422", "500", "302", "no id", "silence"],
)
@pytest.mark.parametrize("first", [LOST, (503, {}), (408, {}), (201, {}), KeyboardInterrupt()])
def test_a_create_without_an_answer_is_named_unless_a_repeat_gives_its_id(
    first: Any, repeat: list[Any]
) -> None:
    own = Own("run")
    client = Scripted(own, first, *repeat, EMPTY)
    create(client)
    (told,) = own.end(client)
    assert told.startswith("there may be a session under the key key: ")
    assert not client.script


@pytest.mark.parametrize("mode", ["test", "live"])
def test_a_repeat_that_gives_the_id_is_cancelled(mode: str) -> None:
    own, cancels = Own("run"), Sessions()
    client = Scripted(own, LOST, (201, {**MADE, "mode": mode}), EMPTY, cancels=cancels)
    create(client)
    assert own.end(client) == []
    assert cancels.cancelled == ["gs_1"]


@pytest.mark.parametrize("status", [400, 401, 403, 409, 422])
def test_a_create_that_was_refused_made_nothing(status: int) -> None:
    own = Own("run")
    client = Scripted(own, (status, {}))
    create(client)
    assert own.end(client) == []


def test_one_of_two_creates_under_a_key_is_refused_and_the_other_stays_in_doubt() -> None:
    own = Own("run")
    client = Scripted(own, LOST, (409, {}), (409, {}), EMPTY)
    create(client)
    create(client)
    assert len(own.end(client)) == 1
    assert not client.script


def test_interrupted_in_the_repeats_it_names_every_key() -> None:
    own = Own("run")
    client = Scripted(own, (201, MADE), LOST, LOST, LOST, LOST, KeyboardInterrupt())
    for key in ("heard", "a", "b", "c"):
        create(client, key)
    told = own.end(client)
    assert sorted(line.split(": ")[0] for line in told) == [
        "session gs_1",
        "the list could not be looked through for more",
        *(f"there may be a session under the key {key}" for key in "abc"),
    ]


def test_interrupted_while_cancelling_it_names_each_session_once() -> None:
    own = Own("run")
    cancels = Sessions(OSError("down"), KeyboardInterrupt())
    client = Scripted(own, (201, MADE), (201, {"id": "gs_2"}), EMPTY, cancels=cancels)
    create(client, "a")
    create(client, "b")
    assert own.end(client) == ["session gs_1: down", "session gs_2: interrupted"]


@pytest.mark.parametrize(
    "answers",
    [
        [(500, {})],
        [(429, {})] * 4,
        [(401, {})],
        [(200, {})],
        [(200, {"data": "none"})],
        [(200, {"data": [], "has_more": True})],
        [Silence("no answer to GET /gate_sessions (ConnectError)")],
        [page("gs_2", more=True), (500, {})],
        [page("gs_2", more=True), page("gs_3", more=True)],
    ],
    ids=["500", "429", "401", "no list", "no rows", "no end", "silence", "later", "pages"],
)
def test_a_list_that_was_not_seen_to_its_end_is_named(
    answers: list[Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(probing, "SWEPT_PAGES", 2)
    own, cancels = Own("run"), Sessions()
    client = Scripted(own, (201, MADE), *answers, cancels=cancels)
    create(client)
    (told,) = own.end(client)
    assert told.startswith("the list could not be looked through for more: ")
    assert cancels.cancelled[0] == "gs_1"
    assert not client.script


def test_only_sessions_of_this_run_are_cancelled() -> None:
    own, cancels = Own("run"), Sessions()
    client = Scripted(own, (201, MADE), page("gs_2", more=True), page("gs_9", run="another"),
                      cancels=cancels)  # fmt: skip
    create(client)
    assert own.end(client) == []
    assert cancels.cancelled == ["gs_1", "gs_2"]


@pytest.mark.parametrize(
    ("left", "over", "says"),
    [
        (("there may be a session under the key k: 500",), 3, "3 of 3 sessions are over"),
        (("session gs_1: down", "the list could not be looked through for more: 500"), 2, "2 of 3"),
        ((), 3, "3 of 3 sessions are over"),
    ],
)
def test_only_sessions_that_are_over_are_counted_as_over(
    left: tuple[str, ...], over: int, says: str, tmp_path: Any, capsys: pytest.CaptureFixture[str]
) -> None:
    facts = Facts("2026-11-28T00:00:00+00:00", "127.0.0.1", "zerogate", ())
    asked = Asked(facts, left, 3, over)
    options = command.parser().parse_args(["--json", "--out", str(tmp_path / "facts.toml")])
    assert command._print_and_write(asked, options) == (Exit.FAILED if left else Exit.CLEAN)
    out, err = capsys.readouterr()
    assert json.loads(out)["left"] == list(left)
    assert says in err
