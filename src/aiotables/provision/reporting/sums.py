"""Sums over the facts of a run, in memory that does not grow with them."""

import bisect
import itertools
import math
from collections import Counter
from collections.abc import Iterator, Sequence
from typing import Final

from aiotables.core.classes import define, field, frozen
from aiotables.provision.journal import Intent, Outcome, OutcomeKind
from aiotables.provision.steps import CREATE


BINS: Final = 60
"""Columns of a chart over time, at most."""

FACTOR: Final = 1.1
"""Each class of durations ends so much later than the one before: percentiles are right to a tenth."""

SHORTEST: Final = 0.001
"""End of the first class of durations, in seconds."""

SLOWEST: Final = 10
"""Steps that are named as the slowest."""


@frozen(kw_only=True)
class Slow:
    """A step that took long."""

    seconds: float
    target: str
    key: str
    step: str


@frozen(kw_only=True)
class Bin:
    """A stretch of time."""

    at: float
    """Seconds from the beginning of the run."""

    seconds: float
    """How long it is."""

    steps: int
    """Steps that ended in it."""

    latency: float | None
    """Seconds that they took on average; `None` when none ended."""

    @property
    def rate(self) -> float:
        """Steps that ended per second."""
        return self.steps / self.seconds


@frozen(kw_only=True)
class Latency:
    """How long steps took, from the intent to the outcome, in seconds: waiting for a place and settling included."""

    steps: int
    mean: float
    p50: float
    p90: float
    p99: float
    longest: float

    classes: Sequence[tuple[float, int]]
    """How many took at most so long, and longer than the class before."""


@define
class Durations:
    """Counts durations in classes, each a tenth longer than the one before."""

    classes: Counter[int] = field(factory=Counter)
    count: int = 0
    total: float = 0.0
    longest: float = 0.0

    def add(self, seconds: float) -> None:
        """Count one."""
        longer = max(seconds / SHORTEST, 1.0)
        self.classes[math.ceil(math.log(longer, FACTOR))] += 1
        self.count += 1
        self.total += seconds
        self.longest = max(self.longest, seconds)

    def sums(self) -> Latency | None:
        """What they come to; `None` when there are none."""
        if not self.count:
            return None
        return Latency(
            steps=self.count,
            mean=self.total / self.count,
            p50=self._percentile(0.5),
            p90=self._percentile(0.9),
            p99=self._percentile(0.99),
            longest=self.longest,
            classes=[(_end(number), count) for number, count in sorted(self.classes.items())],
        )

    def _percentile(self, part: float) -> float:
        numbers = sorted(self.classes)
        reached = [*itertools.accumulate(self.classes[number] for number in numbers)]
        return min(_end(numbers[bisect.bisect_left(reached, part * self.count)]), self.longest)


def _end(number: int) -> float:
    return SHORTEST * FACTOR**number


@define
class _Second:
    steps: int = 0
    timed: int = 0
    total: float = 0.0


@define
class Sums:
    """
    Takes the facts of a run in, one after another.

    Args:
        started_at: When the run began, in unix seconds.
    """

    started_at: float
    last_at: float = field(init=False)
    outcomes: Counter[OutcomeKind] = field(factory=Counter, init=False)
    tables: Counter[OutcomeKind] = field(factory=Counter, init=False)
    targets: dict[str, Counter[OutcomeKind]] = field(factory=dict, init=False)
    durations: Durations = field(factory=Durations, init=False)
    slowest: list[Slow] = field(factory=list, init=False)
    _open: dict[tuple[str, str, str], float] = field(factory=dict, init=False)
    _seconds: dict[int, _Second] = field(factory=dict, init=False)

    def __attrs_post_init__(self) -> None:
        self.last_at = self.started_at

    @property
    def open(self) -> int:
        """Intents that have no outcome in the run."""
        return len(self._open)

    def add(self, fact: Intent | Outcome) -> None:
        """Take a fact in."""
        self.last_at = max(self.last_at, fact.at)
        name = (fact.target, fact.key, fact.step)
        if isinstance(fact, Intent):
            self._open[name] = fact.at
            return
        self.outcomes[fact.outcome] += 1
        self.targets.setdefault(fact.target, Counter())[fact.outcome] += 1
        if fact.step == CREATE:
            self.tables[fact.outcome] += 1
        second = self._seconds.setdefault(int(max(fact.at - self.started_at, 0.0)), _Second())
        second.steps += 1
        sent_at = self._open.pop(name, None)
        if sent_at is not None:
            self._time(fact, max(fact.at - sent_at, 0.0), second)

    def _time(self, outcome: Outcome, seconds: float, second: _Second) -> None:
        self.durations.add(seconds)
        second.timed += 1
        second.total += seconds
        slow = Slow(seconds=seconds, target=outcome.target, key=outcome.key, step=outcome.step)
        self.slowest = sorted([*self.slowest, slow], key=lambda each: -each.seconds)[:SLOWEST]

    def bins(self, ended_at: float) -> Iterator[Bin]:
        """
        The run in stretches of the same length, whole seconds each.

        Args:
            ended_at: When it ended, in unix seconds.
        """
        whole = max(math.ceil(ended_at - self.started_at), *(second + 1 for second in self._seconds), 1)
        width = math.ceil(whole / BINS)
        for first in range(0, whole, width):
            inside = [self._seconds[each] for each in range(first, first + width) if each in self._seconds]
            timed = sum(each.timed for each in inside)
            total = sum(each.total for each in inside)
            yield Bin(
                at=float(first),
                seconds=float(width),
                steps=sum(each.steps for each in inside),
                latency=total / timed if timed else None,
            )
