"""What users see of fragments."""

from itertools import chain
from typing import TYPE_CHECKING, Any

import pytest

from codegen.spec import SpecError
from codegen.surface import Slot, surface
from codegen.values import told, values


if TYPE_CHECKING:
    from tests.codegen.conftest import Fragments

CONTENT = ("content", "application/json")


def test_operation(fragments: "Fragments") -> None:
    """An operation is where it goes, what it takes, what it gives, and what else is known of it."""
    operation = surface(fragments.load()).operations["create_thing"]

    assert ("POST", "/things/{thing_id}") == (operation.method, operation.path)
    assert {
        "effect": "create",
        "evidence": "documented",
        "gone-is-done": "",
        "nothing-done": "",
        "deprecated": "",
        "answers": "200, default",
    } == operation.facts
    assert {("path", "thing_id"): Slot(values({"type": "string"}), is_required=True)} == operation.parameters
    assert operation.body is not None
    assert ("ThingCreate", True) == (told(operation.body.values), operation.body.is_required)
    assert "Thing" == told(operation.result)


def test_operation_without_a_body(fragments: "Fragments") -> None:
    """No body is something else than one that may be left out."""
    fragments.drop("paths/things.yaml", "thing", "post", "requestBody")

    assert surface(fragments.load()).operations["create_thing"].body is None


@pytest.mark.parametrize(
    ("expected", "content"),
    [
        ("nothing", None),
        ("bytes", {"application/octet-stream": {"schema": {"type": "string"}}}),
        ("list of string", {"application/json": {"schema": {"type": "array", "items": {"type": "string"}}}}),
    ],
)
def test_results(expected: str, content: Any, fragments: "Fragments") -> None:  # noqa: ANN401  # JSON
    """A success may have no body, bytes, or JSON."""
    answer = {"description": "It.", **({} if content is None else {"content": content})}
    fragments.put("paths/things.yaml", "thing", "post", "responses", "200", value=answer)

    assert expected == told(surface(fragments.load()).operations["create_thing"].result)


def test_result_in_an_envelope(fragments: "Fragments") -> None:
    """The result is what the envelope holds, where a service has one and narrows it."""
    envelope = {
        "allOf": [
            {"$ref": "../schemas/things.yaml#/Fault"},
            {"type": "object", "properties": {"data": {"$ref": "../schemas/things.yaml#/Thing"}}},
        ]
    }
    path = ("thing", "post", "responses", "200", *CONTENT, "schema")
    fragments.put("paths/things.yaml", *path, value=envelope)
    fragments.put("openapi.yaml", "x-envelope", value="data")

    assert "Thing" == told(surface(fragments.load()).operations["create_thing"].result)


def test_object(fragments: "Fragments") -> None:
    """An object has its fields, those of what it extends among them, and knows who deals with it."""
    shapes = surface(fragments.load()).shapes

    assert "object" == shapes["Thing"].form
    assert ["name", "shape", "parts", "made_at", "colours", "last_fault"] == [*chain(*shapes["Thing"].fields)]
    assert shapes["Thing"].fields["name",].must_be_given
    assert shapes["Thing"].fields["shape",].may_be_absent
    assert (False, True) == (shapes["Thing"].is_sent, shapes["Thing"].is_received)
    assert (True, True) == (shapes["Shape"].is_sent, shapes["Shape"].is_received)


def test_field_that_python_fills_in(fragments: "Fragments") -> None:
    """A tag need not be given, and neither it nor a field with a default is ever absent."""
    fragments.put(
        "schemas/things.yaml", "Fault", "properties", "count", value={"type": "integer", "default": 0}
    )
    shapes = surface(fragments.load()).shapes

    for name, default, slot in (
        ("kind", "'round'", shapes["Round"].fields["kind",]),
        ("count", "0", shapes["Fault"].fields["count",]),
    ):
        assert default == slot.default, name
        assert not slot.must_be_given
        assert not slot.may_be_absent


def test_union(fragments: "Fragments") -> None:
    """A union has its tags and the schema of each."""
    shape = surface(fragments.load()).shapes["Shape"]

    assert ("union", {"round": "Round", "square": "Square"}) == (shape.form, shape.members)
    assert "kind" == shape.facts["tag"]
    assert "True" == surface(fragments.load()).shapes["Round"].facts["keeps-unknown"]


@pytest.mark.parametrize(
    ("expected", "names"),
    [({"a": "", "b": ""}, {}), ({"a": "FIRST", "b": "SECOND"}, {"x-enum-varnames": ["FIRST", "SECOND"]})],
)
def test_enum(expected: dict[str, str], names: dict[str, list[str]], fragments: "Fragments") -> None:
    """An enum has its values, and names of members where they are given."""
    schema = {"type": "string", "enum": ["a", "b"], **names}
    fragments.put("schemas/things.yaml", "Fault", value=schema)

    shape = surface(fragments.load()).shapes["Fault"]

    assert ("enum", expected) == (shape.form, shape.members)


def test_value(fragments: "Fragments") -> None:
    """Any other schema is what its values may be."""
    fragments.put("schemas/things.yaml", "Fault", value={"type": ["string", "integer"]})

    shape = surface(fragments.load()).shapes["Fault"]

    assert ("value", "integer or string") == (shape.form, told(shape.values))


def test_schema_of_a_parameter_is_sent(fragments: "Fragments") -> None:
    """What only a parameter names is sent as well."""
    fragments.put("parameters.yaml", "ThingId", "schema", value={"$ref": "schemas/things.yaml#/Fault"})
    fragments.drop("paths/things.yaml", "thing", "post", "responses", "default")

    shape = surface(fragments.load()).shapes["Fault"]

    assert shape.is_sent


@pytest.mark.parametrize("ref", ["schemas/things.yaml#/Nowhere", "../responses.yaml#/Error"])
def test_reference_that_leads_nowhere(ref: str, fragments: "Fragments") -> None:
    """Fragments that hang together no more are told, with the reference."""
    fragments.put("paths/things.yaml", "thing", "post", "responses", "default", value={"$ref": ref})
    fragments.drop("openapi.yaml", "components", "responses")

    with pytest.raises(SpecError, match="a reference leads nowhere"):
        surface(fragments.load())
