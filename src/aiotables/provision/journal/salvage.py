"""Reading what is left of a torn journal, fact by fact, into a new one."""

import sqlite3
from collections.abc import Iterator, Mapping, Sequence
from contextlib import closing
from pathlib import Path
from typing import Any, Final

import orjson

from aiotables.core.classes import frozen
from aiotables.provision.journal import schema


LOST: Final = "(lost)"
"""Stands for what is not known any more of a run whose facts are left."""

FAR: Final = 100_000
"""Numbers that are tried beyond the last fact that could be read, where nothing says how many there were."""

_FACTS: Final = "seq, run_id, target, key, step, kind, at, outcome, remote_id, detail"
_TOPS: Final = (
    "SELECT max(seq) FROM facts",
    "SELECT seq FROM sqlite_sequence WHERE name = 'facts'",
    "SELECT max(latest_seq) FROM steps",
)
_ADD: Final = f"INSERT INTO facts ({_FACTS}) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)"  # noqa: S608 -- of constants
_ADD_RUN: Final = """
    INSERT OR IGNORE INTO runs (run_id, manifest, digest, started_at, ended_at, ending, command)
    VALUES (:run_id, :manifest, :digest, :started_at, :ended_at, :ending, :command)
"""


@frozen(kw_only=True)
class Salvaged:
    """What could be read."""

    facts: int
    runs: int
    lost: int
    """Facts that are known to have been there, by their numbers."""


def salvage(torn: Path, new: Path, *, manifest: str | None) -> Salvaged:
    """
    Make a new journal of what can be read of another.

    Args:
        torn: The file to read; nothing in it is changed.
        new: The file to make.
        manifest: The name of the manifest, where the old file does not tell.
    """
    with (
        # Only to read: a connection that may write would put the log into the file when it is closed.
        closing(sqlite3.connect(f"{torn.absolute().as_uri()}?mode=ro", uri=True)) as source,
        closing(sqlite3.connect(new, isolation_level=None)) as sink,
    ):
        source.row_factory = sqlite3.Row
        schema.create(sink)
        sink.execute("BEGIN")
        runs = sum(_add_run(sink, dict(row)) for row in _runs(source))
        facts = sum(_add(sink, row) for row in _facts(source))
        sink.execute(
            "UPDATE about SET manifest = ?", (_first(source, "SELECT manifest FROM about") or manifest,)
        )
        sink.execute("UPDATE lease SET fence = ?", (_first(source, "SELECT fence FROM lease") or 0,))
        sink.execute("COMMIT")
        (last,) = sink.execute("SELECT coalesce(max(seq), 0) FROM facts").fetchone()
        return Salvaged(facts=facts, runs=runs, lost=max(_top(source), last) - facts)


def _runs(source: sqlite3.Connection) -> Iterator[sqlite3.Row]:
    top = _first(source, "SELECT max(rowid) FROM runs") or 0
    yield from _each(source, "SELECT * FROM runs WHERE rowid", int(top))


def _facts(source: sqlite3.Connection) -> Iterator[sqlite3.Row]:
    top = _top(source)
    yield from _each(source, f"SELECT {_FACTS} FROM facts WHERE seq", top or FAR)  # noqa: S608 -- constants


def _top(source: sqlite3.Connection) -> int:
    return max((int(_first(source, query) or 0) for query in _TOPS), default=0)


def _each(source: sqlite3.Connection, select: str, top: int) -> Iterator[sqlite3.Row]:
    """The rows from 1 to *top* that can be read: at once as far as that goes, and then one by one."""
    done = 0
    try:
        for row in source.execute(f"{select} > 0 ORDER BY rowid"):
            yield row
            done += 1
    except sqlite3.Error:
        for number in range(done + 1, top + 1):
            row = _one(source, f"{select} = ?", number)
            if row is not None:
                yield row


def _one(source: sqlite3.Connection, query: str, *values: int) -> Any:  # noqa: ANN401 -- a row or nothing
    try:
        return source.execute(query, values).fetchone()
    except sqlite3.Error:
        return None  # torn: that is what is counted as lost


def _first(source: sqlite3.Connection, query: str) -> Any:  # noqa: ANN401 -- a value or nothing
    row = _one(source, query)
    return None if row is None else row[0]


def _add_run(sink: sqlite3.Connection, run: Mapping[str, Any]) -> int:
    return _insert(sink, _ADD_RUN, {"command": "apply", **run})


def _add(sink: sqlite3.Connection, row: sqlite3.Row) -> int:
    fact = dict(row)
    if not _is_json(fact["detail"]):
        return 0
    run = dict.fromkeys(("manifest", "digest"), LOST)
    times = {"started_at": fact["at"], "ended_at": None, "ending": None, "command": LOST}
    _insert(sink, _ADD_RUN, {"run_id": fact["run_id"], **run, **times})
    return _insert(sink, _ADD, tuple(fact.values()))


def _is_json(text: object) -> bool:
    try:
        return isinstance(orjson.loads(text), dict) if isinstance(text, str) else False
    except orjson.JSONDecodeError:
        return False


def _insert(sink: sqlite3.Connection, statement: str, values: Sequence[Any] | Mapping[str, Any]) -> int:
    try:
        return max(sink.execute(statement, values).rowcount, 0)
    except sqlite3.Error:
        return 0  # what breaks a rule of the tables is as good as torn
