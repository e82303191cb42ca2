"""
Spans for OpenTelemetry, by its API package alone: what becomes of them is for the program's SDK to say.

Nothing of OpenTelemetry is imported unless tracing is asked for, or the program itself has imported it.
"""

from collections.abc import Callable
from typing import TYPE_CHECKING

from attrs import evolve

from aiotables._version import __version__
from aiotables.core import otel
from aiotables.core.classes import define, field
from aiotables.core.events import AttemptEnded, AttemptStarted, CallEvent, CallStarted
from aiotables.core.record import Attempt, CallRecord
from aiotables.core.requests import Request


if TYPE_CHECKING:
    from contextvars import Token

    from opentelemetry.context import Context
    from opentelemetry.trace import Span, Tracer


@define
class _Open:
    """A span that has not ended."""

    span: "Span"
    token: "Token[Context]"
    last: Attempt | None = None


@define
class Spans:
    """
    A listener that makes one client span of each call, by the conventions for HTTP clients.

    The span is the current one while the call lasts, so the looks that settle a call are its children, and so are the
    spans of an instrumented aiohttp. Retries are events of it. It holds no value of a path, a query, a header or a body.

    Args:
        tracer: Whose spans they are.
    """

    _tracer: "Tracer"
    _open: dict[CallStarted, _Open] = field(factory=dict[CallStarted, _Open], repr=False)

    def __call__(self, event: CallEvent) -> None:
        """Follow a call."""
        match event:
            case CallStarted():
                self._start(event)
            case AttemptStarted(call=call, waited=waited):
                _retry(self._open[call], waited)
            case AttemptEnded(call=call, attempt=attempt):
                self._open[call].last = attempt
            case _:  # CallEnded
                _end(self._open.pop(event.call), event.record, event.error)

    def _start(self, call: CallStarted) -> None:
        from opentelemetry import context, trace

        attributes: dict[str, str | int] = {
            "http.request.method": call.method,
            "server.address": call.host,
            "url.template": call.template,
        }
        if call.port is not None:
            attributes["server.port"] = call.port
        span = self._tracer.start_span(call.operation, kind=trace.SpanKind.CLIENT, attributes=attributes)
        token = context.attach(trace.set_span_in_context(span))
        self._open[call] = _Open(span, token)


def spans() -> Spans:
    """
    Spans by the program's tracer provider, whichever it is when a call begins.

    Raises:
        SettingsError: OpenTelemetry's API is not installed.
    """
    return Spans(otel.api("opentelemetry.trace", of="tracing").get_tracer("aiotables", __version__))


def propagation() -> Callable[[Request], Request]:
    """
    What puts `traceparent`, and `tracestate`, of the current span on a request. Baggage is not for others to see.

    Raises:
        SettingsError: OpenTelemetry's API is not installed.
    """
    module = otel.api("opentelemetry.trace.propagation.tracecontext", of="tracing")
    inject = module.TraceContextTextMapPropagator().inject

    def propagate(request: Request) -> Request:
        headers = request.headers.copy()
        inject(headers)
        return evolve(request, headers=headers)

    return propagate


def _retry(call: _Open, waited: float) -> None:
    last = call.last
    if last is None:
        return
    facts: dict[str, str | int | float] = {
        "http.request.resend_count": last.number,
        "aiotables.reason": last.reason,
        "aiotables.waited": waited,
    }
    if last.status is not None:
        facts["http.response.status_code"] = last.status
    call.span.add_event("retry", facts)


def _end(call: _Open, record: CallRecord, error: BaseException | None) -> None:
    from opentelemetry import context, trace

    facts = {
        "http.response.status_code": record.status,
        "http.request.resend_count": len(record.attempts) - 1 if len(record.attempts) > 1 else None,
        "error.type": None if error is None else type(error).__name__,
        "aiotables.request_id": record.request_id,
        "aiotables.operation_run": record.operation_run,
        "aiotables.settled": record.settled or None,
    }
    call.span.set_attributes({name: value for name, value in facts.items() if value is not None})
    if error is not None:
        # The text of an error may hold what the service said; the reason of an attempt does not.
        call.span.set_status(trace.StatusCode.ERROR, record.attempts[-1].reason if record.attempts else None)
    context.detach(call.token)
    call.span.end()
