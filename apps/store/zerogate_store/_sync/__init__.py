# Written by facade/unasync.py from apps/store/zerogate_store/_async/__init__.py; edit that file.
"""The inbox as it is carried out: the only half that is written by hand."""
