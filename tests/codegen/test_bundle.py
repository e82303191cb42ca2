"""One document of all fragments: nothing is lost, references lead within it, and places lead back."""

import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from codegen.bundle import bundle, bundled, listed, published, unbundled
from codegen.spec import Found, Location, load


if TYPE_CHECKING:
    from tests.codegen.conftest import Fragments

OPENAPI = Path(__file__).parents[2] / "openapi"


def test_paths_and_components_stand_in_place(fragments: "Fragments") -> None:
    """What the root refers to stands where the root referred to it."""
    document = bundle(fragments.load())

    assert "create_thing" == document["paths"]["/things/{thing_id}"]["post"]["operationId"]
    assert "Round." == document["components"]["schemas"]["Round"]["description"]


def test_references_lead_to_components(fragments: "Fragments") -> None:
    """References of all sorts lead to the components, and what stands beside them stays."""
    document = bundle(fragments.load())
    operation: Any = document["paths"]["/things/{thing_id}"]["post"]
    schemas = document["components"]["schemas"]

    assert [{"$ref": "#/components/parameters/ThingId"}] == operation["parameters"]
    assert {"$ref": "#/components/responses/Error"} == operation["responses"]["default"]
    assert {"description": "Its form.", "$ref": "#/components/schemas/Shape"} == (
        schemas["ThingCreate"]["properties"]["shape"]
    )
    assert {
        "round": "#/components/schemas/Round",
        "square": "#/components/schemas/Square",
    } == schemas["Shape"]["discriminator"]["mapping"]


def test_data_stays_as_it_is(fragments: "Fragments") -> None:
    """A `$ref` in an example is data."""
    path = ("requestBody", "content", "application/json", "examples", "basic", "value")
    fragments.put("paths/things.yaml", "thing", "post", *path, value={"$ref": "#/Thing"})

    value: Any = bundle(fragments.load())["paths"]["/things/{thing_id}"]["post"]
    for key in path:
        value = value[key]

    assert {"$ref": "#/Thing"} == value


def test_parts_of_the_bundle(fragments: "Fragments") -> None:
    """A part can be had by itself, with its references to the components."""
    spec = fragments.load()
    part = next(each for each in spec.schemas() if each.name == "ThingCreate")

    [found] = bundled(spec, [Found(part.schema, part.at)])

    assert bundle(spec)["components"]["schemas"]["ThingCreate"] == found


def test_unlisted_part(fragments: "Fragments") -> None:
    """A reference to what the root does not list has no place to lead to."""
    fragments.drop("openapi.yaml", "components", "schemas", "Fault")

    with pytest.raises(KeyError):
        bundle(fragments.load())


def test_places_lead_back(fragments: "Fragments") -> None:
    """A place in the bundle leads to the file that its content is from."""
    spec = fragments.load()

    path = ("components", "schemas", "ThingCreate", "properties", "shape", "oneOf", 0)

    assert Location("schemas/shapes.yaml", ("Shape", "oneOf", 0)) == unbundled(spec, path)
    assert Location("openapi.yaml", ("info", "title")) == unbundled(spec, ("info", "title"))


def test_listed(fragments: "Fragments") -> None:
    """Each component is known by its place, with its pointer."""
    assert "#/components/responses/Error" == listed(fragments.load())[Location("responses.yaml", ("Error",))]


@pytest.mark.parametrize("service", ["extruct", "zangtable"])
def test_own_fragments_need_no_file(service: str) -> None:
    """The bundle of the project's fragments refers to nothing outside itself."""
    text = json.dumps(bundle(load(OPENAPI / service)))

    assert 0 == text.count(".yaml")


def test_published_examples_fit(fragments: "Fragments") -> None:
    """Programs of others get no example that its documentation shortened, and all that are whole."""
    media = ("thing", "post", "responses", "200", "content", "application/json")
    examples = {
        "whole": {"summary": "All of it.", "value": {"name": "it"}},
        "cut": {"summary": "Some of it.", "x-shortened-envelope": True, "value": {}},
    }
    fragments.put("paths/things.yaml", *media, "examples", value=examples)

    (item,) = published(fragments.load())["paths"].values()

    assert ["whole"] == list(item["post"]["responses"]["200"]["content"]["application/json"]["examples"])
