"""Sums over the facts of a run."""

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from aiotables.provision.journal import Intent, Outcome, OutcomeKind
from aiotables.provision.reporting.sums import BINS, FACTOR, SHORTEST, Durations, Sums


@given(durations=st.lists(st.floats(0, 1e6), min_size=1, max_size=50))
def test_percentiles_are_right_to_a_tenth(durations: list[float]) -> None:
    """Whatever the durations, none is lost, and each percentile is what so many took at most, to a tenth."""
    counted = Durations()
    for seconds in durations:
        counted.add(seconds)
    sums = counted.sums()

    assert sums is not None
    assert len(durations) == sum(count for _, count in sums.classes) == sums.steps
    assert max(durations) == sums.longest
    ends = [end for end, _ in sums.classes]
    assert all(before < after for before, after in pairwise(ends))
    ordered = sorted(durations)
    for part, told in ((0.5, sums.p50), (0.9, sums.p90), (0.99, sums.p99)):
        true = ordered[min(int(-(-part * len(ordered) // 1)), len(ordered)) - 1]
        assert true <= told * (1 + 1e-9) or told == sums.longest
        assert told <= max(true, SHORTEST) * FACTOR * (1 + 1e-9)


def test_no_durations() -> None:
    """Of nothing there are no percentiles."""
    assert Durations().sums() is None


def outcome(key: str, at: float) -> Outcome:
    """An outcome."""
    return Outcome(run_id="r", target="crm", key=key, step="rows:0", at=at, outcome=OutcomeKind.CREATED)


def test_outcome_of_an_earlier_intent() -> None:
    """An outcome whose intent another run wrote counts, but has no duration; an early clock spoils nothing."""
    sums = Sums(100.0)
    sums.add(outcome("a", 99.0))
    sums.add(Intent(run_id="r", target="crm", key="b", step="rows:0", at=103.0))
    sums.add(outcome("b", 102.0))

    assert 2 == sums.outcomes[OutcomeKind.CREATED]
    assert 0 == sums.tables.total()
    assert [0.0] == [slow.seconds for slow in sums.slowest]
    assert (1, 0) == (sums.durations.count, sums.open)
    assert [1, 0, 1] == [each.steps for each in sums.bins(103.0)]


@pytest.mark.parametrize("seconds", [0, 1, 59, 60, 61, 86_400])
def test_few_bins(seconds: int) -> None:
    """However long a run is, its bins are few, equally long, and cover it."""
    bins = [*Sums(0.0).bins(float(seconds))]

    assert 1 <= len(bins) <= BINS
    assert 1 == len({each.seconds for each in bins})
    assert bins[-1].at + bins[-1].seconds >= seconds
    assert {0.0} == {each.rate for each in bins}
