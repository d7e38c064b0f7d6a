"""Clients and transports of httpx and httpx2, used for ours, and ours for theirs; only it imports httpx."""
