"""Examples say what they show, and show what their schemas say."""

import re
from collections.abc import Iterator
from typing import Any, Final

from attrs import frozen
from openapi_schema_validator import OAS31Validator

from codegen.bundle import bundle, bundled
from codegen.rules.texts import EVIDENCE, filled, matches, one_of
from codegen.spec import Found, Location, Problem, Spec, mapping
from codegen.walk import Kind, paths, walk


_NAME: Final = re.compile(r"[a-z][a-z0-9_]*")
_MOST_TOLD: Final = 200


def check(spec: Spec) -> Iterator[Problem]:
    """Every example has a name, a summary and a value; that it is JSON was made sure of when it was read."""
    for node in walk(spec, paths(spec)).of(Kind.EXAMPLE):
        yield from matches(spec, node.at, node.at.path[-1], _NAME, "a name such as full_request")
        yield from filled(spec, node.at, node.value, "summary")
        if "value" not in node.value:
            yield spec.problem(node.at, "needs a value")

        if "x-evidence" in node.value:
            yield from one_of(spec, node.at, node.value, "x-evidence", EVIDENCE)


def check_fit(spec: Spec) -> Iterator[Problem]:
    """Every example fits its schema. Those within a named schema are left out, since they may be excerpts."""
    shown = [*_of_bodies_and_parameters(spec), *_of_named_schemas(spec)]
    components = bundle(spec)["components"]
    schemas = bundled(spec, (each.schema for each in shown))
    for each, schema in zip(shown, schemas, strict=True):
        # A shortened envelope lacks what the envelope itself needs, but not what it is narrowed to.
        form = {"allOf": schema["allOf"][1:]} if each.is_shortened else schema
        for error in OAS31Validator({**form, "components": components}).iter_errors(each.value):
            at = each.at.child(*error.absolute_path)
            yield spec.problem(at, f"does not fit its schema: {_end(error.message)}")


def _end(message: str) -> str:
    """*message*, or its end where it is long: it begins with the whole value, and the reason comes last."""
    return message if len(message) <= _MOST_TOLD else f"...{message[-_MOST_TOLD:]}"


@frozen
class _Shown:
    """An example and the schema that it is of."""

    value: Any
    at: Location
    schema: Found
    is_shortened: bool = False


def _of_bodies_and_parameters(spec: Spec) -> Iterator[_Shown]:
    way = walk(spec, paths(spec))
    for holder in (*way.of(Kind.MEDIA_TYPE), *way.of(Kind.PARAMETER)):
        schema = Found(holder.value["schema"], holder.at.child("schema"))
        for name, example in mapping(holder.value.get("examples")).items():
            at = holder.at.child("examples", name, "value")
            yield _Shown(example["value"], at, schema, "x-shortened-envelope" in example)


def _of_named_schemas(spec: Spec) -> Iterator[_Shown]:
    for found in spec.schemas():
        for index, value in enumerate(found.schema.get("examples", ())):
            yield _Shown(value, found.at.child("examples", index), Found(found.schema, found.at))
