"""What listeners are told, and that they can do no harm."""

import asyncio
from typing import TYPE_CHECKING

import pytest

from aiotables.core import errors
from aiotables.core.events import AttemptEnded, AttemptStarted, CallEnded, CallEvent, CallStarted, tell
from aiotables.core.record import CallRecord, record
from aiotables.core.transport import SendFailure
from aiotables.core.wire import RawReply


if TYPE_CHECKING:
    from tests.core.conftest import Toy

IT = b'{"name":"it"}'


async def create(toy: "Toy") -> object:
    """Create the thing `it`."""
    return await toy.call(toy.create, body=toy.thing(name="it"))


async def read(toy: "Toy") -> object:
    """Read the thing `it`."""
    return await toy.call(toy.read, path={"name": "it"})


def told(events: list[CallEvent]) -> list[str]:
    """The events in short."""
    return [line(event) for event in events]


def line(event: CallEvent) -> str:
    """An event in short."""
    match event:
        case CallStarted(operation=operation):
            return f"{operation} starts"
        case AttemptStarted(call=call, number=number):
            return f"{call.operation} attempt {number} starts"
        case AttemptEnded(call=call, attempt=attempt):
            return f"{call.operation} attempt {attempt.number}: {attempt.kind}"
        case CallEnded(call=call, error=error):
            return f"{call.operation} ends: {type(error).__name__}"


async def test_events_of_a_call(toy: "Toy") -> None:
    """The start and the end of a call and of each attempt are told in their order, all with the same call."""
    events: list[CallEvent] = []
    toy.calls.listeners = (events.append,)
    toy.gives(toy.reply(429, headers={"Retry-After": "1"}), toy.reply(200, IT))

    await read(toy)

    assert [
        "toy.get_thing starts",
        "toy.get_thing attempt 1 starts",
        "toy.get_thing attempt 1: refused",
        "toy.get_thing attempt 2 starts",
        "toy.get_thing attempt 2: answered",
        "toy.get_thing ends: NoneType",
    ] == told(events)
    start, *rest = events
    assert isinstance(start, CallStarted)
    assert ("GET", "toy.example", 443, "/api/things/{name}") == (
        start.method,
        start.host,
        start.port,
        start.template,
    )
    assert {start} == {event.call for event in rest if not isinstance(event, CallStarted)}
    again = rest[2]
    assert isinstance(again, AttemptStarted)
    assert again.waited >= 1.0


async def test_events_of_a_settled_call(toy: "Toy") -> None:
    """The looks that settle a call are calls within it."""
    events: list[CallEvent] = []
    toy.calls.listeners = (events.append,)
    toy.gives(lost(), toy.reply(200, b'[{"name":"it"}]'))

    await create(toy)

    assert ["toy.create_thing starts", "toy.list_things starts"] == [
        text for text in told(events) if text.endswith(" starts") and "attempt" not in text
    ]
    assert ["toy.list_things ends: NoneType", "toy.create_thing ends: NoneType"] == [
        text for text in told(events) if "ends" in text
    ]


async def test_the_end_has_the_record_and_the_error(toy: "Toy") -> None:
    """The end of a call that fails carries what was raised, and the same record as that."""
    events: list[CallEvent] = []
    toy.calls.listeners = (events.append,)
    toy.gives(toy.reply(404))

    with pytest.raises(errors.NotFound) as caught:
        await read(toy)

    end = events[-1]
    assert isinstance(end, CallEnded)
    assert caught.value is end.error
    assert caught.value.record == end.record


async def test_cancelled_calls_end(toy: "Toy") -> None:
    """A call that is cancelled under way has an end, and its attempt has one, too."""
    events: list[CallEvent] = []
    toy.calls.listeners = (events.append,)

    under_way = asyncio.Event()

    async def never() -> RawReply:
        under_way.set()
        await asyncio.Event().wait()
        raise AssertionError

    toy.gives(never)
    with record() as calls:
        task = asyncio.ensure_future(create(toy))
        await under_way.wait()
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task

    assert ["toy.create_thing attempt 1: unknown", "toy.create_thing ends: CancelledError"] == told(events)[
        -2:
    ]
    assert ["cancelled, maybe after sending"] == [call.attempts[0].reason for call in calls]


async def test_recorded_calls(toy: "Toy") -> None:
    """A block collects the calls and the looks within it, good and bad, without any observer."""
    toy.calls.observers = ()
    toy.gives(lost(), toy.reply(200, b'[{"name":"it"}]'), toy.reply(404))

    with record() as calls:
        await create(toy)
        with pytest.raises(errors.NotFound):
            await read(toy)

    assert [("toy.list_things", 200), ("toy.create_thing", None), ("toy.get_thing", 404)] == [
        (call.operation, call.status) for call in calls
    ]
    assert calls[1].settled


async def test_wrong_arguments_are_no_call(toy: "Toy") -> None:
    """What cannot be put into a request was no call."""
    events: list[CallEvent] = []
    toy.calls.listeners = (events.append,)

    with record() as calls, pytest.raises(errors.RequestError):
        await toy.call(toy.read, path={})

    assert ([], []) == (events, calls)


async def test_broken_listeners_hide_nothing(toy: "Toy", caplog: pytest.LogCaptureFixture) -> None:
    """A listener that raises changes nothing, and the others are told."""
    events: list[CallEvent] = []

    def broken(event: CallEvent) -> None:
        raise ZeroDivisionError

    toy.calls.listeners = (broken, events.append)
    toy.gives(toy.reply(200, IT))

    await read(toy)

    assert 4 == len(events) == len(caplog.records)


def test_what_is_raised_is_logged(caplog: pytest.LogCaptureFixture) -> None:
    """What an observer raises is logged with its traceback."""

    def broken(call: CallRecord) -> None:
        raise ZeroDivisionError

    tell([broken], "toy.create_thing", CallRecord(operation="toy.create_thing"))

    assert ["an observer of toy.create_thing failed"] == [line.getMessage() for line in caplog.records]
    assert caplog.records[0].exc_info is not None


def test_observers_may_stop_the_program() -> None:
    """What is no error, such as an exit, passes through."""

    def leave(call: CallRecord) -> None:
        raise SystemExit

    with pytest.raises(SystemExit):
        tell([leave], "toy.create_thing", CallRecord(operation="toy.create_thing"))


def lost() -> SendFailure:
    """A reply that is lost."""
    return SendFailure("connection lost after sending", sent=True)
