"""Filters: both documented forms, each operator, and JSON that the service takes."""

from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from aiotables.core.convert import Converter
from aiotables.core.errors import RequestError
from aiotables.core.sentinels import UNSET
from aiotables.zangtable.filters import Column, where
from aiotables.zangtable.models import Condition, ConditionOperator


STATUS = Column("status")
MAKE: dict[str, Callable[[Any], Condition]] = {
    "=": lambda value: STATUS == value,
    "!=": lambda value: STATUS != value,
    ">": lambda value: STATUS > value,
    ">=": lambda value: STATUS >= value,
    "<": lambda value: STATUS < value,
    "<=": lambda value: STATUS <= value,
    "like": STATUS.like,
    "in": STATUS.in_,
    "is_null": lambda _: STATUS.is_null(),
    "not_null": lambda _: STATUS.not_null(),
}
NUMBERS = st.integers(-(2**53), 2**53) | st.floats(allow_nan=False, allow_infinity=False)
SCALARS = st.none() | st.booleans() | NUMBERS | st.text()
CONVERTER = Converter()


def wire(filters: Any) -> Any:  # noqa: ANN401 -- any JSON
    """What is sent of it."""
    return CONVERTER.to_wire(filters)


def test_every_operator() -> None:
    """There is a way to make each operator that the docs name."""
    assert set(ConditionOperator) == MAKE.keys()


@given(value=SCALARS)
@pytest.mark.parametrize("op", ["=", "!=", ">", ">=", "<", "<="])
def test_comparisons(op: str, value: object) -> None:
    """A comparison is a condition with its value as it is, null included."""
    assert {"column": "status", "op": op, "value": value} == wire(MAKE[op](value))


@pytest.mark.parametrize(("op", "value"), [("like", "a%"), ("in", ["dinner", "dessert"]), ("in", [])])
def test_other_values(op: str, value: object) -> None:
    """A pattern and several values are sent as they are."""
    assert {"column": "status", "op": op, "value": value} == wire(MAKE[op](value))


@pytest.mark.parametrize("op", ["is_null", "not_null"])
def test_without_value(op: str) -> None:
    """What asks for null has no value at all."""
    assert {"column": "status", "op": op} == wire(MAKE[op](None))


def test_in_takes_any_iterable() -> None:
    """Several values may come from anything that can be gone through, once."""
    assert [1, 2] == (STATUS.in_(each for each in (1, 2))).value


def test_in_takes_no_text() -> None:
    """One text is not taken for its letters."""
    with pytest.raises(TypeError, match="several values"):
        STATUS.in_("dinner")


@pytest.mark.parametrize("op", ["=", "!=", ">", ">=", "<", "<=", "like"])
def test_nothing_is_no_value(op: str) -> None:
    """A value that is not set would leave the condition without one, so it is refused."""
    with pytest.raises(ValueError, match="column status is compared with nothing"):
        MAKE[op](UNSET)


def test_numbers_that_are_none() -> None:
    """What JSON has no word for is refused, and not sent as something else."""
    with pytest.raises(RequestError, match="NaN and infinity"):
        wire(STATUS > float("inf"))


def test_columns_are_no_keys() -> None:
    """As their equality is a condition, columns cannot be looked up by it."""
    with pytest.raises(TypeError, match="unhashable"):
        hash(STATUS)


def test_conditions_form() -> None:
    """The array of the docs is made by comparisons."""
    filters = where(
        STATUS == "active",
        Column("created_at") >= "2026-01-01",
        Column("tag").in_(["dinner", "dessert"]),
        Column("deleted_at").is_null(),
    )

    assert [
        {"column": "status", "op": "=", "value": "active"},
        {"column": "created_at", "op": ">=", "value": "2026-01-01"},
        {"column": "tag", "op": "in", "value": ["dinner", "dessert"]},
        {"column": "deleted_at", "op": "is_null"},
    ] == wire(filters)


def test_values_form() -> None:
    """The object of the docs is made by keywords."""
    assert {"status": "active", "owner_id": 42} == wire(where(status="active", owner_id=42))


@pytest.mark.parametrize(
    ("conditions", "values"),
    [((), {}), ((STATUS == "active",), {"owner_id": 42})],
)
def test_one_form_at_a_time(conditions: tuple[Condition, ...], values: dict[str, Any]) -> None:
    """Both forms together are refused, and so is neither, which would take every row."""
    with pytest.raises(ValueError, match="one of the two"):
        where(*conditions, **values)


@pytest.mark.parametrize(
    "filters",
    [
        {"status": "active"},
        [{"column": "status", "op": "=", "value": "active"}],
        [STATUS == "active", {"column": "age", "op": ">", "value": 17}],
        [{"column": "status", "op": "between", "value": [1, 2]}],
    ],
)
def test_plain_json(filters: object) -> None:
    """Plain JSON goes out as it is, an operator that is not known included, and beside typed conditions."""
    plain = [wire(each) for each in filters] if isinstance(filters, list) else filters

    assert plain == wire(filters)
