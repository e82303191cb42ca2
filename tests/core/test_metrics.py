"""Metrics, read back from OpenTelemetry's own SDK."""

import asyncio
import subprocess
import sys
from typing import TYPE_CHECKING, Any, TypeAlias

import pytest
from opentelemetry.sdk.metrics import MeterProvider
from opentelemetry.sdk.metrics.export import HistogramDataPoint, InMemoryMetricReader

from aiotables.core import errors
from aiotables.core.events import AttemptStarted, CallEnded, CallStarted
from aiotables.core.metrics import REQUEST_SECONDS, WAIT_SECONDS, Metrics, metrics, outcome_of
from aiotables.core.pacing import Pacer
from aiotables.core.record import Attempt, CallRecord
from aiotables.core.retries import NO_RETRIES, Kind
from aiotables.core.transport import SendFailure


if TYPE_CHECKING:
    from tests.core.conftest import FakeClock, Toy

IT = b'{"name":"it"}'
SERVER = {"server.address": "toy.example", "server.port": 443}
LOST = SendFailure("connection lost after sending", sent=True)

Points: TypeAlias = list[tuple[dict[str, Any], Any]]


class Kept:
    """Metrics that are kept in memory."""

    def __init__(self) -> None:
        self._reader = InMemoryMetricReader()
        self.meter = MeterProvider([self._reader]).get_meter("test")

    def points(self, name: str) -> Points:
        """The attributes and the value of each point of an instrument: of a histogram the count and the sum."""
        data = self._reader.get_metrics_data()
        assert data is not None
        (scope,) = data.resource_metrics[0].scope_metrics
        found = [
            point for metric in scope.metrics if metric.name == name for point in metric.data.data_points
        ]
        return [
            (
                dict(point.attributes or {}),
                (point.count, point.sum) if isinstance(point, HistogramDataPoint) else point.value,  # type: ignore[union-attr] # the others have one
            )
            for point in found
        ]

    def bounds(self, name: str) -> tuple[float, ...]:
        """The boundaries of a histogram."""
        data = self._reader.get_metrics_data()
        assert data is not None
        (metric,) = [each for each in data.resource_metrics[0].scope_metrics[0].metrics if each.name == name]
        (point,) = metric.data.data_points
        assert isinstance(point, HistogramDataPoint)
        return tuple(point.explicit_bounds)


@pytest.fixture
def kept(toy: "Toy") -> Kept:
    """What becomes of the toy's calls."""
    kept = Kept()
    toy.calls.listeners = (Metrics(kept.meter, clock=toy.clock),)
    return kept


async def create(toy: "Toy", **facts: Any) -> None:  # noqa: ANN401 -- whatever a call takes
    """Create the thing `it`."""
    await toy.call(toy.create, body=toy.thing(name="it"), **facts)


async def read(toy: "Toy", **facts: Any) -> None:  # noqa: ANN401 -- whatever a call takes
    """Read the thing `it`."""
    await toy.call(toy.read, path={"name": "it"}, **facts)


def calls(operation: str, outcome: str, **facts: str) -> dict[str, Any]:
    """The attributes of calls."""
    return {
        **SERVER,
        "aiotables.operation": operation,
        "aiotables.outcome": outcome,
        **({"error.type": facts["error"]} if facts else {}),
    }


def requests(
    operation: str, method: str, status: int | None = None, error: str | None = None
) -> dict[str, Any]:
    """The attributes of requests."""
    facts = {"http.response.status_code": status, "error.type": error}
    return {
        **SERVER,
        "aiotables.operation": operation,
        "http.request.method": method,
        **{name: value for name, value in facts.items() if value is not None},
    }


