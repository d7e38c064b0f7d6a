"""Remembers webhooks: records, decisions, steps. Sends none; I/O is in `_async/`."""
