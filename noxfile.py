"""Every task of the project. `nox -l` lists them; each builds the environment it needs."""

from __future__ import annotations

import hashlib
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import nox

# Where this is set, each of a suite's hundreds of processes would compile again what it imports.
os.environ.pop("PYTHONDONTWRITEBYTECODE", None)

nox.needs_version = ">=2025.2.9"
nox.options.default_venv_backend = "uv|virtualenv"
nox.options.reuse_venv = "yes"
nox.options.sessions = ["tests", "lint", "types", "audit", "drift"]

ROOT = Path(__file__).parent
PYPROJECT = nox.project.load_toml(ROOT / "pyproject.toml")
#: The four distributions. pip takes no extra of a path among several, so all paths are named.
FOLDERS = (".", "apps/sandbox", "apps/ledger", "apps/cli")
EVERYTHING = ("-e", ".[all]", *(word for folder in FOLDERS[1:] for word in ("-e", folder)))
PINS = ROOT / "openapi" / "regenerate" / "requirements.txt"
#: Everything the suite meets: a browser's driver, engines, the vendor's SDK, the generator, checkers.
TESTED_WITH = ("test", "receivers", "browser", "fuzz", "vendor", "engines", "lint", "types")
#: What needs no service, browser, JVM or fork: it should run wherever Python does.
PORTABLE = ("tests/facade", "tests/client", "tests/transport", "tests/webhooks")
#: What the oldest versions have to carry. The sandbox answers in most of it.
CARRIED = (*PORTABLE, "tests/store")
#: What looks at the wheels, and plays the quickstart with them in an empty environment.
INSTALLED = ("tests/distributions", "tests/docs/test_quickstart.py")
#: What ships, and what writes it.
AUDITED = ("facade", "generated", "apps", "openapi", "noxfile.py")
#: What is measured: name → least per cent of lines and branches, its files, and what of them is another's.
#: Asked are 95 of each. The store stands at what a part of the suite has shown: docs/proof.md.
COVERED = {
    "façade": (95, "facade/zerogate/*", "facade/zerogate/_transport/*"),
    "transport": (95, "facade/zerogate/_transport/*", ""),
    "store": (90, "apps/store/zerogate_store/*", ""),
    "sandbox": (95, "apps/sandbox/zerogate_sandbox/*", ""),
    "ledger": (95, "apps/ledger/zerogate_ledger/*", ""),
}
#: The code host's files, by the schema that each has to fit. They come with the checker: nothing is fetched.
HOST_SCHEMAS = {
    "github-workflows": "workflows/*.yml",
    "dependabot": "dependabot.yml",
    "github-issue-config": "ISSUE_TEMPLATE/config.yml",
    "github-issue-forms": "ISSUE_TEMPLATE/[!c]*.yml",
}
#: Twice the cores: a test waits half of its time for a server, a browser or a process that it has started.
WORKERS = str(2 * (os.cpu_count() or 2))
#: A file stays in one process, so that what its tests share is made once; tests/order.py names the slowest,
#: which come first, and those whose tests share nothing.
PARALLEL = ("-n", WORKERS, "--dist", "loadfile", "--durations", "25")

#: What the suite leaves to `thorough`, which the code host runs beside it on every push.
SUITE = (*PARALLEL, "-m", "not thorough")
#: What draws, and how much of it `thorough` draws where the suite draws a few.
DRAWN = (
    *("tests/simulation", "tests/ledger/test_killed.py", "tests/inbox/test_killed.py"),
    "tests/sandbox/fuzz",
)
DRAWS = {"ZEROGATE_SCHEDULES": "20", "ZEROGATE_KILLS": "6", "ZEROGATE_EXAMPLES": "25"}


def _groups(*names: str) -> list[str]:
    return list(nox.project.dependency_groups(PYPROJECT, *names))


def _install(session: nox.Session, *what: str, pinned: bool = False) -> None:
    """Install once: an environment that has just this is left as it is, which saves seconds a run.

    pinned: The generator's pins as well, each file by its hash.
    """
    files = [*(ROOT / folder / "pyproject.toml" for folder in FOLDERS), PINS]
    said = "\n".join([*what, str(pinned), *(f.read_text("utf-8") for f in files if f.exists())])
    mark = Path(session.virtualenv.location) / "installed.sha256"
    digest = hashlib.sha256(said.encode()).hexdigest()
    if mark.exists() and mark.read_text("utf-8") == digest:
        return
    for words in _commands(Path(session.virtualenv.location), what, pinned=pinned):
        session.install(*words)
    mark.write_text(digest, "utf-8")


