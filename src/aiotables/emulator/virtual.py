"""Time that jumps: an event loop that never waits for its timers, and the clock that it goes by."""

import asyncio
import selectors
import time
from collections.abc import Callable, Coroutine
from concurrent.futures import Executor
from typing import Any, TypeVar, TypeVarTuple, Unpack

from attrs import define, field

from aiotables.emulator.clock import START, checked_step


T = TypeVar("T")
Ts = TypeVarTuple("Ts")

# Seconds of real time that sockets are given to hear of what was just sent to them: the system passes it on at once, or
# soon after.
GRACE = 100e-6

PATIENCE = 10.0


@define(eq=False)
class VirtualClock:
    """
    Time that stands still while anything is done, and jumps to the next deadline when everything waits.

    It is the time of an event loop of its own, so that all that waits in it joins: sleeps, timeouts, `call_later`. An
    emulator and clients in that loop are given it as their clock. Work in threads (`asyncio.to_thread`) is waited for, and
    takes no time; what other processes and other event loops do is not.

    Args:
        patience: Seconds of real time for which work in threads is waited for before time goes on without it.
    """

    patience: float = PATIENCE
    _elapsed: float = field(default=0.0, init=False)

    def now(self) -> float:
        """Unix time in seconds; it begins at 2026-06-02 01:23:45 UTC."""
        return START + self._elapsed

    def monotonic(self) -> float:
        """Seconds since it began."""
        return self._elapsed

    async def sleep(self, seconds: float) -> None:
        """Wait; only in a loop of this clock."""
        await asyncio.sleep(seconds)

    def advance(self, seconds: float) -> None:
        """
        Move the clock forward; what was due in between comes next, in its order.

        Args:
            seconds: How far; not negative.

        Raises:
            ValueError: *seconds* is negative, or no number.
        """
        self._elapsed += checked_step(seconds)

    def run(self, main: Coroutine[Any, Any, T]) -> T:
        """Run *main* in a loop of this clock, as `asyncio.run` does in one of the machine's."""
        with asyncio.Runner(loop_factory=self.new_loop) as runner:
            return runner.run(main)

    def new_loop(self) -> asyncio.AbstractEventLoop:
        """An event loop that goes by this clock, for `asyncio.Runner` and for plugins of pytest."""
        return _Loop(self)


class _Loop(asyncio.SelectorEventLoop):
    """A loop whose time is a virtual clock's."""

    def __init__(self, clock: VirtualClock) -> None:
        self._clock = clock
        self._jumping = _Selector(clock)
        super().__init__(self._jumping)

    def time(self) -> float:
        return self._clock.monotonic()

    def run_in_executor(
        self, executor: Executor | None, func: Callable[[Unpack[Ts]], T], *args: *Ts
    ) -> asyncio.Future[T]:
        work = super().run_in_executor(executor, func, *args)
        self._jumping.working += 1
        work.add_done_callback(self._worked)
        return work

    async def shutdown_default_executor(self, *timeout: float | None) -> None:
        # Threads that end are waited for, too: Python 3.12 and later give them a deadline.
        self._jumping.working += 1
        try:
            await super().shutdown_default_executor(*timeout)
        finally:
            self._jumping.working -= 1

    def _worked(self, _: object) -> None:
        self._jumping.working -= 1


class _Selector(selectors.DefaultSelector):
    """Moves the clock to where the loop would wait, once no socket has anything to say."""

    def __init__(self, clock: VirtualClock) -> None:
        super().__init__()
        self._clock = clock
        self.working = 0

    def select(self, timeout: float | None = None) -> list[tuple[selectors.SelectorKey, int]]:
        ready = super().select(0)
        if ready or (timeout is not None and timeout <= 0):
            return ready

        if timeout is None:
            return super().select()

        ready = self._wait()
        if not ready:
            self._clock.advance(timeout)
        return ready

    def _wait(self) -> list[tuple[selectors.SelectorKey, int]]:
        if self.working:
            return super().select(self._clock.patience)

        time.sleep(GRACE)
        return super().select(0)
