"""Tables, columns and indexes, as the documentation's examples show them."""

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

TABLE = "/projects/acme/table"
CONTACTS = {
    "table_name": "contacts",
    "display_name": "Contacts",
    "columns": [
        {
            "column_name": "id",
            "column_type": "INTEGER",
            "is_primary": True,
            "is_nullable": False,
            "is_unique": True,
        },
        {"column_name": "email", "column_type": "TEXT", "is_nullable": False, "is_unique": True},
        {"column_name": "age", "column_type": "INTEGER", "is_nullable": True, "default_value": None},
    ],
}
TIMES = {"created_at": "2026-06-02T01:23:45Z", "updated_at": "2026-06-02T01:23:45Z"}


def column(number: int, name: str, **facts: Any) -> dict[str, Any]:  # noqa: ANN401 - facts of any type
    """Metadata of a column of contacts."""
    plain = {"column_type": "TEXT", "is_nullable": 1, "default_value": None, "is_primary": 0, "is_unique": 0}
    return {"id": number, "table_name": "contacts", "column_name": name} | plain | facts | TIMES


ID = column(1, "id", column_type="INTEGER", is_nullable=0, is_primary=1, is_unique=1)
EMAIL = column(2, "email", is_nullable=0, is_unique=1)


async def test_create_table_answers_as_documented(zang: Ask) -> None:
    """The full example of the page gives the page's answer, with all columns and no key unknown."""
    answer = await zang("POST", TABLE, CONTACTS, X_Operation_Key="edit-profile-email")

    assert 201 == answer.status
    assert {
        "table": {"id": 1, "table_name": "contacts", "display_name": "Contacts"} | TIMES,
        "columns": [ID, EMAIL, column(3, "age", column_type="INTEGER")],
    } == answer.json["data"]
    strict.decode(answer.json["data"], operations.CREATE_TABLE.result)


async def test_a_key_is_prepended(zang: Ask) -> None:
    """A table without a primary key gets `id INTEGER PRIMARY KEY AUTOINCREMENT` first."""
    answer = await zang("POST", TABLE, {"table_name": "contacts", "columns": [{"column_name": "email"}]})

    assert [ID, column(2, "email")] == answer.json["data"]["columns"]
    assert answer.json["data"]["table"]["display_name"] is None


async def test_columns_are_numbered_through(zang: Ask) -> None:
    """Ids of tables and columns are not used twice in a project."""
    await zang("POST", TABLE, {"table_name": "a"})
    answer = await zang("POST", TABLE, {"table_name": "b"})

    assert 2 == answer.json["data"]["table"]["id"]
    assert [2] == [each["id"] for each in answer.json["data"]["columns"]]


@pytest.mark.parametrize("name", ["contacts", "CONTACTS"])
async def test_a_name_is_taken_once(zang: Ask, emulator: Emulator, name: str) -> None:
    """A second table of a name is refused, whatever the case of its letters, and the first stays."""
    await zang("POST", TABLE, CONTACTS)

    answer = await zang("POST", TABLE, {"table_name": name})

    assert (409, "table_exists") == (answer.status, answer.json["error"]["code"])
    assert ["contacts"] == emulator.table_names("acme")


async def test_a_name_that_an_index_has(zang: Ask, emulator: Emulator) -> None:
    """What SQLite refuses is refused whole: no metadata is left."""
    await zang("POST", TABLE, {"table_name": "a"})
    await zang("POST", "/projects/acme/indexes/a", {"columns": ["id"], "index_name": "b"})

    refused = await zang("POST", TABLE, {"table_name": "b"})
    missing = await zang("GET", f"{TABLE}/b")

    assert (400, "schema_refused") == (refused.status, refused.json["error"]["code"])
    assert 404 == missing.status
    assert ["a"] == emulator.table_names("acme")


async def test_too_many_columns(zang: Ask, emulator: Emulator) -> None:
    """SQLite's own limits are refusals, too."""
    answer = await zang(
        "POST", TABLE, {"table_name": "a", "columns": [{"column_name": f"c{n}"} for n in range(2001)]}
    )

    assert (400, "schema_refused") == (answer.status, answer.json["error"]["code"])
    assert 0 == emulator.count_tables("acme")


@pytest.mark.parametrize("key", ["1", "contacts", "Contacts"])
async def test_get_table_by_number_and_name(zang: Ask, key: str) -> None:
    """Both ways lead to what create answered."""
    made = await zang("POST", TABLE, CONTACTS)

    answer = await zang("GET", f"{TABLE}/{key}")

    assert 200 == answer.status
    assert made.json["data"] == answer.json["data"]
    strict.decode(answer.json["data"], operations.GET_TABLE.result)


