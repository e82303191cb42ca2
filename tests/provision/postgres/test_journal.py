"""The journal in PostgreSQL: what is not the same in each store."""

import pytest

from aiotables.provision.journal import JournalForeign
from aiotables.provision.postgres import PostgresJournal


async def test_journal_belongs_to_one_manifest(url: str) -> None:
    """The first that names itself owns it; who names none takes any."""
    async with PostgresJournal.open(url, manifest="one"):
        pass
    async with PostgresJournal.open(url, manifest="one"), PostgresJournal.open(url):
        pass
    with pytest.raises(JournalForeign, match='is that of the manifest "one", not of "two"'):
        async with PostgresJournal.open(url, manifest="two"):
            pass
