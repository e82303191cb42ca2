"""Spans, read back from OpenTelemetry's own SDK."""

import subprocess
import sys
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import pytest
from multidict import CIMultiDict
from opentelemetry import baggage, context, trace
from opentelemetry.sdk.trace import ReadableSpan, TracerProvider
from opentelemetry.sdk.trace.export import SimpleSpanProcessor
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter
from yarl import URL

from aiotables.core import errors
from aiotables.core.events import AttemptStarted, CallEnded, CallStarted
from aiotables.core.record import CallRecord
from aiotables.core.requests import Request
from aiotables.core.tracing import Spans, propagation, spans
from aiotables.core.transport import SendFailure


if TYPE_CHECKING:
    from tests.core.conftest import Toy

IT = b'{"name":"it"}'


class Kept:
    """Spans that are kept in memory."""

    def __init__(self) -> None:
        self._exporter = InMemorySpanExporter()
        provider = TracerProvider()
        provider.add_span_processor(SimpleSpanProcessor(self._exporter))
        self.tracer = provider.get_tracer("test")

    @property
    def spans(self) -> tuple[ReadableSpan, ...]:
        """Those that have ended, in that order."""
        return self._exporter.get_finished_spans()

    @property
    def only(self) -> ReadableSpan:
        """The only one."""
        (span,) = self.spans
        return span


@pytest.fixture
def kept(toy: "Toy") -> Kept:
    """What becomes of the toy's calls."""
    kept = Kept()
    toy.calls.listeners = (Spans(kept.tracer),)
    return kept


async def create(toy: "Toy") -> None:
    """Create the thing `it`."""
    await toy.call(toy.create, body=toy.thing(name="it"))


async def read(toy: "Toy") -> None:
    """Read the thing `it`."""
    await toy.call(toy.read, path={"name": "it"})


def facts(span: ReadableSpan) -> dict[str, Any]:
    """Its attributes."""
    return dict(span.attributes or {})


def events(span: ReadableSpan) -> list[tuple[str, Mapping[str, Any]]]:
    """Its events."""
    return [(event.name, dict(event.attributes or {})) for event in span.events]


async def test_one_span_for_one_call(toy: "Toy", kept: Kept) -> None:
    """A call is one client span with the attributes that the conventions name, and no value that was sent."""
    toy.gives(toy.reply(200, IT, headers={"X-Request-Id": "r1", "X-Run": "run1"}))

    await read(toy)

    assert ("toy.get_thing", trace.SpanKind.CLIENT) == (kept.only.name, kept.only.kind)
    assert {
        "http.request.method": "GET",
        "server.address": "toy.example",
        "server.port": 443,
        "url.template": "/api/things/{name}",
        "http.response.status_code": 200,
        "aiotables.request_id": "r1",
        "aiotables.operation_run": "run1",
    } == facts(kept.only)
    assert trace.StatusCode.UNSET is kept.only.status.status_code
    assert [] == events(kept.only)


async def test_retries_are_events(toy: "Toy", kept: Kept) -> None:
    """Each further attempt is an event that says why, and the span says how many there were."""
    toy.calls.jitter.random = lambda: 0.0  # type: ignore[method-assign] # so that the waits are known
    toy.gives(
        toy.reply(429, headers={"Retry-After": "7"}),
        SendFailure("connection lost after sending", sent=True),
        toy.reply(200, IT),
    )

    await read(toy)

    assert 2 == facts(kept.only)["http.request.resend_count"]
    assert [
        (
            "retry",
            {
                "http.request.resend_count": 1,
                "aiotables.reason": "answered 429",
                "aiotables.waited": 7.0,
                "http.response.status_code": 429,
            },
        ),
        (
            "retry",
            {
                "http.request.resend_count": 2,
                "aiotables.reason": "connection lost after sending",
                "aiotables.waited": 0.0,
            },
        ),
    ] == events(kept.only)


async def test_errors(toy: "Toy", kept: Kept) -> None:
    """A call that raises says what, and never what the service said."""
    toy.gives(toy.reply(404, b'{"error":"gone"}'))

    with pytest.raises(errors.NotFound):
        await read(toy)

    assert ("NotFound", 404) == (
        facts(kept.only)["error.type"],
        facts(kept.only)["http.response.status_code"],
    )
    assert (trace.StatusCode.ERROR, "answered 404 gone") == (
        kept.only.status.status_code,
        kept.only.status.description,
    )


