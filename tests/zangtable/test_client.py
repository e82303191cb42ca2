"""The ZangTable client against a local service that says what it is told to."""

import asyncio
import pickle
from typing import TYPE_CHECKING, Any

import pytest

from aiotables import zangtable
from aiotables.core import errors
from aiotables.core.operations import Effect
from aiotables.core.settle import Found, NotThere
from aiotables.zangtable import OperationRun, TableExists, ZangTable, operations
from aiotables.zangtable.models import (
    Bootstrap,
    BootstrapUser,
    ColumnCreate,
    ColumnType,
    IndexCreate,
    SqlQuery,
    TableCreate,
)


if TYPE_CHECKING:
    from tests.zangtable.conftest import Facts, Service

CONTACTS = TableCreate(table_name="contacts", columns=[ColumnCreate(column_name="email")])
POST, LOOK = "POST /projects/acme/table", "GET /projects/acme/table/contacts"


# Settings


def test_settings_from_the_environment() -> None:
    """Token, project and base URL may come from the environment."""
    environ = {
        "ZANGTABLE_API_TOKEN": "pat_secret",
        "ZANGTABLE_PROJECT": "acme",
        "ZANGTABLE_BASE_URL": "http://localhost:8080/",
    }

    client = ZangTable(environ=environ)

    assert ("acme", "ZangTable(base_url='http://localhost:8080/')") == (client.project, repr(client))
    assert "other" == ZangTable(project="other", environ=environ).project


def test_own_url() -> None:
    """Without another base URL it is the service's own."""
    assert "ZangTable(base_url='https://api-zangtable.com')" == repr(
        ZangTable(token="pat_secret", project="acme", environ={})
    )


@pytest.mark.parametrize(
    ("environ", "missing"),
    [
        ({"ZANGTABLE_PROJECT": "acme"}, "ZANGTABLE_API_TOKEN"),
        ({"ZANGTABLE_API_TOKEN": "x"}, "ZANGTABLE_PROJECT"),
    ],
)
def test_missing_settings(environ: dict[str, str], missing: str) -> None:
    """What is missing is told by its name."""
    with pytest.raises(errors.SettingsError, match=missing):
        ZangTable(environ=environ)


# Methods


async def test_create_table(zang: ZangTable, service: "Service", facts: "Facts") -> None:
    """A table is created in the project of the client."""
    service.answers(service.ok(facts.table(facts.id_column, facts.column("email"))))

    created = await zang.tables.create(CONTACTS)

    assert ("contacts", ["id", "email"]) == (
        created.table.table_name,
        [column.column_name for column in created.columns],
    )
    (heard,) = service.heard
    assert (POST, {"table_name": "contacts", "columns": [{"column_name": "email"}]}) == (
        heard.call,
        heard.json,
    )
    assert "Bearer pat_secret" == heard.headers["Authorization"]
    assert "X-Operation-Key" not in heard.headers


@pytest.mark.parametrize("name", ["contacts", 3])
async def test_get_table(zang: ZangTable, service: "Service", facts: "Facts", name: str | int) -> None:
    """A table is read by its name or its number."""
    service.answers(service.ok(facts.table(facts.id_column)))

    assert 3 == (await zang.tables.get(name)).table.id
    assert [f"GET /projects/acme/table/{name}"] == service.calls


async def test_columns(zang: ZangTable, service: "Service", facts: "Facts") -> None:
    """Columns are listed and added."""
    column = facts.column("age", "INTEGER")
    service.answers(
        service.ok({"table": "contacts", "columns": [column]}),
        service.ok({"table": "contacts", "column": {"id": 9}}),
    )

    assert ColumnType.INTEGER is (await zang.columns.list("contacts")).columns[0].column_type
    created = await zang.columns.create("contacts", ColumnCreate(column_name="age"))

    assert (9, None) == (created.column.id, created.column.column_name)
    assert ["GET /projects/acme/column/contacts", "POST /projects/acme/column/contacts"] == service.calls


INDEX = {
    "name": "idx_contacts_email_age",
    "unique": False,
    "origin": "c",
    "partial": False,
    "columns": ["email"],
}


