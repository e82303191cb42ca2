"""Projects, tables and rows in pages."""

import sqlite3
from collections.abc import Callable, Coroutine
from typing import Any, TypeAlias

import pytest

from aiotables.emulator import Emulator
from aiotables.emulator.inspector import tables as module
from aiotables.emulator.inspector.tables import MOST_COLUMNS, ROWS, Shelf


Ask: TypeAlias = Callable[..., Coroutine[Any, Any, Any]]

TABLE = "/projects/acme/table"
HOSTILE = "<img src=x onerror=alert(1)>"


@pytest.fixture
def shelf(emulator: Emulator) -> Shelf:
    """What the emulator holds."""
    return Shelf(emulator._open.store)


async def test_names(shelf: Shelf, emulator: Emulator, zang: Ask, extruct: Ask) -> None:
    """All projects with their tables, empty ones too, and the tables of Extruct, oldest first."""
    emulator.add_project("other", "x")
    for name in ("b", "a"):
        await zang("POST", TABLE, {"table_name": name})
    made = await extruct("POST", "/v1/tables", {"name": HOSTILE})

    assert {
        "projects": [
            {"slug": "acme", "name": "acme", "total": 2, "tables": [{"name": "b"}, {"name": "a"}]},
            {"slug": "other", "name": "other", "total": 0, "tables": []},
        ],
        "projects_total": 2,
        "extruct": {"total": 1, "tables": [{"id": made.json["id"], "name": HOSTILE, "rows": 0}]},
    } == shelf.names("")
    assert {"projects": 2, "tables": 2, "extruct_tables": 1} == shelf.counts()


@pytest.mark.parametrize(
    ("search", "found"),
    [
        ("CONT", {"acme": ["contacts"]}),
        ("acm", {"acme": ["contacts", "deals"]}),
        ("%", {}),
        ("'", {}),
        ("zork", {}),
    ],
)
async def test_search(
    shelf: Shelf, emulator: Emulator, zang: Ask, search: str, found: dict[str, list[str]]
) -> None:
    """By any part of the name of a table or a project; nothing in it is a pattern or SQL."""
    emulator.add_project("other", "x")
    for name in ("contacts", "deals"):
        await zang("POST", TABLE, {"table_name": name})

    projects = shelf.names(search)["projects"]

    assert found == {each["slug"]: [table["name"] for table in each["tables"]] for each in projects}


async def test_lists_have_a_bound(
    shelf: Shelf, emulator: Emulator, zang: Ask, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Of one project, and of all together; how many there are is told."""
    monkeypatch.setattr(module, "MOST_OF_A_PROJECT", 2)
    monkeypatch.setattr(module, "MOST_NAMES", 3)
    monkeypatch.setattr(module, "MOST_PROJECTS", 2)
    for slug in ("two", "three"):
        emulator.add_project(slug, "pat_emulator")
    for slug in ("acme", "two"):
        for name in "abc":
            await zang("POST", f"/projects/{slug}/table", {"table_name": name})

    shown = shelf.names("")

    assert [("acme", 3, 2), ("two", 3, 1)] == [
        (each["slug"], each["total"], len(each["tables"])) for each in shown["projects"]
    ]
    assert 3 == shown["projects_total"]


async def test_rows(shelf: Shelf, emulator: Emulator, zang: Ask) -> None:
    """Columns with what is special of them, and the rows of a page."""
    columns = [
        {"column_name": "name", "is_nullable": False, "is_unique": True},
        {"column_name": "score", "column_type": "REAL", "default_value": 0.5},
    ]
    await zang("POST", TABLE, {"table_name": "Contacts", "display_name": HOSTILE, "columns": columns})
    emulator.add_records("acme", "contacts", [{"name": f"n{at}"} for at in range(ROWS + 1)])

    first, last = shelf.rows("acme", "contacts", 0), shelf.rows("acme", "CONTACTS", ROWS)

    assert ("Contacts", HOSTILE, ROWS + 1, 3) == (
        first["name"],
        first["label"],
        first["total"],
        first["columns_total"],
    )
    assert [
        {"name": "id", "type": "INTEGER", "notes": ["primary key"]},
        {"name": "name", "type": "TEXT", "notes": ["unique", "not null"]},
        {"name": "score", "type": "REAL", "notes": ["default 0.5"]},
    ] == first["columns"]
    assert ROWS == len(first["rows"])
    assert [["51", "n50", "0.5"]] == [[each["text"] for each in row] for row in last["rows"]]


async def test_a_wide_table(shelf: Shelf, zang: Ask) -> None:
    """The first columns alone, and how many there are."""
    columns = [{"column_name": f"c{at}"} for at in range(MOST_COLUMNS)]
    await zang("POST", TABLE, {"table_name": "wide", "columns": columns})

    shown = shelf.rows("acme", "wide", 0)

    assert (MOST_COLUMNS, MOST_COLUMNS + 1) == (len(shown["columns"]), shown["columns_total"])


async def test_rows_that_take_too_long(
    shelf: Shelf, emulator: Emulator, zang: Ask, monkeypatch: pytest.MonkeyPatch
) -> None:
    """They are not waited for, since all calls would wait, too."""
    await zang("POST", TABLE, {"table_name": "large"})
    emulator.add_records("acme", "large", [{} for _ in range(20_000)])
    monkeypatch.setattr(module, "SECONDS", -1)

    shown = shelf.rows("acme", "large", 19_990)

    assert (None, 0) == (shown["rows"], shown["offset"] - 19_990)


async def test_a_database_that_cannot_be_read(shelf: Shelf, emulator: Emulator, zang: Ask) -> None:
    """Any other trouble is not taken for slowness."""
    await zang("POST", TABLE, {"table_name": "a"})
    store = emulator._open.store
    project_id = store.project_databases.find("acme")
    assert project_id is not None
    store.project_databases.database(project_id, "acme").execute("DROP TABLE a")

    with pytest.raises(sqlite3.OperationalError, match="no such table"):
        shelf.rows("acme", "a", 0)


async def test_rows_of_extruct(shelf: Shelf, extruct: Ask) -> None:
    """A column for each key, and a cell that was asked for tells how far it is."""
    made = (await extruct("POST", "/v1/tables", {"name": "n", "description": HOSTILE})).json
    rows = {"rows": [{"data": {"input": HOSTILE}}], "run": True}
    await extruct("POST", f"/v1/tables/{made['id']}/rows", rows)

    shown = shelf.extruct_rows(made["id"], 0)

    assert ("n", HOSTILE, 1, 4) == (shown["name"], shown["label"], shown["total"], shown["columns_total"])
    assert {"name": "input", "type": "input", "notes": []} == shown["columns"][0]
    assert {"kind": "text", "text": HOSTILE} == shown["rows"][0][0]
    assert shown["rows"][0][1]["status"] in {"requested", "pending"}
