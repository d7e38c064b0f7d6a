"""OpenTelemetry spans and a histogram of a client's calls, named by the HTTP conventions.

    from zerogate_otel import spans
    gate = Gate(key, observer=spans())

One client span per attempt, made after it ended, below whatever span is current. Nothing in it is a
secret or personal data: the observer is not told any.
"""

from __future__ import annotations

from urllib.parse import urlsplit

from opentelemetry import metrics, trace
from opentelemetry.metrics import MeterProvider
from opentelemetry.trace import SpanKind, Status, StatusCode, TracerProvider
from opentelemetry.util.types import AttributeValue
from zerogate import AttemptRecord, CallRecord, GateUsageError, Observer, __version__

__all__ = ["spans"]

_NANOSECONDS = 1_000_000_000


def spans(
    tracer_provider: TracerProvider | None = None, meter_provider: MeterProvider | None = None
) -> Observer:
    """Return an observer that makes a client span and a histogram entry of each attempt.

    The providers default to the global ones.
    """
    for name, given in (("get_tracer", tracer_provider), ("get_meter", meter_provider)):
        if given is not None and (isinstance(given, type) or not hasattr(type(given), name)):
            raise GateUsageError(
                f"spans() takes a TracerProvider and a MeterProvider of OpenTelemetry, not "
                f"{type(given).__name__}: leave them out for the global ones"
            )
    tracer = trace.get_tracer("zerogate", __version__, tracer_provider)
    meter = metrics.get_meter("zerogate", __version__, meter_provider)
    seconds = meter.create_histogram(
        "http.client.request.duration", unit="s", description="One request to Gate."
    )

    def observe(record: AttemptRecord | CallRecord) -> None:
        """Record an attempt's duration and its span; ignore records of whole calls."""
        if not isinstance(record, AttemptRecord):
            return
        known = _attributes(record)
        seconds.record(record.seconds, {name: known[name] for name in _MEASURED if name in known})
        span = tracer.start_span(
            f"{record.method} {record.route}",
            kind=SpanKind.CLIENT,
            attributes=known,
            start_time=int(record.started * _NANOSECONDS),
        )
        if record.meaning != "done":
            span.set_status(Status(StatusCode.ERROR, record.meaning))
        span.end(int((record.started + record.seconds) * _NANOSECONDS))

    return observe


#: What a histogram is cut by; ids would make one series per request.
_MEASURED = (
    "http.request.method",
    "url.template",
    "server.address",
    "http.response.status_code",
    "error.type",
)


def _attributes(record: AttemptRecord) -> dict[str, AttributeValue]:
    """Return the facts that are not None, under the names of the HTTP conventions, or `gate.…`."""
    host = urlsplit(record.host)
    failed = record.error_type or (str(record.status) if record.status else record.meaning)
    known: dict[str, AttributeValue | None] = {
        "http.request.method": record.method,
        "url.template": record.route,
        "server.address": host.hostname,
        "server.port": host.port,
        "http.response.status_code": record.status,
        "http.request.resend_count": record.number - 1 or None,
        "error.type": None if record.meaning == "done" else failed,
        "gate.operation": record.operation,
        "gate.mode": record.mode,
        "gate.account": record.account,
        "gate.request_id": record.request_id,
        "gate.error_code": record.error_code,
        "gate.order": record.order,
        "gate.attempt": record.attempt,
        "gate.idempotency_key": record.idempotency_key,
    }
    return {name: value for name, value in known.items() if value is not None}
