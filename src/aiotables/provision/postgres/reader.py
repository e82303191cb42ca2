"""Reading the journal in PostgreSQL."""

from collections.abc import Sequence
from typing import LiteralString

from aiotables.provision.journal.history import History
from aiotables.provision.journal.reader import Row
from aiotables.provision.postgres.session import Session


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

    keys_query = "SELECT json_array_elements_text(CAST(%(keys)s AS json))"

    def __init__(self, session: Session) -> None:
        self._session = session

    async def rows(self, query: LiteralString, **values: object) -> Sequence[Row]:
        """See `Reader.rows`."""
        return await self._session.fetch_named(query, values)
