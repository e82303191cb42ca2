"""Snapshots as files."""

import sqlite3
import zipfile
from contextlib import closing
from pathlib import Path

import pytest

from aiotables.emulator.snapshots import read_snapshot, write_snapshot
from aiotables.emulator.sqlite import connect


def texts(database: sqlite3.Connection) -> list[str]:
    """What the one table holds."""
    return [text for (text,) in database.execute("SELECT text FROM it ORDER BY text")]


@pytest.mark.parametrize("on_disk", [False, True])
def test_what_is_written_is_read(tmp_path: Path, *, on_disk: bool) -> None:
    """Databases in memory and in files, those that are in use included, come back whole."""
    file = tmp_path / "s.zip"
    with closing(connect(tmp_path / "a.sqlite" if on_disk else None)) as database:
        database.execute("CREATE TABLE it (text TEXT)")
        database.execute("INSERT INTO it VALUES ('a'), ('b')")
        write_snapshot(file, [("x.sqlite", database), ("deep/y.sqlite", database)])
        database.execute("DELETE FROM it")

        with read_snapshot(file) as databases, closing(connect(None)) as restored:
            databases["deep/y.sqlite"].backup(restored)
            assert {"x.sqlite", "deep/y.sqlite"} == databases.keys()
            assert ["a", "b"] == texts(databases["x.sqlite"]) == texts(restored)


def test_a_snapshot_that_fails_leaves_the_old_one(tmp_path: Path) -> None:
    """Nothing half done is under the name, and nothing else is left."""
    file = tmp_path / "s.zip"
    file.write_text("old")
    with closing(connect(None)) as database:
        closed = connect(None)
        closed.close()
        with pytest.raises(sqlite3.ProgrammingError):
            write_snapshot(file, [("x.sqlite", database), ("y.sqlite", closed)])

    assert ["s.zip"] == [each.name for each in tmp_path.iterdir()]
    assert "old" == file.read_text()


def test_what_is_no_snapshot(tmp_path: Path) -> None:
    """Another file, and an archive of other files, are told apart."""
    other, archive = tmp_path / "other", tmp_path / "a.zip"
    other.write_text("x" * 9000)
    with zipfile.ZipFile(archive, "w") as written:
        written.write(other, "emulator.sqlite")

    for file in (other, archive):
        with pytest.raises(ValueError, match="is no snapshot of an emulator"), read_snapshot(file):
            pass


def test_names_in_an_archive_lead_nowhere(tmp_path: Path) -> None:
    """What an archive names is not where it is unpacked."""
    file = tmp_path / "in" / "s.zip"
    file.parent.mkdir()
    with closing(connect(None)) as database:
        write_snapshot(file, [("../../out.sqlite", database)])

    with read_snapshot(file):
        assert ["in"] == [each.name for each in tmp_path.iterdir()]