@pytest.mark.parametrize(("name", "expected"), [(None, "idx_contacts_email_age"), ("mine", "mine")])
async def test_indexes_are_named(
    zang: ZangTable, service: "Service", name: str | None, expected: str
) -> None:
    """An index without a name is named here, as the service would; the caller's object stays as it was."""
    service.answers(service.ok({"index": INDEX}))
    wanted = IndexCreate(columns=["email", "age"])
    if name is not None:
        wanted.index_name = name
    before = repr(wanted)

    await zang.indexes.create("contacts", wanted)

    assert {"columns": ["email", "age"], "index_name": expected} == service.heard[0].json
    assert before == repr(wanted)


async def test_auth(zang: ZangTable, service: "Service") -> None:
    """The token is described without its secret."""
    token = {"id": 5, "token_type": "project_api_token", "created_at": "2026-06-02T01:00:00Z"}
    service.answers(service.ok({"token": token}))

    assert 5 == (await zang.auth.me()).token.id
    assert ["GET /projects/acme/auth/me"] == service.calls


async def test_query(zang: ZangTable, service: "Service") -> None:
    """A query gives its rows."""
    service.answers(service.ok({"rows": [{"n": 1}], "row_count": 1}))

    assert [{"n": 1}] == (await zang.query(SqlQuery(sql="SELECT 1 AS n"))).rows
    assert ("POST /projects/acme/query", {"sql": "SELECT 1 AS n"}) == (
        service.calls[0],
        service.heard[0].json,
    )


async def test_queries_are_repeated(zang: ZangTable, service: "Service") -> None:
    """A query reads, so it is sent again when its reply is lost, though it is a POST."""
    service.answers(None, service.ok({"rows": [], "row_count": 0}))

    assert [] == (await zang.query(SqlQuery(sql="SELECT 1"))).rows


BOOTSTRAP = Bootstrap(
    project_slug="new",
    project_name="New",
    initial_project_user=BootstrapUser(username="ann", password="s3cret"),
)


async def test_sibling(zang: ZangTable, service: "Service") -> None:
    """A client of another project differs in project and token alone, and is in the same operation groups."""
    token = {"id": 5, "token_type": "project_api_token", "created_at": "2026-06-02T01:00:00Z"}
    service.answers(*(service.ok({"token": token}) for _ in range(3)))
    await zang.auth.me()

    other = zang.sibling(token="pat_other", project="other")
    async with zang.operation("provision-crm", run_id="mine"):
        await other.auth.me()
    await zang.auth.me()

    assert [
        "GET /projects/acme/auth/me",
        "GET /projects/other/auth/me",
        "GET /projects/acme/auth/me",
    ] == service.calls
    assert ["Bearer pat_secret", "Bearer pat_other", "Bearer pat_secret"] == [
        each.headers["Authorization"] for each in service.heard
    ]
    assert [None, "mine", None] == [each.headers.get("X-Operation-Run-Id") for each in service.heard]
    assert (zang.pacer, zang.settling) == (other.pacer, other.settling)
    with pytest.raises(errors.SettingsError, match="holds a space"):
        zang.sibling(token="pat_ other", project="other")


async def test_bootstrap(zang: ZangTable, service: "Service") -> None:
    """A project is made outside of the client's own."""
    service.answers(service.ok({"project": {"id": 1}}))

    assert {"project": {"id": 1}} == await zang.projects.bootstrap(BOOTSTRAP)
    assert ["POST /bootstrap"] == service.calls


async def test_lost_bootstrap(zang: ZangTable, service: "Service") -> None:
    """One whose reply is lost is not sent again, what to do is told, and its password is kept nowhere."""
    service.answers(None)

    with pytest.raises(
        errors.OutcomeUnknown, match="look in the admin panel whether 'new' is there"
    ) as caught:
        await zang.projects.bootstrap(BOOTSTRAP)

    assert b"s3cret" not in pickle.dumps(caught.value)
    assert "s3cret" not in repr(caught.value.sent)


