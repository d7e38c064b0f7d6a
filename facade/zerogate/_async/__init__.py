"""The half that is written by hand; `facade/unasync.py` writes the other from it."""
