"""The lease: who may write."""

import socket
import sqlite3
from collections.abc import Iterator
from contextlib import closing

import pytest

from aiotables.provision.journal import JournalFenced, JournalForeign, JournalLocked, schema
from aiotables.provision.journal.lease import LEASE_S, Lease, leased


@pytest.fixture
def connection() -> Iterator[sqlite3.Connection]:
    """A new journal in memory."""
    with closing(sqlite3.connect(":memory:", isolation_level=None)) as opened:
        schema.create(opened)
        yield opened


def take(connection: sqlite3.Connection, *, now: float = 100.0, manifest: str | None = None) -> Lease:
    """Take the lease, and let it go at once."""
    with leased(connection, where="jobs", manifest=manifest, clock=lambda: now) as lease:
        return lease


def held_elsewhere(connection: sqlite3.Connection, *, beat_at: float, ended_at: float | None = None) -> None:
    """Another machine's run has it."""
    connection.execute(
        "UPDATE lease SET fence = 7, pid = 77, host = 'build-3', since = 1.0, beat_at = ?, ended_at = ?",
        (beat_at, ended_at),
    )


def test_number_rises(connection: sqlite3.Connection) -> None:
    """Each holder has a number above that of all before."""
    assert [1, 2, 3] == [take(connection).fence for _ in range(3)]


def test_check_beats(connection: sqlite3.Connection) -> None:
    """A check by the holder leaves its time; the end of the block says that the lease is over."""
    now = 100.0
    with leased(connection, where="jobs", manifest=None, clock=lambda: now) as lease:
        now = 107.0
        lease.check(connection)
        assert (107.0, None) == connection.execute("SELECT beat_at, ended_at FROM lease").fetchone()
        assert (socket.gethostname(),) == connection.execute("SELECT host FROM lease").fetchone()

    assert (107.0,) == connection.execute("SELECT ended_at FROM lease").fetchone()


def test_former_holder_is_fenced(connection: sqlite3.Connection) -> None:
    """Whoever held it before finds that out at its next check, and beats no more."""
    former = take(connection)
    take(connection, now=200.0)

    with pytest.raises(JournalFenced, match="The journal in jobs was taken over by another run"):
        former.check(connection)

    assert (200.0,) == connection.execute("SELECT beat_at FROM lease").fetchone()


def test_other_machine_is_waited_for(connection: sqlite3.Connection) -> None:
    """While another machine's heartbeat is young the journal is locked, with its holder named; then it is taken over."""
    held_elsewhere(connection, beat_at=100.0)

    with pytest.raises(JournalLocked, match="process 77 on build-3 since 1970") as caught:
        take(connection, now=100.0 + LEASE_S - 1)

    assert (77, "build-3") == (caught.value.pid, caught.value.host)
    assert (7,) == connection.execute("SELECT fence FROM lease").fetchone()
    assert 8 == take(connection, now=100.0 + LEASE_S).fence


def test_other_machine_that_ended(connection: sqlite3.Connection) -> None:
    """A run that ended by itself on another machine is not waited for."""
    held_elsewhere(connection, beat_at=100.0, ended_at=100.0)

    assert 8 == take(connection, now=100.0).fence


def test_this_machine_is_not_waited_for(connection: sqlite3.Connection) -> None:
    """A run of this machine that was killed is not: its lock is gone, so it is."""
    connection.execute(
        "UPDATE lease SET fence = 7, host = ?, since = 1, beat_at = 100", (socket.gethostname(),)
    )

    assert 8 == take(connection, now=100.0).fence


def test_foreign_journal_is_left(connection: sqlite3.Connection) -> None:
    """A journal of another manifest is not taken, and nothing in it changes."""
    take(connection, manifest="shop")

    with pytest.raises(JournalForeign):
        take(connection, manifest="labels")

    assert (1,) == connection.execute("SELECT fence FROM lease").fetchone()
    assert ("shop",) == connection.execute("SELECT manifest FROM about").fetchone()


def test_broken_transaction_is_left_open(connection: sqlite3.Connection) -> None:
    """After a failed write the lease is not let go of: that would commit half a batch."""
    with leased(connection, where="jobs", manifest=None, clock=lambda: 100.0):
        connection.execute("BEGIN")

    connection.execute("ROLLBACK")
    assert (None,) == connection.execute("SELECT ended_at FROM lease").fetchone()
