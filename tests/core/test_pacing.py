"""Holding calls back."""

import asyncio
import gc
import threading
import weakref
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING

import pytest
from yarl import URL

from aiotables.core.clock import SYSTEM_CLOCK, SystemClock
from aiotables.core.pacing import Pacer, shared_pacer


if TYPE_CHECKING:
    from tests.core.conftest import FakeClock


@asynccontextmanager
async def permit(pacer: Pacer) -> AsyncIterator[None]:
    """A place and a slot, for the block."""
    await pacer.acquire()
    try:
        yield
    finally:
        pacer.release()


async def go(pacer: Pacer, clock: "FakeClock", left_at: list[float]) -> None:
    """One call."""
    async with permit(pacer):
        left_at.append(round(clock.monotonic() - 1000.0, 6))


async def test_no_limit(clock: "FakeClock") -> None:
    """Without a rate nothing waits."""
    pacer, left_at = Pacer(clock=clock), list[float]()

    for _ in range(100):
        await go(pacer, clock, left_at)

    assert [0.0] * 100 == left_at
    assert [] == clock.slept


async def test_rate(clock: "FakeClock") -> None:
    """Calls go out evenly at the rate."""
    pacer, left_at = Pacer(rate=4, clock=clock), list[float]()

    for _ in range(4):
        await go(pacer, clock, left_at)

    assert [0.0, 0.25, 0.5, 0.75] == left_at


async def test_burst(clock: "FakeClock") -> None:
    """After a quiet time some may go out at once."""
    pacer, left_at = Pacer(rate=2, burst=3, clock=clock), list[float]()

    for _ in range(5):
        await go(pacer, clock, left_at)

    assert [0.0, 0.0, 0.0, 0.5, 1.0] == left_at


async def test_in_flight() -> None:
    """No more calls are under way at once than may be."""
    pacer, most, under_way = Pacer(in_flight=3), 0, 0

    async def call() -> None:
        nonlocal most, under_way
        async with permit(pacer):
            under_way += 1
            most = max(most, under_way)
            await asyncio.sleep(0)
            under_way -= 1

    async with asyncio.TaskGroup() as group:
        for _ in range(20):
            group.create_task(call())

    assert 3 == most


async def test_pause(clock: "FakeClock") -> None:
    """After a pause was asked for, nothing goes out until it is over; a shorter pause does not end a longer one."""
    pacer, left_at = Pacer(clock=clock), list[float]()
    pacer.pause(30)
    pacer.pause(5)

    await go(pacer, clock, left_at)
    await go(pacer, clock, left_at)

    assert [30.0, 30.0] == left_at


async def test_a_pause_that_is_over(clock: "FakeClock") -> None:
    """When a pause is over, calls go out without asking for a slot again."""
    pacer = Pacer(clock=clock)
    pacer.pause(30)
    during = pacer.enter()

    await go(pacer, clock, [])

    assert (False, True) == (during, pacer.enter())


async def test_a_pause_that_is_over_ends_no_rate(clock: "FakeClock") -> None:
    """Where there is a rate, each call goes on asking for its slot."""
    pacer, left_at = Pacer(rate=4, clock=clock), list[float]()
    pacer.pause(30)

    for _ in range(3):
        await go(pacer, clock, left_at)

    assert [30.0, 30.25, 30.5] == left_at
    assert not pacer.enter()


async def test_a_pause_that_begins_while_another_ends(clock: "FakeClock") -> None:
    """A call that has waited for one pause leaves the next one as it is."""
    pacer = Pacer(clock=clock)
    pacer.pause(30)
    await pacer.acquire()
    pacer.pause(30)

    assert not pacer.enter()


async def test_what_it_tells(clock: "FakeClock") -> None:
    """A pacer tells its rate, and how long it pauses."""
    pacer = Pacer(rate=4, clock=clock)
    before = pacer.paused
    pacer.pause(30.0)
    await clock.sleep(10.0)
    during = pacer.paused
    await clock.sleep(40.0)

    assert (4, None) == (pacer.rate, Pacer().rate)
    assert (0.0, 20.0, 0.0) == (before, during, pacer.paused)


async def test_pause_holds_those_that_wait_already(clock: "FakeClock") -> None:
    """A call that waits for its slot waits for the pause, too."""
    pacer, left_at = Pacer(rate=1, clock=clock), list[float]()
    await go(pacer, clock, left_at)
    waiting = asyncio.create_task(go(pacer, clock, left_at))
    await asyncio.sleep(0)
    pacer.pause(30)

    await waiting

    assert [0.0, 31.0] == left_at


