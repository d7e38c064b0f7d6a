"""Django, set up once for all tests of a run; what a test needs of it, it overrides."""

from __future__ import annotations

from importlib.util import find_spec

from tests.services import unavailable


def ready() -> None:
    """Django, or the end of a test that needs it."""
    if find_spec("django") is None:
        unavailable("no django (pip install --group receivers)")
    import django
    from django.conf import settings

    if not settings.configured:
        settings.configure(USE_TZ=True, LOGGING_CONFIG=None, SECRET_KEY="a test's")
        django.setup()
