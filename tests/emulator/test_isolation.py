"""No name, value or statement reaches what it is not about: other tables, other projects, the catalogue, the schema."""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import orjson
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from multidict import CIMultiDict, CIMultiDictProxy, MultiDict

from aiotables.core.operations import Operation
from aiotables.emulator import ManualClock
from aiotables.emulator.calls import Incoming
from aiotables.emulator.store import Settings, Store
from aiotables.extruct._generated import operations as extruct
from aiotables.zangtable._generated import operations as zangtable


TOKENS = {"acme": "pat_acme", "other": "pat_other"}

# Names and values that mean something to SQL, to JSON paths, to file systems or to patterns.
SHARP = (
    'victim"; DROP TABLE victim; --',
    "victim'; DROP TABLE victim; --",
    "victim` OR 1=1",
    "] ; DELETE FROM victim",
    "%",
    "_",
    "*",
    "$.input",
    "a\0b",
    "../other",
    "..",
    "sqlite_master",
    "main.victim",
    ":project_id",
    "?1",
    "NULL",
    "0x1",
    "\u202evictim",
    "😀" * 3,
)
texts = st.text(max_size=12) | st.sampled_from(SHARP)

# Parts of statements, put together in any way.
WORDS = st.sampled_from(
    [
        *(
            "SELECT",
            "WITH",
            "EXPLAIN QUERY PLAN",
            "*",
            "FROM",
            "victim",
            "(",
            ")",
            ",",
            ";",
            "--",
            "/*",
            "*/",
            "'",
            '"',
        ),
        *(
            "INSERT INTO victim VALUES (9, 9)",
            "DELETE FROM victim",
            "UPDATE victim SET a = 9",
            "DROP TABLE victim",
        ),
        *(
            "REPLACE INTO victim VALUES (1, 9)",
            "RETURNING *",
            "AS",
            "x",
            "UNION",
            "1",
            "?",
            ":a",
            "WHERE",
            "LIMIT",
        ),
        *(
            "PRAGMA writable_schema = 1",
            "ATTACH 'x' AS y",
            "VACUUM INTO 'x'",
            "CREATE TABLE x (y)",
            "BEGIN",
            "COMMIT",
        ),
        *("pragma_table_info('victim')", "sqlite_master", "load_extension('x')", "MATERIALIZED", "RECURSIVE"),
    ]
)


def ask(
    store: Store,
    operation: Operation[Any, Any],
    path: dict[str, str],
    body: object = None,
    *,
    token: str = TOKENS["acme"],
    query: dict[str, str] | None = None,
) -> tuple[int, Any]:
    """Status and JSON of an answer."""
    service = store.zangtable if operation.name.startswith("zangtable.") else store.extruct
    reply = service.answer(
        Incoming(
            operation=operation,
            path=path,
            query=MultiDict(query or {}),
            headers=CIMultiDictProxy(CIMultiDict({"Authorization": f"Bearer {token}"})),
            body=b"" if body is None else json.dumps(body).encode(),
        )
    )
    return reply.status, orjson.loads(reply.body)


def dumped(store: Store, project: str = "acme") -> Any:  # noqa: ANN401 - JSON
    """All that a project holds, its schema included."""
    path = {"project": project}
    sql = "SELECT name, sql FROM sqlite_master ORDER BY name"
    schema = ask(store, zangtable.QUERY_RECORDS, path, {"sql": sql}, token=TOKENS[project])
    rows = ask(store, zangtable.LIST_RECORDS, path | {"table": "victim"}, token=TOKENS[project])
    return schema[1]["data"]["rows"], rows[1]["data"]["rows"]


