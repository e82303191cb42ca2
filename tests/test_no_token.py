"""A search for the token in everything that a program can get to see of its calls. It is in nothing."""

import asyncio
import logging
import pickle
import traceback
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from typing import TYPE_CHECKING

import orjson
import pytest
from aiohttp import web
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.export import SimpleSpanProcessor
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter

from aiotables import (
    NO_RETRIES,
    AiotablesError,
    CallEvent,
    CallRecord,
    Extruct,
    SettingsError,
    SettlePolicy,
    Timeouts,
    ZangTable,
    record,
)
from aiotables.core import errors
from aiotables.core.options import Options
from aiotables.core.tracing import Spans
from aiotables.emulator import Emulator
from aiotables.extruct import operations as extruct
from aiotables.extruct.models import TableCreate as ExtructTableCreate
from aiotables.zangtable import operations as zangtable
from aiotables.zangtable.models import TableCreate


if TYPE_CHECKING:
    from tests.conftest import Lab

TOKEN = "pat_f00dfacecafe"
STATUSES = [302, 400, 401, 402, 403, 404, 409, 418, 422, 429, 500, 502]
SAYS: list[int | str] = [*STATUSES, "lost", "page", "shape", "nothing"]
ACCOUNTS = ExtructTableCreate(name="Accounts")
PLACE = {"table_id_or_name": "contacts"}


class Echo:
    """A server that answers as it is told, and repeats in every error all that it was sent."""

    def __init__(self) -> None:
        self.says: int | str = 200
        self.hears = asyncio.Event()
        self.over = asyncio.Event()

    async def answer(self, request: web.Request) -> web.StreamResponse:
        """What is to be said next."""
        self.hears.set()
        if self.says == "nothing":
            await self.over.wait()
        if self.says == "lost":
            assert request.transport is not None
            request.transport.abort()
        if isinstance(self.says, str):
            shapes = {"page": b"<html>", "shape": b'{"ok":true,"data":{"table":[]},"id":[]}'}
            return web.Response(body=shapes.get(self.says, b""))
        said = f"you sent {dict(request.headers)}"
        body = {"ok": False, "error": {"code": self._code(), "message": said}, "detail": [said]}
        text = orjson.dumps(body).decode() if self.says != 502 else f"<html>{said}"
        return web.Response(status=self.says, text=text, headers={"X-Request-Id": "r1"})

    def _code(self) -> str | None:
        return "table_exists" if self.says == 409 else None


@pytest.fixture
async def echo() -> AsyncIterator[tuple[Echo, str]]:
    """A server that repeats what it was sent, and where it is."""
    said = Echo()
    application = web.Application()
    application.router.add_route("*", "/{path:.*}", said.answer)
    runner = web.AppRunner(application, shutdown_timeout=0)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0)
    await site.start()
    host, port = runner.addresses[0][:2]
    yield said, f"http://{host}:{port}"
    said.over.set()
    await runner.cleanup()


class Seen:
    """Everything that was seen, in every form that it can be shown in."""

    def __init__(self) -> None:
        self.forms: list[bytes] = []
        self.kinds: set[type] = set()
        self._exporter = InMemorySpanExporter()
        provider = TracerProvider()
        provider.add_span_processor(SimpleSpanProcessor(self._exporter))
        self.tracer = provider.get_tracer("test")

    def add(self, thing: object) -> None:
        """Look at a thing: how it prints, and how it is pickled."""
        self.kinds.add(type(thing))
        self.forms += [repr(thing).encode(), str(thing).encode()]
        if isinstance(thing, AiotablesError | CallRecord):
            self.forms.append(pickle.dumps(thing))
        if isinstance(thing, BaseException):
            told = traceback.TracebackException.from_exception(thing, capture_locals=True)
            self.forms.append("".join(told.format()).encode())

    def told(self, event: CallEvent) -> None:
        """Look at an event."""
        self.add(event)

    async def of(self, call: Awaitable[object]) -> None:
        """Look at what a call gives, or raises, with the local variables of all frames."""
        try:
            self.add(await call)
        except (AiotablesError, asyncio.CancelledError) as error:
            self.add(error)

    def logged(self, lines: list[logging.LogRecord]) -> None:
        """Look at the log."""
        for line in lines:
            self.forms += [line.getMessage().encode(), repr(vars(line)).encode()]

    def traced(self) -> int:
        """Look at the spans, and say how many there are."""
        spans = self._exporter.get_finished_spans()
        self.forms += [span.to_json().encode() for span in spans]
        return len(spans)

    def holds(self, text: str) -> bool:
        """Whether a text is anywhere."""
        return any(text.encode() in form for form in self.forms)


@pytest.fixture
def seen() -> Seen:
    """Nothing yet."""
    return Seen()


def options(seen: Seen, url: str) -> Options:
    """A client that tells everything."""
    return Options(
        base_url=url,
        environ={},
        retries=NO_RETRIES,
        settling=SettlePolicy(grace=0.0),
        timeouts=Timeouts(answer=0.2),
        observers=[seen.add],
        listeners=[Spans(seen.tracer), seen.told],
        propagate_trace=True,
    )


