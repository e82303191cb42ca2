"""
How much time has passed, also while the machine slept or stood still.

On Linux `time.monotonic` stands still while the machine is suspended, and others do not wait that long. What counts on
there goes on through that, but not while a virtual machine is paused as a whole; the time of day, once it is set right,
shows that, too. So the longer of the two counts: to think that more time has passed than did costs a question, and no more.
"""

import sys
import time
from collections.abc import Callable
from functools import partial
from typing import Final, Self

from aiotables.core.classes import frozen


steady: Final[Callable[[], float]] = (
    partial(time.clock_gettime, time.CLOCK_BOOTTIME) if sys.platform == "linux" else time.monotonic
)
"""Seconds from an arbitrary point, never going back, and counting while the machine is suspended."""


@frozen
class Moment:
    """A moment, to be asked later how long ago it was."""

    steady: float
    wall: float
    """Unix seconds."""

    @classmethod
    def now(cls) -> Self:
        """This moment."""
        return cls(steady(), time.time())

    def ago(self) -> float:
        """Seconds since then: at least as many as passed."""
        return self.until(Moment.now())

    def until(self, later: "Moment") -> float:
        """Seconds from this moment to a later one."""
        return max(later.steady - self.steady, later.wall - self.wall)
