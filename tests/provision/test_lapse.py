"""How much time has passed."""

import sys
import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from aiotables.provision.lapse import Moment, steady


SECONDS = st.floats(-1e9, 1e9)


@given(steady=SECONDS, wall=SECONDS, slept=st.floats(0, 1e6), set_forward=st.floats(-1e6, 1e6))
def test_the_longer_counts(steady: float, wall: float, slept: float, set_forward: float) -> None:
    """No less time is told than passed by the steady clock, nor than by that of the day; one set back changes nothing."""
    later = Moment(steady + slept, wall + slept + set_forward)

    passed = Moment(steady, wall).until(later)

    assert max(slept, slept + set_forward) == pytest.approx(passed, abs=1e-3)


def test_ago() -> None:
    """A moment is no less long ago than time has passed since."""
    moment = Moment.now()
    before = time.perf_counter()
    time.sleep(0.01)
    after = time.perf_counter()

    assert after - before <= moment.ago() + 0.001


@pytest.mark.skipif(sys.platform != "linux", reason="only there is such a clock needed")
def test_steady_counts_in_sleep() -> None:
    """It is the clock that the system does not stop while the machine is suspended."""
    before = time.clock_gettime(time.CLOCK_BOOTTIME)

    assert before <= steady() <= time.clock_gettime(time.CLOCK_BOOTTIME)
