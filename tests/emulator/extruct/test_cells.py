"""Cells over time."""

import pytest

from aiotables.emulator.extruct.cells import Work, cell


AGENT = {"kind": "agent", "key": "a", "value": {}}


@pytest.mark.parametrize("failed", [False, True])
@pytest.mark.parametrize(
    ("now", "status"), [(9.9, "requested"), (10.0, "pending"), (19.9, "pending"), (20.0, "done")]
)
def test_a_cell_goes_on_with_the_clock(now: float, status: str, *, failed: bool) -> None:
    """Requested, pending, done or failed; a value at a good end alone."""
    found = cell(AGENT, Work(starts=10.0, done=20.0, failed=failed, subject="x"), now)

    assert (status if status != "done" or not failed else "failed") == found["status"]
    assert ("done" == found["status"]) is (found["value"] is not None)
    assert {"status", "value"} == found.keys()
