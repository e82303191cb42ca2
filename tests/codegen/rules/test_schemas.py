"""Schemas keep to what good classes can be made of."""

from typing import TYPE_CHECKING, Any

import pytest


if TYPE_CHECKING:
    from tests.codegen.conftest import Fragments

FILE = "schemas/things.yaml"
FACTS = {"description": "One.", "x-source": "reference/x", "x-evidence": "inferred"}


def said(fragments: "Fragments", schema: object) -> list[str]:
    """What lint says of a property with this *schema*."""
    fragments.put(FILE, "Fault", "properties", "detail", value=schema)
    prefix = f"{FILE}: Fault.properties.detail: "
    return [problem.removeprefix(prefix) for problem in fragments.problems()]


def said_of_named(fragments: "Fragments", schema: dict[str, Any]) -> list[str]:
    """What lint says of a named *schema* that an answer uses."""
    fragments.put(FILE, "Extra", value={**FACTS, **schema})
    fragments.put("openapi.yaml", "components", "schemas", "Extra", value={"$ref": f"{FILE}#/Extra"})
    fragments.put(FILE, "Fault", "properties", "detail", value={"$ref": "#/Extra"})
    return [problem.removeprefix(f"{FILE}: Extra: ") for problem in fragments.problems()]


@pytest.mark.parametrize(
    ("key", "message"),
    [
        ("description", "needs description, in words"),
        ("x-source", "needs x-source, in words"),
        ("x-evidence", "needs x-evidence, one of documented, example, inferred"),
    ],
)
def test_named_schema_says_what_it_is(fragments: "Fragments", key: str, message: str) -> None:
    """A named schema has words, a source and an evidence."""
    fragments.drop(FILE, "Fault", key)

    assert [f"{FILE}: Fault: {message}"] == fragments.problems()


@pytest.mark.parametrize("name", ["thing", "The.Thing", "Thing-1", "_Thing"])
def test_name_of_a_schema(fragments: "Fragments", name: str) -> None:
    """Names are ASCII words such as classes have, without dots."""
    files = fragments.files
    files["schemas/shapes.yaml"][name] = files["schemas/shapes.yaml"].pop("Square")
    schemas = files["openapi.yaml"]["components"]["schemas"]
    del schemas["Square"]
    ref = f"#/{name}"
    schemas[name] = {"$ref": f"schemas/shapes.yaml{ref}"}
    fragments.put("schemas/shapes.yaml", "Shape", "oneOf", 1, "$ref", value=ref)
    fragments.put("schemas/shapes.yaml", "Shape", "discriminator", "mapping", "square", value=ref)

    problems = fragments.problems()

    assert any("is not a schema name such as TableCreate" in problem for problem in problems)


def test_name_of_a_schema_that_looks_like_another(fragments: "Fragments") -> None:
    """Letters that are no ASCII are refused, as they may look like others."""
    fragments.put("openapi.yaml", "components", "schemas", "F\u0430ult", value={"$ref": f"{FILE}#/Fault"})
    fragments.drop("openapi.yaml", "components", "schemas", "Fault")

    [problem] = fragments.problems()

    assert problem.startswith("openapi.yaml: components.schemas: 'F\u0430ult'")


def test_listed_under_another_name(fragments: "Fragments") -> None:
    """A schema is listed under the name that its file gives it."""
    schemas = fragments.files["openapi.yaml"]["components"]["schemas"]
    schemas["Error"] = schemas.pop("Fault")

    assert [f"{FILE}: Fault: is listed as 'Error': one name for one schema"] == fragments.problems()


@pytest.mark.parametrize(
    ("schema", "message"),
    [
        (
            {"type": "object", "properties": {"a": {"type": "string"}}},
            "has properties but no name: move it to the schemas",
        ),
        ({"type": "string", "enum": ["a"]}, "has enum but no name: move it to the schemas"),
    ],
)
def test_without_a_name(fragments: "Fragments", schema: object, message: str) -> None:
    """What becomes a class has a name, or the generator would make one up."""
    assert [message] == said(fragments, schema)


