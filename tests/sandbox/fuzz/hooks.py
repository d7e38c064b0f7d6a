"""Every case writes under a key of its own.

Schemathesis sends the contract's example key again and again; a repeat is then answered with what was
made first, which another case may have deleted meanwhile. What repeats do is test_idempotency.py's.
"""

from itertools import count

import schemathesis

_NUMBERS = count()


@schemathesis.hook
def before_call(context, case, kwargs):
    key = (case.headers or {}).get("Idempotency-Key")
    if key:
        case.headers["Idempotency-Key"] = f"{key}-{next(_NUMBERS)}"
