"""SQL functions that take no longer than their arguments are long, and do as SQLite's own."""

import sqlite3
from collections.abc import Iterator
from contextlib import closing

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from aiotables.emulator.zangtable.functions import instr, replace, replace_functions


# Few letters, so that parts are found; no NUL, at which SQLite ends some of its texts.
texts = st.text("ab1.é", max_size=6)
values = st.one_of(
    texts,
    texts.map(str.encode),
    st.integers(-99, 99),
    st.sampled_from(
        [0.5, 1.0, -0.0, -2.25, 1e100, 1e15, 1.5e-7, 123456789012345.678, float("inf"), -float("inf")]
    ),
    st.none(),
)


@pytest.fixture(scope="module")
def own() -> Iterator[sqlite3.Connection]:
    """SQLite as it comes."""
    with closing(sqlite3.connect(":memory:")) as connection:
        yield connection


def as_text(value: object) -> object:
    """A blob as the text that it holds."""
    return value.decode() if isinstance(value, bytes) else value


@settings(deadline=None)
@given(values, values)
def test_where_a_part_begins(own: sqlite3.Connection, value: object, part: object) -> None:
    """Texts, blobs, numbers and nulls as SQLite has it."""
    (expected,) = own.execute("SELECT instr(?, ?)", (value, part)).fetchone()

    assert expected == instr(value, part)  # type: ignore[arg-type] # those of SQLite


@settings(deadline=None)
@given(values, values, values)
def test_what_is_replaced(own: sqlite3.Connection, value: object, part: object, other: object) -> None:
    """Likewise; whether a text or a blob is returned unchanged is all one."""
    (expected,) = own.execute("SELECT replace(?, ?, ?)", (value, part, other)).fetchone()
    found = replace(value, part, other)  # type: ignore[arg-type] # those of SQLite

    assert as_text(expected) == as_text(found)


def test_they_stand_in_for_sqlites() -> None:
    """A statement gets them, and long texts are no matter: SQLite's own would take half a minute for this."""
    long = "SELECT instr(hex(zeroblob(500000)), hex(zeroblob(250000)) || '1')"
    with closing(sqlite3.connect(":memory:")) as connection:
        replace_functions(connection)
        found = connection.execute(f"SELECT ({long}), replace('aXb', 'X', '-')").fetchone()

    assert (0, "a-b") == found
