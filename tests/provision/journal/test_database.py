"""Connections to the file of a journal."""

import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from aiotables.provision.journal import JournalError, JournalMissing
from aiotables.provision.journal.database import FILE, open_to_read, open_to_write, set_modes


def test_commits_are_durable(tmp_path: Path) -> None:
    """The writing connection logs ahead and waits for the disk at each commit, also when opened again."""
    for _ in range(2):
        with open_to_write(tmp_path) as connection:
            assert ("wal",) == connection.execute("PRAGMA journal_mode").fetchone()
            assert (2,) == connection.execute("PRAGMA synchronous").fetchone()
            assert (1,) == connection.execute("PRAGMA fullfsync").fetchone()
            assert (1,) == connection.execute("PRAGMA foreign_keys").fetchone()


def test_foreign_file_is_left_as_it_is(tmp_path: Path) -> None:
    """A SQLite file of another program is refused by both connections, and not a byte of it changes."""
    with closing(sqlite3.connect(tmp_path / FILE)) as foreign:
        foreign.execute("CREATE TABLE notes (text)")
    before = (tmp_path / FILE).read_bytes()

    for opening in (open_to_write, open_to_read):
        with pytest.raises(JournalError, match="made by another program"), opening(tmp_path):
            pass

    assert before == (tmp_path / FILE).read_bytes()
    assert [FILE] == [path.name for path in tmp_path.iterdir()]


def test_newer_version_is_refused(tmp_path: Path) -> None:
    """A journal of a later aiotables is refused by both connections."""
    with open_to_write(tmp_path) as connection:
        connection.execute("PRAGMA user_version = 99")

    for opening in (open_to_write, open_to_read):
        with pytest.raises(JournalError, match="version 99"), opening(tmp_path):
            pass


def test_nothing_to_read(tmp_path: Path) -> None:
    """A folder without a journal, or with one just being made, is said to have none, and stays as it is."""
    with (
        pytest.raises(JournalMissing, match="does not exist: nothing was applied there yet"),
        open_to_read(tmp_path),
    ):
        pass
    assert [] == list(tmp_path.iterdir())

    (tmp_path / FILE).touch()
    with (
        pytest.raises(JournalMissing, match="does not exist: nothing was applied there yet"),
        open_to_read(tmp_path),
    ):
        pass


def test_reader_cannot_write(tmp_path: Path) -> None:
    """The reading connection refuses to change anything."""
    with (
        open_to_write(tmp_path),
        open_to_read(tmp_path) as reader,
        pytest.raises(sqlite3.OperationalError, match="readonly"),
    ):
        reader.execute("DELETE FROM runs")


def test_file_system_without_shared_memory_is_refused() -> None:
    """Where SQLite cannot log ahead, as in memory, a journal is refused rather than kept less safely."""
    with (
        closing(sqlite3.connect(":memory:")) as connection,
        pytest.raises(JournalError, match="lacks shared memory"),
    ):
        set_modes(connection, "jobs")
