"""One step in a transaction of its own, on a driver's connection."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from typing import Any, TypeVar

import sqlalchemy as sa

from ._databases import begin_durably, begin_writing
from ._deadlines import cut_waits
from ._drivers import execute_on
from ._journal.statements import Step, run_step
from ._nested import reading_only

T = TypeVar("T")


def commit_alone(
    connection: Any, step: Callable[[], Step[T]], dialect: sa.Dialect, *, nested: bool
) -> T:
    """Run a step and commit it: on the driver's own connection, for a third of what SQLAlchemy's costs.

    nested: Inside of a handler's transaction, which has the one write lock: then it may only read.
    """
    driver = connection.driver_connection
    cut_waits(driver)
    execute = execute_on(driver, dialect.name)
    try:
        if nested:
            execute = reading_only(execute)
        elif dialect.name == "sqlite":
            begin_writing(driver)
        else:
            begin_durably(connection, driver)
        result = run_step(step(), execute)
        driver.commit()
    except BaseException:
        # What ended the step is what is told, and not that its connection is closed since.
        with suppress(Exception):
            driver.rollback()
        raise
    return result
