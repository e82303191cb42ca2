"""A clock that jumps, a server that misbehaves as told, and a toy service to call."""

import asyncio
import socket
from collections import deque
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from contextlib import suppress
from http import HTTPStatus
from typing import Any, TypeVar, Unpack

import orjson
import pytest
from attrs import define, field, frozen
from multidict import CIMultiDict, CIMultiDictProxy
from yarl import URL

from aiotables.core.call import Call
from aiotables.core.calls import Calls
from aiotables.core.client import ApiClient
from aiotables.core.convert import Converter
from aiotables.core.errors import by_status
from aiotables.core.extension import Extension, load
from aiotables.core.operations import Effect, Operation, Parameter
from aiotables.core.options import Options
from aiotables.core.pacing import Pacer
from aiotables.core.record import CallRecord
from aiotables.core.requests import Request, Urls
from aiotables.core.retries import RetryPolicy
from aiotables.core.settle import Existed, Found, Look, NotThere, Sent, SettlePolicy, Settling, Unclear
from aiotables.core.transport import SendFailure, Transport
from aiotables.core.wire import RawReply, Reply, Unwrapped


ResultT = TypeVar("ResultT")

TOKEN = "pat_never-shown"


@pytest.fixture(params=["Python", "C"])
def extension(request: pytest.FixtureRequest) -> Extension | None:
    """What carries out plans: nothing that is compiled, and what is."""
    if request.param == "Python":
        return None
    return load({}) or pytest.skip("the C module was not compiled")


@define
class FakeClock:
    """Time that passes only in sleep, and there at once."""

    time: float = 1_000_000.0
    slept: list[float] = field(factory=list[float])

    def now(self) -> float:
        """The time."""
        return self.time

    def monotonic(self) -> float:
        """The time, from another point."""
        return self.time - 999_000.0

    async def sleep(self, seconds: float) -> None:
        """Let time pass, and others work."""
        self.slept.append(seconds)
        self.time += seconds
        await asyncio.sleep(0)


@pytest.fixture
def clock() -> FakeClock:
    """A clock that jumps."""
    return FakeClock()


@frozen
class Heard:
    """A request that the server has read."""

    method: str
    target: str
    headers: CIMultiDict[str]
    body: bytes
    connection: int


@define
class Connection:
    """One connection to the server."""

    number: int
    reader: asyncio.StreamReader
    writer: asyncio.StreamWriter
    ahead: bytes = b""

    async def wait(self) -> None:
        """Wait until the next request begins to come."""
        self.ahead = await self.reader.readexactly(1)

    async def read(self) -> Heard:
        """A whole request."""
        head = self.ahead + await self.reader.readuntil(b"\r\n\r\n")
        first, *lines = head.decode("latin-1").rstrip("\r\n").split("\r\n")
        method, target, _ = first.split(" ")
        pairs = (line.split(": ", 1) for line in lines)
        headers = CIMultiDict((name, value) for name, value in pairs)
        body = await self.reader.readexactly(int(headers.get("Content-Length", "0")))
        return Heard(method=method, target=target, headers=headers, body=body, connection=self.number)

    async def write(self, data: bytes) -> None:
        """Send bytes."""
        self.writer.write(data)
        await self.writer.drain()


Step = Callable[["Server", Connection], Awaitable[bool]]
"""What the server does next; says whether the connection stays open."""


