"""
Metrics of calls for OpenTelemetry, by its API package alone: what becomes of them is for the program's SDK to say.

Nothing of OpenTelemetry is imported unless metrics are asked for, or the program itself has imported it. The values of all
attributes come from the code and from the base URL, so that there are only so many of them.
"""

import asyncio
from collections.abc import Sequence
from typing import TYPE_CHECKING, Final, TypeAlias

from aiotables._version import __version__
from aiotables.core import otel
from aiotables.core.classes import define
from aiotables.core.clock import SYSTEM_CLOCK, Clock
from aiotables.core.errors import ClosedError, NotSent, OutcomeUnknown, RequestError
from aiotables.core.events import AttemptEnded, AttemptStarted, CallEvent, CallStarted
from aiotables.core.record import Attempt, CallRecord
from aiotables.core.retries import Kind


if TYPE_CHECKING:
    from opentelemetry.metrics import Meter


Attributes: TypeAlias = dict[str, str | int]

REQUEST_SECONDS: Final = (0.005, 0.01, 0.025, 0.05, 0.075, 0.1, 0.25, 0.5, 0.75, 1, 2.5, 5, 7.5, 10, 30, 60)
"""
Boundaries of `http.client.request.duration`. Source: OpenTelemetry's semantic conventions for HTTP metrics, up to 10; both
services may think for longer.
"""

WAIT_SECONDS: Final = (0.001, 0.005, 0.01, 0.05, 0.1, 0.5, 1, 2.5, 5, 10, 30, 60, 120)
"""Boundaries of waits for a slot: from none to the longest Retry-After that is waited for."""

_FIRST_ERROR: Final = 400


@define
class _Open:
    """A call that has not ended."""

    server: Attributes
    since: float
    """When it began to wait for its slot, by the monotonic clock."""

    is_sending: bool = False


class Metrics:
    """
    A listener that counts calls and times requests, by the conventions for HTTP clients.

    Args:
        meter: Whose metrics they are.
        clock: The client's.
    """

    def __init__(self, meter: "Meter", *, clock: Clock = SYSTEM_CLOCK) -> None:
        self._clock = clock
        self._open: dict[CallStarted, _Open] = {}
        self._calls = meter.create_counter(
            "aiotables.calls", unit="{call}", description="Calls that have ended, by what became of them."
        )
        self._active = meter.create_up_down_counter(
            "http.client.active_requests", unit="{request}", description="HTTP requests under way."
        )
        self._requests = meter.create_histogram(
            "http.client.request.duration",
            unit="s",
            description="Duration of HTTP requests; each attempt of a call is one.",
            explicit_bucket_boundaries_advisory=REQUEST_SECONDS,
        )
        self._waits = meter.create_histogram(
            "aiotables.slot.wait",
            unit="s",
            description="Time that requests waited for a place and a slot; backoff is not part of it.",
            explicit_bucket_boundaries_advisory=WAIT_SECONDS,
        )

    def __call__(self, event: CallEvent) -> None:
        """Follow a call."""
        match event:
            case CallStarted():
                self._open[event] = _Open(_server(event), self._clock.monotonic())
            case AttemptStarted():
                self._begin(event)
            case AttemptEnded():
                self._finish(event)
            case _:  # CallEnded
                self._end(event.call, event.record, event.error)

    def _begin(self, event: AttemptStarted) -> None:
        call = self._open[event.call]
        # After a lost reply there were looks before it, whose time cannot be told apart from that of the wait.
        if event.number == 1 or event.waited:
            waited = self._clock.monotonic() - call.since - event.waited
            self._waits.record(max(waited, 0.0), call.server)
        call.is_sending = True
        self._active.add(1, call.server)

    def _finish(self, event: AttemptEnded) -> None:
        call = self._open[event.call]
        self._active.add(-1, call.server)
        call.is_sending = False
        call.since = self._clock.monotonic()
        self._requests.record(event.attempt.elapsed, call.server | _facts(event.call, event.attempt))

    def _end(self, started: CallStarted, record: CallRecord, error: BaseException | None) -> None:
        call = self._open.pop(started)
        if call.is_sending:  # the client was closed
            self._active.add(-1, call.server)
        facts: Attributes = {
            "aiotables.operation": record.operation,
            "aiotables.outcome": outcome_of(record, error),
        }
        if error is not None:
            facts["error.type"] = type(error).__name__
        self._calls.add(1, call.server | facts)


def metrics(*, clock: Clock = SYSTEM_CLOCK) -> Metrics:
    """
    Metrics by the program's meter provider.

    Args:
        clock: The client's.

    Raises:
        SettingsError: OpenTelemetry's API is not installed.
    """
    return Metrics(meter(), clock=clock)


def meter() -> "Meter":
    """
    The meter of this package, of the program's meter provider, whichever that will be.

    Raises:
        SettingsError: OpenTelemetry's API is not installed.
    """
    found: Meter = otel.api("opentelemetry.metrics", of="metrics").get_meter("aiotables", __version__)
    return found


def outcome_of(record: CallRecord, error: BaseException | None) -> str:
    """
    What became of a call, in a word: `done`, `found`, `unknown`, `refused`, `not_sent`, `cancelled` or `failed`.

    Args:
        record: What was tried.
        error: What it raised.
    """
    if error is None:
        return "done" if record.found is None else "found"
    if isinstance(error, OutcomeUnknown):
        return "unknown"
    if isinstance(error, NotSent | ClosedError | RequestError):
        return "not_sent"
    if isinstance(error, asyncio.CancelledError | GeneratorExit):
        return "cancelled"
    return "refused" if _was_refused(record.attempts) else "failed"


def _was_refused(attempts: Sequence[Attempt]) -> bool:
    return bool(attempts) and attempts[-1].kind is Kind.REFUSED


def _server(call: CallStarted) -> Attributes:
    server: Attributes = {"server.address": call.host}
    if call.port is not None:
        server["server.port"] = call.port
    return server


def _facts(call: CallStarted, attempt: Attempt) -> Attributes:
    facts: Attributes = {"aiotables.operation": call.operation, "http.request.method": call.method}
    if attempt.status is not None:
        facts["http.response.status_code"] = attempt.status
    if (error := _error_type(attempt)) is not None:
        facts["error.type"] = error
    return facts


def _error_type(attempt: Attempt) -> str | None:
    """A status that says so, or what is known of an attempt that has none; its reason may hold what the service said."""
    if attempt.status is not None and attempt.status >= _FIRST_ERROR:
        return str(attempt.status)
    return None if attempt.kind is Kind.ANSWERED else attempt.kind.value
