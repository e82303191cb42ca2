"""Going through fragments: every part is met once, as what it is, and data is never taken for a part."""

from collections import Counter
from typing import TYPE_CHECKING

from codegen.spec import Location
from codegen.walk import Kind, components, paths, requests, walk


if TYPE_CHECKING:
    from tests.codegen.conftest import Fragments


def names(fragments: "Fragments", kind: Kind) -> list[str]:
    """Places of the parts of *kind* that operations need, as text."""
    spec = fragments.load()
    return ["/".join(map(str, node.at.path)) for node in walk(spec, paths(spec)).of(kind)]


def test_parts_of_an_operation(fragments: "Fragments") -> None:
    """An operation's parameters, bodies, responses, headers and examples are met where they stand."""
    post = "thing/post"
    assert [f"{post}"] == names(fragments, Kind.OPERATION)
    assert ["ThingId"] == names(fragments, Kind.PARAMETER)
    assert [f"{post}/requestBody"] == names(fragments, Kind.REQUEST_BODY)
    assert [f"{post}/responses/200", "Error"] == names(fragments, Kind.RESPONSE)
    assert [f"{post}/responses/200/headers/x-total"] == names(fragments, Kind.HEADER)
    assert [f"{post}/requestBody/content/application/json/examples/basic"] == names(fragments, Kind.EXAMPLE)


def test_each_part_once(fragments: "Fragments") -> None:
    """What is referred to from many places is met once, and so a recursive schema ends."""
    fragments.put("schemas/things.yaml", "Fault", "properties", "cause", value={"$ref": "#/Fault"})
    spec = fragments.load()

    times = Counter(node.at for node in walk(spec, [*paths(spec), *components(spec)]).nodes)

    assert {1} == set(times.values())


def test_variants_of_a_mapping_are_met(fragments: "Fragments") -> None:
    """The entries of a discriminator are references too."""
    fragments.put("schemas/shapes.yaml", "Shape", "oneOf", value=[])

    assert {"Shape", "Round", "Square"} <= set(names(fragments, Kind.SCHEMA))


def test_data_is_no_part(fragments: "Fragments") -> None:
    """A `$ref` in an example, in a default or in an enum is data."""
    ref = {"$ref": "http://example.com/a.yaml#/A"}
    examples = ("thing", "post", "requestBody", "content", "application/json", "examples", "basic")
    fragments.put("paths/things.yaml", *examples, "value", value=ref)
    fragments.put("schemas/things.yaml", "Fault", "examples", value=[ref])
    fragments.put("schemas/things.yaml", "Fault", "default", value=ref)
    spec = fragments.load()

    assert [] == [each.ref for each in walk(spec, paths(spec)).references if "http" in each.ref]


def test_property_named_like_a_keyword(fragments: "Fragments") -> None:
    """A property may have the name of a keyword, and is a schema all the same."""
    fragments.put("schemas/things.yaml", "Fault", "properties", "examples", value={"$ref": "#/Thing"})
    spec = fragments.load()

    at = Location("schemas/things.yaml", ("Fault", "properties", "examples"))

    assert at in [reference.at for reference in walk(spec, components(spec)).references]


def test_what_is_sent(fragments: "Fragments") -> None:
    """From requests only what is sent is reached."""
    spec = fragments.load()

    reached = {node.at.path[0] for node in walk(spec, requests(spec)).of(Kind.SCHEMA)}

    assert {"ThingCreate", "ThingId", "Shape", "Round", "Square", "thing"} >= reached
    assert {"Thing", "Fault"}.isdisjoint(reached)


def test_broken_references_are_met(fragments: "Fragments") -> None:
    """A reference that leads nowhere is met, and the way goes on."""
    fragments.put("schemas/things.yaml", "Thing", "allOf", 0, "$ref", value="#/Nothing")
    spec = fragments.load()

    way = walk(spec, paths(spec))

    assert "#/Nothing" in [reference.ref for reference in way.references]
    assert "Fault" in [node.at.path[0] for node in way.of(Kind.SCHEMA)]


def test_nonsense_has_no_parts(fragments: "Fragments") -> None:
    """Where parts are expected and something else stands, the way ends."""
    fragments.put("paths/things.yaml", "thing", "post", "responses", value=7)
    fragments.put("schemas/things.yaml", "ThingCreate", "properties", value="x")

    assert [] == names(fragments, Kind.RESPONSE)
