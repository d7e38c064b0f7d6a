"""Between plain data and the wire: the only part, with `types.py`, that knows the generated client."""