class Server:
    """
    A server on this machine that plays one step for each request, or for each new connection.

    `server.plays(server.hang_up(), server.answer(b"{}"))`
    """

    def __init__(self) -> None:
        self.heard: list[Heard] = []
        self.connections = 0
        self.open_connections = 0
        self._idle = asyncio.Event()
        self._news = asyncio.Condition()
        self._steps: deque[Step] = deque()
        self._tasks: set[asyncio.Task[None]] = set()
        self._server: asyncio.Server | None = None
        self.port = 0

    @property
    def url(self) -> URL:
        """Where it listens."""
        return URL(f"http://127.0.0.1:{self.port}")

    def plays(self, *steps: Step) -> None:
        """Add what it does next."""
        self._steps.extend(steps)

    @property
    def played(self) -> bool:
        """Whether all steps are done."""
        return not self._steps

    async def start(self) -> None:
        """Listen, on the port it had before if it had one."""
        self._server = await asyncio.start_server(self._serve, "127.0.0.1", self.port)
        self.port = self._server.sockets[0].getsockname()[1]

    async def stop(self) -> None:
        """Listen no more, and drop all connections."""
        if self._server is not None:
            self._server.close()
            for task in self._tasks:
                task.cancel()
            await asyncio.gather(*self._tasks, return_exceptions=True)
            await self._server.wait_closed()
            self._server = None

    async def hears(self, count: int = 1) -> None:
        """Wait until so many requests have been read."""
        async with self._news:
            await self._news.wait_for(lambda: len(self.heard) >= count)

    async def quiet(self) -> None:
        """Wait until no connection is open."""
        if self.open_connections:
            await self._idle.wait()

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task is not None
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)
        self.connections += 1
        self.open_connections += 1
        self._idle.clear()
        connection = Connection(self.connections, reader, writer)
        try:
            while self._steps and await self._steps.popleft()(self, connection):
                # The next step may be for another connection, so it is taken only when something comes on this one.
                await connection.wait()
        except (asyncio.CancelledError, asyncio.IncompleteReadError, ConnectionError):
            pass
        finally:
            writer.close()
            with suppress(ConnectionError):
                await writer.wait_closed()
            self.open_connections -= 1
            if not self.open_connections:
                self._idle.set()

    async def _hear(self, connection: Connection) -> Heard:
        heard = await connection.read()
        async with self._news:
            self.heard.append(heard)
            self._news.notify_all()
        return heard

    def answer(
        self,
        body: bytes = b"{}",
        *,
        status: int = 200,
        headers: Mapping[str, str] | None = None,
        keep: bool = True,
    ) -> Step:
        """Answer a request."""

        async def step(server: Server, connection: Connection) -> bool:
            await server._hear(connection)
            await connection.write(reply(status, body, headers or {}))
            return keep

        return step

    def close(self) -> Step:
        """Close a connection before anything is read."""

        async def step(server: Server, connection: Connection) -> bool:
            return False

        return step

    def blurt(self, data: bytes) -> Step:
        """Say something as soon as a connection is there, whatever comes on it, and close."""

        async def step(server: Server, connection: Connection) -> bool:
            await connection.write(data)
            await connection.wait()
            return False

        return step

    def read_part(self, size: int) -> Step:
        """Read so many bytes of the body, and close with a reset."""

        async def step(server: Server, connection: Connection) -> bool:
            await connection.reader.readuntil(b"\r\n\r\n")
            await connection.reader.readexactly(size)
            connection.writer.transport.abort()
            return False

        return step

    def hang_up(self) -> Step:
        """Read a request, and close without an answer."""

        async def step(server: Server, connection: Connection) -> bool:
            await server._hear(connection)
            return False

        return step

    def leave(self) -> Step:
        """Read a request, and then be there no more."""

        async def step(server: Server, connection: Connection) -> bool:
            await server._hear(connection)
            assert self._server is not None
            self._server.close()
            return False

        return step

    def reset(self) -> Step:
        """Read a request, and reset the connection."""

        async def step(server: Server, connection: Connection) -> bool:
            await server._hear(connection)
            linger = connection.writer.get_extra_info("socket")
            linger.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, b"\x01\0\0\0\0\0\0\0")
            connection.writer.transport.abort()
            return False

        return step

    def drip(self, data: bytes) -> Step:
        """Read a request, and send these bytes one by one."""

        async def step(server: Server, connection: Connection) -> bool:
            await server._hear(connection)
            for number in range(len(data)):
                await connection.write(data[number : number + 1])
                await asyncio.sleep(0)
            return True

        return step

    def say(self, data: bytes, *, then_wait: bool = False) -> Step:
        """Read a request, and send these bytes as they are; then close, or leave the connection hanging."""

        async def step(server: Server, connection: Connection) -> bool:
            await server._hear(connection)
            await connection.write(data)
            if then_wait:
                await connection.reader.read()
            return False

        return step