def _commands(folder: Path, what: tuple[str, ...], *, pinned: bool) -> list[tuple[str, ...]]:
    """Return what to install, command by command.

    One hash makes pip ask for the hash of everything it is given, so the pins have a command of their own.
    What follows is kept to them, without hashes: `regenerate --check` compares bytes.
    """
    if not pinned:
        return [what]
    lines = PINS.read_text("utf-8").splitlines()
    bare = [line.removesuffix("\\").strip() for line in lines if re.match(r"[a-z].*==", line)]
    kept = folder / "pins.txt"
    kept.write_text("\n".join(bare) + "\n", "utf-8")
    return [("-r", str(PINS)), *([("-c", str(kept), *what)] if what else [])]


@nox.session
def tests(session: nox.Session) -> None:
    """Run the whole test suite over all cores (`-- -m quick` a minute of it, `-- -n 0` in one process)."""
    _install(session, *EVERYTHING, *_groups(*TESTED_WITH), pinned=True)
    session.run("pytest", *SUITE, *session.posargs)


@nox.session
def thorough(session: nox.Session) -> None:
    """Run the cases that the suite leaves out, and more draws: engines, layouts, phones, kills, lives."""
    _install(session, *EVERYTHING, *_groups(*TESTED_WITH), pinned=True)
    session.run("pytest", *PARALLEL, "-m", "thorough", *session.posargs)
    session.run("pytest", *PARALLEL, *DRAWN, *session.posargs, env=DRAWS)


@nox.session
def tests_under_load(session: nox.Session) -> None:
    """Run the whole suite three times beside eight busy processes: no test depends on the machine's speed."""
    _install(session, *EVERYTHING, *_groups(*TESTED_WITH), pinned=True)
    busy = [subprocess.Popen([sys.executable, "-c", "while True: pass"]) for _ in range(8)]
    try:
        for _ in range(3):
            session.run("pytest", *SUITE, *session.posargs)
    finally:
        for process in busy:
            process.kill()
            process.wait()


@nox.session
def portable(session: nox.Session) -> None:
    """Run what needs nothing of the machine but Python: what is tried on other systems than Linux."""
    _install(session, *EVERYTHING, *_groups(*TESTED_WITH), pinned=True)
    session.run("pytest", *SUITE, *(session.posargs or PORTABLE))


@nox.session(venv_backend="uv")
def lowest(session: nox.Session) -> None:
    """Run the tests of façade, store and sandbox with the oldest versions that the distributions allow."""
    _install(session, "--resolution", "lowest-direct", *EVERYTHING)
    session.install(*_groups("runner"))  # as new as they are: what is there already stays
    # pytest-httpx asks for the newest httpx.
    session.run("pytest", *SUITE, "-k", "not pytest_httpx", *(session.posargs or CARRIED))


@nox.session
def wheels(session: nox.Session) -> None:
    """Build the four distributions, wheels from sdists, and try each alone and all together (`-- DIR`)."""
    _install(session, "build", "hatchling", *_groups("test", "freeze"))
    out = Path(session.posargs[0] if session.posargs else session.create_tmp()).resolve()
    for old in [*out.glob("zerogate*.whl"), *out.glob("zerogate*.tar.gz")]:
        old.unlink()
    tree = Path(session.create_tmp()).resolve() / "tracked"
    session.run("python", "facade/tracked_tree.py", str(tree))
    for folder in FOLDERS:
        # Without further options a wheel is built from the sdist that was just built.
        session.run("python", "-m", "build", "--outdir", str(out), str(tree / folder), silent=True)
    session.install(*EVERYTHING)
    session.run("pytest", *INSTALLED, env={"ZEROGATE_WHEELS": str(out)})


@nox.session
def sbom(session: nox.Session) -> None:
    """Write what each wheel in a folder brings with it, as CycloneDX (`-- DIR`, as `wheels` left it)."""
    _install(session, *_groups("sbom"))
    out = Path(session.posargs[0] if session.posargs else "dist").resolve()
    wheels = sorted(out.glob("zerogate*.whl"))
    if not wheels:
        session.error(f"no wheels in {out}; `nox -s wheels -- {out}` builds them")
    for wheel in wheels:
        place = Path(session.create_tmp()) / wheel.name.split("-")[0]
        session.run("python", "-m", "venv", "--clear", "--without-pip", str(place))
        python = str(place / ("Scripts" if os.name == "nt" else "bin") / "python")
        pip = ("pip", "--python", python, "--disable-pip-version-check", "--quiet")
        session.run("python", "-m", *pip, "install", "--find-links", str(out), str(wheel))
        told = out / f"{wheel.stem.rsplit('-', 3)[0]}.cdx.json"
        shape = ("--output-reproducible", "--output-format", "JSON", "--output-file", str(told))
        session.run("cyclonedx-py", "environment", *shape, python)


