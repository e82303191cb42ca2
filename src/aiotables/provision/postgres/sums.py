"""What became of the tables of a run, by the counters of its shards: a million tables are read in a thousand rows."""

from typing import Final

from aiotables.core.classes import frozen
from aiotables.provision.postgres.session import Session


_SUMS: Final = """
    SELECT target, count(*)::int AS shards,
        count(*) FILTER (WHERE state = 'done')::int AS done,
        count(*) FILTER (WHERE state = 'doing')::int AS doing,
        sum(size)::int AS tables, sum(created)::int AS created, sum(adopted)::int AS adopted,
        sum(unchanged)::int AS unchanged, sum(failed)::int AS failed, sum(unknown)::int AS unknown,
        sum(requests)::bigint AS requests
    FROM aiotables.shards WHERE run_id = %(run_id)s GROUP BY target ORDER BY target
"""


@frozen(kw_only=True)
class TargetSums:
    """What became of the tables of one target, by the counters of its shards."""

    target: str
    shards: int
    done: int
    doing: int
    tables: int
    created: int
    adopted: int
    unchanged: int
    failed: int
    unknown: int
    requests: int


async def sums_of(session: Session, run_id: str) -> list[TargetSums]:
    """
    What became of the tables of a run so far, by target.

    Raises:
        DatabaseError: The database is not there.
    """
    return [TargetSums(**row) for row in await session.fetch_named(_SUMS, {"run_id": run_id})]
