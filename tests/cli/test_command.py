"""The `zerogate` command as such: what it lists, refuses and imports, and its exit codes."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest
from zerogate import errors
from zerogate_cli.__main__ import COMMANDS, main
from zerogate_cli.exit_codes import BY_ERROR, CommandFailed, Exit, ending_of
from zerogate_cli.extras import EXTRAS, missing

from tests import preloaded

HEAVY = ("zerogate", "zerogate_sandbox", "attrs", "rich", "asyncio", "httpx", "json")


def run(*words: str) -> subprocess.CompletedProcess[str]:
    return preloaded.run("zerogate", *words)


def test_help_lists_every_command() -> None:
    said = run("--help")
    assert (said.returncode, said.stderr) == (0, "")
    for name in COMMANDS:
        assert re.search(rf"^    {name}\s", said.stdout, re.MULTILINE)


def test_version_is_that_of_the_package() -> None:
    command = [sys.executable, "-m", "zerogate_cli", "--version"]
    said = subprocess.run(command, capture_output=True, text=True, timeout=60)
    assert said.stdout == run("--version").stdout == f"zerogate {_version()}\n"


def _version() -> str:
    from zerogate import __version__

    return __version__


@pytest.mark.parametrize(
    ("words", "says"), [([], "COMMAND"), (["dmeo"], "'dmeo'"), (["--loud"], "COMMAND")]
)
def test_what_is_no_command_is_refused_with_those_that_are(words: list[str], says: str) -> None:
    said = run(*words)
    assert (said.returncode, said.stdout) == (Exit.USAGE, "")
    assert says in said.stderr
    assert "Traceback" not in said.stderr


def test_help_imports_nothing_that_a_command_needs() -> None:
    script = (
        "import sys; from zerogate_cli.__main__ import main\n"
        "try: main(['--help'])\n"
        f"except SystemExit: print([name for name in {HEAVY!r} if name in sys.modules])"
    )
    # Whoever measures the suite would be imported too.
    plain = {name: text for name, text in os.environ.items() if not name.startswith("COVERAGE_")}
    ran = subprocess.run(
        [sys.executable, "-c", script], capture_output=True, text=True, check=True, env=plain
    )
    assert ran.stdout.splitlines()[-1] == "[]"


def test_sandbox_is_the_sandboxs_own_command() -> None:
    assert "serve" in run("sandbox", "--help").stdout
    assert run("sandbox", "serve", "--port", "x").returncode == Exit.USAGE


@pytest.mark.parametrize("name", COMMANDS)
def test_every_command_says_what_it_takes(name: str) -> None:
    said = run(name, "--help")
    assert said.returncode == 0
    assert said.stdout.startswith("usage: ")


# --- exit codes ----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("error", "exit"),
    [
        (errors.GateUsageError("x"), Exit.USAGE),
        (errors.AttemptOpen("x"), Exit.USAGE),
        (errors.MoneyError("x"), Exit.USAGE),
        (errors.Unauthorized("x"), Exit.CREDENTIALS),
        (errors.Forbidden("x"), Exit.CREDENTIALS),
        (errors.NotFound("x"), Exit.NOT_FOUND),
        (errors.RateLimited("x"), Exit.UNAVAILABLE),
        (errors.NotSent("x"), Exit.UNAVAILABLE),
        (errors.ReadFailed("x"), Exit.UNAVAILABLE),
        (errors.OutcomeUnknown("x"), Exit.UNAVAILABLE),
        (errors.KeyReused("x"), Exit.FAILED),
        (errors.UnexpectedAnswer("x"), Exit.FAILED),
        (CommandFailed("x"), Exit.FAILED),
        (CommandFailed("x", Exit.DIFFERENCES), Exit.DIFFERENCES),
    ],
)
def test_every_error_has_its_exit_code_and_its_own_words(error: Exception, exit: Exit) -> None:
    assert ending_of(error) == (exit, "x")


def test_the_table_of_exit_codes_names_errors_that_exist() -> None:
    assert all(issubclass(getattr(errors, name), errors.GateError) for name in BY_ERROR)


def test_an_extra_that_is_not_installed_is_named() -> None:
    ending = ending_of(ModuleNotFoundError("No module named 'uvicorn'", name="uvicorn"))
    assert ending is not None
    assert "uvicorn is not installed" in ending[1]
    assert "pip install -e apps/sandbox" in ending[1]


@pytest.mark.parametrize(
    ("command", "module", "install"),
    [
        (("demo",), "uvicorn", "apps/sandbox"),
        (("sandbox", "serve"), "httptools", "apps/sandbox"),
        (("reconcile", "orders.csv"), "duckdb", "apps/ledger"),
        (("doctor", "--store", "sqlite:///gate.db"), "sqlalchemy", '".[store]"'),
    ],
)
def test_a_missing_extra_is_named_before_the_work_begins(
    command: tuple[str, ...], module: str, install: str
) -> None:
    # None in sys.modules is how Python says that a module cannot be imported.
    script = (
        f"import sys; sys.modules[{module!r}] = None\n"
        "from zerogate_cli.__main__ import main\n"
        f"sys.exit(main({list(command)!r}))"
    )
    said = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True)
    assert (said.returncode, said.stdout) == (Exit.FAILED, "")
    assert f"{module} is not installed" in said.stderr
    assert install in said.stderr
    assert len(said.stderr.splitlines()) == 1


def test_the_modules_of_an_extra_are_those_that_its_distribution_needs() -> None:
    assert missing(EXTRAS) is None


# --- did you mean, and completion ----------------------------------------------------------------


@pytest.mark.parametrize(
    ("words", "meant"),
    [
        (("dmeo",), "demo"),
        (("sessions", "lst"), "list"),
        (("sessions", "list", "--limti", "3"), "--limit"),
        (("webhooks", "tail", "--evrey=3"), "--every"),
        (("sandbox", "sevre"), "serve"),
        (("completion", "bsh"), "bash"),
        (("sessions", "get", "x"), "retrieve"),
        (("report",), "reconcile"),
        (("serve",), "sandbox serve"),
    ],
)
def test_a_typo_is_answered_with_what_was_meant(words: tuple[str, ...], meant: str) -> None:
    said = run(*words)
    assert said.returncode == Exit.USAGE
    assert f"did you mean {meant}?" in said.stderr


@pytest.mark.parametrize(
    ("words", "kind", "listed"),
    [
        ((), "command", "reconcile"),
        (("inbox",), "action", "retry"),
        (("sessions",), "action", "cancel"),
        (("sandbox",), "command", "trigger"),
    ],
)
def test_a_command_of_several_lists_them_where_none_was_given(
    words: tuple[str, ...], kind: str, listed: str
) -> None:
    said = run(*words)
    assert (said.returncode, said.stdout) == (Exit.USAGE, "")
    assert f"no {kind} was given: write one of those above" in said.stderr
    assert listed in said.stderr


@pytest.mark.parametrize("shell", ["bash", "zsh", "tcsh"])
def test_completion_knows_every_command(shell: str) -> None:
    said = run("completion", shell)
    assert (said.returncode, said.stderr) == (0, "")
    options = () if shell == "tcsh" else ("--limit", "--profile")
    for name in (*COMMANDS, "retrieve", *options):
        assert name in said.stdout


def test_bash_completes_a_command_an_action_and_an_option(tmp_path: Path) -> None:
    script = tmp_path / "completion.bash"
    script.write_text(run("completion", "bash").stdout)
    for typed, wanted in (
        ("ses", "sessions"),
        ("sessions ret", "retrieve"),
        ("demo --js", "--json"),
    ):
        words = ["zerogate", *typed.split(" ")]
        listed = " ".join(words)
        asked = (
            f"source {script}; COMP_WORDS=({listed}); COMP_CWORD={len(words) - 1}; "
            "_shtab_zerogate_cli 2>/dev/null || _shtab_zerogate; printf '%s\\n' ${COMPREPLY[@]}"
        )
        told = subprocess.run(["bash", "-c", asked], capture_output=True, text=True, check=True)
        assert wanted in told.stdout.split(), typed


# --- Ctrl-C --------------------------------------------------------------------------------------


def test_an_interrupted_command_says_so_in_one_line(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def interrupted(argv: list[str]) -> int:
        raise KeyboardInterrupt

    monkeypatch.setattr("zerogate_cli.commands.demo.main", interrupted)
    assert main(["demo"]) == Exit.INTERRUPTED
    assert capsys.readouterr().err == "zerogate demo: interrupted\n"


def test_a_bug_is_no_ending() -> None:
    assert ending_of(KeyError("x")) is None
    assert ending_of(ModuleNotFoundError(name="zerogate_cli.demo.nowhere")) is None


def test_a_known_error_is_one_line_and_its_code(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def refuse(argv: list[str]) -> int:
        raise errors.NotFound(f"no session {argv[0]}")

    monkeypatch.setattr("zerogate_cli.commands.demo.main", refuse)
    assert main(["demo", "gs_1"]) == Exit.NOT_FOUND
    assert capsys.readouterr().err == "zerogate demo: no session gs_1\n"


def test_output_that_nobody_reads_any_more_is_no_traceback() -> None:
    command = [sys.executable, "-m", "zerogate_cli", "sandbox", "--help"]
    process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    assert process.stdout is not None
    process.stdout.close()
    _, complaints = process.communicate(timeout=30)
    assert "Traceback" not in complaints


@pytest.mark.parametrize("words", [("--version",), ("completion", "bash")])
@pytest.mark.parametrize("unbuffered", ["", "1"])
def test_output_that_a_full_disk_does_not_take_is_one_line(
    words: tuple[str, ...], unbuffered: str
) -> None:
    command = [sys.executable, "-m", "zerogate_cli", *words]
    surroundings = {**os.environ, "PYTHONUNBUFFERED": unbuffered}
    with open("/dev/full", "w", encoding="utf-8") as full:
        ran = subprocess.run(
            command, stdout=full, stderr=subprocess.PIPE, text=True, env=surroundings, check=False
        )
    assert ran.returncode == Exit.FAILED
    assert ran.stderr.strip().endswith(
        "its output could not all be written: No space left on device"
    )
    assert ran.stderr.count("\n") == 1


@pytest.mark.parametrize("closed", [">&-", "2>&-", ">&- 2>&-"])
def test_a_command_whose_output_is_closed_runs_all_the_same(closed: str) -> None:
    line = f"'{sys.executable}' -m zerogate_cli completion bash {closed}"
    ran = subprocess.run(["bash", "-c", line], capture_output=True, text=True, check=False)
    assert (ran.returncode, "Traceback" in ran.stderr) == (Exit.CLEAN, False)