async def test_delete_project(zang: ZangTable, service: "Service") -> None:
    """A project is deleted with its slug once more."""
    service.answers(service.ok({"deleted": True, "project_slug": "acme"}))

    deleted = await zang.projects.delete(confirm="acme")

    assert deleted is not None
    assert (True, {"confirm_project_slug": "acme"}) == (deleted.deleted, service.heard[0].json)


async def test_delete_project_twice(zang: ZangTable, service: "Service") -> None:
    """When the reply is lost and the second sending finds nothing, it is done."""
    service.answers(None, None, service.fail("project_not_found", status=200))

    assert await zang.projects.delete(confirm="acme") is None


# Errors


async def test_error_with_status_200(zang: ZangTable, service: "Service") -> None:
    """An envelope with `ok: false` raises, whatever the status; its request id is on the error."""
    service.answers(service.fail("table_exists", status=200))

    with pytest.raises(
        TableExists, match=r"it is so \[answered 200 table_exists\] \(request id req_2\)"
    ) as caught:
        await zang.tables.create(CONTACTS)

    assert (200, "table_exists", "req_2") == (caught.value.status, caught.value.code, caught.value.request_id)
    assert [POST] == service.calls


async def test_error_with_status_200_that_repeats_the_token(zang: ZangTable, service: "Service") -> None:
    """Whatever the status, what an error repeats of the request does not hold the token any more."""
    error = {"code": "odd", "message": "you sent pat_secret", "header": "Bearer pat_secret"}
    service.answers(service.fail("odd", status=200, error=error))

    with pytest.raises(errors.ServiceError, match=r"you sent \[token\]") as caught:
        await zang.auth.me()

    assert "pat_secret" not in f"{caught.value!r} {caught.value.detail}"


async def test_invalid_token(zang: ZangTable, service: "Service") -> None:
    """A token that is not valid is told as such."""
    service.answers(service.fail("invalid_token", status=401))

    with pytest.raises(errors.AuthenticationFailed):
        await zang.auth.me()


async def test_not_in_an_envelope(zang: ZangTable, service: "Service") -> None:
    """JSON that is not ZangTable's is a lost reply: of a create it is settled."""
    service.answers(service.says({"hello": "world"}), service.fail("invalid_token"))

    with pytest.raises(errors.OutcomeUnknown, match="expected an envelope"):
        await zang.tables.create(CONTACTS)


# Lost replies


async def test_lost_table_is_adopted(zang: ZangTable, service: "Service", facts: "Facts") -> None:
    """A table whose reply is lost is read by its name, and made once."""
    service.answers(None, service.ok(facts.table(facts.id_column, facts.column("email"), at=1.0)))

    reply = await zang.send(operations.CREATE_TABLE, body=CONTACTS)

    assert ("contacts", True) == (reply.value.table.table_name, reply.settled)
    assert [POST, LOOK] == service.calls


async def test_lost_table_is_not_there(zang: ZangTable, service: "Service", facts: "Facts") -> None:
    """One that is not there when the grace is over is sent again."""
    missing = [service.fail("table_not_found", status=404) for _ in range(10)]
    service.answers(None, *missing, service.ok(facts.table(facts.id_column, facts.column("email"))))

    await zang.tables.create(CONTACTS)

    assert [POST, *[LOOK] * 10, POST] == service.calls


async def test_lost_table_was_there(zang: ZangTable, service: "Service", facts: "Facts") -> None:
    """One that was there before is told as the service would have."""
    service.answers(None, service.ok(facts.table(facts.id_column, facts.column("email"), at=-3600.0)))

    with pytest.raises(TableExists, match="so nothing was made"):
        await zang.tables.create(CONTACTS)


async def test_lost_column(zang: ZangTable, service: "Service", facts: "Facts") -> None:
    """A column whose reply is lost is found by listing."""
    columns = [facts.column("email", at=-60.0), facts.column("age", "INTEGER")]
    service.answers(None, service.ok({"table": "contacts", "columns": columns}))

    wanted = ColumnCreate(column_name="age", column_type=ColumnType.INTEGER)

    assert "age" == (await zang.columns.create("contacts", wanted)).column.column_name


