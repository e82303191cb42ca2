"""Schemas keep to what the model generator makes good classes of."""

import re
from collections.abc import Iterator
from typing import Any, Final

from codegen.rules.texts import EVIDENCE, filled, matches, one_of
from codegen.spec import BYTES, Found, Location, Problem, Spec, is_ref, mapping
from codegen.walk import Kind, Node, paths, requests, walk


FORMATS: Final = ("date-time", "date", "email", "hostname", "password", "uri", "uuid")
"""Formats that become a class with a hook of the converter, or stay plain strings."""

_NAME: Final = re.compile(r"[A-Z][A-Za-z0-9]*")
_PROPERTY: Final = re.compile(r"[!-\-/-~]+")
_MEMBER: Final = re.compile(r"[A-Z][A-Z0-9_]*")
_PLAIN_MEMBER: Final = re.compile(r"[A-Za-z][A-Za-z0-9_]*")
_SCALARS: Final = frozenset({"string", "integer", "number", "boolean", "null"})
_FLAG: Final = "IntBool"


def check(spec: Spec) -> Iterator[Problem]:
    """Named schemas say where they are from; all keep to the forms that this file knows."""
    names = {found.at: found.name for found in spec.schemas()}
    for found in spec.schemas():
        yield from _identity(spec, found.name, found.schema, found.at)

    for node in walk(spec, paths(spec)).of(Kind.SCHEMA):
        name = names.get(node.at, "")
        yield from _naming(spec, node, name)
        yield from _type(spec, node)
        yield from _any_json(spec, node, name)
        yield from _object(spec, node)
        yield from _all_of(spec, node)
        yield from _any_of(spec, node)
        yield from _one_of(spec, node)
        yield from _enum(spec, node, name)
        yield from _format(spec, node)

    for node in walk(spec, requests(spec)).of(Kind.SCHEMA):
        if "default" in node.value:
            yield spec.problem(
                node.at, "has a default in a request, which would always be sent: say it in words"
            )


def _identity(spec: Spec, name: str, schema: dict[str, Any], at: Location) -> Iterator[Problem]:
    yield from matches(spec, at, name, _NAME, "a schema name such as TableCreate")
    if at.path != (name,):
        yield spec.problem(at, f"is listed as {name!r}: one name for one schema")

    yield from filled(spec, at, schema, "description", "x-source")
    yield from one_of(spec, at, schema, "x-evidence", EVIDENCE)


def _naming(spec: Spec, node: Node, name: str) -> Iterator[Problem]:
    """What becomes a class has a name of its own; in an allOf of a media type it is the envelope's narrowing."""
    schema = node.value
    if not name and "properties" in schema and not _in_all_of(node):
        yield spec.problem(node.at, "has properties but no name: move it to the schemas")

    if not name and "allOf" in schema and node.at.path[-1] != "schema":
        yield spec.problem(node.at, "has allOf but no name: move it to the schemas")

    for key in ("oneOf", "enum"):
        if not name and key in schema:
            yield spec.problem(node.at, f"has {key} but no name: move it to the schemas")


def _type(spec: Spec, node: Node) -> Iterator[Problem]:
    schema = node.value
    kinds = _types(schema)
    if not kinds and {"properties", "items", "enum", "const", "additionalProperties"} & set(schema):
        yield spec.problem(node.at, "needs a type")

    if not _is_one_kind(kinds) and "x-any-json" not in schema:
        yield spec.problem(
            node.at, "may be an array or an object, or several scalars, and null, but not both"
        )

    if "array" in kinds and "items" not in schema:
        yield spec.problem(node.at, "needs items: {} stands for any JSON")

    if "const" in schema and kinds not in ([], ["string"]):
        yield spec.problem(node.at, "has a const that is no string")


def _any_json(spec: Spec, node: Node, name: str) -> Iterator[Problem]:
    """What models take as it is has a name, and its form is told to people and to other programs all the same."""
    schema = node.value
    if "x-any-json" in schema and not (
        name and schema["x-any-json"] is True and {"items", "additionalProperties"} & set(schema)
    ):
        yield spec.problem(node.at, "has an x-any-json that is not true, or no name, items or values")


