"""What the emulator makes up."""

import re
from typing import Any

import jsonschema
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from aiotables.emulator.extruct.answers import company_of, value_of
from aiotables.extruct.models import OutputFormat


LABELS = ["Free", "Freemium", "Subscription"]
SCHEMA = {"type": "object", "properties": {"articles": {"type": "array", "items": {"type": "string"}}}}

# What a program may rely on for each documented format, as a schema.
FORMS: dict[str, dict[str, Any]] = {
    "text": {"type": "string", "minLength": 1},
    "url": {"type": "string", "pattern": "^https://example.com/"},
    "email": {"type": "string", "pattern": "^[^@]+@example.com$"},
    "phone": {"type": "string", "pattern": r"^\+1202555\d{4}$"},
    "select": {"enum": LABELS},
    "label": {"enum": LABELS},
    "multiselect": {"type": "array", "items": {"enum": LABELS}, "uniqueItems": True},
    "numeric": {"type": "number"},
    "number": {"type": "number"},
    "money": {"type": "object", "required": ["amount", "currency"]},
    "date": {"type": "string", "pattern": r"^20\d\d-\d\d-\d\d$"},
    "grade": {"type": "integer", "minimum": 1, "maximum": 5},
    "json": SCHEMA,
    "people": {"type": "array", "items": {"required": ["full_name", "role", "profile_url"]}, "minItems": 1},
}


def answer(kind: str, subject: str, key: str = "k", **config: object) -> Any:  # noqa: ANN401 - JSON
    """The answer of a column of a kind."""
    return value_of({"kind": kind, "key": key} | config, subject)["answer"]


def test_every_format_has_its_form() -> None:
    """What follows leaves no documented format out."""
    assert {str(each) for each in OutputFormat} == FORMS.keys()


@pytest.mark.parametrize("output_format", FORMS)
@settings(deadline=None)
@given(subject=st.text(max_size=20))
def test_an_answer_has_its_format(output_format: str, subject: str) -> None:
    """Whatever the row is about, the answer has the form, and is the same each time."""
    value = {"output_format": output_format, "labels": LABELS, "output_schema": SCHEMA}
    found = [answer("agent", subject, value=value) for _ in range(2)]

    jsonschema.validate(found[0], FORMS[output_format])
    assert found[0] == found[1]


def test_answers_differ_by_row_and_column() -> None:
    """Two rows, and two columns, do not read as one."""
    value = {"output_format": "numeric"}

    assert 3 == len(
        {
            answer("agent", "a.com", value=value),
            answer("agent", "b.com", value=value),
            answer("agent", "a.com", key="other", value=value),
        }
    )


@pytest.mark.parametrize("value", [{}, {"output_format": None}])
def test_an_agent_without_a_format_writes_prose(value: dict[str, Any]) -> None:
    """The vendor shows such an agent; where nothing is known it says so in the vendor's words."""
    assert "k of a.com" == answer("agent", "a.com", value=value)
    assert "Not found" == answer("agent", "", value=value)


@pytest.mark.parametrize(
    ("subject", "name", "website"),
    [
        ("https://www.nvidia.com/x", "NVIDIA", "https://nvidia.com/"),
        ("acme.io", "Acme", "https://acme.io/"),
        ("Acme Inc", "Acme Inc", "Not found"),
        ("", "Not found", "Not found"),
    ],
)
def test_companies_are_known_by_their_domain(subject: str, name: str, website: str) -> None:
    """Real ones by the small set, others by what the domain tells."""
    assert name == answer("company_name", subject)
    assert website == answer("company_website", subject)


def test_a_profile_has_the_fields_of_the_guides() -> None:
    """Real facts where the company is one of the set, nulls elsewhere; always the same names."""
    known, unknown = (
        value_of({"kind": "company_profile", "key": "p"}, subject)["context"]
        for subject in ("nvidia.com", "x")
    )

    assert (1993, "Santa Clara") == (known["founding_year"], known["hq_city"])
    assert ("Not found", None, []) == (
        unknown["short_description"],
        unknown["founding_year"],
        unknown["sources"],
    )
    assert known.keys() == unknown.keys()
    assert None is company_of("x")


def test_people_are_read_from_their_input() -> None:
    """The service's own columns of people tables tell what the advised input says."""
    subject = "Ada Sample, VP Sales, https://example.com/in/ada"
    found = [answer("agent", subject, key=key, value={}) for key in ("full_name", "role", "profile_url")]

    assert subject.split(", ") == found
    assert "role of Ada Sample" == answer("agent", "Ada Sample", key="role", value={})


@pytest.mark.parametrize(
    ("kind", "pattern"),
    [
        ("email_finder", "[^@]+@example.com"),
        ("phone_finder", r"\+1202555\d{4}"),
        ("reverse_email_lookup", "https://example.com/.+"),
        ("criterion_grade", "[1-5]"),
        ("discovery_scores", ".+"),
    ],
)
def test_kinds_without_a_format(kind: str, pattern: str) -> None:
    """Each has the form that its name promises."""
    assert re.fullmatch(pattern, str(answer(kind, "x")))
