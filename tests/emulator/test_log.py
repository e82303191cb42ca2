"""The log of calls."""

import pytest

from aiotables.emulator import log
from aiotables.emulator.calls import Call, Exchange
from aiotables.emulator.log import LONGEST_BODY, MOST_BYTES, MOST_EXCHANGES, CallLog, kept


def add(log: CallLog, count: int, exchange: Exchange | None = None) -> None:
    """Log some calls more."""
    for _ in range(count):
        call = Call(number=log.count + 1, at=0, seconds=0, operation=None, method="GET", path="/", status=200)
        log.add(call, exchange or Exchange())


def test_calls_by_number() -> None:
    """Each call and what went over the wire in it; of numbers that there are not, nothing."""
    calls = CallLog()
    add(calls, 2)
    add(calls, 1, Exchange(request_body=b"third"))
    third, exchange = calls.call(3), calls.exchange(3)

    assert third is not None
    assert exchange is not None
    assert (3, b"third") == (third.number, exchange.request_body)
    assert [None] * 4 == [calls.call(0), calls.call(4), calls.exchange(0), calls.exchange(4)]


def test_the_last_calls() -> None:
    """Oldest first, newest first, and some of them."""
    calls = CallLog()
    add(calls, 4)

    assert [1, 2, 3, 4] == [call.number for call in calls.all()]
    assert [4, 3, 2, 1] == [call.number for call in calls.newest()]
    assert [3, 4] == [call.number for call in calls.last(2)]
    assert [1, 2, 3, 4] == [call.number for call in calls.last(9)]


def test_clearing() -> None:
    """Numbers begin again, and one can tell."""
    calls = CallLog()
    add(calls, 2)

    calls.clear()

    assert (0, 1, [], None) == (calls.count, calls.clearings, calls.all(), calls.exchange(1))
    add(calls, 1)
    assert [1] == [call.number for call in calls.all()]


def test_few_exchanges_are_kept() -> None:
    """Of the calls before the last, only that they were."""
    calls = CallLog()
    add(calls, MOST_EXCHANGES + 1)

    assert calls.exchange(1) is None
    assert calls.exchange(2) is not None
    assert calls.call(1) is not None


def test_bodies_have_a_bound() -> None:
    """However large they are, all together stay below it, and the last is there."""
    calls = CallLog()
    half = Exchange(request_body=b"x" * (MOST_BYTES // 4), reply_body=b"x" * (MOST_BYTES // 4))
    add(calls, 3, half)

    assert [False, True, True] == [calls.exchange(number) is not None for number in (1, 2, 3)]


def test_calls_have_a_bound(monkeypatch: pytest.MonkeyPatch) -> None:
    """The first are forgotten; numbers go on."""
    monkeypatch.setattr(log, "MOST_CALLS", 3)
    calls = CallLog()
    add(calls, 5)

    assert (5, [3, 4, 5]) == (calls.count, [call.number for call in calls.all()])
    assert calls.call(2) is None


def test_a_large_body_is_cut() -> None:
    """Its first bytes are kept; one that fits is not copied."""
    fits = b"x" * LONGEST_BODY

    assert fits is kept(fits)
    assert fits == kept(fits + b"y")
