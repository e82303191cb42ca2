"""What the shapes of a service's schemas imply for their classes, beyond what the model generator sees."""

from collections.abc import Iterable, Iterator
from typing import Any, Final


Schema = dict[str, Any]
"""A schema of a bundle: its references are to names of schemas."""

PREFIX: Final = "#/components/schemas/"

# Keys that say nothing about which values are allowed.
_ANNOTATIONS: Final = frozenset({"description", "title", "deprecated", "readOnly", "writeOnly"})


def reachable(schemas: dict[str, Schema], roots: Iterable[str]) -> set[str]:
    """Names of the schemas that *roots* are made of, themselves included."""
    found: set[str] = set()
    waiting = list(roots)
    while waiting:
        name = waiting.pop()
        if name not in found:
            found.add(name)
            waiting.extend(references(schemas[name]))
    return found


def references(schema: Any) -> Iterator[str]:  # noqa: ANN401  # `additionalProperties` may be a boolean
    """Names of the schemas that *schema* refers to."""
    if not isinstance(schema, dict):
        return

    if "$ref" in schema:
        yield name_in(schema["$ref"])
    for key in ("items", "additionalProperties"):
        yield from references(schema.get(key))
    for part in (*schema.get("properties", {}).values(), *_combined(schema)):
        yield from references(part)


def class_facts(schemas: dict[str, Schema], name: str, *, is_sent: bool) -> dict[str, Any]:
    """
    What the template of the class of schema *name* is told.

    Args:
        schemas: All schemas of the service.
        name: One of them.
        is_sent: Whether a request body may hold it. The fields of a class that is only received are simpler: absent
            is None there.
    """
    schema = schemas[name]
    fields = dict(_own_properties(schema))
    required = set(_own_required(schema))
    return {
        "absent_is_none": not is_sent,
        "keeps_unknown": bool(schema.get("x-keeps-unknown")),
        "is_open_union": "discriminator" in schema,
        "secret_fields": [field for field, shape in fields.items() if shape.get("format") == "password"],
        "null_fields": [
            field
            for field, shape in fields.items()
            if not is_sent and field in required and is_nullable(schemas, shape)
        ],
    }


def as_taken(schema: Schema) -> Schema:
    """*schema* as a class is made of it: where models take any JSON, only what it says in words."""
    if not schema.get("x-any-json"):
        return schema

    return {key: value for key, value in schema.items() if _is_annotation(key)}


def name_in(ref: str) -> str:
    """Name of the schema that *ref*, in a bundle, is to."""
    return ref.removeprefix(PREFIX)


def is_nullable(schemas: dict[str, Schema], schema: Schema) -> bool:
    """Whether null fits *schema*."""
    if all(map(_is_annotation, schema)):
        return True

    if "$ref" in schema:
        return is_nullable(schemas, schemas[name_in(schema["$ref"])])

    choices = [*schema.get("anyOf", ()), *schema.get("oneOf", ())]
    return "null" in _types(schema) or any(is_nullable(schemas, choice) for choice in choices)


def _is_annotation(key: str) -> bool:
    return key in _ANNOTATIONS or key.startswith("x-")


def _types(schema: Schema) -> list[str]:
    types = schema.get("type", [])
    return types if isinstance(types, list) else [types]


def _combined(schema: Schema) -> list[Any]:
    return [part for key in ("allOf", "anyOf", "oneOf") for part in schema.get(key, ())]


def _own_properties(schema: Schema) -> Iterator[tuple[str, Schema]]:
    for part in (schema, *schema.get("allOf", ())):
        yield from part.get("properties", {}).items()


def _own_required(schema: Schema) -> Iterator[str]:
    for part in (schema, *schema.get("allOf", ())):
        yield from part.get("required", ())
