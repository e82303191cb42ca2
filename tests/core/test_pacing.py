"""Holding calls back."""

import asyncio
import gc
import weakref
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from aiotables.core.clock import SystemClock
from aiotables.core.pacing import Pacer


if TYPE_CHECKING:
    from tests.core.conftest import FakeClock


async def go(pacer: Pacer, clock: "FakeClock", left_at: list[float]) -> None:
    """One call."""
    async with pacer.permit():
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
        async with pacer.permit():
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
        async with pacer.permit():
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
        async with pacer.permit():
            raise ConnectionAbortedError

    with pytest.raises(ConnectionAbortedError):
        await fail()
    await go(pacer, clock, left_at)

    assert [0.0] == left_at


def test_several_loops() -> None:
    """One pacer serves event loops in turn, also where calls had to wait, and keeps none of them alive."""
    pacer = Pacer(in_flight=1)

    async def call() -> None:
        async with pacer.permit():
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


@pytest.mark.parametrize("wrong", [{"in_flight": 0}, {"burst": 0}, {"rate": 0.0}, {"rate": -1.0}])
def test_wrong_settings(wrong: dict[str, float]) -> None:
    """A limit that lets nothing out is refused."""
    with pytest.raises(ValueError, match="must be positive"):
        Pacer(**wrong)  # type: ignore[arg-type] # one of three


@given(
    rate=st.floats(0.1, 100),
    burst=st.integers(1, 5),
    quiet=st.lists(st.floats(0, 10), min_size=1, max_size=20),
)
def test_never_faster_than_the_rate(rate: float, burst: int, quiet: list[float]) -> None:
    """In any stretch of time no more calls go out than the rate and the burst allow."""

    class Clock(SystemClock):
        time = 5.0

        def monotonic(self) -> float:
            return self.time

        async def sleep(self, seconds: float) -> None:
            self.time += seconds

    clock = Clock()

    async def run() -> list[float]:
        pacer, left_at = Pacer(rate=rate, burst=burst, clock=clock), list[float]()
        for pause in quiet:
            clock.time += pause
            async with pacer.permit():
                left_at.append(clock.time)
        return left_at

    left_at = asyncio.run(run())

    for first, begin in enumerate(left_at):
        for count, end in enumerate(left_at[first:], start=1):
            assert count <= (end - begin) * rate + burst + 1e-6
