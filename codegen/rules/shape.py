"""Which keys each part may have: what is not listed here would be passed over in silence by the generators."""

from collections.abc import Iterator
from typing import Final

from codegen.spec import METHODS, ROOT, Location, Problem, Spec, mapping
from codegen.walk import Kind, Node, components, paths, walk


_KEYS: Final[dict[Kind, frozenset[str]]] = {
    Kind.PATH_ITEM: frozenset(METHODS),
    Kind.OPERATION: frozenset(
        {
            *("operationId", "tags", "summary", "description", "parameters", "requestBody", "responses"),
            *("deprecated", "security", "x-source", "x-evidence", "x-effect", "x-nothing-done"),
            *("x-gone-is-done", "x-no-example"),
        }
    ),
    Kind.PARAMETER: frozenset(
        {
            *(
                "name",
                "in",
                "required",
                "description",
                "schema",
                "style",
                "explode",
                "deprecated",
                "examples",
            ),
            *("x-source", "x-evidence"),
        }
    ),
    Kind.REQUEST_BODY: frozenset({"required", "description", "content"}),
    Kind.RESPONSE: frozenset({"description", "headers", "content", "x-source", "x-evidence"}),
    Kind.HEADER: frozenset({"description", "required", "schema"}),
    Kind.MEDIA_TYPE: frozenset({"schema", "examples", "x-cut-example"}),
    Kind.EXAMPLE: frozenset(
        {"summary", "description", "value", "x-source", "x-evidence", "x-shortened-envelope"}
    ),
    Kind.SCHEMA: frozenset(
        {
            *("type", "format", "description", "enum", "const", "properties", "required", "items"),
            *("additionalProperties", "allOf", "anyOf", "oneOf", "discriminator", "default", "examples"),
            *("pattern", "minimum", "maximum", "minLength", "maxLength", "minItems", "maxItems"),
            *("writeOnly", "deprecated", "x-source", "x-evidence", "x-keeps-unknown", "x-enum-varnames"),
            "x-any-json",
        }
    ),
}

_BESIDE_REF: Final = {Kind.SCHEMA: frozenset({"description"})}

_ROOT_KEYS: Final = frozenset(
    {"openapi", "info", "servers", "security", "tags", "paths", "components", "x-envelope"}
)
_SECTIONS: Final = frozenset({"schemas", "parameters", "responses", "securitySchemes"})
_SECURITY_KEYS: Final = frozenset({"type", "scheme", "description"})


def check(spec: Spec) -> Iterator[Problem]:
    """Each part is an object and has known keys only."""
    yield from _root(spec)
    for node in walk(spec, [*paths(spec), *components(spec)]).nodes:
        yield from _part(spec, node)


def _root(spec: Spec) -> Iterator[Problem]:
    root = Location(ROOT)
    sections = mapping(spec.root.get("components"))
    yield from _unknown(spec, root, spec.root, _ROOT_KEYS)
    yield from _unknown(spec, root.child("components"), sections, _SECTIONS)
    for name, scheme in mapping(sections.get("securitySchemes")).items():
        at = root.child("components", "securitySchemes", name)
        yield from _unknown(spec, at, mapping(scheme), _SECURITY_KEYS)


def _part(spec: Spec, node: Node) -> Iterator[Problem]:
    if not isinstance(node.value, dict):
        yield spec.problem(node.at, f"must be an object, as it stands for a part: {node.kind.value}")
        return

    if node.is_ref:
        allowed = _BESIDE_REF.get(node.kind, frozenset())
        if node.at.file == ROOT:
            allowed = frozenset()
        yield from _unknown(spec, node.at, node.value, allowed | {"$ref"})
        return

    yield from _unknown(spec, node.at, node.value, _KEYS[node.kind])


def _unknown(
    spec: Spec, at: Location, value: dict[str, object], allowed: frozenset[str]
) -> Iterator[Problem]:
    for key in value:
        if key not in allowed:
            yield spec.problem(at.child(key), "is no key that is known here")
