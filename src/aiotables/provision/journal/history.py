"""Reading a journal as a whole: what was made, by whom, and when; a page at a time, so memory stays the same."""

from collections.abc import AsyncIterator

from aiotables.provision.journal.facts import Fact, Intent, Made, Outcome, Run, StepState
from aiotables.provision.journal.reader import CHUNK, Reader, Row, facts_of


_PAIR = """
    i.run_id AS by_run, i.at AS sent_at, i.detail AS sent_detail, i.seq AS seq, s.intent_seq,
    o.run_id, o.target, o.key, o.step, o.at, o.outcome, o.remote_id, o.detail
"""
_MADE_TABLES = f"""
    SELECT {_PAIR}
    FROM aiotables.steps AS s
    JOIN aiotables.facts AS i ON i.seq = s.intent_seq
    JOIN aiotables.facts AS o ON o.seq = s.latest_seq
    WHERE s.step = 'create' AND s.outcome IN ('created', 'adopted')
        AND (s.target, s.key) > (%(target)s, %(key)s)
    ORDER BY s.target, s.key LIMIT %(chunk)s
"""  # noqa: S608 -- of constants alone

# What an intent came to: by `steps` when it was the step's last attempt, else by the facts that followed.
_MADE_BY = f"""
    SELECT {_PAIR}
    FROM aiotables.facts AS i
    JOIN aiotables.steps AS s ON (s.target, s.key, s.step) = (i.target, i.key, i.step)
    JOIN aiotables.facts AS o ON o.seq = CASE s.intent_seq WHEN i.seq THEN s.latest_seq ELSE (
        SELECT f.seq FROM aiotables.facts AS f
        WHERE f.seq > i.seq AND (f.target, f.key, f.step) = (i.target, i.key, i.step)
            AND coalesce(f.outcome, 'intent') <> 'unknown'
        ORDER BY f.seq LIMIT 1
    ) END
    WHERE i.run_id = %(run_id)s AND i.kind = 'intent' AND substr(i.step, 1, 7) <> 'delete:'
        AND i.seq > %(after)s AND o.outcome IN ('created', 'adopted')
    ORDER BY i.seq LIMIT %(chunk)s
"""  # noqa: S608 -- of constants alone

_TABLES = """
    SELECT DISTINCT target, key FROM aiotables.steps WHERE (target, key) > (%(target)s, %(key)s)
    ORDER BY target, key LIMIT %(chunk)s
"""
_HISTORY = """
    SELECT seq, run_id, target, key, step, at, outcome, remote_id, detail FROM aiotables.facts
    WHERE target = %(target)s AND key = %(key)s ORDER BY seq
"""
_FACTS = """
    SELECT seq, run_id, target, key, step, at, outcome, remote_id, '{}' AS detail FROM aiotables.facts
    WHERE run_id = %(run_id)s AND seq > %(after)s ORDER BY seq LIMIT %(chunk)s
"""


class History(Reader):
    """The reading half of a journal with its history; see `JournalHistory` for its methods."""

    async def runs(self, *, limit: int = 20) -> list[Run]:
        """See `JournalHistory.runs`."""
        return await self._runs(limit=limit)

    async def find_run(self, run_id: str) -> Run | None:
        """See `JournalHistory.find_run`."""
        return next(iter(await self._runs(limit=1, run_id=run_id)), None)

    async def made_tables(self) -> AsyncIterator[Made]:
        """See `JournalHistory.made_tables`."""
        target = key = ""
        while rows := await self.rows(_MADE_TABLES, target=target, key=key, chunk=CHUNK):
            target, key = rows[-1]["target"], rows[-1]["key"]
            for row in rows:
                yield _made(row)

    async def made_by(self, run_id: str) -> AsyncIterator[Made]:
        """See `JournalHistory.made_by`."""
        after = 0
        while rows := await self.rows(_MADE_BY, run_id=run_id, after=after, chunk=CHUNK):
            after = rows[-1]["seq"]
            for row in rows:
                yield _made(row)

    async def tables(self) -> AsyncIterator[tuple[str, str, dict[str, StepState]]]:
        """See `JournalHistory.tables`."""
        target = key = ""
        while rows := await self.rows(_TABLES, target=target, key=key, chunk=CHUNK):
            target, key = rows[-1]["target"], rows[-1]["key"]
            for row in rows:
                yield row["target"], row["key"], await self.steps(row["target"], row["key"])

    async def history(self, target: str, key: str) -> list[Fact]:
        """See `JournalHistory.history`."""
        return [_fact(row) for row in await self.rows(_HISTORY, target=target, key=key)]

    async def facts(self, run_id: str) -> AsyncIterator[Fact]:
        """See `JournalHistory.facts`."""
        after = 0
        while rows := await self.rows(_FACTS, run_id=run_id, after=after, chunk=CHUNK):
            after = rows[-1]["seq"]
            for row in rows:
                yield _fact(row)


def _fact(row: Row) -> Fact:
    facts = facts_of(row)
    del facts["seq"]
    if facts["outcome"] is not None:
        return Outcome(**facts)
    del facts["outcome"], facts["remote_id"]
    return Intent(**facts)


def _made(row: Row) -> Made:
    facts = facts_of(row)
    sent = facts_of({"detail": facts.pop("sent_detail")})
    names = {name: facts[name] for name in ("target", "key", "step")}
    intent = Intent(run_id=facts.pop("by_run"), at=facts.pop("sent_at"), **names, **sent)
    latest = facts.pop("intent_seq") == facts.pop("seq")
    return Made(intent=intent, outcome=Outcome(**facts), latest=latest)
