"""Examples say what they show, and show what their schemas say."""

from typing import TYPE_CHECKING

import pytest


if TYPE_CHECKING:
    from tests.codegen.conftest import Fragments

FILE = "paths/things.yaml"
THINGS = "schemas/things.yaml"
EXAMPLES = ("thing", "post", "requestBody", "content", "application/json", "examples")


@pytest.mark.parametrize(
    ("example", "message"),
    [
        ({"value": 1}, "needs summary, in words"),
        ({"summary": " ", "value": 1}, "needs summary, in words"),
        ({"summary": "Nothing."}, "needs a value"),
        (
            {"summary": "Guessed.", "value": 1, "x-evidence": "guessed"},
            "needs x-evidence, one of documented, example, inferred",
        ),
    ],
)
def test_incomplete(fragments: "Fragments", example: object, message: str) -> None:
    """An example has a summary and a value, and if it says how sure it is, then in a known word."""
    fragments.put(FILE, *EXAMPLES, "basic", value=example)

    assert [f"{FILE}: {'.'.join(EXAMPLES)}.basic: {message}"] == fragments.problems()


def test_null_is_a_value(fragments: "Fragments") -> None:
    """An example may show null."""
    fragments.put(FILE, *EXAMPLES[:-1], "schema", value={})
    fragments.put(FILE, *EXAMPLES, "basic", "value", value=None)
    for name in ("ThingCreate", "Thing", "Shape", "Round", "Square"):
        fragments.drop("openapi.yaml", "components", "schemas", name)
    for name in ("ThingCreate", "Thing"):
        fragments.drop(THINGS, name)
    fragments.put(FILE, "thing", "post", "responses", "200", value={"$ref": "../responses.yaml#/Error"})
    fragments.files.pop("schemas/shapes.yaml")

    assert [] == fragments.problems()


def test_name(fragments: "Fragments") -> None:
    """Names of examples become names of tests."""
    fragments.put(FILE, *EXAMPLES, "Full Request", value={"summary": "All.", "value": 1})

    assert [
        f"{FILE}: {'.'.join(EXAMPLES)}.Full Request: 'Full Request' is not a name such as full_request"
    ] == fragments.problems()


def test_value_that_is_no_json(fragments: "Fragments") -> None:
    """A value that YAML makes a date of is no JSON."""
    file = fragments.write() / FILE
    text = file.read_text(encoding="utf-8").replace('"name": "it"', '"name": 2026-01-01')
    fragments.files.pop(FILE)
    file.write_text(text, encoding="utf-8")

    [problem] = fragments.problems()

    assert "'2026-01-01' is no JSON value: put it in quotes" in problem


@pytest.mark.parametrize(
    ("value", "where", "message"),
    [
        ({}, "", "'name' is a required property"),
        ({"name": 1}, ".name", "1 is not of type 'string'"),
        ({"name": "it", "shape": {"kind": "star"}}, ".shape", "is not valid under any of the given schemas"),
    ],
)
def test_example_that_does_not_fit(fragments: "Fragments", value: object, where: str, message: str) -> None:
    """An example of a body fits its schema, through references; what does not is told by its place."""
    fragments.put(FILE, *EXAMPLES, "basic", "value", value=value)

    [problem] = fragments.problems()

    assert problem.startswith(f"{FILE}: {'.'.join(EXAMPLES)}.basic.value{where}: does not fit its schema: ")
    assert problem.endswith(message)


def test_long_values_are_not_told_whole(fragments: "Fragments") -> None:
    """Of a long value that does not fit, the end of what is wrong is told, where the reason is."""
    fragments.put(FILE, *EXAMPLES, "basic", "value", value={"name": ["x" * 1000]})

    [problem] = fragments.problems()

    assert 400 > len(problem)
    assert problem.endswith("xxx'] is not of type 'string'")


def test_example_of_a_parameter(fragments: "Fragments") -> None:
    """So does an example of a parameter."""
    fragments.put("parameters.yaml", "ThingId", "examples", value={"one": {"summary": "One.", "value": 1}})

    assert [
        "parameters.yaml: ThingId.examples.one.value: does not fit its schema: 1 is not of type 'string'"
    ] == fragments.problems()


def test_example_of_a_schema(fragments: "Fragments") -> None:
    """So do the examples of a named schema, each told by its place among them."""
    fragments.put("schemas/shapes.yaml", "Round", "examples", value=[{"kind": "round"}, {"kind": "square"}])

    assert [
        "schemas/shapes.yaml: Round.examples.1.kind: does not fit its schema: 'round' was expected"
    ] == fragments.problems()


def test_example_within_a_schema(fragments: "Fragments") -> None:
    """An example of a property may be an excerpt, and so lack what is required."""
    shape = {"description": "Its form.", "type": "array", "items": {"$ref": "#/Fault"}, "examples": [1]}
    fragments.put(THINGS, "ThingCreate", "properties", "faults", value=shape)

    assert [] == fragments.problems()


@pytest.mark.parametrize(
    ("problems", "value"),
    [
        ([], {"detail": {"name": "it", "made_at": "2026-01-01T00:00:00Z"}}),
        ([".detail: does not fit its schema: 'made_at' is a required property"], {"detail": {"name": "it"}}),
    ],
)
def test_shortened_envelope(fragments: "Fragments", problems: list[str], value: object) -> None:
    """An example without the envelope's own keys fits what the envelope holds."""
    payload = {"type": "object", "properties": {"detail": {"$ref": "../schemas/things.yaml#/Thing"}}}
    schema = {"allOf": [{"$ref": "../schemas/things.yaml#/Fault"}, payload]}
    example = {"summary": "Shortened.", "value": value, "x-shortened-envelope": True}
    answer = ("thing", "post", "responses", "200", "content", "application/json")
    fragments.put("openapi.yaml", "x-envelope", value="detail")
    fragments.put(THINGS, "Fault", "required", value=["detail", "id"])
    fragments.put(THINGS, "Fault", "properties", "id", value={"type": "string"})
    fragments.put(FILE, *answer, value={"schema": schema, "examples": {"basic": example}})

    assert [
        f"{FILE}: {'.'.join(answer)}.examples.basic.value{each}" for each in problems
    ] == fragments.problems()
