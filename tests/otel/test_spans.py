"""OpenTelemetry spans: one per attempt, with what the documentation asks to log, and no secret."""

from __future__ import annotations

import pytest
from opentelemetry.sdk.metrics import MeterProvider
from opentelemetry.sdk.metrics.export import InMemoryMetricReader
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.export import SimpleSpanProcessor
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter
from opentelemetry.trace import SpanKind, StatusCode
from zerogate import Gate, InvalidRequest, Money
from zerogate_otel import spans

from tests.client.scripts import SECRET, Script, VirtualClock, answer, created, refusal


@pytest.fixture
def exporter() -> InMemorySpanExporter:
    return InMemorySpanExporter()


@pytest.fixture
def reader() -> InMemoryMetricReader:
    return InMemoryMetricReader()


@pytest.fixture
def gate(exporter: InMemorySpanExporter, reader: InMemoryMetricReader, script: Script) -> Gate:
    tracers = TracerProvider()
    tracers.add_span_processor(SimpleSpanProcessor(exporter))
    observer = spans(tracers, MeterProvider([reader]))
    return Gate(
        SECRET, transport=script, clock=VirtualClock(), observer=observer, account="the shop"
    )


@pytest.fixture
def script() -> Script:
    return Script(ConnectionResetError(), answer(201, created()), refusal(400, "invalid_request"))


def create(gate: Gate, order: str) -> None:
    gate.sessions.create(
        amount=Money("100", "EUR"), order=order, return_url="https://shop.example/"
    )


def test_each_attempt_is_a_client_span_with_its_resend_count(
    gate: Gate, exporter: InMemorySpanExporter
) -> None:
    create(gate, "order-1")
    lost, done = exporter.get_finished_spans()
    assert (lost.name, lost.kind) == ("POST /gate_sessions", SpanKind.CLIENT)
    assert lost.status.status_code is StatusCode.ERROR
    assert lost.attributes is not None
    assert lost.attributes["error.type"] == "unclear"
    assert done.attributes is not None
    assert done.status.status_code is StatusCode.UNSET
    assert done.attributes["http.response.status_code"] == 201
    assert done.attributes["http.request.resend_count"] == 1
    assert done.attributes["server.address"] == "gate-api-sandbox.0bit.app"
    assert done.attributes["gate.order"] == "order-1"
    assert done.attributes["gate.account"] == "the shop"
    key = done.attributes["gate.idempotency_key"]
    assert key == lost.attributes["gate.idempotency_key"]


def test_a_refusal_names_its_type_and_request_id(
    gate: Gate, exporter: InMemorySpanExporter
) -> None:
    create(gate, "order-1")
    with pytest.raises(InvalidRequest):
        create(gate, "order-2")
    refused = exporter.get_finished_spans()[-1]
    assert refused.attributes is not None
    assert refused.attributes["error.type"] == "invalid_request"
    assert refused.attributes["gate.request_id"] == "req_test_1"


def test_a_span_holds_no_secret(gate: Gate, exporter: InMemorySpanExporter) -> None:
    create(gate, "order-1")
    told = "".join(span.to_json() for span in exporter.get_finished_spans())
    assert SECRET not in told
    assert "canary" not in told


def test_the_histogram_is_cut_by_what_has_few_values(
    gate: Gate, reader: InMemoryMetricReader
) -> None:
    create(gate, "order-1")
    data = reader.get_metrics_data()
    assert data is not None
    (metric,) = data.resource_metrics[0].scope_metrics[0].metrics
    assert metric.name == "http.client.request.duration"
    for point in metric.data.data_points:
        assert "gate.order" not in (point.attributes or {})
