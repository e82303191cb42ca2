"""Whatever is sent: an answer in the service's form, never a 500, and an emulator that works on."""

import asyncio
import json
import logging
import zlib
from collections.abc import Callable, Coroutine, Iterator
from contextlib import contextmanager
from typing import Any, TypeAlias

import orjson
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from multidict import CIMultiDict, CIMultiDictProxy, MultiDict

from aiotables.core.convert import Converter
from aiotables.core.operations import Operation
from aiotables.emulator import Emulator, ManualClock
from aiotables.emulator.calls import Incoming, Service
from aiotables.emulator.store import Settings, Store
from aiotables.extruct._generated import operations as extruct
from aiotables.zangtable._generated import operations as zangtable
from aiotables.zangtable._generated.models import Envelope


Ask: TypeAlias = Callable[..., Coroutine[Any, Any, Any]]
Connect: TypeAlias = Callable[[Emulator, str | None], Ask]

strict = Converter(forbid_unknown=True)

COLUMN = {
    "column_name": "a",
    "column_type": "ANY",
    "is_primary": False,
    "is_nullable": True,
    "is_unique": True,
    "default_value": 5,
}
CHANGE = {
    "new_column_name": "b",
    "column_type": "INTEGER",
    "is_nullable": False,
    "default_value": 1,
    "is_unique": True,
}
WHERE = [
    {"column": "a", "op": "=", "value": 1},
    {"column": "id", "op": "in", "value": [1, 2]},
    {"column": "a", "op": "like", "value": "%"},
    {"column": "a", "op": "is_null"},
]
INDEX = {"table_name": "t", "columns": ["id"], "index_name": "i", "unique": True}
TABLE = {"table_name": "t", "display_name": "T", "columns": [COLUMN], "seed": [{"a": 1}], "indexes": [INDEX]}
AGENT = {"agent_type": "llm", "prompt": "{input}", "output_format": "select", "labels": ["x"]}
CONFIGS = [
    {"kind": "input", "name": "Input", "key": "input"},
    {"kind": "agent", "name": "A", "key": "a", "value": AGENT},
    {"kind": "company_people_finder", "name": "P", "key": "p", "value": {"roles": ["VP"]}},
    {"kind": "reverse_email_lookup", "name": "R", "key": "r", "email_column_key": "input"},
    {"kind": "zork", "name": "Z", "key": "z"},
]
SEARCH = {
    "filters": {
        "include": {"size": ["1-10"], "country": ["Germany"], "city": ["Munich"]},
        "exclude": {"size": ["10001+"], "country": ["x"], "city": ["x"], "domains": ["sap.com"]},
        "range": {"founded": {"min": 1, "max": 3000}},
    },
    "pagination": {"offset": 0, "limit": 5},
}
EXAMPLES: dict[str, Any] = {
    "zangtable.bootstrap_project": {
        "project_slug": "other",
        "project_name": "Other",
        "initial_project_user": {"username": "u", "password": "p"},
        "tables": [TABLE],
        "indexes": [INDEX],
        "project_api_tokens": [{"account_user_id": 1, "token_name": "n"}],
    },
    "zangtable.create_column": COLUMN,
    "zangtable.create_database_export": {
        "format": "json",
        "include_tables": ["t"],
        "exclude_tables": [],
        "table_options": {
            "t": {
                "columns": ["id"],
                "filters": {"id": 1},
                "sort": "id",
                "order": "asc",
                "limit": 1,
                "offset": 0,
            }
        },
        "file_name": "f",
    },
    "zangtable.create_schema_export": {"format": "sql", "file_name": "f"},
    "zangtable.create_token": {"token_name": "n", "token_type": "project_api_token"},
    "zangtable.delete_records": {"where": WHERE, "allow_all": True},
    "zangtable.test_token": {"table_name": "t", "token_name": "n"},
    "zangtable.update_column": CHANGE,
    "zangtable.update_columns": {"columns": [{"column_name": "a"} | CHANGE]},
    "zangtable.update_project": {"project_name": "n"},
    "zangtable.update_record": {"data": {"a": "x", "id": 7}},
    "zangtable.update_records": {"data": {"a": "x"}, "where": WHERE, "allow_all": True},
    "zangtable.update_table": {"display_name": None},
    "zangtable.create_index": INDEX,
    "zangtable.create_table": TABLE,
    "zangtable.delete_project": {"confirm_project_slug": "acme"},
    "zangtable.query_records": {"sql": "SELECT ?", "query": "SELECT :a", "params": [1], "limit": 5},
    "extruct.create_columns": {"column_configs": CONFIGS, "insert_after": True},
    "extruct.create_rows": {"rows": [{"data": {"input": 1, "a": "x"}, "metadata": {}}], "run": True},
    "extruct.create_table": {"name": "n", "kind": "company", "tags": ["t"], "column_configs": CONFIGS},
    "extruct.create_deep_research_task": {
        "brief": "b",
        "depth": "high",
        "output_schema": {
            "type": "object",
            "properties": {
                "a": {"type": ["string"], "format": "date", "minLength": 1, "maxLength": 9},
                "b": {"type": "array", "items": {"type": "integer", "minimum": 1, "maximum": 2}},
                "c": {"enum": [1], "anyOf": [{}], "const": 2},
            },
        },
    },
    "extruct.create_discovery_task": {
        "query": "software",
        "desired_num_results": 5,
        "table": {"id": "x", "run": True, "columns": ["x"], "auto_import": True},
        "auto_data_sources": False,
        "data_sources": ["maps"],
        "criteria": [{"key": "k", "name": "n", "criterion": "0123456789"}],
        "exclude_domains": ["https://sap.com/x"],
        "exclude_task_ids": ["x"],
    },
    "extruct.resume_discovery_task": {"desired_new_results": 5},
    "extruct.delete_rows": {"rows": ["11111111-1111-1111-1111-111111111111"]},
    "extruct.update_rows": {"rows": [{"data": {"a": None, "company_name": 1}, "metadata": {}}], "run": True},
    "extruct.update_table": {"name": "n", "description": "d", "tags": ["t"], "columns_order": []},
    "extruct.update_column": CONFIGS[1],
    "extruct.search_companies": {"q": "x"} | SEARCH,
    "extruct.find_similar_companies": SEARCH,
    "extruct.run_table": {"mode": "all", "rows": None, "columns": None},
}