def _object(spec: Spec, node: Node) -> Iterator[Problem]:
    schema = node.value
    properties = mapping(schema.get("properties"))
    for name in properties:
        yield from matches(
            spec, node.at.child("properties", name), name, _PROPERTY, "ASCII without dots and spaces"
        )

    for name in schema.get("required", []):
        if name not in properties:
            yield spec.problem(node.at.child("required"), f"{name!r} is not among the properties")

    if "object" in _types(schema) and not {"properties", "additionalProperties"} & set(schema):
        yield spec.problem(node.at, "needs properties, or additionalProperties: {} stands for any JSON")

    if "properties" in schema and "additionalProperties" in schema:
        yield spec.problem(node.at, "has properties and additionalProperties: use x-keeps-unknown")

    if {"object", "null"} <= set(_types(schema)) and schema.get("additionalProperties"):
        yield spec.problem(
            node.at, "may be null, and then its values lose their type: name the object and use anyOf"
        )

    if "x-keeps-unknown" in schema and (schema["x-keeps-unknown"] is not True or "properties" not in schema):
        yield spec.problem(node.at, "has an x-keeps-unknown that is not true, or no properties")


def _all_of(spec: Spec, node: Node) -> Iterator[Problem]:
    parts = node.value.get("allOf")
    if parts is not None and [("$ref" in part, "properties" in part) for part in parts] != _REF_AND_INLINE:
        yield spec.problem(node.at, "has an allOf that is not one $ref and then one inline object")


def _any_of(spec: Spec, node: Node) -> Iterator[Problem]:
    parts = node.value.get("anyOf")
    if parts is None:
        return

    if not is_ref(parts[0]) or parts[1:] != [{"type": "null"}]:
        yield spec.problem(node.at, "has an anyOf that is not one $ref and then the type null")


def _one_of(spec: Spec, node: Node) -> Iterator[Problem]:
    if "oneOf" not in node.value:
        return

    at = node.at
    discriminator = node.value.get("discriminator", {})
    key = discriminator.get("propertyName")
    tags = mapping(discriminator.get("mapping"))
    mapped = [spec.resolve(ref, at.file).at for ref in tags.values()]
    parts = enumerate(node.value["oneOf"])
    variants = [spec.follow(Found(part, at.child("oneOf", index))).at for index, part in parts]
    if sorted(map(str, mapped)) != sorted(map(str, variants)):
        yield spec.problem(at, "needs a discriminator that maps one tag to each variant")
        return

    for tag, ref in tags.items():
        variant = spec.resolve(ref, at.file)
        tagged = mapping(mapping(variant.value.get("properties")).get(key))
        if tagged.get("const") != tag or key not in variant.value.get("required", []):
            yield spec.problem(variant.at, f"needs the required property {key!r} with the const {tag!r}")


def _enum(spec: Spec, node: Node, name: str) -> Iterator[Problem]:
    values = node.value.get("enum")
    if values is None or (name == _FLAG and values == [0, 1]):
        return

    if _types(node.value) != ["string"] or not all(isinstance(value, str) for value in values):
        yield spec.problem(node.at, f"has an enum that is not of strings; 0 and 1 as a flag is {_FLAG}")
        return

    members = node.value.get("x-enum-varnames")
    if members is None:
        for value in values:
            if not _PLAIN_MEMBER.fullmatch(value):
                yield spec.problem(node.at, f"has {value!r}, which makes no member name: add x-enum-varnames")
        return

    good = [member for member in members if isinstance(member, str) and _MEMBER.fullmatch(member)]
    if len(set(good)) != len(values) or len(members) != len(values):
        yield spec.problem(node.at, "needs as many x-enum-varnames as values, such as NEWEST_FIRST")


def _format(spec: Spec, node: Node) -> Iterator[Problem]:
    wanted = node.value.get("format")
    # What stands there is looked at with the media type.
    if wanted is None or node.at.path[-2:] == (BYTES, "schema"):
        return

    if wanted not in FORMATS or "string" not in _types(node.value):
        yield spec.problem(node.at, f"has a format that is not of {', '.join(FORMATS)}, or is no string")

    if wanted.startswith("date") and "default" in node.value:
        yield spec.problem(node.at, "has a default for a date, which would be a string in Python")


def _types(schema: dict[str, Any]) -> list[str]:
    kinds = schema.get("type", [])
    return kinds if isinstance(kinds, list) else [kinds]


def _is_one_kind(kinds: list[str]) -> bool:
    return _SCALARS.issuperset(kinds) or len(set(kinds) - {"null"}) == 1


def _in_all_of(node: Node) -> bool:
    return node.at.path[-2:-1] == ("allOf",)


_REF_AND_INLINE: Final = [(True, False), (False, True)]
