"""The machine's clock."""

import time

import pytest

from aiotables.core.clock import Clock, SystemClock


def test_now() -> None:
    """It tells Unix time."""
    assert pytest.approx(time.time(), abs=60) == SystemClock().now()


def test_monotonic() -> None:
    """It has a second hand that never goes back."""
    clock = SystemClock()

    assert clock.monotonic() <= clock.monotonic()


async def test_sleep() -> None:
    """Sleeping takes at least about as long as was asked for."""
    clock: Clock = SystemClock()
    before = clock.monotonic()

    await clock.sleep(0.01)

    assert clock.monotonic() - before > 0.005