async def test_a_call(toy: "Toy", kept: Kept) -> None:
    """A call is counted with its outcome, its request is timed, and nothing is in flight when it has ended."""
    toy.gives(toy.reply(200, IT), toy.reply(200, IT))

    await read(toy)
    await read(toy)

    assert [(calls("toy.get_thing", "done"), 2)] == kept.points("aiotables.calls")
    assert [(requests("toy.get_thing", "GET", 200), (2, 1.0))] == kept.points("http.client.request.duration")
    assert [(SERVER, 0)] == kept.points("http.client.active_requests")
    assert [(SERVER, (2, 0.0))] == kept.points("aiotables.slot.wait")
    assert REQUEST_SECONDS == kept.bounds("http.client.request.duration")
    assert WAIT_SECONDS == kept.bounds("aiotables.slot.wait")


async def test_retries(toy: "Toy", kept: Kept) -> None:
    """Each attempt is a request; a wait for a slot is one, what the service asked to wait is none."""
    toy.gives(
        toy.reply(429, headers={"Retry-After": "7"}), SendFailure("no route", sent=False), toy.reply(200, IT)
    )

    await read(toy)

    assert [
        (requests("toy.get_thing", "GET", 429, "429"), (1, 0.5)),
        (requests("toy.get_thing", "GET", error="not_sent"), (1, 0.5)),
        (requests("toy.get_thing", "GET", 200), (1, 0.5)),
    ] == kept.points("http.client.request.duration")
    assert [(calls("toy.get_thing", "done"), 1)] == kept.points("aiotables.calls")
    assert [(SERVER, (3, pytest.approx(0.0, abs=1e-6)))] == kept.points("aiotables.slot.wait")


async def test_waiting_for_a_slot(toy: "Toy", kept: Kept) -> None:
    """The time until the pacer and the limiter let a request out is its wait."""

    class Slow:
        async def acquire(self) -> None:
            await toy.clock.sleep(4.0)

        async def pause(self, seconds: float) -> None:
            raise NotImplementedError

    toy.calls.pacer = Pacer(rate=0.1, clock=toy.clock)
    toy.calls.limiter = Slow()
    toy.gives(toy.reply(200, IT), toy.reply(200, IT))

    await read(toy)
    await read(toy)

    # The second slot is ten seconds after the first, of which the first call took four and a half.
    assert [(SERVER, (2, 4.0 + 5.5 + 4.0))] == kept.points("aiotables.slot.wait")


async def test_found(toy: "Toy", kept: Kept) -> None:
    """A create whose reply is lost, and whose thing is found, says so; the looks are calls of their own."""
    toy.gives(LOST, toy.reply(200, b'[{"name":"it"}]'))

    await create(toy)

    assert [(calls("toy.list_things", "done"), 1), (calls("toy.create_thing", "found"), 1)] == kept.points(
        "aiotables.calls"
    )
    assert [
        (requests("toy.create_thing", "POST", error="unknown"), (1, 0.5)),
        (requests("toy.list_things", "GET", 200), (1, 0.5)),
    ] == kept.points("http.client.request.duration")


async def test_sent_again_after_looks(toy: "Toy", kept: Kept) -> None:
    """The time of looks is no wait for a slot."""
    looks = 9
    toy.gives(LOST, *[toy.reply(200, b"[]")] * looks, toy.reply(200, IT))

    await create(toy)

    assert [(SERVER, (1 + looks, 0.0))] == kept.points("aiotables.slot.wait")
    assert (calls("toy.create_thing", "done"), 1) in kept.points("aiotables.calls")


async def test_unknown(toy: "Toy", kept: Kept) -> None:
    """A lost reply that is not settled is an unknown outcome."""
    toy.gives(LOST)

    with pytest.raises(errors.OutcomeUnknown):
        await create(toy, settle=False)

    assert [(calls("toy.create_thing", "unknown", error="OutcomeUnknown"), 1)] == kept.points(
        "aiotables.calls"
    )


async def test_refused_and_failed(toy: "Toy", kept: Kept) -> None:
    """What was told to come later is refused, any other error is a failure; both name their class."""
    toy.gives(toy.reply(429), toy.reply(404, b'{"error":"gone"}'))

    with pytest.raises(errors.RateLimited):
        await read(toy, retries=NO_RETRIES)
    with pytest.raises(errors.NotFound):
        await read(toy)

    assert [
        (calls("toy.get_thing", "refused", error="RateLimited"), 1),
        (calls("toy.get_thing", "failed", error="NotFound"), 1),
    ] == kept.points("aiotables.calls")


