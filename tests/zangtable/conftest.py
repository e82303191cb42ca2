"""A service that says what it is told to, facts in ZangTable's form, and what its docs show."""

import asyncio
from collections import deque
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from datetime import UTC, datetime
from email.utils import formatdate
from functools import cache
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl

import orjson
import pytest
from aiohttp import web
from aiohttp.test_utils import RawTestServer
from attrs import define, field, frozen
from multidict import CIMultiDict, CIMultiDictProxy

from aiotables.core.convert import Converter
from aiotables.core.record import Attempt, CallRecord
from aiotables.core.retries import Kind
from aiotables.core.settle import Look, Settling, Verdict
from aiotables.core.wire import Reply
from aiotables.zangtable import ZangTable
from codegen.bundle import bundle
from codegen.spec import METHODS, load


OPENAPI = Path(__file__).parents[2] / "openapi" / "zangtable"
NOW = 1_780_362_000.0  # 2026-06-02T01:00:00Z


@define
class FakeClock:
    """Time that passes only in sleep, and there at once."""

    time: float = NOW
    slept: list[float] = field(factory=list[float])

    def now(self) -> float:
        """The time."""
        return self.time

    def monotonic(self) -> float:
        """The time."""
        return self.time

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
    """A call that the service got."""

    call: str
    """Method and path."""

    headers: Mapping[str, str]
    json: Any

    @property
    def query(self) -> dict[str, str]:
        """The query, decoded as servers do it."""
        return dict(parse_qsl(self.call.partition("?")[2], strict_parsing=True))

    def page(self, items: Sequence[Any], *, most: int = 500) -> Sequence[Any]:
        """The items that it asks for by limit and offset, where pages are cut to a size."""
        start = int(self.query["offset"])
        return items[start : start + min(int(self.query["limit"]), most)]


@define
class Service:
    """A local server whose answers are told beforehand; where one is `None`, the reply is lost."""

    clock: FakeClock
    heard: list[Heard] = field(factory=list[Heard])
    url: str = ""
    _answers: deque[web.Response | None] = field(factory=deque[web.Response | None])
    _answer_of: Callable[[Heard], web.Response] | None = None

    def answers_by(self, answer_of: Callable[[Heard], web.Response]) -> None:
        """Find the answer of each call by this."""
        self._answer_of = answer_of

    def answers(self, *answers: web.Response | None) -> None:
        """Add what comes next."""
        self._answers.extend(answers)

    @property
    def calls(self) -> list[str]:
        """What was called."""
        return [heard.call for heard in self.heard]

    async def handle(self, request: web.BaseRequest) -> web.Response:
        """Answer a request."""
        body = await request.read()
        self.heard.append(
            Heard(
                call=f"{request.method} {request.raw_path}",
                headers=request.headers,
                json=orjson.loads(body) if body else None,
            )
        )
        answer = self._answers.popleft() if self._answer_of is None else self._answer_of(self.heard[-1])
        if answer is None:
            assert request.transport is not None
            request.transport.abort()
            return web.Response()
        return answer

    def ok(self, data: object, **more: object) -> web.Response:
        """A success in its envelope."""
        return self.says({"ok": True, "data": data, "error": None, "request_id": "req_1", **more})

    def fail(self, code: str | None, *, status: int = 400, **more: object) -> web.Response:
        """An error in its envelope."""
        error = {"message": "it is so"} if code is None else {"code": code, "message": "it is so"}
        return self.says(
            {"ok": False, "data": None, "error": error, "request_id": "req_2", **more}, status=status
        )

    def says(self, payload: object, *, status: int = 200) -> web.Response:
        """Any JSON."""
        date = formatdate(self.clock.time, usegmt=True)
        body = orjson.dumps(payload)
        return web.Response(body=body, status=status, content_type="application/json", headers={"Date": date})


@pytest.fixture
async def service(clock: FakeClock) -> AsyncIterator[Service]:
    """A service that listens, on the clock of the test."""
    told = Service(clock)
    async with RawTestServer(told.handle) as server:
        told.url = str(server.make_url(""))
        yield told


@pytest.fixture
async def zang(service: Service, clock: FakeClock) -> AsyncIterator[ZangTable]:
    """A client of it."""
    async with ZangTable(
        token="pat_secret", project="acme", base_url=service.url, clock=clock, environ={}
    ) as client:
        yield client


