"""Very many creates at once: each succeeds or conflicts as it must, and the databases never refuse."""

import asyncio
import sqlite3
from collections import Counter
from collections.abc import AsyncIterator, Iterable, Iterator
from contextlib import asynccontextmanager, closing, contextmanager
from pathlib import Path

import aiohttp
import pytest

from aiotables.emulator import Emulator
from aiotables.emulator.catalogue import FILE_NAME


CREATES = 2000
TOKEN = "pat_x"
PROJECTS = [f"p{number}" for number in range(100)]


@asynccontextmanager
async def opened(data: Path | None) -> AsyncIterator[tuple[Emulator, aiohttp.ClientSession]]:
    """An emulator of a hundred projects, and a session of many connections."""
    headers = {"Authorization": f"Bearer {TOKEN}"}
    async with (
        Emulator(data=data, projects=dict.fromkeys(PROJECTS, TOKEN), extruct_token=TOKEN) as emulator,
        aiohttp.ClientSession(
            emulator.url, headers=headers, connector=aiohttp.TCPConnector(limit=200)
        ) as session,
    ):
        yield emulator, session


async def created(session: aiohttp.ClientSession, calls: Iterable[tuple[str, object]]) -> Counter[int]:
    """How often each status was answered to creates that are all under way at once."""

    async def create(path: str, body: object) -> int:
        async with session.post(path, json=body) as response:
            await response.read()
            return response.status

    return Counter(await asyncio.gather(*(create(path, body) for path, body in calls)))


@contextmanager
def read_from_elsewhere(*files: Path) -> Iterator[None]:
    """Other programs that look at the files, and do not let go of what they see."""
    readers = [sqlite3.connect(file, isolation_level=None) for file in files]
    try:
        for reader in readers:
            reader.execute("BEGIN")
            reader.execute("SELECT count(*) FROM sqlite_master").fetchone()
        yield
    finally:
        for reader in readers:
            reader.close()


@pytest.mark.slow
@pytest.mark.parametrize("kept", [False, True], ids=["in memory", "in a folder"])
async def test_creates_in_one_project(tmp_path: Path, *, kept: bool) -> None:
    """Each name is asked for twice: one call makes the table, the other hears that it is there."""
    calls = [("/projects/p0/table", {"table_name": f"t{number // 2}"}) for number in range(CREATES)]
    async with opened(tmp_path if kept else None) as (emulator, session):
        statuses = await created(session, calls)
        names = emulator.table_names("p0")

    assert {201: CREATES // 2, 409: CREATES // 2} == statuses
    assert {f"t{number}" for number in range(CREATES // 2)} == set(names)
    assert CREATES // 2 == len(names)


@pytest.mark.slow
@pytest.mark.parametrize("kept", [False, True], ids=["in memory", "in a folder"])
async def test_creates_in_a_hundred_projects(tmp_path: Path, *, kept: bool) -> None:
    """The same names in all projects are no conflict, and none lands in another project."""
    calls = [
        (f"/projects/{PROJECTS[number % 100]}/table", {"table_name": f"t{number // 100}"})
        for number in range(CREATES)
    ]
    async with opened(tmp_path if kept else None) as (emulator, session):
        statuses = await created(session, calls)
        names = [sorted(emulator.table_names(project)) for project in PROJECTS]

    assert {201: CREATES} == statuses
    assert [sorted(f"t{number}" for number in range(CREATES // 100))] * 100 == names
    if kept:
        for project in PROJECTS:
            with closing(sqlite3.connect(tmp_path / "zangtable" / f"{project}.sqlite")) as database:
                assert [("ok",)] == database.execute("PRAGMA integrity_check").fetchall()


@pytest.mark.slow
async def test_creates_while_others_read(tmp_path: Path) -> None:
    """Readers of the files hold up no create of either service."""
    calls: list[tuple[str, object]] = [
        (("/v1/tables", {"name": f"t{number}"}), ("/projects/p0/table", {"table_name": f"t{number}"}))[
            number % 2
        ]
        for number in range(CREATES)
    ]
    async with opened(tmp_path) as (emulator, session):
        with read_from_elsewhere(tmp_path / FILE_NAME, tmp_path / "zangtable" / "p0.sqlite"):
            statuses = await created(session, calls)
        assert CREATES // 2 == len(emulator.extruct_tables()) == emulator.count_tables("p0")

    assert {200: CREATES // 2, 201: CREATES // 2} == statuses
