"""Numbers of things in words."""

import pytest

from aiotables.core.counting import counted


@pytest.mark.parametrize(
    ("number", "expected"), [(0, "0 tables"), (1, "1 table"), (2, "2 tables"), (1000, "1,000 tables")]
)
def test_counted(number: int, expected: str) -> None:
    """One is one; of all others there are many, with commas between the thousands."""
    assert expected == counted(number, "table")


@pytest.mark.parametrize(("number", "expected"), [(1, "1 reply was"), (3, "3 replies were")])
def test_counted_with_other_words(number: int, expected: str) -> None:
    """What has no s at its end, or a verb beside it, is said as it is given."""
    assert expected == counted(number, "reply was", "replies were")
