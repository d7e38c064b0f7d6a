"""Identity, keys and terms of a write; retries; the history of one call. Waits for nothing."""