FILTERS = {"type": ["object", "array"], "additionalProperties": {}, "items": {"$ref": "#/ThingCreate"}}


def test_any_json(fragments: "Fragments") -> None:
    """A named schema may tell several forms, if models take it as it is."""
    assert [] == said_of_named(fragments, {**FILTERS, "x-any-json": True})


@pytest.mark.parametrize("schema", [{**FILTERS, "x-any-json": "yes"}, {"type": "string", "x-any-json": True}])
def test_any_json_without_need(fragments: "Fragments", schema: dict[str, Any]) -> None:
    """Only true says so, and only of what has items or values: else {} says it."""
    assert ["has an x-any-json that is not true, or no name, items or values"] == said_of_named(
        fragments, schema
    )


def test_any_json_without_a_name(fragments: "Fragments") -> None:
    """What is taken as it is has a name that tells what it is for."""
    assert ["has an x-any-json that is not true, or no name, items or values"] == said(
        fragments, {**FILTERS, "x-any-json": True}
    )


def test_all_of_without_a_name(fragments: "Fragments") -> None:
    """So has what is put together."""
    parts = [{"$ref": "#/Fault"}, {"type": "object", "properties": {}}]

    assert ["has allOf but no name: move it to the schemas"] == said(fragments, {"allOf": parts})


def test_one_of_without_a_name(fragments: "Fragments") -> None:
    """So has a union."""
    ref = "shapes.yaml#/Round"
    union = {
        "oneOf": [{"$ref": ref}],
        "discriminator": {"propertyName": "kind", "mapping": {"round": ref}},
    }

    assert ["has oneOf but no name: move it to the schemas"] == said(fragments, union)


@pytest.mark.parametrize(
    ("schema", "message"),
    [
        ({"items": {}}, "needs a type"),
        ({"const": "a"}, "needs a type"),
        ({"additionalProperties": {}}, "needs a type"),
        (
            {"type": ["array", "object"], "items": {}, "additionalProperties": {}},
            "may be an array or an object, ",
        ),
        ({"type": ["array", "string"], "items": {}}, "may be an array or an object, "),
        ({"type": "array"}, "needs items: {} stands for any JSON"),
        ({"type": "integer", "const": 1}, "has a const that is no string"),
        ({"type": "object"}, "needs properties, or additionalProperties: {} stands for any JSON"),
        ({"type": "string", "format": "time"}, "has a format that is not of date-time, date, email, "),
        ({"type": "integer", "format": "int64"}, "has a format that is not of date-time, date, email, "),
        ({"type": "integer", "format": "date"}, "has a format that is not of date-time, date, email, "),
        (
            {"type": "string", "format": "date-time", "default": "2026-01-01T00:00:00Z"},
            "has a default for a date, which would be a string in Python",
        ),
        (
            {"anyOf": [{"type": "string"}, {"type": "null"}]},
            "has an anyOf that is not one $ref and then the type null",
        ),
        ({"anyOf": [{"$ref": "#/Thing"}, {"$ref": "#/ThingCreate"}]}, "has an anyOf that is not one $ref"),
        ({"anyOf": [{"$ref": "#/Thing"}]}, "has an anyOf that is not one $ref and then the type null"),
        (
            {"type": ["object", "null"], "additionalProperties": {"$ref": "#/Fault"}},
            "may be null, and then its values lose their type: name the object and use anyOf",
        ),
        (
            {"type": "object", "additionalProperties": {}, "x-keeps-unknown": True},
            "has an x-keeps-unknown that is not true, or no properties",
        ),
        (
            {"type": "object", "required": ["b"], "additionalProperties": {}},
            "'b' is not among the properties",
        ),
    ],
)
def test_forms_that_are_refused(fragments: "Fragments", schema: object, message: str) -> None:
    """A form that makes a bad class, or none, is refused."""
    [problem] = said(fragments, schema)

    assert message in problem


