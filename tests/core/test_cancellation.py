"""Cancelling a call at each place where it waits: nothing is left behind, and what may have been sent is on record."""

import asyncio
from collections.abc import Callable, Coroutine, Generator
from typing import TYPE_CHECKING, Any

import pytest
from attrs import define, field

from aiotables.core.events import CallEnded, CallStarted
from aiotables.core.pacing import Pacer
from aiotables.core.record import CallRecord
from aiotables.core.retries import RetryPolicy


if TYPE_CHECKING:
    from tests.core.conftest import Connection, FakeClock, Server, Toy, ToyClient

IT = b'{"name":"it"}'
FOUND = b'[{"name":"it"}]'


@define
class CancelledAt:
    """Runs a coroutine, and cancels the task when it waits for the so-many-th time."""

    coroutine: Coroutine[Any, Any, object]
    number: int
    waited: int = field(default=0, init=False)
    waits: asyncio.Event = field(factory=asyncio.Event, init=False)

    def __await__(self) -> Generator[Any, None, object]:
        """Pass on whatever the coroutine waits for."""
        thrown: BaseException | None = None
        while True:
            try:
                waits_for = self.coroutine.send(None) if thrown is None else self.coroutine.throw(thrown)
            except StopIteration as stop:
                return stop.value
            self.waited += 1
            self.waits.set()
            if self.waited == self.number:
                task = asyncio.current_task()
                assert task is not None
                task.cancel()
            thrown = None
            try:
                yield waits_for
            except BaseException as error:  # noqa: BLE001 -- it is the coroutine's
                thrown = error


Scenario = Callable[["Server"], None]

SCENARIOS: dict[str, tuple[Scenario, set[tuple[str, ...]]]] = {
    "answered": (
        lambda server: server.plays(server.answer(IT)),
        {("unknown",), ("answered",)},
    ),
    "refused": (
        lambda server: server.plays(
            server.answer(b'{"error":"busy"}', status=429, headers={"Retry-After": "2"}), server.answer(IT)
        ),
        {("unknown",), ("refused",), ("refused", "unknown"), ("refused", "answered")},
    ),
    "lost": (
        lambda server: server.plays(server.hang_up(), server.answer(FOUND)),
        {("unknown",)},
    ),
    "refused, lost, found": (
        lambda server: server.plays(
            server.answer(b'{"error":"busy"}', status=429), server.hang_up(), server.answer(FOUND)
        ),
        {("unknown",), ("refused",), ("refused", "unknown")},
    ),
}


@pytest.mark.parametrize("scenario", SCENARIOS)
async def test_cancelled_wherever_it_waits(
    toy: "Toy", server: "Server", clock: "FakeClock", scenario: str
) -> None:
    """
    A create that is cancelled where it waits for the first time, the second, and so on to its end: no task, socket or
    place is left, the next call works, and what the service may have seen is on record as unknown.
    """
    plays, expected = SCENARIOS[scenario]
    seen, number, done = set[tuple[str, ...]](), 0, False
    while not done:
        number += 1
        plays(server)
        server.heard.clear()
        before = asyncio.all_tasks()
        records: list[CallRecord] = []
        pacer = Pacer(in_flight=1, rate=1000, clock=clock)
        toys = toy.client(server.url, clock=clock, pacer=pacer, observers=[records.append])

        call = CancelledAt(toys.send(toy.create, body=toy.thing(name="it")), number)
        task = asyncio.create_task(_result_of(call))
        await asyncio.wait([task])
        done = call.waited < number

        assert done != task.cancelled()
        assert 0 == pacer.in_flight
        made = next(record for record in reversed(records) if record.operation == toy.create.name)
        kinds = tuple(attempt.kind.value for attempt in made.attempts)
        seen.add(kinds)
        sendings = sum(heard.method == "POST" for heard in server.heard)
        assert sendings <= len(kinds)

        server._steps.clear()
        server.plays(server.answer(IT), server.answer(IT))
        assert toy.thing(name="it") == (await toys.send(toy.read, path={"name": "it"})).value
        server._steps.clear()
        await toys.aclose()
        await server.quiet()
        await asyncio.sleep(0)
        assert before == {each for each in asyncio.all_tasks() if not each.done()}

    assert expected == seen
    assert number > 3


async def _result_of(call: CancelledAt) -> object:
    return await call


async def test_cancelled_while_others_are_out(toy: "Toy", server: "Server") -> None:
    """A call that is cancelled while it waits for its turn is never sent, and the one that it waited for goes on."""
    server.plays(server.answer(IT))
    records: list[CallRecord] = []
    async with toy.client(server.url, pacer=Pacer(in_flight=1), observers=[records.append]) as toys:
        first, second = (
            asyncio.create_task(toys.send(toy.create, body=toy.thing(name="it"))) for _ in range(2)
        )
        await asyncio.sleep(0)
        second.cancel()
        await asyncio.wait([first, second])

    assert second.cancelled()
    assert toy.thing(name="it") == first.result().value
    assert 1 == len(server.heard)
    assert [(), ("answered",)] == [tuple(each.kind.value for each in record.attempts) for record in records]


