"""The way of a call: read whole, made to suffer its fault, answered, recorded."""

import asyncio
import socket
import struct
import sys
from collections.abc import Mapping
from contextlib import suppress
from email.utils import formatdate
from functools import lru_cache
from http import HTTPStatus
from typing import Any

import orjson
from aiohttp import web
from attrs import define, evolve, field

from aiotables.core.operations import Operation
from aiotables.emulator.calls import Call, Exchange, Incoming, Reply, Service, bearer
from aiotables.emulator.clock import Clock
from aiotables.emulator.faults import Fault
from aiotables.emulator.log import CallLog, kept
from aiotables.emulator.rules import UNHARMED, Arrival, FaultRules, Verdict
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
        verdict: Verdict = UNHARMED,
        *,
        body: bytes = b"",
        since: tuple[float, float] | None = None,
        lost: bool = False,
    ) -> None:
        """
        Keep what became of a call.

        Args:
            request: The call.
            operation: Name of its operation.
            reply: The service's answer, sent or lost.
            verdict: What it suffered.
            body: What it brought.
            since: The time of the clock, and its monotonic time, when it had come in.
            lost: Whether no reply was sent.
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
                fault=None if verdict.fault is None else str(verdict.fault),
                delayed=verdict.before + verdict.after,
                operation_key=grouping_header(headers, KEY_HEADER),
                operation_run_id=sent_run_id if reply is None else reply.operation_run_id,
                sent_run_id=sent_run_id,
                lost=lost,
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
        verdict = self._judge(request)
        fault, reply, lost = verdict.fault, None, False
        try:
            await self._delay(verdict.before, request)
            if fault is not None and fault.when == "before":
                reply = await self._suffer(fault, verdict.retry_after, request, None)
            reply = reply or self.service.answer(incoming)
            await self._delay(verdict.after, request)
            if fault is not None and fault.when == "after":
                reply = await self._suffer(fault, verdict.retry_after, request, reply) or reply
        except Lost:
            lost = True
            hang_up(request, by_reset=fault is not None and fault.what == "reset")
        finally:
            self.wire.record(request, self.operation.name, reply, verdict, body=body, since=since, lost=lost)
        if reply is None:
            return to_response(None)
        headers = {"Date": _http_date(int(self.wire.clock.now())), **reply.headers}
        if fault is not None and fault.what == "cut":
            return await cut_short(request, reply, headers)
        return web.Response(status=reply.status, body=reply.body, headers=headers)

    def _judge(self, request: web.BaseRequest) -> Verdict:
        if self.wire.rules.is_empty:
            return UNHARMED

        return self.wire.rules.decide(
            Arrival(
                operation=self.operation.name,
                path=request.path,
                token=bearer(request.headers),
                at=self.wire.clock.monotonic(),
            )
        )

    async def _suffer(
        self, fault: Fault, retry_after: float | None, request: web.BaseRequest, reply: Reply | None
    ) -> Reply | None:
        """What is replied instead of the answer; None when the call goes on."""
        match fault.what:
            case "drop" | "reset":
                raise Lost
            case "stall":
                await self._stall(fault.stall_seconds, request)
                return None
            case "cut":
                return reply or self._failure(fault.status, retry_after, fault.body)
            case "garble":
                return evolve(reply or self._failure(fault.status, retry_after, fault.body), body=NOISE)
            case "throttle" | "quota":
                return self._failure(HTTPStatus.TOO_MANY_REQUESTS, retry_after, fault.body)
            case _:
                return self._failure(fault.status, retry_after, fault.body)

    def _failure(self, status: int, retry_after: float | None, body: str | None) -> Reply:
        reply = self.service.failure(status)
        if body is not None:
            reply = Reply(status=status, body=body.encode(), headers={"Content-Type": content_type(body)})
        if retry_after is None:
            return reply

        return evolve(reply, headers={**reply.headers, "Retry-After": f"{retry_after:g}"})

    async def _delay(self, seconds: float, request: web.BaseRequest) -> None:
        if seconds:
            await self._stall(seconds, request)

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


# On close nothing waits to be sent, and TCP says reset instead of goodbye.
_LINGER = struct.pack("hh" if sys.platform == "win32" else "ii", 1, 0)


def hang_up(request: web.BaseRequest, *, by_reset: bool = False) -> None:
    """Close the connection of *request* at once, with nothing more on it."""
    if request.transport is None:
        return

    if by_reset:
        request.transport.get_extra_info("socket").setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, _LINGER)
    request.transport.abort()


def content_type(body: str) -> str:
    """The type of a body that a fault replies: what it looks like."""
    if body.lstrip().startswith("<"):
        return "text/html; charset=utf-8"

    try:
        orjson.loads(body)
    except orjson.JSONDecodeError:
        return "text/plain; charset=utf-8"
    return "application/json"


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
