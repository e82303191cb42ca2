"""
One at a time: who changes the journal of a database and is no worker, has it to itself.

The lock is an advisory one of PostgreSQL: it goes with its connection, so none is left behind. Whoever lost its
connection takes it again with the next, and sees by a number that rises with each holder whether somebody else had it
meanwhile; then it writes nothing more.
"""

import os
import socket
from typing import Final

from psycopg import OperationalError

from aiotables.provision.journal import JournalFenced, JournalLocked
from aiotables.provision.postgres.session import Connection, Session


# Any number; nobody else uses it.
_KEY: Final = 0x61694A75

_LOCK: Final = "SELECT pg_try_advisory_lock(%s)"

# Nobody else's lock has this number: the high half of it is 0.
_IS_LOCKED: Final = """
    SELECT EXISTS (
        SELECT FROM pg_locks AS l JOIN pg_database AS d ON d.oid = l.database
        WHERE d.datname = current_database() AND l.locktype = 'advisory' AND l.classid = 0 AND l.objid = %s
            AND l.objsubid = 1 AND l.granted
    )
"""

_HOLDER: Final = "SELECT fence, pid, host, extract(epoch FROM since)::float8 FROM aiotables.turn"

_TAKE: Final = """
    UPDATE aiotables.turn SET fence = fence + 1, pid = %s, host = %s, since = clock_timestamp() RETURNING fence
"""

# A holder whose machine is cut off would keep everybody out for hours.
_ALIVE: Final = (
    "SET tcp_keepalives_idle = 5",
    "SET tcp_keepalives_interval = 2",
    "SET tcp_keepalives_count = 3",
)


class Turn:
    """
    The right to change the journal alone; `take` prepares each connection of a `Session`.

    Args:
        where: The database, for errors.
    """

    def __init__(self, where: str) -> None:
        self._where = where
        self._fence: int | None = None

    async def take(self, connection: Connection) -> None:
        """
        Take the lock with a new connection.

        Raises:
            JournalLocked: Another process has it.
            JournalFenced: Another one had it since this one lost its connection.
        """
        ((taken,),) = await (await connection.execute(_LOCK, (_KEY,))).fetchall()
        ((fence, pid, host, since),) = await (await connection.execute(_HOLDER)).fetchall()
        if self._fence not in {None, fence}:
            raise JournalFenced(where=self._where)
        if not taken and self._fence is None:
            raise JournalLocked(where=self._where, pid=pid, host=host, since=since)
        if not taken:
            # The server has not noticed yet that our last connection is lost.
            message = "the connection that was lost still holds the journal"
            raise OperationalError(message)
        for setting in _ALIVE:
            await connection.execute(setting)
        if self._fence is None:
            mine = (os.getpid(), socket.gethostname())
            ((self._fence,),) = await (await connection.execute(_TAKE, mine)).fetchall()


async def holder(session: Session) -> JournalLocked | None:
    """
    Who changes the journal alone at this moment, as the error that another one would get; `None` when nobody does.

    Raises:
        DatabaseError: The database is not there.
    """
    ((locked,),) = await session.fetch(_IS_LOCKED, (_KEY,))
    if not locked:
        return None
    ((_, pid, host, since),) = await session.fetch(_HOLDER)
    return JournalLocked(where=session.where, pid=pid, host=host, since=since)