@define
class SlowLimiter:
    """Lets every request wait for one turn of the event loop."""

    async def acquire(self) -> None:
        """Wait a little."""
        await asyncio.sleep(0)

    async def pause(self, seconds: float) -> None:
        """Not needed here."""


@define
class Hold:
    """A step of the server that begins, and answers when it may."""

    began: asyncio.Event = field(factory=asyncio.Event)
    goes_on: asyncio.Event = field(factory=asyncio.Event)

    async def __call__(self, server: "Server", connection: "Connection") -> bool:
        """Wait, and answer."""
        self.began.set()
        await self.goes_on.wait()
        return await server.answer(IT)(server, connection)


@pytest.mark.parametrize("waits_for", ["a place", "a connection"])
async def test_cancelled_behind_another(toy: "Toy", server: "Server", waits_for: str) -> None:
    """
    A create that waits for another to end, then for a limit of several processes, then for its answer, while listeners
    hear of it: wherever it is cancelled, the other is answered, the next call works, and nothing is left.
    """
    options: dict[str, Any] = {"connections": 1} if waits_for == "a connection" else {}
    number, done, seen = 0, False, set[tuple[str, ...]]()
    while not done:
        number += 1
        before = asyncio.all_tasks()
        pacer = Pacer(in_flight=16 if waits_for == "a connection" else 1)
        records: list[CallRecord] = []
        events: list[object] = []
        hold = Hold()
        server.plays(hold, server.answer(IT), server.answer(IT))
        server.heard.clear()
        toys = toy.client(
            server.url,
            pacer=pacer,
            limiter=SlowLimiter(),
            listeners=[events.append],
            observers=[records.append],
            **options,
        )
        other = asyncio.create_task(toys.send(toy.read, path={"name": "it"}))
        await hold.began.wait()
        call = CancelledAt(toys.send(toy.create, body=toy.thing(name="it")), number)
        task = asyncio.create_task(_result_of(call))
        await call.waits.wait()
        hold.goes_on.set()
        await asyncio.wait([task, other])
        done = call.waited < number

        assert done != task.cancelled()
        assert toy.thing(name="it") == other.result().value
        assert 0 == pacer.in_flight
        made = next(record for record in records if record.operation == toy.create.name)
        kinds = tuple(attempt.kind.value for attempt in made.attempts)
        seen.add(kinds)
        assert sum(heard.method == "POST" for heard in server.heard) <= len(kinds)
        assert toy.thing(name="it") == (await toys.send(toy.read, path={"name": "it"})).value
        server._steps.clear()
        await toys.aclose()
        await server.quiet()
        await asyncio.sleep(0)
        assert before == {each for each in asyncio.all_tasks() if not each.done()}
        begun = sum(isinstance(event, CallStarted) for event in events)
        assert begun == sum(isinstance(event, CallEnded) for event in events) == 3

    assert {(), ("unknown",), ("answered",)} >= seen >= {("unknown",), ("answered",)}
    assert number > 3


def _near_its_deadline(toy: "Toy", toys: "ToyClient") -> Coroutine[Any, Any, object]:
    return toys.send(toy.read, path={"name": "it"}, retries=RetryPolicy(deadline=50.0))


def _deleted(toy: "Toy", toys: "ToyClient") -> Coroutine[Any, Any, object]:
    return toys.send(toy.delete, path={"name": "it"})


def _large(toy: "Toy", toys: "ToyClient") -> Coroutine[Any, Any, object]:
    return toys.send(toy.start, body={"text": "x" * 2**22})


@pytest.mark.parametrize("what", [_near_its_deadline, _deleted, _large])
async def test_cancelled_on_a_connection_that_was_used(
    toy: "Toy", server: "Server", what: Callable[["Toy", "ToyClient"], Coroutine[Any, Any, object]]
) -> None:
    """
    A read that its deadline would end, a delete that aiohttp sends twice as the connection is closed under it, and a body
    that does not go out at once: wherever they are cancelled, nothing is left, and the next call works.
    """
    number, done, seen = 0, False, set[tuple[str, ...]]()
    while not done:
        number += 1
        before = asyncio.all_tasks()
        records: list[CallRecord] = []
        pacer = Pacer(in_flight=1)
        answers = [server.answer(IT)] * 3
        server.plays(server.answer(IT), *([server.hang_up()] if what is _deleted else []), *answers)
        toys = toy.client(server.url, pacer=pacer)
        await toys.send(toy.read, path={"name": "it"})
        toys._calls.observers = (records.append,)

        call = CancelledAt(what(toy, toys), number)
        task = asyncio.create_task(_result_of(call))
        await asyncio.wait([task])
        done = call.waited < number

        assert done != task.cancelled()
        assert 0 == pacer.in_flight
        seen.add(tuple(attempt.kind.value for attempt in records[0].attempts))
        assert toy.thing(name="it") == (await toys.send(toy.read, path={"name": "it"})).value
        server._steps.clear()
        await toys.aclose()
        await server.quiet()
        await asyncio.sleep(0)
        assert before == {each for each in asyncio.all_tasks() if not each.done()}

    assert {("unknown",), ("answered",)} == seen
