"""What is kept in a folder: after a clean end, after SIGKILL, and for other processes meanwhile."""

import asyncio
import signal
import sqlite3
import sys
from collections.abc import Callable, Coroutine
from contextlib import closing
from pathlib import Path
from typing import Any, TypeAlias

import aiohttp
import pytest

from aiotables.emulator import Emulator, ManualClock
from aiotables.emulator.catalogue import open_catalogue
from aiotables.emulator.snapshots import write_snapshot
from aiotables.emulator.sqlite import connect as connect_database


Ask: TypeAlias = Callable[..., Coroutine[Any, Any, Any]]
Connect: TypeAlias = Callable[[Emulator, str | None], Ask]

TABLE = "/projects/acme/table"

SERVER = """
import asyncio, sys
from pathlib import Path
from aiotables.emulator.serve import ServeOptions, serve
asyncio.run(serve(ServeOptions(data=Path(sys.argv[1]))))
"""


def tables_of(file: Path) -> list[str]:
    """The tables in a project's file, as another process sees them."""
    with closing(sqlite3.connect(f"file:{file}?mode=ro", uri=True)) as database:
        return [name for (name,) in database.execute("SELECT name FROM sqlite_master WHERE type = 'table'")]


async def test_state_survives_a_clean_end(tmp_path: Path, connect: Connect, clock: ManualClock) -> None:
    """Projects, tables, columns, indexes, Extruct tables, rows and running work are as before."""
    config = {"kind": "agent", "name": "A", "key": "a", "value": {"agent_type": "llm", "prompt": "x"}}
    async with Emulator(data=tmp_path / "deep" / "folder", clock=clock) as emulator:
        zang, extruct = connect(emulator, "pat_emulator"), connect(emulator, "extruct-emulator")
        made = await zang(
            "POST", TABLE, {"table_name": "a", "columns": [{"column_name": "x", "default_value": 1.5}]}
        )
        added = await zang("POST", "/projects/acme/column/a", {"column_name": "y", "is_unique": True})
        await zang("POST", "/projects/acme/indexes/a", {"columns": ["x"]})
        table = await extruct(
            "POST", "/v1/tables", {"kind": "generic", "tags": ["t"], "column_configs": [config]}
        )
        await extruct("POST", f"/v1/tables/{table.json['id']}/rows", {"rows": [{"data": {}}], "run": True})

    clock.advance(1)
    async with Emulator(data=tmp_path / "deep" / "folder", clock=clock) as emulator:
        zang, extruct = connect(emulator, "pat_emulator"), connect(emulator, "extruct-emulator")
        found = await zang("GET", f"{TABLE}/a")
        index = await zang("POST", "/projects/acme/indexes/a", {"columns": ["x"]})
        second = await zang("POST", TABLE, {"table_name": "b"})
        listed = await extruct("GET", "/v1/tables?tags=t")
        status = (await extruct("GET", f"/v1/tables/{table.json['id']}")).json["status"]

    assert [*made.json["data"]["columns"], added.json["data"]["column"]] == found.json["data"]["columns"]
    assert "index_exists" == index.json["error"]["code"]
    assert (2, 4) == (second.json["data"]["table"]["id"], second.json["data"]["columns"][0]["id"])
    assert [table.json["id"]] == [each["id"] for each in listed.json]
    assert ("idle", 1) == (status["run_status"], status["num_cells_completed"])


async def test_other_processes_can_read_meanwhile(tmp_path: Path, connect: Connect) -> None:
    """The file of a project is plain SQLite in WAL mode, with the tables and nothing else."""
    async with Emulator(data=tmp_path) as emulator:
        zang = connect(emulator, "pat_emulator")
        await zang("POST", TABLE, {"table_name": "a"})
        file = tmp_path / "zangtable" / "acme.sqlite"
        assert ["a", "sqlite_sequence"] == tables_of(file)

        with closing(sqlite3.connect(f"file:{file}?mode=ro", uri=True, isolation_level=None)) as reader:
            reader.execute("BEGIN")
            reader.execute("SELECT count(*) FROM sqlite_master").fetchone()
            assert ("wal",) == reader.execute("PRAGMA journal_mode").fetchone()
            assert 201 == (await zang("POST", TABLE, {"table_name": "b"})).status

    assert ["a", "sqlite_sequence", "b"] == tables_of(file)


async def test_a_data_folder_of_another_version(tmp_path: Path) -> None:
    """What cannot be read is left alone, and nothing stays open."""
    with closing(sqlite3.connect(tmp_path / "emulator.sqlite")) as other:
        other.execute("PRAGMA user_version = 99")

    with pytest.raises(ValueError, match="use another folder"):
        await Emulator(data=tmp_path).__aenter__()


async def test_projects_that_cannot_be_opened_leave_nothing_open(tmp_path: Path) -> None:
    """An error at the start closes what was opened by then."""
    (tmp_path / "zangtable").write_text("not a folder")

    with pytest.raises(FileExistsError):
        await Emulator(data=tmp_path).__aenter__()


async def create_many(url: str, answered: list[str]) -> None:
    """Create tables until the emulator is gone; keep the names of those that were answered."""
    async with aiohttp.ClientSession(url, headers={"Authorization": "Bearer pat_emulator"}) as session:

        async def worker(number: int) -> None:
            for turn in range(100_000):
                name = f"t{number}_{turn}"
                async with session.post(TABLE, json={"table_name": name}) as response:
                    assert 201 == response.status
                answered.append(name)

        await asyncio.gather(*map(worker, range(8)), return_exceptions=True)


