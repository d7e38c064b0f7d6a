"""Names that others give to what is here, and how it is written here. Loaded once something was misspelt."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

#: A keyword of ours → what others call it, and how it is written here.
KEYWORDS: Final[Mapping[str, tuple[str, str]]] = {
    "secret_key": ("api_key key token", "Gate('sk_test_…') takes the key first, as secret_key"),
    "retries": (
        "max_retries num_retries attempts",
        "write retries=RetryPolicy(attempts=4), the first send included",
    ),
    "attempts": (
        "max_retries num_retries retries total tries",
        "write attempts=4, the first send included",
    ),
    "first_wait": (
        "backoff backoff_factor delay wait",
        "write first_wait=0.5 and longest_wait=8.0, in seconds",
    ),
    "ssl_context": ("verify", "write ssl_context=ssl.create_default_context(cafile=…)"),
    "proxy": ("proxies", "write proxy='http://…' with one URL"),
    "base_url": ("url host endpoint", "write base_url="),
    "http_client": ("client session", "write http_client="),
    "order": ("order_id reference", "write order=, your own reference"),
    "amount": ("currency", "the amount holds it: amount=Money('25.00', 'EUR')"),
    "return_url": ("success_url redirect_url", "write return_url="),
    "expect": ("expected", "write expect=Money('25.00', 'EUR')"),
    "country_code": ("country", "write country_code='DE'"),
    "limit": ("per_page page_size", "write limit="),
    "starting_after": ("cursor after", "write starting_after="),
    "url_or_engine": (
        "url engine database dsn path",
        "Store('sqlite:///gate.db') takes the address first",
    ),
    "handler": ("handle callback function", "write the function first, inbox.drain(fulfil)"),
}
#: A keyword that is missing → how it is written, where its name does not say so.
MISSING: Final[Mapping[str, str]] = {
    "amount": "amount=Money('25.00', 'EUR')",
    "order": "order='…', your own reference",
    "expect": "expect=Money('25.00', 'EUR') or ANY_AMOUNT",
    "country_code": "country_code='DE' or BY_CALLER_IP",
    "return_url": "return_url='https://…'",
    "url_or_engine": "the address of its database: Store('sqlite:///gate.db'), or postgresql://…",
    "store": "store=Store('sqlite:///gate.db')",
    "handler": "a function of one event: def fulfil(received): …",
    "body": "the raw body of the request",
    "headers": "its headers",
    "secrets": "the endpoint's secret, whsec_…",
    "secret": "the endpoint's secret, whsec_…",
    "id": "the id, as the record's .id has it",
    "unresolved": "what gate.recover() gave as unresolved",
}
#: A name that no object of ours has → where what it stands for is.
PLACES: Final[Mapping[str, str]] = {
    "rails": "bank rails are gate.pay_ins (money in) and gate.pay_outs (money out)",
    "payments": "a payment is a session (gate.sessions) with its transactions (gate.transactions)",
    "payouts": "money out is gate.pay_outs, or a session with flow='off_ramp'",
    "payins": "money in by bank is gate.pay_ins",
    "checkout": "a checkout is a session: gate.sessions.create(…)",
    "webhooks": "verify one with zerogate.webhooks.verify(…); their log is gate.deliveries",
    "events": "verify one with zerogate.webhooks.verify(…); their log is gate.deliveries",
    "refunds": "Gate documents no refunds; a user sells with flow='off_ramp'",
    "store": "give it to Gate(…, store=store), and keep it",
    "inbox": "an inbox is made beside it: Inbox(store, secret, gate=gate), from zerogate_store",
    "account": "nothing reads the account; `zerogate doctor` shows what a key may do",
    **dict.fromkeys(
        ("with_raw_response", "with_streaming_response", "last_response"),
        "write `with captured_responses() as answers:` around the call for status, headers and request ids",
    ),
    "with_options": "each call takes timeout=, and Gate(…) takes retries=",
}
#: A method of other libraries → ours.
METHODS: Final[Mapping[str, tuple[str, ...]]] = {
    "get": ("retrieve", "list"),
    "fetch": ("retrieve", "list"),
    "read": ("retrieve", "list"),
    "find": ("retrieve", "list"),
    "all": ("list",),
    "search": ("list",),
    "new": ("create",),
    "post": ("create",),
    "delete": ("cancel",),
    "void": ("cancel",),
    "expire": ("cancel",),
    "check": ("session", "verify"),
    "handle": ("drain",),
    "process": ("drain",),
    "run": ("drain",),
    "verify": ("receive",),
    "close": ("aclose",),
    "aclose": ("close",),
    "currency": ("code",),
    "value": ("amount",),
    "cents": ("amount",),
    "major": ("amount",),
}
#: A name that is elsewhere, or another library's → how it is written here.
IMPORTS: Final[Mapping[str, str]] = {
    **dict.fromkeys(("Store", "Inbox", "AsyncInbox"), "it is in zerogate_store"),
    "AsyncStore": "one Store serves both halves: from zerogate_store import Store",
    "Sandbox": "it is in zerogate_sandbox",
    **dict.fromkeys(("Client", "ZeroGate"), "the client is Gate"),
    "AsyncClient": "the client is AsyncGate",
    **dict.fromkeys(("Session", "GateSession", "Transaction"), "records are in zerogate.types"),
    "APIError": "the base is GateError",
    "RateLimitError": "it is RateLimited",
    "AuthenticationError": "it is Unauthorized",
    "InvalidRequestError": "it is InvalidRequest",
    **dict.fromkeys(
        ("APIConnectionError", "APITimeoutError"), "NotSent, ReadFailed and OutcomeUnknown say it"
    ),
    **dict.fromkeys(("SignatureVerificationError", "InvalidSignature"), "it is SignatureRejected"),
    **dict.fromkeys(
        ("construct_event", "Webhook", "unwrap"), "it is webhooks.verify(body, headers, secret)"
    ),
}
#: A method of Python's protocols that a class does not have, of one class or of any → what to do instead.
REFUSED: Final[Mapping[str, str]] = {
    "__call__": "{name} is not called itself: write the name of one of its methods",
    **dict.fromkeys(
        ("__enter__", "__exit__"),
        "{name} is opened with `async with {name}(…) as gate:`; without async, use Gate",
    ),
    **dict.fromkeys(
        ("__aenter__", "__aexit__"),
        "{name} is opened with `with {name}(…) as gate:`; in async code, use AsyncGate",
    ),
    **dict.fromkeys(
        ("__iter__", "__await__"),
        "{name} is read with `async for row in …:`, one row at a time; or await its .first()",
    ),
    "__aiter__": "{name} is read with `for row in …:`, one row at a time",
    "__len__": (
        "{name} has no length: nothing was read yet, and Gate does not say how many rows there are; "
        "count while you read"
    ),
    "__getitem__": (
        "{name} has no places: nothing was read yet, and Gate does not say how many rows there are; "
        ".first() is the newest row, or None (await it in async code)"
    ),
    "__bool__": (
        "{name} is neither true nor false: nothing was read yet, and Gate does not say how many rows "
        "there are; .first() is None where there is none (await it in async code)"
    ),
    **dict.fromkeys(
        ("__truediv__", "__floordiv__"),
        "Money is not divided with /, which cannot be exact: .split(3) gives three parts that add up, "
        ".allocate([70, 30]) gives shares",
    ),
    **dict.fromkeys(
        ("__float__", "__int__"),
        "an amount is never a float or an int: .amount is its exact Decimal, .wire its text",
    ),
    **dict.fromkeys(
        ("__radd__", "__rsub__"),
        "cannot add a number and Money; sum() begins with 0: write Money.total(amounts, 'EUR')",
    ),
    "__round__": (
        "an amount is never rounded by itself: decide how on .amount, its exact Decimal, and make Money "
        "of the result"
    ),
    "__eq__": (
        "an outcome is compared with an outcome, and this one is {name}: ask outcome.may_fulfil, or "
        "isinstance(outcome, Settled)"
    ),
    # Of a class that says the same whatever name it is asked for.
    "_Outcome.__getattr__": "ask .may_fulfil, and .next_step for what to do",
    "AutoPager.__getattr__": "read it with `for row in …:`, which turns the pages itself",
    "AsyncAutoPager.__getattr__": "read it with `async for row in …:`, which turns the pages itself",
}
