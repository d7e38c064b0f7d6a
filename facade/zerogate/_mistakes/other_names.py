"""Names that others give to what is here, and how it is written here. Loaded once something was misspelt."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

#: A keyword of other libraries → the one that is ours, and how it is written.
KEYWORDS: Final[Mapping[str, tuple[str, str]]] = {
    "api_key": ("secret_key", "Gate('sk_test_…') takes the key first, as secret_key"),
    "key": ("secret_key", "Gate('sk_test_…') takes the key first, as secret_key"),
    "token": ("secret_key", "Gate('sk_test_…') takes the key first, as secret_key"),
    "max_retries": ("retries", "write retries=RetryPolicy(attempts=4), the first send included"),
    "num_retries": ("retries", "write retries=RetryPolicy(attempts=4), the first send included"),
    "verify": ("ssl_context", "write ssl_context=ssl.create_default_context(cafile=…)"),
    "proxies": ("proxy", "write proxy='http://…' with one URL"),
    "url": ("base_url", "write base_url="),
    "host": ("base_url", "write base_url="),
    "endpoint": ("base_url", "write base_url="),
    "client": ("http_client", "write http_client="),
    "session": ("http_client", "write http_client="),
    "order_id": ("order", "write order=, your own reference"),
    "reference": ("order", "write order=, your own reference"),
    "currency": ("amount", "the amount holds it: amount=Money('25.00', 'EUR')"),
    "success_url": ("return_url", "write return_url="),
    "redirect_url": ("return_url", "write return_url="),
    "expected": ("expect", "write expect=Money('25.00', 'EUR')"),
    "country": ("country_code", "write country_code='DE'"),
    "per_page": ("limit", "write limit="),
    "page_size": ("limit", "write limit="),
    "cursor": ("starting_after", "write starting_after="),
    "after": ("starting_after", "write starting_after="),
}
#: A keyword that is missing → how it is written, where its name does not say so.
MISSING: Final[Mapping[str, str]] = {
    "amount": "amount=Money('25.00', 'EUR')",
    "order": "order='…', your own reference",
    "expect": "expect=Money('25.00', 'EUR') or ANY_AMOUNT",
    "country_code": "country_code='DE' or BY_CALLER_IP",
    "return_url": "return_url='https://…'",
}
#: A name that a client has not → where it is.
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
}