async def test_lost_index(zang: ZangTable, service: "Service") -> None:
    """An index whose reply is lost is found in the catalogue."""
    row = {"name": "idx_contacts_email", "tbl_name": "contacts", "sql": "CREATE INDEX i ON contacts (email)"}
    service.answers(None, service.ok({"rows": [row], "row_count": 1}))

    created = await zang.indexes.create("contacts", IndexCreate(columns=["email"]))

    assert "idx_contacts_email" == created.index.name


async def test_settling_from_a_journal(zang: ZangTable, service: "Service", facts: "Facts") -> None:
    """What a journal holds can be settled by a client."""
    sent = zang.describe(operations.CREATE_TABLE, body=CONTACTS, at=facts.now)
    assert ({"project": "acme"}, "contacts") == (sent.path, sent.body["table_name"])
    service.answers(service.ok(facts.table(facts.id_column, facts.column("email"))))

    assert isinstance(await zang.settle(sent), Found)

    service.answers(*[service.fail("table_not_found") for _ in range(10)])
    assert NotThere() == await zang.settle(sent)


# Operations


def me(service: "Service", run_id: str | None = None) -> Any:  # noqa: ANN401 -- an answer
    """An answer to `auth.me`, filed under a run."""
    token = {"id": 5, "token_type": "project_api_token", "created_at": "2026-06-02T01:00:00Z"}
    more = {} if run_id is None else {"operation_run_id": run_id}
    return service.ok({"token": token}, **more)


def identities(service: "Service") -> list[tuple[str | None, str | None]]:
    """The headers that group calls."""
    return [
        (heard.headers.get("X-Operation-Key"), heard.headers.get("X-Operation-Run-Id"))
        for heard in service.heard
    ]


async def test_operation(zang: ZangTable, service: "Service") -> None:
    """Calls inside of the block carry its key and its id; others do not."""
    service.answers(me(service), me(service), me(service))

    async with zang.operation("provision-crm", run_id="mine") as run:
        await zang.auth.me()
        await zang.auth.me()
    await zang.auth.me()

    assert isinstance(run, OperationRun)
    assert [("provision-crm", "mine"), ("provision-crm", "mine"), (None, None)] == identities(service)


async def test_operation_of_one_call(zang: ZangTable, service: "Service") -> None:
    """A call can be put in a run by itself, whatever block is around, and the run follows the service."""
    service.answers(me(service, "theirs"), me(service), me(service))
    run = zang.operation("nightly", run_id="mine")

    async with zang.operation("provision-crm", run_id="outer"):
        await zang.within(run).auth.me()
        await zang.auth.me()
    await zang.within(run).send(operations.GET_CURRENT_AUTH)

    assert [("nightly", "mine"), ("provision-crm", "outer"), ("nightly", "theirs")] == identities(service)


async def test_looks_of_one_call(zang: ZangTable, service: "Service", facts: "Facts") -> None:
    """The looks of a call that is in a run by itself are in that run, at once and later."""
    service.answers(None, service.ok(facts.table(facts.id_column, facts.column("email"))))
    single = zang.within(zang.operation("nightly", run_id="mine"))
    assert "mine" == single.render(operations.GET_CURRENT_AUTH).headers["X-Operation-Run-Id"]

    await single.tables.create(CONTACTS)

    assert [("nightly", "mine")] * 2 == identities(service)


async def test_service_issues_another_id(zang: ZangTable, service: "Service") -> None:
    """When a reply is filed under another id, the next call goes on under it, and it is on record."""
    service.answers(me(service, "theirs"), me(service, "theirs"))

    async with zang.operation("provision-crm", run_id="mine") as run:
        reply = await zang.send(operations.GET_CURRENT_AUTH)
        await zang.auth.me()

    assert ["mine", "theirs"] == [run_id for _, run_id in identities(service)]
    assert ("theirs", ("mine", "theirs")) == (reply.record.operation_run, run.run_ids)


async def test_errors_issue_ids_too(zang: ZangTable, service: "Service") -> None:
    """So it is when the reply is an error."""
    service.answers(service.fail("table_exists", operation_run_id="theirs"))

    async with zang.operation("provision-crm") as run:
        with pytest.raises(TableExists):
            await zang.tables.create(CONTACTS)

    assert "theirs" == run.run_id


