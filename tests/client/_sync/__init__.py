# Written by facade/unasync.py from tests/client/_async/__init__.py; edit that file.
"""Written by hand; `facade/unasync.py` writes the sync ones from these."""
