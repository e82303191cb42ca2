"""The rules of pacing, over data alone: when the next request may go out, and how many calls may be in flight."""

from math import inf

from attrs import Factory

from aiotables.core.classes import define, field


LATE = 0.01
"""
Seconds by which a request may miss its slot and the next ones keep theirs. Whoever counts requests by the second would see
all that a longer standstill held up in the same one.
"""

_TINY = 1e-4
"""Seconds that are not worth another sleep."""


@define(kw_only=True)
class Rate:
    """
    A token bucket, by the time at which the next request may go out (GCRA): nothing has to tick.

    Slots are times of a clock of its own, which stands still when the process did.
    """

    interval: float = 0.0
    """Seconds between two requests; 0 is no limit."""

    burst: int = 1
    """Requests that may go out at once after a quiet time."""

    resume_at: float = -inf
    """Nothing goes out before: the service asked for it."""

    _next: float = field(default=-inf, init=False)
    _behind: float = field(default=0.0, init=False)
    """Seconds by which its clock is behind."""

    def reserve(self, now: float) -> float:
        """Take a slot, and say when it is: reserved before it is waited for, so those who wait go out in turn."""
        now -= self._behind
        earliest = max(self._next, self.resume_at - self._behind, now - self.interval * (self.burst - 1))
        self._next = earliest + self.interval
        return max(earliest, now)

    def left(self, slot: float, now: float) -> float:
        """Seconds until a slot; 0 when it is there. One that is missed by much holds up all after it."""
        left = slot + self._behind - now
        if self.interval and -left > max(LATE, self.interval * (self.burst - 1)):
            self._behind -= left
        return left if left > _TINY else 0.0

    def is_open(self, now: float) -> bool:
        """Whether nobody has to ask for a slot: there is no limit, and no pause is left."""
        return not self.interval and self.resume_at <= now

    def good(self, slot: float) -> bool:
        """Whether a slot may be used, since the service asked for no pause beyond it."""
        return self.resume_at <= slot + self._behind + _TINY

    def pause(self, until: float) -> None:
        """Give no slot before a time; an earlier pause that lasts longer stays."""
        self.resume_at = max(self.resume_at, until)


SLOWER = 1.5
"""How many times its usual time an answer may take before more calls at once would only wait in the service."""


@define(kw_only=True)
class Concurrency:
    """
    How many calls may be in flight.

    It begins at the ceiling, as neither service documents a limit. A refusal halves it, once for all the calls that were
    out then; answers let it grow back, by about one for each round of them, as long as it is in use and the service
    answers as fast as usual.
    """

    ceiling: int = 16
    limit: float = Factory(lambda self: float(self.ceiling), takes_self=True)
    places: int = field(default=Factory(lambda self: int(self.limit), takes_self=True), init=False)
    """The limit, in whole calls."""

    halved_at: float = -inf

    recent: float = field(default=0.0, init=False)
    """Seconds that the last few answers took, on average."""

    usual: float = field(default=0.0, init=False)
    """The same of many answers."""

    def allows(self, in_flight: int) -> bool:
        """Whether one more may go out beside so many."""
        return in_flight < self.places

    def refused(self, *, sent_at: float, now: float) -> None:
        """
        A call was told to come later.

        Args:
            sent_at: When it went out. Those that were out when the limit was last halved say nothing new.
            now: The time.
        """
        if sent_at > self.halved_at:
            self._move(max(1.0, self.limit / 2))
            self.halved_at = now

    def answered(self, elapsed: float, in_flight: int) -> None:
        """
        A call was answered.

        Args:
            elapsed: Seconds from sending to the answer.
            in_flight: Calls out at the time, this one included.
        """
        if not self.usual:
            self.recent = self.usual = elapsed
        self.recent += (elapsed - self.recent) * 0.2
        self.usual += (elapsed - self.usual) * 0.02
        if self.places < self.ceiling and not self.allows(in_flight) and self.recent <= SLOWER * self.usual:
            self._move(min(self.ceiling, self.limit + 1 / self.limit))

    def _move(self, limit: float) -> None:
        self.limit, self.places = limit, int(limit)
