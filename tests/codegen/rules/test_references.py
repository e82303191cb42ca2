"""References lead to local, listed, used parts."""

from typing import TYPE_CHECKING

import pytest


if TYPE_CHECKING:
    from tests.codegen.conftest import Fragments

FAULT = {
    "type": "object",
    "description": "Another.",
    "x-source": "reference/x",
    "x-evidence": "inferred",
    "properties": {},
}


@pytest.mark.parametrize(
    ("ref", "message"),
    [
        ("https://example.com/a.yaml#/A", "is no reference to a named part of a local file"),
        ("/etc/passwd.yaml#/A", "is no reference to a named part of a local file"),
        ("../../other/a.yaml#/A", "leads to no file of this folder"),
        ("#/Nothing", "leads to nothing: there is no 'Nothing'"),
    ],
)
def test_broken(fragments: "Fragments", ref: str, message: str) -> None:
    """A reference that is not local, leaves the folder or leads nowhere is told where it stands."""
    fragments.put("schemas/things.yaml", "ThingCreate", "properties", "shape", "$ref", value=ref)

    assert [f"schemas/things.yaml: ThingCreate.properties.shape: {ref!r} {message}"] == fragments.problems()


def test_broken_mapping(fragments: "Fragments") -> None:
    """The entries of a discriminator's mapping are references too."""
    fragments.put("schemas/shapes.yaml", "Shape", "discriminator", "mapping", "round", value="Round")

    [problem] = fragments.problems()

    assert problem.startswith(
        "schemas/shapes.yaml: Shape.discriminator.mapping.round: 'Round' is no reference"
    )


def test_part_in_the_root(fragments: "Fragments") -> None:
    """The root holds lists alone."""
    fragments.put("openapi.yaml", "components", "schemas", "Fault", value=FAULT)

    assert (
        "openapi.yaml: components.schemas.Fault: stands in the root, which only refers: "
        "move it to a file of its subject"
    ) in fragments.problems()


def test_listed_twice(fragments: "Fragments") -> None:
    """One part has one name."""
    fragments.put(
        "openapi.yaml", "components", "schemas", "Zero", value={"$ref": "schemas/shapes.yaml#/Round"}
    )

    assert ["openapi.yaml: components.schemas.Zero: leads to the same part as Round"] == fragments.problems()


def test_unlisted(fragments: "Fragments") -> None:
    """A schema that is referred to is listed in the root."""
    fragments.drop("openapi.yaml", "components", "schemas", "Shape")

    [problem] = fragments.problems()

    assert problem.startswith(
        "schemas/things.yaml: ThingCreate.properties.shape: leads to what the root does not"
    )


def test_wrong_section(fragments: "Fragments") -> None:
    """Where a schema is expected, a reference leads to a schema."""
    fragments.put(
        "schemas/things.yaml", "ThingCreate", "properties", "shape", "$ref", value="../responses.yaml#/Error"
    )

    assert (
        "schemas/things.yaml: ThingCreate.properties.shape: "
        "leads to what the root does not list under components.schemas"
    ) in fragments.problems()


def test_part_that_is_not_referred_to(fragments: "Fragments") -> None:
    """A request body is written where it is used; only parameters, responses and schemas are shared."""
    fragments.put("paths/things.yaml", "body", value={"content": {}})
    fragments.put("paths/things.yaml", "thing", "post", "requestBody", value={"$ref": "#/body"})

    assert (
        "paths/things.yaml: thing.post.requestBody: refers to a part that is not shared: request body"
    ) in fragments.problems()


def test_used_by_no_operation(fragments: "Fragments") -> None:
    """What the root lists, some operation needs."""
    fragments.put("schemas/things.yaml", "Extra", value=FAULT)
    fragments.put(
        "openapi.yaml", "components", "schemas", "Extra", value={"$ref": "schemas/things.yaml#/Extra"}
    )

    assert ["openapi.yaml: components.schemas.Extra: is used by no operation"] == fragments.problems()


def test_stray_part(fragments: "Fragments") -> None:
    """What is in a file is listed in the root."""
    fragments.put("schemas/things.yaml", "Extra", value=FAULT)

    assert ["schemas/things.yaml: Extra: is not listed in the root"] == fragments.problems()


def test_file_without_names(fragments: "Fragments") -> None:
    """A file of fragments holds parts by their names."""
    fragments.files["schemas/list.yaml"] = [FAULT]

    assert ["schemas/list.yaml: a file of fragments holds parts by their names"] == fragments.problems()
