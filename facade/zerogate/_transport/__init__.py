"""Sends bytes to one origin and reads the answer, by a deadline; knows nothing of Gate, and no httpx."""