@pytest.mark.parametrize("key", ["2", "nope", "9" * 30, "%00", "a%22b", "a%2Fb"])
async def test_tables_that_are_not_there(zang: Ask, key: str) -> None:
    """An unknown number, an unknown name and no name at all give one answer."""
    await zang("POST", TABLE, CONTACTS)

    for method, path, body in (
        ("GET", f"{TABLE}/{key}", None),
        ("GET", f"/projects/acme/column/{key}", None),
        ("POST", f"/projects/acme/column/{key}", {"column_name": "x"}),
        ("POST", f"/projects/acme/indexes/{key}", {"columns": ["x"]}),
    ):
        answer = await zang(method, path, body)
        assert (404, "table_not_found") == (answer.status, answer.json["error"]["code"])


async def test_list_columns(zang: Ask) -> None:
    """The table is named by a text here, and the columns are in order."""
    await zang("POST", TABLE, CONTACTS)

    answer = await zang("GET", "/projects/acme/column/CONTACTS")

    assert {
        "table": "contacts",
        "columns": [ID, EMAIL, column(3, "age", column_type="INTEGER")],
    } == answer.json["data"]
    strict.decode(answer.json["data"], operations.LIST_COLUMNS.result)


async def test_create_column(zang: Ask) -> None:
    """The basic example of the page: a nullable text."""
    await zang("POST", TABLE, CONTACTS)

    answer = await zang("POST", "/projects/acme/column/contacts", {"column_name": "phone"})

    assert 201 == answer.status
    assert {"table": "contacts", "column": column(4, "phone")} == answer.json["data"]
    strict.decode(answer.json["data"], operations.CREATE_COLUMN.result)


async def test_create_column_with_every_field(zang: Ask) -> None:
    """The full example of the page sends `is_primary` false, which is accepted."""
    await zang("POST", TABLE, CONTACTS)
    full = {"column_name": "phone", "column_type": "TEXT", "is_nullable": True, "default_value": None}

    answer = await zang(
        "POST", "/projects/acme/column/contacts", full | {"is_unique": False, "is_primary": False}
    )

    assert 201 == answer.status


async def test_an_added_column_can_be_unique(zang: Ask) -> None:
    """Uniqueness of an added column is the database's, and is not seen as a table."""
    await zang("POST", TABLE, {"table_name": "contacts"})
    answer = await zang(
        "POST", "/projects/acme/column/contacts", {"column_name": "phone", "is_unique": "yes"}
    )
    found = await zang(
        "POST", "/projects/acme/query", {"sql": "SELECT sql FROM sqlite_master WHERE type = 'index'"}
    )

    assert 1 == answer.json["data"]["column"]["is_unique"]
    assert [{"sql": 'CREATE UNIQUE INDEX "_unique_contacts_phone" ON "contacts" ("phone")'}] == found.json[
        "data"
    ]["rows"]


@pytest.mark.parametrize(
    ("body", "status", "code"),
    [
        ({"column_name": "EMAIL"}, 409, "column_exists"),
        ({"column_name": "x", "is_primary": True}, 400, "invalid_column"),
        ({"column_name": "x", "is_primary": 1}, 400, "invalid_column"),
        ({"column_name": "x; DROP TABLE contacts"}, 400, "invalid_identifier"),
        ({"column_name": 5}, 400, "invalid_request"),
        ({}, 400, "invalid_request"),
        (None, 400, "invalid_request"),
    ],
)
async def test_columns_that_are_refused(zang: Ask, body: object, status: int, code: str) -> None:
    """A refused column leaves the table as it was."""
    await zang("POST", TABLE, CONTACTS)

    answer = await zang("POST", "/projects/acme/column/contacts", body)
    after = await zang("GET", "/projects/acme/column/contacts")

    assert (status, code) == (answer.status, answer.json["error"]["code"])
    assert 3 == len(after.json["data"]["columns"])


