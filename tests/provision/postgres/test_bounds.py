"""What a run of workers may take."""

import pytest

from aiotables.provision.course import NO_RULES, Rules, Tolerance
from aiotables.provision.postgres.bounds import Bounds


@pytest.mark.parametrize(
    ("bounds", "reason"),
    [
        (Bounds(), None),
        (Bounds(failures=3, requests=1001, seconds=60.5), None),
        (Bounds(failures=2), "3 tables failed, and 2 may"),
        (Bounds(requests=1000), "1,000 requests were sent; 1,000 are allowed"),
        (Bounds(seconds=60.0), "60 s are over; 60 s are allowed"),
    ],
)
def test_exceeded(bounds: Bounds, reason: str | None) -> None:
    """More failures than may be, and requests or seconds up to what is allowed."""
    assert reason == bounds.exceeded(failures=3, requests=1000, seconds=60.0)


def test_of_rules() -> None:
    """A share of failures is one of all tables; without rules there is nothing to keep."""
    rules = Rules(max_failures=Tolerance(share=0.02), max_requests=7, max_seconds=1.5)

    assert Bounds(failures=4, requests=7, seconds=1.5) == Bounds.of(rules, 200)
    assert Bounds.of(NO_RULES, 200).to_json() is None
    kept = Bounds.of(rules, 200).to_json()
    assert kept is not None
    assert {"failures": 4, "requests": 7, "seconds": 1.5} == kept.obj
