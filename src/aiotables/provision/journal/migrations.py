"""
Bringing a journal of an older aiotables to the tables of this one: each version has one step to the next.

A step runs in one transaction with the number of its version, so a migration that is killed leaves the older journal.
"""

import sqlite3
from collections.abc import Callable, Mapping
from typing import Final

from aiotables.provision.journal.schema import ADDED_IN_2, FACTS, TRIGGER, VERSION


def migrate(connection: sqlite3.Connection, version: int) -> None:
    """
    Bring a journal up, all the way or not at all.

    Args:
        connection: In autocommit mode.
        version: What it is of.
    """
    # Tables are made anew under the names that others refer to.
    connection.execute("PRAGMA foreign_keys = OFF")
    connection.execute("BEGIN IMMEDIATE")
    try:
        for step in range(version, VERSION):
            _STEPS[step](connection)
        connection.execute(f"PRAGMA user_version = {VERSION}")
    except BaseException:
        connection.execute("ROLLBACK")
        raise
    connection.execute("COMMIT")
    connection.execute("PRAGMA foreign_keys = ON")


def _from_1(connection: sqlite3.Connection) -> None:
    """Outcome `deleted`, the command of a run, the manifest's name, the lease, and the view for people."""
    connection.execute("ALTER TABLE runs ADD COLUMN command TEXT NOT NULL DEFAULT 'apply'")
    # SQLite changes no CHECK of a table that is there. `steps` follows from facts that stay as they are.
    connection.execute("DROP TRIGGER facts_move_steps")
    connection.execute("ALTER TABLE facts RENAME TO facts_1")
    connection.execute(FACTS)
    connection.execute("INSERT INTO facts SELECT * FROM facts_1")
    connection.execute("DROP TABLE facts_1")
    connection.execute(TRIGGER)
    for statement in ADDED_IN_2:
        connection.execute(statement)


_STEPS: Final[Mapping[int, Callable[[sqlite3.Connection], None]]] = {1: _from_1}
