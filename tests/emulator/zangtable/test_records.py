"""Records: listed, changed, deleted."""

from collections.abc import Callable, Coroutine
from typing import Any, TypeAlias
from urllib.parse import quote

import orjson
import pytest

from aiotables.core.convert import Converter
from aiotables.emulator import Emulator, ManualClock
from aiotables.zangtable._generated import operations


Ask: TypeAlias = Callable[..., Coroutine[Any, Any, Any]]
Connect: TypeAlias = Callable[[Emulator, str | None], Ask]

strict = Converter(forbid_unknown=True)

CONTACTS = "/projects/acme/records/contacts"
COLUMNS = [
    {"column_name": "email", "is_unique": True},
    {"column_name": "status"},
    {"column_name": "age", "column_type": "INTEGER"},
    {"column_name": "data"},
]
ROWS: list[dict[str, Any]] = [
    {"email": "ada@example.com", "status": "active", "age": 36},
    {"email": "bob@example.com", "status": "draft", "age": None},
    {"email": "cyd@example.com", "status": "active", "age": 20},
]


@pytest.fixture(autouse=True)
async def contacts(zang: Ask, emulator: Emulator) -> None:
    """A table with three rows."""
    await zang("POST", "/projects/acme/table", {"table_name": "contacts", "columns": COLUMNS})
    emulator.add_records("acme", "contacts", ROWS)


def filtered(filters: object) -> str:
    """The path with filters, percent-encoded."""
    return f"{CONTACTS}?filters={quote(orjson.dumps(filters))}"


async def test_list_records(zang: Ask) -> None:
    """The basic request: all rows by their key, flat, in the default page."""
    answer = await zang("GET", CONTACTS)

    data = answer.json["data"]
    assert 200 == answer.status
    assert {"id": 1, "data": None} | ROWS[0] == data["rows"][0]
    assert ("contacts", 100, 0, 3, False) == (
        data["table"],
        data["limit"],
        data["offset"],
        data["returned"],
        data["has_more"],
    )
    assert "count" not in data
    strict.decode(data, operations.LIST_RECORDS.result)


async def test_list_records_with_everything(zang: Ask) -> None:
    """The full request of the page: condition array, sort, order, limit, offset, count."""
    path = filtered([{"column": "status", "op": "=", "value": "active"}])

    answer = await zang("GET", f"{path}&sort=id&order=desc&limit=1&offset=0&include_count=true")

    data = answer.json["data"]
    assert [3] == [row["id"] for row in data["rows"]]
    assert (1, 1, True, 2) == (data["limit"], data["returned"], data["has_more"], data["count"])


@pytest.mark.parametrize(
    ("filters", "ids"),
    [
        ({"status": "active"}, [1, 3]),
        ({"STATUS": "active", "age": 20}, [3]),
        ({"age": None}, [2]),
        ([{"column": "age", "op": ">", "value": 20}], [1]),
        ([{"column": "age", "op": "<=", "value": "36"}], [1, 3]),
        ([{"column": "email", "op": "like", "value": "%BOB%"}], [2]),
        ([{"column": "age", "op": "in", "value": [20, 36]}], [1, 3]),
        ([{"column": "age", "op": "in", "value": []}], []),
        ([{"column": "age", "op": "not_null"}, {"column": "status", "op": "!=", "value": "x"}], [1, 3]),
        ({"email": "' OR 1=1 --"}, []),
    ],
)
async def test_list_records_filtered(zang: Ask, filters: object, ids: list[int]) -> None:
    """Both forms find the rows for which all conditions hold."""
    answer = await zang("GET", filtered(filters))

    assert ids == [row["id"] for row in answer.json["data"]["rows"]]


async def test_equal_values_keep_their_order(zang: Ask) -> None:
    """Rows that the sort does not tell apart come by their key, so that pages do not overlap."""
    pages = [await zang("GET", f"{CONTACTS}?sort=status&limit=1&offset={offset}") for offset in range(4)]

    assert [1, 3, 2] == [row["id"] for page in pages for row in page.json["data"]["rows"]]
    assert [True, True, False, False] == [page.json["data"]["has_more"] for page in pages]


async def test_the_other_name_of_the_count(zang: Ask) -> None:
    """`count` is an alias, and any other word is false."""
    yes = await zang("GET", f"{CONTACTS}?count=on")
    no = await zang("GET", f"{CONTACTS}?count=ja")

    assert 3 == yes.json["data"]["count"]
    assert "count" not in no.json["data"]


