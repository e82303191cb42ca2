"""Examples say what they show."""

from typing import TYPE_CHECKING

import pytest


if TYPE_CHECKING:
    from tests.codegen.conftest import Fragments

FILE = "paths/things.yaml"
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
    fragments.put(FILE, *EXAMPLES, "basic", "value", value=None)

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