async def test_in_flight(toy: "Toy", kept: Kept) -> None:
    """A request that is under way counts as such until it has ended, also by a cancellation."""
    begun = asyncio.Event()

    async def hang() -> Any:  # noqa: ANN401 -- never
        begun.set()
        await asyncio.Event().wait()

    toy.gives(hang)
    call = asyncio.create_task(read(toy))
    await begun.wait()
    assert [(SERVER, 1)] == kept.points("http.client.active_requests")

    call.cancel()
    await asyncio.wait([call])

    assert [(SERVER, 0)] == kept.points("http.client.active_requests")
    assert [(calls("toy.get_thing", "cancelled", error="CancelledError"), 1)] == kept.points(
        "aiotables.calls"
    )


async def test_closed_meanwhile(toy: "Toy", kept: Kept) -> None:
    """A request that found its client closed is not under way for ever."""
    toy.gives(errors.ClosedError("closed"))

    with pytest.raises(errors.ClosedError):
        await read(toy)

    assert [(SERVER, 0)] == kept.points("http.client.active_requests")
    assert [(calls("toy.get_thing", "not_sent", error="ClosedError"), 1)] == kept.points("aiotables.calls")


def test_an_address_without_a_port(clock: "FakeClock") -> None:
    """A port that is not known is left out."""
    kept = Kept()
    listener = Metrics(kept.meter, clock=clock)
    call = CallStarted(operation="toy.x", method="GET", host="toy.example", port=None, template="/x")

    listener(call)
    listener(AttemptStarted(call=call, number=1, waited=0.0))
    listener(CallEnded(call=call, record=CallRecord(operation="toy.x"), error=None))

    assert [({"server.address": "toy.example"}, 0)] == kept.points("http.client.active_requests")


RECORD = CallRecord(operation="toy.x")
REFUSED = Attempt(number=1, kind=Kind.REFUSED, reason="answered 429", started_at=0.0, elapsed=0.1)


@pytest.mark.parametrize(
    ("outcome", "record", "error"),
    [
        ("done", RECORD, None),
        ("found", CallRecord(operation="toy.x", settled=True, found="by its name"), None),
        ("not_sent", RECORD, errors.NotSent("no route", record=RECORD)),
        ("cancelled", RECORD, GeneratorExit()),
        ("failed", RECORD, errors.NoReply("lost", record=RECORD)),
        (
            "refused",
            CallRecord(operation="toy.x", attempts=(REFUSED,)),
            errors.RateLimited("429", record=RECORD, status=429),
        ),
        ("failed", RECORD, RuntimeError("of a limiter")),
    ],
)
def test_outcomes(outcome: str, record: CallRecord, error: BaseException | None) -> None:
    """Whatever becomes of a call has its word."""
    assert outcome == outcome_of(record, error)


# Whether there are metrics


def test_not_installed(monkeypatch: pytest.MonkeyPatch) -> None:
    """Who asks for what is not installed is told what to install."""
    monkeypatch.setitem(sys.modules, "opentelemetry.metrics", None)

    with pytest.raises(errors.SettingsError, match=r"pip install 'aiotables\[otel\]'"):
        metrics()


def imported(asked: str) -> bool:
    """Whether a program that makes a client has OpenTelemetry's metrics afterwards."""
    code = (
        f"import sys, aiotables; aiotables.Extruct(token='t', {asked});"
        "print('opentelemetry.metrics' in sys.modules)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    return done.stdout == "True\n"


@pytest.mark.parametrize(
    ("asked", "expected"), [("", False), ("metrics=False", False), ("metrics=True", True)]
)
def test_imports(asked: str, expected: bool) -> None:  # noqa: FBT001 -- a parameter of the test
    """OpenTelemetry is imported only where it is asked for."""
    assert expected is imported(asked)
