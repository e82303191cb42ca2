"""Extruct's operations as a whole: who is let in, the user, trouble."""

import sqlite3
from collections.abc import Callable, Coroutine
from contextlib import closing
from pathlib import Path
from typing import Any, TypeAlias

import pytest

from aiotables.core.convert import Converter
from aiotables.emulator import Emulator
from aiotables.extruct._generated import operations


Ask: TypeAlias = Callable[..., Coroutine[Any, Any, Any]]
Connect: TypeAlias = Callable[[Emulator, str | None], Ask]


@pytest.mark.parametrize(
    ("token", "detail"),
    [(None, "Not authenticated"), ("nope", "Invalid authentication credentials")],
)
async def test_who_is_not_let_in(
    emulator: Emulator, connect: Connect, token: str | None, detail: str
) -> None:
    """No token and a wrong one, before anything else is looked at."""
    for method, path in (("GET", "/v1/user"), ("POST", "/v1/tables"), ("GET", "/v1/tables/nope")):
        answer = await connect(emulator, token)(method, path)
        assert (401, {"detail": detail}) == (answer.status, answer.json)


async def test_the_user(extruct: Ask) -> None:
    """The shape of the page's example, in its newest form."""
    answer = await extruct("GET", "/v1/user")

    assert {
        "user_id": "user_emulator",
        "email": "emulator@example.com",
        "available_credits": 1_000_000,
        "organization_id": None,
        "organization_name": None,
        "organization_slug": None,
        "organization_is_active": None,
    } == answer.json
    Converter(forbid_unknown=True).decode(answer.json, operations.GET_USER.result)


async def test_what_is_no_json_is_refused(extruct: Ask) -> None:
    """FastAPI's 422 with the place of the character."""
    answer = await extruct("POST", "/v1/tables", body=b'{"name": nope}')

    assert 422 == answer.status
    assert [["body", 9]] == [issue["loc"] for issue in answer.json["detail"]]


async def test_a_busy_catalogue_is_told(tmp_path: Path, connect: Connect) -> None:
    """When another process holds the file the call is refused, nothing is done, and later it works."""
    async with Emulator(data=tmp_path) as emulator:
        extruct = connect(emulator, "extruct-emulator")
        with closing(sqlite3.connect(tmp_path / "emulator.sqlite", isolation_level=None)) as other:
            other.execute("BEGIN IMMEDIATE")
            busy = await extruct("POST", "/v1/tables", {})
            other.execute("ROLLBACK")
        after = await extruct("POST", "/v1/tables", {})

        assert 1 == len(emulator.extruct_tables())
    assert (503, {"detail": "Service Unavailable"}) == (busy.status, busy.json)
    assert 200 == after.status


async def test_billing(extruct: Ask) -> None:
    """A plan that may do everything."""
    answer = await extruct("GET", "/v1/billing")

    assert {"requires_subscription": True, "plan_tier": "pro"} == answer.json["subscription"]
    assert (await extruct("GET", "/v1/user")).json == answer.json["user"]
    strict = Converter(forbid_unknown=True)
    strict.decode(answer.json, operations.GET_BILLING.result)


async def test_health(emulator: Emulator, connect: Connect) -> None:
    """It is told without a token."""
    answer = await connect(emulator, None)("GET", "/v1/healthcheck")

    assert (200, {"status": "ok"}) == (answer.status, answer.json)
