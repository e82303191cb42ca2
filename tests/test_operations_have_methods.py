"""
Whatever the fragments tell of can be called by a method that says where it is documented.

Each method of both clients is really called, against a server that refuses everything; the records of the calls tell which
operations a method stands for.
"""

import enum
import inspect
import re
import typing
from collections.abc import AsyncIterator, Callable, Iterator, Mapping, Sequence
from itertools import chain
from pathlib import Path
from types import NoneType, UnionType
from typing import Any, Final

import attrs
import orjson
import pytest
from aiohttp import web
from aiohttp.test_utils import RawTestServer
from attrs import define, field, frozen

import aiotables.extruct.operations
import aiotables.zangtable.operations
from aiotables import Extruct, Listing, ServiceError, Unset, ZangTable
from aiotables.core.client import ApiClient, Resource
from aiotables.core.operations import Operation
from aiotables.core.record import CallRecord
from codegen.spec import load


OPENAPI: Final = Path(__file__).parents[1] / "openapi"
CLIENTS: Final[dict[str, type[ApiClient]]] = {"extruct": Extruct, "zangtable": ZangTable}
OPERATIONS: Final[dict[str, Operation[Any, Any]]] = {
    operation.name: operation
    for operation in chain(aiotables.extruct.operations.OPERATIONS, aiotables.zangtable.operations.OPERATIONS)
}

COMPOSED: Final = {
    "extruct.rows.list",
    "extruct.tables.wait_until_idle",
    "extruct.deep_search.wait",
    "extruct.deep_research.wait",
}
"""Methods for convenience, made of an operation that has a method of its own."""

BY_OPTION: Final = {
    "extruct.search_companies_get": ("extruct.companies.search", "deprecated_get"),
    "extruct.find_similar_companies_get": ("extruct.companies.similar", "deprecated_get"),
}
"""Operations that a method makes only when it is asked to."""


# Calling what has a signature


def argument(annotation: Any) -> Any:  # noqa: ANN401 -- a value of any type
    """Some value of a type."""
    origin, parts = typing.get_origin(annotation), typing.get_args(annotation)
    if origin in {typing.Union, UnionType}:
        return argument(next(part for part in parts if part not in {NoneType, Unset}))
    if origin in {list, Sequence}:
        return [argument(parts[0])]
    if origin in {dict, Mapping} or annotation is Any:
        return {"column": "value"}
    if attrs.has(annotation):
        hints = typing.get_type_hints(annotation)
        required = (each for each in attrs.fields(annotation) if each.default is attrs.NOTHING and each.init)
        return annotation(**{each.name: argument(hints[each.name]) for each in required})
    if issubclass(annotation, enum.Enum):
        return next(iter(annotation))
    return annotation(1)


def arguments(method: Callable[..., Any]) -> dict[str, Any]:
    """Values of the arguments that a method cannot do without."""
    hints = typing.get_type_hints(method)
    parameters = inspect.signature(method).parameters.values()
    return {
        each.name: argument(hints[each.name])
        for each in parameters
        if each.default is inspect.Parameter.empty
    }


async def consume(result: object) -> None:
    """Wait for what a method gave, or read it."""
    if isinstance(result, Listing):
        async for _ in result:
            pass
    elif inspect.isawaitable(result):
        await result


# The methods


@frozen
class Method:
    """A public method that calls the service."""

    name: str
    """Such as `zangtable.tables.create`."""

    call: Callable[..., Any]


def methods(client: ApiClient) -> Iterator[Method]:
    """Every public method of a client and of its resources."""
    (service,) = (name for name, kind in CLIENTS.items() if isinstance(client, kind))
    for name, member in own_members(client):
        if inspect.iscoroutinefunction(member):
            yield Method(f"{service}.{name}", member)
        elif isinstance(member, Resource):
            for inner, method in own_members(member):
                yield Method(f"{service}.{name}.{inner}", method)


def own_members(thing: object) -> Iterator[tuple[str, Any]]:
    """The public members that the thing's class defines or that were put on it, but not what it inherits."""
    for name in dict.fromkeys([*vars(type(thing)), *vars(thing)]):
        if not name.startswith("_"):
            yield name, getattr(thing, name)


