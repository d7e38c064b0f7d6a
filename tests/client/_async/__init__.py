"""Written by hand; `facade/unasync.py` writes the sync ones from these."""
