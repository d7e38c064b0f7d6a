"""A whole Gate on one machine, for tests and development."""
