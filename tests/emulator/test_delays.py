"""How long delays take."""

from random import Random
from statistics import fmean, median

import pytest
from hypothesis import given
from hypothesis import strategies as st

from aiotables.emulator.delays import LONGEST, Delay


@pytest.mark.parametrize(
    ("value", "delay"),
    [
        (0.2, Delay("fixed", 0.2)),
        (2, Delay("fixed", 2.0)),
        ("0.2", Delay("fixed", 0.2)),
        ("uniform,0.1,0.5", Delay("uniform", 0.1, 0.5)),
        ("normal,0.2,0.05", Delay("normal", 0.2, 0.05)),
        ("lognormal,0.2,0.5", Delay("lognormal", 0.2, 0.5)),
        (Delay("fixed", 1.0), Delay("fixed", 1.0)),
    ],
)
def test_a_delay_is_read(value: Delay | str | float, delay: Delay) -> None:
    """A number is a fixed time; a distribution is named before its numbers. What is written is read again."""
    assert delay == Delay.of(value) == Delay.of(str(delay))


@pytest.mark.parametrize(
    ("value", "says"),
    [
        ("soon", "a delay is a number of seconds"),
        ("nan", "a delay is a number of seconds"),
        (True, "a delay is a number of seconds"),
        (None, "a delay is a number of seconds"),
        ("uniform,1,many", "not 'many'"),
        ("unifrom,1,2", "no distribution is named 'unifrom' (did you mean uniform?)"),
        ("uniform,1", "uniform takes 2 numbers"),
        ("-1", "between 0 and 86400 seconds, not at -1"),
        ("normal,1,-1", "between 0 and 86400 seconds, not at -1"),
        ("1e9", "between 0 and 86400 seconds"),
    ],
)
def test_what_is_no_delay(value: str, says: str) -> None:
    """The message says what is wrong."""
    with pytest.raises(ValueError, match=r"delay|distribution|takes") as caught:
        Delay.of(value)

    assert says in str(caught.value)


@given(
    kind=st.sampled_from(["fixed", "uniform", "normal", "lognormal"]),
    first=st.floats(0, LONGEST),
    second=st.floats(0, LONGEST),
    seed=st.integers(),
)
def test_a_time_is_never_out_of_range(kind: str, first: float, second: float, seed: int) -> None:
    """Whatever the distribution, the time is one that can be waited for."""
    assert 0 <= Delay(kind, first, second).seconds(Random(seed)) <= LONGEST  # type: ignore[arg-type]  # noqa: S311 - repeatable


@pytest.mark.parametrize(
    ("delay", "middle"),
    [
        (Delay("fixed", 3.0), 3.0),
        (Delay("uniform", 1.0, 2.0), 1.5),
        (Delay("normal", 2.0, 0.1), 2.0),
        (Delay("lognormal", 0.2, 0.5), 0.2),
    ],
)
def test_times_are_spread_as_named(delay: Delay, middle: float) -> None:
    """Half of the times are shorter than the middle; for all but the lognormal it is the mean, too."""
    random = Random(7)  # noqa: S311 - repeatable
    times = [delay.seconds(random) for _ in range(4000)]

    assert middle == pytest.approx(median(times), rel=0.05)
    assert delay.kind == "lognormal" or middle == pytest.approx(fmean(times), rel=0.05)
