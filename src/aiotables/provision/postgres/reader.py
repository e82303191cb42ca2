"""Reading the journal in PostgreSQL."""

from collections.abc import Sequence
from typing import Final, LiteralString

from aiotables.provision.journal import StepState
from aiotables.provision.journal.history import History
from aiotables.provision.journal.reader import Row, facts_of
from aiotables.provision.postgres.session import Session


_STEPS_OF_MANY: Final = """
    SELECT f.key, f.step, f.run_id, f.at, f.outcome, f.remote_id, f.detail
    FROM aiotables.steps AS s JOIN aiotables.facts AS f ON f.seq = s.latest_seq
    WHERE s.target = %(target)s AND s.key = ANY(%(keys)s)
    ORDER BY s.latest_seq
"""


class PostgresHistory(History):
    """
    The reading half of the journal in PostgreSQL.

    Args:
        session: To the database.
    """

    runs_query = """
        SELECT run_id, manifest, digest, extract(epoch FROM started_at)::float8 AS started_at,
            extract(epoch FROM ended_at)::float8 AS ended_at, ending, command
        FROM aiotables.runs WHERE %(run_id)s::text IS NULL OR run_id = %(run_id)s
        ORDER BY number DESC LIMIT %(limit)s
    """

    def __init__(self, session: Session) -> None:
        self._session = session

    async def rows(self, query: LiteralString, **values: object) -> Sequence[Row]:
        """See `Reader.rows`."""
        return await self._session.fetch_named(query, values)

    async def steps_of_many(self, target: str, keys: Sequence[str]) -> dict[str, dict[str, StepState]]:
        """The steps of many tables of one target, by key; a table without steps has an empty mapping."""
        found: dict[str, dict[str, StepState]] = {key: {} for key in keys}
        for row in await self.rows(_STEPS_OF_MANY, target=target, keys=[*keys]):
            facts = facts_of(row)
            key, step = facts.pop("key"), facts.pop("step")
            found[key][step] = StepState(**facts)
        return found