BODILESS = {
    "zangtable.delete_column",
    "zangtable.delete_record",
    "zangtable.delete_token",
    "zangtable.download_export",
    "zangtable.list_exports",
    "zangtable.list_records",
    "zangtable.get_current_auth",
    "zangtable.get_table",
    "zangtable.list_columns",
    "extruct.clone_table",
    "extruct.delete_column",
    "extruct.delete_table",
    "extruct.find_similar_companies_get",
    "extruct.get_billing",
    "extruct.get_company",
    "extruct.get_deep_research_task",
    "extruct.get_discovery_results",
    "extruct.get_discovery_task",
    "extruct.get_healthcheck",
    "extruct.get_row",
    "extruct.list_deep_research_tasks",
    "extruct.list_discovery_tasks",
    "extruct.search_companies_get",
    "extruct.get_table",
    "extruct.get_table_data",
    "extruct.get_user",
    "extruct.list_tables",
}
OPERATIONS = [
    operation
    for operation in (*zangtable.OPERATIONS, *extruct.OPERATIONS)
    if operation.name in EXAMPLES.keys() | BODILESS
]
QUERY = (
    *("limit", "offset", "kind", "scope", "sort", "search", "tags"),
    *("filters", "order", "status", "count", "q", "schema_only"),
)
PATH = (
    "project",
    "table",
    "table_id_or_name",
    "column_id_or_name",
    "id",
    "token_id",
    "export_id",
    "table_id",
    "column_id",
    "row_id",
    "task_id",
    "company_identifier",
)

scalars = (
    st.none()
    | st.booleans()
    | st.integers(-(2**70), 2**70)
    | st.floats(allow_nan=False)
    | st.text(max_size=8)
)
junk = st.recursive(
    scalars,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=4), inner, max_size=3),
    max_leaves=8,
)


@st.composite
def mutations(draw: st.DrawFn, value: Any) -> Any:  # noqa: ANN401 - JSON
    """*value* with parts left out, repeated, or replaced by junk."""
    if draw(st.integers(0, 9)) == 9:
        return draw(junk)

    if isinstance(value, dict):
        keeps = draw(st.integers(0, 3))
        return {key: draw(mutations(part)) for key, part in value.items() if not keeps or draw(st.booleans())}

    if isinstance(value, list):
        parts = draw(st.lists(st.sampled_from(value), max_size=4)) if value else []
        return [draw(mutations(part)) for part in parts]

    return value


def written(value: Any) -> bytes:  # noqa: ANN401 - JSON
    """JSON of a value, numbers of any size included."""
    return json.dumps(value).encode()


filters = mutations(WHERE).map(lambda value: written(value).decode())


