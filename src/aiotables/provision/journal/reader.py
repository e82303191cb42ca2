"""Reading the SQLite journal."""

import sqlite3
from collections.abc import AsyncIterator
from typing import Any

import orjson

from aiotables.provision.journal.facts import Intent, Outcome, OutcomeKind, Run, StepState
from aiotables.provision.journal.protocol import INTENT
from aiotables.provision.journal.thread import OneThread


CHUNK = 500
"""How many intents are in memory at a time."""

_LAST_SEQ = "SELECT coalesce(max(seq), 0) AS seq FROM facts"

# The condition on `outcome` is spelled like that of the index `steps_open`, or SQLite would not use it.
_OPEN_INTENTS = """
    SELECT s.intent_seq, f.run_id, f.target, f.key, f.step, f.at, f.detail
    FROM steps AS s JOIN facts AS f ON f.seq = s.intent_seq
    WHERE (s.outcome IS NULL OR s.outcome = 'unknown') AND s.intent_seq > :after AND s.latest_seq <= :last
    ORDER BY s.intent_seq LIMIT :chunk
"""

_STEPS = """
    SELECT f.step, f.run_id, f.at, f.outcome, f.remote_id, f.detail
    FROM steps AS s JOIN facts AS f ON f.seq = s.latest_seq
    WHERE s.target = :target AND s.key = :key
    ORDER BY s.latest_seq
"""

_COUNTS = """
    SELECT coalesce(outcome, 'intent') AS state, count(*) AS number
    FROM steps
    WHERE (:run_id IS NULL OR run_id = :run_id) AND (:step IS NULL OR step = :step)
    GROUP BY outcome
"""

_LAST_RUN = """
    SELECT run_id, manifest, digest, started_at, ended_at, ending, command
    FROM runs ORDER BY rowid DESC LIMIT 1
"""

# The condition on `outcome` is spelled like that of the index `steps_problem`.
_PROBLEMS = """
    SELECT f.run_id, f.target, f.key, f.step, f.at, f.outcome, f.remote_id, f.detail
    FROM steps AS s JOIN facts AS f ON f.seq = s.latest_seq
    WHERE (s.outcome = 'failed' OR s.outcome = 'unknown') AND (:run_id IS NULL OR s.run_id = :run_id)
    ORDER BY s.latest_seq LIMIT :limit
"""


class SqliteReader:
    """
    The reading half of the SQLite journal; see `JournalReader` for its methods.

    Args:
        thread: The thread that owns the connection.
        connection: With `sqlite3.Row` as its row factory.
    """

    def __init__(self, thread: OneThread, connection: sqlite3.Connection) -> None:
        self._reading = thread
        self._source = connection

    async def open_intents(self) -> AsyncIterator[Intent]:
        """See `JournalReader.open_intents`."""
        ((last,),) = await self._rows(_LAST_SEQ)
        after = 0
        while rows := await self._rows(_OPEN_INTENTS, after=after, last=last, chunk=CHUNK):
            after = rows[-1]["intent_seq"]
            for row in rows:
                facts = facts_of(row)
                del facts["intent_seq"]
                yield Intent(**facts)

    async def steps(self, target: str, key: str) -> dict[str, StepState]:
        """See `JournalReader.steps`."""
        rows = [facts_of(row) for row in await self._rows(_STEPS, target=target, key=key)]
        return {row.pop("step"): StepState(**row) for row in rows}

    async def counts(self, run_id: str | None = None, *, step: str | None = None) -> dict[str, int]:
        """See `JournalReader.counts`."""
        rows = await self._rows(_COUNTS, run_id=run_id, step=step)
        none = dict.fromkeys([INTENT, *map(str, OutcomeKind)], 0)
        return none | {row["state"]: row["number"] for row in rows}

    async def last_run(self) -> Run | None:
        """See `JournalReader.last_run`."""
        rows = await self._rows(_LAST_RUN)
        return Run(**dict(rows[0])) if rows else None

    async def problems(self, run_id: str | None = None, *, limit: int = 100) -> list[Outcome]:
        """See `JournalReader.problems`."""
        rows = await self._rows(_PROBLEMS, run_id=run_id, limit=limit)
        return [Outcome(**facts_of(row)) for row in rows]

    async def _rows(self, query: str, **values: str | int | None) -> list[Any]:
        return await self._reading.call(_fetch, self._source, query, values)


def _fetch(connection: sqlite3.Connection, query: str, values: dict[str, str | int | None]) -> list[Any]:
    return connection.execute(query, values).fetchall()


def facts_of(row: Any) -> dict[str, Any]:  # noqa: ANN401 -- a row of SQLite, or the like
    """The columns of a row by name, JSON and outcomes read."""
    facts = dict(row)
    facts["detail"] = orjson.loads(facts["detail"])
    if facts.get("outcome") is not None:
        facts["outcome"] = OutcomeKind(facts["outcome"])
    return facts
