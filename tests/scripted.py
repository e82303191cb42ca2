"""What the tests of both clients share: a jumping clock, a service that says what it is told to, and the fragments."""

import asyncio
from collections import deque
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from email.utils import formatdate
from functools import cache
from pathlib import Path
from typing import Any, Self
from urllib.parse import parse_qsl

import orjson
from aiohttp import web
from aiohttp.test_utils import RawTestServer
from attrs import define, field, frozen
from multidict import CIMultiDict, CIMultiDictProxy

from aiotables.core.convert import Converter
from aiotables.core.record import Attempt, CallRecord
from aiotables.core.retries import Kind
from aiotables.core.settle import Look, Settling, Verdict
from aiotables.core.wire import Reply
from codegen.bundle import bundle
from codegen.spec import METHODS, load


OPENAPI = Path(__file__).parents[1] / "openapi"
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

    @classmethod
    @asynccontextmanager
    async def listening(cls, clock: FakeClock) -> AsyncIterator[Self]:
        """One that listens, on this clock."""
        told = cls(clock)
        async with RawTestServer(told.handle) as server:
            told.url = str(server.make_url(""))
            yield told

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

    def says(self, payload: object, *, status: int = 200, **headers: str) -> web.Response:
        """Any JSON; `retry_after="5"` is a header."""
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        date = {"Date": formatdate(self.clock.time, usegmt=True)}
        return web.Response(
            body=orjson.dumps(payload),
            status=status,
            content_type="application/json",
            headers={**date, **named},
        )


class Telling:
    """Facts of a service, as it writes them."""

    now = NOW

    def time(self, seconds: float) -> str:
        """A moment, some seconds from now."""
        return f"{datetime.fromtimestamp(NOW + seconds, UTC):%Y-%m-%dT%H:%M:%SZ}"

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


@cache
def fragments(service: str) -> dict[str, dict[str, Any]]:
    """Each operation of a service's fragments, by its id."""
    paths: dict[str, Any] = bundle(load(OPENAPI / service))["paths"]
    told = (item[method] for item in paths.values() for method in METHODS if method in item)
    return {fragment["operationId"]: fragment for fragment in told}
