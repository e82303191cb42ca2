"""How much of a stated rate is used."""

from hypothesis import given
from hypothesis import strategies as st

from aiotables.core.limits import Rate
from aiotables.provision.margin import aimed_at


@given(
    limit=st.integers(1, 500),
    delays=st.lists(st.floats(0, 0.02), min_size=1, max_size=50),
)
def test_no_second_sees_too_many(limit: int, delays: list[float]) -> None:
    """Requests of which some are up to 20 ms late stay within what a service takes in any second of its own."""
    rate = Rate(interval=1 / aimed_at(limit))
    arrivals = sorted(rate.reserve(0.0) + delays[n % len(delays)] for n in range(2 * limit + 2))

    assert all(later - first >= 1.0 for first, later in zip(arrivals, arrivals[limit:], strict=False))


@given(limit=st.floats(0.01, 10_000))
def test_most_of_it_is_used(limit: float) -> None:
    """The margin costs no more than three in a hundred."""
    assert 0.97 * limit <= aimed_at(limit) < limit
