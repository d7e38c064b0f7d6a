"""The limit at which Gate is read: the same in a process and in a store that the workers share."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from random import Random
from typing import Any

import attrs
import pytest
from zerogate import Gate, GateUsageError, Money, RateLimited
from zerogate._observers import AttemptRecord
from zerogate_ledger import GateSource, command
from zerogate_ledger.command import main, run
from zerogate_ledger.errors import Unusable
from zerogate_ledger.options import parsed
from zerogate_ledger.sources import limited
from zerogate_sandbox import Sandbox
from zerogate_store import RateLimiter, Store

from tests.databases import KINDS, database
from tests.ledger.gates import MemoryGate, StillClock

KEY = "sk_test_ledger"
REQUEST = AttemptRecord(
    **{field.name: None for field in attrs.fields(AttemptRecord)},  # type: ignore[arg-type]
)


@pytest.fixture(params=KINDS)
def url(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    """A store's empty database."""
    with database(request.param, tmp_path) as found:
        yield found


def asked(rate_limiter: RateLimiter, clock: StillClock, turns: int) -> float:
    """How many seconds so many turns take."""
    begun = clock.at
    for _ in range(turns):
        rate_limiter.acquire()
    return clock.at - begun


def test_a_rate_is_kept_without_a_burst_after_a_pause() -> None:
    clock = StillClock()
    rate_limiter = RateLimiter(rate=10, clock=clock)
    assert asked(rate_limiter, clock, 3) == pytest.approx(0.2)
    clock.at += 60
    assert asked(rate_limiter, clock, 3) == pytest.approx(0.2)


def test_a_429_halves_the_rate_and_it_comes_back() -> None:
    clock = StillClock()
    rate_limiter = RateLimiter(rate=5, clock=clock)
    clock.at += 10
    rate_limiter.observe(attrs.evolve(REQUEST, status=429))
    assert asked(rate_limiter, clock, 6) > 5 / 5 * 1.5
    asked(rate_limiter, clock, 100)
    assert asked(rate_limiter, clock, 5) == pytest.approx(1.0)


def test_a_process_keeps_the_same_rate_as_a_store(tmp_path: Path) -> None:
    with database("sqlite", tmp_path) as url:
        store = Store(url)
        for seed in range(4):
            clocks = StillClock(), StillClock()
            own = RateLimiter(rate=5, clock=clocks[0])
            shared = RateLimiter(store, mode="test", account=str(seed), rate=5, clock=clocks[1])
            for rate_limiter, clock in ((own, clocks[0]), (shared, clocks[1])):
                lived(rate_limiter, clock, Random(seed))
            assert clocks[0].at == pytest.approx(clocks[1].at, abs=1e-3)
            assert clocks[0].at > StillClock().at + 20
        store.close()


def lived(rate_limiter: RateLimiter, clock: StillClock, chance: Random) -> None:
    """RateLimiter, pauses, refusals and requests that nobody asked a turn for, as chance has it."""
    for _ in range(150):
        match chance.randrange(8):
            case 0:
                clock.at += chance.random() * 3
            case 1:
                rate_limiter.back_off()
            case 2 | 3:
                rate_limiter.observe(attrs.evolve(REQUEST, status=chance.choice([200, 200, 429])))
            case _:
                rate_limiter.acquire()


def test_a_429_that_the_client_gave_up_on_halves_the_rate_and_is_raised() -> None:
    clock = StillClock()
    rate_limiter = RateLimiter(rate=5, clock=clock)

    class Refusing:
        def retrieve_raw(self, id: str) -> Any:
            raise RateLimited("too many", status=429)

    source = GateSource(Refusing(), rate_limiter)  # type: ignore[arg-type]
    with pytest.raises(RateLimited):
        source.retrieve("tx_1")
    assert asked(rate_limiter, clock, 5) > 1.5


def test_each_page_has_its_turn_and_the_end_of_a_list_none() -> None:
    gate, clock = MemoryGate(), StillClock()
    for number in range(250):
        gate.pay(number)
    begun = clock.at
    source = GateSource(gate.transactions, RateLimiter(rate=5, clock=clock))
    assert sum(len(page.items) for page in source.pages(None)) == 250
    assert clock.at - begun == pytest.approx(2 / 5)


@pytest.fixture
def served(monkeypatch: pytest.MonkeyPatch) -> Iterator[Sandbox]:
    """A sandbox with an order, which the environment names."""
    sandbox = Sandbox(seed=1)
    with sandbox.serve() as door:
        with Gate(KEY, base_url=door.base_url) as gate:
            for number in range(4):
                made = gate.sessions.create(
                    amount=Money("10", "EUR"),
                    order=f"o-{number}",
                    return_url="https://shop.example/",
                )
                sandbox.pay(made.id)
        monkeypatch.setenv("ZEROGATE_SECRET_KEY", KEY)
        monkeypatch.setenv("ZEROGATE_BASE_URL", door.base_url)
        yield sandbox


