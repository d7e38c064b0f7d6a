"""The 31 operations: their names, methods, paths and the credential each one takes."""

from __future__ import annotations

from functools import partial
from typing import Literal

import attrs

Credential = Literal["secret", "publishable"]


@attrs.frozen
class Operation:
    """One operation of the contract, as the sandbox answers it.

    keyed: Whether an Idempotency-Key is `required`, `accepted` or `ignored`.
    entitlement: The account feature without which the answer is 403.
    strict_credentials: Whether a wrong mode or a revoked key is 403 here (elsewhere 401).
    creates: Whether success is the profile's created status.
    """

    name: str
    method: str
    path: str
    credential: Credential = "secret"
    keyed: Literal["required", "accepted", "ignored"] = "ignored"
    entitlement: Literal["rails", "customers"] | None = None
    strict_credentials: bool = False
    success: int = 200
    creates: bool = False

    @property
    def segments(self) -> tuple[str, ...]:
        """Return the parts of the operation's path, variables in braces."""
        return tuple(self.path.strip("/").split("/"))


_rails = partial(Operation, entitlement="rails", strict_credentials=True)
_customers = partial(Operation, entitlement="customers")

OPERATIONS: dict[str, Operation] = {
    operation.name: operation
    for operation in (
        Operation("listSessions", "GET", "/gate_sessions"),
        Operation("createSession", "POST", "/gate_sessions", keyed="required", creates=True),
        Operation("retrieveSession", "GET", "/gate_sessions/{id}"),
        Operation("cancelSession", "POST", "/gate_sessions/{id}/cancel", success=201),
        Operation("listCountries", "GET", "/capabilities/countries"),
        Operation("listCurrencies", "GET", "/capabilities/currencies"),
        Operation("listAssets", "GET", "/capabilities/assets"),
        Operation("getAsset", "GET", "/capabilities/assets/{symbol}"),
        Operation("listPaymentMethods", "GET", "/capabilities/payment-methods"),
        Operation("listPayoutMethods", "GET", "/capabilities/payout-methods"),
        Operation("checkEligibility", "GET", "/capabilities/eligibility"),
        Operation("previewQuotes", "POST", "/quotes/preview", creates=True),
        Operation("listTransactions", "GET", "/transactions", strict_credentials=True),
        Operation("retrieveTransaction", "GET", "/transactions/{refid}", strict_credentials=True),
        Operation(
            "createEmbedToken", "POST", "/embed/bootstrap", credential="publishable", creates=True
        ),
        Operation("getBranding", "GET", "/branding"),
        Operation("updateBranding", "PATCH", "/branding"),
        Operation("listPartnerWebhookDeliveries", "GET", "/webhooks/deliveries"),
        Operation(
            "replayWebhookDelivery", "POST", "/webhooks/deliveries/{id}/replay", creates=True
        ),
        Operation("sendTestWebhook", "POST", "/webhooks/test", creates=True),
        _customers("createCustomer", "POST", "/customers", keyed="required", creates=True),
        _customers("listCustomers", "GET", "/customers"),
        _customers("getCustomer", "GET", "/customers/{id}"),
        _customers("updateCustomer", "PATCH", "/customers/{id}"),
        _customers("deleteCustomer", "DELETE", "/customers/{id}"),
        _rails("lockQuote", "POST", "/quotes", keyed="accepted", creates=True),
        _rails("retrieveSignedQuote", "GET", "/quotes/{id}"),
        _rails("createPayIn", "POST", "/rails/pay_ins", keyed="required", creates=True),
        _rails("retrievePayIn", "GET", "/rails/pay_ins/{id}"),
        _rails("createPayOut", "POST", "/rails/pay_outs", keyed="required", creates=True),
        _rails("retrievePayOut", "GET", "/rails/pay_outs/{id}"),
    )
}


@attrs.frozen
class Match:
    operation: Operation
    params: dict[str, str]


def find(method: str, segments: list[str]) -> Match | set[str]:
    """Return the match; for a path of other methods the set of those, empty for an unknown path.

    Fixed words are tried before `{id}`: POST /quotes/preview is the preview.
    """
    allowed: set[str] = set()
    for template, by_method in _BY_LENGTH.get(len(segments), ()):
        params = _bind(template, segments)
        if params is None:
            continue
        if method in by_method:
            return Match(by_method[method], params)
        allowed = allowed or set(by_method)
    return allowed


def _bind(template: tuple[str, ...], segments: list[str]) -> dict[str, str] | None:
    """Return the template's variables by name; None where a fixed word differs."""
    params = {}
    for wanted, given in zip(template, segments, strict=True):
        if wanted.startswith("{"):
            params[wanted[1:-1]] = given
        elif wanted != given:
            return None
    return params


def _table() -> dict[int, list[tuple[tuple[str, ...], dict[str, Operation]]]]:
    """Return operations by number of segments and method, paths with fewest variables first."""
    paths: dict[tuple[str, ...], dict[str, Operation]] = {}
    for operation in OPERATIONS.values():
        paths.setdefault(operation.segments, {})[operation.method] = operation
    table: dict[int, list[tuple[tuple[str, ...], dict[str, Operation]]]] = {}
    for template in sorted(paths, key=lambda path: sum(part[0] == "{" for part in path)):
        table.setdefault(len(template), []).append((template, paths[template]))
    return table


_BY_LENGTH = _table()
