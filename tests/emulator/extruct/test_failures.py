"""Rules of cells that fail."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from aiotables.emulator.extruct.failures import CellFailure, Failures


@pytest.mark.parametrize(
    ("text", "rule"),
    [
        ("pricing", CellFailure(column="pricing")),
        (
            "*:p=0.5:times=2:row=*stripe*",
            CellFailure(column="*", probability=0.5, times=2, row="*stripe*"),
        ),
    ],
)
def test_a_rule_can_be_written(text: str, rule: CellFailure) -> None:
    """Key of the column first, then options in any order."""
    assert rule == CellFailure.parse(text)


@pytest.mark.parametrize("text", ["", "a:p=2", "a:p=x", "a:times=0", "a:zork=1", "a:b"])
def test_what_is_no_rule(text: str) -> None:
    """The message repeats what was written."""
    with pytest.raises(ValueError, match="cell failure"):
        CellFailure.parse(text)


def test_whom_a_rule_strikes() -> None:
    """Column and row by patterns, and no more attempts than it says."""
    strike = Failures([CellFailure(column="a*", row="*stripe.com", times=1)]).strike

    assert [True, False, False, False] == [
        strike("T", "ab", "https://stripe.com", 1),
        strike("T", "ab", "https://stripe.com", 2),
        strike("T", "b", "https://stripe.com", 1),
        strike("T", "ab", "openai.com", 1),
    ]
    assert not Failures().strike("T", "a", "x", 1)


@settings(deadline=None)
@given(seed=st.integers(0, 9), row=st.text(max_size=9), share=st.floats(0, 1))
def test_draws_repeat(seed: int, row: str, share: float) -> None:
    """The same seed and cell have the same end, whatever else was asked in between."""
    one, other = (Failures([CellFailure(column="a", probability=share)], seed) for _ in range(2))

    other.strike("T", "a", "else", 7)
    assert one.strike("T", "a", row, 1) is other.strike("T", "a", row, 1)


def test_a_share_of_the_cells_fails() -> None:
    """About as many as the probability says, and other ones with another seed."""
    rule = CellFailure(column="a", probability=0.25)
    struck = [
        {n for n in range(1000) if Failures([rule], seed).strike("T", "a", f"{n}", 1)} for seed in (1, 2)
    ]

    assert all(200 < len(cells) < 300 for cells in struck)
    assert struck[0] != struck[1]
