"""The emulator as a whole."""

import asyncio
import gc
import socket
from collections.abc import Callable, Coroutine
from pathlib import Path
from typing import Any, TypeAlias

import pytest

from aiotables.emulator import Emulator, Fault, ManualClock


Ask: TypeAlias = Callable[..., Coroutine[Any, Any, Any]]
Connect: TypeAlias = Callable[[Emulator, str | None], Ask]

TABLE = "/projects/acme/table"


async def test_both_services_are_on_one_port(emulator: Emulator, connect: Connect) -> None:
    """One base URL, told in full, on a loopback address."""
    assert emulator.url.startswith("http://127.0.0.1:")
    assert 200 == (await connect(emulator, "pat_emulator")("GET", "/projects/acme/auth/me")).status
    assert 200 == (await connect(emulator, "extruct-emulator")("GET", "/v1/user")).status


@pytest.mark.parametrize(
    ("method", "path", "status"),
    [
        ("GET", "/v1", 404),
        ("GET", "/v1/zork", 404),
        ("GET", "/v1/tables/", 404),
        ("PUT", "/v1/tables", 405),
        ("PUT", "/v1/tables/x", 405),
        ("POST", "/v1/companies", 404),
    ],
)
async def test_what_extruct_does_not_have(extruct: Ask, method: str, path: str, status: int) -> None:
    """FastAPI's words for unknown paths and methods."""
    answer = await extruct(method, path)

    assert (status, {"detail": {404: "Not Found", 405: "Method Not Allowed"}[status]}) == (
        answer.status,
        answer.json,
    )


@pytest.mark.parametrize(
    ("method", "path", "status", "code"),
    [
        ("GET", "/", 404, "not_found"),
        ("GET", "/projects/acme/auth/tokens/1/x", 404, "not_found"),
        ("GET", "/v12", 404, "not_found"),
        ("GET", "/projects/acme", 405, "method_not_allowed"),
        ("GET", TABLE, 405, "method_not_allowed"),
    ],
)
async def test_what_zangtable_does_not_have(
    zang: Ask, emulator: Emulator, method: str, path: str, status: int, code: str
) -> None:
    """An envelope for unknown paths and methods; they are recorded without an operation."""
    answer = await zang(method, path)

    assert (status, False, code) == (answer.status, answer.json["ok"], answer.json["error"]["code"])
    assert (None, status) == (emulator.calls[-1].operation, emulator.calls[-1].status)
    assert (status == 405) is ("Allow" in answer.headers)


async def test_a_body_that_is_too_large(zang: Ask, extruct: Ask, emulator: Emulator) -> None:
    """Above one MiB both services refuse in their own forms; just below they look at it."""
    large = b'{"table_name": "a", "x": "' + b"x" * 1024 * 1024 + b'"}'

    answers = [await zang("POST", TABLE, body=large), await extruct("POST", "/v1/tables", body=large)]
    fits = await zang("POST", TABLE, body=large[: 1024 * 1024 - 2] + b'"}')

    assert [413, 413, 201] == [answer.status for answer in (*answers, fits)]
    assert "payload_too_large" == answers[0].json["error"]["code"]
    assert isinstance(answers[1].json["detail"], str)
    assert 1 == emulator.count_tables("acme")


async def test_a_body_that_cannot_be_decoded(zang: Ask, extruct: Ask) -> None:
    """A content encoding that is not what it says is the caller's fault."""
    for ask, path in ((zang, TABLE), (extruct, "/v1/tables")):
        assert 400 == (await ask("POST", path, body=b"hello", Content_Encoding="gzip")).status


@pytest.mark.parametrize("host", ["0.0.0.0", "example.com", "", "192.168.0.1"])  # noqa: S104 - it is refused
def test_only_this_machine_can_reach_it(host: str) -> None:
    """Any other address is refused."""
    with pytest.raises(ValueError, match="this machine alone"):
        Emulator(host=host)


async def test_any_loopback_address(connect: Connect) -> None:
    """The name of this machine is one."""
    async with Emulator(host="localhost") as emulator:
        assert 200 == (await connect(emulator, "extruct-emulator")("GET", "/v1/user")).status


async def test_a_port_that_is_taken(emulator: Emulator) -> None:
    """The error is the system's, and nothing is left open."""
    second = Emulator(port=int(emulator.url.rpartition(":")[2]))

    with pytest.raises(OSError, match="address already in use"):
        await second.__aenter__()

    with pytest.raises(RuntimeError, match="not open"):
        _ = second.url


