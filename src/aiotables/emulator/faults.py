"""Which calls go wrong, and how: rules as they are written. What they decide is in `rules`."""

from collections.abc import Mapping
from typing import Any, Literal, TypedDict, cast, get_args

import attrs
import orjson
from attrs import field, frozen

from aiotables.core.slips import did_you_mean
from aiotables.emulator.delays import Delay


When = Literal["before", "after"]
What = Literal["drop", "reset", "stall", "delay", "status", "throttle", "quota", "cut", "garble"]

_ONLY_BEFORE = ("throttle", "quota")

_REPLIES = ("status", "throttle", "quota")


def _one_of(kind: Any) -> Any:  # noqa: ANN401 - typing has no type for a Literal form
    allowed = get_args(kind)

    def check(_: "Fault", attribute: "attrs.Attribute[str]", value: str) -> None:
        if value not in allowed:
            meant = did_you_mean(str(value), allowed)
            msg = f"{attribute.name} of a fault is one of {', '.join(allowed)}, not {value!r}{meant}"
            raise ValueError(msg)

    return check


def _within(low: float, high: float) -> Any:  # noqa: ANN401 - attrs types validators loosely
    def check(_: "Fault", attribute: "attrs.Attribute[float | None]", value: float | None) -> None:
        if value is not None and not low <= value <= high:
            msg = f"{attribute.name} of a fault lies between {low} and {high}, not at {value}"
            raise ValueError(msg)

    return check


def _delay(value: Delay | str | float | None) -> Delay | None:
    return None if value is None else Delay.of(value)


class FaultOptions(TypedDict, total=False):
    """What a rule may say beside its operation, when and what; each is explained at `Fault`."""

    path: str | None
    status: int
    body: str | None
    retry_after: float | None
    stall_seconds: float | None
    delay: Delay | str | float | None
    calls: int | None
    window: float | None
    probability: float
    nth: int | None
    times: int | None


