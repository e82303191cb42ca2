"""Ending what takes too long, in one event loop: one timer for all, where one for each would be a tenth of a call."""

import asyncio
import time
from typing import Any, TypeAlias

from aiotables.core.classes import define, field


_Task: TypeAlias = "asyncio.Task[Any]"


@define(eq=False)
class Deadlines:
    """
    The deadlines of the running event loop, one for each task. All have as many seconds, so they come in the order in
    which they were set, and the timer need only wait for the first: as most are met, it seldom rings.
    """

    seconds: float
    _loop: asyncio.AbstractEventLoop = field(factory=asyncio.get_running_loop, init=False, repr=False)
    _open: dict[_Task, tuple[float, int]] = field(factory=dict, init=False, repr=False)
    """When each passes, by the monotonic clock, and how many others had asked its task to end before."""

    _passed: dict[_Task, int] = field(factory=dict, init=False, repr=False)
    _timer: asyncio.TimerHandle | None = field(default=None, init=False)

    def set(self, now: float) -> _Task:
        """
        A deadline for the running task, which is cancelled when it passes, and has to `meet` it.

        Args:
            now: The time, by the monotonic clock.
        """
        task = asyncio.current_task(self._loop)
        assert task is not None  # noqa: S101 -- it runs
        self._open[task] = now + self.seconds, task.cancelling()
        if self._timer is None:
            self._timer = self._loop.call_later(self.seconds, self._ring)
        return task

    def ended(self, task: _Task) -> bool:
        """Whether the task was cancelled for this deadline alone: else it is to end for another reason, too."""
        return task in self._passed and task.cancelling() - 1 <= self._passed[task]

    def meet(self, task: _Task) -> None:
        """What it was set for has ended, in time or not."""
        if self._open.pop(task, None) is None:
            del self._passed[task]
            task.uncancel()

    def close(self) -> None:
        """Leave no timer."""
        if self._timer is not None:
            self._timer.cancel()

    def _ring(self) -> None:
        self._timer = None
        now = time.monotonic()
        for task, (at, cancelling) in list(self._open.items()):
            if at > now:
                self._timer = self._loop.call_later(at - now, self._ring)
                return
            del self._open[task]
            self._passed[task] = cancelling
            task.cancel()
