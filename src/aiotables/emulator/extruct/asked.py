"""What discovery tasks may be asked for (docs page api-reference/discover/create-company-discovery-task)."""

import re
from collections.abc import Sequence
from typing import Any

from aiotables.emulator.bodies import Issue, given
from aiotables.emulator.choices import DISCOVERY_MOST
from aiotables.extruct._generated.models import DiscoveryCriterion, DiscoveryTaskCreate


_KEY = re.compile(r"[A-Za-z][A-Za-z0-9_]*")
_NAME_LENGTHS = range(1, 101)
_CRITERION_LENGTHS = range(10, 501)


def request_issues(raw: dict[str, Any], body: DiscoveryTaskCreate, desired: int) -> list[Issue]:
    """What is wrong with a search, its criteria aside."""
    found: list[Issue] = []
    if not body.query:
        found.append(Issue(("query",), "String should have at least 1 character", "string_too_short"))
    if not 1 <= desired <= DISCOVERY_MOST:
        found.append(out_of_range("desired_num_results", 1))
    sources = given(body.data_sources) or []
    found += (
        Issue(("data_sources", place), "Input should be one of the documented values", "enum")
        for place, source in enumerate(sources)
        if source.is_unknown
    )
    if not raw.get("auto_data_sources", True) and not sources:
        found.append(Issue(("data_sources",), "Field required", "missing"))
    return found


def criteria_issues(criteria: Sequence[DiscoveryCriterion]) -> list[Issue]:
    """What is wrong with the criteria of a search."""
    found: list[Issue] = []
    keys: set[str] = set()
    for place, criterion in enumerate(criteria):
        if not _KEY.fullmatch(criterion.key) or criterion.key in keys:
            found.append(Issue(("criteria", place, "key"), "Invalid or repeated key"))
        if len(criterion.name) not in _NAME_LENGTHS:
            found.append(Issue(("criteria", place, "name"), "Length should lie between 1 and 100"))
        if len(criterion.criterion) not in _CRITERION_LENGTHS:
            found.append(Issue(("criteria", place, "criterion"), "Length should lie between 10 and 500"))
        keys.add(criterion.key)
    return found


def out_of_range(name: str, low: int) -> Issue:
    """A number of results that is not allowed."""
    return Issue((name,), f"Input should lie between {low} and {DISCOVERY_MOST}", "less_than_equal")
