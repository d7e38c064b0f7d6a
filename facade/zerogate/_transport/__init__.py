"""Sends bytes to one origin and reads the answer, by a deadline; only it imports h11 and httpx."""
