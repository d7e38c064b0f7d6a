"""A shop's ledger of orders, taken through a sandbox with everything that goes wrong on the way."""