@pytest.fixture
def argv(tmp_path: Path) -> list[str]:
    ledger = tmp_path / "orders.csv"
    rows = [f"o-{number},10.00,EUR,2026-06-01T12:00:00Z" for number in range(4)]
    ledger.write_text("\n".join(["order_id,amount,currency,created_at", *rows]) + "\n")
    return [str(ledger), "--out", str(tmp_path / "out"), "--most-may-be-missing"]


def mirrored(sandbox: Sandbox, argv: list[str], clock: StillClock, *flags: str) -> int:
    """How many requests the command has sent."""
    before = len(sandbox.requests())
    assert run(parsed([*argv, *flags]), clock=clock) in (0, 3)
    return len(sandbox.requests()) - before


def test_a_mirror_and_the_accounts_workers_share_one_limit(
    served: Sandbox, argv: list[str], url: str
) -> None:
    clock, store = StillClock(), Store(url)
    workers = RateLimiter(store, mode="test", rate=5, clock=clock)
    begun = clock.at
    asked(workers, clock, 10)
    requests = mirrored(served, argv, clock, "--store", url)
    asked(workers, clock, 10)
    assert requests >= 2
    # The mirror's first request counts twice: it is not known yet that an observer tells of it.
    assert clock.at - begun == pytest.approx((20 + requests) / 5, abs=1e-3)
    store.close()


def test_a_429_of_the_mirror_slows_the_accounts_workers_down_and_no_other_account(
    served: Sandbox, argv: list[str], url: str
) -> None:
    clock, store = StillClock(), Store(url)
    store.migrate()
    ours, others = (
        RateLimiter(store, mode="test", account=name, rate=5, clock=clock) for name in ("a", "b")
    )
    served.faults.add("throttle", operations="listTransactions", times=1, retry_after=1)
    mirrored(served, argv, clock, "--store", url, "--account", "a")
    clock.at += 10
    assert asked(ours, clock, 5) > 4 / 5 * 1.5
    assert asked(others, clock, 5) == pytest.approx(4 / 5, abs=1e-3)
    store.close()


def test_a_429_that_the_client_got_over_slows_a_mirror_down_that_shares_no_store(
    served: Sandbox, argv: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    clock, limiters = StillClock(), list[RateLimiter]()

    @contextmanager
    def noted(store: str | None, **given: Any) -> Iterator[RateLimiter]:
        with limited(store, **given) as rate_limiter:
            limiters.append(rate_limiter)
            yield rate_limiter

    monkeypatch.setattr(command, "limited", noted)
    mirrored(served, argv, clock)
    served.faults.add("throttle", operations="listTransactions", times=1, retry_after=1)
    mirrored(served, argv, clock)
    calm, throttled = limiters
    clock.at += 10
    assert asked(calm, clock, 5) == pytest.approx(4 / 5)
    assert asked(throttled, clock, 5) > 4 / 5 * 1.5


def test_the_store_of_the_environment_is_taken(
    argv: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("ZEROGATE_SECRET_KEY", KEY)
    monkeypatch.setenv("ZEROGATE_STORE", "mysql://shop")
    with pytest.raises(GateUsageError, match="a store is sqlite"):
        main(argv)


def test_a_store_whose_file_is_not_there_is_told_and_none_is_made(
    served: Sandbox, argv: list[str], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    missing = tmp_path / "misspelt.db"
    options = parsed([*argv, "--store", f"sqlite:///{missing}"])
    assert run(options) == Unusable.exit_code
    assert f"there is no file {missing}" in capsys.readouterr().err
    assert not missing.exists()


def test_without_what_a_store_needs_the_extra_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in [name for name in sys.modules if name.partition(".")[0] == "zerogate_store"]:
        monkeypatch.delitem(sys.modules, name)
    monkeypatch.setitem(sys.modules, "sqlalchemy", None)
    with (
        pytest.raises(Unusable, match=r"\[store\]"),
        limited("sqlite:///gate.db", mode="test", account="", rate=5, clock=None),
    ):
        pass


@pytest.mark.parametrize("rate", ["0", "-1", "nan", "inf", "fast"])
def test_a_rate_that_is_none_is_refused(rate: str, argv: list[str]) -> None:
    with pytest.raises(SystemExit) as ended:
        parsed([*argv, "--rate", rate])
    assert ended.value.code == 2