def reply(status: int, body: bytes, headers: Mapping[str, str]) -> bytes:
    """An HTTP reply in bytes."""
    phrase = HTTPStatus(status).phrase
    lines = [f"HTTP/1.1 {status} {phrase}", f"Content-Length: {len(body)}"]
    lines += [f"{name}: {value}" for name, value in headers.items()]
    return "\r\n".join([*lines, "", ""]).encode() + body


@pytest.fixture
async def server() -> AsyncIterator[Server]:
    """A scripted server that listens."""
    running = Server()
    await running.start()
    yield running
    await running.stop()


@pytest.fixture
def closed_port() -> int:
    """A port that nobody listens on."""
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        return int(taken.getsockname()[1])


@frozen(kw_only=True)
class Thing:
    """What the toy service holds."""

    name: str


CREATE: Operation[Thing, Thing] = Operation(
    name="toy.create_thing",
    method="POST",
    path="/things",
    effect=Effect.CREATE,
    body=Thing,
    body_required=True,
    result=Thing,
    nothing_done=frozenset({503}),
)
READ: Operation[None, Thing] = Operation(
    name="toy.get_thing",
    method="GET",
    path="/things/{name}",
    effect=Effect.READ,
    result=Thing,
    parameters=(Parameter(name="name", location="path", required=True),),
)
LIST: Operation[None, list[Thing]] = Operation(
    name="toy.list_things", method="GET", path="/things", effect=Effect.READ, result=list[Thing]
)
DELETE: Operation[None, Thing] = Operation(
    name="toy.delete_thing",
    method="DELETE",
    path="/things/{name}",
    effect=Effect.REPLACE,
    result=Thing,
    parameters=READ.parameters,
    gone_is_done=True,
)
START: Operation[Any, Thing] = Operation(
    name="toy.start_work", method="POST", path="/work", effect=Effect.START, result=Thing
)
DOWNLOAD: Operation[None, bytes] = Operation(
    name="toy.download",
    method="GET",
    path="/things/{name}/file",
    effect=Effect.READ,
    result=bytes,
    parameters=READ.parameters,
)
QUERY: Operation[Any, Thing] = Operation(
    name="toy.query", method="POST", path="/query", effect=Effect.READ, result=Thing
)


class ToyDialect:
    """Bare JSON; an error is `{"error": code}`; 429 is a refusal; a run id may be in a header."""

    def parse(self, body: bytes) -> Any:  # noqa: ANN401 -- any JSON
        """Parse JSON."""
        return orjson.loads(body)

    def unwrap(self, status: int, headers: Mapping[str, str], payload: Any) -> Unwrapped:  # noqa: ANN401 -- the protocol's form
        """Read JSON."""
        if not isinstance(payload, dict | list):
            msg = "expected an object or an array"
            raise ValueError(msg)  # noqa: TRY004 -- what the protocol asks for
        facts: dict[str, Any] = {
            "data": payload,
            "request_id": headers.get("X-Request-Id"),
            "operation_run": headers.get("X-Run"),
        }
        if status < HTTPStatus.MULTIPLE_CHOICES:
            return Unwrapped(**facts)
        code = payload.get("error") if isinstance(payload, dict) else None
        refused = status == HTTPStatus.TOO_MANY_REQUESTS
        return Unwrapped(**facts, error=by_status(status), code=code, message="no", refused=refused)

    def unwrap_text(self, status: int, headers: Mapping[str, str], text: str) -> Unwrapped:
        """Read anything else."""
        refused = status == HTTPStatus.TOO_MANY_REQUESTS
        request_id = headers.get("X-Request-Id")
        return Unwrapped(
            data=text, error=by_status(status), message="no JSON", request_id=request_id, refused=refused
        )


def created_thing(sent: Sent, policy: SettlePolicy) -> Settling:
    """By its name; the thing's name tells what the look shows."""
    look = yield Look(operation=LIST, query={"name": sent.body["name"]})
    names = [thing.name for thing in look.value]
    if "old" in names:
        return Existed("an old one is there")
    if "two" in names:
        return Unclear("two are there")
    if "half" in names:
        return Unclear("one half is there", may_change=True)
    return Found(look.value[0], "by its name") if names else NotThere()