async def test_ids_that_cannot_be_sent(zang: ZangTable, service: "Service") -> None:
    """An id that cannot stand in a header does not turn a success into an error."""
    service.answers(me(service, "a\r\nX-Evil: 1"), me(service))

    async with zang.operation("provision-crm", run_id="mine"):
        await zang.auth.me()
        await zang.auth.me()

    assert [("provision-crm", "mine")] * 2 == identities(service)


async def test_looks_are_grouped(zang: ZangTable, service: "Service", facts: "Facts") -> None:
    """The looks of a call belong to its operation."""
    service.answers(None, service.ok(facts.table(facts.id_column, facts.column("email"))))

    async with zang.operation("provision-crm", run_id="mine"):
        await zang.tables.create(CONTACTS)

    assert [("provision-crm", "mine")] * 2 == identities(service)


async def test_tasks_are_apart(zang: ZangTable, service: "Service") -> None:
    """Tasks have their own operations side by side."""
    service.answers(*[me(service) for _ in range(6)])

    async def work(key: str) -> None:
        async with zang.operation(key, run_id=f"run-{key}"):
            await zang.auth.me()
            await zang.auth.me()

    await asyncio.gather(work("a"), work("b"), work("c"))

    assert sorted([(key, f"run-{key}") for key in "abc"] * 2) == sorted(identities(service))


async def test_clients_are_apart(zang: ZangTable, service: "Service") -> None:
    """An operation groups the calls of its own client alone."""
    service.answers(me(service), me(service))

    async with (
        ZangTable(token="x", project="other", base_url=service.url, environ={}) as other,
        zang.operation("provision-crm", run_id="mine"),
    ):
        await other.auth.me()
        await zang.auth.me()

    assert [(None, None), ("provision-crm", "mine")] == identities(service)


async def test_raw_calls_are_grouped(zang: ZangTable, service: "Service") -> None:
    """Calls of paths that the docs do not name are grouped, too."""
    service.answers(service.ok({"a": 1}))

    async with zang.operation("provision-crm", run_id="mine"):
        reply = await zang.send_raw("GET", "/projects/acme/new")

    assert ({"a": 1}, [("provision-crm", "mine")]) == (reply.value, identities(service))


async def test_raw_calls_follow_the_run(zang: ZangTable, service: "Service") -> None:
    """The id that a raw call was filed under is the one that later calls go on with."""
    service.answers(service.ok({"id": 1}, operation_run_id="theirs"), service.fail("full", status=403))

    async with zang.operation("provision-crm", run_id="mine") as run:
        await zang.send_raw("POST", "/projects/acme/records/contacts", body={"email": "a@example.com"})
        with pytest.raises(errors.PermissionDenied, match=r"zangtable\.raw: it is so"):
            await zang.send_raw("GET", "/projects/acme/table", query={"limit": 2})

    assert ("mine", "theirs") == run.run_ids
    assert ["mine", "theirs"] == [run_id for _, run_id in identities(service)]
    assert [
        ("POST /projects/acme/records/contacts", {"email": "a@example.com"}),
        ("GET /projects/acme/table?limit=2", None),
    ] == [(heard.call, heard.json) for heard in service.heard]


async def test_raw_creates_are_not_repeated(zang: ZangTable, service: "Service") -> None:
    """What a raw call does is not known, so that only one which says that it may be repeated is."""
    service.answers(None, None, service.ok({}))

    with pytest.raises(errors.OutcomeUnknown):
        await zang.send_raw("POST", "/projects/acme/records/contacts", body={})
    await zang.send_raw("POST", "/projects/acme/search", body={}, effect=Effect.READ)

    assert 3 == len(service.calls)


def test_wrong_keys(zang: ZangTable) -> None:
    """A key that cannot stand in a header is refused at once."""
    with pytest.raises(errors.RequestError):
        zang.operation("größer")


# Names


def test_names() -> None:
    """What the package offers is there."""
    assert all(getattr(zangtable, name) for name in zangtable.__all__)
    with pytest.raises(AttributeError, match="no attribute 'Other'"):
        _ = zangtable.Other
