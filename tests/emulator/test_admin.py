"""The emulator's own endpoints."""

from collections.abc import Callable, Coroutine
from typing import Any, TypeAlias

import aiohttp
import pytest

from aiotables.emulator import Emulator, ManualClock


Ask: TypeAlias = Callable[..., Coroutine[Any, Any, Any]]
Connect: TypeAlias = Callable[[Emulator, str | None], Ask]


@pytest.fixture
async def admin(emulator: Emulator, connect: Connect) -> Ask:
    """The endpoints, without a token."""
    return connect(emulator, None)


async def test_state(admin: Ask, zang: Ask, extruct: Ask) -> None:
    """Tables are counted, calls of its own are not."""
    await zang("POST", "/projects/acme/table", {"table_name": "a"})
    made = await extruct("POST", "/v1/tables", {"name": "b", "tags": ["c"]})

    assert {
        "projects": {"acme": 1},
        "extruct_tables": [{"id": made.json["id"], "name": "b", "tags": ["c"]}],
        "calls": 2,
    } == (await admin("GET", "/_emulator/state")).json


async def test_calls(admin: Ask, zang: Ask, clock: ManualClock) -> None:
    """The record of calls, whatever their headers held."""
    answer = await zang("GET", "/projects/acme/auth/me", X_Operation_Key="käse")

    assert [
        {
            "number": 1,
            "at": clock.now(),
            "seconds": 0.0,
            "operation": "zangtable.get_current_auth",
            "method": "GET",
            "path": "/projects/acme/auth/me",
            "status": 200,
            "request_id": answer.json["request_id"],
            "fault": None,
            "delayed": 0.0,
            "operation_key": None,
            "operation_run_id": None,
            "sent_run_id": None,
            "lost": False,
        }
    ] == (await admin("GET", "/_emulator/calls")).json


async def test_faults_come_and_go(admin: Ask, zang: Ask) -> None:
    """A rule that is sent is in force until it is taken away."""
    made = await admin("POST", "/_emulator/faults", {"fault": "zangtable.*:before:throttle:retry_after=1"})
    listed = await admin("GET", "/_emulator/faults")
    hit = await zang("GET", "/projects/acme/auth/me")
    await admin("DELETE", "/_emulator/faults")
    after = await zang("GET", "/projects/acme/auth/me")

    assert (201, "throttle", 1.0) == (made.status, made.json["what"], made.json["retry_after"])
    assert [made.json] == listed.json
    assert 201 == (await admin("POST", "/_emulator/faults", {"fault": made.json})).status
    assert (429, 200) == (hit.status, after.status)


@pytest.mark.parametrize(
    ("body", "says"),
    [
        ({"fault": "zork"}, "is not OPERATION:WHEN:WHAT"),
        ({"fault": "zangtable.zork:after:drop"}, "no operation is named zangtable.zork"),
        ({"fault": 5}, "a fault is a text"),
        ({"fault": "zangtable.create_tabel:after:drop"}, "(did you mean zangtable.create_table?)"),
        ({}, "send {"),
        ([], "send {"),
    ],
)
async def test_faults_that_are_refused(admin: Ask, emulator: Emulator, body: object, says: str) -> None:
    """The message says what is wrong."""
    answer = await admin("POST", "/_emulator/faults", body)

    assert 400 == answer.status
    assert says in answer.json["error"]
    assert () == emulator.faults


@pytest.mark.parametrize("path", ["/_emulator/faults", "/_emulator/clock", "/_emulator/reset"])
@pytest.mark.parametrize(("kind", "body"), [("text/plain", b"{}"), ("application/json", b"nope")])
async def test_changes_must_be_json(admin: Ask, path: str, kind: str, body: bytes) -> None:
    """What a form of another site could send is refused."""
    answer = await admin("POST", path, body=body, Content_Type=kind)

    assert 400 == answer.status


async def test_reset(admin: Ask, zang: Ask, emulator: Emulator) -> None:
    """All is as at the start."""
    await zang("POST", "/projects/acme/table", {"table_name": "a"})

    assert 200 == (await admin("POST", "/_emulator/reset", {})).status
    assert 0 == emulator.count_tables("acme")


async def test_the_clock(admin: Ask, emulator: Emulator) -> None:
    """Time can be looked at and put forward."""
    before = await admin("GET", "/_emulator/clock")
    after = await admin("POST", "/_emulator/clock", {"advance": 600.5})

    assert "2026-06-02T01:23:45Z" == before.json["utc"]
    assert {"now": before.json["now"] + 600.5, "utc": "2026-06-02T01:33:45Z"} == after.json
    assert after.json["now"] == emulator.clock.now()


@pytest.mark.parametrize(
    ("body", "says"),
    [
        ({}, 'send {"advance": ...}'),
        ({"advance": "1"}, "advance is a number of seconds, not '1'"),
        ({"advance": True}, "advance is a number of seconds, not True"),
        ({"advance": -1}, "does not go back"),
    ],
)
async def test_a_step_that_is_refused(admin: Ask, body: object, says: str) -> None:
    """The message says what is wrong."""
    answer = await admin("POST", "/_emulator/clock", body)

    assert (400, True) == (answer.status, says in answer.json["error"])


async def test_a_snapshot_comes_back(admin: Ask, zang: Ask, extruct: Ask, emulator: Emulator) -> None:
    """What was kept is there again, ids included, and what came later is gone."""
    await zang("POST", "/projects/acme/table", {"table_name": "a"})
    await extruct("POST", "/v1/tables", {"name": "b"})
    tables = emulator.extruct_tables()
    async with aiohttp.ClientSession(emulator.url) as session:
        async with session.get("/_emulator/snapshot") as response:
            snapshot, kind = await response.read(), response.content_type
        emulator.reset()
        await zang("POST", "/projects/acme/table", {"table_name": "later"})
        headers = {"Content-Type": kind}
        async with session.post("/_emulator/restore", data=snapshot, headers=headers) as response:
            status = response.status

    assert (200, "application/zip") == (status, kind)
    assert (["a"], tables) == (emulator.table_names("acme"), emulator.extruct_tables())
    assert 201 == (await zang("POST", "/projects/acme/table", {"table_name": "later"})).status


@pytest.mark.parametrize(
    ("kind", "says"),
    [("application/json", "send a snapshot, as application/zip"), ("application/zip", "is no snapshot")],
)
async def test_a_snapshot_that_is_refused(admin: Ask, emulator: Emulator, kind: str, says: str) -> None:
    """A page of another site cannot send one, and what is none changes nothing."""
    answer = await admin("POST", "/_emulator/restore", body=b"nope", Content_Type=kind)

    assert (400, True) == (answer.status, says in answer.json["error"])
    assert ["acme"] == emulator.projects


async def test_what_is_not_there(admin: Ask) -> None:
    """An unknown path under the prefix is an unknown path."""
    assert 404 == (await admin("GET", "/_emulator/zork")).status
