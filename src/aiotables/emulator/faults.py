"""Which calls go wrong, and how: rules, and the pure decision that applies them."""

from collections.abc import Iterable
from fnmatch import fnmatchcase
from random import Random
from typing import Any, Literal, get_args

import attrs
from attrs import define, field, frozen


When = Literal["before", "after"]
What = Literal["drop", "stall", "status", "throttle", "cut", "garble"]


def _one_of(kind: Any) -> Any:  # noqa: ANN401 - typing has no type for a Literal form
    allowed = get_args(kind)

    def check(_: "Fault", attribute: "attrs.Attribute[str]", value: str) -> None:
        if value not in allowed:
            msg = f"{attribute.name} of a fault is one of {', '.join(allowed)}, not {value!r}"
            raise ValueError(msg)

    return check


def _within(low: float, high: float) -> Any:  # noqa: ANN401 - attrs types validators loosely
    def check(_: "Fault", attribute: "attrs.Attribute[float | None]", value: float | None) -> None:
        if value is not None and not low <= value <= high:
            msg = f"{attribute.name} of a fault lies between {low} and {high}, not at {value}"
            raise ValueError(msg)

    return check


@frozen(kw_only=True)
class Fault:
    """
    A rule for calls that are to go wrong.

    Raises:
        ValueError: A value is out of its range, or the combination makes no sense.
    """

    operation: str = field(validator=attrs.validators.min_len(1))
    """Name of the operation, such as `zangtable.create_table`; `*` and `?` stand for any text, any character."""

    when: When = field(validator=_one_of(When))
    """Before the effect, so that nothing is done; or after it, so that all is done and only the reply suffers."""

    what: What = field(validator=_one_of(What))
    """
    `drop`: close the connection without a reply. `stall`: hold the reply back. `status`: reply with an error status.
    `throttle`: reply 429, nothing done. `cut`: send the reply's head and half of its body, and close the connection.
    `garble`: send noise for a body. Before the effect, what is cut or garbled is an error with `status`.
    """

    status: int = field(default=500, validator=_within(400, 599))
    """What `status` replies with, and `cut` and `garble` before the effect."""

    retry_after: float | None = field(default=None, validator=_within(0, 86_400))
    """Seconds in the `Retry-After` of `throttle` and `status`; without it the header is left out."""

    stall_seconds: float | None = field(default=None, validator=_within(0, 86_400))
    """
    How long `stall` holds back before the call goes on, even if the client left in the meantime; without it the reply
    never comes.
    """

    probability: float = field(default=1.0, validator=_within(0, 1))
    """Share of the matching calls that suffer."""

    nth: int | None = field(default=None, validator=_within(1, 2**63))
    """Only the nth matching call suffers, counted from 1."""

    times: int | None = field(default=None, validator=_within(1, 2**63))
    """No more than so many calls suffer."""

    def __attrs_post_init__(self) -> None:
        if self.what == "throttle" and self.when == "after":
            msg = "a throttled call is refused before anything is done: use before:throttle"
            raise ValueError(msg)

    @classmethod
    def parse(cls, text: str) -> "Fault":
        """
        The rule that *text* writes as `OPERATION:WHEN:WHAT` and then any `:KEY=VALUE`.

        Keys are `p` (probability), `nth`, `times`, `status`, `retry_after` and `stall` (both seconds); for example
        `zangtable.create_table:after:drop:p=0.05`.

        Raises:
            ValueError: *text* is no such rule; the message says what is wrong with it.
        """
        try:
            operation, when, what, *options = text.split(":")
        except ValueError:
            msg = f"fault {text!r} is not OPERATION:WHEN:WHAT[:KEY=VALUE...]"
            raise ValueError(msg) from None

        try:
            return cls(operation=operation, when=when, what=what, **_options(options))  # type: ignore[arg-type] # checked by the validators
        except ValueError as error:
            msg = f"fault {text!r}: {error}"
            raise ValueError(msg) from None

    def __str__(self) -> str:
        return f"{self.operation}:{self.when}:{self.what}"


_KEYS: dict[str, tuple[str, type[int | float]]] = {
    "p": ("probability", float),
    "nth": ("nth", int),
    "times": ("times", int),
    "status": ("status", int),
    "retry_after": ("retry_after", float),
    "stall": ("stall_seconds", float),
}


def _options(pairs: Iterable[str]) -> dict[str, Any]:
    options: dict[str, Any] = {}
    for pair in pairs:
        key, equals, value = pair.partition("=")
        if not equals or key not in _KEYS:
            msg = f"{pair!r} is not KEY=VALUE with one of the keys {', '.join(_KEYS)}"
            raise ValueError(msg)

        name, number = _KEYS[key]
        if name in options:
            msg = f"{key} is given twice"
            raise ValueError(msg)

        try:
            options[name] = number(value)
        except ValueError:
            msg = f"{key} is not a number: {value!r}"
            raise ValueError(msg) from None
    return options


@define
class _Rule:
    fault: Fault
    random: Random
    matched: int = 0
    fired: int = 0

    def is_due(self, operation: str) -> bool:
        fault = self.fault
        if not fnmatchcase(operation, fault.operation):
            return False

        self.matched += 1
        if fault.nth is not None and self.matched != fault.nth:
            return False

        if fault.times is not None and self.fired >= fault.times:
            return False

        return self.random.random() < fault.probability


@define
class FaultRules:
    """
    The rules in force, and how often each was met. The same seed and the same calls give the same faults.

    Each rule counts all calls that it matches and draws from its own source, so that adding one does not change when the
    others are due.
    """

    seed: int
    _rules: list[_Rule] = field(factory=list)
    _added: int = 0

    def add(self, fault: Fault) -> None:
        """Put *fault* in force, after those that are."""
        self._rules.append(_Rule(fault, Random(f"{self.seed}:{self._added}")))  # noqa: S311 - repeatable, not secret
        self._added += 1

    def clear(self) -> None:
        """Put no rule in force; what is added next draws as if it were the first."""
        self._rules.clear()
        self._added = 0

    def decide(self, operation: str) -> Fault | None:
        """What the next call of *operation* suffers: of the rules that are due, the first."""
        due = [rule for rule in self._rules if rule.is_due(operation)]
        if not due:
            return None

        due[0].fired += 1
        return due[0].fault

    @property
    def faults(self) -> tuple[Fault, ...]:
        """The rules in force, in the order in which they are asked."""
        return tuple(rule.fault for rule in self._rules)
