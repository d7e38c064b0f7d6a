"""Processes the inbox in Celery workers; the broker only wakes them. Needs zerogate[celery].

from zerogate_celery import Fleet, Work
fleet = Fleet(app, work)        # app: your Celery; work: makes a Work, once in each process
fleet.wake()                    # after inbox.receive(…)
"""

from .fleet import Fleet
from .work import Work

__all__ = ["Fleet", "Work"]
