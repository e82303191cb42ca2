"""Columns of a table, changed and dropped."""

import sqlite3
from collections.abc import Callable, Coroutine
from contextlib import closing
from pathlib import Path
from typing import Any, TypeAlias

import pytest

from aiotables.core.convert import Converter
from aiotables.emulator import Emulator, ManualClock
from aiotables.zangtable._generated import operations


Ask: TypeAlias = Callable[..., Coroutine[Any, Any, Any]]
Connect: TypeAlias = Callable[[Emulator, str | None], Ask]

strict = Converter(forbid_unknown=True)

COLUMN = "/projects/acme/column/contacts"
COLUMNS = [
    {"column_name": "email", "is_unique": True},
    {"column_name": "age", "column_type": "INTEGER", "default_value": 5},
]


@pytest.fixture(autouse=True)
async def contacts(zang: Ask, emulator: Emulator) -> None:
    """A table with a row, an index, and another table made after it."""
    await zang("POST", "/projects/acme/table", {"table_name": "contacts", "columns": COLUMNS})
    await zang("POST", "/projects/acme/indexes/contacts", {"columns": ["age", "email"], "unique": True})
    await zang("POST", "/projects/acme/table", {"table_name": "later"})
    emulator.add_records("acme", "contacts", [{"email": "ada"}, {"email": "bob"}])
    await zang("DELETE", "/projects/acme/records/contacts/2")


async def schema(zang: Ask) -> list[str]:
    """What the project's database says of the table."""
    sql = "SELECT sql FROM sqlite_master WHERE tbl_name = 'contacts' AND sql IS NOT NULL ORDER BY type DESC, name"
    answer = await zang("POST", "/projects/acme/query", {"sql": sql})
    return [row["sql"] for row in answer.json["data"]["rows"]]


@pytest.mark.parametrize("key", ["email", "EMAIL", "2"])
async def test_rename(zang: Ask, emulator: Emulator, clock: ManualClock, key: str) -> None:
    """The page's example, by name and by number: values, constraints and indexes follow."""
    clock.advance(60)
    answer = await zang("PATCH", f"{COLUMN}/{key}", {"new_column_name": "email_address"})
    rows = (await zang("GET", "/projects/acme/records/contacts")).json["data"]["rows"]

    assert 200 == answer.status
    assert {
        "table": "contacts",
        "column": {
            "id": 2,
            "table_name": "contacts",
            "column_name": "email_address",
            "column_type": "TEXT",
            "is_nullable": 1,
            "default_value": None,
            "is_primary": 0,
            "is_unique": 1,
            "created_at": "2026-06-02T01:23:45Z",
            "updated_at": "2026-06-02T01:24:45Z",
        },
    } == answer.json["data"]
    assert [{"id": 1, "email_address": "ada", "age": 5}] == rows
    assert [
        (
            'CREATE TABLE "contacts" ("id" INTEGER PRIMARY KEY AUTOINCREMENT, "email_address" TEXT UNIQUE, '
            '"age" INTEGER DEFAULT 5) STRICT'
        ),
        'CREATE UNIQUE INDEX "idx_contacts_age_email" ON "contacts" ("age", "email_address")',
    ] == await schema(zang)
    assert ["contacts", "later"] == emulator.table_names("acme")
    strict.decode(answer.json["data"], operations.UPDATE_COLUMN.result)


async def test_ids_of_rows_are_not_used_again(zang: Ask, emulator: Emulator) -> None:
    """AUTOINCREMENT goes on where it was, although the table was made anew."""
    await zang("PATCH", f"{COLUMN}/age", {"new_column_name": "years"})
    emulator.add_records("acme", "contacts", [{"email": "cyd"}])
    rows = (await zang("GET", "/projects/acme/records/contacts")).json["data"]["rows"]

    assert [1, 3] == [row["id"] for row in rows]


async def test_everything_at_once(zang: Ask, emulator: Emulator) -> None:
    """Nullability, default and uniqueness are the database's own."""
    change = {"is_nullable": False, "default_value": "x", "is_unique": False, "column_type": "TEXT"}
    answer = await zang("PATCH", f"{COLUMN}/email", change)
    emulator.add_records("acme", "contacts", [{"age": 1}, {"age": 2}])
    null = await zang("PATCH", "/projects/acme/records/contacts/1", {"email": None})

    column = answer.json["data"]["column"]
    assert (0, "x", 0) == (column["is_nullable"], column["default_value"], column["is_unique"])
    assert (409, "constraint_violated") == (null.status, null.json["error"]["code"])


