"""From the path of a request to who answers it: an operation, the emulator's own endpoints, or a refusal."""

from collections.abc import Awaitable, Callable, Iterable, Mapping
from http import HTTPStatus
from typing import TypeAlias

import orjson
from aiohttp import web
from attrs import define, field

from aiotables.emulator.calls import Service
from aiotables.emulator.endpoint import Endpoint, Wire, to_response
from aiotables.emulator.guard import SECURITY_HEADERS, is_stranger, objection
from aiotables.emulator.routes import NotFound, Routes


OWN = "/_emulator/"
"""Paths of the emulator itself, which are of no service."""

OwnHandler: TypeAlias = Callable[[web.BaseRequest], Awaitable[web.StreamResponse]]
OwnRoute: TypeAlias = tuple[str, str, OwnHandler]
"""Method, path below `OWN`, and who answers."""

_Handler: TypeAlias = Callable[[web.BaseRequest, Mapping[str, str]], Awaitable[web.StreamResponse]]


@define
class Dispatch:
    """
    Whom a request goes to.

    Args:
        zangtable: Answers what has an unknown path, too.
        extruct: Answers all unknown paths below `/v1`.
        own: The emulator's own endpoints, whose calls are not recorded.
        wire: What all endpoints share.
    """

    _zangtable: Service
    _extruct: Service
    _own: Iterable[OwnRoute]
    _wire: Wire
    _routes: Routes[_Handler] = field(factory=Routes, init=False)

    def __attrs_post_init__(self) -> None:
        for service in (self._zangtable, self._extruct):
            for operation in service.operations:
                endpoint = Endpoint(operation, service, self._wire)
                self._routes.add(operation.method, operation.path, endpoint.handle)
        for method, path, handler in self._own:
            self._routes.add(method, OWN + path, _guarded(handler))

    async def handle(self, request: web.BaseRequest) -> web.StreamResponse:
        """Answer *request*; bodies that cannot be read, too, in the form of the service of the path."""
        try:
            found = self._routes.find(request.method, request.rel_url.raw_path)
            if isinstance(found, NotFound):
                return self._not_found(request, found)
            await _expect(request)
            return await found.target(request, found.values)
        except web.HTTPException as error:
            return self._refuse(request, error.status)
        except web.RequestPayloadError:
            return self._refuse(request, HTTPStatus.BAD_REQUEST)
        except ConnectionError:
            # The client left before it had sent its body.
            return to_response(None)

    def _not_found(self, request: web.BaseRequest, found: NotFound) -> web.StreamResponse:
        if not found.allowed:
            return self._refuse(request, HTTPStatus.NOT_FOUND)

        response = self._refuse(request, HTTPStatus.METHOD_NOT_ALLOWED)
        response.headers["Allow"] = ",".join(found.allowed)
        return response

    def _refuse(self, request: web.BaseRequest, status: int) -> web.StreamResponse:
        path = request.path
        if path.startswith(OWN):
            return _problem(status, HTTPStatus(status).phrase)

        service = self._extruct if path == "/v1" or path.startswith("/v1/") else self._zangtable
        reply = service.failure(status)
        self._wire.record(request, None, reply)
        return to_response(reply)


def _guarded(handler: OwnHandler) -> _Handler:
    async def handle(request: web.BaseRequest, _: Mapping[str, str]) -> web.StreamResponse:
        problem = (
            "this is served to its own machine alone"
            if is_stranger(request.remote)
            else objection(request.method, request.headers)
        )
        response = await handler(request) if problem is None else _problem(HTTPStatus.FORBIDDEN, problem)
        response.headers.extend(
            {name: value for name, value in SECURITY_HEADERS.items() if name not in response.headers}
        )
        return response

    return handle


def _problem(status: int, message: str) -> web.Response:
    return web.Response(status=status, body=orjson.dumps({"error": message}), content_type="application/json")


async def _expect(request: web.BaseRequest) -> None:
    """Let a client go on that asks whether to send its body, as curl does with large ones."""
    if request.headers.get("Expect", "").lower() == "100-continue":
        await request.writer.write(b"HTTP/1.1 100 Continue\r\n\r\n")
        # It is no part of the response.
        request.writer.output_size = 0
