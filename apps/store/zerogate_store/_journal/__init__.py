"""What is remembered of writes: records, decisions, steps. Sends none; I/O is in `_async/`."""
