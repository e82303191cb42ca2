"""
Finding out what a call did whose reply was lost.

A settle rule is a generator: it yields what to `Look` at, is sent the replies (or thrown the errors), and returns a
`Verdict`. So the rules do no I/O and are tested without a network; `calls.py` does the looking.
"""

import math
from collections.abc import Callable, Generator, Mapping
from typing import Any, NoReturn

from attrs import evolve
from attrs.validators import ge, gt

from aiotables.core.classes import field, frozen
from aiotables.core.errors import Conflict, ServiceError
from aiotables.core.headers import parse_http_date
from aiotables.core.operations import Operation
from aiotables.core.wire import Reply


@frozen(kw_only=True)
class Sent:
    """What was sent, enough to settle it later and elsewhere: plain data, and never a token."""

    operation: str
    """Service and operation, such as `zangtable.create_table`."""

    path: Mapping[str, str] = field(factory=dict[str, str])
    """Values of the path parameters."""

    body: Any = None
    """The JSON body."""

    first_sent_at: float
    """Unix time in seconds at which the first attempt began that may have taken effect."""

    last_sent_at: float
    """Unix time in seconds at which the last attempt began: the grace counts from here."""


class NotWhole(Exception):
    """The note of what was sent lacks something that its rule has to know. The message says what."""


class _Part(dict[str, Any]):
    """The path or the body of a note that may be damaged: what a rule misses in it is `NotWhole`."""

    def __init__(self, name: str, noted: object) -> None:
        super().__init__(noted if isinstance(noted, Mapping) else {})
        self._name = name
        self._is_noted = isinstance(noted, Mapping)

    def __missing__(self, key: str) -> NoReturn:
        msg = f"its {self._name} lacks {key!r}" if self._is_noted else f"it has no {self._name}"
        raise NotWhole(msg)

    def get(self, key: str, default: Any = None) -> Any:  # noqa: ANN401 -- any JSON
        # What is optional in a body says nothing where there is no body at all.
        return super().get(key, default) if self._is_noted else self[key]


def guarded(sent: Sent) -> Sent:
    """The same note, but that it raises `NotWhole` where a rule asks for what it lacks, as one of an old journal may."""
    return evolve(sent, path=_Part("path", sent.path), body=_Part("body", sent.body))


@frozen(kw_only=True)
class Look:
    """One read that a rule asks for."""

    operation: Operation[Any, Any]
    path: Mapping[str, str] = field(factory=dict[str, str])
    query: Mapping[str, Any] = field(factory=dict[str, Any])
    body: Any = None


@frozen
class Found:
    """The call took effect: here is what it made."""

    value: Any
    how: str


@frozen
class NotThere:
    """Nothing was found. Only final when the grace has passed."""


@frozen
class Existed:
    """What is there shows that the service must have refused the call: it made nothing, and never will."""

    how: str
    error: type[ServiceError] = Conflict
    """What the service would have answered."""


@frozen
class Unclear:
    """Looking cannot tell."""

    reason: str
    may_change: bool = field(default=False, kw_only=True)
    """Whether a later look may tell more: the service may still be at work, or the look itself failed."""


Verdict = Found | NotThere | Existed | Unclear

Settling = Generator[Look, Any, Verdict]
"""Yields looks, is sent `Reply` objects, returns the verdict."""


@frozen(kw_only=True)
class SettlePolicy:
    """
    When to look.

    A server may still be working on the lost call, so "not there" counts only when nothing was found after the grace.
    """

    grace: float = field(default=90.0, validator=ge(0))
    """
    Seconds after the last sending within which the effect may still appear: the request timeout, the longest time that
    the service may take, and the lag of its listings. A client never takes less than one and a half times its request
    timeout: after a reply that timed out there must be time left to look.
    """

    first_pause: float = field(default=0.25, validator=gt(0))
    """Seconds between the first look, made at once, and the second."""

    factor: float = field(default=2.0, validator=ge(1))
    """How much longer each pause is than the one before."""

    skew: float = field(default=5.0, validator=ge(0))
    """Seconds by which the service's clock may be behind ours."""

    def pause(self, look: int, *, age: float) -> float | None:
        """
        Seconds to wait after a look that found nothing, or `None` when that look was the last.

        Args:
            look: Its number, from 1.
            age: Seconds from the last sending to the beginning of the look.
        """
        if age >= self.grace:
            return None
        # Far beyond any grace, and short of what a float can hold.
        longer = self.factor ** min(look - 1, 64)
        return min(self.first_pause * longer, max(self.grace - age, 0.01))


def earliest_there(sent: Sent, reply: Reply[Any], policy: SettlePolicy) -> float:
    """
    The earliest time, by the service's clock, at which a call can have taken effect.

    The reply's `Date` header tells how far the two clocks are apart, so that a service whose clock is behind does not make
    our own table look as if it had been there before.

    Args:
        sent: The call.
        reply: A reply of the same service, just received.
        policy: Its `skew` is what is still allowed for.
    """
    last = reply.attempts[-1]
    there = parse_http_date(reply.headers.get("Date", ""))
    ahead = 0.0 if there is None else there - (last.started_at + last.elapsed)
    return math.floor(sent.first_sent_at + ahead - policy.skew)


def surely_since(sent: Sent, reply: Reply[Any], policy: SettlePolicy) -> float:
    """
    The time, by the service's clock, from which on a thing was surely not there before the call.

    Between `earliest_there` and this lies what the clocks cannot tell: a thing of that time is neither ours for certain nor
    another's. As long as the replies are dated, nothing of ours falls in between.

    Args:
        sent: The call.
        reply: A reply of the same service, just received.
        policy: How to look.
    """
    return earliest_there(sent, reply, evolve(policy, skew=0.0))


Rule = Callable[[Sent, SettlePolicy], Settling]


@frozen(kw_only=True)
class Sparing:
    """A rule for calls whose body holds what may not be kept: of the body, `Sent` has only what the rule reads."""

    keys: tuple[str, ...]
    """Top-level keys of the body that are kept."""

    rule: Rule

    def __call__(self, sent: Sent, policy: SettlePolicy) -> Settling:
        """Settle."""
        return self.rule(sent, policy)

    def spare(self, body: Mapping[str, Any]) -> dict[str, Any]:
        """What is kept of a body."""
        return {key: body[key] for key in self.keys if key in body}


def kept_body(rule: Rule | None, body: Any) -> Any:  # noqa: ANN401 -- any JSON
    """
    What `Sent` holds of a body.

    Args:
        rule: How the operation is settled; without one nobody reads the body, and it is left out.
        body: The JSON body, or `None`.
    """
    if rule is None or body is None:
        return None
    return rule.spare(body) if isinstance(rule, Sparing) else body
