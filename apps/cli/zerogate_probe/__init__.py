"""Questions to Gate's sandbox that its documentation leaves open, and the file of what it answered.

from zerogate_probe import load
store = Store(url, **load("gate-facts.toml").store)
"""

from zerogate_probe.facts import Facts, load, write
from zerogate_probe.findings import Finding

__all__ = ["Facts", "Finding", "load", "write"]