Outcome = RawReply | SendFailure | Exception | Callable[[], Awaitable[RawReply]]


@define
class FakeTransport(Transport):
    """Gives what it was told to, one for each sending; each takes some seconds of the clock."""

    clock: FakeClock
    takes: float = 0.5
    outcomes: deque[Outcome] = field(factory=deque)
    requests: list[Request] = field(factory=list[Request])
    watched: list[bool] = field(factory=list[bool])

    async def send(self, request: Request, *, watch_resends: bool = False) -> RawReply:
        """The next outcome."""
        self.requests.append(request)
        self.watched.append(watch_resends)
        self.clock.time += self.takes
        outcome = self.outcomes.popleft()
        if isinstance(outcome, Exception):
            raise outcome
        return outcome if isinstance(outcome, RawReply) else await outcome()

    async def aclose(self) -> None:
        """Nothing to close."""


class ToyClient(ApiClient):
    """A client of the toy service."""

    _service = "toy"
    _token_variable = "TOY_TOKEN"
    _base_url_variable = "TOY_URL"
    default_base_url = "https://toy.example"

    def __init__(self, *, token: str | None = TOKEN, **options: Unpack[Options]) -> None:
        options.setdefault("environ", {})
        rules = {CREATE.name: created_thing}
        super().__init__(token=token, dialect=ToyDialect(), rules=rules, converter=Converter(), **options)


@define
class Toy:
    """The toy service behind `Calls`, with a transport that is told what to give."""

    create = CREATE
    read = READ
    things = LIST
    delete = DELETE
    start = START
    query = QUERY
    download = DOWNLOAD
    list_name = LIST.name
    thing = Thing
    token = TOKEN

    clock: FakeClock
    transport: FakeTransport
    calls: Calls
    records: list[CallRecord]

    def gives(self, *outcomes: Outcome) -> None:
        """Add what the next sendings give."""
        self.transport.outcomes.extend(outcomes)

    @property
    def sent(self) -> list[str]:
        """What was sent, each as `POST /things`."""
        return [f"{request.method} {request.url.raw_path_qs}" for request in self.transport.requests]

    @staticmethod
    def client(url: URL, **options: Unpack[Options]) -> ToyClient:
        """A client of a server, on the clock of the machine."""
        options["base_url"] = str(url)
        return ToyClient(**options)

    @staticmethod
    def reply(
        status: int = 200,
        body: bytes = b"{}",
        *,
        resent: bool = False,
        headers: Mapping[str, str] | None = None,
    ) -> RawReply:
        """A reply."""
        proxy = CIMultiDictProxy(CIMultiDict(headers or {}))
        return RawReply(status=status, headers=proxy, body=body, resent=resent)

    @property
    def headers(self) -> CIMultiDict[str]:
        """Headers with the token."""
        return CIMultiDict({"Authorization": f"Bearer {TOKEN}"})

    async def call(
        self,
        operation: Operation[Any, ResultT],
        *,
        path: Mapping[str, str] | None = None,
        **facts: Any,  # noqa: ANN401 -- whatever a call takes
    ) -> Reply[ResultT]:
        """Make a call."""
        call = Call(operation, facts.pop("headers", self.headers), tuple((path or {}).items()), {}, **facts)
        await self.calls.make(call)
        return call.reply()


@pytest.fixture
def toy(clock: FakeClock) -> Toy:
    """The toy service."""
    transport = FakeTransport(clock)
    records: list[CallRecord] = []
    calls = Calls(
        urls=Urls(URL("https://toy.example/api")),
        dialect=ToyDialect(),
        rules={CREATE.name: created_thing},
        converter=Converter(),
        transport=transport,
        pacer=Pacer(clock=clock),
        policy=RetryPolicy(),
        settle_policy=SettlePolicy(grace=60.0),
        clock=clock,
        observers=(records.append,),
    )
    return Toy(clock, transport, calls, records)
