"""Exports: made, listed, downloaded."""

import csv
import io
import re
import sqlite3
import zipfile
from collections.abc import Callable, Coroutine
from contextlib import closing
from pathlib import Path
from typing import Any, TypeAlias

import aiohttp
import orjson
import pytest

from aiotables.core.convert import Converter
from aiotables.emulator import Emulator, ManualClock
from aiotables.zangtable._generated import operations


Ask: TypeAlias = Callable[..., Coroutine[Any, Any, Any]]
Connect: TypeAlias = Callable[[Emulator, str | None], Ask]

strict = Converter(forbid_unknown=True)

DATABASE = "/projects/acme/export/database"
SCHEMA = "/projects/acme/export/schema"
EXPORTS = "/projects/acme/exports"
ROWS = [
    {"email": "ada@example.com", "status": "active", "note": 'a "quoted", one\nand another line'},
    {"email": "bob@example.com", "status": "draft"},
    {"email": "cyd@example.com", "status": "active", "note": "=1+1"},
]


@pytest.fixture(autouse=True)
async def tables(zang: Ask, emulator: Emulator) -> None:
    """Two tables, one with rows, and an index."""
    columns = [{"column_name": name} for name in ("email", "status", "note")]
    await zang("POST", "/projects/acme/table", {"table_name": "contacts", "columns": columns})
    await zang("POST", "/projects/acme/table", {"table_name": "companies"})
    await zang("POST", "/projects/acme/indexes/contacts", {"columns": ["email"], "unique": True})
    emulator.add_records("acme", "contacts", ROWS)


async def download(emulator: Emulator, manifest: dict[str, Any]) -> tuple[bytes, str, str]:
    """The file, its type and its disposition."""
    headers = {"Authorization": "Bearer pat_emulator", "X-Operation-Key": "k"}
    async with (
        aiohttp.ClientSession(emulator.url) as session,
        session.get(manifest["download_url"], headers=headers) as response,
    ):
        assert 200 == response.status
        content = await response.read()
        return content, response.headers["Content-Type"], response.headers["Content-Disposition"]


async def test_a_database_as_zip(zang: Ask, emulator: Emulator) -> None:
    """The basic request: a ZIP of CSV files that any program reads."""
    answer = await zang("POST", DATABASE, {})
    manifest = answer.json["data"]["export"]
    content, content_type, disposition = await download(emulator, manifest)
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        files = {name: archive.read(name).decode() for name in archive.namelist()}
    rows = list(csv.DictReader(io.StringIO(files["contacts.csv"], newline="")))

    assert 201 == answer.status
    assert re.fullmatch(r"exp_20260602_012345_[0-9a-f]{10}", manifest["id"])
    assert (None, "zip", None, 3, "ready") == tuple(
        manifest[key] for key in ("kind", "format", "table", "row_count", "status")
    )
    assert ("application/zip", 'attachment; filename="acme_database_export.zip"') == (
        content_type,
        disposition,
    )
    assert [("1", ROWS[0]["note"]), ("2", ""), ("3", "=1+1")] == [(row["id"], row["note"]) for row in rows]
    assert "id\r\n" == files["companies.csv"]
    strict.decode(answer.json["data"], operations.CREATE_DATABASE_EXPORT.result)


async def test_a_database_as_json(zang: Ask, emulator: Emulator) -> None:
    """The full request of the page: chosen tables, columns, filters, order, window and name."""
    options = {
        "columns": ["id", "email", "ID"],
        "filters": {"status": "active"},
        "sort": "id",
        "order": "desc",
        "limit": 1000,
        "offset": 1,
    }
    body = {
        "format": "json",
        "include_tables": ["Contacts", "companies"],
        "exclude_tables": ["companies"],
        "table_options": {"contacts": options},
        "file_name": "crm_database",
    }
    manifest = (await zang("POST", DATABASE, body)).json["data"]["export"]
    content, content_type, disposition = await download(emulator, manifest)

    assert {
        "project": "acme",
        "tables": {"contacts": [{"id": 1, "email": "ada@example.com"}]},
    } == orjson.loads(content)
    assert ("application/json", 'attachment; filename="crm_database.json"') == (content_type, disposition)
    assert 1 == manifest["row_count"]


async def test_an_export_of_everything_by_no_body(zang: Ask) -> None:
    """The body may be left out; a file name with its ending keeps it."""
    none = await zang("POST", DATABASE)
    csvs = await zang("POST", DATABASE, {"format": "zip-csv", "file_name": "a.zip"})

    assert 201 == none.status
    assert ("a.zip", "zip-csv") == (
        csvs.json["data"]["export"]["download_name"],
        csvs.json["data"]["export"]["format"],
    )


async def test_a_schema_as_json(zang: Ask, emulator: Emulator) -> None:
    """What get_table answers, for each table."""
    answer = await zang("POST", SCHEMA)
    manifest = answer.json["data"]["export"]
    content, content_type, _ = await download(emulator, manifest)
    table = (await zang("GET", "/projects/acme/table/contacts")).json["data"]

    assert ("schema_export", "json", "acme_schema_export.json", "local") == tuple(
        manifest[key] for key in ("kind", "format", "download_name", "storage_backend")
    )
    assert "application/json" == content_type
    assert ["contacts", "companies"] == [
        each["table"]["table_name"] for each in orjson.loads(content)["tables"]
    ]
    assert table == orjson.loads(content)["tables"][0]
    strict.decode(answer.json["data"], operations.CREATE_SCHEMA_EXPORT.result)


