"""What discovery tasks may be asked for."""

from typing import Any

import pytest

from aiotables.emulator.extruct.asked import criteria_issues, out_of_range, request_issues
from aiotables.extruct.models import DiscoveryCriterion, DiscoveryTaskCreate


GOOD = {"key": "sells", "name": "Sells", "criterion": "It sells bread."}


@pytest.mark.parametrize(
    ("criteria", "places"),
    [
        ([GOOD, GOOD | {"key": "makes"}], []),
        ([GOOD, GOOD], [("criteria", 1, "key")]),
        ([GOOD | {"key": "1st"}], [("criteria", 0, "key")]),
        ([GOOD | {"name": "x" * 101}], [("criteria", 0, "name")]),
        ([GOOD | {"criterion": "short"}], [("criteria", 0, "criterion")]),
    ],
)
def test_criteria(criteria: list[dict[str, str]], places: list[Any]) -> None:
    """Keys are words of their own, and texts have documented lengths; what is wrong is named by its place."""
    assert places == [
        issue.place for issue in criteria_issues([DiscoveryCriterion(**each) for each in criteria])
    ]


@pytest.mark.parametrize(
    ("raw", "query", "desired", "places"),
    [
        ({}, "bakeries", 10, []),
        ({}, "", 10, [("query",)]),
        ({}, "bakeries", 0, [("desired_num_results",)]),
        ({"auto_data_sources": False}, "bakeries", 10, [("data_sources",)]),
    ],
)
def test_requests(raw: dict[str, Any], query: str, desired: int, places: list[Any]) -> None:
    """A search has a query, a number of results within the limits, and sources that it names or leaves open."""
    assert places == [issue.place for issue in request_issues(raw, DiscoveryTaskCreate(query=query), desired)]


def test_out_of_range() -> None:
    """What is out of range is told with the limits."""
    assert out_of_range("more", 0).message.startswith("Input should lie between 0 and ")
