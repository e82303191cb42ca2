"""
The tables of the SQLite journal, and the check that a file is one.

`facts` is the truth and only grows. `steps` is what follows from it, one row for each step, moved by a
trigger in the transaction that adds the fact: so looking up a table, or the few open steps among millions,
reads no more than it returns.
"""

import sqlite3

from aiotables.provision.journal.errors import JournalError


APPLICATION_ID = 0x61694A72
"""Marks the file as ours in SQLite's header."""

VERSION = 2
"""Of the tables below; rises with each change to them, together with a step in `migrations`."""

FACTS = """
    CREATE TABLE facts (
        seq INTEGER PRIMARY KEY AUTOINCREMENT,
        run_id TEXT NOT NULL REFERENCES runs (run_id),
        target TEXT NOT NULL,
        key TEXT NOT NULL,
        step TEXT NOT NULL,
        kind TEXT NOT NULL CHECK (kind IN ('intent', 'outcome')),
        at REAL NOT NULL,
        outcome TEXT CHECK (
            outcome IN ('created', 'adopted', 'unchanged', 'failed', 'unknown', 'absent', 'deleted')
        ),
        remote_id TEXT,
        detail TEXT NOT NULL,
        CHECK ((kind = 'outcome') = (outcome IS NOT NULL))
    )
"""

TRIGGER = """
    CREATE TRIGGER facts_move_steps AFTER INSERT ON facts
    BEGIN
        INSERT INTO steps (target, key, step, run_id, latest_seq, intent_seq, outcome)
        VALUES (
            NEW.target, NEW.key, NEW.step, NEW.run_id, NEW.seq,
            CASE NEW.kind WHEN 'intent' THEN NEW.seq END, NEW.outcome
        )
        ON CONFLICT (target, key, step) DO UPDATE SET
            run_id = excluded.run_id,
            latest_seq = excluded.latest_seq,
            intent_seq = coalesce(excluded.intent_seq, intent_seq),
            outcome = excluded.outcome;
    END
"""

ADDED_IN_2 = (
    """
    CREATE TABLE about (
        id INTEGER PRIMARY KEY CHECK (id = 1),
        manifest TEXT
    )
    """,
    "INSERT INTO about (id) VALUES (1)",
    """
    CREATE TABLE lease (
        id INTEGER PRIMARY KEY CHECK (id = 1),
        fence INTEGER NOT NULL,
        pid INTEGER,
        host TEXT,
        since REAL,
        beat_at REAL,
        ended_at REAL
    )
    """,
    "INSERT INTO lease (id, fence) VALUES (1, 0)",
    """
    CREATE VIEW latest AS
    SELECT s.target, s.key, s.step, coalesce(s.outcome, 'intent') AS state, f.remote_id,
        json_extract(f.detail, '$.reason') AS reason, s.run_id, f.at
    FROM steps AS s JOIN facts AS f ON f.seq = s.latest_seq
    """,
)
"""What version 1 had not."""

_TABLES = (
    """
    CREATE TABLE runs (
        run_id TEXT PRIMARY KEY NOT NULL,
        manifest TEXT NOT NULL,
        digest TEXT NOT NULL,
        started_at REAL NOT NULL,
        ended_at REAL,
        ending TEXT,
        command TEXT NOT NULL DEFAULT 'apply'
    )
    """,
    FACTS,
    """
    CREATE TABLE steps (
        target TEXT NOT NULL,
        key TEXT NOT NULL,
        step TEXT NOT NULL,
        run_id TEXT NOT NULL,
        latest_seq INTEGER NOT NULL,
        intent_seq INTEGER,
        outcome TEXT,
        PRIMARY KEY (target, key, step)
    ) WITHOUT ROWID
    """,
    "CREATE INDEX steps_open ON steps (intent_seq) WHERE outcome IS NULL OR outcome = 'unknown'",
    "CREATE INDEX steps_problem ON steps (latest_seq) WHERE outcome = 'failed' OR outcome = 'unknown'",
    TRIGGER,
    *ADDED_IN_2,
)


def is_blank(connection: sqlite3.Connection) -> bool:
    """Whether the file has nothing in it: new, or left by a process that died before it made the tables."""
    marks = (_pragma(connection, "application_id"), _pragma(connection, "user_version"))
    return marks == (0, 0) and not _names(connection)


def version_of(connection: sqlite3.Connection, where: str) -> int:
    """
    The version of a journal: this one, or an older one that `migrations` brings up. Changes nothing in the file.

    Raises:
        JournalError: It is another program's, or of a later aiotables.
    """
    if _pragma(connection, "application_id") != APPLICATION_ID:
        message = "is not readable: its file was made by another program. Name another folder"
        raise JournalError(message, where=where)

    version = _pragma(connection, "user_version")
    if not 1 <= version <= VERSION:
        message = (
            f"has version {version}; this aiotables reads versions 1 to {VERSION}: use the one that wrote it"
        )
        raise JournalError(message, where=where)
    return version


def create(connection: sqlite3.Connection) -> None:
    """Make the tables in a blank file, all or none."""
    connection.execute("BEGIN IMMEDIATE")
    connection.execute(f"PRAGMA application_id = {APPLICATION_ID}")
    connection.execute(f"PRAGMA user_version = {VERSION}")
    for statement in _TABLES:
        connection.execute(statement)
    connection.execute("COMMIT")


def _pragma(connection: sqlite3.Connection, name: str) -> int:
    value: int = connection.execute(f"PRAGMA {name}").fetchone()[0]
    return value


def _names(connection: sqlite3.Connection) -> list[str]:
    return [name for (name,) in connection.execute("SELECT name FROM sqlite_master")]