@define
class Refusing:
    """Clients of a service that refuses everything, and what they called."""

    clients: dict[str, ApiClient] = field(factory=dict[str, ApiClient])
    asked: list[str] = field(factory=list[str])
    """Method and path of each request."""

    records: list[CallRecord] = field(factory=list[CallRecord])

    async def answer(self, request: web.BaseRequest) -> web.Response:
        """Refuse, in a form that both services have."""
        self.asked.append(f"{request.method} {request.path}")
        body = {"ok": False, "error": {"code": "no", "message": "no"}, "detail": "no"}
        return web.Response(body=orjson.dumps(body), status=403, content_type="application/json")

    async def operations_of(self, method: Method, **options: bool) -> list[str]:
        """The operations that a method makes."""
        self.records.clear()
        with pytest.raises(ServiceError):
            await consume(method.call(**arguments(method.call), **options))
        return [record.operation for record in self.records]

    def methods(self) -> Iterator[Method]:
        """Every method of both clients."""
        yield from chain.from_iterable(map(methods, self.clients.values()))


@pytest.fixture
async def refusing() -> AsyncIterator[Refusing]:
    """A service that refuses everything."""
    service = Refusing()
    observers = [service.records.append]
    async with RawTestServer(service.answer) as server:
        url = str(server.make_url(""))
        async with (
            Extruct(token="x", base_url=url, observers=observers) as extruct,
            ZangTable(token="x", project="acme", base_url=url, observers=observers) as zang,
        ):
            service.clients |= {"extruct": extruct, "zangtable": zang}
            yield service


# What must hold


@pytest.mark.parametrize("service", CLIENTS)
def test_every_operation_has_its_descriptor(service: str) -> None:
    """What the fragments tell of and what can be sent is the same."""
    told = [f"{service}.{each.operation['operationId']}" for each in load(OPENAPI / service).operations()]

    assert sorted(told) == sorted(name for name in OPERATIONS if name.startswith(f"{service}."))


async def test_every_operation_has_its_method(refusing: Refusing) -> None:
    """Each operation is made by one method, which makes no other; conveniences beside."""
    made: dict[str, list[str]] = {name: [] for name in OPERATIONS}
    for method in refusing.methods():
        (operation,) = await refusing.operations_of(method)
        if method.name not in COMPOSED:
            made[operation].append(method.name)

    assert BY_OPTION.keys() == {name for name, callers in made.items() if not callers}
    assert {} == {name: callers for name, callers in made.items() if len(callers) > 1}


async def test_conveniences_are_there(refusing: Refusing) -> None:
    """What is taken for a convenience is a method, and so is what makes an operation by option."""
    there = {method.name for method in refusing.methods()}

    assert COMPOSED <= there
    assert {method for method, _ in BY_OPTION.values()} <= there


@pytest.mark.parametrize("operation", BY_OPTION)
async def test_operations_by_option(refusing: Refusing, operation: str) -> None:
    """The older form of a call is made when it is asked for."""
    name, option = BY_OPTION[operation]
    (method,) = (each for each in refusing.methods() if each.name == name)

    assert [operation] == await refusing.operations_of(method, **{option: True})


async def test_methods_call_what_the_fragments_say(refusing: Refusing) -> None:
    """Each method's request has the operation's method and path, with no parameter left in it."""
    for method in refusing.methods():
        refusing.asked.clear()
        (name,) = await refusing.operations_of(method)
        operation = OPERATIONS[name]
        path = re.sub(r"\\\{\w+\\\}", "[^/{}]+", re.escape(operation.path))

        assert [True] == [
            re.fullmatch(f"{operation.method} {path}", asked) is not None for asked in refusing.asked
        ], method.name


async def test_methods_name_their_sources(refusing: Refusing) -> None:
    """Each method says which page it is documented on, and that it is inferred when it is."""
    for method in refusing.methods():
        (name,) = await refusing.operations_of(method)
        operation = OPERATIONS[name]
        source = source_of(method)

        assert operation.source in source or method.name in COMPOSED, f"{method.name}: {operation.source}"
        assert operation.evidence == "documented" or "inferred" in source, method.name


@pytest.mark.parametrize("operation", BY_OPTION)
async def test_options_name_their_sources(refusing: Refusing, operation: str) -> None:
    """The page of a form that is reached by option is named, too."""
    (method,) = (each for each in refusing.methods() if each.name == BY_OPTION[operation][0])

    assert OPERATIONS[operation].source in source_of(method)


def source_of(method: Method) -> str:
    """The part of a method's docstring that says where it is documented."""
    text = inspect.getdoc(method.call) or ""
    found = re.search(r"^Source: (.+(?:\n.+)*)", text, re.MULTILINE)
    assert found is not None, f"{method.name} names no source"
    return found[1]