@frozen(kw_only=True)
class Fault:
    """
    A rule for calls that are to go wrong.

    Raises:
        ValueError: A value is out of its range, or the combination makes no sense.
    """

    operation: str = field(validator=attrs.validators.min_len(1))
    """
    Name of the operation, such as `zangtable.create_table`; `*` and `?` stand for any text, any character. The name of a
    service, such as `extruct`, stands for all of its operations.
    """

    when: When = field(validator=_one_of(When))
    """Before the effect, so that nothing is done; or after it, so that all is done and only the reply suffers."""

    what: What = field(validator=_one_of(What))
    """
    `drop`: close the connection without a reply. `reset`: the same, by a TCP reset. `stall`: hold the reply back. `delay`:
    hold it back for the time of `delay`, and go on to what other rules say. `status`: reply with an error status.
    `throttle`: reply 429, nothing done. `quota`: reply 429 with the right `Retry-After` to each token that has used up its
    `calls` of the `window`. `cut`: send the reply's head and half of its body, and close the connection. `garble`: send
    noise for a body. Before the effect, what is cut or garbled is an error with `status`.
    """

    path: str | None = None
    """Path of the calls, such as `/projects/acme/*`; `*` and `?` as in the operation. Without it every path."""

    status: int = field(default=500, validator=_within(400, 599))
    """What `status` replies with, and `cut` and `garble` before the effect."""

    body: str | None = None
    """What `status`, `throttle` and `quota` reply instead of an error in the form of the service."""

    retry_after: float | None = field(default=None, validator=_within(0, 86_400))
    """Seconds in the `Retry-After` of `throttle` and `status`; without it the header is left out."""

    stall_seconds: float | None = field(default=None, validator=_within(0, 86_400))
    """
    How long `stall` holds back before the call goes on, even if the client left in the meantime; without it the reply
    never comes.
    """

    delay: Delay | None = field(default=None, converter=_delay)
    """
    How long `delay` holds back, the client there or not: seconds, or a distribution such as `uniform,0.1,0.5`,
    `normal,0.2,0.05` (mean, deviation) or `lognormal,0.2,0.5` (median, deviation of the logarithm).
    """

    calls: int | None = field(default=None, validator=_within(1, 2**63))
    """How many calls `quota` lets through in a window, for each token."""

    window: float | None = field(default=None, validator=_within(0.001, 86_400))
    """Seconds of a window of `quota`; it begins with the first call in it."""

    probability: float = field(default=1.0, validator=_within(0, 1))
    """Share of the matching calls that suffer."""

    nth: int | None = field(default=None, validator=_within(1, 2**63))
    """Only the nth matching call suffers, counted from 1."""

    times: int | None = field(default=None, validator=_within(1, 2**63))
    """No more than so many calls suffer."""

    def __attrs_post_init__(self) -> None:
        problem = self._problem()
        if problem is not None:
            raise ValueError(problem)

    @classmethod
    def parse(cls, text: str) -> "Fault":
        """
        The rule that *text* writes as `OPERATION:WHEN:WHAT` and then any `:KEY=VALUE`.

        Keys are the attributes of a fault, of which `probability` and `stall_seconds` may be written `p` and `stall`; for
        example `zangtable.create_table:after:drop:p=0.05`. `body` comes last: it takes all that follows, colons included.

        Raises:
            ValueError: *text* is no such rule; the message says what is wrong with it.
        """
        rule, has_body, body = text.partition(":body=")
        try:
            operation, when, what, *options = rule.split(":")
        except ValueError:
            msg = f"fault {text!r} is not OPERATION:WHEN:WHAT[:KEY=VALUE...]"
            raise ValueError(msg) from None

        try:
            given = _pairs(options) | ({"body": body} if has_body else {})
            return cls.of({"operation": operation, "when": when, "what": what, **given})
        except ValueError as error:
            msg = f"fault {text!r}: {error}"
            raise ValueError(msg) from None

    @classmethod
    def of(cls, rule: object) -> "Fault":
        """
        The rule that *rule* writes: a text, or a mapping of a fault's attributes, as they come from JSON and YAML.

        A body that is no text is sent as JSON.

        Raises:
            ValueError: *rule* is no rule; the message says what is wrong with it.
        """
        if isinstance(rule, str):
            return cls.parse(rule)

        if not isinstance(rule, Mapping):
            msg = "a fault is a text OPERATION:WHEN:WHAT[:KEY=VALUE...] or a mapping with operation, when and what"
            raise ValueError(msg)  # noqa: TRY004 - one kind of error for all that can be wrong with a rule

        given: dict[str, Any] = {}
        for key, value in rule.items():
            name = _name_of(key)
            if name in given:
                msg = f"{key} is given twice"
                raise ValueError(msg)
            given[name] = _value(key, name, value)
        missing = [name for name in ("operation", "when", "what") if name not in given]
        if missing:
            msg = f"a fault needs {' and '.join(missing)}"
            raise ValueError(msg)

        return cls(**given)

    def to_mapping(self) -> dict[str, Any]:
        """What `of` reads as this rule: its attributes, but for those that are as they are by default."""
        there = {each.name: getattr(self, each.name) for each in attrs.fields(Fault)}
        return {
            name: str(value) if isinstance(value, Delay) else value
            for name, value in there.items()
            if value != _DEFAULTS[name]
        }

    def __str__(self) -> str:
        return f"{self.operation}:{self.when}:{self.what}"

    def _problem(self) -> str | None:
        if self.what in _ONLY_BEFORE and self.when == "after":
            return f"a throttled call is refused before anything is done: use before:{self.what}"

        if (self.what == "delay") != (self.delay is not None):
            return "delay needs how long, as in `delay=0.2` or `delay=uniform,0.1,0.5`, and nothing else takes it"

        if (self.what == "quota") != (None not in (self.calls, self.window)):
            return (
                "quota needs `calls` and `window`, as in `calls=100:window=60`, and nothing else takes them"
            )

        if self.body is not None and self.what not in _REPLIES:
            return f"a body goes with {', '.join(_REPLIES)}, not with {self.what}"

        return None


_DEFAULTS = {each.name: each.default for each in attrs.fields(Fault)}

_SHORT = {"p": "probability", "stall": "stall_seconds"}

_NUMBERS: dict[str, type[int | float]] = {
    "probability": float,
    "nth": int,
    "times": int,
    "status": int,
    "retry_after": float,
    "stall_seconds": float,
    "calls": int,
    "window": float,
}


def _pairs(options: list[str]) -> dict[str, str]:
    pairs: dict[str, str] = {}
    for option in options:
        key, equals, value = option.partition("=")
        if not equals:
            msg = f"{option!r} is not KEY=VALUE"
            raise ValueError(msg)

        if key in pairs:
            msg = f"{key} is given twice"
            raise ValueError(msg)
        pairs[key] = value
    return pairs


def _name_of(key: object) -> str:
    name = _SHORT.get(str(key), str(key))
    if name not in _DEFAULTS:
        known = [*_SHORT, *_DEFAULTS]
        msg = f"a fault has no {key!r}{did_you_mean(str(key), known)}; there are {', '.join(known)}"
        raise ValueError(msg)

    return name


def _value(key: object, name: str, value: object) -> object:
    if name in _NUMBERS:
        return _number(key, value, _NUMBERS[name])

    if name == "body" and not isinstance(value, str):
        return orjson.dumps(value).decode()

    if name != "delay" and not isinstance(value, str):
        msg = f"{key} is not a text: {value!r}"
        raise ValueError(msg)

    return value


def _number(key: object, value: object, kind: type[int | float]) -> float:
    try:
        number = kind(cast("str", value))
    except (TypeError, ValueError, OverflowError):
        number = None
    is_other = isinstance(value, bool) or (isinstance(value, float) and number != value)
    if number is None or is_other:
        msg = f"{key} is not a{' whole' if kind is int else ''} number: {value!r}"
        raise ValueError(msg)

    return number