@contextmanager
def opened() -> Iterator[Store]:
    """Both services in memory, with a table each."""
    store = Store(
        Settings(
            data=None,
            clock=ManualClock(),
            projects={"acme": "pat_x"},
            extruct_token="pat_x",
            run_seconds=1,
            run_lag=0,
            query_seconds=0.5,
        )
    )
    try:
        ask(
            store,
            zangtable.CREATE_TABLE,
            {"project": "acme"},
            written({"table_name": "t", "columns": [COLUMN]}),
        )
        store.add_records("acme", "t", [{"a": 1}, {"a": "x"}, {"a": None}])
        ask(store, extruct.CREATE_TABLE, {}, b'{"kind": "company"}')
        yield store
    finally:
        store.close()


def asked(store: Store, operation: Operation[Any, Any], path: dict[str, str], body: bytes) -> Any:  # noqa: ANN401 - JSON
    """What Extruct answers to a call that is in order."""
    headers = CIMultiDictProxy(CIMultiDict({"Authorization": "Bearer pat_x"}))
    reply = store.extruct.answer(Incoming(operation=operation, path=path, headers=headers, body=body))
    return orjson.loads(reply.body)


def ask(
    store: Store,
    operation: Operation[Any, Any],
    path: dict[str, str],
    body: bytes,
    headers: dict[str, str] | None = None,
    query: list[tuple[str, str]] | None = None,
) -> int:
    """The status of an answer, once it is seen to have the form it must have."""
    service: Service = store.zangtable if operation.name.startswith("zangtable.") else store.extruct
    reply = service.answer(
        Incoming(
            operation=operation,
            path=path,
            query=MultiDict(query or []),
            headers=CIMultiDictProxy(CIMultiDict({"Authorization": "Bearer pat_x"} | (headers or {}))),
            body=body,
        )
    )
    assert 200 <= reply.status < 500, reply
    if operation.result is bytes and reply.status < 300:
        return reply.status

    answer = orjson.loads(reply.body)
    if service is store.zangtable:
        envelope = strict.decode(answer, Envelope)
        assert envelope.ok is (reply.status < 300)
        answer = envelope.data
    if reply.status < 300:
        strict.decode(answer, operation.result)
    elif service is store.extruct:
        assert ["detail"] == list(answer)
    return reply.status


def test_every_operation_is_tried() -> None:
    """What follows leaves no operation of the emulator out."""
    with opened() as store:
        there = [operation.name for operation in (*store.zangtable.operations, *store.extruct.operations)]

    assert sorted(there) == sorted(operation.name for operation in OPERATIONS)


@pytest.mark.parametrize("name", EXAMPLES)
@settings(max_examples=50, deadline=None)
@given(data=st.data())
def test_any_body_has_an_answer(name: str, data: st.DataObject) -> None:
    """The documented bodies, bent: 2xx with a result that decodes, or 4xx in the service's form."""
    (operation,) = (each for each in OPERATIONS if each.name == name)
    with opened() as store:
        ids = {table_id for table_id, _, _ in store.extruct_tables()}
        task = asked(store, extruct.CREATE_DISCOVERY_TASK, {}, b'{"query": "x", "desired_num_results": 1}')
        table = asked(store, extruct.GET_TABLE, {"table_id": min(ids)}, b"")
        path = {
            "project": "acme",
            "table": "t",
            "table_id_or_name": "t",
            "column_id_or_name": "a",
            "id": "1",
            "table_id": min(ids),
            "column_id": table["columns"][0]["id"],
            "task_id": task["id"],
            "company_identifier": "sap.com",
        }
        for body in data.draw(st.lists(mutations(EXAMPLES[name]).map(written), min_size=1, max_size=3)):
            ask(store, operation, path, body)

        assert {"acme"} >= set(store.projects) - {"other"}


@pytest.mark.parametrize("operation", OPERATIONS, ids=lambda each: each.name)
@settings(max_examples=20, deadline=None)
@given(data=st.data())
def test_anything_else_has_an_answer(operation: Operation[Any, Any], data: st.DataObject) -> None:
    """Any path segments, headers, query parameters and bytes."""
    text = st.text(max_size=12) | st.sampled_from(["acme", "t", "1", "0", "-1", "9" * 40, "%00", "company"])
    with opened() as store:
        ask(
            store,
            operation,
            {name: data.draw(text) for name in PATH},
            data.draw(st.binary(max_size=20)),
            {name: data.draw(text | st.just("\udcff")) for name in ("X-Operation-Key", "X-Operation-Run-Id")},
            data.draw(st.lists(st.tuples(st.sampled_from(QUERY), text | filters), max_size=4)),
        )


