"""The way of a call: read whole, made to suffer its fault, answered, recorded."""

import asyncio
from collections import deque
from contextlib import suppress
from email.utils import formatdate
from http import HTTPStatus
from typing import Any

from aiohttp import web
from attrs import define, evolve, field

from aiotables.core.operations import Operation
from aiotables.emulator.calls import Call, Incoming, Reply, Service
from aiotables.emulator.clock import Clock
from aiotables.emulator.faults import Fault, FaultRules
from aiotables.emulator.zangtable.groups import KEY_HEADER, RUN_HEADER, grouping_header


# How often a call that will never be answered looks whether its client is still there.
GONE_EVERY = 0.1

MOST_CALLS = 100_000

NOISE = bytes(range(255, 127, -1))
"""Text in no encoding."""


class Lost(Exception):
    """The call ends without a reply."""


@define
class Wire:
    """What all endpoints share: the rules in force, time, the end of the emulator, and the record of calls."""

    clock: Clock
    rules: FaultRules
    calls: deque[Call]
    closing: asyncio.Event = field(factory=asyncio.Event)

    def record(
        self, request: web.Request, operation: str | None, reply: Reply | None, fault: Fault | None
    ) -> None:
        """Keep what became of a call."""
        sent_run_id = grouping_header(request.headers, RUN_HEADER)
        self.calls.append(
            Call(
                operation=operation,
                method=request.method,
                path=request.path,
                status=None if reply is None else reply.status,
                request_id=None if reply is None else reply.request_id,
                fault=None if fault is None else str(fault),
                operation_key=grouping_header(request.headers, KEY_HEADER),
                operation_run_id=sent_run_id if reply is None else reply.operation_run_id,
            )
        )


@define
class Endpoint:
    """One operation on the wire."""

    operation: Operation[Any, Any]
    service: Service
    wire: Wire

    async def handle(self, request: web.Request) -> web.StreamResponse:
        """Answer *request*, or lose it."""
        incoming = Incoming(
            operation=self.operation,
            path=request.match_info,
            query=request.query,
            headers=request.headers,
            body=await request.read(),
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
            self.wire.record(request, self.operation.name, reply, fault)
        if reply is None:
            return to_response(None)
        reply = evolve(
            reply, headers={"Date": formatdate(self.wire.clock.now(), usegmt=True), **reply.headers}
        )
        if fault is not None and fault.what == "cut":
            return await cut_short(request, reply)
        return to_response(reply)

    async def _suffer(self, fault: Fault, request: web.Request, reply: Reply | None) -> Reply | None:
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

    async def _stall(self, seconds: float | None, request: web.Request) -> None:
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

    async def _wait_in_vain(self, request: web.Request) -> None:
        while request.transport is not None and not self.wire.closing.is_set():
            with suppress(TimeoutError):
                await asyncio.wait_for(self.wire.closing.wait(), GONE_EVERY)


def hang_up(request: web.Request) -> None:
    """Close the connection of *request* at once, with nothing more on it."""
    if request.transport is not None:
        request.transport.abort()


async def cut_short(request: web.Request, reply: Reply) -> web.StreamResponse:
    """Send the head of *reply* and half of its body, and close the connection."""
    length = max(len(reply.body), 1)
    response = web.StreamResponse(
        status=reply.status, headers={**reply.headers, "Content-Length": f"{length}"}
    )
    await response.prepare(request)
    await response.write(reply.body[: length // 2])
    hang_up(request)
    return response


def to_response(reply: Reply | None) -> web.Response:
    """*reply* for the wire; for a lost one, what nobody will see."""
    if reply is None:
        return web.Response(status=HTTPStatus.SERVICE_UNAVAILABLE)

    return web.Response(status=reply.status, body=reply.body, headers=reply.headers)
