"""Both services, emulated, as plain aiohttp sees them."""

import io
from collections.abc import AsyncIterator, Callable, Coroutine, Mapping
from typing import Any, TypeAlias

import aiohttp
import orjson
import pytest
from attrs import frozen

from aiotables.emulator import Emulator, ManualClock


Ask: TypeAlias = Callable[..., Coroutine[Any, Any, "Answer"]]
Connect: TypeAlias = Callable[[Emulator, str | None], Ask]


@frozen
class Answer:
    """An answer that came."""

    status: int
    json: Any
    headers: Mapping[str, str]


@pytest.fixture
def clock() -> ManualClock:
    """A clock that stands still."""
    return ManualClock()


@pytest.fixture
async def emulator(clock: ManualClock) -> AsyncIterator[Emulator]:
    """An emulator in memory, on the clock of the test."""
    async with Emulator(clock=clock) as running:
        yield running


@pytest.fixture
async def connect() -> AsyncIterator[Connect]:
    """Opens connections to any emulator; a connection is called as `ask(method, path, json)`."""
    sessions: list[aiohttp.ClientSession] = []

    def open_to(emulator: Emulator, token: str | None = None) -> Ask:
        # A connection for each call: otherwise aiohttp itself sends some lost calls again.
        session = aiohttp.ClientSession(emulator.url, connector=aiohttp.TCPConnector(force_close=True))
        sessions.append(session)
        authorization = {} if token is None else {"Authorization": f"Bearer {token}"}

        async def ask(
            method: str, path: str, json: object = None, *, body: bytes | None = None, **headers: str
        ) -> Answer:
            sent = {"Content-Type": "application/json"} | authorization
            sent |= {name.replace("_", "-"): value for name, value in headers.items()}
            content = body if json is None else orjson.dumps(json)
            # aiohttp warns of large bodies that are plain bytes.
            data = None if content is None else io.BytesIO(content)
            async with session.request(method, path, data=data, headers=sent) as response:
                return Answer(response.status, orjson.loads(await response.read()), response.headers)

        return ask

    yield open_to
    for session in sessions:
        await session.close()


@pytest.fixture
async def zang(emulator: Emulator, connect: Connect) -> Ask:
    """ZangTable, with the token of the project acme."""
    return connect(emulator, "pat_emulator")


@pytest.fixture
async def extruct(emulator: Emulator, connect: Connect) -> Ask:
    """Extruct, with its token."""
    return connect(emulator, "extruct-emulator")