async def test_a_port_of_ones_own() -> None:
    """The port that is asked for is the one."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    async with Emulator(port=port) as emulator:
        assert f"http://127.0.0.1:{port}" == emulator.url


async def test_it_is_opened_once_at_a_time(emulator: Emulator) -> None:
    """A second opening is refused and does no harm."""
    with pytest.raises(RuntimeError, match="open already"):
        await emulator.__aenter__()

    assert emulator.projects


async def test_it_is_used_while_it_is_open() -> None:
    """Before and after there is nothing to ask, but for the calls."""
    emulator = Emulator()
    with pytest.raises(RuntimeError, match="async context manager"):
        emulator.count_tables("acme")

    async with emulator:
        assert 0 == emulator.count_tables("acme")

    assert [] == emulator.calls
    with pytest.raises(RuntimeError, match="async context manager"):
        emulator.fault("*", when="before", what="drop")


async def test_it_can_be_opened_again(connect: Connect) -> None:
    """An emulator in memory starts empty, with its first faults."""
    emulator = Emulator(faults=[Fault.parse("zangtable.create_table:after:status:nth=2")])
    for _ in range(2):
        async with emulator:
            zang = connect(emulator, "pat_emulator")
            statuses = [(await zang("POST", TABLE, {"table_name": name})).status for name in "abc"]
            assert [201, 500, 201] == statuses


async def test_nothing_is_left_when_it_is_closed(connect: Connect) -> None:
    """No task, no socket, no file: with warnings as errors, collecting finds nothing."""
    before = asyncio.all_tasks()
    async with Emulator() as emulator:
        await connect(emulator, "extruct-emulator")("GET", "/v1/user")
    await asyncio.sleep(0)
    gc.collect()

    assert before == asyncio.all_tasks()


async def test_a_fault_of_no_operation_is_refused() -> None:
    """A slip of the pen in a rule is told, with the names that there are."""
    with pytest.raises(
        ValueError, match=r"no operation is named zangtable\.creat_table.*zangtable\.create_table"
    ):
        async with Emulator(faults=[Fault.parse("zangtable.creat_table:after:drop")]):
            pass


async def test_a_slug_that_is_none_is_refused() -> None:
    """Projects are checked at the start, and nothing is left open."""
    with pytest.raises(ValueError, match="is not a valid project slug"):
        async with Emulator(projects={"../acme": "x"}):
            pass


async def test_projects_can_be_added(emulator: Emulator, connect: Connect) -> None:
    """A project more, and a token more for one that is there."""
    emulator.add_project("other", "pat_other")
    emulator.add_project("acme", "pat_other")

    other = connect(emulator, "pat_other")
    statuses = [(await other("GET", f"/projects/{slug}/auth/me")).status for slug in ("acme", "other")]

    assert [200, 200] == statuses
    assert ["acme", "other"] == emulator.projects


async def test_the_inspector(emulator: Emulator, zang: Ask, extruct: Ask) -> None:
    """Tables are counted in the databases themselves."""
    for name in ("b", "a"):
        await zang("POST", TABLE, {"table_name": name})
    made = await extruct("POST", "/v1/tables", {"name": "n", "tags": ["t"]})

    assert 2 == emulator.count_tables("acme")
    assert ["b", "a"] == emulator.table_names("ACME")
    assert [(made.json["id"], "n", ("t",))] == emulator.extruct_tables()
    assert 0 == emulator.count_rows(made.json["id"])
    with pytest.raises(KeyError, match="no project nope"):
        emulator.count_tables("nope")
    with pytest.raises(KeyError, match="no Extruct table nope"):
        emulator.count_rows("nope")


async def test_reset(tmp_path: Path, connect: Connect, clock: ManualClock) -> None:
    """Tables, added projects, runs, calls and added faults are gone; what was there at the start is there."""
    first = Fault.parse("extruct.get_user:before:throttle")
    async with Emulator(data=tmp_path, clock=clock, faults=[first]) as emulator:
        zang, extruct = connect(emulator, "pat_emulator"), connect(emulator, "extruct-emulator")
        emulator.add_project("other", "pat_other")
        emulator.fault("zangtable.*", when="before", what="throttle", nth=3)
        run = {"X_Operation_Run_Id": "r"}
        await zang("POST", TABLE, {"table_name": "a"}, **run)
        await extruct("POST", "/v1/tables", {})
        clock.advance(1000)

        emulator.reset()

        assert ([], (first,), ["acme"]) == (emulator.calls, emulator.faults, emulator.projects)
        assert ([], []) == (emulator.table_names("acme"), emulator.extruct_tables())
        assert ["acme.sqlite"] == [file.name for file in (tmp_path / "zangtable").glob("*.sqlite")]
        assert "r" == (await zang("GET", "/projects/acme/auth/me", **run)).json["operation_run_id"]


async def test_tokens_are_in_no_text(emulator: Emulator, zang: Ask) -> None:
    """Neither the emulator nor its record of calls shows a token."""
    await zang("GET", "/projects/acme/auth/me")

    assert "pat_emulator" not in repr(emulator) + repr(emulator.calls)
    assert "extruct-emulator" not in repr(vars(emulator))
