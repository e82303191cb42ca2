"""Exports: what is sent is what the docs show, and files come in pieces, whole or not at all."""

import hashlib
from collections.abc import AsyncIterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from aiohttp import web
from aiohttp.test_utils import RawTestServer

from aiotables.core import errors
from aiotables.core.streaming import CHUNK, DownloadCut
from aiotables.zangtable import ZangTable
from aiotables.zangtable.filters import Column, where
from aiotables.zangtable.models import (
    DatabaseExportCreate,
    DatabaseExportFormat,
    ExportKind,
    SchemaExportCreate,
    SchemaExportFormat,
    SortOrder,
    TableExportOptions,
)


if TYPE_CHECKING:
    from tests.scripted import Heard
    from tests.zangtable.conftest import Documented, Service

EXPORT = "exp_20260601_182345_a1b2c3d4e5"
DOWNLOAD = f"GET /projects/acme/export/download/{EXPORT}"


# Listing


async def test_list(zang: ZangTable, service: "Service", documented: "Documented") -> None:
    """Exports come with what is known of them, and keep what is not."""
    answer = documented.cut_answer("list_exports", end='"surprise": 7}]}')
    service.answers(service.says(answer))

    (export,) = [each async for each in zang.exports.list(status="ready", page_size=100)]

    assert "GET /projects/acme/exports" == service.calls[0].partition("?")[0]
    assert documented.query("list_exports") == service.heard[0].query
    assert (EXPORT, ExportKind.TABLE_EXPORT, "contacts", 25) == (
        export.id,
        export.kind,
        export.table,
        export.row_count,
    )
    assert {"surprise": 7} == export.additional


async def test_pages(zang: ZangTable, service: "Service") -> None:
    """Pages follow by offset until one is not full."""
    there = [{"id": f"exp_{number}"} for number in range(5)]
    service.answers_by(lambda heard: service.ok({"exports": heard.page(there)}))

    found = [export.id async for export in zang.exports.list(page_size=2, offset=1)]

    assert [each["id"] for each in there[1:]] == found
    assert {"limit": "2", "offset": "1"} == service.heard[0].query
    assert {"2"} == {heard.query["limit"] for heard in service.heard}


async def test_list_that_moves(zang: ZangTable, service: "Service") -> None:
    """An export that is made meanwhile and stands before the others makes none come twice."""
    there = [{"id": f"exp_{number}"} for number in range(6)]

    def answer(heard: "Heard") -> web.Response:
        page = heard.page(there)
        there.insert(0, {"id": f"exp_new_{len(service.heard)}"})
        return service.ok({"exports": page})

    service.answers_by(answer)

    found = [export.id async for export in zang.exports.list(page_size=4)]

    assert [f"exp_{number}" for number in range(6)] == found


async def test_pages_beyond_the_most(zang: ZangTable, service: "Service") -> None:
    """A page that was asked for too large and cut to the most there is is not taken for the last."""
    there = [{"id": f"exp_{number}"} for number in range(501)]
    service.answers_by(lambda heard: service.ok({"exports": heard.page(there, most=500)}))

    assert 501 == len([export async for export in zang.exports.list(page_size=1000)])


async def test_kinds_that_are_not_known(zang: ZangTable, service: "Service") -> None:
    """A kind of export that the docs do not show is kept, and says so."""
    service.answers(service.ok({"exports": [{"id": "exp_1", "kind": "database_export"}]}))

    (export,) = [each async for each in zang.exports.list()]

    assert export.kind is not None
    assert ("database_export", True) == (export.kind, export.kind.is_unknown)


# Making


async def test_create_database(zang: ZangTable, service: "Service", documented: "Documented") -> None:
    """Every field goes where the docs have it; of the answer only the id is known."""
    service.answers(service.ok({"export": {"id": EXPORT}}))
    options = TableExportOptions(
        columns=["id", "email"],
        filters=where(status="active"),
        sort="id",
        order=SortOrder.ASC,
        limit=1000,
        offset=0,
    )

    created = await zang.exports.create_database(
        DatabaseExportCreate(
            format=DatabaseExportFormat.JSON,
            include_tables=["contacts", "companies"],
            exclude_tables=[],
            table_options={"contacts": options},
            file_name="crm_database",
        )
    )

    assert ["POST /projects/acme/export/database"] == service.calls
    assert documented.request("create_database_export") == service.heard[0].json
    assert EXPORT == created.export.id


async def test_create_database_with_conditions(zang: ZangTable, service: "Service") -> None:
    """Typed conditions are taken inside of the options, too."""
    service.answers(service.ok({"export": {"id": EXPORT}}))
    options = TableExportOptions(filters=where(Column("age") > 17))

    await zang.exports.create_database(DatabaseExportCreate(table_options={"contacts": options}))

    expected = {"filters": [{"column": "age", "op": ">", "value": 17}]}
    assert {"table_options": {"contacts": expected}} == service.heard[0].json


async def test_create_schema(zang: ZangTable, service: "Service", documented: "Documented") -> None:
    """Form and name are sent."""
    service.answers(service.says(documented.cut_answer("create_schema_export", end='"local"}}')))

    created = await zang.exports.create_schema(
        SchemaExportCreate(format=SchemaExportFormat.SQL, file_name="example_project_schema")
    )

    assert ["POST /projects/acme/export/schema"] == service.calls
    assert documented.request("create_schema_export") == service.heard[0].json
    assert (EXPORT, None, "local") == (
        created.export.id,
        created.export.table,
        created.export.storage_backend,
    )