@pytest.mark.parametrize(
    ("request_", "status"),
    [
        (b"GET /projects/acme/table/%ff%00 HTTP/1.1", 404),
        (b"GET /projects/acme/table/1 HTTP/1.1\r\nX-Operation-Key: \xff\xfe", 404),
        (b"GET /v1/tables?search=%ff%ed%a0%80&tags=%00 HTTP/1.1", 200),
        (b"GET //v1/tables HTTP/1.1", 404),
        (b"CONNECT x:80 HTTP/1.1", 404),
        (b"OPTIONS /v1/tables HTTP/1.1", 405),
        (b"HEAD /v1/tables HTTP/1.1", 405),
        (b"POST /v1/tables HTTP/1.1\r\nContent-Length: 0\r\nContent-Encoding: deflate", 422),
        (b"POST /v1/tables HTTP/1.1\r\nContent-Length: -5", 400),
        (b"garbage", 400),
    ],
)
async def test_raw_bytes_have_an_answer(request_: bytes, status: int) -> None:
    """What no client library would send."""
    async with Emulator(projects={"acme": "pat_x"}, extruct_token="pat_x") as emulator:
        host, port = emulator.url.removeprefix("http://").split(":")
        reader, writer = await asyncio.open_connection(host, int(port))
        writer.write(request_ + b"\r\nHost: x\r\nAuthorization: Bearer pat_x\r\nConnection: close\r\n\r\n")
        answer = await reader.read()
        writer.close()
        await writer.wait_closed()

    assert status == int(answer.split()[1])


async def test_a_client_that_leaves_in_the_middle(
    emulator: Emulator, caplog: pytest.LogCaptureFixture
) -> None:
    """Half a request has no effect, and nothing to be told of."""
    host, port = emulator.url.removeprefix("http://").split(":")
    _, writer = await asyncio.open_connection(host, int(port))
    writer.write(b"POST /projects/acme/table HTTP/1.1\r\nHost: x\r\nContent-Length: 500\r\n\r\n{")
    await writer.drain()
    writer.close()
    await writer.wait_closed()
    await asyncio.sleep(0.05)

    assert [] == emulator.calls
    assert [] == [record for record in caplog.records if record.levelno >= logging.WARNING]


DEEP = b"[" * 100_000 + b"]" * 100_000
ODD = {
    "deep": DEEP,
    "deep in a field": b'{"table_name": "t2", "name": ' + DEEP + b', "columns": ' + DEEP + b"}",
    "not ended": b'{"name": ',
    "large number": b'{"table_name": ' + b"9" * 5000 + b', "name": ' + b"9" * 5000 + b"}",
    "infinity": b'{"table_name": 1e999, "name": 1e999}',
    "not a number": b'{"table_name": NaN, "name": NaN}',
    "lone surrogate": b'{"table_name": "\\ud800", "name": "\\ud800"}',
    "no unicode": b'{"table_name": "\xff", "name": "\xff"}',
    "byte order mark": b'\xef\xbb\xbf{"table_name": "t2"}',
    "utf-16": '{"table_name": "t2"}'.encode("utf-16"),
    "a list": b"[]",
    "a text": b'"t2"',
}


@pytest.mark.parametrize("body", ODD.values(), ids=ODD)
async def test_odd_bodies_are_refused(emulator: Emulator, connect: Connect, body: bytes) -> None:
    """Each service says so in its form, nothing is made, and the next call is answered."""
    zang, extruct_ = connect(emulator, "pat_emulator"), connect(emulator, "extruct-emulator")
    answers = (
        await zang("POST", "/projects/acme/table", body=body),
        await extruct_("POST", "/v1/tables", body=body),
    )

    assert (400, 422) == tuple(answer.status for answer in answers)
    assert "invalid_request" == answers[0].json["error"]["code"]
    assert answers[1].json["detail"]
    assert 0 == emulator.count_tables("acme") == len(emulator.extruct_tables())
    assert 201 == (await zang("POST", "/projects/acme/table", {"table_name": "t"})).status


@pytest.mark.parametrize("encoding", ["gzip", "deflate"])
async def test_a_body_that_grows_is_too_large(emulator: Emulator, connect: Connect, encoding: str) -> None:
    """The limit holds for what is unpacked: a kilobyte that becomes a hundred megabytes is refused before it does."""
    window = {"gzip": 31, "deflate": 15}[encoding]
    packer = zlib.compressobj(9, wbits=window)
    bomb = b"".join(packer.compress(bytes(1_000_000)) for _ in range(100)) + packer.flush()
    zang, extruct_ = connect(emulator, "pat_emulator"), connect(emulator, "extruct-emulator")
    answers = [
        await zang("POST", "/projects/acme/table", body=bomb, Content_Encoding=encoding),
        await extruct_("POST", "/v1/tables", body=bomb, Content_Encoding=encoding),
    ]

    assert [413, 413] == [answer.status for answer in answers]
    assert "payload_too_large" == answers[0].json["error"]["code"]
