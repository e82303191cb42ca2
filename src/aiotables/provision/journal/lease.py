"""
Who may write a journal, kept in the journal itself: a number that rises with each holder, and a heartbeat.

The lock of the operating system is the first line: it goes with its process, and a second run on the machine is refused at
once. This is the second, for folders where such a lock does not reach, as on some network drives. Each transaction checks
that its fencing number is still the journal's, so a run that was frozen while another took over can write nothing more.
"""

import os
import socket
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Final

from aiotables.core.classes import frozen
from aiotables.provision.journal.errors import JournalFenced, JournalForeign, JournalLocked


LEASE_S: Final = 30.0
"""Seconds after the last heartbeat for which a holder on another machine is waited for."""

SURE_S: Final = 15.0
"""
Seconds after a heartbeat for which its holder takes the journal for its own without asking. The others go by clocks of
machines of their own, which may be ahead by the rest.
"""

BEAT_S: Final = 5.0
"""Seconds between the heartbeats of a run that writes nothing."""

_TAKE = """
    UPDATE lease SET fence = fence + 1, pid = :pid, host = :host, since = :now, beat_at = :now, ended_at = NULL
    RETURNING fence
"""
_BEAT = "UPDATE lease SET beat_at = ? WHERE fence = ?"
_RELEASE = "UPDATE lease SET ended_at = ? WHERE fence = ?"


@frozen(kw_only=True)
class Lease:
    """The right to write, as long as nobody took over."""

    fence: int
    """The number of this holder."""

    where: str
    clock: Callable[[], float]

    def check(self, connection: sqlite3.Connection) -> None:
        """
        Beat, inside of a transaction: what else is in it is written only if this is still the holder.

        Raises:
            JournalFenced: Another run took over.
        """
        if connection.execute(_BEAT, (self.clock(), self.fence)).rowcount == 0:
            raise JournalFenced(where=self.where)


@contextmanager
def leased(
    connection: sqlite3.Connection, *, where: str, manifest: str | None, clock: Callable[[], float]
) -> Iterator[Lease]:
    """
    Hold the journal until the end of the block.

    Args:
        connection: The one that writes, in autocommit mode.
        where: The folder, for errors.
        manifest: The name of the manifest whose journal it is to be; `None` asks for none.
        clock: Gives unix seconds.

    Raises:
        JournalForeign: It is the journal of another manifest.
        JournalLocked: Another machine's run holds it, by its heartbeat.
    """
    connection.execute("BEGIN IMMEDIATE")
    try:
        own_manifest(connection, where=where, manifest=manifest)
        _refuse_if_held(connection, where, clock())
        ((fence,),) = connection.execute(
            _TAKE, {"pid": os.getpid(), "host": socket.gethostname(), "now": clock()}
        ).fetchall()
    except BaseException:
        connection.execute("ROLLBACK")
        raise
    connection.execute("COMMIT")
    try:
        yield Lease(fence=fence, where=where, clock=clock)
    finally:
        # After a failure a transaction may be open; that the lease then ends by time alone is as safe.
        if not connection.in_transaction:
            connection.execute(_RELEASE, (clock(), fence))


def own_manifest(connection: sqlite3.Connection, *, where: str, manifest: str | None) -> None:
    """
    Refuse the journal of another manifest, and name one that has no name yet after this one.

    Raises:
        JournalForeign: It is another's.
    """
    refuse_foreign(connection, where=where, manifest=manifest)
    if manifest is not None:
        connection.execute("UPDATE about SET manifest = ? WHERE manifest IS NULL", (manifest,))


def refuse_foreign(connection: sqlite3.Connection, *, where: str, manifest: str | None) -> None:
    """
    Refuse the journal of another manifest; change nothing.

    Raises:
        JournalForeign: It is another's.
    """
    ((owner,),) = connection.execute("SELECT manifest FROM about").fetchall()
    if None not in {owner, manifest} and owner != manifest:
        raise JournalForeign(where=where, owner=owner, manifest=str(manifest))


def _refuse_if_held(connection: sqlite3.Connection, where: str, now: float) -> None:
    query = "SELECT pid, host, since, beat_at, ended_at FROM lease"
    ((pid, host, since, beat_at, ended_at),) = connection.execute(query).fetchall()
    # On this machine the lock of the operating system was asked before: whoever held the lease has ended.
    alive = host not in {None, socket.gethostname()} and ended_at is None
    if alive and beat_at + LEASE_S > now:
        raise JournalLocked(where=where, pid=pid, host=host, since=since)
