"""Read-only SQL."""

from collections.abc import Callable, Coroutine
from typing import Any, TypeAlias

import pytest

from aiotables.core.convert import Converter
from aiotables.emulator import Emulator
from aiotables.zangtable._generated import operations


Ask: TypeAlias = Callable[..., Coroutine[Any, Any, Any]]
Connect: TypeAlias = Callable[[Emulator, str | None], Ask]

QUERY = "/projects/library/query"

LIBRARY = {
    "project_slug": "library",
    "project_name": "Library",
    "initial_project_user": {"username": "server", "password": "replace-with-a-long-password"},
    "tables": [
        {
            "table_name": "books",
            "columns": [
                {"column_name": "title"},
                {"column_name": "status"},
                {"column_name": "cover", "type": "BLOB"},
            ],
            "seed": [
                {"id": 101, "title": "The Pragmatic Programmer", "status": "late"},
                {"id": 102, "title": "Clean Architecture", "status": "late"},
                {"id": 103, "title": "Refactoring", "status": "in"},
            ],
        }
    ],
    "project_api_tokens": [{"account_user_id": 1}],
}


@pytest.fixture
async def library(emulator: Emulator, zang: Ask, connect: Connect) -> Ask:
    """A project with books, and its own token."""
    made = await zang("POST", "/bootstrap", LIBRARY)
    return connect(emulator, made.json["data"]["project_api_tokens"][0]["token"])


async def test_the_guides_example(library: Ask) -> None:
    """The guide's query has the guide's rows."""
    answer = await library(
        "POST", QUERY, {"sql": "SELECT id, title FROM books WHERE status = ?", "params": ["late"]}
    )

    data = answer.json["data"]
    assert [
        {"id": 101, "title": "The Pragmatic Programmer"},
        {"id": 102, "title": "Clean Architecture"},
    ] == data["rows"]
    assert (2, 500) == (data["row_count"], data["limit"])
    assert isinstance(data["duration_ms"], int)
    Converter(forbid_unknown=True).decode(data, operations.QUERY_RECORDS.result)


async def test_named_parameters_and_the_other_name(library: Ask) -> None:
    """`query` is `sql` by another name, and an object fills named places."""
    answer = await library(
        "POST",
        QUERY,
        {"query": "SELECT id FROM books WHERE status = :s ORDER BY id DESC", "params": {"s": "late"}},
    )

    assert [{"id": 102}, {"id": 101}] == answer.json["data"]["rows"]


@pytest.mark.parametrize(
    ("asked", "given", "rows"), [(2, 2, 2), (0, 1, 1), (-5, 1, 1), (5000, 1000, 1000), (None, 500, 500)]
)
async def test_the_limit_is_clamped(library: Ask, asked: int | None, given: int, rows: int) -> None:
    """Any limit is made to fit 1 to 1000."""
    sql = "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n LIMIT 2000) SELECT i FROM n"

    answer = await library("POST", QUERY, {"sql": sql} | ({} if asked is None else {"limit": asked}))

    assert (given, rows) == (answer.json["data"]["limit"], answer.json["data"]["row_count"])


@pytest.mark.parametrize(
    "sql",
    [
        "  select 1 AS one",
        "\nWITH x AS (SELECT 1) SELECT * FROM x",
        "EXPLAIN  QUERY PLAN SELECT * FROM books",
        "SELECT 1;",
        "SELECT 'DROP TABLE books; DELETE FROM books'",
        "SELECT name, sql FROM sqlite_master",
        "SELECT count(*), upper(title) FROM books GROUP BY 2",
    ],
)
async def test_what_is_accepted(library: Ask, sql: str) -> None:
    """Reading is."""
    assert 200 == (await library("POST", QUERY, {"sql": sql})).status


