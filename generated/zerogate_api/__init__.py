"""The low-level client."""
