"""Request bodies: from bytes to JSON to the models, and what is wrong with them in each service's words."""

import re
from functools import reduce
from typing import Any, TypeAlias, TypeVar

import orjson
from attrs import frozen

from aiotables.core.convert import Converter
from aiotables.core.errors import DecodeError
from aiotables.core.operations import Operation
from aiotables.core.sentinels import Unset


T = TypeVar("T")

Json: TypeAlias = Any
"""What a JSON document is parsed into."""

converter = Converter()
_strict = Converter(forbid_unknown=True)

# orjson writes less deeply than it reads, and answers wrap what was sent a few times.
_WRAPPINGS = 16
_SURELY_SHALLOW = 100

Place = tuple[str | int, ...]

_STEP = re.compile(r'\.(?P<name>[^.\[\]:"]+)|\[(?P<index>\d+)\]|\[(?P<quoted>"(?:[^"\\]|\\.)*")\]')


@frozen
class Issue:
    """One thing that is wrong with a body."""

    place: Place
    """Keys and positions from the top of the body."""
    message: str
    type: str = "value_error"
    """The kind of fault, as FastAPI names it."""

    def __str__(self) -> str:
        where = "".join(f"[{step}]" if isinstance(step, int) else f".{step}" for step in self.place)
        return f"{where.lstrip('.')}: {self.message}" if where else self.message


class BodyError(ValueError):
    """A body is not what its operation takes."""

    def __init__(self, *issues: Issue) -> None:
        super().__init__("; ".join(map(str, issues)))
        self.issues = issues


def parse(body: bytes, operation: Operation[Any, Any]) -> Json:
    """
    The JSON in *body*.

    Raises:
        BodyError: It is no JSON, or is missing.
    """
    if not body:
        if operation.body_required:
            raise BodyError(Issue((), "Field required", "missing"))
        return {}

    try:
        value = orjson.loads(body)
    except orjson.JSONDecodeError as error:
        raise BodyError(Issue((error.pos,), f"JSON decode error: {error.msg}", "json_invalid")) from None

    if _is_too_deep(body, value):
        raise BodyError(Issue((), "The JSON is nested too deeply", "json_invalid"))

    return value


def _is_too_deep(body: bytes, value: Json) -> bool:
    if body.count(b"[") + body.count(b"{") <= _SURELY_SHALLOW:
        return False

    try:
        orjson.dumps(reduce(lambda inner, _: [inner], range(_WRAPPINGS), value))
    except orjson.JSONEncodeError:
        return True
    return False


def decode(value: object, model: type[T], *, strict: bool = False) -> T:
    """
    *value* as *model*. Keys that the model does not know are passed over, unless it is *strict*.

    Raises:
        BodyError: It does not fit, with each place.
    """
    try:
        return (_strict if strict else converter).decode(value, model)
    except DecodeError as error:
        raise BodyError(*map(issue, error.problems)) from None


def given(value: T | Unset) -> T | None:
    """*value*, or None when it was not sent."""
    return None if isinstance(value, Unset) else value


def issue(problem: str) -> Issue:
    """A problem of the converter, `$.columns[0].name: required field missing`, taken apart."""
    place: list[str | int] = []
    at = 1
    while step := _STEP.match(problem, at):
        place.append(_key(step))
        at = step.end()
    message = problem[at:].removeprefix(": ") if problem.startswith("$") else problem
    if message == "required field missing":
        return Issue(tuple(place), "Field required", "missing")

    return Issue(tuple(place), message)


def _key(step: re.Match[str]) -> str | int:
    if step["index"] is not None:
        return int(step["index"])

    if step["name"]:
        return step["name"]

    try:
        return str(orjson.loads(step["quoted"]))
    except orjson.JSONDecodeError:
        # Control characters are written as Python does.
        return step["quoted"][1:-1]
