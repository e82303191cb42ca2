"""The catalogue's file."""

import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from aiotables.emulator.catalogue import FILE_NAME, VERSION, open_catalogue


def test_a_new_catalogue_has_its_tables() -> None:
    """Opening makes the schema."""
    with closing(open_catalogue(None)) as catalogue:
        assert 0 == catalogue.execute("SELECT count(*) FROM project").fetchone()[0]
        assert [] == catalogue.execute("PRAGMA foreign_key_check").fetchall()


def test_a_catalogue_is_opened_again(tmp_path: Path) -> None:
    """What is in the folder stays."""
    with closing(open_catalogue(tmp_path)) as catalogue:
        catalogue.execute(
            "INSERT INTO project (slug, name, created_at, updated_at) VALUES ('a', 'a', '', '')"
        )

    with closing(open_catalogue(tmp_path)) as catalogue:
        assert 1 == catalogue.execute("SELECT count(*) FROM project").fetchone()[0]


def test_a_catalogue_of_another_version_is_refused(tmp_path: Path) -> None:
    """Data of another version is left alone, and the message says what to do."""
    with closing(sqlite3.connect(tmp_path / FILE_NAME)) as other:
        other.execute(f"PRAGMA user_version = {VERSION + 1}")

    with pytest.raises(ValueError, match="use another folder"):
        open_catalogue(tmp_path)
