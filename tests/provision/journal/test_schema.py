"""Tables of the SQLite journal, and the check of a file."""

import sqlite3
from collections.abc import Iterator
from contextlib import closing

import pytest

from aiotables.provision.journal import JournalError, OutcomeKind, schema


@pytest.fixture
def connection() -> Iterator[sqlite3.Connection]:
    """An empty database in memory."""
    with closing(sqlite3.connect(":memory:", isolation_level=None)) as opened:
        yield opened


def test_new_file_is_blank_until_created(connection: sqlite3.Connection) -> None:
    """A new file is blank; once the tables are made it is not, and passes the check."""
    assert schema.is_blank(connection)

    schema.create(connection)

    assert not schema.is_blank(connection)
    assert schema.VERSION == schema.version_of(connection, "jobs")


@pytest.mark.parametrize(
    "mark", ["CREATE TABLE notes (text)", "PRAGMA user_version = 3", "PRAGMA application_id = 9"]
)
def test_foreign_file_is_refused(connection: sqlite3.Connection, mark: str) -> None:
    """A database that somebody else has put anything into is neither blank nor ours."""
    connection.execute(mark)

    assert not schema.is_blank(connection)
    with pytest.raises(JournalError, match="made by another program"):
        schema.version_of(connection, "jobs")


def test_newer_version_is_refused(connection: sqlite3.Connection) -> None:
    """A journal of a later aiotables is refused with both versions named."""
    schema.create(connection)
    connection.execute("PRAGMA user_version = 3")

    with pytest.raises(JournalError, match="has version 3; this aiotables reads versions 1 to 2"):
        schema.version_of(connection, "jobs")


def test_every_outcome_may_be_stored(connection: sqlite3.Connection) -> None:
    """The outcomes that the table allows are those that exist."""
    schema.create(connection)
    connection.execute("INSERT INTO runs (run_id, manifest, digest, started_at) VALUES ('r', 'm', 'd', 1)")

    for kind in OutcomeKind:
        _insert(connection, "outcome", kind)

    assert len(OutcomeKind) == connection.execute("SELECT count(*) FROM facts").fetchone()[0]


@pytest.mark.parametrize(
    ("kind", "outcome"), [("outcome", "lost"), ("outcome", None), ("intent", "created"), ("x", None)]
)
def test_facts_that_are_none_are_refused(
    connection: sqlite3.Connection, kind: str, outcome: str | None
) -> None:
    """An outcome has one of the known values, an intent has none, and there is no third kind."""
    schema.create(connection)
    connection.execute("INSERT INTO runs (run_id, manifest, digest, started_at) VALUES ('r', 'm', 'd', 1)")

    with pytest.raises(sqlite3.IntegrityError):
        _insert(connection, kind, outcome)


def _insert(connection: sqlite3.Connection, kind: str, outcome: str | None) -> None:
    connection.execute(
        "INSERT INTO facts (run_id, target, key, step, kind, at, outcome, detail) "
        "VALUES ('r', 't', 'k', 'create', ?, 1, ?, '{}')",
        (kind, outcome),
    )