async def test_cancelling_gives_the_place_back(clock: "FakeClock") -> None:
    """A call that is cancelled, while it waits or while it is under way, leaves its place to others."""
    pacer, left_at = Pacer(in_flight=1, clock=clock), list[float]()

    async def hang() -> None:
        async with permit(pacer):
            await asyncio.Event().wait()

    under_way, waiting = asyncio.create_task(hang()), asyncio.create_task(hang())
    await asyncio.sleep(0)
    waiting.cancel()
    under_way.cancel()
    await asyncio.wait([under_way, waiting])

    await go(pacer, clock, left_at)

    assert [0.0] == left_at


async def test_failing_gives_the_place_back(clock: "FakeClock") -> None:
    """So does one that fails."""
    pacer, left_at = Pacer(in_flight=1, clock=clock), list[float]()

    async def fail() -> None:
        async with permit(pacer):
            raise ConnectionAbortedError

    with pytest.raises(ConnectionAbortedError):
        await fail()
    await go(pacer, clock, left_at)

    assert [0.0] == left_at


def test_several_loops() -> None:
    """One pacer serves event loops in turn, also where calls had to wait, and keeps none of them alive."""
    pacer = Pacer(in_flight=1)

    async def call() -> None:
        async with permit(pacer):
            await asyncio.sleep(0)

    async def use() -> "weakref.ref[asyncio.AbstractEventLoop]":
        async with asyncio.TaskGroup() as group:
            for _ in range(3):
                group.create_task(call())
        return weakref.ref(asyncio.get_running_loop())

    first = asyncio.run(use())
    asyncio.run(use())
    gc.collect()

    assert first() is None


def test_clock_of_the_machine() -> None:
    """Without another it takes the machine's clock."""
    assert isinstance(Pacer()._clock, SystemClock)


@pytest.mark.parametrize(
    "wrong",
    [
        {"in_flight": 0},
        {"in_flight": float("nan")},
        {"in_flight": float("inf")},
        {"burst": 0},
        {"burst": float("nan")},
        {"rate": 0.0},
        {"rate": -1.0},
        {"rate": float("nan")},
    ],
)
def test_wrong_settings(wrong: dict[str, float]) -> None:
    """A limit that lets nothing out is refused, and one that is no number."""
    with pytest.raises(ValueError, match="must be positive"):
        Pacer(**wrong)  # type: ignore[arg-type] # one of three


# Learning


async def test_refusals_let_fewer_out(clock: "FakeClock") -> None:
    """After a refusal half as many calls may be under way, and answers let one more out after each round."""
    pacer = Pacer(in_flight=4, clock=clock)
    for _ in range(4):
        await pacer.acquire()

    pacer.refused(sent_at=clock.monotonic())
    halved = pacer.limit
    for _ in range(3):
        pacer.release()
    waiting = asyncio.create_task(pacer.acquire())
    await waiting
    for _ in range(3):
        pacer.release(answered=1.0)
        await pacer.acquire()

    assert (2, 3, 2) == (halved, pacer.limit, pacer.in_flight)


async def test_growing_lets_those_in_that_wait(clock: "FakeClock") -> None:
    """When the limit has grown, a place that is given back lets more than one in."""
    pacer = Pacer(in_flight=2, clock=clock)
    await pacer.acquire()
    pacer.refused(sent_at=clock.monotonic())
    waiting = [asyncio.create_task(pacer.acquire()) for _ in range(3)]
    await asyncio.sleep(0)

    pacer.release(answered=1.0)
    await asyncio.sleep(0)

    assert [True, True, False] == [task.done() for task in waiting]
    for _ in range(2):
        pacer.release()
    await asyncio.gather(*waiting)


async def test_those_who_have_begun_go_first(clock: "FakeClock") -> None:
    """Calls that were under way before go on before any that was not, in the order in which they came back."""
    pacer = Pacer(in_flight=1, clock=clock)
    await pacer.acquire()
    entered: list[str] = []

    async def enter(name: str, *, begun: bool) -> None:
        await pacer.acquire(begun=begun)
        entered.append(name)
        pacer.release()

    names = ["new", "newer", "back", "newest", "back, too"]
    waiting = [asyncio.create_task(enter(name, begun="back" in name)) for name in names]
    await asyncio.sleep(0)
    pacer.release()
    await asyncio.gather(*waiting)

    assert ["back", "back, too", "new", "newer", "newest"] == entered


# Cancelling


async def test_those_who_left_let_others_in(clock: "FakeClock") -> None:
    """A call that stopped waiting holds up nobody, neither before its place comes nor at that moment."""
    pacer = Pacer(in_flight=1, clock=clock)
    await pacer.acquire()
    first, second, third = (asyncio.create_task(pacer.acquire()) for _ in range(3))
    await asyncio.sleep(0)

    first.cancel()
    pacer.release()  # to the second, as the first has been cancelled
    second.cancel()  # which has its place, and has not gone on with it
    await asyncio.wait([first, second])

    await third
    assert (True, True, 1) == (first.cancelled(), second.cancelled(), pacer.in_flight)


