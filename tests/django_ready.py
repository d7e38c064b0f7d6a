"""Django, set up once for all tests of a run; what a test needs of it, it overrides."""

from __future__ import annotations

import pytest


def ready() -> None:
    """Skips where there is no Django."""
    django = pytest.importorskip("django")
    from django.conf import settings

    if not settings.configured:
        settings.configure(USE_TZ=True, LOGGING_CONFIG=None, SECRET_KEY="a test's")
        django.setup()
