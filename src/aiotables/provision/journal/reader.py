"""
Reading a journal, in whatever database its tables are.

SQLite and PostgreSQL have the same tables and are asked the same questions, which are written as PostgreSQL takes them. How
they get to the database, and what is told differently there, is each store's own.
"""

from abc import ABC, abstractmethod
from collections.abc import AsyncIterator, Mapping, Sequence
from typing import Any, ClassVar, LiteralString, TypeAlias

import orjson

from aiotables.provision.journal.facts import Intent, Outcome, OutcomeKind, Run, StepState
from aiotables.provision.journal.protocol import INTENT


CHUNK = 500
"""How many rows are in memory at a time."""

Row: TypeAlias = Mapping[str, Any]

_LAST_SEQ = "SELECT coalesce(max(seq), 0) AS seq FROM aiotables.facts"

# The condition on `outcome` is spelled like that of the index `steps_open`, or SQLite would not use it.
_OPEN_INTENTS = """
    SELECT s.intent_seq, f.run_id, f.target, f.key, f.step, f.at, f.detail
    FROM aiotables.steps AS s JOIN aiotables.facts AS f ON f.seq = s.intent_seq
    WHERE (s.outcome IS NULL OR s.outcome = 'unknown')
        AND s.intent_seq > %(after)s AND s.latest_seq <= %(last)s
    ORDER BY s.intent_seq LIMIT %(chunk)s
"""

_STEPS = """
    SELECT f.step, f.run_id, f.at, f.outcome, f.remote_id, f.detail
    FROM aiotables.steps AS s JOIN aiotables.facts AS f ON f.seq = s.latest_seq
    WHERE s.target = %(target)s AND s.key = %(key)s
    ORDER BY s.latest_seq
"""

_STEPS_OF_MANY = """
    SELECT f.key, f.step, f.run_id, f.at, f.outcome, f.remote_id, f.detail
    FROM aiotables.steps AS s JOIN aiotables.facts AS f ON f.seq = s.latest_seq
    WHERE s.target = %(target)s AND s.key IN
"""

_COUNTS = """
    SELECT coalesce(outcome, 'intent') AS state, count(*) AS number
    FROM aiotables.steps
    WHERE (CAST(%(run_id)s AS text) IS NULL OR run_id = %(run_id)s)
        AND (CAST(%(step)s AS text) IS NULL OR step = %(step)s)
    GROUP BY outcome
"""

# The condition on `outcome` is spelled like that of the index `steps_problem`.
_PROBLEMS = """
    SELECT f.run_id, f.target, f.key, f.step, f.at, f.outcome, f.remote_id, f.detail
    FROM aiotables.steps AS s JOIN aiotables.facts AS f ON f.seq = s.latest_seq
    WHERE (s.outcome = 'failed' OR s.outcome = 'unknown')
        AND (CAST(%(run_id)s AS text) IS NULL OR s.run_id = %(run_id)s)
    ORDER BY s.latest_seq LIMIT %(limit)s
"""


class Reader(ABC):
    """The reading half of a journal; see `JournalReader` for its methods."""

    runs_query: ClassVar[LiteralString]
    """Asks for the columns of `Run`, the latest first, *limit* at the most; *run_id* is the one that is wanted, or null."""

    keys_query: ClassVar[LiteralString]
    """Asks for the texts of *keys*, a JSON list."""

    @abstractmethod
    async def rows(self, query: LiteralString, **values: object) -> Sequence[Row]:
        """
        What the database answers.

        Args:
            query: As PostgreSQL takes it, with the values as `%(name)s`.
            values: By their names.
        """

    async def open_intents(self) -> AsyncIterator[Intent]:
        """See `JournalReader.open_intents`."""
        last = (await self.rows(_LAST_SEQ))[0]["seq"]
        after = 0
        while rows := await self.rows(_OPEN_INTENTS, after=after, last=last, chunk=CHUNK):
            after = rows[-1]["intent_seq"]
            for row in rows:
                facts = facts_of(row)
                del facts["intent_seq"]
                yield Intent(**facts)

    async def steps(self, target: str, key: str) -> dict[str, StepState]:
        """See `JournalReader.steps`."""
        rows = [facts_of(row) for row in await self.rows(_STEPS, target=target, key=key)]
        return {row.pop("step"): StepState(**row) for row in rows}

    async def steps_of_many(self, target: str, keys: Sequence[str]) -> dict[str, dict[str, StepState]]:
        """See `JournalReader.steps_of_many`."""
        found: dict[str, dict[str, StepState]] = {key: {} for key in keys}
        query = f"{_STEPS_OF_MANY} ({self.keys_query}) ORDER BY s.latest_seq"
        for row in await self.rows(query, target=target, keys=orjson.dumps([*keys]).decode()):
            facts = facts_of(row)
            key, step = facts.pop("key"), facts.pop("step")
            found[key][step] = StepState(**facts)
        return found

    async def counts(self, run_id: str | None = None, *, step: str | None = None) -> dict[str, int]:
        """See `JournalReader.counts`."""
        rows = await self.rows(_COUNTS, run_id=run_id, step=step)
        none = dict.fromkeys([INTENT, *map(str, OutcomeKind)], 0)
        return none | {row["state"]: row["number"] for row in rows}

    async def last_run(self) -> Run | None:
        """See `JournalReader.last_run`."""
        return next(iter(await self._runs(limit=1)), None)

    async def problems(self, run_id: str | None = None, *, limit: int = 100) -> list[Outcome]:
        """See `JournalReader.problems`."""
        rows = await self.rows(_PROBLEMS, run_id=run_id, limit=limit)
        return [Outcome(**facts_of(row)) for row in rows]

    async def _runs(self, *, limit: int, run_id: str | None = None) -> list[Run]:
        return [Run(**row) for row in await self.rows(self.runs_query, limit=limit, run_id=run_id)]


def facts_of(row: Row) -> dict[str, Any]:
    """The columns of a row by name, JSON and outcomes read."""
    facts = {**row, "detail": orjson.loads(row["detail"])}
    if facts.get("outcome") is not None:
        facts["outcome"] = OutcomeKind(facts["outcome"])
    return facts
