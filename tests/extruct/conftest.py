"""A service that says what it is told to, and facts in Extruct's form."""

import asyncio
from collections import deque
from collections.abc import AsyncIterator, Mapping, Sequence
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
from aiotables.extruct import Extruct
from codegen.bundle import bundle
from codegen.spec import METHODS, load


OPENAPI = Path(__file__).parents[2] / "openapi" / "extruct"
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
    """Method and path, with the query."""

    headers: Mapping[str, str]
    json: Any

    @property
    def query(self) -> dict[str, str]:
        """The query, decoded as servers do it."""
        return dict(parse_qsl(self.call.partition("?")[2], strict_parsing=True))


@define
class Service:
    """A local server whose answers are told beforehand; where one is `None`, the reply is lost."""

    clock: FakeClock
    heard: list[Heard] = field(factory=list[Heard])
    url: str = ""
    _answers: deque[web.Response | None] = field(factory=deque[web.Response | None])

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
        answer = self._answers.popleft()
        if answer is None:
            assert request.transport is not None
            request.transport.abort()
            return web.Response()
        return answer

    def says(self, payload: object, *, status: int = 200, **headers: str) -> web.Response:
        """Any JSON; `retry_after="5"` is a header."""
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        date = {"Date": formatdate(self.clock.time, usegmt=True)}
        body = orjson.dumps(payload)
        return web.Response(
            body=body, status=status, content_type="application/json", headers={**date, **named}
        )


@pytest.fixture
async def service(clock: FakeClock) -> AsyncIterator[Service]:
    """A service that listens, on the clock of the test."""
    told = Service(clock)
    async with RawTestServer(told.handle) as server:
        told.url = str(server.make_url(""))
        yield told


@pytest.fixture
async def extruct(service: Service, clock: FakeClock) -> AsyncIterator[Extruct]:
    """A client of it."""
    async with Extruct(token="secret", base_url=service.url, clock=clock, environ={}) as client:
        yield client


class Facts:
    """Things as Extruct writes them."""

    now = NOW
    user: Mapping[str, Any] = {
        "user_id": "user_1",
        "email": "ann@acme.example",
        "available_credits": 5,
        "organization_id": None,
        "organization_name": None,
        "organization_slug": None,
    }

    def time(self, seconds: float) -> str:
        """A moment, some seconds from now."""
        return f"{datetime.fromtimestamp(NOW + seconds, UTC):%Y-%m-%dT%H:%M:%SZ}"

    def item(
        self,
        table_id: str = "t1",
        name: str = "Accounts",
        *,
        at: float = 0.0,
        email: str = "ann@acme.example",
        tags: Sequence[str] | None = None,
    ) -> dict[str, Any]:
        """A table in a list, made some seconds from now."""
        return {
            "id": table_id,
            "created_at": self.time(at),
            "updated_at": self.time(at),
            "name": name,
            "kind": "company",
            "scope": "personal",
            "owner": {"id": "user_1", "email": email},
            "num_rows": 0,
            "tags": tags,
        }

    def column(self, key: str, *, at: float = 0.0, **config: object) -> dict[str, Any]:
        """A column, made some seconds from now."""
        config = {"kind": "input", "name": key, "key": key, **config}
        return {"id": f"c-{key}", "created_at": self.time(at), "config": config}

    def table(self, *columns: Mapping[str, Any], table_id: str = "t1", num_rows: int = 0) -> dict[str, Any]:
        """A table with its columns and its status."""
        return {
            "id": table_id,
            "created_at": self.time(0),
            "name": "Accounts",
            "kind": "company",
            "columns": [*columns],
            "owner": {"id": "user_1", "email": "ann@acme.example"},
            "status": {"num_columns": len(columns), "run_status": "idle", "num_rows": num_rows},
        }

    def row(
        self,
        row_id: str,
        data: Mapping[str, object] | None = None,
        *,
        at: float = 0.0,
        mark: str | None = None,
        **more: object,
    ) -> dict[str, Any]:
        """A row, made some seconds from now."""
        metadata = {} if mark is None else {"metadata": {"aiotables": mark}}
        return {"id": row_id, "created_at": self.time(at), "data": {**(data or {}), **more}, **metadata}

    def data(self, *rows: Mapping[str, Any], num_rows: int | None = None) -> dict[str, Any]:
        """A table with a page of its rows."""
        return {**self.table(num_rows=len(rows) if num_rows is None else num_rows), "rows": [*rows]}

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


@cache
def fragments() -> dict[str, dict[str, Any]]:
    """Each operation of the fragments, by its id."""
    paths: dict[str, Any] = bundle(load(OPENAPI))["paths"]
    told = (item[method] for item in paths.values() for method in METHODS if method in item)
    return {fragment["operationId"]: fragment for fragment in told}


class Documented:
    """What the docs show of each operation."""

    def request(self, operation: str) -> Any:  # noqa: ANN401 -- any JSON
        """The body of a request: the first example."""
        (media,) = fragments()[operation]["requestBody"]["content"].values()
        return next(iter(media["examples"].values()))["value"]

    def query(self, operation: str) -> dict[str, str]:
        """The query of a request, as text."""
        named = (each for each in fragments()[operation]["parameters"] if each.get("in") == "query")
        values = {
            each["name"]: next(iter(each["examples"].values()))["value"]
            for each in named
            if "examples" in each
        }
        return {name: str(value) for name, value in values.items()}

    def answer(self, operation: str) -> Any:  # noqa: ANN401 -- any JSON
        """An answer: the first example."""
        (media,) = fragments()[operation]["responses"]["200"]["content"].values()
        return next(iter(media["examples"].values()))["value"]

    def read(self, payload: object, type_: Any) -> Any:  # noqa: ANN401 -- any type, and a value of it
        """An example as a model, with no key left over."""
        return Converter(forbid_unknown=True).decode(payload, type_)


@pytest.fixture
def documented() -> Documented:
    """Shows what the docs show."""
    return Documented()
