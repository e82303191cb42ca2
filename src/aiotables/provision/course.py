"""How a run goes on, over data alone: in waves, as far as what failed, was sent and took its time allows."""

import enum
import re
from typing import Self

from aiotables.core.classes import define, field, frozen
from aiotables.core.counting import counted
from aiotables.provision.journal import OutcomeKind


@frozen
class Tolerance:
    """How many tables of a wave may fail, as a number or as a share."""

    number: int = 0

    share: float | None = None
    """From 0 to 1; it counts in place of the number."""

    @classmethod
    def parse(cls, text: str) -> Self:
        """
        Read `5` or `2%`.

        Raises:
            ValueError: It is neither.
        """
        found = re.fullmatch(r"(\d+)|(\d+(?:\.\d+)?)%", text.strip())
        if found is None or (found[2] and float(found[2]) > 100):  # noqa: PLR2004 -- the whole
            message = f"expected a number such as 5, or a share such as 2%; got {text!r}"
            raise ValueError(message)
        return cls(int(found[1])) if found[1] else cls(share=float(found[2]) / 100)

    def of(self, tables: int) -> int:
        """How many of so many tables may fail."""
        return self.number if self.share is None else int(self.share * tables)


@frozen(kw_only=True)
class Rules:
    """
    How carefully a run goes.

    Tables that need nothing count for none of this. A table whose outcome is unknown counts as failed.
    """

    canary: int | None = None
    """Tables that are made first. When one of them fails the run ends, and it goes on only when it is told to."""

    wave: int | None = None
    """Tables of each wave: the next one begins when all of a wave are finished."""

    max_failures: Tolerance | None = None
    """
    How many may fail of a wave, or of the whole run where there are no waves. When more do, no table is begun any more.
    """

    max_requests: int | None = None
    """HTTP requests after which no table is begun any more."""

    max_seconds: float | None = None
    """Seconds after which no table is begun any more."""


NO_RULES = Rules()


class Next(enum.Enum):
    """What a run does next."""

    BEGIN = "begin a table"
    WAIT = "wait until one is finished"
    WAVE_OVER = "go on to the next wave"
    STOP = "begin no more"


@define
class Course:
    """
    Where a run is.

    Args:
        rules: How carefully it goes.
        total: Tables of the run.
    """

    rules: Rules
    total: int

    wave: int = field(default=1, init=False)
    done: int = field(default=0, init=False)
    """Tables of this wave that needed something and are finished."""

    failed: int = field(default=0, init=False)
    """Those of them that failed, or whose outcome is unknown."""

    stopped: str | None = field(default=None, init=False)
    """Why no table is begun any more."""

    _under_way: int = field(default=0, init=False)

    @property
    def is_canary(self) -> bool:
        """Whether this wave is the canary."""
        return self.wave == 1 and self.rules.canary is not None

    @property
    def size(self) -> int | None:
        """Tables of this wave; `None` when it has all there are."""
        return self.rules.canary if self.is_canary else self.rules.wave

    def next(self, *, requests: int, seconds: float) -> Next:
        """
        What to do.

        Args:
            requests: Sent so far.
            seconds: Since the run began.
        """
        self._look_at_limits(requests, seconds)
        if self.stopped is not None:
            return Next.STOP
        if self.size is None or self.done + self._under_way < self.size:
            return Next.BEGIN
        return Next.WAIT if self._under_way else Next.WAVE_OVER

    def begin(self) -> None:
        """A table was begun."""
        self._under_way += 1

    def end(self, outcome: OutcomeKind | None) -> None:
        """A table is finished; without an outcome, nobody knows how."""
        self._under_way -= 1
        if outcome is OutcomeKind.UNCHANGED:
            return
        self.done += 1
        self.failed += outcome in {None, OutcomeKind.FAILED, OutcomeKind.UNKNOWN}
        allowed = self._allowed
        if allowed is not None and self.failed > allowed:
            self.stop(f"{counted(self.failed, 'table')} of {self._name} failed, and {allowed} may")

    def next_wave(self) -> None:
        """Go on to the next wave."""
        self.wave += 1
        self.done = self.failed = 0

    def stop(self, reason: str) -> None:
        """Begin no table any more; the first reason counts."""
        self.stopped = self.stopped or reason

    @property
    def _allowed(self) -> int | None:
        if self.is_canary:
            return 0
        tolerance = self.rules.max_failures
        return None if tolerance is None else tolerance.of(self.size or self.total)

    @property
    def _name(self) -> str:
        if self.is_canary:
            return "the canary"
        return "the run" if self.size is None else f"wave {self.wave}"

    def _look_at_limits(self, requests: int, seconds: float) -> None:
        rules = self.rules
        if rules.max_requests is not None and requests >= rules.max_requests:
            self.stop(
                f"{counted(requests, 'request was', 'requests were')} sent; {rules.max_requests:,} are allowed"
            )
        if rules.max_seconds is not None and seconds >= rules.max_seconds:
            self.stop(f"{seconds:.1f} s are over; {rules.max_seconds:g} s are allowed")
