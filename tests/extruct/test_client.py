"""The Extruct client against a local service that says what it is told to."""

import re
from typing import TYPE_CHECKING

import pytest

from aiotables import extruct as package
from aiotables.core import errors
from aiotables.core.settle import Found
from aiotables.extruct import Extruct, operations
from aiotables.extruct.models import (
    AgentColumnConfig,
    AgentColumnValue,
    ColumnsCreate,
    InputColumnConfig,
    RowCreate,
    RowsCreate,
    TableCreate,
    TableKind,
)


if TYPE_CHECKING:
    from tests.extruct.conftest import Facts
    from tests.scripted import Service

ACCOUNTS = TableCreate(name="Accounts", kind=TableKind.COMPANY)
ROWS = RowsCreate(rows=[RowCreate(data={"input": "a.example"})])


# Settings


@pytest.mark.parametrize(
    ("base_url", "expected"),
    [
        ("https://api.extruct.ai", "https://api.extruct.ai"),
        ("https://api.extruct.ai/", "https://api.extruct.ai"),
        ("https://api.extruct.ai/v1", "https://api.extruct.ai"),
        ("https://api.extruct.ai/v1/", "https://api.extruct.ai"),
        ("https://h/proxy/v1", "https://h/proxy"),
        ("https://h/a%2Fb/v1", "https://h/a%2Fb"),
        ("https://h/apiv1", "https://h/apiv1"),
    ],
)
def test_base_urls(base_url: str, expected: str) -> None:
    """The vendor writes its base URL with `/v1` and without; both are right."""
    client = Extruct(token="secret", base_url=base_url, environ={})

    assert f"Extruct(base_url='{expected}')" == repr(client).replace("/')", "')")


def test_settings_from_the_environment() -> None:
    """Token and base URL may come from the environment."""
    environ = {"EXTRUCT_API_TOKEN": "secret", "EXTRUCT_BASE_URL": "http://localhost:8080/v1"}

    assert "localhost:8080" in repr(Extruct(environ=environ))
    with pytest.raises(errors.SettingsError, match="EXTRUCT_API_TOKEN"):
        Extruct(environ={})


# Methods


async def test_user(extruct: Extruct, service: "Service", facts: "Facts") -> None:
    """The user of the token, with the credits left."""
    service.answers(service.says(facts.user))

    assert 5 == (await extruct.user()).available_credits
    assert ["GET /v1/user"] == service.calls
    assert "Bearer secret" == service.heard[0].headers["Authorization"]


async def test_health_and_billing(extruct: Extruct, service: "Service") -> None:
    """The service's health and the subscription have their calls."""
    service.answers(service.says({"status": "ok"}), service.says({}))

    await extruct.healthcheck()
    await extruct.billing()

    assert all(call.startswith("GET /v1/") for call in service.calls)


async def test_create_table(extruct: Extruct, service: "Service", facts: "Facts") -> None:
    """A table is created as it was given."""
    service.answers(service.says(facts.table()))

    table = await extruct.tables.create(ACCOUNTS)

    assert "t1" == table.id
    assert ("POST /v1/tables", {"name": "Accounts", "kind": "company"}) == (
        service.calls[0],
        service.heard[0].json,
    )


@pytest.mark.parametrize(("mark", "pattern"), [(True, "aiotables:[0-9a-f]{16}"), ("m1", "aiotables:m1")])
async def test_marked_table(
    extruct: Extruct, service: "Service", facts: "Facts", *, mark: bool | str, pattern: str
) -> None:
    """A mark is made, or taken as it is given."""
    service.answers(service.says(facts.table()))

    await extruct.tables.create(ACCOUNTS, mark=mark)

    (tag,) = service.heard[0].json["tags"]
    assert re.fullmatch(pattern, tag)


async def test_create_columns(extruct: Extruct, service: "Service", facts: "Facts") -> None:
    """Columns are added with their configs."""
    service.answers(service.says([facts.column("website")]))
    value = AgentColumnValue(prompt="What does {input} sell?")
    configs = ColumnsCreate(column_configs=[AgentColumnConfig(name="Sells", key="sells", value=value)])

    (column,) = await extruct.columns.create("t1", configs)

    assert isinstance(column.config, InputColumnConfig)
    assert "POST /v1/tables/t1/columns" == service.calls[0]
    assert {
        "column_configs": [
            {"kind": "agent", "name": "Sells", "key": "sells", "value": {"prompt": "What does {input} sell?"}}
        ]
    } == service.heard[0].json


@pytest.mark.parametrize(("mark", "pattern"), [(False, None), (True, "[0-9a-f]{16}"), ("m1", "m1")])
async def test_create_rows(
    extruct: Extruct, service: "Service", facts: "Facts", *, mark: bool | str, pattern: str | None
) -> None:
    """Rows are appended, with a mark in their metadata if one is wanted."""
    service.answers(service.says([facts.row("r1")]))

    (row,) = await extruct.rows.create("t1", ROWS, mark=mark)

    assert "r1" == row.id
    (sent,) = service.heard[0].json["rows"]
    if pattern is None:
        assert {"data": {"input": "a.example"}} == sent
    else:
        assert re.fullmatch(pattern, sent["metadata"]["aiotables"])


