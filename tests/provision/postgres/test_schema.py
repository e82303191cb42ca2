"""The tables in PostgreSQL."""

import asyncio

import pytest

from aiotables.provision.postgres import DatabaseError, Session, schema
from aiotables.provision.postgres.schema import MIGRATIONS, VERSION, migrate


async def _names(session: Session) -> set[str]:
    rows = await session.fetch(
        "SELECT table_name FROM information_schema.tables WHERE table_schema = 'aiotables'"
    )
    return {name for (name,) in rows}


async def test_tables_are_made_once(url: str) -> None:
    """However many begin at the same time, the tables are made, and made once."""
    sessions = [Session(url) for _ in range(4)]
    await asyncio.gather(*(migrate(session) for session in sessions))

    assert {"version", "owner", "runs", "facts", "steps", "shards", "limits", "turn"} == await _names(
        sessions[0]
    )
    assert [(VERSION,)] == await sessions[0].fetch("SELECT max(version) FROM aiotables.version")
    await asyncio.gather(*(session.__aexit__(None, None, None) for session in sessions))


async def test_older_tables_are_brought_up_to_date(url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """What was made by the first version gets what the later ones added."""
    async with Session(url) as session:
        monkeypatch.setattr(schema, "MIGRATIONS", MIGRATIONS[:1])
        monkeypatch.setattr(schema, "VERSION", 1)
        await migrate(session)
        monkeypatch.undo()

        await migrate(session)

        assert [] == await session.fetch("SELECT level, needs, bad FROM aiotables.shards")
        assert [(n,) for n in range(1, VERSION + 1)] == await session.fetch(
            "SELECT version FROM aiotables.version ORDER BY version"
        )


async def test_newer_tables_are_refused(session: Session) -> None:
    """Tables of a version that this release does not know are left alone."""
    await session.execute("INSERT INTO aiotables.version VALUES (99)")

    with pytest.raises(
        DatabaseError, match=f"has tables of version 99; this aiotables knows {VERSION}: use the one"
    ):
        await migrate(session)


def test_version_counts_the_migrations() -> None:
    """Each migration is a version."""
    assert len(MIGRATIONS) == VERSION