@pytest.mark.parametrize(
    ("query", "code"),
    [
        ("limit=0", "invalid_request"),
        ("limit=501", "invalid_request"),
        ("limit=x", "invalid_request"),
        ("offset=-1", "invalid_request"),
        ("order=up", "invalid_request"),
        ("sort=nope", "column_not_found"),
        ("filters=%7Bnope", "invalid_filter"),
        ("filters=1", "invalid_filter"),
        ("filters=%7B%22nope%22:1%7D", "column_not_found"),
    ],
)
async def test_parameters_that_are_refused(zang: Ask, query: str, code: str) -> None:
    """Nothing is put right in silence."""
    answer = await zang("GET", f"{CONTACTS}?{query}")

    assert (400, code) == (answer.status, answer.json["error"]["code"])


async def test_a_list_that_takes_too_long(clock: ManualClock, connect: Connect) -> None:
    """It is stopped, as a query is, and the next one works."""
    async with Emulator(clock=clock, query_seconds=0) as impatient:
        zang = connect(impatient, "pat_emulator")
        await zang("POST", "/projects/acme/table", {"table_name": "contacts", "columns": COLUMNS})
        impatient.add_records("acme", "contacts", [{"status": str(n)} for n in range(3000)])
        slow = await zang("GET", f"{CONTACTS}?sort=status")
        after = await zang("GET", f"{CONTACTS}?limit=1")

    assert (400, "query_timeout") == (slow.status, slow.json["error"]["code"])
    assert 200 == after.status


@pytest.mark.parametrize(
    "body", [{"email": "ada@lovelace.example"}, {"data": {"email": "ada@lovelace.example"}}]
)
async def test_update_record(zang: Ask, body: object) -> None:
    """The patch itself, or wrapped in `data`: the fresh row comes back."""
    answer = await zang("PATCH", f"{CONTACTS}/1", body)

    row = {"id": 1, "data": None} | ROWS[0] | {"email": "ada@lovelace.example"}
    assert {"table": "contacts", "row": row} == answer.json["data"]
    strict.decode(answer.json["data"], operations.UPDATE_RECORD.result)


async def test_a_column_called_data(zang: Ask) -> None:
    """Anything but an object alone in `data` is a value of the column of that name."""
    plain = await zang("PATCH", f"{CONTACTS}/1", {"data": "x"})
    wrapped = await zang("PATCH", f"{CONTACTS}/1", {"data": {"data": True}})

    assert "x" == plain.json["data"]["row"]["data"]
    assert "1" == wrapped.json["data"]["row"]["data"]


async def test_an_empty_patch(zang: Ask) -> None:
    """Nothing changes, and the row is answered."""
    answer = await zang("PATCH", f"{CONTACTS}/2", {})

    assert {"id": 2, "data": None} | ROWS[1] == answer.json["data"]["row"]


@pytest.mark.parametrize(
    ("key", "body", "status", "code"),
    [
        ("9", {"age": 1}, 404, "record_not_found"),
        ("9", {}, 404, "record_not_found"),
        ("01", {"age": 1}, 404, "record_not_found"),
        ("1.0", {"age": 1}, 404, "record_not_found"),
        ("%00", {"age": 1}, 404, "record_not_found"),
        ("1", {"nope": 1}, 400, "column_not_found"),
        ("1", {"email": "bob@example.com"}, 409, "constraint_violated"),
        ("1", {"age": "old"}, 409, "constraint_violated"),
        ("1", {"age": [1]}, 400, "invalid_request"),
        ("1", {"age": {"a": 1}, "email": "x"}, 400, "invalid_request"),
        ("1", {"age": 2**63}, 400, "invalid_request"),
        ("1", [], 400, "invalid_request"),
    ],
)
async def test_updates_that_are_refused(zang: Ask, key: str, body: object, status: int, code: str) -> None:
    """Each by its code, and no row changes."""
    answer = await zang("PATCH", f"{CONTACTS}/{key}", body)
    rows = (await zang("GET", CONTACTS)).json["data"]["rows"]

    assert (status, code) == (answer.status, answer.json["error"]["code"])
    assert [{"id": n, "data": None} | row for n, row in enumerate(ROWS, 1)] == rows


async def test_delete_record(zang: Ask) -> None:
    """The key is answered as the text of the path; a second call finds nothing."""
    answer = await zang("DELETE", f"{CONTACTS}/1")
    again = await zang("DELETE", f"{CONTACTS}/1")

    assert {"deleted": True, "table": "contacts", "id": "1"} == answer.json["data"]
    assert (404, "record_not_found") == (again.status, again.json["error"]["code"])
    strict.decode(answer.json["data"], operations.DELETE_RECORD.result)


