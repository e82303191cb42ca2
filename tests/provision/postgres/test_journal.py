"""The journal in PostgreSQL: what is not the same in each store."""

import pytest

from aiotables.provision.journal import JournalForeign
from aiotables.provision.postgres import DatabaseError, PostgresJournal


async def test_run_ends_once_it_began(url: str) -> None:
    """How a run ended is kept; one that never began is an error."""
    async with PostgresJournal.open(url) as journal:
        run = await journal.begin_run("m.yaml", "0", command="settle")
        await journal.end_run(run.run_id, "done")
        last = await journal.last_run()

        assert last is not None
        assert (run.run_id, "settle", "done") == (last.run_id, last.command, last.ending)
        with pytest.raises(DatabaseError, match=r"knows no run run_x$"):
            await journal.end_run("run_x", "done")


async def test_journal_belongs_to_one_manifest(url: str) -> None:
    """The first that names itself owns it; who names none takes any."""
    async with PostgresJournal.open(url, manifest="one"):
        pass
    async with PostgresJournal.open(url, manifest="one"), PostgresJournal.open(url):
        pass
    with pytest.raises(JournalForeign, match='is that of the manifest "one", not of "two"'):
        async with PostgresJournal.open(url, manifest="two"):
            pass