# Errors


@pytest.mark.parametrize(
    ("status", "detail", "expected", "text"),
    [
        (402, {"error": "plan_required"}, errors.PaymentRequired, "plan_required"),
        (404, "Not found", errors.NotFound, "Not found"),
        (
            422,
            [{"loc": ["body", "name"], "msg": "too long", "type": "x"}],
            errors.ValidationFailed,
            r"\$\.name: too long",
        ),
        (429, "Quota", errors.RateLimited, "Quota"),
    ],
)
async def test_errors(
    extruct: Extruct,
    service: "Service",
    status: int,
    detail: object,
    expected: type[errors.ServiceError],
    text: str,
) -> None:
    """Errors are raised at once, a spent quota included, and say what the service said."""
    service.answers(service.says({"detail": detail}, status=status, x_request_id="r1"))

    with pytest.raises(expected, match=text) as caught:
        await extruct.tables.create(ACCOUNTS)

    assert (detail, "r1") == (caught.value.detail, caught.value.request_id)
    assert 1 == len(service.heard)


async def test_rate_limit(extruct: Extruct, service: "Service", facts: "Facts") -> None:
    """A 429 with a time is waited out."""
    service.answers(
        service.says({"detail": "slow"}, status=429, retry_after="5"), service.says(facts.table())
    )

    reply = await extruct.send(operations.CREATE_TABLE, body=ACCOUNTS)

    assert reply.attempts[1].waited >= 5.0
    assert not reply.settled


# Lost replies


async def test_lost_marked_table(extruct: Extruct, service: "Service", facts: "Facts") -> None:
    """A marked table whose reply is lost is found by its mark, and made once."""
    service.answers(None, service.says([facts.item(tags=["aiotables:m1"])]), service.says(facts.table()))

    table = await extruct.tables.create(ACCOUNTS, mark="m1")

    assert "t1" == table.id
    assert [
        "POST /v1/tables",
        "GET /v1/tables?tags=aiotables:m1&limit=100",
        "GET /v1/tables/t1",
    ] == service.calls


async def test_lost_table(extruct: Extruct, service: "Service", facts: "Facts") -> None:
    """One without a mark is found by name, owner and time."""
    service.answers(
        None, service.says(facts.user), service.says([facts.item(at=1.0)]), service.says(facts.table())
    )

    reply = await extruct.send(operations.CREATE_TABLE, body=ACCOUNTS)

    assert ("t1", "table t1, by name 'Accounts', owner and time") == (reply.value.id, reply.record.found)


async def test_lost_rows(extruct: Extruct, service: "Service", facts: "Facts") -> None:
    """Rows whose reply is lost are read back."""
    service.answers(None, service.says(facts.data(facts.row("r1", mark="m1"))))

    assert ["r1"] == [row.id for row in await extruct.rows.create("t1", ROWS, mark="m1")]


async def test_rows_that_are_still_coming(extruct: Extruct, service: "Service", facts: "Facts") -> None:
    """Rows of which some are there are waited for."""
    two = RowsCreate(rows=[RowCreate(data={"input": "a"}), RowCreate(data={"input": "b"})])
    one, both = facts.row("r1", mark="m1"), [facts.row("r1", mark="m1"), facts.row("r2", mark="m1")]
    service.answers(None, service.says(facts.data(one)), service.says(facts.data(*both)))

    assert 2 == len(await extruct.rows.create("t1", two, mark="m1"))


async def test_lost_columns(extruct: Extruct, service: "Service", facts: "Facts") -> None:
    """Columns whose reply is lost are found by their keys."""
    service.answers(None, service.says(facts.table(facts.column("website"))))
    configs = ColumnsCreate(column_configs=[InputColumnConfig(name="Website", key="website")])

    assert ["c-website"] == [column.id for column in await extruct.columns.create("t1", configs)]


async def test_lost_run(extruct: Extruct, service: "Service", facts: "Facts") -> None:
    """A run whose reply is lost cannot be told, and is not started twice; the error says how the table is."""
    service.answers(None, service.says(facts.table()))

    with pytest.raises(errors.OutcomeUnknown, match="table t1 is idle"):
        await extruct.tables.run("t1")

    assert ["POST /v1/tables/t1/run", "GET /v1/tables/t1"] == service.calls


async def test_lost_delete(extruct: Extruct, service: "Service") -> None:
    """A delete whose reply is lost is done when the next finds nothing."""
    service.answers(None, None, service.says({"detail": "Not found"}, status=404))

    assert await extruct.tables.delete("t1") is None


async def test_settling_from_a_journal(extruct: Extruct, service: "Service", facts: "Facts") -> None:
    """What a journal holds can be settled by a client."""
    sent = extruct.describe(operations.CREATE_ROWS, path={"table_id": "t1"}, body=ROWS, at=facts.now)
    service.answers(service.says(facts.data(facts.row("r1", input="a.example"))))

    assert isinstance(await extruct.settle(sent), Found)


# Names


def test_names() -> None:
    """What the package offers is there."""
    assert all(getattr(package, name) for name in package.__all__)
    with pytest.raises(AttributeError, match="no attribute 'Other'"):
        _ = package.Other