def calls(zang: ZangTable, research: Extruct) -> Iterator[Callable[[], Awaitable[object]]]:
    """A read and a create of each service."""
    yield lambda: zang.send(zangtable.GET_TABLE, path=PLACE)
    yield lambda: zang.send(zangtable.CREATE_TABLE, body=TableCreate(table_name="contacts"))
    yield lambda: research.send(extruct.GET_USER)
    yield lambda: research.send(extruct.CREATE_TABLE, body=ACCOUNTS)


def tree(base: type[Exception]) -> set[type[Exception]]:
    """The classes below one that errors of calls are of."""
    return {base}.union(*(tree(cls) for cls in base.__subclasses__()))


async def test_errors_of_calls(
    echo: tuple[Echo, str], seen: Seen, caplog: pytest.LogCaptureFixture, unused: str
) -> None:
    """However a call ends, the token is in no error, record, event, span or line of a log, even of other loggers."""
    caplog.set_level(logging.DEBUG)
    loop = asyncio.get_running_loop()
    loop.set_debug(True)
    loop.slow_callback_duration = 0.0
    server, url = echo
    async with (
        ZangTable(token=TOKEN, project="acme", **options(seen, url)) as zang,
        Extruct(token=TOKEN, **options(seen, url)) as research,
    ):
        with record() as kept:
            for server.says in SAYS:
                for call in calls(zang, research):
                    await seen.of(call())
            for call in calls(zang, research):
                await cancelled(server, seen, call())
        for client in (zang, research):
            seen.add(client)
            seen.add(vars(client))
            seen.add(client._calls)
    for call in calls(zang, research):
        await seen.of(call())
    async with ZangTable(token=TOKEN, project="acme", **options(seen, unused)) as nobody:
        await seen.of(nobody.tables.get("contacts"))
    loop.set_debug(False)

    for each in kept:
        seen.add(each)
    seen.logged(caplog.records)
    assert {"aiotables", "asyncio"} <= {line.name for line in caplog.records}
    assert len(kept) <= seen.traced()
    assert tree(errors.CallError) - {errors.CallError} <= seen.kinds
    assert {errors.ClosedError, asyncio.CancelledError} <= seen.kinds
    assert not seen.holds(TOKEN)
    assert seen.holds("[token]")


async def cancelled(server: Echo, seen: Seen, call: Awaitable[object]) -> None:
    """Leave a call alone while it is under way."""
    server.hears.clear()
    task = asyncio.ensure_future(call)
    await server.hears.wait()
    task.cancel()
    await seen.of(task)


@pytest.fixture
def unused(unused_tcp_port: int) -> str:
    """Where nobody listens."""
    return f"http://127.0.0.1:{unused_tcp_port}"


async def test_calls_that_succeed(seen: Seen, caplog: pytest.LogCaptureFixture) -> None:
    """Nor is it in replies, in calls that were settled, in what is shown of a request, or in the emulator's own log."""
    caplog.set_level(logging.DEBUG)
    async with Emulator(projects={"acme": TOKEN}, extruct_token=TOKEN) as emulator:
        for name in ("zangtable.create_table", "extruct.create_table"):
            emulator.fault(name, when="after", what="drop", times=1)
        async with (
            ZangTable(token=TOKEN, project="acme", **options(seen, emulator.url)) as zang,
            Extruct(token=TOKEN, **options(seen, emulator.url)) as research,
        ):
            for call in calls(zang, research):
                await seen.of(call())
            await seen.of(research.tables.create(ACCOUNTS, mark=True))
            shown = zang.render(zangtable.CREATE_TABLE, body=TableCreate(table_name="contacts"))
            for thing in (shown, shown.curl(), emulator.calls):
                seen.add(thing)

    seen.logged(caplog.records)
    assert seen.traced() > 0
    assert seen.holds("$ZANGTABLE_API_TOKEN")
    assert not seen.holds(TOKEN)


@pytest.mark.parametrize("token", [f"{TOKEN} ", f"{TOKEN}\n", f"é{TOKEN}"])
def test_wrong_settings(token: str, seen: Seen) -> None:
    """Nor does an error of the settings say it."""
    with pytest.raises(SettingsError) as wrong:
        Extruct(token=token)
    with pytest.raises(SettingsError) as elsewhere:
        Extruct(token=TOKEN, base_url="http://toy.example")

    for error in (wrong.value, elsewhere.value):
        seen.forms += [repr(error).encode(), str(error).encode(), pickle.dumps(error)]
    assert not seen.holds(TOKEN)


TABLES = """
  - {target: crm, name: contacts, columns: [{name: email, type: TEXT}]}
  - {target: research, name: Accounts, kind: company}
"""


async def test_journal(lab: "Lab", seen: Seen, caplog: pytest.LogCaptureFixture) -> None:
    """Nor does a run with lost replies write one to its journal, or tell it."""
    caplog.set_level(logging.DEBUG)
    for name in ("zangtable.create_table", "extruct.create_table"):
        lab.emulator.fault(name, when="after", what="drop", times=1)

    with record() as kept:
        report = await lab.apply(TABLES)

    for thing in (*report.events, *kept):
        seen.add(thing)
    seen.logged(caplog.records)
    files = [file for file in lab.state.rglob("*") if file.is_file()]
    seen.forms += [file.read_bytes() for file in files]
    assert seen.holds("contacts")
    for token in lab.tokens.values():
        assert not seen.holds(token)
