"""What was read by listing can be found by name, however much it is."""

import sqlite3

import pytest

from aiotables.provision.snapshot import Entry, Snapshot


def test_found_by_name() -> None:
    """All entries of a name are found, and of no other."""
    snapshot = Snapshot()
    first, second = Entry(name="a", remote_id="1"), Entry(name="a", remote_id="2", parent="t")
    snapshot.add([first, Entry(name="b", remote_id="3")])
    snapshot.add([second])

    assert [first, second] == snapshot.find("a")
    assert [] == snapshot.find("A")

    snapshot.close()


def test_found_by_parent() -> None:
    """The names of all entries of a parent are found."""
    snapshot = Snapshot()
    snapshot.add(Entry(name=name, remote_id="", parent=parent) for name, parent in ("at", "bt", "cu"))

    assert {"a", "b"} == snapshot.within("t")
    assert set() == snapshot.within("v")

    snapshot.close()


def test_what_is_not_wanted() -> None:
    """Entries of names that nobody noted are found, those with a parent left out."""
    snapshot = Snapshot()
    old = Entry(name="old", remote_id="1", title="Old", definition="CREATE TABLE Old")
    foreign = Entry(name="", remote_id="2", title="Foreign")
    snapshot.add([old, foreign, Entry(name="a", remote_id="3"), Entry(name="i", remote_id="", parent="old")])
    snapshot.want("a")
    snapshot.want("a")
    snapshot.want("b")

    assert [foreign, old] == [*snapshot.unwanted()]

    snapshot.close()


@pytest.mark.parametrize("query", ["find", "within"])
def test_no_search_reads_everything(query: str) -> None:
    """Each search goes by an index, or a manifest of many tables would take forever."""
    snapshot = Snapshot()
    snapshot.add([Entry(name="a", remote_id="1")])
    statements: list[str] = []
    snapshot._db.set_trace_callback(statements.append)
    getattr(snapshot, query)("a")
    snapshot._db.set_trace_callback(None)

    ((*_, how),) = snapshot._db.execute(f"EXPLAIN QUERY PLAN {statements[0]}")

    assert "USING" in how
    assert "INDEX" in how
    snapshot.close()


def test_closed() -> None:
    """Once closed, nothing is kept."""
    snapshot = Snapshot()
    snapshot.add([Entry(name="a", remote_id="1")])
    snapshot.close()

    with pytest.raises(sqlite3.ProgrammingError):
        snapshot.find("a")


def test_names_that_are_not_there_cost_no_search() -> None:
    """Most names that nothing has are told without asking the database; every name that something has is found."""
    snapshot = Snapshot()
    snapshot.add(Entry(name=f"t{number}", remote_id=str(number)) for number in range(2000))
    statements: list[str] = []
    snapshot._db.set_trace_callback(statements.append)

    assert [] == [entry for number in range(2000) for entry in snapshot.find(f"new{number}")]
    searched = len(statements)
    assert [str(number) for number in range(2000)] == [
        entry.remote_id for number in range(2000) for entry in snapshot.find(f"t{number}")
    ]

    assert searched < 100
    snapshot.close()