@contextmanager
def opened(data: Path | None = None) -> Iterator[Store]:
    """Two projects, each with a table that must stay as it is, and a table to play with."""
    store = Store(
        Settings(
            data=data,
            clock=ManualClock(),
            projects=TOKENS,
            extruct_token="pat_acme",
            run_seconds=1,
            run_lag=0,
            query_seconds=0.5,
        )
    )
    try:
        for project, token in TOKENS.items():
            for table in ("victim", "t"):
                body = {"table_name": table, "columns": [{"column_name": "a", "column_type": "ANY"}]}
                assert 201 == ask(store, zangtable.CREATE_TABLE, {"project": project}, body, token=token)[0]
            store.add_records(project, "victim", [{"a": "precious"}])
        yield store
    finally:
        store.close()


@settings(max_examples=150, deadline=None)
@given(name=texts)
def test_a_name_makes_what_it_says_or_nothing(name: str) -> None:
    """Tables, columns and indexes of any name are refused with 400, or are there under that name; nothing else changes."""
    bodies: list[tuple[Operation[Any, Any], dict[str, object]]] = [
        (zangtable.CREATE_TABLE, {"table_name": name}),
        (zangtable.CREATE_COLUMN, {"column_name": name}),
        (zangtable.CREATE_INDEX, {"columns": ["a"], "index_name": name}),
        (zangtable.UPDATE_TABLE, {"display_name": name}),
    ]
    with opened() as store:
        victim, other = dumped(store)[1], dumped(store, "other")
        for operation, body in bodies:
            path = {"project": "acme", "table": "t", "table_id_or_name": "t"}
            status, answer = ask(store, operation, path, body)
            assert status in {200, 201, 400, 409}, answer
            if status == 201 and operation is zangtable.CREATE_TABLE:
                assert name in store.table_names("acme")

        assert {"victim", "t", name} >= set(store.table_names("acme")) >= {"victim", "t"}
        assert (victim, other) == (dumped(store)[1], dumped(store, "other"))


@settings(max_examples=150, deadline=None)
@given(value=texts | st.integers(-(2**63), 2**63 - 1) | st.floats(allow_nan=False, allow_infinity=False))
def test_a_value_is_a_value(value: object) -> None:
    """What is written is read again, found by a filter on it, and bound in a query, without meaning anything."""
    with opened() as store:
        before = dumped(store)
        store.add_records("acme", "t", [{"a": "?"}])
        path = {"project": "acme", "table": "t", "id": "1"}
        status, _ = ask(store, zangtable.UPDATE_RECORD, path, {"a": value})
        found = ask(store, zangtable.LIST_RECORDS, path, query={"filters": json.dumps({"a": value})})[1]
        bound = ask(store, zangtable.QUERY_RECORDS, path, {"sql": "SELECT ? AS v", "params": [value]})[1]

        assert 200 == status
        assert [value] == [row["a"] for row in found["data"]["rows"]]
        assert [{"v": value}] == bound["data"]["rows"]
        assert before == dumped(store)


@settings(max_examples=300, deadline=None)
@given(words=st.lists(WORDS | texts, max_size=8), start=st.sampled_from(["SELECT", "WITH x AS (", ""]))
def test_no_statement_changes_anything(words: list[str], start: str) -> None:
    """Whatever a statement is made of, it is answered, or refused with 400, and the project is as it was."""
    with opened() as store:
        before = dumped(store)
        sql = " ".join([start, *words])
        status, answer = ask(store, zangtable.QUERY_RECORDS, {"project": "acme"}, {"sql": sql})

        assert status in {200, 400}, answer
        assert before == dumped(store)


@settings(max_examples=100, deadline=None)
@given(slug=texts)
def test_a_slug_leads_to_no_file(slug: str, tmp_path_factory: pytest.TempPathFactory) -> None:
    """A slug that is none is a project that is not there, and makes no file anywhere."""
    folder = tmp_path_factory.mktemp("data", numbered=True)
    with opened(folder / "inner") as store:
        files = sorted(folder.rglob("*"))
        status, _ = ask(store, zangtable.LIST_COLUMNS, {"project": slug, "table": "t"})
        body = {"project_slug": slug, "project_name": "x", "tables": []}
        made, _ = ask(store, zangtable.BOOTSTRAP_PROJECT, {}, body)

        assert (401 if slug in TOKENS else 404) == status
        assert made in {201, 400, 409}
        if made != 201:
            assert files == sorted(folder.rglob("*"))