@nox.session
def dev(session: nox.Session) -> None:
    """Leave `.venv` with everything in it, and the commands on its path."""
    session.run("python", "-m", "venv", str(ROOT / ".venv"))
    python = str(ROOT / ".venv" / ("Scripts" if os.name == "nt" else "bin") / "python")
    what = (*EVERYTHING, *_groups(*TESTED_WITH, "bench"))
    for words in _commands(ROOT / ".venv", what, pinned=True):
        session.run(python, "-m", "pip", "install", "--quiet", *words, external=True)


@nox.session
def ordeal(session: nox.Session) -> None:
    """In full: all orders of a life's events, 50 kills, 20 stops, ledgers in 50 settings, odd requests."""
    _install(session, *EVERYTHING, *_groups(*TESTED_WITH), pinned=True)
    full = {"ZEROGATE_ORDERS": "720", "ZEROGATE_KILLS": "50", "ZEROGATE_STOPS": "20"}
    full |= {"ZEROGATE_LEDGERS": "50", "ZEROGATE_EXAMPLES": "100"}
    ledger = ("tests/ledger/test_killed.py", "tests/ledger/test_match.py")
    tested = ("tests/inbox", "tests/fleet", "tests/sandbox/fuzz", *ledger)
    session.run("pytest", *tested, *session.posargs, env=full)


@nox.session
def lint(session: nox.Session) -> None:
    """Check style and layout with ruff."""
    _install(session, *_groups("lint"))
    session.run("ruff", "check", ".")
    session.run("ruff", "format", "--check", ".")


@nox.session
def audit(session: nox.Session) -> None:
    """Look for what a reviewer would stop at: `.github` with zizmor and its schemas, our code with bandit."""
    _install(session, *_groups("audit"))
    session.run("zizmor", "--offline", "--no-progress", "--quiet", ".github")
    for schema, pattern in HOST_SCHEMAS.items():
        files = [str(file) for file in sorted((ROOT / ".github").glob(pattern))]
        session.run("check-jsonschema", "--builtin-schema", f"vendor.{schema}", *files)
    session.run("bandit", "--quiet", "--recursive", "--configfile", "pyproject.toml", *AUDITED)


@nox.session
def docs(session: nox.Session) -> None:
    """Build the site of docs/ into build/docs/site; a link that leads nowhere fails it (`-- DIR`)."""
    _install(session, *_groups("docs"))
    session.run("python", "docs/site/build.py", *session.posargs)


@nox.session
def screens(session: nox.Session) -> None:
    """Take pictures of checkout, report and site, on a desktop and a phone, for a person (`-- DIR`)."""
    _install(session, *EVERYTHING, *_groups("test", "browser", "docs"))
    out = Path(session.posargs[0] if session.posargs else "build/screens").resolve()
    session.run("python", "docs/site/build.py")
    session.run("python", "-m", "tests.screens", str(out), "build/docs/site")


@nox.session
def write_docs(session: nox.Session) -> None:
    """Write the parts of docs/ that follow from the code: commands, exit codes, reasons of outcomes."""
    _install(session, *EVERYTHING)
    session.run("python", "docs/site/written.py", *session.posargs)
    session.run("python", "docs/site/pictures.py", *session.posargs)


@nox.session
def types(session: nox.Session) -> None:
    """Check types: mypy strict over all that is ours, pyright over what users import and call."""
    _install(session, *EVERYTHING, *_groups("test", "types", "bench"), pinned=True)
    session.run("mypy")
    session.run("mypy", "bench", env={"MYPYPATH": "bench"})
    session.run("mypy", "tests/typing")
    session.run("mypy", "-p", "regenerate", env={"MYPYPATH": "openapi"})
    session.run("pyright")
    session.run("pyright", "--verifytypes", "zerogate", "--ignoreexternal")


@nox.session
def regenerate(session: nox.Session) -> None:
    """Contract → generated/. `-- --check` finds drift; `-- --spec FILE_OR_URL` adopts another contract."""
    _install(session, pinned=True)
    command = [str(Path(session.bin) / "python"), "openapi/regenerate", *session.posargs]
    code = subprocess.run(command, cwd=ROOT, check=False).returncode
    if code and "--check" in session.posargs:
        session.error(f"exit {code}")
    if code:
        # 1, 2 and 3 mean what `--help` says, to a script as well: nox itself knows 0 and 1 only.
        sys.exit(code)


@nox.session
def rehearsal(session: nox.Session) -> None:
    """Adopt a contract of the vendor's own hand in a copy, write what is named, run the tests there."""
    _install(session, *EVERYTHING, *_groups(*TESTED_WITH), pinned=True)
    session.run("python", "-m", "tests.generator.rehearsal", *SUITE, *session.posargs)


