"""Filters as SQL."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from aiotables.emulator.zangtable.filters import Names, Where, from_text, where
from aiotables.emulator.zangtable.refusal import Refusal


NAMES = Names.of(iter(["id", "Status"]))


@pytest.mark.parametrize(
    ("filters", "sql", "values"),
    [
        (None, "", ()),
        ({}, "", ()),
        ([], "", ()),
        ({"status": "active", "id": 42}, ' WHERE "Status" = ? AND "id" = ?', ("active", 42)),
        ({"status": None}, ' WHERE "Status" IS NULL', ()),
        ({"status": True}, ' WHERE "Status" = ?', (1,)),
        ([{"column": "STATUS", "op": "=", "value": "a"}], ' WHERE "Status" = ?', ("a",)),
        ([{"column": "id", "op": "="}], ' WHERE "id" IS NULL', ()),
        ([{"column": "id", "op": "!=", "value": 1}], ' WHERE "id" <> ?', (1,)),
        ([{"column": "id", "op": "!=", "value": None}], ' WHERE "id" IS NOT NULL', ()),
        ([{"column": "id", "op": ">", "value": 1}], ' WHERE "id" > ?', (1,)),
        ([{"column": "id", "op": ">=", "value": 1.5}], ' WHERE "id" >= ?', (1.5,)),
        ([{"column": "id", "op": "<", "value": 1}], ' WHERE "id" < ?', (1,)),
        ([{"column": "id", "op": "<=", "value": 1}], ' WHERE "id" <= ?', (1,)),
        ([{"column": "id", "op": "like", "value": "a%"}], ' WHERE "id" LIKE ?', ("a%",)),
        ([{"column": "id", "op": "in", "value": [1, None]}], ' WHERE "id" IN (?, ?)', (1, None)),
        ([{"column": "id", "op": "in", "value": []}], ' WHERE "id" IN ()', ()),
        ([{"column": "id", "op": "is_null"}], ' WHERE "id" IS NULL', ()),
        ([{"column": "id", "op": "not_null", "value": 7}], ' WHERE "id" IS NOT NULL', ()),
    ],
)
def test_filters_as_sql(filters: Any, sql: str, values: tuple[Any, ...]) -> None:  # noqa: ANN401 - JSON
    """Both forms and all ten operators; values are never part of the statement."""
    found = where(filters, NAMES)

    assert (sql, values) == (found.sql, found.values)


@pytest.mark.parametrize(
    ("filters", "message"),
    [
        ("status", "an object or an array"),
        (7, "an object or an array"),
        (["x"], "A condition has a column"),
        ([{"column": "id"}], "one of the operators"),
        ([{"column": 1, "op": "="}], "A condition has a column"),
        ([{"column": "id", "op": "between"}], "one of the operators"),
        ([{"column": "id", "op": []}], "one of the operators"),
        ({"nope": 1}, "There is no column nope"),
        ({"id": [1]}, "A value is a text"),
        ([{"column": "id", "op": "!=", "value": {}}], "A value is a text"),
        ([{"column": "id", "op": ">", "value": None}], "Nothing is > null"),
        ([{"column": "id", "op": "like", "value": 1}], "like takes a text"),
        ([{"column": "id", "op": "like", "value": "%" * 1001}], "no more than 1000"),
        ([{"column": "id", "op": "in", "value": 1}], "in takes an array"),
        ([{"column": "id", "op": "in", "value": [1] * 1001}], "no more than 1000"),
        ([{"column": "id", "op": "in", "value": [[]]}], "A value is a text"),
        ([{"column": "id", "op": "is_null"}] * 101, "No more than 100"),
    ],
)
def test_filters_that_are_refused(filters: Any, message: str) -> None:  # noqa: ANN401 - JSON
    """Each is told what is wrong with it."""
    with pytest.raises(Refusal, match=message):
        where(filters, NAMES)


def test_filters_in_a_query_parameter() -> None:
    """None when there is none; JSON otherwise."""
    assert from_text(None) is None
    assert {"id": 1} == from_text('{"id":1}')
    with pytest.raises(Refusal, match="no JSON"):
        from_text("{id:1}")


@given(st.text())
def test_a_name_is_known_or_refused(name: str) -> None:
    """Whatever is sent as a column becomes a known, quoted one, or nothing."""
    try:
        found = where({name: 1}, NAMES)
    except Refusal:
        return

    assert found in {Where(('"id" = ?',), (1,)), Where(('"Status" = ?',), (1,))}
