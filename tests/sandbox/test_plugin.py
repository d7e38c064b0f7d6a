"""The pytest plugin, in somebody else's test run."""

import os
import subprocess
import sys

import pytest

pytest_plugins = ["pytester"]

TESTS = """
    import pytest

    def test_a_payment(gate_sandbox, gate):
        session = gate.sessions.create(
            order="order-1", amount=Money("100.00", "EUR"), return_url="https://partner.example/done"
        )
        gate_sandbox.pay(session.id)
        assert str(gate.sessions.retrieve(session.id).status) == "completed"

    @pytest.mark.asyncio
    async def test_a_payment_awaited(gate_sandbox, async_gate):
        session = await async_gate.sessions.create(
            order="order-1", amount=Money("100.00", "EUR"), return_url="https://partner.example/done"
        )
        gate_sandbox.pay(session.id)
        assert str((await async_gate.sessions.retrieve(session.id)).status) == "completed"

    def test_another_sandbox(gate_sandbox):
        assert gate_sandbox.books()["sessions"] == []

    def test_its_profile(gate_sandbox, request):
        wanted = request.config.getoption("--gate-profile")
        assert gate_sandbox.world.profile == PROFILES[wanted]
"""


def run(pytester, *options):
    quiet = ("-p", "no:cacheprovider", "-o", "asyncio_default_fixture_loop_scope=function")
    return pytester.runpytest_inprocess(*quiet, *options)


@pytest.mark.parametrize("mode", ["auto", "strict"])
@pytest.mark.parametrize("options", [[], ["--gate-profile", "hostile"]])
def test_its_fixtures_serve_both_halves(pytester, mode, options):
    imports = "from zerogate import Money\nfrom zerogate_sandbox import PROFILES\n"
    pytester.makepyfile(imports + "\n".join(line[4:] for line in TESTS.splitlines()))
    run(pytester, "-o", f"asyncio_mode={mode}", *options).assert_outcomes(passed=4)


REMEMBERED = """
    import pytest
    from zerogate import Gate, Money

    TERMS = {"amount": Money("100.00", "EUR"), "flow": "on_ramp", "return_url": "https://x.example/"}

    def shipped(inbox):
        seen = []
        def fulfil(received):
            if received.kind == "session" and received.read:
                outcome = received.outcome(expect=TERMS["amount"], order=received.order)
                if outcome.may_fulfil:
                    seen.append(received.order)
        return seen, fulfil

    def test_an_inbox(gate_sandbox, gate, gate_inbox, gate_webhooks):
        gate_webhooks.to(gate_inbox.receive)
        session = gate.sessions.create(order="order-1", **TERMS)
        gate_sandbox.pay(session.id)
        gate_webhooks.deliver()
        seen, fulfil = shipped(gate_inbox)
        gate_inbox.drain(fulfil, external_effect=True)
        assert seen == ["order-1"]

    @pytest.mark.asyncio
    async def test_an_inbox_awaited(gate_sandbox, async_gate, async_gate_inbox, gate_webhooks):
        gate_webhooks.to(async_gate_inbox.receive)
        session = await async_gate.sessions.create(order="order-1", **TERMS)
        gate_sandbox.pay(session.id)
        await gate_webhooks.deliver_async()
        seen, fulfil = shipped(async_gate_inbox)
        await async_gate_inbox.drain(fulfil, external_effect=True)
        assert seen == ["order-1"]

    def test_a_store_is_used_where_it_is_named(gate_store, gate):
        gate.sessions.create(order="order-1", **TERMS)
        assert gate.recover() == []                       # refused without a store

    def test_and_nowhere_else(gate):
        with pytest.raises(Exception, match="store"):
            gate.recover()
"""


@pytest.mark.parametrize("door", ["in-process", "http"])
def test_its_inbox_and_store_are_of_the_tests_own(pytester, door):
    pytester.makepyfile(REMEMBERED)
    run(pytester, "-o", "asyncio_mode=auto", "--gate-door", door).assert_outcomes(passed=4)


OFFLINE = """
    import os
    import pytest
    from zerogate import Gate, GateUsageError

    def test_it_is_set():
        assert os.environ["ZEROGATE_OFFLINE"] == "1"

    def test_a_real_gate_is_out_of_reach():
        for key in ("sk_test_real1", "sk_live_real1"):
            with pytest.raises(GateUsageError, match="pytest --gate-network"):
                Gate(key)

    def test_the_fixtures_are_not(gate, gate_sandbox):
        assert gate.capabilities.countries()
        assert len(gate_sandbox.requests()) == 1
"""

ONLINE = """
    import os
    from zerogate import Gate

    def test_it_is_not_set():
        assert "ZEROGATE_OFFLINE" not in os.environ
        Gate("sk_live_real1").close()
"""


@pytest.mark.parametrize("before", [None, "0", "1"])
@pytest.mark.parametrize("door", ["in-process", "http"])
def test_no_test_reaches_a_real_gate(pytester, monkeypatch, door, before):
    said(monkeypatch, before)
    pytester.makepyfile(OFFLINE)
    run(pytester, "--gate-door", door).assert_outcomes(passed=3)
    assert os.environ.get("ZEROGATE_OFFLINE") == before


@pytest.mark.parametrize("before", [None, "1"])
def test_unless_that_is_said(pytester, monkeypatch, before):
    said(monkeypatch, before)
    pytester.makepyfile(ONLINE)
    run(pytester, "--gate-network").assert_outcomes(passed=1)
    assert os.environ.get("ZEROGATE_OFFLINE") == before


def said(monkeypatch, before):
    if before is None:
        monkeypatch.delenv("ZEROGATE_OFFLINE", raising=False)
    else:
        monkeypatch.setenv("ZEROGATE_OFFLINE", before)


def test_a_profile_that_does_not_exist_is_named(pytester):
    pytester.makepyfile("def test_one(gate_sandbox): pass")
    result = run(pytester, "--gate-profile", "documentd")
    result.stdout.fnmatch_lines(["*no profile 'documentd'; there are documented*"])


def test_loading_it_imports_nothing_that_costs():
    """Every pytest run in an environment that has the package loads it."""
    code = (
        "import sys, pytest, pytest_asyncio; before = set(sys.modules)\n"
        "import zerogate_sandbox.pytest_plugin\n"
        "print(*sorted(set(sys.modules) - before))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.split() == ["zerogate_sandbox", "zerogate_sandbox.pytest_plugin"]
