"""Columns, from request to SQL."""

from typing import Any

import pytest

from aiotables.emulator.zangtable.columns import (
    create_table_sql,
    plain_column,
    plain_columns,
    plain_flags,
    plan_column,
    plan_columns,
)
from aiotables.emulator.zangtable.refusal import Refusal
from aiotables.zangtable._generated.models import ColumnCreate, ColumnType


ID = '"id" INTEGER PRIMARY KEY AUTOINCREMENT'


@pytest.mark.parametrize(
    ("columns", "sql"),
    [
        ([], ID),
        ([ColumnCreate(column_name="a")], f'{ID}, "a" TEXT'),
        ([ColumnCreate(column_name="a", is_primary=True)], '"a" TEXT PRIMARY KEY NOT NULL'),
        (
            [ColumnCreate(column_name="a", column_type=ColumnType.INTEGER, is_primary=True, is_unique=True)],
            '"a" INTEGER PRIMARY KEY NOT NULL',
        ),
        (
            [ColumnCreate(column_name="a", is_nullable=False, is_unique=True, default_value="it's")],
            f"{ID}, \"a\" TEXT UNIQUE NOT NULL DEFAULT 'it''s'",
        ),
        (
            [ColumnCreate(column_name="a", column_type=ColumnType.ANY, default_value=True)],
            f'{ID}, "a" ANY DEFAULT 1',
        ),
        ([ColumnCreate(column_name="a", default_value=None, is_primary=False)], f'{ID}, "a" TEXT'),
    ],
)
def test_the_statement_of_a_table(columns: list[ColumnCreate], sql: str) -> None:
    """Each flag has its words, and a key is prepended where none is asked for."""
    assert f'CREATE TABLE "t" ({sql}) STRICT' == create_table_sql("t", plan_columns(columns))


@pytest.mark.parametrize(
    ("columns", "code"),
    [
        (
            [ColumnCreate(column_name="a", is_primary=True), ColumnCreate(column_name="b", is_primary=True)],
            "invalid_column",
        ),
        ([ColumnCreate(column_name="a"), ColumnCreate(column_name="A")], "column_exists"),
        ([ColumnCreate(column_name="ID")], "column_exists"),
        ([ColumnCreate(column_name="a b")], "invalid_identifier"),
        ([ColumnCreate(column_name="a", column_type=ColumnType("VARCHAR"))], "invalid_column"),
        ([ColumnCreate(column_name="a", column_type=ColumnType("text"))], "invalid_column"),
        ([ColumnCreate(column_name="a", default_value=2**63)], "invalid_column"),
        ([ColumnCreate(column_name="a", default_value="\0")], "invalid_column"),
    ],
)
def test_columns_that_are_refused(columns: list[ColumnCreate], code: str) -> None:
    """What SQLite could not hold, or the docs do not know, is refused by its code."""
    with pytest.raises(Refusal) as caught:
        plan_columns(columns)

    assert code == caught.value.problem.code


def test_the_record_of_a_column() -> None:
    """Flags are numbers, and a primary key is unique and not nullable whatever was asked."""
    plan = plan_column(ColumnCreate(column_name="a", is_primary=True, is_nullable=True, is_unique=False))

    assert ("a", "TEXT", 0, "null", 1, 1, 0) == plan.to_record()


def test_an_added_column_is_not_unique_in_itself() -> None:
    """SQLite takes no UNIQUE when it adds a column."""
    plan = plan_column(ColumnCreate(column_name="a", is_unique=True))

    assert '"a" TEXT' == plan.definition(unique=False)


@pytest.mark.parametrize("value", [True, 1, "1", "true", "yes", "on"])
def test_what_counts_as_true(value: object) -> None:
    """The words and numbers of the filters page."""
    assert {"is_unique": True} == plain_flags({"is_unique": value})


@pytest.mark.parametrize("value", [False, 0, 2, "0", "True", "no", "", None, [], {}, 1.5])
def test_what_counts_as_false(value: object) -> None:
    """Anything else, a typo too."""
    assert {"is_nullable": False} == plain_flags({"is_nullable": value})


def test_fields_that_are_no_flags_stay() -> None:
    """Only boolean-like fields are read that way."""
    assert {"column_name": 1, "is_primary": False} == plain_flags({"column_name": 1, "is_primary": "nope"})


def test_the_short_names_of_a_bootstrap() -> None:
    """Each alias becomes its long name, and the long one wins where both are sent."""
    short = {
        "name": "a",
        "type": "ANY",
        "primary": 1,
        "unique": 0,
        "nullable": "on",
        "default": 3,
        "column_name": "b",
    }

    assert {
        "column_name": "b",
        "column_type": "ANY",
        "is_primary": True,
        "is_unique": False,
        "is_nullable": True,
        "default_value": 3,
    } == plain_column(short)


@pytest.mark.parametrize("value", [None, 5, "x", [], [1]])
@pytest.mark.parametrize("plain", [plain_flags, plain_column, plain_columns])
def test_what_is_no_object_stays(plain: Any, value: object) -> None:  # noqa: ANN401 - any of the functions
    """Making plain is not checking: the converter tells what is wrong."""
    assert value == plain(value)


def test_columns_of_a_table_are_made_plain() -> None:
    """Each column of a request, if they are a list at all."""
    assert {"columns": [{"is_unique": True}, 5]} == plain_columns({"columns": [{"is_unique": "yes"}, 5]})
    assert {"columns": {"is_unique": "yes"}} == plain_columns({"columns": {"is_unique": "yes"}})
