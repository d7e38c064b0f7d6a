"""What a worker of the tests runs. All that it needs stands in its environment."""

from __future__ import annotations

import os

from celery import Celery
from zerogate_celery import Fleet, Work
from zerogate_store import Store

from tests.inbox.feeding import inbox_on, leave_a_trace


def work() -> Work:
    return Work(inbox=inbox_on(Store(os.environ["CREW_STORE"])), handler=leave_a_trace)


def fleet(broker: str, queue: str, poll: float) -> Fleet:
    app = Celery("crew", broker=broker)
    app.conf.broker_connection_retry_on_startup = True
    app.conf.worker_cancel_long_running_tasks_on_connection_loss = False
    app.conf.task_default_queue = queue
    made = Fleet(app, work, queue=queue, poll=poll)
    made.app = app  # type: ignore[attr-defined]
    return made


if "CREW_BROKER" in os.environ:
    app = fleet(
        os.environ["CREW_BROKER"], os.environ["CREW_QUEUE"], float(os.environ["CREW_POLL"])
    ).app  # type: ignore[attr-defined]
