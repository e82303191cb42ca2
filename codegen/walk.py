"""Going through fragments from part to part, following references."""

import enum
from collections.abc import Iterable, Iterator
from typing import Any, Final

from attrs import field, frozen

from codegen.spec import ROOT, Found, Location, RefError, Spec, is_ref, mapping


class Kind(enum.Enum):
    """What a part of a fragment is, by where it stands."""

    PATH_ITEM = "path item"
    OPERATION = "operation"
    PARAMETER = "parameter"
    REQUEST_BODY = "request body"
    RESPONSE = "response"
    HEADER = "header"
    MEDIA_TYPE = "media type"
    EXAMPLE = "example"
    SCHEMA = "schema"


ANY: Final = "*"
"""In a way to a child: every key of an object, every position of an array."""

# The keys that lead to parts within a part. Parts are found by these alone, so that data in examples is never taken for
# one; lint refuses the keys of OpenAPI that are not known here.
_WAYS: Final[dict[Kind, dict[tuple[str, ...], Kind]]] = {
    Kind.PATH_ITEM: {(ANY,): Kind.OPERATION},
    Kind.OPERATION: {
        ("parameters", ANY): Kind.PARAMETER,
        ("requestBody",): Kind.REQUEST_BODY,
        ("responses", ANY): Kind.RESPONSE,
    },
    Kind.PARAMETER: {("schema",): Kind.SCHEMA, ("examples", ANY): Kind.EXAMPLE},
    Kind.REQUEST_BODY: {("content", ANY): Kind.MEDIA_TYPE},
    Kind.RESPONSE: {("headers", ANY): Kind.HEADER, ("content", ANY): Kind.MEDIA_TYPE},
    Kind.HEADER: {("schema",): Kind.SCHEMA},
    Kind.MEDIA_TYPE: {("schema",): Kind.SCHEMA, ("examples", ANY): Kind.EXAMPLE},
    Kind.EXAMPLE: {},
    Kind.SCHEMA: {
        ("properties", ANY): Kind.SCHEMA,
        ("items",): Kind.SCHEMA,
        ("additionalProperties",): Kind.SCHEMA,
        ("allOf", ANY): Kind.SCHEMA,
        ("anyOf", ANY): Kind.SCHEMA,
        ("oneOf", ANY): Kind.SCHEMA,
    },
}

SECTIONS: Final = {
    "parameters": Kind.PARAMETER,
    "responses": Kind.RESPONSE,
    "schemas": Kind.SCHEMA,
}
"""Where the root's components list what is shared."""


@frozen
class Node:
    """One part of a fragment; its value may be a reference to the part itself."""

    kind: Kind
    at: Location
    value: Any = field(eq=False)

    @property
    def is_ref(self) -> bool:
        """Whether only a reference stands here."""
        return is_ref(self.value)

    def children(self) -> Iterator["Node"]:
        """The parts that stand within this one."""
        for way, kind in _WAYS[self.kind].items():
            for found in _at_end(Found(self.value, self.at), way):
                yield Node(kind, found.at, found.value)


@frozen
class Reference:
    """A `$ref`, or an entry of a discriminator's mapping."""

    ref: str
    kind: Kind
    """What it must lead to."""

    at: Location

    def target(self, spec: Spec) -> Found:
        """
        What it leads to.

        Raises:
            RefError: It leads nowhere.
        """
        return spec.resolve(self.ref, self.at.file)


@frozen
class Walk:
    """What was met on the way, each thing once."""

    nodes: list[Node]
    references: list[Reference]

    def of(self, kind: Kind) -> Iterator[Node]:
        """The parts of one kind themselves, not the references to them."""
        return (node for node in self.nodes if node.kind is kind and not node.is_ref)


def walk(spec: Spec, starts: Iterable[Node]) -> Walk:
    """Go from *starts* to all that they hold and refer to; references that lead nowhere are met and not followed."""
    way = Walk([], [])
    seen: set[Node] = set()
    pending = list(starts)[::-1]
    while pending:
        node = pending.pop()
        if node in seen:
            continue

        seen.add(node)
        way.nodes.append(node)
        references = list(_references(node))
        way.references.extend(references)
        next_nodes = [] if node.is_ref else list(node.children())
        next_nodes.extend(_targets(spec, references))
        pending.extend(reversed(next_nodes))
    return way


def paths(spec: Spec) -> list[Node]:
    """The root's paths, to walk from: all that the service's operations need."""
    return list(_entries(Kind.PATH_ITEM, Found(spec.root.get("paths"), Location(ROOT, ("paths",)))))


def components(spec: Spec) -> list[Node]:
    """The root's components, to walk from."""
    sections = mapping(spec.root.get("components"))
    return [
        node
        for section, kind in SECTIONS.items()
        for node in _entries(kind, Found(sections.get(section), Location(ROOT, ("components", section))))
    ]


def requests(spec: Spec) -> list[Node]:
    """Parameters and request bodies, to walk from: all that is sent."""
    sent = {Kind.PARAMETER, Kind.REQUEST_BODY}
    return [
        node
        for found in spec.operations()
        for node in Node(Kind.OPERATION, found.at, found.operation).children()
        if node.kind in sent
    ]


def _entries(kind: Kind, found: Found) -> Iterator[Node]:
    for entry in _at_end(found, (ANY,)):
        yield Node(kind, entry.at, entry.value)


def _at_end(found: Found, way: tuple[str, ...]) -> Iterator[Found]:
    if not way:
        yield found
        return

    key, rest = way[0], way[1:]
    for name, value in _items(found.value):
        if key in {ANY, name}:
            yield from _at_end(Found(value, found.at.child(name)), rest)


def _items(value: object) -> Iterable[tuple[str | int, object]]:
    return enumerate(value) if isinstance(value, list) else mapping(value).items()


def _references(node: Node) -> Iterator[Reference]:
    if node.is_ref:
        yield Reference(node.value["$ref"], node.kind, node.at)

    if node.kind is not Kind.SCHEMA:
        return

    way = ("discriminator", "mapping", ANY)
    for found in _at_end(Found(node.value, node.at), way):
        yield Reference(str(found.value), Kind.SCHEMA, found.at)


def _targets(spec: Spec, references: Iterable[Reference]) -> Iterator[Node]:
    for reference in references:
        try:
            found = reference.target(spec)
        except RefError:
            continue
        yield Node(reference.kind, found.at, found.value)
