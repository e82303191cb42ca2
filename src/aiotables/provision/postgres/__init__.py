"""
What many workers share, in one PostgreSQL database: the journal, the shards of a run, the rate limits.

It needs the extra `scale`: `pip install 'aiotables[scale]'`.
"""

from aiotables.provision.postgres.journal import PostgresJournal
from aiotables.provision.postgres.limiter import PostgresLimiter, limit_of
from aiotables.provision.postgres.moving import Moved, move
from aiotables.provision.postgres.schema import migrate
from aiotables.provision.postgres.session import DatabaseError, Refused, Session
from aiotables.provision.postgres.writer import HoldLost


__all__ = [
    "DatabaseError",
    "HoldLost",
    "Moved",
    "PostgresJournal",
    "PostgresLimiter",
    "Refused",
    "Session",
    "limit_of",
    "migrate",
    "move",
]
