"""Filters: which rows are meant, as SQL (docs page filters)."""

from collections.abc import Callable, Iterator, Mapping
from typing import Any, TypeAlias

import orjson
from attrs import frozen

from aiotables.emulator.bodies import Json
from aiotables.emulator.choices import (
    COLUMN_NOT_FOUND,
    INVALID_FILTER,
    LONGEST_PATTERN,
    MOST_CONDITIONS,
    MOST_VALUES,
)
from aiotables.emulator.sqlite import quoted
from aiotables.emulator.zangtable.refusal import Refusal


@frozen
class Where:
    """A WHERE clause, with its values."""

    conditions: tuple[str, ...] = ()
    values: tuple[Any, ...] = ()

    @property
    def sql(self) -> str:
        """The clause; nothing when all rows are meant."""
        return f" WHERE {' AND '.join(self.conditions)}" if self.conditions else ""


@frozen
class Names:
    """The columns of a table."""

    _by_lower: Mapping[str, str]

    @classmethod
    def of(cls, names: Iterator[str]) -> "Names":
        """The columns *names*."""
        return cls({name.lower(): name for name in names})

    def known(self, name: str) -> str:
        """
        The column *name*, as it was created.

        Raises:
            Refusal: There is no such column.
        """
        known = self._by_lower.get(name.lower())
        if known is None:
            raise Refusal(COLUMN_NOT_FOUND.saying(f"There is no column {name[:80]}."))

        return known

    def quoted(self, name: str) -> str:
        """
        The column *name* as part of a statement.

        Raises:
            Refusal: There is no such column.
        """
        return quoted(self.known(name))


def from_text(text: str | None) -> Json:
    """
    The filters in a query parameter.

    Raises:
        Refusal: It is no JSON.
    """
    try:
        return None if text is None else orjson.loads(text)
    except orjson.JSONDecodeError:
        raise Refusal(INVALID_FILTER.saying("The filters are no JSON.")) from None


def where(filters: Json, names: Names) -> Where:
    """
    The rows that *filters* mean: all conditions of an object or an array hold; none, or null, means all rows.

    Raises:
        Refusal: The filters are not valid, or name a column that is not there.
    """
    match filters:
        case None:
            return Where()
        case dict():
            pairs = [_equal(names.quoted(column), value) for column, value in filters.items()]
        case list():
            pairs = [_condition(item, names) for item in filters]
        case _:
            raise Refusal(INVALID_FILTER.saying("Filters are an object or an array of conditions."))

    if len(pairs) > MOST_CONDITIONS:
        raise Refusal(INVALID_FILTER.saying(f"No more than {MOST_CONDITIONS} conditions are accepted."))

    return Where(tuple(sql for sql, _ in pairs), tuple(value for _, values in pairs for value in values))


_Pair: TypeAlias = tuple[str, list[Any]]


def _condition(item: Json, names: Names) -> _Pair:
    column, op = (item.get("column"), item.get("op")) if isinstance(item, dict) else (None, None)
    if not isinstance(column, str) or not isinstance(op, str) or op not in _OPERATORS:
        msg = f"A condition has a column and one of the operators {', '.join(_OPERATORS)}."
        raise Refusal(INVALID_FILTER.saying(msg))

    return _OPERATORS[op](names.quoted(column), item.get("value"))


def scalar(value: Json) -> str | float | None:
    """
    *value*, which is to be compared or stored.

    Raises:
        Refusal: It is an array or an object.
    """
    if isinstance(value, dict | list):
        raise Refusal(INVALID_FILTER.saying("A value is a text, a number, a boolean or null."))

    # SQLite has no booleans.
    return int(value) if isinstance(value, bool) else value


def _equal(column: str, value: Json) -> _Pair:
    plain = scalar(value)
    return (f"{column} IS NULL", []) if plain is None else (f"{column} = ?", [plain])


def _not_equal(column: str, value: Json) -> _Pair:
    plain = scalar(value)
    return (f"{column} IS NOT NULL", []) if plain is None else (f"{column} <> ?", [plain])


def _compared(operator: str) -> Callable[[str, Json], _Pair]:
    def compare(column: str, value: Json) -> _Pair:
        plain = scalar(value)
        if plain is None:
            raise Refusal(INVALID_FILTER.saying(f"Nothing is {operator} null."))

        return f"{column} {operator} ?", [plain]

    return compare


def _like(column: str, value: Json) -> _Pair:
    if not isinstance(value, str) or len(value) > LONGEST_PATTERN:
        msg = f"like takes a text of no more than {LONGEST_PATTERN} characters."
        raise Refusal(INVALID_FILTER.saying(msg))

    return f"{column} LIKE ?", [value]


def _in(column: str, value: Json) -> _Pair:
    if not isinstance(value, list) or len(value) > MOST_VALUES:
        raise Refusal(INVALID_FILTER.saying(f"in takes an array of no more than {MOST_VALUES} values."))

    return f"{column} IN ({', '.join('?' * len(value))})", [scalar(item) for item in value]


_OPERATORS: Mapping[str, Callable[[str, Json], _Pair]] = {
    "=": _equal,
    "!=": _not_equal,
    ">": _compared(">"),
    ">=": _compared(">="),
    "<": _compared("<"),
    "<=": _compared("<="),
    "like": _like,
    "in": _in,
    "is_null": lambda column, _: (f"{column} IS NULL", []),
    "not_null": lambda column, _: (f"{column} IS NOT NULL", []),
}
