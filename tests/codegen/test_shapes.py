"""What schemas imply for their classes."""

from typing import Any

import pytest

from codegen.shapes import PREFIX, as_taken, class_facts, is_nullable, name_in, reachable, references


def ref(name: str) -> dict[str, str]:
    """A reference as the bundle has it."""
    return {"$ref": PREFIX + name}


SCHEMAS: dict[str, dict[str, Any]] = {
    "Create": {
        "type": "object",
        "required": ["name"],
        "properties": {"name": {"type": "string"}, "parts": {"type": "array", "items": ref("Part")}},
    },
    "Part": {"oneOf": [ref("Wheel"), ref("Door")], "discriminator": {"propertyName": "kind"}},
    "Wheel": {"type": "object", "x-keeps-unknown": True, "properties": {"kind": {"type": "string"}}},
    "Door": {
        "type": "object",
        "properties": {"more": {"type": "object", "additionalProperties": ref("Lock")}},
    },
    "Lock": {"type": "string"},
    "Made": {
        "allOf": [
            ref("Base"),
            {
                "type": "object",
                "required": ["error", "any", "name", "scalar"],
                "properties": {
                    "error": {"description": "Why.", "anyOf": [ref("Fault"), {"type": "null"}]},
                    "any": {"description": "Anything."},
                    "name": {"type": "string"},
                    "scalar": ref("Scalar"),
                    "optional": {"type": ["string", "null"]},
                    "password": {"type": "string", "format": "password"},
                },
            },
        ]
    },
    "Base": {"type": "object", "properties": {"free": {"type": "object", "additionalProperties": True}}},
    "Fault": {"type": "object"},
    "Scalar": {"type": ["string", "null"]},
}


def test_name_is_the_end_of_a_reference() -> None:
    """A reference of the bundle is to a schema by name."""
    assert "Part" == name_in(f"{PREFIX}Part")


def test_references_are_found_wherever_schemas_are() -> None:
    """Items, properties, values and combined schemas are followed; a boolean holds none."""
    assert ["Part"] == list(references(SCHEMAS["Create"]))
    assert ["Wheel", "Door"] == list(references(SCHEMAS["Part"]))
    assert ["Lock"] == list(references(SCHEMAS["Door"]))
    assert ["Base", "Fault", "Scalar"] == list(references(SCHEMAS["Made"]))
    assert [] == list(references(SCHEMAS["Base"]))


def test_what_can_be_sent_is_reachable_from_a_body() -> None:
    """A schema within a request body is sent too, at any depth and once."""
    assert {"Create", "Part", "Wheel", "Door", "Lock"} == reachable(SCHEMAS, ["Create", "Part"])


@pytest.mark.parametrize(
    ("expected", "schema"),
    [
        (False, {"type": "string"}),
        (True, {"type": ["string", "null"]}),
        (True, {"type": "null"}),
        (True, {}),
        (True, {"description": "Anything.", "x-source": "a page"}),
        (False, {"enum": ["a"]}),
        (True, ref("Scalar")),
        (False, ref("Lock")),
        (True, {"anyOf": [ref("Fault"), {"type": "null"}]}),
        (False, {"oneOf": [ref("Wheel"), ref("Door")]}),
    ],
)
def test_null_is_told_from_the_schema(expected: bool, schema: dict[str, Any]) -> None:  # noqa: FBT001  # an outcome
    """Whether null fits follows references and choices; a schema that says nothing takes it."""
    assert expected is is_nullable(SCHEMAS, schema)


def test_sent_class_tells_absent_from_null() -> None:
    """A class that may be sent has UNSET, and no field that turns absence into null."""
    facts = class_facts(SCHEMAS, "Made", is_sent=True)

    assert not facts["absent_is_none"]
    assert [] == facts["null_fields"]


def test_received_class_takes_absence_for_null() -> None:
    """In a class that is only received, required fields that may be null are None when they are not there."""
    facts = class_facts(SCHEMAS, "Made", is_sent=False)

    assert facts["absent_is_none"]
    assert ["error", "any", "scalar"] == facts["null_fields"]


def test_secrets_are_told() -> None:
    """A field of the format password is not to be printed."""
    assert ["password"] == class_facts(SCHEMAS, "Made", is_sent=True)["secret_fields"]


def test_classes_that_keep_unknown_keys_are_told() -> None:
    """Only the schemas that say so keep unknown keys."""
    assert class_facts(SCHEMAS, "Wheel", is_sent=True)["keeps_unknown"]
    assert not class_facts(SCHEMAS, "Door", is_sent=True)["keeps_unknown"]


def test_form_of_any_json_is_not_taken() -> None:
    """Where models take any JSON, a class is made of the words alone; other schemas are taken whole."""
    free = {"description": "Rows.", "x-source": "a page", "x-any-json": True, "items": ref("Lock")}

    assert {"description": "Rows.", "x-source": "a page", "x-any-json": True} == as_taken(free)
    assert SCHEMAS["Lock"] == as_taken(SCHEMAS["Lock"])


def test_unions_by_tag_are_open() -> None:
    """A union with a discriminator takes unknown variants."""
    assert class_facts(SCHEMAS, "Part", is_sent=True)["is_open_union"]
    assert not class_facts(SCHEMAS, "Create", is_sent=True)["is_open_union"]
