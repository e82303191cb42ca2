"""What calls cost, and the time that calls to come will take at least."""

import pytest

from aiotables.core.pacing import Pacer
from aiotables.core.record import Attempt, CallRecord
from aiotables.core.retries import Kind
from aiotables.provision.traffic import RequestCount, Speed


def attempt(number: int, elapsed: float) -> Attempt:
    """One sending."""
    return Attempt(number=number, kind=Kind.ANSWERED, reason="made up", started_at=0.0, elapsed=elapsed)


def test_counting() -> None:
    """Each sending counts, with the time that its answer took."""
    count = RequestCount()
    before = count.answer

    count(CallRecord(operation="a", attempts=(attempt(1, 1.0), attempt(2, 3.0))))
    count(CallRecord(operation="b"))

    assert before is None
    assert (2, 4.0, 2.0) == (count.total, count.seconds, count.answer)


@pytest.mark.parametrize(
    ("speed", "seconds"),
    [
        (Speed(rate=None, in_flight=4, answer=None), None),
        (Speed(rate=10, in_flight=4, answer=None), 10.0),
        (Speed(rate=None, in_flight=4, answer=0.2), 5.0),
        (Speed(rate=10, in_flight=4, answer=0.2), 10.0),
        (Speed(rate=10, in_flight=1, answer=0.2), 20.0),
        (Speed(rate=10, in_flight=1, answer=0.2, paused=7.0), 27.0),
    ],
)
def test_seconds(speed: Speed, seconds: float | None) -> None:
    """A hundred requests take what the rate and the places take, whichever is longer, after the pause."""
    assert seconds == speed.seconds(100)
    assert 0.0 == speed.seconds(0)


def test_of_a_pacer() -> None:
    """The speed is what the pacer allows."""
    count = RequestCount()
    count(CallRecord(operation="a", attempts=(attempt(1, 0.5),)))

    assert Speed(rate=3, in_flight=7, answer=0.5) == Speed.of(Pacer(rate=3, in_flight=7), count)
