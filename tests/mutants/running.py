"""Runs tests in forks of one process, with another text in place of one module's: nothing on disk is changed.

What third parties have is imported once, before the first fork; our own modules are imported in each.
"""

from __future__ import annotations

import contextlib
import functools
import gc
import importlib
import importlib.abc
import importlib.machinery
import importlib.util
import json
import math
import os
import resource
import select
import signal
import sys
import time
import traceback
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from types import CodeType, FunctionType, ModuleType
from typing import Any, Final

import attrs
import coverage
import pytest

#: Begin of the names of what is imported anew in each fork. `zerogate_api` imports nothing of ours.
_OURS: Final = (
    "zerogate.",
    "zerogate_store",
    "zerogate_sandbox",
    "zerogate_ledger",
    "tests",
    "__main__",
)


#: Plain asserts, because plugins that were imported ahead cannot be written anew.
_PLAIN: Final = ("-q", "-p", "no:cacheprovider", "--assert=plain")


class Fork:
    """A function that runs in a fork, whose result comes back as JSON. It prints nothing."""

    def __init__(self, call: Callable[[], dict[str, Any]]) -> None:
        reading, writing = os.pipe()
        self.begun = time.monotonic()
        self._said = b""
        self._from = reading
        self.pid = os.fork()
        if self.pid == 0:
            os.setsid()
            os.close(reading)
            _carry_out(call, writing)
        os.close(writing)

    def fileno(self) -> int:
        return self._from

    def read(self) -> bool:
        """Take what has come; return whether that was the end of it."""
        part = os.read(self._from, 1 << 20)
        self._said += part
        return not part

    def end(self) -> dict[str, Any] | None:
        """End the fork and all that it started; return its result, None where it had none."""
        with contextlib.suppress(ProcessLookupError):
            os.killpg(self.pid, signal.SIGKILL)
        os.waitpid(self.pid, 0)
        os.close(self._from)
        found: dict[str, Any] | None = json.loads(self._said) if self._said else None
        return found

    def result(self, seconds: float) -> dict[str, Any] | None:
        until = time.monotonic() + seconds
        while (left := until - time.monotonic()) > 0:
            if select.select([self], [], [], left)[0] and self.read():
                break
        return self.end()


class _Instead(importlib.abc.MetaPathFinder):
    """Finds one module with another text than its file has."""

    def __init__(self, module: str, path: Path, text: str) -> None:
        self._module, self._path, self._text = module, path, text

    def find_spec(
        self, fullname: str, path: object = None, target: ModuleType | None = None
    ) -> importlib.machinery.ModuleSpec | None:
        if fullname != self._module:
            return None
        text, file = self._text, str(self._path)

        class Loader(importlib.machinery.SourceFileLoader):
            def get_code(self, fullname: str) -> CodeType:
                code: CodeType = compile(text, file, "exec", dont_inherit=True)
                return code

        return importlib.util.spec_from_file_location(
            fullname, self._path, loader=Loader(fullname, file)
        )


class _Chosen:
    """Keeps the named tests, in their order."""

    def __init__(self, tests: Sequence[str]) -> None:
        self._place = {test: number for number, test in enumerate(tests)}

    @pytest.hookimpl(trylast=True)
    def pytest_collection_modifyitems(self, items: list[pytest.Item]) -> None:
        items[:] = sorted(
            (one for one in items if one.nodeid in self._place),
            key=lambda one: self._place[one.nodeid],
        )


class _Reached:
    """Notes which lines of a file each test runs through, and which tests fail."""

    def __init__(self, path: Path) -> None:
        self._path = str(path)
        self._coverage = coverage.Coverage(
            data_file=None,
            config_file=False,
            include=[self._path],
            concurrency=["thread", "greenlet"],
        )
        self.failed: list[str] = []
        self._order: list[str] = []
        self.seconds: dict[str, float] = {}

    @pytest.hookimpl(wrapper=True)
    def pytest_runtest_protocol(self, item: pytest.Item) -> Any:
        self._order.append(item.nodeid)
        self._coverage.start()
        self._coverage.switch_context(item.nodeid)
        begun = time.process_time()
        try:
            return (yield)
        finally:
            self._coverage.stop()
            self.seconds[item.nodeid] = time.process_time() - begun

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        if report.failed:
            self.failed.append(report.nodeid)

    def lines(self) -> dict[str, list[int]]:
        # The quick ones first: most changes are noticed by one of them.
        found: dict[str, list[int]] = {
            test: [] for test in sorted(self._order, key=lambda one: self.seconds[one])
        }
        for line, tests in self._coverage.get_data().contexts_by_lineno(self._path).items():
            for test in filter(None, tests):
                found[test].append(line)
        return found


class _Failures:
    """Notes which tests fail."""

    def __init__(self) -> None:
        self.failed: list[str] = []

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        if report.failed:
            self.failed.append(report.nodeid)


@attrs.frozen
class Baseline:
    """Result of a run without a change. modules: Others that were imported for it.

    reached, seconds: Of each test, the quickest first: its lines in the module, its work.
    """

    reached: Mapping[str, frozenset[int]]
    modules: Sequence[str]
    seconds: Mapping[str, float]

    def allowed(self, tests: Sequence[str]) -> float:
        """Return the seconds of work after which tests count as never ending."""
        return 2 + 4 * sum(self.seconds[test] for test in tests)


