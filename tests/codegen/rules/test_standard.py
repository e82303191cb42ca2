"""The fragments are OpenAPI 3.1, as another program sees it."""

import socket
from typing import TYPE_CHECKING

import pytest


if TYPE_CHECKING:
    from tests.codegen.conftest import Fragments


@pytest.mark.parametrize("version", ["3.0.3", "3.2.0", 3, None])
def test_version(fragments: "Fragments", version: object) -> None:
    """Only OpenAPI 3.1.0 is taken."""
    fragments.put("openapi.yaml", "openapi", value=version)

    assert ["openapi.yaml: openapi: must be 3.1.0"] == fragments.problems()


def test_found_at_its_place(fragments: "Fragments") -> None:
    """What is no OpenAPI is told in the file that it stands in, though the bundle was looked at."""
    fragments.drop("paths/things.yaml", "thing", "post", "responses", "200", "description")

    [problem] = fragments.problems()

    assert problem.startswith("paths/things.yaml: thing.post.responses.200: ")


def test_schema_that_is_no_schema(fragments: "Fragments") -> None:
    """Schemas are looked at too."""
    fragments.put("schemas/things.yaml", "Fault", "type", value="thing")

    assert fragments.problems()[0].startswith("schemas/things.yaml: Fault")


@pytest.mark.parametrize(("kind", "default"), [("integer", "x"), (["string", "null"], 3), (None, 1)])
def test_default_of_another_type(fragments: "Fragments", kind: object, default: object) -> None:
    """A default is of the type that the schema tells."""
    schema = {"type": kind, "default": default} if kind else {"default": default}
    fragments.put("schemas/things.yaml", "Fault", "properties", "detail", value=schema)

    assert [
        "schemas/things.yaml: Fault.properties.detail.default: is not of the schema's type"
    ] == fragments.problems()


def test_place_that_cannot_be_told(fragments: "Fragments") -> None:
    """A fault whose place the other program does not tell is still told, of the whole."""
    fragments.put("schemas/things.yaml", "Fault", "properties", "detail", value={"type": "string"})
    fragments.put("schemas/things.yaml", "Fault", "default", value={"detail": 3})

    assert ["openapi.yaml: 3 is not of type 'string'"] == fragments.problems()


def test_same_operation_id_twice(fragments: "Fragments") -> None:
    """Operations have names of their own."""
    fragments.put("paths/things.yaml", "other", value=fragments.files["paths/things.yaml"]["thing"])
    fragments.put("openapi.yaml", "paths", "/others/{thing_id}", value={"$ref": "paths/things.yaml#/other"})

    [problem] = fragments.problems()

    assert "Operation ID 'create_thing' for 'post' in '/others/{thing_id}' is not unique" in problem


def test_nothing_is_fetched(fragments: "Fragments", monkeypatch: pytest.MonkeyPatch) -> None:
    """No rule opens a connection, not even for a document that names remote schemas."""
    monkeypatch.setattr(socket, "create_connection", None)
    fragments.put("openapi.yaml", "info", "termsOfService", value="https://example.com/terms")

    assert [] == fragments.problems()


def test_undeclared_path_parameter(fragments: "Fragments") -> None:
    """A name in a path's template has its parameter."""
    fragments.drop("paths/things.yaml", "thing", "post", "parameters")
    fragments.drop("openapi.yaml", "components", "parameters")
    del fragments.files["parameters.yaml"]

    assert any("thing_id" in problem for problem in fragments.problems())
