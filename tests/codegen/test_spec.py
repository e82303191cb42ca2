"""Loading a folder, following references in it, and going through what the root lists."""

from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from codegen.spec import Found, Location, RefError, SpecError, load


if TYPE_CHECKING:
    from tests.codegen.conftest import Fragments


def test_documents_by_path(fragments: "Fragments") -> None:
    """Every YAML file of the folder is read, and known by its path from there."""
    assert [
        "openapi.yaml",
        "parameters.yaml",
        "paths/things.yaml",
        "responses.yaml",
        "schemas/shapes.yaml",
        "schemas/things.yaml",
    ] == list(fragments.load().documents)


def test_other_files_are_left_alone(fragments: "Fragments") -> None:
    """Notes beside the fragments are none of them."""
    (fragments.write() / "notes.txt").write_text("a: [", encoding="utf-8")

    assert "notes.txt" not in load(fragments.folder).documents


def test_links_are_not_followed(fragments: "Fragments", tmp_path: Path) -> None:
    """A link in the folder is not read: it may lead to any file of the machine."""
    outside = tmp_path / "secret.yaml"
    outside.write_text("token: x\n", encoding="utf-8")
    (fragments.write() / "secret.yaml").symlink_to(outside)

    assert "secret.yaml" not in load(fragments.folder).documents


def test_linked_folders_are_not_followed(fragments: "Fragments", tmp_path: Path) -> None:
    """Nor is a folder that is a link."""
    outside = tmp_path / "outside"
    outside.mkdir()
    (outside / "secret.yaml").write_text("token: x\n", encoding="utf-8")
    (fragments.write() / "more").symlink_to(outside)

    assert "more/secret.yaml" not in load(fragments.folder).documents


def test_no_root(tmp_path: Path) -> None:
    """A folder without a root is no specification."""
    with pytest.raises(SpecError, match=r"openapi\.yaml:1: there is no such file"):
        load(tmp_path)


def test_operations_in_order(fragments: "Fragments") -> None:
    """An operation comes with its path, method and place, from the file that the root refers to."""
    [found] = fragments.load().operations()

    assert ("/things/{thing_id}", "post", "create_thing", "paths/things.yaml", ("thing", "post")) == (
        found.path,
        found.method,
        found.operation["operationId"],
        found.file,
        found.at.path,
    )


def test_schemas_in_order(fragments: "Fragments") -> None:
    """Schemas come by the names and in the order of the root."""
    spec = fragments.load()

    assert [
        ("Fault", "schemas/things.yaml"),
        ("Thing", "schemas/things.yaml"),
        ("ThingCreate", "schemas/things.yaml"),
        ("Round", "schemas/shapes.yaml"),
        ("Shape", "schemas/shapes.yaml"),
        ("Square", "schemas/shapes.yaml"),
    ] == [(found.name, found.file) for found in spec.schemas()]


@pytest.mark.parametrize("nonsense", [3, None, [], "x"])
def test_nonsense_holds_nothing(fragments: "Fragments", nonsense: object) -> None:
    """Where an object is expected and something else stands, there is nothing to go through."""
    fragments.put("openapi.yaml", "paths", value=nonsense)
    fragments.put("openapi.yaml", "components", value=nonsense)
    spec = fragments.load()

    assert ([], []) == (list(spec.operations()), list(spec.schemas()))


@pytest.mark.parametrize(
    ("ref", "from_file", "at"),
    [
        ("#/Fault", "schemas/things.yaml", Location("schemas/things.yaml", ("Fault",))),
        ("things.yaml#/Fault", "schemas/shapes.yaml", Location("schemas/things.yaml", ("Fault",))),
        ("./things.yaml#/Fault", "schemas/shapes.yaml", Location("schemas/things.yaml", ("Fault",))),
        ("../schemas/things.yaml#/Fault", "paths/things.yaml", Location("schemas/things.yaml", ("Fault",))),
        (
            "openapi.yaml#/components/schemas/Fault",
            "openapi.yaml",
            Location("schemas/things.yaml", ("Fault",)),
        ),
        ("openapi.yaml#/paths/~1a~0b", "openapi.yaml", Location("openapi.yaml", ("paths", "/a~b"))),
    ],
)
def test_resolve(fragments: "Fragments", ref: str, from_file: str, at: Location) -> None:
    """References are read from the file that they stand in, and followed to the end."""
    fragments.put("openapi.yaml", "paths", "/a~b", value={})

    assert at == fragments.load().resolve(ref, from_file).at


@pytest.mark.parametrize(
    ("ref", "message"),
    [
        ("http://example.com/a.yaml#/A", "is no reference to a named part of a local file"),
        ("file:///etc/a.yaml#/A", "is no reference to a named part of a local file"),
        ("/etc/a.yaml#/A", "is no reference to a named part of a local file"),
        ("//host/a.yaml#/A", "is no reference to a named part of a local file"),
        ("..\\a.yaml#/A", "is no reference to a named part of a local file"),
        ("%2e%2e/a.yaml#/A", "is no reference to a named part of a local file"),
        ("things.yaml", "is no reference to a named part of a local file"),
        ("things.yaml#", "is no reference to a named part of a local file"),
        ("#/", "is no reference to a named part of a local file"),
        ("Fault", "is no reference to a named part of a local file"),
        ("../../../secret.yaml#/A", "leads to no file of this folder"),
        ("../nowhere.yaml#/A", "leads to no file of this folder"),
        ("things.yaml#/Nothing", "leads to nothing: there is no 'Nothing'"),
        ("things.yaml#/Fault/description/x", "leads to nothing: there is no 'x'"),
    ],
)
def test_refused_references(fragments: "Fragments", ref: str, message: str) -> None:
    """A reference out of the folder, to a remote place, or to nothing is refused, even when such a file is there."""
    fragments.write()
    (fragments.folder.parent / "secret.yaml").write_text("A: {}\n", encoding="utf-8")
    spec = load(fragments.folder)

    with pytest.raises(RefError, match=message):
        spec.resolve(ref, "schemas/things.yaml")


def test_circle_of_references(fragments: "Fragments") -> None:
    """References that only refer to each other are told, not followed for ever."""
    fragments.put("schemas/things.yaml", "Thing", value={"$ref": "#/Fault"})
    fragments.put("schemas/things.yaml", "Fault", value={"$ref": "#/Thing"})

    spec = fragments.load()

    with pytest.raises(RefError, match="'#/Thing' goes in a circle"):
        spec.resolve("#/Thing", "schemas/things.yaml")


def test_follow_what_is_no_reference(fragments: "Fragments") -> None:
    """What is no reference is what it is."""
    found = Found({"type": "string"}, Location("schemas/things.yaml"))

    assert found is fragments.load().follow(found)
