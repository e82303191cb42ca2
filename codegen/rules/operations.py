"""What every operation tells, so that a descriptor can be made of it."""

import json
import re
from collections.abc import Iterator
from typing import Any, Final

from codegen.rules.texts import EVIDENCE, filled, matches, one_of
from codegen.spec import BYTES, JSON, Found, Location, OperationAt, Problem, Spec, mapping
from codegen.walk import Kind, Node, Walk, paths, walk


EFFECTS: Final = ("read", "replace", "create", "start")
"""What a call does to the service; see `aiotables.core.operations.Effect`."""

_OPERATION_ID: Final = re.compile(r"[a-z][a-z0-9_]*")
_ERRORS: Final = re.compile(r"default|[45](XX|[0-9]{2})")
_SUCCESSES: Final = re.compile(r"2(XX|[0-9]{2})")
_BINARY: Final = {"type": "string", "format": "binary"}
_PLACES: Final = ("path", "query", "header")


def check(spec: Spec) -> Iterator[Problem]:
    """Every operation says what it is, where that is from, what it does, how it fails, and shows an example."""
    for found in spec.operations():
        yield from _identity(spec, found)
        yield from _effect(spec, found)
        yield from _answers(spec, found)
        yield from _example(spec, found)

    way = walk(spec, paths(spec))
    successes = [answer.at for found in spec.operations() for answer in _successes(spec, found)]
    yield from _parameters(spec, way)
    yield from _media_types(spec, way, successes)


def _identity(spec: Spec, found: OperationAt) -> Iterator[Problem]:
    operation, at = found.operation, found.at
    name = operation.get("operationId")
    yield from matches(
        spec, at.child("operationId"), name, _OPERATION_ID, "an operationId such as create_table"
    )
    yield from filled(spec, at, operation, "summary", "description", "x-source")
    yield from one_of(spec, at, operation, "x-evidence", EVIDENCE)
    known = [mapping(tag).get("name") for tag in spec.root.get("tags", [])]
    tags = operation.get("tags", [])
    if len(tags) != 1 or tags[0] not in known:
        yield spec.problem(at, "needs one tag, of those that the root describes")


def _effect(spec: Spec, found: OperationAt) -> Iterator[Problem]:
    operation, at = found.operation, found.at
    yield from one_of(spec, at, operation, "x-effect", EFFECTS)
    if found.method == "get" and operation.get("x-effect") != "read":
        yield spec.problem(at, "a GET has the x-effect read")

    yield from _nothing_done(spec, found)
    if operation.get("x-gone-is-done", True) is not True:
        yield spec.problem(at.child("x-gone-is-done"), "is true, or left out")
    elif "x-gone-is-done" in operation and found.method != "delete":
        yield spec.problem(at.child("x-gone-is-done"), "is for DELETE only")


def _nothing_done(spec: Spec, found: OperationAt) -> Iterator[Problem]:
    at = found.at.child("x-nothing-done")
    statuses = found.operation.get("x-nothing-done", [])
    if not isinstance(statuses, list) or not all(type(status) is int for status in statuses):
        yield spec.problem(at, "must be a list of HTTP statuses")
        return

    for status in statuses:
        if str(status) not in found.operation["responses"]:
            yield spec.problem(at, f"names {status}, which no response describes")


def _answers(spec: Spec, found: OperationAt) -> Iterator[Problem]:
    statuses = found.operation["responses"]
    if not any(map(_ERRORS.fullmatch, statuses)):
        yield spec.problem(found.at, "needs an error response")

    if not any(map(_SUCCESSES.fullmatch, statuses)):
        yield spec.problem(found.at, "needs a success response")

    key = spec.root.get("x-envelope")
    if key is None:
        return

    for media_type in _successes(spec, found):
        if not _is_bytes(media_type.at) and not _narrows(mapping(media_type.value.get("schema")), str(key)):
            yield spec.problem(media_type.at, f"must be the envelope and the type of its {key}, in one allOf")


def _narrows(schema: dict[str, Any], key: str) -> bool:
    """Whether *schema* is the envelope, narrowed to the payload of the operation."""
    payloads = [mapping(mapping(part).get("properties")) for part in schema.get("allOf", [])]
    return {key} in [set(properties) for properties in payloads]


def _example(spec: Spec, found: OperationAt) -> Iterator[Problem]:
    operation = found.operation
    body = Found(operation.get("requestBody"), found.at.child("requestBody"))
    parts = [*_contents(spec, body), *_successes(spec, found)]
    is_shown = any(media_type.value.get("examples") for media_type in parts)
    if "x-no-example" not in operation:
        if not is_shown:
            yield spec.problem(found.at, "needs an example, or x-no-example with the reason")
        return

    yield from filled(spec, found.at, operation, "x-no-example")
    if is_shown:
        yield spec.problem(found.at, "has an example, and x-no-example")


def _successes(spec: Spec, found: OperationAt) -> Iterator[Found]:
    for status, response in found.operation["responses"].items():
        if _SUCCESSES.fullmatch(status):
            yield from _contents(spec, Found(response, found.at.child("responses", status)))


def _contents(spec: Spec, found: Found) -> Iterator[Found]:
    part = spec.follow(found)
    for name, media_type in mapping(mapping(part.value).get("content")).items():
        yield Found(mapping(media_type), part.at.child("content", name))


def _parameters(spec: Spec, way: Walk) -> Iterator[Problem]:
    for node in way.of(Kind.PARAMETER):
        yield from filled(spec, node.at, node.value, "description", "x-source")
        yield from one_of(spec, node.at, node.value, "x-evidence", EVIDENCE)
        yield from one_of(spec, node.at, node.value, "in", _PLACES)


def _media_types(spec: Spec, way: Walk, successes: list[Location]) -> Iterator[Problem]:
    for node in way.of(Kind.MEDIA_TYPE):
        if _is_bytes(node.at) and node.at in successes:
            yield from _bytes(spec, node)
        elif node.at.path[-1] != JSON:
            yield spec.problem(node.at, f"bodies are {JSON}, and successes may be {BYTES}")

        if "schema" not in node.value:
            yield spec.problem(node.at, "needs a schema")

        if "x-cut-example" in node.value:
            yield from _cut_example(spec, node)


def _is_bytes(media_type: Location) -> bool:
    return media_type.path[-1] == BYTES


def _bytes(spec: Spec, node: Node) -> Iterator[Problem]:
    schema = mapping(node.value.get("schema"))
    if {key: schema.get(key) for key in _BINARY} != _BINARY:
        yield spec.problem(node.at, "holds bytes: its schema is a string of the format binary")

    if "examples" in node.value:
        yield spec.problem(node.at, "holds bytes, which have no example in JSON")


def _cut_example(spec: Spec, node: Node) -> Iterator[Problem]:
    yield from filled(spec, node.at, node.value, "x-cut-example")
    try:
        json.loads(str(node.value["x-cut-example"]))
    except ValueError:
        return

    yield spec.problem(node.at, "has an x-cut-example that is whole: move it to the examples")
