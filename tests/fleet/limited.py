"""A worker whose task makes a payment under Celery's soft time limit, and is tried again after it."""

from __future__ import annotations

import os
from typing import Any

from celery import Celery
from celery.exceptions import SoftTimeLimitExceeded
from celery.signals import worker_process_init
from zerogate import Gate
from zerogate_store import Store

from tests.store.crashing import KEY, TERMS

#: Seconds.
LIMIT = 2
_client: list[Gate] = []


def limited(broker: str, queue: str) -> Celery:
    app = Celery("limited", broker=broker)
    app.conf.task_default_queue = queue
    app.conf.broker_connection_retry_on_startup = True
    app.conf.worker_cancel_long_running_tasks_on_connection_loss = False
    app.conf.task_acks_late = True
    app.task(
        name="pay",
        bind=True,
        soft_time_limit=LIMIT,
        autoretry_for=(SoftTimeLimitExceeded,),
        retry_kwargs={"max_retries": None, "countdown": 0},
        ignore_result=True,
    )(pay)
    return app


def pay(task: Any, order: str) -> None:
    with open(os.environ["LIMITED_LOG"], "a") as log:
        log.write(f"{order}\n")
    _client[0].sessions.create(order=order, **TERMS)


@worker_process_init.connect
def open_client(**_: Any) -> None:
    """Before any limit runs: what is loaded and prepared is no part of a payment."""
    store = Store(os.environ["LIMITED_STORE"])
    store.migrate()
    _client[:] = [Gate(KEY, base_url=os.environ["LIMITED_GATE"], store=store)]


if "LIMITED_BROKER" in os.environ:
    app = limited(os.environ["LIMITED_BROKER"], os.environ["LIMITED_QUEUE"])
