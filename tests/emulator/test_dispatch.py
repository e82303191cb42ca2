"""From the path of a request to who answers it."""

import asyncio
from collections.abc import Callable, Coroutine
from typing import Any, TypeAlias

from aiotables.emulator import Emulator


Ask: TypeAlias = Callable[..., Coroutine[Any, Any, Any]]
Connect: TypeAlias = Callable[[Emulator, str | None], Ask]

BODY = b'{"table_name": "a"}'
HEAD = b"POST /projects/acme/table HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer pat_emulator\r\nContent-Length: 19\r\n"


async def open_to(emulator: Emulator) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
    """A connection without any client."""
    return await asyncio.open_connection("127.0.0.1", int(emulator.url.rpartition(":")[2]))


async def test_a_client_that_asks_whether_to_send(emulator: Emulator) -> None:
    """It is told to go on, as curl waits for with large bodies, and then answered."""
    reader, writer = await open_to(emulator)
    writer.write(HEAD + b"Expect: 100-continue\r\n\r\n")
    told = await reader.readuntil(b"\r\n\r\n")
    writer.write(BODY)
    answered = await reader.readuntil(b"\r\n")
    writer.close()

    assert b"HTTP/1.1 100 Continue\r\n\r\n" == told
    assert b"HTTP/1.1 201 Created\r\n" == answered


async def test_a_client_that_leaves_before_its_body(emulator: Emulator, zang: Ask) -> None:
    """Nothing is done and nothing is logged: the call never came."""
    _, writer = await open_to(emulator)
    writer.write(HEAD + b"\r\n" + BODY[:5])
    await writer.drain()
    writer.transport.abort()
    await zang("GET", "/projects/acme/auth/me")

    assert 0 == emulator.count_tables("acme")
    assert ["zangtable.get_current_auth"] == [call.operation for call in emulator.calls]


async def test_parameters_are_decoded(zang: Ask, emulator: Emulator) -> None:
    """A name arrives as it was meant; what no name can be is not found, and does no harm."""
    await zang("POST", "/projects/acme/table", {"table_name": "contacts"})

    statuses = [
        (await zang("GET", f"/projects/acme/table/{name}")).status
        for name in ("c%6Fntacts", "con%2Ftacts", "%00", "%FF", "%")
    ]

    assert [200, 404, 404, 404, 404] == statuses


async def test_paths_of_its_own_are_not_logged(emulator: Emulator, connect: Connect) -> None:
    """An unknown one, and one by another method, are told so, and are no calls of a service."""
    ask = connect(emulator, None)

    answers = [await ask("GET", "/_emulator/zork"), await ask("PUT", "/_emulator/state", {})]

    assert [(404, {"error": "Not Found"}), (405, {"error": "Method Not Allowed"})] == [
        (answer.status, answer.json) for answer in answers
    ]
    assert [None, "GET"] == [answer.headers.get("Allow") for answer in answers]
    assert [] == emulator.calls
