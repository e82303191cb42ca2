"""The facts of a call, and who is told."""

import logging

import pytest
from attrs import evolve

from aiotables.core.record import Attempt, CallRecord, log_attempt, tell
from aiotables.core.retries import Kind


FIRST = Attempt(number=1, kind=Kind.UNKNOWN, reason="connection lost", started_at=100.0, elapsed=2.0)
SECOND = Attempt(
    number=2, kind=Kind.ANSWERED, reason="answered 200", request_id="r2", started_at=110.0, elapsed=1.5
)
RECORD = CallRecord(operation="toy.create_thing", attempts=(FIRST, SECOND))


def test_elapsed() -> None:
    """A call takes from its first sending to the end of its last."""
    assert 11.5 == RECORD.elapsed


def test_nothing_sent() -> None:
    """A call of which nothing was sent took no time and has no id."""
    record = CallRecord(operation="toy.create_thing")

    assert (0.0, None) == (record.elapsed, record.request_id)


def test_request_id() -> None:
    """The id is that of the last attempt that has one."""
    third = evolve(SECOND, number=3, request_id=None)

    assert "r2" == evolve(RECORD, attempts=(FIRST, SECOND, third)).request_id


def test_log(caplog: pytest.LogCaptureFixture) -> None:
    """An attempt is one line; a text that the service chose cannot break it in two."""
    with caplog.at_level(logging.DEBUG, logger="aiotables"):
        log_attempt("toy.create_thing", evolve(SECOND, status=200, request_id="r2\nforged"))

    assert ["toy.create_thing attempt 2: 'answered 200' (status 200, request id 'r2\\nforged', 1.500 s)"] == [
        record.getMessage() for record in caplog.records
    ]


def test_a_broken_observer_is_logged(caplog: pytest.LogCaptureFixture) -> None:
    """What an observer raises is logged, and the others are told all the same."""

    def broken(record: CallRecord) -> None:
        raise ZeroDivisionError

    told: list[CallRecord] = []

    tell([broken, told.append], RECORD)

    assert [RECORD] == told
    assert ["an observer of toy.create_thing failed"] == [record.getMessage() for record in caplog.records]
    assert caplog.records[0].exc_info is not None


def test_observers_may_stop_the_program() -> None:
    """What is no error, such as an exit, passes through."""

    def leave(record: CallRecord) -> None:
        raise SystemExit

    with pytest.raises(SystemExit):
        tell([leave], RECORD)
