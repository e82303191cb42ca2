"""Ids that ZangTable makes."""

import re

from aiotables.emulator import ManualClock
from aiotables.emulator.zangtable.ids import new_id


def test_the_documented_form(clock: ManualClock) -> None:
    """Prefix, time to the microsecond, twelve letters or digits, and no two alike."""
    clock.advance(0.123456)
    first, second = new_id("req", clock), new_id("req", clock)

    assert re.fullmatch(r"req_20260602T012345_123456Z_[0-9a-z]{12}", first)
    assert first != second
