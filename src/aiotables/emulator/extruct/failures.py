"""Which cells fail: rules, and the pure decision that applies them."""

import hashlib
from collections.abc import Mapping, Sequence
from fnmatch import fnmatchcase
from types import MappingProxyType
from typing import Any, Final

from attrs import validators

from aiotables.core.classes import field, frozen


_OPTIONS: Final[Mapping[str, tuple[str, type]]] = MappingProxyType(
    {"row": ("row", str), "p": ("probability", float), "times": ("times", int)}
)

# What a draw is divided by: it is made of eight bytes.
_RANGE: Final = 2**64


@frozen(kw_only=True)
class CellFailure:
    """
    A rule for Extruct's cells that are to fail.

    Raises:
        ValueError: A value is out of its range.
    """

    column: str = field(validator=validators.min_len(1))
    """Key of the column; `*` and `?` stand for any text, any character."""

    row: str = "*"
    """What the row is about, its `input`, likewise."""

    probability: float = field(default=1.0, validator=[validators.ge(0), validators.le(1)])
    """Share of the matching cells that fail, drawn anew at each attempt."""

    times: int | None = field(default=None, validator=validators.optional(validators.ge(1)))
    """How many attempts at a cell fail; all of them if not given."""

    @classmethod
    def parse(cls, text: str) -> "CellFailure":
        """
        The rule that *text* writes as `KEY` and then any `:OPTION=VALUE`.

        Options are `row`, `p` (probability) and `times`; for example `pricing:p=0.1:times=1`.

        Raises:
            ValueError: *text* is no such rule.
        """
        column, *options = text.split(":")
        try:
            return cls(column=column, **dict(map(_option, options)))
        except ValueError as error:
            msg = f"cell failure {text!r}: {error}"
            raise ValueError(msg) from None


def _option(text: str) -> tuple[str, Any]:
    key, _, value = text.partition("=")
    if key not in _OPTIONS:
        msg = f"{text!r} is not OPTION=VALUE with one of {', '.join(_OPTIONS)}"
        raise ValueError(msg)

    name, read = _OPTIONS[key]
    return name, read(value)


@frozen
class Failures:
    """The rules in force. The same seed, table, column, row and attempt give the same end."""

    rules: Sequence[CellFailure] = ()
    seed: int = 0

    def strike(self, table: str, column: str, row: str, attempt: int) -> bool:
        """
        Whether a cell fails.

        Args:
            table: Name of its table.
            column: Key of its column.
            row: What its row is about.
            attempt: How often the cell was requested, this time included.
        """
        return any(
            fnmatchcase(column, rule.column)
            and fnmatchcase(row, rule.row)
            and (rule.times is None or attempt <= rule.times)
            and _draw(f"{self.seed}:{number}:{table}:{column}:{row}:{attempt}") < rule.probability
            for number, rule in enumerate(self.rules)
        )


def _draw(text: str) -> float:
    """A number from 0 up to 1 that follows from *text*."""
    return int.from_bytes(hashlib.sha256(text.encode()).digest()[:8]) / _RANGE
