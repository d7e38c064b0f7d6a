# Written by facade/unasync.py from facade/zerogate/_async/__init__.py; edit that file.
"""The half that is written by hand; `facade/unasync.py` writes the other from it."""
