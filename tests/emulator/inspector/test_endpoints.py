"""What the page is made of, and what it asks for."""

import re
from collections.abc import Callable, Coroutine
from typing import Any, TypeAlias

import aiohttp
import pytest

from aiotables.emulator import Emulator, ManualClock


Ask: TypeAlias = Callable[..., Coroutine[Any, Any, Any]]
Connect: TypeAlias = Callable[[Emulator, str | None], Ask]

OWN = "/_emulator/"


@pytest.fixture
async def inspect(emulator: Emulator, connect: Connect) -> Ask:
    """Asks as the page does."""
    ask = connect(emulator, None)
    return lambda path: ask("GET", f"{OWN}inspector/{path}")


@pytest.mark.parametrize(
    ("name", "kind"),
    [
        ("", "text/html"),
        ("inspector.css", "text/css"),
        ("inspector.js", "text/javascript"),
        ("inspector.svg", "image/svg+xml"),
    ],
)
async def test_the_files(emulator: Emulator, name: str, kind: str) -> None:
    """The page and what it needs, with headers that let nothing else in."""
    async with aiohttp.ClientSession(emulator.url) as session, session.get(OWN + name) as response:
        body, headers = await response.text(), response.headers

    assert 200 == response.status
    assert body
    assert kind == response.content_type
    assert "nosniff" == headers["X-Content-Type-Options"]
    assert "no-store" == headers["Cache-Control"]
    assert "default-src 'none'; " in headers["Content-Security-Policy"]
    assert "frame-ancestors 'none'" in headers["Content-Security-Policy"]
    assert ("script-src 'self'" in headers["Content-Security-Policy"]) is (name == "")
    assert [] == emulator.calls


async def test_the_files_ask_for_nothing_from_elsewhere(emulator: Emulator) -> None:
    """No address of another machine, no markup in strings, no inline script or style."""
    async with aiohttp.ClientSession(emulator.url) as session:
        texts = [
            await (await session.get(OWN + name)).text() for name in ("", "inspector.css", "inspector.js")
        ]

    for text in texts:
        assert not re.search(r"https?://(?!www\.w3\.org/)", text)
        assert not re.search(r"innerHTML|outerHTML|insertAdjacentHTML|document\.write|eval\(|@import", text)
    assert not re.search(r"<style|\son[a-z]+=|style=|<script(?![^>]*\ssrc=)", texts[0])


async def test_other_sites_are_refused(emulator: Emulator) -> None:
    """The guard stands before every path of the emulator's own, changes included, and nothing is changed."""
    fault = {"fault": "*:before:throttle"}
    headers = [{"Host": "evil.example"}, {"Origin": "http://evil.example"}, {"Sec-Fetch-Site": "cross-site"}]
    async with aiohttp.ClientSession(emulator.url) as session:
        for wrong in headers:
            for method, path in (
                ("GET", ""),
                ("GET", "inspector/calls"),
                ("POST", "faults"),
                ("POST", "reset"),
            ):
                async with session.request(method, OWN + path, headers=wrong, json=fault) as response:
                    assert 403 == response.status
                    assert "error" in await response.json()
                    assert "nosniff" == response.headers["X-Content-Type-Options"]

    assert () == emulator.faults


async def test_nothing_is_changed_by_getting(emulator: Emulator) -> None:
    """What changes something takes no GET."""
    async with aiohttp.ClientSession(emulator.url) as session, session.get(f"{OWN}reset") as response:
        assert (405, "POST") == (response.status, response.headers["Allow"])


async def test_summary(inspect: Ask, zang: Ask, extruct: Ask, emulator: Emulator, clock: ManualClock) -> None:
    """All that tells whether something changed."""
    await zang("POST", "/projects/acme/table", {"table_name": "a"})
    await extruct("POST", "/v1/tables", {})
    emulator.fault("*", when="before", what="throttle")

    first = (await inspect("summary")).json
    emulator.reset()
    second = (await inspect("summary")).json

    assert {
        "instance": first["instance"],
        "now": clock.now(),
        "calls": 2,
        "clearings": 0,
        "faults": 1,
        "projects": 1,
        "tables": 1,
        "extruct_tables": 1,
    } == first
    assert (first["instance"], 0, 1, 0) == (
        second["instance"],
        second["calls"],
        second["clearings"],
        second["tables"],
    )


async def test_another_emulator_is_another_instance(inspect: Ask, connect: Connect) -> None:
    """So that the page draws all anew."""
    async with Emulator() as other:
        seen = (await connect(other, None)("GET", f"{OWN}inspector/summary")).json["instance"]

    assert seen != (await inspect("summary")).json["instance"]


async def test_faults(inspect: Ask, emulator: Emulator) -> None:
    """The rules with what they say beside where and what, and all operations."""
    emulator.fault("extruct.*", when="before", what="throttle", retry_after=2, times=3)

    answer = (await inspect("faults")).json

    assert [
        {
            "operation": "extruct.*",
            "when": "before",
            "what": "throttle",
            "options": {"retry_after": "2", "times": "3"},
        }
    ] == answer["faults"]
    assert {"zangtable.create_table", "extruct.create_table"} < set(answer["operations"])


@pytest.mark.parametrize(
    ("path", "status"),
    [
        ("rows?project=acme&table=nope", 404),
        ("rows?project=nope&table=nope", 404),
        ("rows?project=../acme&table=x", 404),
        ("rows?project=acme&table=sqlite_master", 404),
        ("rows", 404),
        ("rows?id=nope", 404),
        ("rows?id=nope&offset=-1", 400),
        ("rows?id=nope&offset=99999999999999999999", 400),
        ("rows?id=nope&offset=%D9%A3", 400),
        ("call?number=1", 404),
        ("call", 400),
        ("calls?before=x", 400),
    ],
)
async def test_what_is_not_there(inspect: Ask, path: str, status: int) -> None:
    """It is said, and nothing breaks."""
    answer = await inspect(path)

    assert status == answer.status
    assert answer.json["error"]


async def test_what_is_there(inspect: Ask, zang: Ask, extruct: Ask) -> None:
    """Tables, rows, calls, one call and journeys, by what the page asks for."""
    await zang("POST", "/projects/acme/table", {"table_name": "contacts"}, X_Operation_Key="crm")
    made = (await extruct("POST", "/v1/tables", {"name": "Accounts"})).json

    answers = {
        path: (await inspect(path)).json
        for path in (
            "tables?search=cont",
            "rows?project=acme&table=contacts&offset=50",
            f"rows?id={made['id']}",
            "calls?search=create&before=2",
            "calls?failed=1",
            "call?number=2",
            "journeys?search=crm",
        )
    }
    tables, rows, extruct_rows, calls, failures, call, journeys = answers.values()

    assert ["contacts"] == [table["name"] for table in tables["projects"][0]["tables"]]
    assert ("contacts", 50) == (rows["name"], rows["offset"])
    assert "Accounts" == extruct_rows["name"]
    assert [1] == [each["number"] for each in calls["calls"]]
    assert [] == failures["calls"]
    assert ("extruct.create_table", "/v1/tables") == (call["operation"], call["path"])
    assert [("crm", 1)] == [(each["key"], each["total"]) for each in journeys["journeys"]]
