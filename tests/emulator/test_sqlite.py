"""SQLite as it is used here."""

import sqlite3
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from aiotables.emulator.sqlite import connect, is_trouble, literal, quoted, transaction


@pytest.fixture
def database() -> Iterator[sqlite3.Connection]:
    """A database in memory with an empty table."""
    with closing(connect(None)) as connection:
        connection.execute("CREATE TABLE t (x)")
        yield connection


def count(database: sqlite3.Connection) -> int:
    """Rows of the table."""
    return int(database.execute("SELECT count(*) FROM t").fetchone()[0])


def test_a_transaction_commits(database: sqlite3.Connection) -> None:
    """What the block did is there afterwards."""
    with transaction(database):
        database.execute("INSERT INTO t VALUES (1)")

    assert 1 == count(database)
    assert not database.in_transaction


def test_a_transaction_that_fails_leaves_nothing(database: sqlite3.Connection) -> None:
    """What the block did is undone, and the error goes on."""

    def fail() -> None:
        with transaction(database):
            database.execute("INSERT INTO t VALUES (1)")
            raise KeyError

    with pytest.raises(KeyError):
        fail()

    assert 0 == count(database)
    assert not database.in_transaction


def test_a_transaction_that_sqlite_ended_is_no_second_error(database: sqlite3.Connection) -> None:
    """When SQLite has rolled back by itself, its own error is what is seen."""
    database.execute("CREATE TABLE u (x UNIQUE ON CONFLICT ROLLBACK)")

    with pytest.raises(sqlite3.IntegrityError), transaction(database):
        database.execute("INSERT INTO u VALUES (1), (1)")

    assert not database.in_transaction


def test_what_is_no_database_is_trouble(tmp_path: Path) -> None:
    """A file of another kind is told as trouble of the storage, and is closed."""
    file = tmp_path / "x.sqlite"
    file.write_text("hello, world" * 100)

    with pytest.raises(sqlite3.DatabaseError) as caught:
        connect(file)

    assert is_trouble(caught.value)


def test_what_was_asked_wrongly_is_no_trouble(database: sqlite3.Connection) -> None:
    """An error of a statement is not about the storage."""
    with pytest.raises(sqlite3.OperationalError) as caught:
        database.execute("SELECT nope")

    assert not is_trouble(caught.value)
    assert not is_trouble(sqlite3.ProgrammingError("of Python, without a code"))


@given(st.text(st.characters(codec="utf-8", exclude_characters="\0"), min_size=1, max_size=30))
def test_any_text_can_be_a_quoted_name(name: str) -> None:
    """Quoting keeps a name one name."""
    with closing(sqlite3.connect(":memory:")) as connection:
        connection.execute(f"CREATE TABLE t ({quoted(name)})")

        assert [name] == [row[1] for row in connection.execute("PRAGMA table_info(t)")]


@given(
    st.none()
    | st.integers(-(2**63), 2**63 - 1)
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(st.characters(codec="utf-8", exclude_characters="\0"))
)
def test_a_literal_is_its_value(value: str | float | None) -> None:
    """SQLite reads back what was written as a constant, of the same type."""
    with closing(sqlite3.connect(":memory:")) as connection:
        connection.execute(f"CREATE TABLE t (i INTEGER PRIMARY KEY, x ANY DEFAULT {literal(value)}) STRICT")
        connection.execute("INSERT INTO t DEFAULT VALUES")
        (found,) = connection.execute("SELECT x FROM t").fetchone()

    # SQLite reads some decimals to the last digit but one.
    assert found == (pytest.approx(value, rel=1e-14) if isinstance(value, float) else value)
    assert type(value) is type(found)


@pytest.mark.parametrize(("value", "expected"), [(True, "1"), (False, "0")])
def test_booleans_are_numbers(value: bool, expected: str) -> None:  # noqa: FBT001 - the value under test
    """SQLite has no booleans."""
    assert expected == literal(value)


@pytest.mark.parametrize(("value", "says"), [(2**63, "64 bits"), (-(2**63) - 1, "64 bits"), ("a\0b", "NUL")])
def test_what_sqlite_cannot_hold_is_refused(value: str | int, says: str) -> None:
    """Numbers beyond 64 bits and texts with NUL have no literal."""
    with pytest.raises(ValueError, match=says):
        literal(value)
