"""Ending what takes too long, in one event loop: one timer for all, where one for each would be a tenth of a call."""

import asyncio
import time
from typing import Any, TypeAlias

from aiotables.core.classes import define, field


_Set: TypeAlias = tuple[float, "asyncio.Task[Any]", int]
"""When it passes, by the monotonic clock, which task it ends, and how many others had asked that task to end before."""


@define(eq=False)
class Deadlines:
    """
    The deadlines of the running event loop. All have as many seconds, so they come in the order in which they were set,
    and the timer need only wait for the first: as most are met, it seldom rings.
    """

    seconds: float
    _loop: asyncio.AbstractEventLoop = field(factory=asyncio.get_running_loop, init=False, repr=False)
    _count: int = field(default=0, init=False)
    _open: dict[int, _Set] = field(factory=dict, init=False, repr=False)
    _passed: dict[int, _Set] = field(factory=dict, init=False, repr=False)
    _timer: asyncio.TimerHandle | None = field(default=None, init=False)

    def set(self, now: float) -> int:
        """
        A deadline for the running task, which is cancelled when it passes, and has to `meet` it.

        Args:
            now: The time, by the monotonic clock.
        """
        task = asyncio.current_task(self._loop)
        assert task is not None  # noqa: S101 -- it runs
        self._count = number = self._count + 1
        self._open[number] = now + self.seconds, task, task.cancelling()
        if self._timer is None:
            self._timer = self._loop.call_later(self.seconds, self._ring)
        return number

    def ended(self, number: int) -> bool:
        """Whether the task was cancelled for this deadline alone: else it is to end for another reason, too."""
        if number not in self._passed:
            return False
        _, task, cancelling = self._passed[number]
        return task.cancelling() - 1 <= cancelling

    def meet(self, number: int) -> None:
        """What it was set for has ended, in time or not."""
        if self._open.pop(number, None) is None:
            self._passed.pop(number)[1].uncancel()

    def close(self) -> None:
        """Leave no timer."""
        if self._timer is not None:
            self._timer.cancel()

    def _ring(self) -> None:
        self._timer = None
        now = time.monotonic()
        for number, (at, task, _) in list(self._open.items()):
            if at > now:
                self._timer = self._loop.call_later(at - now, self._ring)
                return
            self._passed[number] = self._open.pop(number)
            task.cancel()
