"""Cells over time."""

from typing import Any

import pytest

from aiotables.emulator.extruct.cells import Work, cell


WORK = Work(starts=10.0, done=20.0)


@pytest.mark.parametrize(
    ("now", "status"), [(9.9, "requested"), (10.0, "pending"), (19.9, "pending"), (20.0, "done")]
)
def test_a_cell_goes_on_with_the_clock(now: float, status: str) -> None:
    """Requested, pending, done; a value at the end alone."""
    found = cell({"kind": "agent", "value": {}}, WORK, now)

    assert status == found["status"]
    assert ("done" == status) is (found["value"] is not None)


@pytest.mark.parametrize(
    ("value", "answer"),
    [
        ({}, "Not found"),
        ({"output_format": "text"}, "Not found"),
        ({"output_format": "url"}, "https://example.com/"),
        ({"output_format": "numeric"}, 42),
        ({"output_format": "money"}, {"amount": 42, "currency": "USD"}),
        ({"output_format": "select", "labels": ["a", "b"]}, "a"),
        ({"output_format": "label", "labels": ["a", "b"]}, "a"),
        ({"output_format": "multiselect", "labels": ["a", "b"]}, ["a"]),
        ({"output_format": "json"}, {}),
    ],
)
def test_an_answer_has_its_format(value: dict[str, Any], answer: object) -> None:
    """The answers are made up, their forms are not."""
    found = cell({"kind": "agent", "value": value}, WORK, 20)

    assert {"answer": answer, "explanation": "Made up by the emulator.", "sources": []} == found["value"]


def test_kinds_without_a_format() -> None:
    """A criterion has a grade, a profile its context, and any other column a text."""
    assert 3 == cell({"kind": "criterion_grade", "value": {"criterion": "x"}}, WORK, 20)["value"]["answer"]
    assert ["context"] == list(cell({"kind": "company_profile"}, WORK, 20)["value"])
    assert "Not found" == cell({"kind": "email_finder"}, WORK, 20)["value"]["answer"]