class Facts:
    """Things as ZangTable writes them."""

    now = NOW

    def time(self, seconds: float) -> str:
        """A moment, some seconds from now."""
        return f"{datetime.fromtimestamp(NOW + seconds, UTC):%Y-%m-%dT%H:%M:%SZ}"

    def column(
        self, name: str, kind: str = "TEXT", *, at: float | None = 0.0, **more: object
    ) -> dict[str, Any]:
        """A column, made some seconds from now."""
        times = {} if at is None else {"created_at": self.time(at), "updated_at": self.time(at)}
        return {
            "id": 7,
            "table_name": "contacts",
            "column_name": name,
            "column_type": kind,
            "is_nullable": 1,
            "default_value": None,
            "is_primary": 0,
            "is_unique": 0,
            **times,
            **more,
        }

    @property
    def id_column(self) -> dict[str, Any]:
        """The column that the service puts first."""
        return self.column("id", "INTEGER", is_primary=1, is_nullable=0)

    def table(self, *columns: Mapping[str, Any], at: float = 0.0, name: str = "contacts") -> dict[str, Any]:
        """A table with its columns, made some seconds from now."""
        about = {
            "id": 3,
            "table_name": name,
            "display_name": None,
            "created_at": self.time(at),
            "updated_at": self.time(at),
        }
        return {"table": about, "columns": [*columns]}

    def reply(self, look: Look, payload: object, *, at: float = NOW) -> Reply[Any]:
        """What a look shows."""
        value = Converter().decode(payload, look.operation.result)
        attempt = Attempt(number=1, kind=Kind.ANSWERED, reason="answered 200", started_at=at, elapsed=0.0)
        return Reply(
            value=value,
            status=200,
            headers=CIMultiDictProxy(CIMultiDict()),
            raw=orjson.dumps(payload),
            record=CallRecord(operation=look.operation.name, attempts=(attempt,)),
        )

    def settle(self, settling: Settling, answers: Sequence[object]) -> tuple[Verdict, list[Look]]:
        """The verdict of a rule that is shown these answers, and what it looked at; an exception is thrown into it."""
        looks: list[Look] = []
        try:
            look = next(settling)
            for answer in answers:
                looks.append(look)
                look = self._show(settling, look, answer)
        except StopIteration as stop:
            verdict: Verdict = stop.value
            return verdict, looks
        msg = f"the rule wants to look at {look}, too"
        raise AssertionError(msg)

    def _show(self, settling: Settling, look: Look, answer: object) -> Look:
        if isinstance(answer, Exception):
            return settling.throw(answer)
        return settling.send(self.reply(look, answer))


@pytest.fixture
def facts() -> Facts:
    """Makes facts."""
    return Facts()


TAIL = (
    ', "error": null, "request_id": "req_20260602T012345_123456Z_abc123def456"'
    ', "meta": {"generated_at": "2026-06-02T01:23:45Z"}}'
)


@cache
def fragments() -> dict[str, dict[str, Any]]:
    """Each operation of the fragments, by its id."""
    paths: dict[str, Any] = bundle(load(OPENAPI))["paths"]
    told = (item[method] for item in paths.values() for method in METHODS if method in item)
    return {fragment["operationId"]: fragment for fragment in told}


class Documented:
    """What the docs show of each operation."""

    def request(self, operation: str, example: str = "full") -> Any:  # noqa: ANN401 -- any JSON
        """The body of a request."""
        (media,) = fragments()[operation]["requestBody"]["content"].values()
        return media["examples"][example]["value"]

    def query(self, operation: str, example: str = "full") -> dict[str, str]:
        """The query of a request, as text."""
        named = (each for each in fragments()[operation]["parameters"] if each.get("in") == "query")
        values = {each["name"]: each.get("examples", {}).get(example, {}).get("value") for each in named}
        return {
            name: value if isinstance(value, str) else orjson.dumps(value).decode()
            for name, value in values.items()
            if value is not None
        }

    def answer(self, operation: str, example: str = "success") -> Any:  # noqa: ANN401 -- any JSON
        """An answer, whole."""
        return self._media(operation)["examples"][example]["value"]

    def cut_answer(self, operation: str, *, end: str) -> Any:  # noqa: ANN401 -- any JSON
        """
        An answer that the docs show the beginning of.

        Args:
            operation: Its id.
            end: A made-up end of its `data`.
        """
        return orjson.loads(self._media(operation)["x-cut-example"] + end + TAIL)

    def _media(self, operation: str) -> dict[str, Any]:
        (media,) = fragments()[operation]["responses"]["2XX"]["content"].values()
        found: dict[str, Any] = media
        return found


@pytest.fixture
def documented() -> Documented:
    """Shows what the docs show."""
    return Documented()
