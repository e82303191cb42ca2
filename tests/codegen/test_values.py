"""What schemas let values be."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from codegen.values import ABSENT, ANY, NULL, Alternative, also, fits, shown, told, values


SCHEMAS: list[tuple[str, dict[str, Any]]] = [
    ("any JSON", {}),
    ("any JSON", {"description": "Anything."}),
    ("any JSON", {"x-any-json": True, "type": "object", "additionalProperties": {}}),
    ("string", {"type": "string"}),
    ("string", {"type": "string", "format": "uuid"}),
    ("date-time", {"type": "string", "format": "date-time"}),
    ("string or null", {"type": ["null", "string"]}),
    ("list of integer", {"type": "array", "items": {"type": "integer"}}),
    ("list of any JSON", {"type": "array"}),
    ("object of any JSON", {"type": "object"}),
    ("object of string or null", {"type": "object", "additionalProperties": {"type": ["string", "null"]}}),
    ("Thing", {"$ref": "#/components/schemas/Thing"}),
    ("Thing or null", {"anyOf": [{"$ref": "#/components/schemas/Thing"}, {"type": "null"}]}),
    ("'agent'", {"type": "string", "const": "agent"}),
]


@pytest.mark.parametrize(("expected", "schema"), SCHEMAS)
def test_values_are_told(expected: str, schema: dict[str, Any]) -> None:
    """Every form of a schema has its words."""
    assert expected == told(values(schema))


@pytest.mark.parametrize(
    ("expected", "narrow", "wide"),
    [
        (True, {"type": "string"}, {"type": ["string", "null"]}),
        (False, {"type": ["string", "null"]}, {"type": "string"}),
        (True, {"type": "integer"}, {"type": "number"}),
        (False, {"type": "number"}, {"type": "integer"}),
        (True, {"type": "string"}, {}),
        (False, {}, {"type": "string"}),
        (True, {"type": "array", "items": {"type": "integer"}}, {"type": "array", "items": {}}),
        (False, {"type": "array", "items": {}}, {"type": "array", "items": {"type": "integer"}}),
        (False, {"$ref": "#/components/schemas/A"}, {"$ref": "#/components/schemas/B"}),
        (False, {"type": "string", "format": "date"}, {"type": "string"}),
        (True, {"type": "string", "const": "a"}, {"type": "string"}),
        (False, {"type": "string", "const": "a"}, {"type": "string", "const": "b"}),
        (False, {"type": "string", "const": "string"}, {"type": "integer"}),
    ],
)
def test_narrow_fits_wide(expected: bool, narrow: dict[str, Any], wide: dict[str, Any]) -> None:  # noqa: FBT001
    """What allows less fits into what allows more, and not the other way round."""
    assert expected is fits(values(narrow), values(wide))


@given(st.sampled_from(SCHEMAS))
def test_everything_fits_itself(schema: tuple[str, dict[str, Any]]) -> None:
    """What did not change breaks nobody."""
    assert fits(values(schema[1]), values(schema[1]))


def test_absence_is_no_json() -> None:
    """A field that may be missing is not one that may hold anything."""
    assert not fits(also(ABSENT, values({})), values({}))
    assert fits(also(NULL, values({})), values({}))
    assert "any JSON or null" == told(also(NULL, values({})))
    assert ANY == str(Alternative(ANY))


@pytest.mark.parametrize("text", ["Thing", "create_table", "/v1/tables/{id}", "a.b-c", "$ref", "@id"])
def test_words_are_shown_as_they_are(text: str) -> None:
    """Names that are plain words need no quotes."""
    assert text == shown(text)


@given(st.text())
def test_other_text_is_quoted(text: str) -> None:
    """Nothing that a spec says can look like words of ours, move the cursor or end a line."""
    seen = shown(text)

    assert seen.isascii()
    assert seen.isprintable()
    assert seen == text or (seen[0] in "'\"" and seen[0] == seen[-1])
