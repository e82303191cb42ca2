"""What became of a run whose reply was lost, as the cells of its table tell."""

from types import SimpleNamespace
from typing import Any, cast

import pytest

from aiotables.core.errors import NotFound
from aiotables.core.record import CallRecord
from aiotables.core.settle import Existed, Found, NotThere, Sent, SettlePolicy, Unclear, Verdict
from aiotables.extruct._generated import operations
from aiotables.extruct._generated.models import RunStatus, TableStatus
from aiotables.provision.runs import started_run


SENT = Sent(operation="extruct.run_table", path={"table_id": "t"}, first_sent_at=1.0, last_sent_at=1.0)


def judged(*, completed: int, in_progress: int = 0, rows: int = 2, running: bool = False) -> Verdict:
    """The verdict on a table of so many rows with three columns of agents."""
    status = TableStatus(
        num_columns=4,
        run_status=RunStatus.RUNNING if running else RunStatus.IDLE,
        num_rows=rows,
        num_output_columns=3,
        num_cells_completed=completed,
        num_cells_in_progress=in_progress,
    )
    settling = started_run(SENT, SettlePolicy())
    look = next(settling)
    assert operations.GET_TABLE is look.operation
    assert {"table_id": "t"} == look.path
    with pytest.raises(StopIteration) as stop:
        settling.send(SimpleNamespace(value=SimpleNamespace(status=status)))
    return cast("Verdict", stop.value.value)


@pytest.mark.parametrize(("completed", "in_progress"), [(6, 0), (0, 6), (2, 4), (9, 0)])
def test_all_cells_are_seen_to(completed: int, in_progress: int) -> None:
    """Where each cell is done or worked on, the run is there."""
    found = judged(completed=completed, in_progress=in_progress)

    assert isinstance(found, Found)
    assert "all 6 cells are done or worked on" == found.how


@pytest.mark.parametrize(("in_progress", "running"), [(2, False), (2, True), (0, True)])
def test_some_cells_are_worked_on(in_progress: int, *, running: bool) -> None:
    """Where some cells are worked on and others not, it may be another run, and the next look may tell."""
    unclear = judged(completed=1, in_progress=in_progress, running=running)

    assert isinstance(unclear, Unclear)
    assert unclear.may_change


@pytest.mark.parametrize("completed", [0, 5])
def test_nothing_is_worked_on(completed: int) -> None:
    """Where cells are left and nothing is worked on, the run is as good as not there."""
    assert NotThere() == judged(completed=completed)


def test_table_without_rows() -> None:
    """Where no rows are seen yet, nothing can be told from them."""
    assert NotThere() == judged(completed=0, rows=0)


def test_table_that_is_gone() -> None:
    """A table that is gone was not run."""
    settling: Any = started_run(SENT, SettlePolicy())
    next(settling)

    with pytest.raises(StopIteration) as stop:
        settling.throw(NotFound("gone", record=CallRecord(operation="extruct.get_table"), status=404))

    assert isinstance(stop.value.value, Existed)
