"""How the lost reply to an Extruct run is settled, for a run of all cells that have no value yet."""

from aiotables.core.errors import NotFound
from aiotables.core.settle import Existed, Found, Look, NotThere, Sent, SettlePolicy, Settling, Unclear
from aiotables.extruct._generated import operations
from aiotables.extruct._generated.models import RunStatus, TableStatus


def started_run(sent: Sent, policy: SettlePolicy) -> Settling:  # noqa: ARG001 -- the form of a rule
    """
    No documented call reads a run, so what is looked at is what it was for: that each cell is done or worked on.

    When cells are left and nothing is being worked on, the run is as good as not there: one for new cells runs only those
    without a value (docs page api-reference/tables/run-table), so sending it again does nothing twice.
    """
    table_id = sent.path["table_id"]
    try:
        reply = yield Look(operation=operations.GET_TABLE, path={"table_id": table_id})
    except NotFound:
        return Existed(f"there is no table {table_id}", error=NotFound)
    status: TableStatus = reply.value.status

    cells = status.num_rows * status.num_output_columns
    begun = status.num_cells_completed + status.num_cells_in_progress
    if begun >= cells > 0:
        return Found(status, f"all {cells} cells are done or worked on")
    if status.run_status is RunStatus.RUNNING or status.num_cells_in_progress:
        return Unclear(f"{begun} of {cells} cells are done or worked on", may_change=True)
    return NotThere()
