"""The way of a call: read whole, made to suffer its fault, answered, recorded."""

import asyncio
from collections.abc import Mapping
from contextlib import suppress
from email.utils import formatdate
from functools import lru_cache
from http import HTTPStatus
from typing import Any

from aiohttp import web
from attrs import define, evolve, field

from aiotables.core.operations import Operation
from aiotables.emulator.calls import Call, Exchange, Incoming, Reply, Service
from aiotables.emulator.clock import Clock
from aiotables.emulator.faults import Fault, FaultRules
from aiotables.emulator.log import CallLog, kept
from aiotables.emulator.zangtable.groups import KEY_HEADER, RUN_HEADER, grouping_header


# How often a call that will never be answered looks whether its client is still there.
GONE_EVERY = 0.1

NOISE = bytes(range(255, 127, -1))
"""Text in no encoding."""

_NOT_REPLIED = Reply(status=0, body=b"")


class Lost(Exception):
    """The call ends without a reply."""


@define
class Wire:
    """What all endpoints share: the rules in force, time, the end of the emulator, and the log of calls."""

    clock: Clock
    rules: FaultRules
    log: CallLog
    closing: asyncio.Event = field(factory=asyncio.Event)

    def record(
        self,
        request: web.BaseRequest,
        operation: str | None,
        reply: Reply | None,
        fault: Fault | None,
        *,
        body: bytes = b"",
        since: tuple[float, float] | None = None,
    ) -> None:
        """
        Keep what became of a call.

        Args:
            request: The call.
            operation: Name of its operation.
            reply: The service's answer, sent or lost.
            fault: What it suffered.
            body: What it brought.
            since: The time of the clock, and its monotonic time, when it had come in.
        """
        at, began = since or self.now()
        headers = request.headers
        sent_run_id = grouping_header(headers, RUN_HEADER)
        replied = reply or _NOT_REPLIED
        self.log.add(
            Call(
                number=self.log.count + 1,
                at=at,
                seconds=self.clock.monotonic() - began,
                operation=operation,
                method=request.method,
                path=request.path,
                status=None if reply is None else reply.status,
                request_id=replied.request_id,
                fault=None if fault is None else str(fault),
                operation_key=grouping_header(headers, KEY_HEADER),
                operation_run_id=sent_run_id if reply is None else reply.operation_run_id,
                sent_run_id=sent_run_id,
            ),
            Exchange(
                query=request.query_string,
                request_headers=headers,
                request_body=kept(body),
                request_size=len(body),
                reply_headers=replied.headers,
                reply_body=kept(replied.body),
                reply_size=len(replied.body),
            ),
        )

    def now(self) -> tuple[float, float]:
        """What `record` takes as the time at which a call came in."""
        return self.clock.now(), self.clock.monotonic()


@define
class Endpoint:
    """One operation on the wire."""

    operation: Operation[Any, Any]
    service: Service
    wire: Wire

    async def handle(self, request: web.BaseRequest, path: Mapping[str, str]) -> web.StreamResponse:
        """Answer *request*, whose path parameters are *path*, or lose it."""
        body = await request.read()
        since = self.wire.now()
        incoming = Incoming(
            operation=self.operation, path=path, query=request.query, headers=request.headers, body=body
        )
        fault = self.wire.rules.decide(self.operation.name)
        reply: Reply | None = None
        try:
            if fault is None:
                reply = self.service.answer(incoming)
            elif fault.when == "before":
                reply = await self._suffer(fault, request, None) or self.service.answer(incoming)
            else:
                reply = self.service.answer(incoming)
                reply = await self._suffer(fault, request, reply) or reply
        except Lost:
            hang_up(request)
        finally:
            self.wire.record(request, self.operation.name, reply, fault, body=body, since=since)
        if reply is None:
            return to_response(None)
        headers = {"Date": _http_date(int(self.wire.clock.now())), **reply.headers}
        if fault is not None and fault.what == "cut":
            return await cut_short(request, reply, headers)
        return web.Response(status=reply.status, body=reply.body, headers=headers)

    async def _suffer(self, fault: Fault, request: web.BaseRequest, reply: Reply | None) -> Reply | None:
        """What is replied instead of the answer; None when the call goes on."""
        match fault.what:
            case "drop":
                raise Lost
            case "stall":
                await self._stall(fault.stall_seconds, request)
                return None
            case "cut":
                return reply or self._failure(fault.status, fault.retry_after)
            case "garble":
                return evolve(reply or self._failure(fault.status, fault.retry_after), body=NOISE)
            case "throttle":
                return self._failure(HTTPStatus.TOO_MANY_REQUESTS, fault.retry_after)
            case _:
                return self._failure(fault.status, fault.retry_after)

    def _failure(self, status: int, retry_after: float | None) -> Reply:
        reply = self.service.failure(status)
        if retry_after is None:
            return reply

        return evolve(reply, headers={**reply.headers, "Retry-After": f"{retry_after:g}"})

    async def _stall(self, seconds: float | None, request: web.BaseRequest) -> None:
        if seconds is None:
            await self._wait_in_vain(request)
            raise Lost

        # The client may leave meanwhile: a server that is slow does what it was asked all the same.
        waits = [
            asyncio.ensure_future(wait) for wait in (self.wire.clock.sleep(seconds), self.wire.closing.wait())
        ]
        try:
            await asyncio.wait(waits, return_when=asyncio.FIRST_COMPLETED)
        finally:
            for wait in waits:
                wait.cancel()
            await asyncio.gather(*waits, return_exceptions=True)
        if self.wire.closing.is_set():
            raise Lost

    async def _wait_in_vain(self, request: web.BaseRequest) -> None:
        while request.transport is not None and not self.wire.closing.is_set():
            with suppress(TimeoutError):
                await asyncio.wait_for(self.wire.closing.wait(), GONE_EVERY)


def hang_up(request: web.BaseRequest) -> None:
    """Close the connection of *request* at once, with nothing more on it."""
    if request.transport is not None:
        request.transport.abort()


async def cut_short(request: web.BaseRequest, reply: Reply, headers: Mapping[str, str]) -> web.StreamResponse:
    """Send the head of *reply*, with *headers*, and half of its body, and close the connection."""
    length = max(len(reply.body), 1)
    response = web.StreamResponse(status=reply.status, headers={**headers, "Content-Length": f"{length}"})
    await response.prepare(request)
    await response.write(reply.body[: length // 2])
    hang_up(request)
    return response


def to_response(reply: Reply | None) -> web.Response:
    """*reply* for the wire; for a lost one, what nobody will see."""
    if reply is None:
        return web.Response(status=HTTPStatus.SERVICE_UNAVAILABLE)

    return web.Response(status=reply.status, body=reply.body, headers=reply.headers)


@lru_cache(maxsize=1)
def _http_date(second: int) -> str:
    return formatdate(second, usegmt=True)
