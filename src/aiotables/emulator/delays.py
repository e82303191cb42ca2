"""How long a delay takes: a fixed time, or a draw from a distribution."""

import math
from random import Random
from typing import Literal, Union

import attrs
from attrs import field, frozen

from aiotables.core.slips import did_you_mean


LONGEST = 86_400.0

Kind = Literal["fixed", "uniform", "normal", "lognormal"]

_PARTS: dict[str, int] = {"fixed": 1, "uniform": 2, "normal": 2, "lognormal": 2}


def _is_time(_: "Delay", _attribute: "attrs.Attribute[float]", value: float) -> None:
    if not 0 <= value <= LONGEST:
        msg = f"a delay lies between 0 and {LONGEST:g} seconds, not at {value:g}"
        raise ValueError(msg)


@frozen
class Delay:
    """
    A time in seconds, or a distribution of times.

    Written as `0.2`, `uniform,LOW,HIGH`, `normal,MEAN,DEVIATION` (never below 0) or `lognormal,MEDIAN,SIGMA`, where
    SIGMA is the deviation of the logarithm.
    """

    kind: Kind
    first: float = field(validator=_is_time)
    second: float = field(default=0.0, validator=_is_time)

    @classmethod
    def of(cls, value: Union["Delay", str, float]) -> "Delay":
        """
        The delay that *value* writes.

        Raises:
            ValueError: It is none.
        """
        if isinstance(value, Delay):
            return value

        if isinstance(value, str):
            return cls._parse(value)

        return cls("fixed", _number(value))

    @classmethod
    def _parse(cls, text: str) -> "Delay":
        name, *numbers = text.split(",")
        if not numbers:
            return cls("fixed", _number(text))

        if name not in _PARTS:
            msg = f"no distribution is named {name!r}{did_you_mean(name, _PARTS)}; there are {', '.join(_PARTS)}"
            raise ValueError(msg)

        if len(numbers) != _PARTS[name]:
            msg = f"{name} takes {_PARTS[name]} numbers, as in `{name},0.1,0.5`, not {len(numbers)}"
            raise ValueError(msg)

        return cls(name, *map(_number, numbers))  # type: ignore[arg-type] # the name was looked up

    def seconds(self, random: Random) -> float:
        """A time, drawn from *random*."""
        match self.kind:
            case "fixed":
                return self.first
            case "uniform":
                return random.uniform(self.first, self.second)
            case "normal":
                drawn = random.gauss(self.first, self.second)
            case _:
                drawn = self.first * math.exp(min(random.gauss(0.0, self.second), 100.0))
        return min(max(drawn, 0.0), LONGEST)

    def __str__(self) -> str:
        if self.kind == "fixed":
            return f"{self.first:g}"

        return f"{self.kind},{self.first:g},{self.second:g}"


def _number(value: str | float) -> float:
    try:
        number = float(value)
    except (TypeError, ValueError):
        number = math.nan
    if isinstance(value, bool) or math.isnan(number):
        msg = f"a delay is a number of seconds, or one of {', '.join(_PARTS)} with its numbers, not {value!r}"
        raise ValueError(msg)

    return number
