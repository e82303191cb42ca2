"""One at a time."""

import asyncio
import os

import psycopg
import pytest

from aiotables.provision.journal import JournalFenced, JournalLocked, Outcome, OutcomeKind
from aiotables.provision.postgres import PostgresJournal, Session
from aiotables.provision.postgres.journal import alone_in
from aiotables.provision.postgres.turn import holder


async def test_second_is_refused(url: str) -> None:
    """Whoever comes second is told who is there, and comes in when that one has left."""
    async with alone_in(url), Session(url) as session:
        with pytest.raises(JournalLocked, match=f"is held by process {os.getpid()} on ") as told:
            async with alone_in(url):
                pass
        held = await holder(session)
    async with alone_in(url):
        pass

    assert os.getpid() == told.value.pid
    assert held is not None
    assert str(told.value) == str(held)


async def test_nobody(session: Session) -> None:
    """Nobody holds a database that is only read."""
    assert await holder(session) is None


async def _end_others(url: str) -> None:
    async with await psycopg.AsyncConnection.connect(url, autocommit=True) as connection:
        await connection.execute(
            "SELECT pg_terminate_backend(pid) FROM pg_locks WHERE locktype = 'advisory' AND pid <> pg_backend_pid()"
        )


async def test_lost_connection(url: str) -> None:
    """With a new connection it goes on, when nobody was there meanwhile."""
    async with alone_in(url, patience=10.0) as session:
        await _end_others(url)

        assert [(1,)] == await session.fetch("SELECT 1")
        with pytest.raises(JournalLocked):
            async with alone_in(url):
                pass


async def test_taken_over(url: str) -> None:
    """When somebody was there meanwhile, it writes nothing more, and says so as a fenced run on one machine does."""
    async with PostgresJournal.alone(url, patience=10.0) as journal:
        run = await journal.begin_run("m.yaml", "0", command="settle")
        await _end_others(url)
        async with alone_in(url):
            pass
        fact = Outcome(
            run_id=run.run_id, target="crm", key="a", step="create", at=1.0, outcome=OutcomeKind.ABSENT
        )

        with pytest.raises(JournalFenced, match="was taken over by another run, so this one stops"):
            await journal.outcome(fact)


async def test_own_connection_that_the_server_still_holds(url: str) -> None:
    """A link that was cut holds the journal until the server notices; that is waited for."""
    async with alone_in(url, patience=10.0) as session:
        ((first,),) = await session.fetch("SELECT pg_backend_pid()")
        # What the client does when the link is cut; the server's end stays as it is.
        lost, session._connection = session._connection, None
        assert lost is not None
        question = asyncio.create_task(session.fetch("SELECT pg_backend_pid()"))
        await asyncio.sleep(0.3)
        assert not question.done()
        await lost.close()

        ((second,),) = await question

    assert first != second
