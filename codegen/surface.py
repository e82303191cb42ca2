"""What users of a service's Python API see of its fragments: of what they would notice a change."""

import re
from collections.abc import Iterable, Iterator, Mapping
from typing import Any, Final

from attrs import field, frozen

from codegen.bundle import bundle
from codegen.operations import sent_schemas
from codegen.shapes import name_in, reachable, references
from codegen.spec import BYTES, JSON, METHODS, Problem, RefError, Spec, SpecError, mapping
from codegen.values import Alternative, Values, values


_SUCCESS: Final = re.compile(r"2(?:XX|[0-9]{2})")
_FACTS: Final = ("x-effect", "x-evidence", "x-gone-is-done", "x-nothing-done", "deprecated")
_SHAPE_FACTS: Final = ("x-evidence", "x-keeps-unknown", "x-tag", "deprecated")


Key = tuple[str, ...]
"""What a slot is known by."""


@frozen
class Slot:
    """A field, a parameter or a body."""

    values: Values
    is_required: bool
    default: str | None = None
    """What Python fills in, as Python writes it in ASCII: a default, or the one text that it may be."""

    @property
    def must_be_given(self) -> bool:
        """Whether whoever sends it has to say what it is."""
        return self.is_required and self.default is None

    @property
    def may_be_absent(self) -> bool:
        """Whether whoever reads it may find nothing."""
        return not self.is_required and self.default is None


@frozen
class Operation:
    """What is known of an operation."""

    method: str
    path: str
    facts: Mapping[str, str]
    """Other facts by name, none of which is a name in Python."""

    parameters: Mapping[Key, Slot]
    """By where it goes and its name: `("query", "limit")`."""

    body: Slot | None
    result: Values


@frozen
class Shape:
    """What is known of a named schema."""

    form: str
    """`object`, `enum`, `union` or `value`."""

    facts: Mapping[str, str]
    fields: Mapping[Key, Slot]
    """Of an object, those of what it extends among them."""

    members: Mapping[str, str]
    """Of an enum: each value with the name given to its member. Of a union: each tag with its schema, and the tag's key."""

    values: Values
    """What a value may be."""

    is_sent: bool
    is_received: bool


@frozen
class Surface:
    """What users see of a service."""

    operations: Mapping[str, Operation] = field(factory=dict[str, Operation])
    shapes: Mapping[str, Shape] = field(factory=dict[str, Shape])


def surface(spec: Spec) -> Surface:
    """
    What users see of *spec*.

    Raises:
        SpecError: A reference leads nowhere.
    """
    try:
        document = bundle(spec)
    except (RefError, KeyError) as error:
        problem = Problem(spec.folder.as_posix(), 1, "", f"a reference leads nowhere: {error}")
        raise SpecError([problem]) from error

    schemas = mapping(mapping(document.get("components")).get("schemas"))
    places = dict(_places(document))
    sent = reachable(schemas, sent_schemas(document) | _parameter_schemas(document, places.values()))
    received = reachable(schemas, _answer_schemas(document, places.values()))
    return Surface(
        {name: _operation(document, place) for name, place in places.items()},
        {
            name: _shape(schemas, schema, is_sent=name in sent, is_received=name in received)
            for name, schema in schemas.items()
        },
    )


@frozen
class _Place:
    method: str
    path: str
    operation: dict[str, Any]


def _places(document: dict[str, Any]) -> Iterator[tuple[str, _Place]]:
    for path, item in mapping(document.get("paths")).items():
        for method in METHODS:
            if method in item:
                yield str(item[method].get("operationId")), _Place(method.upper(), path, item[method])


def _operation(document: dict[str, Any], place: _Place) -> Operation:
    operation = place.operation
    body = mapping(operation.get("requestBody"))
    schema = _json_schema(body)
    return Operation(
        method=place.method,
        path=place.path,
        facts={
            **_facts(operation, _FACTS),
            "answers": ", ".join(sorted(mapping(operation.get("responses")))),
        },
        parameters={
            (str(each.get("in")), str(each.get("name"))): _parameter(each)
            for each in _parameters(document, operation)
        },
        body=None if schema is None else Slot(values(schema), bool(body.get("required"))),
        result=frozenset(_results(document, operation)),
    )


