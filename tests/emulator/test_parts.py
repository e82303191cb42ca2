"""What an open emulator is made of."""

import sqlite3

import aiohttp
import pytest

from aiotables.emulator import Emulator


async def test_operations_of_both_services(emulator: Emulator) -> None:
    """All of them, in alphabetical order."""
    names = emulator._open.operation_names

    assert sorted(names) == list(names)
    assert {"zangtable.create_table", "extruct.create_table"} < set(names)


async def test_closing() -> None:
    """Afterwards nobody listens and no database is open."""
    emulator = Emulator()
    async with emulator:
        parts, url = emulator._open, emulator.url

    with pytest.raises(sqlite3.ProgrammingError, match="closed"):
        parts.store.catalogue.execute("SELECT 1")
    async with aiohttp.ClientSession(url) as session:
        with pytest.raises(aiohttp.ClientConnectorError):
            await session.get("/_emulator/state")
