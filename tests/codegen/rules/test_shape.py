"""Parts are objects with known keys: nothing that is written is passed over in silence."""

from typing import TYPE_CHECKING

import pytest


if TYPE_CHECKING:
    from tests.codegen.conftest import Fragments

UNKNOWN = "is no key that is known here"
POST = ("thing", "post")
BODY = (*POST, "requestBody", "content", "application/json")


@pytest.mark.parametrize(
    ("file", "path"),
    [
        ("openapi.yaml", ("webhooks",)),
        ("openapi.yaml", ("components", "links")),
        ("openapi.yaml", ("components", "securitySchemes", "bearer", "$ref")),
        ("paths/things.yaml", ("thing", "summary")),
        ("paths/things.yaml", (*POST, "callbacks")),
        ("paths/things.yaml", (*POST, "x-evidense")),
        ("paths/things.yaml", (*POST, "requestBody", "x-source")),
        ("paths/things.yaml", (*BODY, "example")),
        ("paths/things.yaml", (*BODY, "examples", "basic", "externalValue")),
        ("paths/things.yaml", (*POST, "responses", "200", "links")),
        ("paths/things.yaml", (*POST, "responses", "200", "headers", "x-total", "content")),
        ("parameters.yaml", ("ThingId", "allowEmptyValue")),
        ("schemas/things.yaml", ("Fault", "patternProperties")),
        ("schemas/things.yaml", ("Fault", "properties", "detail", "not")),
        ("schemas/things.yaml", ("Fault", "$id")),
        ("schemas/things.yaml", ("ThingCreate", "properties", "shape", "type")),
        ("openapi.yaml", ("components", "schemas", "Thing", "description")),
        ("openapi.yaml", ("components", "parameters", "ThingId", "description")),
    ],
)
def test_unknown_keys(fragments: "Fragments", file: str, path: tuple[str, ...]) -> None:
    """A key that nothing would read, or that could lead out of the folder, is told wherever it stands."""
    fragments.put(file, *path, value="http://example.com")

    assert f"{file}: {'.'.join(path)}: {UNKNOWN}" in fragments.problems()


@pytest.mark.parametrize(
    ("file", "path", "kind"),
    [
        ("paths/things.yaml", POST, "operation"),
        ("paths/things.yaml", (*POST, "responses", "200"), "response"),
        ("schemas/things.yaml", ("Fault", "properties", "detail"), "schema"),
    ],
)
def test_parts_are_objects(fragments: "Fragments", file: str, path: tuple[str, ...], kind: str) -> None:
    """Where a part is expected, nothing else may stand: no list, no text, and no `true` for any schema."""
    fragments.put(file, *path, value=True)

    assert (
        f"{file}: {'.'.join(path)}: must be an object, as it stands for a part: {kind}"
        in fragments.problems()
    )