@pytest.mark.parametrize("kind", ["database", "schema"])
async def test_create_of_all(
    zang: ZangTable, service: "Service", documented: "Documented", kind: str
) -> None:
    """Nothing given is an empty object, as the docs have it."""
    service.answers(service.ok({"export": {"id": EXPORT}}))

    await (zang.exports.create_database() if kind == "database" else zang.exports.create_schema())

    assert documented.request(f"create_{kind}_export", "basic") == service.heard[0].json


RECENT = {"id": "exp_20260602_010003_a1b2c3d4e5", "kind": "schema_export", "format": "json"}


async def test_lost_export(zang: ZangTable, service: "Service") -> None:
    """When the reply is lost, the export that was made since is taken over, and none is made twice."""
    service.answers(None, service.ok({"exports": [RECENT]}))

    created = await zang.exports.create_schema()

    assert RECENT["id"] == created.export.id
    assert [
        "POST /projects/acme/export/schema",
        "GET /projects/acme/exports?limit=500&offset=0",
    ] == service.calls


async def test_lost_export_that_cannot_be_told(zang: ZangTable, service: "Service") -> None:
    """Without a file name one export of tables looks like another, so that it stays unknown whose one is."""
    service.answers(None, service.ok({"exports": [{"id": RECENT["id"]}]}))

    with pytest.raises(errors.OutcomeUnknown, match="cannot be told from it"):
        await zang.exports.create_database()
    assert 2 == len(service.calls)


# Downloads


def file(body: bytes, kind: str = "text/csv; charset=utf-8", name: str = "contacts.csv") -> web.Response:
    """The answer to a download, as the docs describe it."""
    headers = {"Content-Type": kind, "Content-Disposition": f'attachment; filename="{name}"'}
    return web.Response(body=body, headers=headers)


def names(folder: Path) -> list[str]:
    """The files of a folder."""
    return [each.name for each in folder.iterdir()]


async def test_save(zang: ZangTable, service: "Service", tmp_path: Path) -> None:
    """A file is saved whole, with its size and checksum; what the service says of it is there before."""
    body = b"id,email\r\n1,ada@example.com\r\n" * 100_000
    service.answers(file(body))

    async with await zang.exports.download(EXPORT) as download:
        said = (download.name, download.size, download.content_type, download.received)
        saved = await download.save(tmp_path / "mine.csv")

    assert [DOWNLOAD] == service.calls
    assert ("contacts.csv", len(body), "text/csv; charset=utf-8", 0) == said
    assert (len(body), hashlib.sha256(body).hexdigest()) == (saved.size, saved.sha256)
    assert body == (tmp_path / "mine.csv").read_bytes()
    assert ["mine.csv"] == names(tmp_path)


async def test_chunks(zang: ZangTable, service: "Service") -> None:
    """The bytes come in pieces of a bounded size."""
    body = bytes(range(256)) * 4096
    service.answers(file(body))

    async with await zang.exports.download(EXPORT) as download:
        chunks = [chunk async for chunk in download]

    assert body == b"".join(chunks)
    assert max(map(len, chunks)) <= CHUNK < len(body)


async def test_download_carries_its_operation(zang: ZangTable, service: "Service") -> None:
    """A download belongs to the operation that it is in."""
    service.answers(file(b"x"))

    async with zang.operation("nightly", run_id="mine"), await zang.exports.download("a/b") as download:
        assert [b"x"] == [chunk async for chunk in download]

    (heard,) = service.heard
    assert "GET /projects/acme/export/download/a%2Fb" == heard.call
    assert ("nightly", "mine") == (heard.headers["X-Operation-Key"], heard.headers["X-Operation-Run-Id"])
    assert "Bearer pat_secret" == heard.headers["Authorization"]


async def test_export_that_looks_like_an_error(zang: ZangTable, service: "Service") -> None:
    """A JSON file is a file, whatever it holds: only the status tells a refusal."""
    body = b'{"ok": false, "error": {"code": "table_not_found"}}'
    service.answers(file(body, kind="application/json", name="all.json"))

    async with await zang.exports.download(EXPORT) as download:
        assert [body] == [chunk async for chunk in download]


@pytest.mark.parametrize(
    ("code", "status", "error"),
    [
        ("export_not_found", 404, errors.NotFound),
        ("invalid_token", 401, errors.AuthenticationFailed),
        (None, 403, errors.PermissionDenied),
    ],
)
async def test_refused_download(
    zang: ZangTable, service: "Service", code: str | None, status: int, error: type[errors.ServiceError]
) -> None:
    """A refusal is the usual envelope (inferred), and raises before there is anything to read."""
    service.answers(service.fail(code, status=status))

    with pytest.raises(error, match="it is so"):
        await zang.exports.download(EXPORT)


async def test_lost_download_is_begun_again(zang: ZangTable, service: "Service") -> None:
    """When no reply comes, the download is asked for again."""
    service.answers(None, None, file(b"x"))

    async with await zang.exports.download(EXPORT) as download:
        assert [b"x"] == [chunk async for chunk in download]


@pytest.fixture
async def cutting() -> AsyncIterator[str]:
    """The address of a service that ends each download in its middle."""

    async def handle(request: web.BaseRequest) -> web.StreamResponse:
        response = web.StreamResponse()
        response.content_length = 10
        await response.prepare(request)
        await response.write(b"12345")
        transport: Any = request.transport
        transport.close()
        return response

    async with RawTestServer(handle) as server:
        yield str(server.make_url(""))


async def test_cut_download(cutting: str, tmp_path: Path) -> None:
    """A download that ends before its end is an error, and leaves no part of a file behind."""
    async with (
        ZangTable(token="pat_secret", project="acme", base_url=cutting, environ={}) as zang,
        await zang.exports.download(EXPORT) as download,
    ):
        with pytest.raises(DownloadCut) as caught:
            await download.save(tmp_path / "mine.csv")

    assert 5 == caught.value.received
    assert [] == names(tmp_path)