def _parameter(parameter: dict[str, Any]) -> Slot:
    return Slot(values(mapping(parameter.get("schema"))), bool(parameter.get("required")))


def _facts(part: dict[str, Any], names: tuple[str, ...]) -> dict[str, str]:
    return {name.removeprefix("x-"): "" if part.get(name) is None else str(part[name]) for name in names}


def _parameters(document: dict[str, Any], operation: dict[str, Any]) -> Iterator[dict[str, Any]]:
    for each in operation.get("parameters", ()):
        yield _followed(document, each)


def _answers(document: dict[str, Any], operation: dict[str, Any]) -> Iterator[tuple[str, dict[str, Any]]]:
    for status, answer in mapping(operation.get("responses")).items():
        yield status, _followed(document, answer)


def _followed(document: dict[str, Any], part: dict[str, Any]) -> dict[str, Any]:
    """*part*, or the component that it refers to."""
    if "$ref" not in part:
        return part

    _, section, name = part["$ref"].removeprefix("#/").split("/")
    return mapping(document["components"][section][name])


def _json_schema(part: dict[str, Any]) -> dict[str, Any] | None:
    schema = mapping(mapping(part.get("content")).get(JSON)).get("schema")
    return None if schema is None else mapping(schema)


def _results(document: dict[str, Any], operation: dict[str, Any]) -> Iterator[Alternative]:
    for status, answer in _answers(document, operation):
        if not _SUCCESS.fullmatch(status):
            continue

        schema = _json_schema(answer)
        if schema is not None:
            yield from values(_payload(schema, document.get("x-envelope")))
        else:
            yield Alternative("bytes" if BYTES in mapping(answer.get("content")) else "nothing")


def _payload(schema: dict[str, Any], key: object) -> dict[str, Any]:
    """The schema of what an envelope holds, where there is one."""
    for part in schema.get("allOf", ()):
        if key in mapping(part.get("properties")):
            return mapping(part["properties"][key])
    return schema


def _parameter_schemas(document: dict[str, Any], places: Iterable[_Place]) -> set[str]:
    return {
        name
        for place in places
        for each in _parameters(document, place.operation)
        for name in references(each.get("schema"))
    }


def _answer_schemas(document: dict[str, Any], places: Iterable[_Place]) -> set[str]:
    return {
        name
        for place in places
        for _, answer in _answers(document, place.operation)
        for name in references(_json_schema(answer))
    }


def _shape(schemas: dict[str, Any], schema: dict[str, Any], *, is_sent: bool, is_received: bool) -> Shape:
    form = _form(schema)
    return Shape(
        form=form,
        facts=_facts(
            {**schema, "x-tag": mapping(schema.get("discriminator")).get("propertyName")}, _SHAPE_FACTS
        ),
        fields=dict(_fields(schemas, schema)) if form == "object" else {},
        members=_members(schema),
        values=values(schema) if form == "value" else frozenset(),
        is_sent=is_sent,
        is_received=is_received,
    )


def _form(schema: dict[str, Any]) -> str:
    if "enum" in schema:
        return "enum"

    if "discriminator" in schema:
        return "union"

    return "object" if "properties" in schema or "allOf" in schema else "value"


def _members(schema: dict[str, Any]) -> dict[str, str]:
    if "enum" in schema:
        names = schema.get("x-enum-varnames") or [""] * len(schema["enum"])
        return dict(zip(map(str, schema["enum"]), map(str, names), strict=False))

    kinds = mapping(mapping(schema.get("discriminator")).get("mapping"))
    return {tag: name_in(str(ref)) for tag, ref in kinds.items()}


def _fields(schemas: dict[str, Any], schema: dict[str, Any]) -> Iterator[tuple[Key, Slot]]:
    parts = list(_parts(schemas, schema))
    required = {name for part in parts for name in part.get("required", ())}
    for part in parts:
        for name, each in mapping(part.get("properties")).items():
            default = each.get("const", each.get("default"))
            yield (name,), Slot(values(each), name in required, None if default is None else ascii(default))


def _parts(schemas: dict[str, Any], schema: dict[str, Any]) -> Iterator[dict[str, Any]]:
    """What an object is made of: what it extends, and its own."""
    for part in schema.get("allOf", ()):
        yield from _parts(schemas, schemas[name_in(part["$ref"])]) if "$ref" in part else (part,)
    yield schema
