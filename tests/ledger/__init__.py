"""The ledger: what it finds is compared with a slow oracle, other engines, and a person's eyes."""
