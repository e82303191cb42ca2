"""What a run of workers may take: how many tables may fail, how many requests may be sent, for how long it may go on."""

from typing import Final

from attrs import asdict
from psycopg.types.json import Jsonb

from aiotables.core.classes import frozen
from aiotables.core.counting import counted
from aiotables.provision.course import Rules
from aiotables.provision.postgres.session import Session


_SO_FAR: Final = """
    SELECT bounds, coalesce(sum(failed + unknown), 0)::int, coalesce(sum(requests), 0)::bigint,
        extract(epoch FROM clock_timestamp() - started_at)::float8
    FROM aiotables.runs AS r LEFT JOIN aiotables.shards AS s ON s.run_id = r.run_id
    WHERE r.run_id = %s AND bounds IS NOT NULL AND ended_at IS NULL AND NOT cancelling
    GROUP BY r.run_id
"""

_STOP: Final = """
    UPDATE aiotables.runs SET cancelling = true, stopped = %(reason)s
    WHERE run_id = %(run_id)s AND ended_at IS NULL AND NOT cancelling
        AND EXISTS (SELECT FROM aiotables.shards WHERE run_id = %(run_id)s AND state <> 'done')
"""


@frozen(kw_only=True)
class Bounds:
    """Beyond them no table is begun any more; `None` is no bound."""

    failures: int | None = None
    """Tables that failed, or whose outcome is unknown."""

    requests: int | None = None
    seconds: float | None = None

    @classmethod
    def of(cls, rules: Rules, tables: int) -> "Bounds":
        """Those of the rules, for a run of so many tables."""
        allowed = rules.max_failures
        return cls(
            failures=None if allowed is None else allowed.of(tables),
            requests=rules.max_requests,
            seconds=rules.max_seconds,
        )

    def to_json(self) -> Jsonb | None:
        """As the database has it; null when there are none."""
        return None if self == Bounds() else Jsonb(asdict(self))

    def exceeded(self, *, failures: int, requests: int, seconds: float) -> str | None:
        """Why no table is to be begun any more."""
        if self.failures is not None and failures > self.failures:
            return f"{counted(failures, 'table')} failed, and {self.failures:,} may"
        if self.requests is not None and requests >= self.requests:
            return f"{counted(requests, 'request was', 'requests were')} sent; {self.requests:,} are allowed"
        if self.seconds is not None and seconds >= self.seconds:
            return f"{seconds:,.0f} s are over; {self.seconds:,g} s are allowed"
        return None


async def stop_if_exceeded(session: Session, run_id: str) -> bool:
    """Have no table of a run begun any more when it took what it may, by what its shards say. Says whether that is so."""
    for bounds, failures, requests, seconds in await session.fetch(_SO_FAR, (run_id,)):
        reason = Bounds(**bounds).exceeded(failures=failures, requests=requests, seconds=seconds)
        if reason is not None:
            return await session.execute(_STOP, {"reason": reason, "run_id": run_id}) > 0
    return False
