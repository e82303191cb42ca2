"""ZangTable's operations as a whole: who is let in, who am I, deletion, grouping, trouble."""

import sqlite3
from collections.abc import Callable, Coroutine
from contextlib import closing
from pathlib import Path
from typing import Any, TypeAlias

import pytest

from aiotables.core.convert import Converter
from aiotables.emulator import Emulator, ManualClock
from aiotables.zangtable._generated import operations
from aiotables.zangtable._generated.models import Envelope


Ask: TypeAlias = Callable[..., Coroutine[Any, Any, Any]]
Connect: TypeAlias = Callable[[Emulator, str | None], Ask]

strict = Converter(forbid_unknown=True)

ME = "/projects/acme/auth/me"


@pytest.mark.parametrize(
    ("token", "path", "status", "code"),
    [
        (None, ME, 401, "missing_authorization"),
        ("pat_nope", ME, 401, "invalid_token"),
        ("pat_emulator", "/projects/other/auth/me", 404, "project_not_found"),
        ("pat_emulator", "/projects/a%2fb/auth/me", 404, "project_not_found"),
        (None, "/projects/other/auth/me", 401, "missing_authorization"),
    ],
)
async def test_who_is_not_let_in(
    emulator: Emulator, connect: Connect, token: str | None, path: str, status: int, code: str
) -> None:
    """No token, a wrong one, and no such project, each by its code."""
    answer = await connect(emulator, token)("GET", path)

    assert (status, code) == (answer.status, answer.json["error"]["code"])
    strict.decode(answer.json, Envelope)


async def test_who_am_i(zang: Ask, clock: ManualClock) -> None:
    """The calling token, without its secret; the path's project in any case of letters."""
    clock.advance(60)
    answer = await zang("GET", "/projects/ACME/auth/me")

    assert {
        "token": {
            "id": 1,
            "token_type": "project_api_token",
            "token_name": None,
            "expires_at": None,
            "revoked_at": None,
            "last_used_at": "2026-06-02T01:24:45Z",
            "created_at": "2026-06-02T01:23:45Z",
        }
    } == answer.json["data"]
    strict.decode(answer.json["data"], operations.GET_CURRENT_AUTH.result)


async def test_delete_project(zang: Ask, emulator: Emulator) -> None:
    """A confirmed deletion is answered as documented, and a second call hears that there is nothing."""
    answer = await zang("DELETE", "/projects/acme", {"confirm_project_slug": "acme"})
    again = await zang("DELETE", "/projects/acme", {"confirm_project_slug": "acme"})

    assert {"deleted": True, "project_slug": "acme"} == answer.json["data"]
    assert (404, "project_not_found") == (again.status, again.json["error"]["code"])
    assert [] == emulator.projects
    strict.decode(answer.json["data"], operations.DELETE_PROJECT.result)


@pytest.mark.parametrize(
    ("body", "code"),
    [
        ({"confirm_project_slug": "other"}, "confirmation_mismatch"),
        ({}, "invalid_request"),
        (None, "invalid_request"),
    ],
)
async def test_an_unconfirmed_deletion(zang: Ask, emulator: Emulator, body: object, code: str) -> None:
    """Without the slug in the body nothing is deleted."""
    answer = await zang("DELETE", "/projects/acme", body)

    assert (400, code) == (answer.status, answer.json["error"]["code"])
    assert ["acme"] == emulator.projects


