"""
Filters in both documented forms, typed.

```python
where(Column("status") == "active", Column("tag").in_(["dinner", "dessert"]))
where(status="active", owner_id=42)
```

Plain JSON of either form is taken wherever a filter is. Source: docs page filters.
"""

from collections.abc import Iterable
from typing import Any, TypeAlias, overload

from aiotables.core.classes import frozen
from aiotables.core.sentinels import UNSET
from aiotables.zangtable._generated.models import Condition, ConditionOperator, Scalar


Where: TypeAlias = list[Condition] | dict[str, Scalar]
"""Conditions that all have to hold, or values by column name."""


@frozen(eq=False)
class Column:
    """
    A column to compare; every comparison gives a condition.

    Python's `and`, `or` and chains such as `1 < column < 5` take only one condition of two: pass each to `where`. What the
    service makes of a comparison with null is not documented; see `is_null`.

    Args:
        name: Its name.
    """

    name: str

    def __eq__(self, value: object) -> Condition:  # type: ignore[override] # a condition in place of a truth
        return self._is(ConditionOperator.EQUAL, value)

    def __ne__(self, value: object) -> Condition:  # type: ignore[override] # see __eq__
        return self._is(ConditionOperator.NOT_EQUAL, value)

    def __gt__(self, value: Scalar) -> Condition:
        return self._is(ConditionOperator.GREATER, value)

    def __ge__(self, value: Scalar) -> Condition:
        return self._is(ConditionOperator.GREATER_OR_EQUAL, value)

    def __lt__(self, value: Scalar) -> Condition:
        return self._is(ConditionOperator.LESS, value)

    def __le__(self, value: Scalar) -> Condition:
        return self._is(ConditionOperator.LESS_OR_EQUAL, value)

    __hash__ = None  # type: ignore[assignment] # equality is no truth, so a column is no key

    def like(self, pattern: str) -> Condition:
        """Text that fits a pattern. The wildcards are not documented; those of SQLite are likely."""
        return self._is(ConditionOperator.LIKE, pattern)

    def in_(self, values: Iterable[Scalar]) -> Condition:
        """One of several values."""
        if isinstance(values, str):
            msg = f"column {self.name}: in_ takes several values, not one text"
            raise TypeError(msg)
        return self._is(ConditionOperator.IN, [*values])

    def is_null(self) -> Condition:
        """No value."""
        return Condition(column=self.name, op=ConditionOperator.IS_NULL)

    def not_null(self) -> Condition:
        """Any value."""
        return Condition(column=self.name, op=ConditionOperator.NOT_NULL)

    def _is(self, op: ConditionOperator, value: Any) -> Condition:  # noqa: ANN401 -- a scalar, or several
        if value is UNSET:
            msg = f"column {self.name} is compared with nothing: UNSET is not a value"
            raise ValueError(msg)
        return Condition(column=self.name, op=op, value=value)


@overload
def where(*conditions: Condition) -> list[Condition]: ...


@overload
def where(**values: Scalar) -> dict[str, Scalar]: ...


def where(*conditions: Condition, **values: Scalar) -> Where:
    """
    A filter: conditions that all have to hold, or values that columns must have.

    Raises:
        ValueError: Both forms are mixed, or there is neither: an empty filter would take every row.
    """
    if bool(conditions) == bool(values):
        msg = "pass conditions, or values by column name: one of the two"
        raise ValueError(msg)
    return list(conditions) if conditions else values