async def test_a_change_that_changes_nothing(zang: Ask, clock: ManualClock) -> None:
    """Nothing is noted."""
    clock.advance(60)
    answer = await zang("PATCH", f"{COLUMN}/email", {})

    assert "2026-06-02T01:23:45Z" == answer.json["data"]["column"]["updated_at"]


async def test_the_primary_key_stays_one(zang: Ask) -> None:
    """It is unique and not nullable whatever is asked; it can be renamed."""
    change = {"is_unique": False, "is_nullable": True, "new_column_name": "number"}
    answer = await zang("PATCH", f"{COLUMN}/id", change)

    column = answer.json["data"]["column"]
    assert ("number", 1, 0, 1) == (
        column["column_name"],
        column["is_unique"],
        column["is_nullable"],
        column["is_primary"],
    )


async def test_types_change_before_there_are_values(zang: Ask) -> None:
    """A column with values keeps its type; nulls are no values."""
    refused = await zang("PATCH", f"{COLUMN}/age", {"column_type": "TEXT", "default_value": "x"})
    await zang("PATCH", "/projects/acme/records/contacts/1", {"age": None})
    answer = await zang("PATCH", f"{COLUMN}/age", {"column_type": "TEXT", "default_value": "x"})

    assert (409, "column_has_values") == (refused.status, refused.json["error"]["code"])
    assert ("TEXT", "x") == (
        answer.json["data"]["column"]["column_type"],
        answer.json["data"]["column"]["default_value"],
    )


@pytest.mark.parametrize(
    ("key", "body", "status", "code"),
    [
        ("nope", {"new_column_name": "x"}, 404, "column_not_found"),
        ("99", {}, 404, "column_not_found"),
        ("email", {"new_column_name": "AGE"}, 409, "column_exists"),
        ("email", {"new_column_name": "a b"}, 400, "invalid_identifier"),
        ("email", {"column_type": "TIMESTAMP"}, 400, "invalid_column"),
        ("id", {"column_type": "TEXT"}, 400, "invalid_column"),
        ("email", {"default_value": "\0"}, 400, "invalid_column"),
        ("email", {"default_value": []}, 400, "invalid_request"),
        ("email", [], 400, "invalid_request"),
    ],
)
async def test_changes_that_are_refused(zang: Ask, key: str, body: object, status: int, code: str) -> None:
    """Each by its code, and the table stays as it was."""
    before = await schema(zang)
    answer = await zang("PATCH", f"{COLUMN}/{key}", body)

    assert (status, code) == (answer.status, answer.json["error"]["code"])
    assert before == await schema(zang)


@pytest.mark.parametrize(
    ("column", "change"), [("age", {"is_unique": True}), ("email", {"is_nullable": False})]
)
async def test_changes_that_the_rows_refuse(
    zang: Ask, emulator: Emulator, column: str, change: object
) -> None:
    """Equal values, or nulls, are in the way: nothing changes, neither in the database nor in the metadata."""
    emulator.add_records("acme", "contacts", [{"email": None}])
    before = (await zang("GET", COLUMN)).json["data"], await schema(zang)

    answer = await zang("PATCH", f"{COLUMN}/{column}", change)

    assert (409, "constraint_violated") == (answer.status, answer.json["error"]["code"])
    assert before == ((await zang("GET", COLUMN)).json["data"], await schema(zang))


async def test_update_columns(zang: Ask) -> None:
    """The page's full example, with a second column: both change."""
    full = {
        "column_name": "email",
        "new_column_name": "email_address",
        "column_type": "TEXT",
        "is_nullable": False,
        "default_value": None,
        "is_unique": True,
    }
    answer = await zang(
        "PATCH", COLUMN, {"columns": [full, {"column_name": "3", "new_column_name": "years"}]}
    )
    names = [column["column_name"] for column in (await zang("GET", COLUMN)).json["data"]["columns"]]

    assert {"updated_count": 2} == answer.json["data"]
    assert ["id", "email_address", "years"] == names
    strict.decode(answer.json["data"], operations.UPDATE_COLUMNS.result)