async def test_closed_before_anything_was_sent(toy: "Toy", kept: Kept) -> None:
    """A call that sent nothing is a span with an error all the same."""
    toy.gives(errors.ClosedError("closed"))

    with pytest.raises(errors.ClosedError):
        await read(toy)

    assert "ClosedError" == facts(kept.only)["error.type"]
    assert kept.only.status.description is None


async def test_looks_are_children(toy: "Toy", kept: Kept) -> None:
    """The looks that settle a call are spans within its span; the next call is none of them."""
    toy.gives(
        SendFailure("connection lost after sending", sent=True),
        toy.reply(200, b"[]"),
        toy.reply(200, b'[{"name":"it"}]'),
        toy.reply(200, IT),
    )

    await create(toy)
    await read(toy)

    first, second, call, other = kept.spans
    assert ["toy.list_things", "toy.list_things", "toy.create_thing", "toy.get_thing"] == [
        span.name for span in kept.spans
    ]
    assert call.context is not None
    for look in (first, second):
        assert look.parent is not None
        assert call.context.span_id == look.parent.span_id
    assert other.parent is None
    assert facts(call)["aiotables.settled"] is True


async def test_the_programs_own_span(toy: "Toy", kept: Kept) -> None:
    """A call is a child of the span that the program has around it, which is the current one again afterwards."""
    toy.gives(toy.reply(200, IT))

    with kept.tracer.start_as_current_span("mine") as mine:
        await read(toy)
        assert mine is trace.get_current_span()

    call, _ = kept.spans
    assert call.parent is not None
    assert mine.get_span_context().span_id == call.parent.span_id


async def test_propagation(toy: "Toy", kept: Kept) -> None:
    """The trace goes with the request where this is asked for; the headers of the next call are as they were."""
    toy.calls.propagate = propagation()
    toy.gives(toy.reply(200, IT), toy.reply(200, IT))
    headers = toy.headers

    token = context.attach(baggage.set_baggage("customer", "secret"))
    await toy.call(toy.read, path={"name": "it"}, headers=headers)
    context.detach(token)

    sent = toy.transport.requests[0].headers
    assert kept.only.context is not None
    assert f"{kept.only.context.trace_id:032x}-{kept.only.context.span_id:016x}" in sent["traceparent"]
    assert "baggage" not in sent
    assert ["Authorization"] == list(headers)


def test_nothing_to_propagate() -> None:
    """Without a trace no header is added."""
    request = Request(method="GET", url=URL("https://toy.example"), headers=CIMultiDict({"A": "b"}))

    assert {"A": "b"} == dict(propagation()(request).headers)


async def test_no_propagation_by_default(toy: "Toy", kept: Kept) -> None:
    """What is not asked for is not sent."""
    toy.gives(toy.reply(200, IT))

    await read(toy)

    assert ["Authorization"] == list(toy.transport.requests[0].headers)


def test_an_address_without_a_port() -> None:
    """A port that is not known is left out."""
    kept = Kept()
    listener = Spans(kept.tracer)
    call = CallStarted(operation="toy.x", method="GET", host="toy.example", port=None, template="/x")

    listener(call)
    listener(AttemptStarted(call=call, number=1, waited=0.0))
    listener(CallEnded(call=call, record=CallRecord(operation="toy.x"), error=None))

    assert "server.port" not in facts(kept.only)
    assert "Spans" in repr(listener)


# Whether to trace


def test_not_installed(monkeypatch: pytest.MonkeyPatch) -> None:
    """Who asks for what is not installed is told what to install."""
    monkeypatch.setitem(sys.modules, "opentelemetry.trace", None)
    monkeypatch.setitem(sys.modules, "opentelemetry.trace.propagation.tracecontext", None)

    with pytest.raises(errors.SettingsError, match=r"pip install 'aiotables\[otel\]'"):
        spans()
    with pytest.raises(errors.SettingsError, match="not installed"):
        propagation()


def imported(asked: str) -> bool:
    """Whether a program that makes a client has OpenTelemetry afterwards."""
    code = (
        f"import sys, aiotables; aiotables.Extruct(token='t', {asked});"
        "print(any(name.startswith('opentelemetry') for name in sys.modules))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    return done.stdout == "True\n"


@pytest.mark.parametrize(
    ("asked", "expected"),
    [("", False), ("tracing=False", False), ("tracing=True", True), ("propagate_trace=True", True)],
)
def test_imports(asked: str, expected: bool) -> None:  # noqa: FBT001 -- a parameter of the test
    """OpenTelemetry is imported only where it is asked for."""
    assert expected is imported(asked)
