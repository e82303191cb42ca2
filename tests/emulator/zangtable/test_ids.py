"""Ids that ZangTable makes."""

import re

from aiotables.emulator import ManualClock
from aiotables.emulator.ids import Ids
from aiotables.emulator.zangtable.ids import new_id


def test_the_documented_form(clock: ManualClock) -> None:
    """Prefix, time to the microsecond, twelve letters or digits, and no two alike."""
    clock.advance(0.123456)
    ids = Ids()
    first, second = new_id("req", clock, ids), new_id("req", clock, ids)

    assert re.fullmatch(r"req_20260602T012345_123456Z_[0-9a-z]{12}", first)
    assert first != second
