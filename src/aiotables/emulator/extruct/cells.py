"""Cells that fill themselves: their states over time. Pure."""

from collections.abc import Mapping
from typing import Any

from attrs import frozen

from aiotables.emulator.extruct.answers import value_of


@frozen
class Work:
    """When one cell is worked on, in Unix seconds, for whom, and how it ends."""

    starts: float
    done: float
    failed: bool = False
    subject: str = ""
    """What the row was about when the cell was requested."""

    def status(self, now: float) -> str:
        """`requested`, then `pending`, then `done` or `failed`: the words that the vendor's software knows."""
        if now >= self.done:
            return "failed" if self.failed else "done"

        return "pending" if now >= self.starts else "requested"


def cell(config: Mapping[str, Any], work: Work, now: float) -> dict[str, Any]:
    """
    The cell of a column at a time.

    Args:
        config: The column's config.
        work: When the cell is worked on.
        now: The time.
    """
    status = work.status(now)
    return {"status": status, "value": value_of(config, work.subject) if status == "done" else None}
