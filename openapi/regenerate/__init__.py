"""From the contract and our overlay to generated/: the low-level client, API.md and lock.json."""