@pytest.mark.parametrize(
    "sql",
    [
        "DELETE FROM books",
        "INSERT INTO books DEFAULT VALUES",
        "UPDATE books SET title = ''",
        "DROP TABLE books",
        "PRAGMA user_version = 9",
        "PRAGMA table_info(books)",
        "ATTACH '/etc/passwd' AS x",
        "VACUUM INTO '/tmp/x'",
        "BEGIN",
        "EXPLAIN SELECT 1",
        "VALUES (1)",
        "-- SELECT\nDELETE FROM books",
        "SELECTX",
        "",
        "SELECT 1; SELECT 2",
        "SELECT 1; DELETE FROM books",
        "WITH x AS (SELECT 1) DELETE FROM books",
        "WITH x AS (SELECT 1) INSERT INTO books (title) SELECT 1",
        "SELECT * FROM pragma_table_info('books')",
    ],
)
async def test_what_is_not_accepted(library: Ask, sql: str) -> None:
    """Anything else is refused and changes nothing."""
    answer = await library("POST", QUERY, {"sql": sql})
    after = await library("POST", QUERY, {"sql": "SELECT count(*) AS n FROM books"})

    assert (400, "query_not_allowed") == (answer.status, answer.json["error"]["code"])
    assert [{"n": 3}] == after.json["data"]["rows"]


@pytest.mark.parametrize(
    "body",
    [
        {"sql": "SELECT nope"},
        {"sql": "SELECT ?"},
        {"sql": "SELECT ?", "params": [1, 2]},
        {"sql": "SELECT ?", "params": [[1]]},
        {"sql": "SELECT ?", "params": [9223372036854775808]},
        {"sql": "SELECT :a", "params": {}},
        {"sql": "SELECT '\u0000'"},
        {"sql": "SELECT zeroblob(1000000000)"},
        {"sql": "SELECT load_extension('x')"},
        {"sql": "SELECT (" * 2000},
    ],
)
async def test_statements_that_fail(library: Ask, body: object) -> None:
    """A statement that cannot be run is the caller's fault."""
    answer = await library("POST", QUERY, body)

    assert (400, "query_failed") == (answer.status, answer.json["error"]["code"])


@pytest.mark.parametrize(
    "body",
    [{}, {"params": []}, {"sql": 5}, {"sql": "SELECT 1", "params": 5}, {"sql": "SELECT 1", "limit": "2"}],
)
async def test_bodies_that_are_refused(library: Ask, body: object) -> None:
    """A statement must be there, and the rest be of its type."""
    answer = await library("POST", QUERY, body)

    assert (400, "invalid_request") == (answer.status, answer.json["error"]["code"])


async def test_null_parameters_are_none(library: Ask) -> None:
    """A null in place of parameters is no parameter."""
    assert 200 == (await library("POST", QUERY, {"sql": "SELECT 1", "params": None})).status


async def test_values_that_json_does_not_have(library: Ask) -> None:
    """Bytes become base64, text of another encoding is told as far as it can be, infinity is null."""
    answer = await library(
        "POST",
        QUERY,
        {"sql": "SELECT x'00ff' AS b, CAST(x'61ff' AS TEXT) AS t, 9e999 AS i, 1.5 AS r, NULL AS n"},
    )

    assert [{"b": "AP8=", "t": "a\ufffd", "i": None, "r": 1.5, "n": None}] == answer.json["data"]["rows"]


async def test_a_statement_has_its_time(connect: Connect) -> None:
    """A statement that never ends is ended, and the emulator works on."""
    forever = "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n) SELECT count(*) FROM n"
    async with Emulator(query_seconds=0.02) as emulator:
        zang = connect(emulator, "pat_emulator")

        answer = await zang("POST", "/projects/acme/query", {"sql": forever})
        after = await zang("POST", "/projects/acme/table", {"table_name": "a"})

    assert (400, "query_timeout") == (answer.status, answer.json["error"]["code"])
    assert 201 == after.status


@pytest.mark.parametrize(
    "function", ["printf('%.*c', 500000000, 'x')", "format('%d', 1)", "load_extension('x')"]
)
async def test_functions_that_are_refused(library: Ask, function: str) -> None:
    """What could take any time within one step, or reach outside, is no part of the dialect."""
    answer = await library("POST", QUERY, {"sql": f"SELECT {function}"})

    assert (400, "query_failed") == (answer.status, answer.json["error"]["code"])


async def test_a_result_has_its_size(library: Ask) -> None:
    """Rows that are too many letters together are refused, and the answer says so."""
    sql = """
        WITH RECURSIVE r(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM r LIMIT 1000)
        SELECT n, hex(zeroblob(?)) AS x FROM r
    """
    large, small = [await library("POST", QUERY, {"sql": sql, "params": [n]}) for n in (100_000, 1000)]

    assert (400, "query_failed") == (large.status, large.json["error"]["code"])
    assert "larger than" in large.json["error"]["message"]
    assert (200, 500) == (small.status, small.json["data"]["row_count"])