async def test_a_column_that_sqlite_refuses_leaves_no_metadata(tmp_path: Path, connect: Connect) -> None:
    """The catalogue does not keep what the database did not take, and works on."""
    async with Emulator(data=tmp_path) as emulator:
        zang = connect(emulator, "pat_emulator")
        await zang("POST", TABLE, {"table_name": "contacts"})
        with closing(sqlite3.connect(tmp_path / "zangtable" / "acme.sqlite")) as other, other:
            other.execute("INSERT INTO contacts DEFAULT VALUES")

        refused = await zang(
            "POST", "/projects/acme/column/contacts", {"column_name": "x", "is_nullable": False}
        )
        after = await zang("GET", "/projects/acme/column/contacts")
        taken = await zang("POST", "/projects/acme/column/contacts", {"column_name": "x"})

    assert (400, "schema_refused") == (refused.status, refused.json["error"]["code"])
    assert ["id"] == [each["column_name"] for each in after.json["data"]["columns"]]
    assert 201 == taken.status


async def test_create_index(zang: Ask) -> None:
    """The basic example of the page gives the page's answer."""
    await zang("POST", TABLE, CONTACTS)

    answer = await zang("POST", "/projects/acme/indexes/contacts", {"columns": ["email"]})

    assert 201 == answer.status
    assert {
        "index": {
            "name": "idx_contacts_email",
            "unique": False,
            "origin": "c",
            "partial": False,
            "columns": ["email"],
            "managed": True,
        }
    } == answer.json["data"]
    strict.decode(answer.json["data"], operations.CREATE_INDEX.result)


async def test_a_named_unique_index_is_real(zang: Ask) -> None:
    """The index is in the database, under its name, over its columns in their order."""
    await zang("POST", TABLE, CONTACTS)

    answer = await zang(
        "POST",
        "/projects/acme/indexes/contacts",
        {"columns": ["age", "email"], "index_name": "mine", "unique": "on"},
    )
    found = await zang(
        "POST", "/projects/acme/query", {"sql": "SELECT sql FROM sqlite_master WHERE name = 'mine'"}
    )

    assert answer.json["data"]["index"]["unique"]
    assert [{"sql": 'CREATE UNIQUE INDEX "mine" ON "contacts" ("age", "email")'}] == found.json["data"][
        "rows"
    ]


@pytest.mark.parametrize(
    ("body", "status", "code"),
    [
        ({"columns": ["email"], "index_name": "MINE"}, 409, "index_exists"),
        ({"columns": ["email"], "index_name": "contacts"}, 409, "index_exists"),
        ({"columns": ["nope"]}, 400, "column_not_found"),
        ({"columns": ["email') --"]}, 400, "column_not_found"),
        ({"columns": []}, 400, "invalid_request"),
        ({"columns": ["email"], "index_name": "_x"}, 400, "invalid_identifier"),
        ({"columns": "email"}, 400, "invalid_request"),
    ],
)
async def test_indexes_that_are_refused(zang: Ask, body: object, status: int, code: str) -> None:
    """Each refusal has its code."""
    await zang("POST", TABLE, CONTACTS)
    await zang("POST", "/projects/acme/indexes/contacts", {"columns": ["age"], "index_name": "mine"})

    answer = await zang("POST", "/projects/acme/indexes/contacts", body)

    assert (status, code) == (answer.status, answer.json["error"]["code"])


@pytest.mark.parametrize(
    "body",
    [
        {"table_name": "a b"},
        {"table_name": 'x" (y); DROP TABLE "z'},
        {"table_name": "sqlite_x"},
        {"table_name": "x\u0000"},
        {"table_name": ""},
        {"table_name": "x" * 200_000},
    ],
)
async def test_hostile_names_are_refused(zang: Ask, emulator: Emulator, body: object) -> None:
    """Nothing but an identifier becomes a table."""
    answer = await zang("POST", TABLE, body)

    assert (400, "invalid_identifier") == (answer.status, answer.json["error"]["code"])
    assert 0 == emulator.count_tables("acme")


async def test_a_hostile_default_is_a_default(zang: Ask) -> None:
    """Text from outside is never part of a statement but as a literal."""
    text = "'); DROP TABLE contacts; --"

    await zang(
        "POST", TABLE, {"table_name": "contacts", "columns": [{"column_name": "x", "default_value": text}]}
    )
    answer = await zang("GET", "/projects/acme/column/contacts")

    assert text == answer.json["data"]["columns"][1]["default_value"]


async def test_times_come_from_the_clock(zang: Ask, clock: ManualClock) -> None:
    """A table is as old as the clock says, in whole seconds."""
    clock.advance(61.9)
    answer = await zang("POST", TABLE, {"table_name": "a"})

    assert "2026-06-02T01:24:46Z" == answer.json["data"]["table"]["created_at"]
    assert "2026-06-02T01:24:46Z" == answer.json["meta"]["generated_at"]
