"""What a fleet's tests need and not every environment has."""

from __future__ import annotations

from tests.services import ignored

collect_ignore = ignored(
    **{
        "test_fleet.py": "celery",
        "crew.py": "celery",
        "broker.py": "celery",
        "limited.py": "celery",
        "test_soft_limit.py": "celery",
    }
)
