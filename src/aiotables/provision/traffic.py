"""What calls cost: how many requests they sent, and how long the answers took; and what that says of calls to come."""

from aiotables.core.classes import define, field, frozen
from aiotables.core.pacing import Pacer
from aiotables.core.record import CallRecord


@define
class RequestCount:
    """An observer that counts the HTTP requests of the calls that it is told of."""

    total: int = field(default=0, init=False)

    seconds: float = field(default=0.0, init=False)
    """How long their answers took together."""

    def __call__(self, record: CallRecord) -> None:
        """Count the sendings of a call."""
        self.total += len(record.attempts)
        self.seconds += sum(attempt.elapsed for attempt in record.attempts)

    @property
    def answer(self) -> float | None:
        """Seconds that an answer took on average; `None` before the first."""
        return self.seconds / self.total if self.total else None


@frozen(kw_only=True)
class Speed:
    """How fast requests go out at a target."""

    rate: float | None
    """Requests per second; `None` means no limit."""

    in_flight: int
    """Calls that may be under way at once."""

    answer: float | None
    """Seconds that an answer took on average so far; `None` when nothing was asked yet."""

    paused: float = 0.0
    """Seconds until requests may go out again."""

    @classmethod
    def of(cls, pacer: Pacer, count: RequestCount) -> "Speed":
        """The speed that a limiter allows, with answers that take as long as those that were counted."""
        return cls(rate=pacer.rate, in_flight=pacer.limit, answer=count.answer, paused=pacer.paused)

    def seconds(self, requests: int) -> float | None:
        """The least that so many requests take, in seconds; `None` when nothing is known to tell it by."""
        if not requests:
            return 0.0
        bounds = [
            *([requests / self.rate] if self.rate is not None else []),
            *([requests * self.answer / self.in_flight] if self.answer is not None else []),
        ]
        return self.paused + max(bounds) if bounds else None
