"""The pytest plugin, in somebody else's test run."""

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