async def test_calls_are_grouped(zang: Ask, emulator: Emulator, clock: ManualClock) -> None:
    """A run goes on under the id that was sent, until it was idle for seven minutes."""
    sent = {"X_Operation_Key": "edit-profile-email", "X_Operation_Run_Id": "oprun_client_20260602_001"}

    first = await zang("GET", ME, **sent)
    refused = await zang("GET", "/projects/acme/table/nope", **sent)
    clock.advance(421)
    later = await zang("GET", ME, **sent)

    assert ("oprun_client_20260602_001", "accepted_provided_run") == (
        first.json["operation_run_id"],
        first.json["operation_grouping_status"],
    )
    assert "operation_key" not in refused.json
    assert later.json["operation_run_id"].startswith("oprun_20260602T013046_")
    assert "generated_run" == later.json["operation_grouping_status"]
    assert ["edit-profile-email"] * 3 == [call.operation_key for call in emulator.calls]
    assert ["oprun_client_20260602_001", None, later.json["operation_run_id"]] == [
        call.operation_run_id for call in emulator.calls
    ]


async def test_what_is_no_json_is_refused(zang: Ask) -> None:
    """The message tells where."""
    answer = await zang("POST", "/projects/acme/table", body=b"{nope")

    assert (400, "invalid_request") == (answer.status, answer.json["error"]["code"])


async def test_a_busy_database_is_told(tmp_path: Path, connect: Connect) -> None:
    """When another process holds the file the call is refused, nothing is done, and later it works."""
    async with Emulator(data=tmp_path) as emulator:
        zang = connect(emulator, "pat_emulator")
        with closing(sqlite3.connect(tmp_path / "zangtable" / "acme.sqlite", isolation_level=None)) as other:
            other.execute("BEGIN IMMEDIATE")
            busy = await zang("POST", "/projects/acme/table", {"table_name": "a"})
            other.execute("ROLLBACK")
        after = await zang("POST", "/projects/acme/table", {"table_name": "a"})

    assert (503, "storage_unavailable") == (busy.status, busy.json["error"]["code"])
    assert 201 == after.status


async def test_update_project(zang: Ask, clock: ManualClock) -> None:
    """The page's example: a new name for people, the slug stays."""
    clock.advance(60)
    answer = await zang("PATCH", "/projects/acme", {"project_name": "Example CRM"})

    assert {
        "project": {
            "id": 1,
            "project_slug": "acme",
            "project_name": "Example CRM",
            "created_at": "2026-06-02T01:23:45Z",
            "updated_at": "2026-06-02T01:24:45Z",
        }
    } == answer.json["data"]
    strict.decode(answer.json["data"], operations.UPDATE_PROJECT.result)


@pytest.mark.parametrize("body", [{}, {"project_name": ""}, {"project_name": None}, None])
async def test_a_project_has_a_name(zang: Ask, body: object) -> None:
    """It is required, and not empty."""
    answer = await zang("PATCH", "/projects/acme", body)

    assert (400, "invalid_request") == (answer.status, answer.json["error"]["code"])


async def test_update_table(zang: Ask, clock: ManualClock) -> None:
    """The page's example, then null, which takes the name away, and nothing, which changes nothing."""
    await zang("POST", "/projects/acme/table", {"table_name": "contacts"})
    clock.advance(60)
    named = await zang("PATCH", "/projects/acme/table/contacts", {"display_name": "Sales Contacts"})
    clock.advance(60)
    untouched = await zang("PATCH", "/projects/acme/table/1", {})
    unnamed = await zang("PATCH", "/projects/acme/table/1", {"display_name": None})

    assert {
        "table": {
            "id": 1,
            "table_name": "contacts",
            "display_name": "Sales Contacts",
            "created_at": "2026-06-02T01:23:45Z",
            "updated_at": "2026-06-02T01:24:45Z",
        }
    } == named.json["data"]
    assert named.json["data"] == untouched.json["data"]
    assert (None, "2026-06-02T01:25:45Z") == (
        unnamed.json["data"]["table"]["display_name"],
        unnamed.json["data"]["table"]["updated_at"],
    )
    strict.decode(named.json["data"], operations.UPDATE_TABLE.result)


async def test_update_no_table(zang: Ask) -> None:
    """An unknown table is not found."""
    answer = await zang("PATCH", "/projects/acme/table/nope", {"display_name": "x"})

    assert (404, "table_not_found") == (answer.status, answer.json["error"]["code"])