async def test_keys_of_any_type(zang: Ask, emulator: Emulator) -> None:
    """A key is found by its text, whatever the column holds."""
    column = {"column_name": "k", "column_type": "ANY", "is_primary": True}
    await zang("POST", "/projects/acme/table", {"table_name": "keyed", "columns": [column]})
    emulator.add_records("acme", "keyed", [{"k": 1}, {"k": "a/b"}, {"k": 1.5}])

    statuses = [
        (await zang("DELETE", f"/projects/acme/records/keyed/{key}")).status
        for key in ("1", "a%2Fb", "1.5", "2")
    ]

    assert [200, 200, 200, 404] == statuses


async def test_update_records(zang: Ask) -> None:
    """All rows that the filters find."""
    answer = await zang("PATCH", CONTACTS, {"data": {"status": "archived"}, "where": {"status": "active"}})
    rows = (await zang("GET", CONTACTS)).json["data"]["rows"]

    assert {"table": "contacts", "affected_rows": 2} == answer.json["data"]
    assert ["archived", "draft", "archived"] == [row["status"] for row in rows]
    strict.decode(answer.json["data"], operations.UPDATE_RECORDS.result)


async def test_delete_records(zang: Ask) -> None:
    """All rows that the filters find; a second call finds none."""
    body = {"where": [{"column": "status", "op": "=", "value": "active"}], "allow_all": False}
    answer = await zang("DELETE", CONTACTS, body)
    again = await zang("DELETE", CONTACTS, body)

    assert {"table": "contacts", "affected_rows": 2} == answer.json["data"]
    assert 0 == again.json["data"]["affected_rows"]
    strict.decode(answer.json["data"], operations.DELETE_RECORDS.result)


@pytest.mark.parametrize("where", [{}, {"where": {}}, {"where": []}, {"where": None}])
async def test_all_rows_must_be_allowed(zang: Ask, where: dict[str, Any]) -> None:
    """Without filters nothing is changed or deleted, unless that is asked for."""
    refused = [
        await zang("PATCH", CONTACTS, {"data": {"age": 1}} | where),
        await zang("DELETE", CONTACTS, where),
        await zang("DELETE", CONTACTS, where | {"allow_all": "ja"}),
    ]
    updated = await zang("PATCH", CONTACTS, {"data": {"age": 1}, "allow_all": True} | where)
    deleted = await zang("DELETE", CONTACTS, where | {"allow_all": "yes"})

    assert {(400, "where_required")} == {(each.status, each.json["error"]["code"]) for each in refused}
    assert [3, 3] == [each.json["data"]["affected_rows"] for each in (updated, deleted)]


@pytest.mark.parametrize(
    ("body", "status", "code"),
    [
        ({"data": {}, "where": {"id": 1}}, 400, "invalid_request"),
        ({"where": {"id": 1}}, 400, "invalid_request"),
        ([], 400, "invalid_request"),
        ({"data": {"nope": 1}, "where": {"id": 1}}, 400, "column_not_found"),
        ({"data": {"age": 1}, "where": {"nope": 1}}, 400, "column_not_found"),
        ({"data": {"age": 1}, "where": 7}, 400, "invalid_filter"),
        ({"data": {"email": "same"}, "where": {"status": "active"}}, 409, "constraint_violated"),
    ],
)
async def test_bulk_updates_that_are_refused(zang: Ask, body: object, status: int, code: str) -> None:
    """Each by its code, and no row changes: not even the first of two."""
    answer = await zang("PATCH", CONTACTS, body)
    rows = (await zang("GET", CONTACTS)).json["data"]["rows"]

    assert (status, code) == (answer.status, answer.json["error"]["code"])
    assert [row["email"] for row in ROWS] == [row["email"] for row in rows]


@pytest.mark.parametrize("method", ["GET", "PATCH", "DELETE"])
async def test_records_of_no_table(zang: Ask, method: str) -> None:
    """An unknown table is not found."""
    body = None if method == "GET" else {"data": {"a": 1}, "where": {"a": 1}}

    answer = await zang(method, "/projects/acme/records/nope", body)

    assert (404, "table_not_found") == (answer.status, answer.json["error"]["code"])


@pytest.mark.parametrize("record", [{"nope": 1}, {"email": "ada@example.com"}, {"age": 2**70}])
async def test_rows_that_cannot_be_put(zang: Ask, emulator: Emulator, record: dict[str, Any]) -> None:
    """A test that puts rows hears what is wrong, and none of them is there."""
    with pytest.raises(ValueError, match="cannot be put into contacts"):
        emulator.add_records("acme", "contacts", [{"email": "new"}, record])

    assert 3 == (await zang("GET", CONTACTS)).json["data"]["returned"]


async def test_rows_of_no_project(emulator: Emulator) -> None:
    """There is no such project."""
    with pytest.raises(KeyError, match="no project nope"):
        emulator.add_records("nope", "contacts", [])
