"""Ending what takes too long, by one timer."""

import asyncio
import contextlib
from collections.abc import Callable
from typing import cast

from aiotables.core.deadlines import Deadlines


class Loop:
    """An event loop whose time is told, and whose timers ring when they are told."""

    def __init__(self) -> None:
        self.now = 100.0
        self.timers: list[tuple[float, Callable[[], None]]] = []

    def time(self) -> float:
        """The time."""
        return self.now

    def call_at(self, when: float, ring: Callable[[], None]) -> object:
        """Set a timer."""
        self.timers.append((when, ring))
        return ring

    def ring(self) -> None:
        """Let the next timer ring, at its time."""
        self.now, ring = self.timers.pop(0)
        ring()


def told() -> tuple[Loop, Deadlines]:
    """Deadlines of ten seconds, in a loop whose time is told."""
    loop = Loop()
    return loop, Deadlines(10.0, cast("asyncio.AbstractEventLoop", loop))


async def work(deadlines: Deadlines, *, lasts: float = 3600.0) -> bool:
    """Whether the deadline ended it; raises what else did."""
    deadline = deadlines.set()
    try:
        await asyncio.sleep(lasts)
    except asyncio.CancelledError:
        if not deadline.ended_it:
            raise
    finally:
        deadlines.meet(deadline)
    return deadline.is_over


async def started(deadlines: Deadlines) -> "asyncio.Task[bool]":
    """Work that has begun."""
    task = asyncio.create_task(work(deadlines))
    await asyncio.sleep(0)
    return task


async def test_met() -> None:
    """What ends in time goes on as it would."""
    deadlines = Deadlines(3600.0)

    assert not await work(deadlines, lasts=0)
    assert {} == deadlines._open
    deadlines.close()


async def test_each_has_as_long() -> None:
    """Each work is ended as many seconds after it began, by one timer at a time, and can be waited for as usual."""
    loop, deadlines = told()
    first = await started(deadlines)
    loop.now += 4
    second = await started(deadlines)
    assert 1 == len(loop.timers)

    loop.ring()
    await asyncio.wait([first])
    assert (110.0, True, False) == (loop.now, first.result(), second.done())

    loop.ring()
    await asyncio.wait([second])
    assert (114.0, True, [], {}) == (loop.now, second.result(), loop.timers, deadlines._open)
    assert (0, 0) == (first.cancelling(), second.cancelling())


async def test_a_timer_that_rings_for_nothing() -> None:
    """A timer whose work has long ended ends nothing, and the next work sets one again."""
    loop, deadlines = told()
    assert not await work(deadlines, lasts=0)
    loop.ring()
    assert [] == loop.timers

    assert not await work(deadlines, lasts=0)
    assert [120.0] == [when for when, _ in loop.timers]


async def test_cancelled_by_others() -> None:
    """A task that is cancelled by another, before or at its deadline, ends cancelled."""
    loop, deadlines = told()
    before, at = await started(deadlines), await started(deadlines)
    before.cancel()
    await asyncio.wait([before])
    at.cancel()
    loop.ring()
    await asyncio.wait([at])

    assert (True, True) == (before.cancelled(), at.cancelled())
    assert 1 == at.cancelling()


async def test_a_deadline_that_was_swallowed() -> None:
    """Work that ends well in spite of it leaves the task as if it had not been cancelled."""
    loop, deadlines = told()

    async def stubborn() -> int:
        deadline = deadlines.set()
        with contextlib.suppress(asyncio.CancelledError):
            await asyncio.sleep(3600)
        deadlines.meet(deadline)
        task = asyncio.current_task()
        assert task is not None
        return task.cancelling()

    task = asyncio.create_task(stubborn())
    await asyncio.sleep(0)
    loop.ring()

    assert 0 == await task


async def test_closing_leaves_no_timer() -> None:
    """After closing no timer waits; closing twice, or unused, does no harm."""
    Deadlines(1.0).close()
    deadlines = Deadlines(3600.0)
    await work(deadlines, lasts=0)
    deadlines.close()
    deadlines.close()

    assert deadlines._timer is not None
    assert deadlines._timer.cancelled()