@pytest.mark.parametrize("tables", [1, 40, 120])
async def test_state_survives_sigkill(tmp_path: Path, connect: Connect, tables: int) -> None:
    """What was answered is there; what was not is there whole or not at all; and work goes on."""
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-c", SERVER, str(tmp_path), stdout=asyncio.subprocess.PIPE
    )
    assert process.stdout is not None
    url = (await process.stdout.readline()).decode().split()[-1]
    answered: list[str] = []
    creating = asyncio.create_task(create_many(url, answered))
    async with asyncio.timeout(60):
        while len(answered) < tables:  # noqa: ASYNC110 - any moment is as good
            await asyncio.sleep(0.001)
    process.send_signal(signal.SIGKILL)
    await process.wait()
    await creating

    async with Emulator(data=tmp_path) as emulator:
        zang = connect(emulator, "pat_emulator")
        names = emulator.table_names("acme")
        statuses = {(await zang("GET", f"{TABLE}/{name}")).status for name in names}
        with closing(sqlite3.connect(tmp_path / "emulator.sqlite")) as catalogue:
            known = {name for (name,) in catalogue.execute("SELECT name FROM project_table")}
        more = await zang("POST", TABLE, {"table_name": "more"})

    assert set(answered) <= set(names)
    assert known == set(names)
    assert len(names) == len(set(names)) <= len(answered) + 8
    assert {200} == statuses
    assert 201 == more.status


async def test_no_id_comes_again(tmp_path: Path, connect: Connect, clock: ManualClock) -> None:
    """An emulator that goes on with a folder makes other ids, though its seed is the same."""
    config = {"kind": "agent", "name": "A", "key": "a", "value": {"agent_type": "llm", "prompt": "x"}}
    made = set[str]()
    for _ in range(3):
        async with Emulator(data=tmp_path, clock=clock) as emulator:
            extruct = connect(emulator, "extruct-emulator")
            table = await extruct("POST", "/v1/tables", {"kind": "generic", "column_configs": [config]})
            rows = f"/v1/tables/{table.json['id']}/rows"
            row = await extruct("POST", rows, {"rows": [{"data": {}}], "run": True})
            assert (200, 200) == (table.status, row.status)
            made |= {table.json["id"], *(column["id"] for column in table.json["columns"])}

    assert 6 == len(made)


async def test_a_reset_gives_the_first_ids_again(connect: Connect, clock: ManualClock) -> None:
    """After it the same calls are answered the same."""
    async with Emulator(clock=clock) as emulator:
        zang, extruct = connect(emulator, "pat_emulator"), connect(emulator, "extruct-emulator")
        answers = []
        for _ in range(2):
            table = await zang("POST", TABLE, {"table_name": "a"})
            answers.append((table.json, (await extruct("POST", "/v1/tables", {"name": "b"})).json))
            emulator.reset()

    assert answers[0] == answers[1]


@pytest.mark.parametrize("on_disk", [False, True])
async def test_a_snapshot_in_another_emulator(
    tmp_path: Path, connect: Connect, clock: ManualClock, *, on_disk: bool
) -> None:
    """Projects, tokens, tables and rows are there, nothing else is, and what is made next has new ids."""
    file = tmp_path / "s.zip"
    async with Emulator(clock=clock, projects={"shop": "pat_shop"}) as emulator:
        zang, extruct = connect(emulator, "pat_shop"), connect(emulator, "extruct-emulator")
        await zang("POST", "/projects/shop/table", {"table_name": "a", "columns": [{"column_name": "x"}]})
        emulator.add_records("shop", "a", [{"x": "1"}, {"x": "2"}])
        made = (await extruct("POST", "/v1/tables", {"name": "b"})).json["id"]
        emulator.snapshot(file)

    async with Emulator(clock=clock, data=tmp_path / "data" if on_disk else None) as emulator:
        zang, extruct = connect(emulator, "pat_shop"), connect(emulator, "extruct-emulator")
        await connect(emulator, "pat_emulator")("POST", TABLE, {"table_name": "gone"})
        emulator.restore(file)
        rows = (await zang("GET", "/projects/shop/records/a")).json["data"]["rows"]
        more = await extruct("POST", "/v1/tables", {"name": "b"})

        assert ["shop"] == emulator.projects
        assert ["1", "2"] == [row["x"] for row in rows]
        assert [made, more.json["id"]] == [table_id for table_id, _, _ in emulator.extruct_tables()]
        assert made != more.json["id"]


def spoilt(file: Path, statement: str) -> None:
    """Write a snapshot whose catalogue was changed."""
    with closing(open_catalogue(None)) as catalogue:
        catalogue.execute(
            "INSERT INTO project (slug, name, created_at, updated_at) VALUES ('acme', 'a', 't', 't')"
        )
        catalogue.execute(statement)
        write_snapshot(file, [("emulator.sqlite", catalogue)])


@pytest.mark.parametrize(
    ("statement", "says"),
    [
        ("PRAGMA user_version = 1", "is of version 1, this emulator reads"),
        ("UPDATE project SET slug = 'acme'", "lacks the databases of acme"),
        ("UPDATE project SET slug = '../acme'", "lacks the databases of ../acme"),
    ],
)
async def test_a_snapshot_that_is_wrong(
    tmp_path: Path, emulator: Emulator, statement: str, says: str
) -> None:
    """Nothing is changed by a snapshot that is of another version, or not whole, or that leads elsewhere."""
    file = tmp_path / "s.zip"
    spoilt(file, statement)

    with pytest.raises(ValueError, match=says):
        emulator.restore(file)

    assert ["acme"] == emulator.projects


async def test_an_archive_without_a_catalogue(tmp_path: Path, emulator: Emulator) -> None:
    """Databases of something else are no snapshot."""
    file = tmp_path / "s.zip"
    with closing(connect_database(None)) as database:
        write_snapshot(file, [("other.sqlite", database)])

    with pytest.raises(ValueError, match=r"holds no emulator\.sqlite"):
        emulator.restore(file)
