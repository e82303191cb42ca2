"""Ending what takes too long, in one event loop: one timer for all, where one for each would be a tenth of a call."""

import asyncio

from aiotables.core.classes import define, field


@define(eq=False)
class Deadline:
    """Until when a task may go on with what it does."""

    task: "asyncio.Task[object]"
    cancelling: int
    """How many others had asked the task to end before."""

    at: float
    """By the clock of the event loop."""

    is_over: bool = False
    """Whether the task was cancelled for it."""

    @property
    def ended_it(self) -> bool:
        """Whether the task was cancelled for this alone: else it is to end for another reason, too."""
        return self.is_over and self.task.cancelling() - 1 <= self.cancelling


@define(eq=False)
class Deadlines:
    """
    The deadlines of one event loop. All have as many seconds, so they come in the order in which they were set, and the
    timer need only wait for the first: as most are met, it seldom rings.
    """

    seconds: float
    loop: asyncio.AbstractEventLoop = field(factory=asyncio.get_running_loop)
    _open: dict[Deadline, None] = field(factory=dict[Deadline, None], init=False, repr=False)
    _timer: asyncio.TimerHandle | None = field(default=None, init=False)

    def set(self) -> Deadline:
        """A deadline for the running task, which has to `meet` it."""
        task = asyncio.current_task()
        assert task is not None  # noqa: S101 -- it runs
        deadline = Deadline(task, task.cancelling(), self.loop.time() + self.seconds)
        self._open[deadline] = None
        if self._timer is None:
            self._timer = self.loop.call_at(deadline.at, self._ring)
        return deadline

    def meet(self, deadline: Deadline) -> None:
        """What it was set for has ended, in time or not."""
        if deadline.is_over:
            deadline.task.uncancel()
        else:
            del self._open[deadline]

    def close(self) -> None:
        """Leave no timer."""
        if self._timer is not None:
            self._timer.cancel()

    def _ring(self) -> None:
        self._timer = None
        now = self.loop.time()
        for deadline in list(self._open):
            if deadline.at > now:
                self._timer = self.loop.call_at(deadline.at, self._ring)
                return
            del self._open[deadline]
            deadline.is_over = True
            deadline.task.cancel()