async def test_a_schema_as_sql(zang: Ask, emulator: Emulator) -> None:
    """The statements make the same schema in any SQLite."""
    body = {"format": "sql", "file_name": "example_project_schema"}
    manifest = (await zang("POST", SCHEMA, body)).json["data"]["export"]
    content, content_type, disposition = await download(emulator, manifest)
    schema = "SELECT name, sql FROM sqlite_master WHERE sql IS NOT NULL ORDER BY name"
    with closing(sqlite3.connect(":memory:")) as database:
        database.executescript(content.decode())
        made = [list(row) for row in database.execute(schema)]
    real = (await zang("POST", "/projects/acme/query", {"sql": schema})).json["data"]["rows"]

    assert [list(row.values()) for row in real] == made
    assert "application/sql" == content_type
    assert 'attachment; filename="example_project_schema.sql"' == disposition


async def test_list_exports(zang: Ask) -> None:
    """Newest first, in pages; those of another status are none."""
    ids = [(await zang("POST", path, {})).json["data"]["export"]["id"] for path in (DATABASE, SCHEMA, SCHEMA)]
    answer = await zang("GET", f"{EXPORTS}?status=ready&limit=100&offset=0")
    page = await zang("GET", f"{EXPORTS}?limit=1&offset=1")
    lost = await zang("GET", f"{EXPORTS}?status=not_found")

    assert ids[::-1] == [export["id"] for export in answer.json["data"]["exports"]]
    assert [ids[1]] == [export["id"] for export in page.json["data"]["exports"]]
    assert [] == lost.json["data"]["exports"]
    strict.decode(answer.json["data"], operations.LIST_EXPORTS.result)


@pytest.mark.parametrize("query", ["status=lost", "limit=501", "limit=0", "offset=-1"])
async def test_lists_that_are_refused(zang: Ask, query: str) -> None:
    """Nothing is put right in silence."""
    answer = await zang("GET", f"{EXPORTS}?{query}")

    assert (400, "invalid_request") == (answer.status, answer.json["error"]["code"])


@pytest.mark.parametrize(
    ("path", "body", "code"),
    [
        (DATABASE, {"format": "xml"}, "invalid_request"),
        (DATABASE, {"include_tables": ["nope"]}, "table_not_found"),
        (DATABASE, {"exclude_tables": ["nope"]}, "table_not_found"),
        (DATABASE, {"table_options": {"nope": {}}}, "table_not_found"),
        (DATABASE, {"table_options": {"contacts": {"limit": 0}}}, "invalid_request"),
        (DATABASE, {"table_options": {"contacts": {"offset": -1}}}, "invalid_request"),
        (DATABASE, {"table_options": {"contacts": {"order": "up"}}}, "invalid_request"),
        (DATABASE, {"table_options": {"contacts": {"columns": ["nope"]}}}, "column_not_found"),
        (DATABASE, {"table_options": {"contacts": {"sort": "nope"}}}, "column_not_found"),
        (DATABASE, {"table_options": {"contacts": {"filters": 1}}}, "invalid_filter"),
        (DATABASE, [], "invalid_request"),
        (SCHEMA, {"format": "xml"}, "invalid_request"),
        (SCHEMA, {"file_name": 'a"\r\nSet-Cookie: x=1'}, "invalid_request"),
        (SCHEMA, {"file_name": "../etc/passwd"}, "invalid_request"),
        (SCHEMA, {"file_name": ""}, "invalid_request"),
        (SCHEMA, {"file_name": "a" * 101}, "invalid_request"),
    ],
)
async def test_exports_that_are_refused(zang: Ask, path: str, body: object, code: str) -> None:
    """Each by its code, and no export is made."""
    answer = await zang("POST", path, body)

    assert (400, code) == (answer.status, answer.json["error"]["code"])
    assert [] == (await zang("GET", EXPORTS)).json["data"]["exports"]


async def test_exports_that_are_not_there(zang: Ask, emulator: Emulator, connect: Connect) -> None:
    """An unknown id, and an export of another project, are not found: an envelope tells it."""
    emulator.add_project("other", "pat_other")
    made = (await zang("POST", SCHEMA)).json["data"]["export"]["id"]
    other = connect(emulator, "pat_other")

    unknown = await zang("GET", "/projects/acme/export/download/exp_20260601_182345_a1b2c3d4e5")
    foreign = await other("GET", f"/projects/other/export/download/{made}")

    assert {(404, "export_not_found")} == {
        (each.status, each.json["error"]["code"]) for each in (unknown, foreign)
    }


async def test_a_download_is_grouped(zang: Ask, emulator: Emulator) -> None:
    """The file cannot tell its operation run, but the record of the call does."""
    manifest = (await zang("POST", SCHEMA)).json["data"]["export"]
    await download(emulator, manifest)
    await zang("GET", manifest["download_url"])

    assert ["k", None] == [call.operation_key for call in emulator.calls[-2:]]
    assert str(emulator.calls[-2].operation_run_id).startswith("oprun_")
    assert emulator.calls[-1].operation_run_id is None


async def test_exports_go_with_their_project(zang: Ask, emulator: Emulator, connect: Connect) -> None:
    """A project of the same name knows nothing of the exports of the former."""
    await zang("POST", SCHEMA)
    await zang("DELETE", "/projects/acme", {"confirm_project_slug": "acme"})
    emulator.add_project("acme", "pat_again")

    answer = await connect(emulator, "pat_again")("GET", EXPORTS)

    assert [] == answer.json["data"]["exports"]


async def test_exports_stay_in_the_folder(tmp_path: Path, connect: Connect, clock: ManualClock) -> None:
    """A file can be downloaded after a new start, as it was."""
    async with Emulator(data=tmp_path, clock=clock) as emulator:
        manifest = (await connect(emulator, "pat_emulator")("POST", SCHEMA)).json["data"]["export"]
        before = await download(emulator, manifest)

    async with Emulator(data=tmp_path, clock=clock) as emulator:
        assert before == await download(emulator, manifest)
