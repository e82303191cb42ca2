"""Tests of `aiotables.provision.dialect`."""

import sqlite3

import pytest
from hypothesis import given
from hypothesis import strategies as st

from aiotables.provision.desired import ZangTableColumn
from aiotables.provision.dialect import column_problems, index_problems, is_reserved


NAMES = st.sampled_from(["a", "A", "b", "id", "ID"])
COLUMNS = st.lists(st.builds(ZangTableColumn, name=NAMES, primary=st.booleans()), max_size=4)


def _sqlite_takes(columns: list[ZangTableColumn]) -> bool:
    """What SQLite itself says, with the id that the service documents to put first when no column is primary."""
    described = [f"{each.name} TEXT{' PRIMARY KEY' * each.primary}" for each in columns]
    if not any(each.primary for each in columns):
        described.insert(0, "id INTEGER PRIMARY KEY AUTOINCREMENT")
    db = sqlite3.connect(":memory:")
    try:
        db.execute(f"CREATE TABLE t ({', '.join(described)})")
    except sqlite3.OperationalError:
        return False
    finally:
        db.close()
    return True


@given(COLUMNS)
def test_columns_are_refused_as_sqlite_refuses_them(columns: list[ZangTableColumn]) -> None:
    """A problem is found exactly where SQLite would not create the table."""
    assert _sqlite_takes(columns) is not any(column_problems(columns))


def test_the_second_of_two_names_is_told() -> None:
    """The later column is the one to change, and the message says which was first."""
    columns = [ZangTableColumn(name="Name", primary=True), ZangTableColumn(name="NAME")]

    ((position, message),) = column_problems(columns)

    assert 1 == position
    assert message.startswith('the name "NAME" is that of column 1')


def test_a_key_of_two_columns_is_refused_with_a_way_out() -> None:
    """The docs do not say what two primary columns make, so they are refused, with what to do instead."""
    columns = [ZangTableColumn(name="a", primary=True), ZangTableColumn(name="b", primary=True)]

    ((position, message),) = column_problems(columns)

    assert 1 == position
    assert "let none be primary" in message


def test_a_column_named_id_has_to_be_primary() -> None:
    """Without a primary column the service adds one named id, and there cannot be two."""
    assert 0 == next(column_problems([ZangTableColumn(name="Id")]))[0]
    assert [] == list(column_problems([ZangTableColumn(name="id", primary=True)]))


@pytest.mark.parametrize(
    ("indexed", "message"),
    [
        (["a"], None),
        (["b", "a"], None),
        (["A"], 'no column "A" to index (did you mean a?); there are a, b'),
        (["id"], 'no column "id" to index; there are a, b'),
        (["a", "a"], "a column is in the index twice"),
    ],
)
def test_index_problems(indexed: list[str], message: str | None) -> None:
    """An index names columns that are there, as they are written, each once."""
    columns = [ZangTableColumn(name="a", primary=True), ZangTableColumn(name="b")]

    assert ([] if message is None else [message]) == list(index_problems(indexed, columns))


def test_the_automatic_column_can_be_indexed() -> None:
    """The id that the service adds is a column like the others."""
    assert [] == list(index_problems(["id", "a"], [ZangTableColumn(name="a")]))


def test_reserved_names() -> None:
    """SQLite keeps names for itself, however they are written."""
    assert is_reserved("SQLite_things")
    assert not is_reserved("sqlitethings")