IN_PROJECTS = [each for each in zangtable.OPERATIONS if each is not zangtable.BOOTSTRAP_PROJECT]


@pytest.mark.parametrize("operation", IN_PROJECTS, ids=lambda each: each.name)
def test_a_token_opens_its_own_project_alone(operation: Operation[Any, Any]) -> None:
    """Every operation on another project is refused as if the token were unknown, and nothing of it is told."""
    with opened() as store:
        before = dumped(store, "other")
        path = dict.fromkeys(("table", "table_id_or_name"), "victim")
        path |= dict.fromkeys(("id", "token_id", "export_id", "column_id_or_name"), "1")
        body: object = None if operation.body is None else {}
        status, answer = ask(store, operation, path | {"project": "other"}, body)

        assert (401, "invalid_token") == (status, answer["error"]["code"])
        assert "precious" not in json.dumps(answer)
        assert before == dumped(store, "other")


def test_numbers_of_one_project_mean_nothing_in_another() -> None:
    """Ids of tables, tokens and exports are those of the project of the path."""
    with opened() as store:
        acme, other = {"project": "acme"}, {"project": "other"}
        made = ask(store, zangtable.CREATE_SCHEMA_EXPORT, other, {}, token="pat_other")[1]["data"]["export"][
            "id"
        ]
        token = ask(store, zangtable.TEST_TOKEN, other, {}, token="pat_other")[1]["data"]["token"]["token_id"]

        export = ask(store, zangtable.DOWNLOAD_EXPORT, acme | {"export_id": made})
        revoked = ask(store, zangtable.DELETE_TOKEN, acme | {"token_id": str(token)})
        listed = ask(store, zangtable.LIST_EXPORTS, acme)

    assert (404, 404) == (export[0], revoked[0])
    assert [] == listed[1]["data"]["exports"]


@settings(max_examples=100, deadline=None)
@given(names=st.lists(texts, min_size=1, max_size=4, unique=True), part=texts)
def test_searches_and_tags_are_plain_texts(names: list[str], part: str) -> None:
    """Extruct's search finds what contains the text, without regard to case; tags are equal or not."""
    with opened() as store:
        for name in names:
            body = {"name": name, "kind": "generic", "tags": [name]}
            assert 200 == ask(store, extruct.CREATE_TABLE, {}, body)[0]
        found = ask(store, extruct.LIST_TABLES, {}, query={"search": part, "sort": "created_at"})[1]
        tagged = ask(store, extruct.LIST_TABLES, {}, query={"tags": names[0]})[1]

    assert [name for name in names if part.casefold() in name.casefold()] == [each["name"] for each in found]
    assert [names[0]] == [each["name"] for each in tagged]


@settings(max_examples=100, deadline=None)
@given(key=texts.filter(bool), value=texts)
def test_keys_of_cells_are_plain_texts(key: str, value: str) -> None:
    """A column of any key holds its values and is run, whatever the key means to a JSON path."""
    configs = [
        {"kind": "input", "name": "I", "key": key},
        {"kind": "agent", "name": "A", "key": f"{key}!", "value": {"agent_type": "llm", "prompt": "x"}},
    ]
    with opened() as store:
        table = ask(store, extruct.CREATE_TABLE, {}, {"kind": "generic", "column_configs": configs})[1]
        path = {"table_id": table["id"]}
        status, rows = ask(store, extruct.CREATE_ROWS, path, {"rows": [{"data": {key: value}}], "run": True})

        sent = {"id": rows[0]["id"], "data": {f"{key}!": value}}
        _, changed = ask(store, extruct.UPDATE_ROWS, path, {"rows": [sent]})

    assert (200, value, "pending") == (status, rows[0]["data"][key], rows[0]["data"][f"{key}!"]["status"])
    assert {key: value, f"{key}!": value} == changed[0]["data"]