@pytest.mark.parametrize(
    ("last", "code"),
    [
        ({"column_name": "nope"}, "column_not_found"),
        ({"column_name": "age", "column_type": "x"}, "invalid_column"),
        ({}, "invalid_request"),
    ],
)
async def test_several_columns_change_together(zang: Ask, last: object, code: str) -> None:
    """When one change is refused none is made."""
    before = (await zang("GET", COLUMN)).json["data"], await schema(zang)

    body = {"columns": [{"column_name": "email", "new_column_name": "x"}, last]}
    answer = await zang("PATCH", COLUMN, body)

    assert (400, code) == (answer.status, answer.json["error"]["code"])
    assert before == ((await zang("GET", COLUMN)).json["data"], await schema(zang))


async def test_delete_column(zang: Ask) -> None:
    """The column goes with its values and the indexes that it is in; a second call finds nothing."""
    await zang("POST", "/projects/acme/indexes/contacts", {"columns": ["age"]})
    answer = await zang("DELETE", f"{COLUMN}/Email")
    again = await zang("DELETE", f"{COLUMN}/email")

    assert {"deleted": True, "column_name": "email"} == answer.json["data"]
    assert (404, "column_not_found") == (again.status, again.json["error"]["code"])
    assert [
        'CREATE TABLE "contacts" ("id" INTEGER PRIMARY KEY AUTOINCREMENT, "age" INTEGER DEFAULT 5) STRICT',
        'CREATE INDEX "idx_contacts_age" ON "contacts" ("age")',
    ] == await schema(zang)
    strict.decode(answer.json["data"], operations.DELETE_COLUMN.result)


async def test_the_primary_key_cannot_be_dropped(zang: Ask) -> None:
    """A table keeps its key."""
    answer = await zang("DELETE", f"{COLUMN}/id")

    assert (400, "invalid_column") == (answer.status, answer.json["error"]["code"])


async def test_a_unique_column_that_was_added(zang: Ask) -> None:
    """Its uniqueness becomes a part of the table when that is made anew, and the name is free again when it is dropped."""
    phone = {"column_name": "phone", "is_unique": True}
    await zang("POST", COLUMN, phone)
    renamed = await zang("PATCH", f"{COLUMN}/phone", {"new_column_name": "mobile"})
    again = await zang("POST", COLUMN, phone)

    assert 1 == renamed.json["data"]["column"]["is_unique"]
    assert 201 == again.status


async def test_a_key_that_is_not_automatic(zang: Ask) -> None:
    """A table with a key of its own is made anew, too, and its key may change its type while it is empty."""
    key = {"column_name": "k", "column_type": "INTEGER", "is_primary": True}
    await zang("POST", "/projects/acme/table", {"table_name": "keyed", "columns": [key]})

    answer = await zang("PATCH", "/projects/acme/column/keyed/k", {"column_type": "TEXT"})

    assert ("TEXT", 1) == (
        answer.json["data"]["column"]["column_type"],
        answer.json["data"]["column"]["is_primary"],
    )


@pytest.mark.parametrize("method", ["PATCH", "DELETE"])
async def test_a_change_that_was_cut_short(
    tmp_path: Path, connect: Connect, clock: ManualClock, method: str
) -> None:
    """A process that ends between the two commits leaves everything as it was, numbers and times included."""
    async with Emulator(data=tmp_path, clock=clock) as emulator:
        zang = connect(emulator, "pat_emulator")
        await zang("POST", "/projects/acme/table", {"table_name": "contacts", "columns": COLUMNS})
        await zang("PATCH", f"{COLUMN}/age", {"new_column_name": "years"})
        before = (await zang("GET", COLUMN)).json["data"]
    file = tmp_path / "zangtable" / "acme.sqlite"
    with closing(sqlite3.connect(file)) as database:
        database.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    content = file.read_bytes()

    async with Emulator(data=tmp_path, clock=clock) as emulator:
        zang = connect(emulator, "pat_emulator")
        body = {"new_column_name": "x", "is_nullable": False} if method == "PATCH" else None
        assert 200 == (await zang(method, f"{COLUMN}/email", body)).status
    # As if the project had never committed.
    for end in ("-wal", "-shm"):
        file.with_name(f"{file.name}{end}").unlink(missing_ok=True)
    file.write_bytes(content)

    async with Emulator(data=tmp_path, clock=clock) as emulator:
        zang = connect(emulator, "pat_emulator")
        rows = await zang("POST", "/projects/acme/query", {"sql": "SELECT id, email, years FROM contacts"})
        after = (await zang("GET", COLUMN)).json["data"]
        again = await zang("PATCH", f"{COLUMN}/email", {"new_column_name": "y"})

    assert 200 == rows.status
    assert before == after
    assert 200 == again.status