async def test_only_those_who_left_are_waiting(clock: "FakeClock") -> None:
    """Where all who waited have left, the next call finds the place free."""
    pacer = Pacer(in_flight=1, clock=clock)
    await pacer.acquire()
    waiting = asyncio.create_task(pacer.acquire())
    await asyncio.sleep(0)
    waiting.cancel()
    await asyncio.wait([waiting])
    pacer.release()

    await pacer.acquire()

    assert 1 == pacer.in_flight


async def test_cancelled_while_it_waits_for_its_slot() -> None:
    """One that is cancelled while it waits for its time gives its place back."""
    pacer = Pacer(in_flight=1)
    pacer.pause(1000)
    waiting = asyncio.create_task(pacer.acquire())
    await asyncio.sleep(0)

    waiting.cancel()
    await asyncio.wait([waiting])

    assert 0 == pacer.in_flight


def test_loops_that_close_give_places_back() -> None:
    """A call whose event loop is closed under it neither keeps a place nor gets one."""
    pacer = Pacer(in_flight=1)

    async def hold() -> None:
        async with permit(pacer):
            await asyncio.Event().wait()

    loop = asyncio.new_event_loop()
    tasks = [loop.create_task(hold()) for _ in range(2)]
    loop.run_until_complete(asyncio.sleep(0))
    while tasks:
        tasks.pop()._log_destroy_pending = False  # type: ignore[attr-defined] # it is what is tested
    loop.close()
    gc.collect()

    async def use() -> int:
        async with permit(pacer):
            return pacer.in_flight

    assert 1 == asyncio.run(use())
    assert 0 == pacer.in_flight


# Threads


def test_threads() -> None:
    """Event loops of several threads share the places: nobody waits for ever, and no more are out than may be."""
    pacer, most, gate = Pacer(in_flight=3), 0, threading.Barrier(3)
    lock, out = threading.Lock(), 0

    async def call() -> None:
        nonlocal most, out
        async with permit(pacer):
            with lock:
                out += 1
                most = max(most, out)
            await asyncio.sleep(0.0005)
            with lock:
                out -= 1

    async def calls() -> None:
        await asyncio.gather(*(call() for _ in range(50)))

    def work() -> None:
        gate.wait()
        asyncio.run(calls())

    threads = [threading.Thread(target=work) for _ in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert (3, 0) == (most, pacer.in_flight)


async def test_cancelled_before_another_thread_lets_it_in() -> None:
    """One that is cancelled while another thread's word is on its way gives the place back that it was given."""
    pacer = Pacer(in_flight=1)
    await pacer.acquire()
    waiting = asyncio.create_task(pacer.acquire())
    await asyncio.sleep(0)
    pacer._waiters[0].thread = -1

    pacer.release()
    waiting.cancel()
    await asyncio.wait([waiting])
    await asyncio.sleep(0)

    assert (True, 0) == (waiting.cancelled(), pacer.in_flight)


def test_loop_of_another_thread_that_closes() -> None:
    """A loop that closes at the moment when a place comes free does not stop the one who gave it."""
    pacer = Pacer(in_flight=1)

    class Closing:
        def is_closed(self) -> bool:
            return False

        def call_soon_threadsafe(self, *_: object) -> None:
            msg = "Event loop is closed"
            raise RuntimeError(msg)

    async def wait() -> None:
        await pacer.acquire()
        waiting = asyncio.create_task(pacer.acquire())
        await asyncio.sleep(0)
        pacer._waiters[0].loop = Closing()  # type: ignore[assignment] # stands in for one
        pacer._waiters[0].thread = -1
        pacer.release()
        waiting.cancel()
        await asyncio.wait([waiting])

    asyncio.run(wait())

    assert 0 == pacer.in_flight


# Sharing


def test_same_token() -> None:
    """Whoever uses the same token at the same service shares a pacer, whatever the path of the base URL."""
    base = URL("https://api.example/v1")
    one = shared_pacer(base, "t", clock=SYSTEM_CLOCK)

    assert one is shared_pacer(URL("https://api.example"), "t", clock=SYSTEM_CLOCK)
    assert one is not shared_pacer(base, "u", clock=SYSTEM_CLOCK)
    assert one is not shared_pacer(URL("https://other.example"), "t", clock=SYSTEM_CLOCK)
    assert one is not shared_pacer(base, "t", clock=SystemClock())


def test_forgotten_with_its_clients() -> None:
    """A pacer that nobody uses is forgotten, and its pauses with it."""
    gone = weakref.ref(shared_pacer(URL("https://api.example"), "t", clock=SYSTEM_CLOCK))
    gc.collect()

    assert gone() is None


def test_tokens_are_not_kept() -> None:
    """What pacers are found by does not hold the token."""
    from aiotables.core import pacing

    pacer = shared_pacer(URL("https://api.example"), "pat_never-kept", clock=SYSTEM_CLOCK)

    assert "pat_never-kept" not in f"{list(pacing._shared.items())!r} {vars(pacer)!r}"
