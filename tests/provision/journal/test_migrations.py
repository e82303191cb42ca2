"""Journals of older versions."""

import shutil
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from aiotables.provision.journal import migrations, schema
from aiotables.provision.journal.database import has_older, open_to_write


OLD = Path(__file__).with_name("version-1.sqlite")
"""Written by the last aiotables whose journal was of version 1: an `apply` with a failure and a lost reply."""

FACTS = "SELECT seq, run_id, target, key, step, kind, at, outcome, remote_id, detail FROM facts ORDER BY seq"
STEPS = "SELECT * FROM steps ORDER BY target, key, step"


@pytest.fixture
def old(tmp_path: Path) -> Iterator[sqlite3.Connection]:
    """A connection to a copy of the old file."""
    shutil.copy(OLD, tmp_path / "journal.sqlite")
    with closing(sqlite3.connect(tmp_path / "journal.sqlite", isolation_level=None)) as connection:
        yield connection


def shapes(connection: sqlite3.Connection) -> dict[str, str]:
    """The statement of everything in a database, white space apart."""
    found = connection.execute("SELECT name, sql FROM sqlite_master WHERE sql IS NOT NULL").fetchall()
    return {name: " ".join(sql.replace('"', "").split()) for name, sql in found if name != "runs"}


def test_nothing_is_lost(old: sqlite3.Connection) -> None:
    """Every fact, run and state of a step is there afterwards, with its number."""
    facts, steps = old.execute(FACTS).fetchall(), old.execute(STEPS).fetchall()
    runs = old.execute("SELECT * FROM runs").fetchall()

    migrations.migrate(old, 1)

    assert 14 == len(facts)
    assert facts == old.execute(FACTS).fetchall()
    assert steps == old.execute(STEPS).fetchall()
    assert [(*run, "apply") for run in runs] == old.execute("SELECT * FROM runs").fetchall()
    assert [("ok",)] == old.execute("PRAGMA integrity_check").fetchall()
    assert [] == old.execute("PRAGMA foreign_key_check").fetchall()
    assert (1,) == old.execute("PRAGMA foreign_keys").fetchone()


def test_same_as_a_new_journal(old: sqlite3.Connection) -> None:
    """Afterwards the file has the tables of a new one, and facts go on being counted."""
    migrations.migrate(old, 1)

    with closing(sqlite3.connect(":memory:", isolation_level=None)) as new:
        schema.create(new)
        assert shapes(new) == shapes(old)
        columns = "SELECT name, type FROM pragma_table_info('runs')"
        assert new.execute(columns).fetchall() == old.execute(columns).fetchall()
    assert schema.VERSION == schema.version_of(old, "jobs")
    ((run_id,),) = old.execute("SELECT run_id FROM runs").fetchall()
    old.execute(
        "INSERT INTO facts (run_id, target, key, step, kind, at, outcome, detail) "
        "VALUES (?, 'crm', 'lost', 'create', 'outcome', 9, 'deleted', '{}')",
        (run_id,),
    )
    assert (15, "deleted") == old.execute(
        "SELECT latest_seq, outcome FROM steps WHERE target = 'crm' AND key = 'lost'"
    ).fetchone()


def test_failing_leaves_the_old_one(old: sqlite3.Connection) -> None:
    """What goes wrong in the middle undoes the whole of it."""
    old.execute("CREATE TABLE lease (in_the_way)")
    before = shapes(old)

    with pytest.raises(sqlite3.OperationalError, match="lease already exists"):
        migrations.migrate(old, 1)

    assert before == shapes(old)
    assert 1 == schema.version_of(old, "jobs")


def test_opening_brings_it_up(tmp_path: Path) -> None:
    """Whoever opens an older journal to write has a new one."""
    assert not has_older(tmp_path)
    shutil.copy(OLD, tmp_path / "journal.sqlite")
    assert has_older(tmp_path)

    with open_to_write(tmp_path) as connection:
        assert schema.VERSION == schema.version_of(connection, "jobs")

    assert not has_older(tmp_path)