@pytest.mark.parametrize(
    "schema",
    [
        {},
        {"description": "Any JSON."},
        {"type": ["string", "integer", "number", "boolean", "null"]},
        {"type": ["array", "null"], "items": {"type": "integer"}},
        {"type": "object", "additionalProperties": {"$ref": "#/ThingCreate"}},
        {"type": ["object", "null"], "additionalProperties": {}},
        {"type": "string", "format": "date-time"},
        {"type": ["string", "null"], "format": "password", "writeOnly": True},
        {"type": "integer", "default": 0},
        {"anyOf": [{"$ref": "#/Thing"}, {"type": "null"}], "description": "Perhaps."},
    ],
)
def test_forms_that_are_taken(fragments: "Fragments", schema: object) -> None:
    """Any JSON, scalars or none, lists, maps, dates, and what may be null."""
    assert [] == said(fragments, schema)


@pytest.mark.parametrize("name", ["a.b", "a b", "\u017fize", "", "\u0430"])
def test_names_of_properties(fragments: "Fragments", name: str) -> None:
    """Properties have ASCII names without dots: others merge, look alike or become folders."""
    fragments.put(FILE, "Fault", "properties", name, value={"type": "string"})

    [problem] = fragments.problems()

    assert "is not ASCII without dots and spaces" in problem


@pytest.mark.parametrize("name", ["@id", "from", "self", "x-y", "class"])
def test_odd_names_of_properties(fragments: "Fragments", name: str) -> None:
    """Names that Python does not have are no matter: the wire name is kept beside."""
    fragments.put(FILE, "Fault", "properties", name, value={"type": "string"})

    assert [] == fragments.problems()


def test_additional_beside_properties(fragments: "Fragments") -> None:
    """Keys beside the known ones are kept by x-keeps-unknown alone."""
    fragments.put(FILE, "Fault", "additionalProperties", value={})

    assert [
        f"{FILE}: Fault: has properties and additionalProperties: use x-keeps-unknown"
    ] == fragments.problems()


@pytest.mark.parametrize("value", [False, "yes"])
def test_keeps_unknown_is_true(fragments: "Fragments", value: object) -> None:
    """A schema keeps unknown keys, or says nothing of them."""
    fragments.put("schemas/shapes.yaml", "Round", "x-keeps-unknown", value=value)

    assert [
        "schemas/shapes.yaml: Round: has an x-keeps-unknown that is not true, or no properties"
    ] == fragments.problems()


@pytest.mark.parametrize(
    "parts",
    [
        [{"$ref": "#/ThingCreate"}],
        [{"$ref": "#/ThingCreate"}, {"$ref": "#/Fault"}],
        [{"type": "object", "properties": {}}, {"$ref": "#/ThingCreate"}],
        [
            {"$ref": "#/ThingCreate"},
            {"type": "object", "properties": {}},
            {"type": "object", "properties": {}},
        ],
    ],
)
def test_all_of(fragments: "Fragments", parts: object) -> None:
    """An allOf is one base and what is added to it."""
    fragments.put(FILE, "Thing", "allOf", value=parts)

    assert [
        f"{FILE}: Thing: has an allOf that is not one $ref and then one inline object"
    ] == fragments.problems()


SHAPES = "schemas/shapes.yaml"
UNMAPPED = f"{SHAPES}: Shape: needs a discriminator that maps one tag to each variant"


def test_union_without_discriminator(fragments: "Fragments") -> None:
    """A union says by what its variants are told apart."""
    fragments.drop(SHAPES, "Shape", "discriminator")

    assert [UNMAPPED] == fragments.problems()


@pytest.mark.parametrize(
    "mapping",
    [
        {"round": "#/Round"},
        {"round": "#/Round", "circle": "#/Round", "square": "#/Square"},
        {"round": "#/Round", "square": "#/Round"},
    ],
)
def test_one_tag_for_each_variant(fragments: "Fragments", mapping: object) -> None:
    """Each variant has one tag: no more, no less."""
    fragments.put(SHAPES, "Shape", "discriminator", "mapping", value=mapping)

    assert [UNMAPPED] == fragments.problems()


