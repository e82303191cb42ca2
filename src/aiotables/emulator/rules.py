"""The pure decision that applies fault rules: which calls go wrong, the same ones for the same seed and calls."""

import hashlib
import math
from collections import Counter
from fnmatch import fnmatchcase
from random import Random

from attrs import define, field, frozen

from aiotables.emulator.faults import Fault


@frozen(kw_only=True)
class Arrival:
    """What rules look at in a call."""

    operation: str
    path: str = ""
    token: str | None = field(default=None, repr=False)
    at: float = 0.0
    """When it came, in seconds of a monotonic clock."""


@frozen
class Verdict:
    """What a call suffers."""

    fault: Fault | None = None
    """The fault, other than a delay."""

    retry_after: float | None = None
    """What that fault's reply says of when to come again."""

    before: float = 0.0
    """Seconds of delay before the effect."""

    after: float = 0.0
    """Seconds of delay after it."""


UNHARMED = Verdict()

# Who waits for just as long as the window lasts is let through, whatever the last digit of a sum of times.
_TINY = 1e-6


@define
class _Quota:
    """The windows of a quota, one for each token."""

    calls: int
    window: float
    _windows: dict[bytes, tuple[float, int]] = field(factory=dict)

    def left(self, token: str | None, at: float) -> float:
        """Count a call; 0 when it may go on, else the seconds until the window ends."""
        key = hashlib.sha256((token or "").encode(errors="surrogateescape")).digest()
        began, used = self._windows.get(key, (at, 0))
        if at - began >= self.window - _TINY:
            began, used = at, 0
        self._windows[key] = (began, used + 1)
        return 0.0 if used < self.calls else began + self.window - at


@frozen
class _Hit:
    """A rule that is due, and what it says."""

    rule: "_Rule"
    fault: Fault
    seconds: float = 0.0
    """How long a delay takes; for a quota, when to come again."""


@define
class _Rule:
    fault: Fault
    source: str
    """Seed of the draws: each is made from it, the operation and the call's ordinal, so that no other call matters."""

    quota: _Quota | None
    matched: int = 0
    fired: int = 0
    ordinals: Counter[str] = field(factory=Counter)

    def weigh(self, arrival: Arrival) -> _Hit | None:
        """What the rule says of a call; every call that it matches is counted."""
        if not _matches(self.fault, arrival):
            return None

        self.matched += 1
        self.ordinals[arrival.operation] += 1
        left = 0.0 if self.quota is None else self.quota.left(arrival.token, arrival.at)
        if self._is_passed_over or (self.quota is not None and not left):
            return None

        return self._draw(arrival.operation, left)

    @property
    def _is_passed_over(self) -> bool:
        fault = self.fault
        if fault.nth is not None and self.matched != fault.nth:
            return True

        return fault.times is not None and self.fired >= fault.times

    def _draw(self, operation: str, left: float) -> _Hit | None:
        fault = self.fault
        if fault.probability == 1 and fault.delay is None:
            return _Hit(self, fault, left)

        random = Random(f"{self.source}:{operation}:{self.ordinals[operation]}")  # noqa: S311 - repeatable, not secret
        if random.random() >= fault.probability:
            return None

        return _Hit(self, fault, left if fault.delay is None else fault.delay.seconds(random))


def _matches(fault: Fault, arrival: Arrival) -> bool:
    if not fits(fault.operation, arrival.operation):
        return False

    return fault.path is None or fnmatchcase(arrival.path, fault.path)


def fits(pattern: str, operation: str) -> bool:
    """Whether *pattern* of a rule stands for *operation*: by its name, or by that of its service."""
    return fnmatchcase(operation, pattern) or operation.partition(".")[0] == pattern


@define
class FaultRules:
    """
    The rules in force, and how often each was met. The same seed and the same calls give the same faults.

    Each rule counts all calls that it matches. Whether the nth call of an operation is among a rule's share is decided by
    the seed, the rule's place, the operation and n alone: calls of other operations may come in any order between, and
    what is added after a rule does not change when it is due.
    """

    seed: int
    _rules: list[_Rule] = field(factory=list)
    _added: int = 0

    def add(self, fault: Fault) -> None:
        """Put *fault* in force, after those that are."""
        quota = None if fault.calls is None or fault.window is None else _Quota(fault.calls, fault.window)
        self._rules.append(_Rule(fault, f"{self.seed}:{self._added}", quota))
        self._added += 1

    def clear(self) -> None:
        """Put no rule in force; what is added next draws as if it were the first."""
        self._rules.clear()
        self._added = 0

    def decide(self, arrival: Arrival) -> Verdict:
        """What a call suffers: all delays that are due, and of the other rules that are due, the first."""
        hits = [hit for rule in self._rules if (hit := rule.weigh(arrival)) is not None]
        if not hits:
            return UNHARMED

        delays = [hit for hit in hits if hit.fault.what == "delay"]
        first = next((hit for hit in hits if hit.fault.what != "delay"), None)
        for hit in (*delays, *([] if first is None else [first])):
            hit.rule.fired += 1
        return Verdict(
            fault=None if first is None else first.fault,
            retry_after=None if first is None else _retry_after(first),
            before=math.fsum(hit.seconds for hit in delays if hit.fault.when == "before"),
            after=math.fsum(hit.seconds for hit in delays if hit.fault.when == "after"),
        )

    @property
    def is_empty(self) -> bool:
        """Whether no rule is in force."""
        return not self._rules

    @property
    def faults(self) -> tuple[Fault, ...]:
        """The rules in force, in the order in which they are asked."""
        return tuple(rule.fault for rule in self._rules)


def _retry_after(hit: _Hit) -> float | None:
    # Whole seconds, as HTTP has it; who waits so long is let through.
    return math.ceil(hit.seconds) if hit.fault.what == "quota" else hit.fault.retry_after