def baseline(path: Path, files: Sequence[str]) -> Baseline:
    """Run the tests once as they are, and learn which lines each of them runs through."""

    def learn() -> dict[str, Any]:
        reached = _Reached(path)
        code = _pytest(files, reached)
        return {
            "code": int(code),
            "failed": reached.failed,
            "lines": reached.lines(),
            "seconds": reached.seconds,
            "modules": [
                one for one in sys.modules if one != "zerogate" and not one.startswith(_OURS)
            ],
        }

    said = Fork(learn).result(3600)
    if said is None or said["code"]:
        sys.exit(f"the tests fail as they are: {said and said['failed']}")
    lines = {test: frozenset(seen) for test, seen in said["lines"].items()}
    return Baseline(lines, said["modules"], said["seconds"])


def import_ahead(modules: Sequence[str]) -> None:
    """Import what is not ours, so that no fork has to."""
    for name in modules:
        with contextlib.suppress(BaseException):
            importlib.import_module(name)
    gc.collect()
    gc.freeze()  # nothing of it is looked at again in a fork


def attempt(module: str, path: Path, text: str, tests: Sequence[str], cpu: float) -> Fork:
    """Begin to run tests with another text, up to the first that fails.

    cpu: Seconds of work after which they are ended.
    """

    def run() -> dict[str, Any]:
        _limit(cpu)
        sys.meta_path.insert(0, _Instead(module, path, text))
        files = dict.fromkeys(test.split("::")[0] for test in tests)
        noted = _Failures()
        code = _pytest(["-x", *files], _Chosen(tests), noted)
        return {"code": int(code), "failed": noted.failed}

    return Fork(run)


class Collected:
    """Tests that were collected once. Changes inside of functions are tried in forks of that moment.

    A function keeps its place, and is given another code, so that whoever holds it has the change. What a
    module made of it while it was imported has not: so it is `attempt` that says what nothing notices.
    """

    def __init__(self, path: Path, items: Sequence[pytest.Item], noted: _Failures) -> None:
        self._items = {item.nodeid: item for item in items}
        self._noted = noted
        self._functions = [
            one
            for one in gc.get_objects()
            if isinstance(one, FunctionType) and one.__code__.co_filename == str(path)
        ]
        self._caches = [
            one
            for one in gc.get_objects()
            if isinstance(one, functools._lru_cache_wrapper)
            and getattr(one, "__wrapped__", None) in self._functions
        ]
        self._path = path
        gc.collect()
        gc.freeze()

    def attempt(self, text: str, tests: Sequence[str], found: Baseline) -> Fork:
        def run() -> dict[str, Any]:
            codes = {(one.co_qualname, one.co_firstlineno): one for one in _codes(text, self._path)}
            for function in self._functions:
                old = function.__code__
                try:
                    function.__code__ = codes.get((old.co_qualname, old.co_firstlineno), old)
                except ValueError:  # it holds other variables of the function around it
                    return {"code": 0, "failed": []}
            for cached in self._caches:
                cached.cache_clear()
            items = [self._items[test] for test in tests]
            for item, following in zip(items, [*items[1:], None], strict=True):
                _limit(time.process_time() + found.allowed([item.nodeid]))
                item.config.hook.pytest_runtest_protocol(item=item, nextitem=following)
                if self._noted.failed:
                    break
            return {"code": len(self._noted.failed), "failed": self._noted.failed}

        return Fork(run)


def with_collected(
    path: Path, files: Sequence[str], work: Callable[[Collected], dict[str, Any]]
) -> dict[str, Any]:
    """Collect tests in a fork and have *work* done with them there; return its result."""

    class Loop(_Failures):
        result: dict[str, Any]

        def pytest_runtestloop(self, session: pytest.Session) -> bool:
            self.result = work(Collected(path, session.items, self))
            return True

    def run() -> dict[str, Any]:
        loop = Loop()
        _pytest(files, loop)
        return loop.result

    said = Fork(run).result(7200)
    if said is None or "code" in said:
        sys.exit(f"the tests could not be collected: {said}")
    return said


def _codes(text: str, path: Path) -> Iterator[CodeType]:
    left: list[CodeType] = [compile(text, str(path), "exec", dont_inherit=True)]
    while left:
        code = left.pop()
        yield code
        left += [one for one in code.co_consts if isinstance(one, CodeType)]


def _limit(cpu: float) -> None:
    sys.dont_write_bytecode = False  # a change is made in memory, and the rest stays as it is
    # The soft one alone, which ends whoever reaches it, and can be raised for the next test.
    _, hard = resource.getrlimit(resource.RLIMIT_CPU)
    resource.setrlimit(resource.RLIMIT_CPU, (math.ceil(cpu), hard))


def _pytest(words: Sequence[str], *plugins: object) -> int | pytest.ExitCode:
    return pytest.main([*_PLAIN, *words], plugins=list(plugins))


def _carry_out(call: Callable[[], dict[str, Any]], writing: int) -> None:
    said: dict[str, Any] = {"code": 99, "failed": ["it could not be run"]}
    try:
        with open(os.devnull, "r+b") as void:
            for number in (0, 1, 2):
                os.dup2(void.fileno(), number)
        said = call()
    except BaseException:  # a fork that is told to end says so as well, for its parent only reads
        said["failed"] = [traceback.format_exc()]
    finally:
        whole = json.dumps(said).encode()
        while whole:
            whole = whole[os.write(writing, whole) :]
        os._exit(0)
