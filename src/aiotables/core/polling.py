"""Waiting for work that a service does in the background: look, wait a little longer each time, look again."""

from collections.abc import Awaitable, Callable
from typing import TypeVar

from attrs import frozen

from aiotables.core.clock import Clock
from aiotables.core.errors import AiotablesError


T = TypeVar("T")


@frozen(kw_only=True)
class WaitPolicy:
    """How often to look, and for how long."""

    first: float = 2.0
    """Seconds between the first look and the second."""

    factor: float = 1.5
    """How much longer each pause is than the one before."""

    longest: float = 15.0
    """Longest pause, in seconds."""

    deadline: float | None = 3600.0
    """Seconds after which waiting ends with `WaitTimedOut`; `None` waits for ever."""

    def pause(self, look: int) -> float:
        """Seconds to wait after a look, which is numbered from 1."""
        return min(self.longest, self.first * self.factor ** (look - 1))


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
    """
    began = clock.monotonic()
    number = 0
    while True:
        number += 1
        state = await look()
        if progress is not None:
            progress(state)
        if done(state):
            return state

        pause = policy.pause(number)
        if policy.deadline is not None and clock.monotonic() - began + pause > policy.deadline:
            msg = f"{what} was not done within {policy.deadline:g} s, after {number} looks; it goes on all the same"
            raise WaitTimedOut(msg, last=state)
        await clock.sleep(pause)
