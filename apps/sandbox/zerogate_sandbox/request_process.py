"""One request on its way through the world: routed, struck by faults, admitted, performed."""

from __future__ import annotations

from email.utils import formatdate
from typing import TYPE_CHECKING

import attrs

from zerogate_sandbox.alterations import When
from zerogate_sandbox.calls import Call, Request, parse_json, route
from zerogate_sandbox.embed import CORS, PREFLIGHT
from zerogate_sandbox.faults import alter
from zerogate_sandbox.responses import Answer, Draft, Refused, envelope

if TYPE_CHECKING:
    from zerogate_sandbox.routes import Match, Operation
    from zerogate_sandbox.world import World


@attrs.frozen
class Seen:
    """One request as it arrived, for tests that count them."""

    at: float
    operation: str | None
    method: str
    target: str
    status: int
    request_id: str
    idempotency_key: str | None
    faults: tuple[str, ...]


class RequestProcess:
    def __init__(self, world: World, request: Request, request_id: str) -> None:
        self.world = world
        self.request = request
        self.request_id = request_id
        self.headers = {name.lower(): value for name, value in request.headers}
        self.operation: Operation | None = None
        self.struck: list[str] = []

    def answer(self) -> Answer:
        """Carry out the request; return its answer, faults applied, an error envelope if it is refused."""
        try:
            draft = self._preflight() or self._carry_out()
        except Refused as refused:
            draft = self._refusal(refused)
        if self.operation is not None and self.operation.credential == "publishable":
            draft.headers = {**draft.headers, **CORS}
        self._stamp(draft)
        return draft.final()

    def _preflight(self) -> Draft | None:
        """Return the answer to a CORS preflight for the publishable operation; else None."""
        wanted = self.headers.get("access-control-request-method")
        if self.request.method != "OPTIONS" or wanted is None:
            return None
        match, _ = route(wanted, self.request.target)
        if match.operation.credential != "publishable":
            return None
        return Draft(204, b"", {**PREFLIGHT, "x-request-id": self.request_id})

    def _carry_out(self) -> Draft:
        """Carry out the operation; return its answer, faults applied, its key remembered; or Refused."""
        match, query = route(self.request.method, self.request.target)
        self.operation = match.operation
        early = Draft(200, {})
        if self.world.faults.rules and self._strike(early, "before"):
            return early
        draft, remember = self.world.perform(self._checked_call(match, query))
        draft.headers["x-request-id"] = self.request_id
        if self.world.faults.rules:
            self._strike(draft, "after")
        remember(draft)
        return draft

    def _checked_call(self, match: Match, query: str) -> Call:
        """Return the call, its account made if new; Refused for a wrong key, entitlement, query or body."""
        world, operation = self.world, match.operation
        account, credential = world.partners.authenticate(
            operation, self.request.origin, self.headers
        )
        if operation.entitlement and operation.entitlement not in account.entitlements:
            raise Refused(403, f"{operation.entitlement} are not enabled for this account")
        call = Call(
            operation=operation,
            account=account,
            params=match.params,
            query=world.contract.check_query(operation.name, query),
            headers=self.headers,
            body=self._body(),
            key=self.headers.get("idempotency-key"),
            credential=credential,
            path=self.request.target.partition("?")[0],
            now=world.now,
        )
        world.contract.check_body(operation.name, call.body)
        return call

    def _body(self) -> object:
        """Return the parsed JSON, `NO_BODY` for a blank body; Refused: another type, no JSON, too large."""
        kind = self.headers.get("content-type", "application/json").partition(";")[0]
        if self.request.body and kind.strip().lower() != "application/json":
            raise Refused(400, "the body has to be application/json")
        return parse_json(self.request.body)

    def _strike(self, draft: Draft, when: When) -> bool:
        """Apply the faults that strike now to the draft; return True where there are any."""
        assert self.operation is not None
        faults = self.world.faults.strike(when, self.operation.name, self._text(), self.world.now)
        for fault in faults:
            alter(draft, fault, self.world)
            self.struck.append(fault.name)
        return bool(faults)

    def _text(self) -> str:
        """Return target and body as text, in which a fault's `contains` is looked for."""
        return self.request.target + "\n" + self.request.body.decode(errors="replace")

    def _refusal(self, refused: Refused) -> Draft:
        """Return the error envelope of a refusal, with Allow where it has one."""
        headers = {} if refused.allow is None else {"allow": refused.allow}
        said = envelope(refused.status, refused.message, "", code=refused.code)
        if self.world.profile.message_list:
            said["message"] = [refused.message]
        return Draft(refused.status, said, headers)

    def _stamp(self, draft: Draft) -> None:
        """Set Date and X-Request-Id, that id also in an error's body; a draft of bytes stays as it is.

        The Date is this world's: clients measure by it what may be sent again.
        """
        if isinstance(draft.payload, bytes):
            return
        date = formatdate(self.world.now, usegmt=True)
        draft.headers = {"date": date, **draft.headers, "x-request-id": self.request_id}
        if draft.status >= 300 and isinstance(draft.payload, dict):
            draft.payload = {**draft.payload, "request_id": self.request_id}

    def seen(self, status: int) -> Seen:
        """Return the record of this request, with the status it was answered with."""
        return Seen(
            at=self.world.now,
            operation=self.operation.name if self.operation else None,
            method=self.request.method,
            target=self.request.target,
            status=status,
            request_id=self.request_id,
            idempotency_key=self.headers.get("idempotency-key"),
            faults=tuple(self.struck),
        )
