"""Deleting one thing, where the service does not do what it says."""

from pathlib import Path
from typing import Any, cast

import pytest
from attrs import frozen

from aiotables.core.clock import SystemClock
from aiotables.core.errors import CallError, NoReply, NotSent
from aiotables.core.record import CallRecord
from aiotables.core.settle import Sent
from aiotables.extruct.operations import DELETE_TABLE
from aiotables.provision.journal import Intent, Made, Outcome, OutcomeKind, SqliteJournal
from aiotables.provision.removing.carrying import Carrier
from aiotables.provision.removing.deletion import Deletion, Look, Ours, Remover
from aiotables.provision.removing.events import Fate


RECORD = CallRecord(operation="extruct.delete_table", attempts=())


@frozen
class Client:
    """Says that all is done."""

    def describe(self, operation: Any, *, path: Any, at: float) -> Sent:  # noqa: ANN401 -- nobody reads it
        """What is sent."""
        return Sent(operation=operation.name, path=path, first_sent_at=at, last_sent_at=at)

    error: CallError | None = None

    async def send(self, *_: object, **__: object) -> None:
        """Do nothing."""
        if self.error is not None:
            raise self.error


@frozen
class Idle:
    """A remover whose service says that it deletes, and does not."""

    client: Client

    async def look(self, made: Made) -> Look:
        """It is there, and ours."""
        return Ours((Deletion(operation=DELETE_TABLE, path={"table_id": made.table_id}),))

    async def is_gone(self, step: str, table_id: str) -> bool:
        """It is still there."""
        return False


@pytest.mark.parametrize(
    ("error", "fate", "reason"),
    [
        (None, Fate.FAILED, "the deletion was answered, and it is still there"),
        (NotSent("no network", record=RECORD), Fate.FAILED, "extruct.delete_table: no network"),
        (NoReply("lost", record=RECORD), Fate.UNKNOWN, "extruct.delete_table: lost"),
    ],
)
async def test_not_deleted(tmp_path: Path, error: CallError | None, fate: Fate, reason: str) -> None:
    """
    When the deletion is answered and the table can still be read, or was never sent, it failed; when all replies were lost,
    nobody knows. The journal has the table as made in each case.
    """
    async with SqliteJournal.open(tmp_path) as journal:
        run = await journal.begin_run("m.yaml", "0")
        names: dict[str, Any] = {"run_id": run.run_id, "target": "crm", "key": "a", "step": "create"}
        intent = Intent(**names, at=1.0, detail={"sent": {}})
        outcome = Outcome(**names, at=2.0, outcome=OutcomeKind.CREATED, remote_id="7")
        await journal.intent(intent)
        await journal.outcome(outcome)
        carrier = Carrier(
            {"crm": cast("Remover", Idle(Client(error)))}, journal, run_id=run.run_id, clock=SystemClock()
        )

        removed = await carrier.remove(Made(intent=intent, outcome=outcome))

        assert fate == removed.fate
        assert reason in removed.reason
        steps = await journal.steps("crm", "a")
        assert [OutcomeKind.CREATED, OutcomeKind(fate.value)] == [state.outcome for state in steps.values()]
