"""One connection that is made again when it is lost."""

import asyncio

import psycopg
import pytest
from psycopg.conninfo import conninfo_to_dict, make_conninfo

from aiotables.provision.postgres import DatabaseError, Refused, Session
from aiotables.provision.postgres.session import Connection, place, with_keepalives


async def _backend(session: Session) -> int:
    ((pid,),) = await session.fetch("SELECT pg_backend_pid()")
    return int(pid)


async def _kill(url: str, pid: int) -> None:
    async with await psycopg.AsyncConnection.connect(url, autocommit=True) as connection:
        await connection.execute("SELECT pg_terminate_backend(%s)", (pid,))


async def test_connection_is_kept(session: Session) -> None:
    """One connection serves all that is asked."""
    assert await _backend(session) == await _backend(session)


async def test_rows_by_name(session: Session) -> None:
    """Rows can be asked for by the names of their columns."""
    assert [{"one": 1, "two": "b"}] == await session.fetch_named(
        "SELECT %(one)s AS one, 'b' AS two", {"one": 1}
    )


async def test_lost_connection_is_made_again(url: str, session: Session) -> None:
    """When the server ends the connection, the next question is answered by a new one."""
    pid = await _backend(session)
    await _kill(url, pid)

    assert pid != await _backend(session)


async def test_lost_transaction_is_begun_anew(url: str, session: Session) -> None:
    """What a transaction did before it was lost is undone, and it is done whole the second time."""
    await session.execute("CREATE TABLE aiotables.seen (number int)")
    tries = 0

    async def work(connection: Connection) -> None:
        nonlocal tries
        tries += 1
        await connection.execute("INSERT INTO aiotables.seen VALUES (%s)", (tries,))
        if tries == 1:
            await _kill(url, connection.info.backend_pid)
            await connection.execute("SELECT 1")

    await session.run(work)

    assert [(2,)] == await session.fetch("SELECT number FROM aiotables.seen")


async def test_refusal_is_told_at_once(session: Session) -> None:
    """What the database will not do is not tried again, and the session is good for more."""
    with pytest.raises(Refused, match=r'^The database .* refused: relation "nothing" does not exist'):
        await session.fetch("SELECT * FROM nothing")

    assert [(1,)] == await session.fetch("SELECT 1")


async def test_waiting_is_told(caplog: pytest.LogCaptureFixture) -> None:
    """Who waits for a database that stays away hears of it, once, without the password."""
    async with Session("postgresql://me:pass-word@127.0.0.1:1/none", patience=4) as session:
        with pytest.raises(DatabaseError):
            await session.fetch("SELECT 1")

    (told,) = [record.getMessage() for record in caplog.records if record.name == "aiotables.database"]
    assert "the database 127.0.0.1:1/none is not there: " in told
    assert "trying for another" in told
    assert "pass-word" not in told


async def test_patience_ends() -> None:
    """A database that stays away is an error that says which one, and not by which password."""
    url = "postgresql://me:pass-word@127.0.0.1:1/shop"
    async with Session(url, patience=0.3) as session:
        with pytest.raises(DatabaseError, match=r"^The database 127\.0\.0\.1:1/shop is not there: ") as told:
            await session.fetch("SELECT 1")

    assert "pass-word" not in str(told.value)


async def test_who_may_not_connect_is_told_at_once(url: str) -> None:
    """A user or a database that is not known is not waited for; the password is not told."""
    unknown = make_conninfo(url, user="nobody", password="pass-word")
    async with Session(unknown) as session:
        with pytest.raises(Refused, match=r'refused: .* role "nobody" does not exist$') as told:
            await session.fetch("SELECT 1")

    assert "pass-word" not in str(told.value)


async def test_cancelled_question_leaves_nothing_behind(session: Session) -> None:
    """After a cancellation the next answer is that of the next question."""
    task = asyncio.create_task(session.fetch("SELECT pg_sleep(5)"))
    await asyncio.sleep(0.2)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task

    assert [(2,)] == await session.fetch("SELECT 2")


def test_dead_links_are_noticed() -> None:
    """Keep-alives are set where the URL does not set them, of both ends; the last setting of an option counts."""
    told = with_keepalives("postgresql://db/shop?keepalives_idle=7&options=-c%20tcp_user_timeout%3D9")

    assert " keepalives_idle=7 " in f" {told} "
    assert " tcp_user_timeout=15000 " in f" {told} "
    options = conninfo_to_dict(told)["options"]
    assert isinstance(options, str)
    assert options.startswith("-c tcp_keepalives_idle=5 ")
    assert options.endswith("-c tcp_user_timeout=15000 -c tcp_user_timeout=9")


async def test_transaction_that_stands_still(url: str, session: Session) -> None:
    """Where the database ends such, what it had locked is free meanwhile, and it is begun anew when it goes on."""
    await session.execute("CREATE TABLE things AS SELECT 1 AS id")
    began, free = asyncio.Event(), asyncio.Event()

    async def hold(connection: Connection) -> int:
        await connection.execute("SELECT * FROM things FOR UPDATE")
        if not began.is_set():
            began.set()
            await free.wait()
        return (await connection.execute("UPDATE things SET id = id + 1")).rowcount

    impatient = f"{url}&options=-c%20idle_in_transaction_session_timeout%3D200ms"
    async with Session(impatient) as frozen, asyncio.timeout(60):
        holding = asyncio.create_task(frozen.run(hold))
        await began.wait()
        assert [(1,)] == await session.fetch("SELECT * FROM things FOR UPDATE")
        free.set()
        assert 1 == await holding

    assert [(2,)] == await session.fetch("SELECT * FROM things")


async def test_settings_of_the_other_end(url: str) -> None:
    """The database takes them, and what the URL sets itself stays."""
    async with Session(f"{url}&options=-c%20lock_timeout%3D7s") as session:
        assert [("7s",)] == await session.fetch("SHOW lock_timeout")


def test_place() -> None:
    """A database is shown by host, port and name alone."""
    assert "db:5433/shop" == place("postgresql://me:secret@db:5433/shop")
    assert "localhost/" == place("")
