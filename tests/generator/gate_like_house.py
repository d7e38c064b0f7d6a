"""A small façade and a small sandbox around the client of gate_like.yaml: what a bump has to name."""

# Files as text, whose lines are as long as they have to be.
# ruff: noqa: E501

from __future__ import annotations

from pathlib import Path

FILES = {
    "facade/zerogate/__init__.py": """
        from ._rates import Rates
        from ._sessions import Sessions


        class Gate:
            def __init__(self):
                self.sessions = Sessions()
                self.rates = Rates()
                self.reports = Reports()


        class Reports:
            def create(self):
                return self._call("createReport")
        """,
    "facade/zerogate/_operations.py": """
        OPERATIONS = (
            Operation("listSessions", "GET", "/sessions", "sessions.list_sessions", "SessionList",
                      enums=(("status", "SessionStatus"),)),
            Operation("createSession", "POST", "/sessions", "sessions.create_session", "Session", body="CreateSession"),
            Operation("retrieveSession", "GET", "/sessions/{id}", "sessions.retrieve_session", "Session"),
            Operation("deleteSession", "DELETE", "/sessions/{id}", "sessions.delete_session", "nothing"),
            Operation("addNote", "POST", "/sessions/{id}/notes", "sessions.add_note", "Note", body="Note"),
            Operation("listRates", "GET", "/rates", "rates.list_rates", "list of Rate", publishable=True),
            Operation("createReport", "POST", "/reports", "reports.create_report", "anything", body="anything"),
        )
        """,
    "facade/zerogate/_sessions.py": """
        class Sessions:
            def list(self, *, limit, status, since, currency, ids, archived, page):
                page = self._call("listSessions", status=status, page=page)
                return page.data, page.has_more

            def create(self, *, idempotency_key, x_partner, x_context, amount, flow, order, quantity, step, email, callback, labels,
                       metadata, value, nickname, test):
                answer = self._call("createSession", {"Idempotency-Key": idempotency_key})
                return None if answer.status == 409 else answer.client_secret

            def retrieve(self, id):
                return self._call("retrieveSession", id=id).score

            def delete(self, id):
                return self._call("deleteSession", id=id)

            def note(self, id, *, text, pin_code):
                return self._call("addNote", id=id)
        """,
    "facade/zerogate/_rates.py": """
        class Rates:
            def list(self):
                return self._call("listRates")
        """,
    "facade/zerogate/_meanings.py": """
        SESSION_STATUSES = {
            "open": "pending",
            "completed": "success",
            "expired": "failure",
        }
        FLOWS = ("on_ramp", "off_ramp")
        UNITS = {
            ("Session", "amount"): "currency",
            ("Session", "fee"): "currency",
            ("Session", "price"): "currency",
            ("CreateSession", "amount"): "currency",
            ("Rate", "rate"): None,
        }
        EVENTS = {
            "session.completed": "Session",
            "session.failed": "Session",
        }
        """,
    "facade/zerogate/_names.py": """
        RENAMED = {}
        """,
    "facade/zerogate/types.py": """
        from zerogate_api.models import Bank
        from zerogate_api.models import Card
        from zerogate_api.models import Flow
        from zerogate_api.models import Note
        from zerogate_api.models import Rate
        from zerogate_api.models import Session
        from zerogate_api.models import SessionStatus
        """,
    "facade/zerogate/webhooks.py": """
        def verified(headers):
            return headers["Gate-Signature"], headers.get("X-Event-Id")
        """,
    "apps/sandbox/zerogate_sandbox/routes.py": """
        OPERATIONS = {
            "listSessions": Route("listSessions", "GET", "/sessions"),
            "createSession": Route("createSession", "POST", "/sessions"),
            "retrieveSession": Route("retrieveSession", "GET", "/sessions/{id}"),
            "deleteSession": Route("deleteSession", "DELETE", "/sessions/{id}"),
            "addNote": Route("addNote", "POST", "/sessions/{id}/notes"),
            "listRates": Route("listRates", "GET", "/rates"),
            "createReport": Route("createReport", "POST", "/reports"),
        }
        """,
    "apps/sandbox/zerogate_sandbox/answers.py": """
        HANDLERS = ("listSessions", "createSession", "retrieveSession", "deleteSession", "addNote", "listRates",
                    "createReport")
        SESSION = {
            "id": 1, "object": 1, "amount": 1, "fee": 1, "price": 1, "currency": 1, "status": 1, "flow": 1,
            "count": 1, "score": 1, "active": 1, "tags": 1, "metadata": 1, "created_at": 1, "return_url": 1,
            "note": 1, "client_secret": 1, "extra": 1, "method": 1, "legacy": 1, "region": 1, "draft": 1, "sealed": 1,
        }
        OTHERS = {
            "data": 1, "has_more": 1, "kind": 1, "last4": 1, "iban": 1, "text": 1, "author": 1, "pin_code": 1,
            "pair": 1, "rate": 1, "code": 1, "message": 1, "type": 1,
        }
        """,
}


def build(root: Path) -> None:
    """Write it below a folder."""
    for name, text in FILES.items():
        path = root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        lines = [line.removeprefix(" " * 8) for line in text.strip("\n").split("\n")]
        path.write_text("\n".join(lines), "utf-8")
