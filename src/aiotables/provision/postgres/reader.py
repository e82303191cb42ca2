"""Reading the journal in PostgreSQL."""

from collections.abc import AsyncIterator, Sequence
from typing import Any, Final, LiteralString

import orjson

from aiotables.provision.journal import Intent, Outcome, OutcomeKind, Run, StepState
from aiotables.provision.journal.protocol import INTENT
from aiotables.provision.postgres.session import Session


CHUNK: Final = 500
"""How many intents are in memory at a time."""

_LAST_SEQ: Final = "SELECT coalesce(max(seq), 0) AS seq FROM aiotables.facts"

_OPEN_INTENTS: Final = """
    SELECT s.intent_seq, f.run_id, f.target, f.key, f.step, f.at, f.detail
    FROM aiotables.steps AS s JOIN aiotables.facts AS f ON f.seq = s.intent_seq
    WHERE (s.outcome IS NULL OR s.outcome = 'unknown')
        AND s.intent_seq > %(after)s AND s.latest_seq <= %(last)s
    ORDER BY s.intent_seq LIMIT %(chunk)s
"""

_STEPS: Final = """
    SELECT f.step, f.run_id, f.at, f.outcome, f.remote_id, f.detail
    FROM aiotables.steps AS s JOIN aiotables.facts AS f ON f.seq = s.latest_seq
    WHERE s.target = %(target)s AND s.key = %(key)s
    ORDER BY s.latest_seq
"""

_STEPS_OF_MANY: Final = """
    SELECT f.key, f.step, f.run_id, f.at, f.outcome, f.remote_id, f.detail
    FROM aiotables.steps AS s JOIN aiotables.facts AS f ON f.seq = s.latest_seq
    WHERE s.target = %(target)s AND s.key = ANY(%(keys)s)
    ORDER BY s.latest_seq
"""

_COUNTS: Final = """
    SELECT coalesce(outcome, 'intent') AS state, count(*) AS number
    FROM aiotables.steps
    WHERE (%(run_id)s::text IS NULL OR run_id = %(run_id)s) AND (%(step)s::text IS NULL OR step = %(step)s)
    GROUP BY outcome
"""

_LAST_RUN: Final = """
    SELECT run_id, manifest, digest, extract(epoch FROM started_at)::float8 AS started_at,
        extract(epoch FROM ended_at)::float8 AS ended_at, ending, command
    FROM aiotables.runs ORDER BY number DESC LIMIT 1
"""

_PROBLEMS: Final = """
    SELECT f.run_id, f.target, f.key, f.step, f.at, f.outcome, f.remote_id, f.detail
    FROM aiotables.steps AS s JOIN aiotables.facts AS f ON f.seq = s.latest_seq
    WHERE (s.outcome = 'failed' OR s.outcome = 'unknown') AND (%(run_id)s::text IS NULL OR s.run_id = %(run_id)s)
    ORDER BY s.latest_seq LIMIT %(limit)s
"""


class PostgresReader:
    """
    The reading half of the journal in PostgreSQL; see `JournalReader` for its methods.

    Args:
        session: To the database.
    """

    def __init__(self, session: Session) -> None:
        self._reading = session

    async def open_intents(self) -> AsyncIterator[Intent]:
        """See `JournalReader.open_intents`."""
        last = (await self._rows(_LAST_SEQ))[0]["seq"]
        after = 0
        while rows := await self._rows(_OPEN_INTENTS, after=after, last=last, chunk=CHUNK):
            after = rows[-1]["intent_seq"]
            for row in rows:
                facts = _facts(row)
                del facts["intent_seq"]
                yield Intent(**facts)

    async def steps(self, target: str, key: str) -> dict[str, StepState]:
        """See `JournalReader.steps`."""
        rows = [_facts(row) for row in await self._rows(_STEPS, target=target, key=key)]
        return {row.pop("step"): StepState(**row) for row in rows}

    async def steps_of_many(self, target: str, keys: Sequence[str]) -> dict[str, dict[str, StepState]]:
        """The same for many tables of one target, by key; a table without steps has an empty mapping."""
        found: dict[str, dict[str, StepState]] = {key: {} for key in keys}
        for row in await self._rows(_STEPS_OF_MANY, target=target, keys=[*keys]):
            facts = _facts(row)
            key, step = facts.pop("key"), facts.pop("step")
            found[key][step] = StepState(**facts)
        return found

    async def counts(self, run_id: str | None = None, *, step: str | None = None) -> dict[str, int]:
        """See `JournalReader.counts`."""
        rows = await self._rows(_COUNTS, run_id=run_id, step=step)
        none = dict.fromkeys([INTENT, *map(str, OutcomeKind)], 0)
        return none | {row["state"]: row["number"] for row in rows}

    async def last_run(self) -> Run | None:
        """See `JournalReader.last_run`."""
        rows = await self._rows(_LAST_RUN)
        return Run(**rows[0]) if rows else None

    async def problems(self, run_id: str | None = None, *, limit: int = 100) -> list[Outcome]:
        """See `JournalReader.problems`."""
        rows = await self._rows(_PROBLEMS, run_id=run_id, limit=limit)
        return [Outcome(**_facts(row)) for row in rows]

    async def _rows(self, query: LiteralString, **values: object) -> list[dict[str, Any]]:
        return await self._reading.fetch_named(query, values)


def _facts(row: dict[str, Any]) -> dict[str, Any]:
    facts = {**row, "detail": orjson.loads(row["detail"])}
    if facts.get("outcome") is not None:
        facts["outcome"] = OutcomeKind(facts["outcome"])
    return facts