def test_inline_variant(fragments: "Fragments") -> None:
    """Variants have names."""
    fragments.put(SHAPES, "Shape", "oneOf", 1, value={"type": "string"})

    assert [UNMAPPED] == fragments.problems()


NO_TAG = f"{SHAPES}: Square: needs the required property 'kind' with the const 'square'"


def test_variant_with_another_tag(fragments: "Fragments") -> None:
    """The tag of a variant is its const."""
    fragments.put(SHAPES, "Square", "properties", "kind", "const", value="box")

    assert [NO_TAG] == fragments.problems()


def test_variant_without_the_property(fragments: "Fragments") -> None:
    """A variant has the property that the union is told apart by."""
    fragments.put(SHAPES, "Square", "properties", value={})
    fragments.put(SHAPES, "Square", "required", value=[])

    assert [NO_TAG] == fragments.problems()


def test_variant_with_an_optional_tag(fragments: "Fragments") -> None:
    """The tag is always there."""
    fragments.drop(SHAPES, "Square", "required")

    assert [NO_TAG] == fragments.problems()


@pytest.mark.parametrize(
    "schema",
    [
        {"type": "string", "enum": ["new", "Old_1"]},
        {"type": "string", "enum": ["-a", "a"], "x-enum-varnames": ["DOWN", "UP"]},
    ],
)
def test_enum(fragments: "Fragments", schema: dict[str, Any]) -> None:
    """An enum has values that make member names, or names them."""
    assert [] == said_of_named(fragments, schema)


@pytest.mark.parametrize(
    ("schema", "message"),
    [
        (
            {"type": "integer", "enum": [0, 1]},
            "has an enum that is not of strings; 0 and 1 as a flag is IntBool",
        ),
        ({"type": ["string", "null"], "enum": ["a", None]}, "has an enum that is not of strings"),
        ({"type": "string", "enum": ["a", 1]}, "has an enum that is not of strings"),
        (
            {"type": "string", "enum": ["a", "1-10"]},
            "has '1-10', which makes no member name: add x-enum-varnames",
        ),
        (
            {"type": "string", "enum": ["a", "b"], "x-enum-varnames": ["A"]},
            "needs as many x-enum-varnames as values",
        ),
        (
            {"type": "string", "enum": ["a", "b"], "x-enum-varnames": ["A", "A"]},
            "needs as many x-enum-varnames",
        ),
        (
            {"type": "string", "enum": ["a", "b"], "x-enum-varnames": ["A", "b c"]},
            "needs as many x-enum-varnames",
        ),
        (
            {"type": "string", "enum": ["a", "b"], "x-enum-varnames": ["A", 1]},
            "needs as many x-enum-varnames",
        ),
    ],
)
def test_enum_that_is_refused(fragments: "Fragments", schema: dict[str, Any], message: str) -> None:
    """Enums are of strings, each with a member name of its own."""
    [problem] = said_of_named(fragments, schema)

    assert problem.startswith(message)


def test_flag(fragments: "Fragments") -> None:
    """IntBool is the one enum of integers."""
    fragments.put(FILE, "IntBool", value={**FACTS, "type": "integer", "enum": [0, 1]})
    fragments.put("openapi.yaml", "components", "schemas", "IntBool", value={"$ref": f"{FILE}#/IntBool"})

    assert [] == said(fragments, {"$ref": "#/IntBool"})


def test_default_in_a_request(fragments: "Fragments") -> None:
    """A default in a request would always be sent, so that the service could never choose."""
    fragments.put(FILE, "ThingCreate", "properties", "name", "default", value="it")

    assert [
        f"{FILE}: ThingCreate.properties.name: has a default in a request, which would always be sent: say it in words"
    ] == fragments.problems()


def test_default_of_a_parameter(fragments: "Fragments") -> None:
    """So would one of a parameter."""
    fragments.put("parameters.yaml", "ThingId", "schema", "default", value="1")

    [problem] = fragments.problems()

    assert problem.startswith("parameters.yaml: ThingId.schema: has a default in a request")
