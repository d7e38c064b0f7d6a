"""Checks of `zerogate doctor`: each module knows one thing that a call to Gate, or a payment, needs."""
