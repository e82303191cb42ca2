"""When the work on a table has ended: pure, since the service has no call that reads a run."""

from collections.abc import Callable
from typing import Self

from aiotables.core.classes import define, frozen
from aiotables.extruct._generated.models import RunStatus, TableHeaderWithStatus, TableStatus


@frozen(kw_only=True)
class Finished:
    """A table in which no work goes on."""

    table: TableHeaderWithStatus
    cells_done: int
    """Cells that have a value, those of input columns not counted."""

    cells: int
    """Cells that could have one."""

    @property
    def cells_without_value(self) -> int:
        """
        Cells that failed or were never worked on.

        The service does not count the failed ones; their `status` in the table's data tells.
        """
        return max(self.cells - self.cells_done, 0)

    @classmethod
    def of(cls, table: TableHeaderWithStatus) -> Self:
        """What a table's status says."""
        status = table.status
        return cls(table=table, cells_done=status.num_cells_completed or 0, cells=all_cells(status))


def all_cells(status: TableStatus) -> int:
    """Cells that work could be done on."""
    return (status.num_rows or 0) * (status.num_output_columns or 0)


@define(kw_only=True)
class IdleRule:
    """
    Whether a table is idle, from one look after the other.

    Between the acceptance of a run and its first cell the table may still read idle (inferred), so where work is expected
    a first idle is not trusted until there was work to see, all cells have a value, or the patience is over.
    """

    expecting: bool
    """Whether work was started that may not be seen yet."""

    refills: bool = False
    """Whether the work is on cells that have a value already, so that all having one says nothing."""

    patience: float
    """Seconds."""

    now: Callable[[], float]
    """Seconds from an arbitrary point."""

    _began: float | None = None
    _first_done: int | None = None
    _seen_work: bool = False

    def is_idle(self, status: TableStatus) -> bool:
        """Take one look in, and say whether the work has ended."""
        now = self.now()
        began = self._began = now if self._began is None else self._began
        done = status.num_cells_completed or 0
        first = self._first_done = done if self._first_done is None else self._first_done

        if status.run_status is not RunStatus.IDLE or status.num_cells_in_progress:
            self._seen_work = True
            return False

        # A table whose cells are not counted reads as one that has none.
        is_full = 0 < all_cells(status) <= done and not self.refills
        worked = self._seen_work or done != first or is_full
        return not self.expecting or worked or now - began >= self.patience