@nox.session
def unasync(session: nox.Session) -> None:
    """Write the sync half from the async half. `-- --check` finds what is out of step."""
    _install(session, *_groups("lint"))
    session.run("python", "facade/unasync.py", *session.posargs)


@nox.session
def simulate(session: nox.Session) -> None:
    """Live 10,000 schedules of faults in every profile of the sandbox (`-- --schedules N --seed S`)."""
    _install(session, *EVERYTHING, *_groups("test"))
    session.run("python", "-m", "tests.simulation", *session.posargs)


@nox.session
def explore(session: nox.Session) -> None:
    """Take every interleaving of two callers and a recovery, and of two workers (`-- --troubles N`)."""
    _install(session, *EVERYTHING, *_groups("test"))
    session.run("python", "-m", "tests.exploration", *session.posargs)


@nox.session
def mutants(session: nox.Session) -> None:
    """Count the small changes of one module that no test near it notices (`-- money`, `--sample N`)."""
    _install(session, *EVERYTHING, *_groups(*TESTED_WITH, "mutants"), pinned=True)
    session.run("python", "-m", "tests.mutants", *session.posargs)


@nox.session
def coverage(session: nox.Session) -> None:
    """Count which lines and branches the suite runs through, package by package (`-- TESTS` of a part)."""
    _install(session, *EVERYTHING, *_groups(*TESTED_WITH, "coverage"), pinned=True)
    data = ROOT / "build" / "coverage"
    shutil.rmtree(data, ignore_errors=True)
    data.mkdir(parents=True)
    # Whether tests pass is for `tests` to say: some ask what a process has imported, or count its lines,
    # and whatever measures it is among them.
    words = ("-p", "tests.measured", *session.posargs)
    session.run("coverage", "run", "-m", "pytest", *PARALLEL, *words, success_codes=[0, 1])
    session.run("coverage", "combine", "--quiet")
    low = []
    for name, (least, of, without) in COVERED.items():
        session.log(name)
        omitted = ("--omit", without) if without else ()
        least_of = ("--include", of, *omitted, "--fail-under", str(least))
        try:
            session.run("coverage", "report", *least_of, "--skip-covered", "--show-missing")
        except nox.command.CommandFailed:
            low.append(f"{name} is under {least} %")
    if low:
        session.error(", ".join(low))


@nox.session
def drift(session: nox.Session) -> None:
    """Fail when generated/ or the sync half is not what its source gives."""
    session.notify("regenerate", ["--check"])
    session.notify("unasync", ["--check"])
    session.notify("surface", ["--check"])


@nox.session
def surface(session: nox.Session) -> None:
    """Write docs/api/surface: what each package promises, a line a name (`-- --check` compares)."""
    _install(session, *_groups("api"))
    session.run("python", "facade/surface.py", *session.posargs)


@nox.session
def api_check(session: nox.Session) -> None:
    """Breaking changes of the façade's public API since the last release (`-- --against TAG`)."""
    _install(session, *_groups("api"))
    session.run("python", "facade/api_check.py", *session.posargs)


@nox.session
def bench(session: nox.Session) -> None:
    """CPU time of one operation, ours beside others' (`-- --quick`, `--json`, `--compare FILE`, subjects)."""
    _install(session, "-e", ".[postgres]", *_groups("bench"))
    session.run("python", "bench", *session.posargs)


@nox.session
def bench_recovery(session: nox.Session) -> None:
    """Recover ten thousand writes after an outage: a minute or two (`-- WRITES`, `--json FILE`)."""
    _install(session, "-e", ".[store]", *_groups("bench"))
    session.run("python", "bench/recovering.py", *session.posargs, success_codes=[0, 1])


@nox.session
def bench_ledger(session: nox.Session) -> None:
    """Mirror and match millions of rows: minutes, and some GB of disk (`-- ROWS` for a match of so many)."""
    _install(session, "-e", ".", "-e", "apps/ledger")
    session.run("python", "bench/ledger_match.py", *session.posargs, success_codes=[0, 1])
    if not session.posargs:
        session.run("python", "bench/ledger_mirror.py", success_codes=[0, 1])
        session.run("python", "bench/ledger_nights.py", success_codes=[0, 1])


@nox.session
def demo(session: nox.Session) -> None:
    """Take payments for a ledger of orders against the sandbox and reconcile them (`-- --out DIR`)."""
    _install(session, *EVERYTHING)
    session.run(
        "zerogate", "demo", *session.posargs, env={"COLUMNS": os.environ.get("COLUMNS", "")}
    )
