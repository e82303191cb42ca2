"""Waiting for work that a service does in the background: look, wait a little longer each time, look again."""

import math
from collections.abc import Awaitable, Callable
from typing import TypeVar

from attrs.validators import ge, gt

from aiotables.core.classes import field, frozen
from aiotables.core.clock import Clock
from aiotables.core.errors import AiotablesError


T = TypeVar("T")


def _not_negative(_policy: object, _field: object, deadline: float | None) -> None:
    if deadline is not None and deadline < 0:
        msg = "'deadline' must be at least 0, or None"
        raise ValueError(msg)


@frozen(kw_only=True)
class WaitPolicy:
    """How often to look, and for how long."""

    first: float = field(default=2.0, validator=gt(0))
    """Seconds between the first look and the second."""

    factor: float = field(default=1.5, validator=ge(1))
    """How much longer each pause is than the one before."""

    longest: float = field(default=15.0, validator=gt(0))
    """Longest pause, in seconds."""

    deadline: float | None = field(default=3600.0, validator=_not_negative)
    """Seconds after which waiting ends, with one last look, in `WaitTimedOut`; `None` waits for ever."""

    def after(self, pause: float | None) -> float:
        """
        Seconds of the next pause.

        Args:
            pause: Seconds of the one before, `None` at the beginning.
        """
        return min(self.longest, self.first if pause is None else pause * self.factor)


class WaitTimedOut(AiotablesError, TimeoutError):
    """
    The work went on for longer than the deadline. It still goes on: wait again, or look later.

    Attributes:
        last: What was seen last.
    """

    def __init__(self, message: str, *, last: object) -> None:
        super().__init__(message)
        self.last = last


async def wait_for(
    look: Callable[[], Awaitable[T]],
    *,
    done: Callable[[T], bool],
    what: str,
    policy: WaitPolicy,
    clock: Clock,
    progress: Callable[[T], None] | None = None,
) -> T:
    """
    Look until the work is done, and return what was seen last.

    Args:
        look: Reads the state of the work.
        done: Whether a state is final.
        what: The work in words, for the error.
        policy: How often and how long.
        clock: Time.
        progress: Called with each state.

    Raises:
        WaitTimedOut: It was not done by the deadline.
        CallError: A look failed for good; the work goes on all the same.
    """
    deadline = math.inf if policy.deadline is None else policy.deadline
    began = clock.monotonic()
    looks, pause = 0, None
    while True:
        looks += 1
        state = await look()
        if progress is not None:
            progress(state)
        if done(state):
            return state

        left = began + deadline - clock.monotonic()
        if left <= 0:
            msg = f"{what} was not done within {deadline:g} s, after {looks} looks; it goes on all the same"
            raise WaitTimedOut(msg, last=state)
        pause = policy.after(pause)
        await clock.sleep(min(pause, left))
