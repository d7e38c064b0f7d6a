"""Gives Ctrl-C back to commands that tests start: in a background job of a shell all are deaf to it."""

from __future__ import annotations

import signal

if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
    signal.signal(signal.SIGINT, signal.default_int_handler)
