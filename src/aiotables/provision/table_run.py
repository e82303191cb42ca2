"""
Carrying out one table: what earlier runs left open is settled; what is missing is planned; each missing step is sent with
an intent in the journal before it and an outcome after it.
"""

from collections.abc import Awaitable, Callable, Mapping
from contextlib import AbstractAsyncContextManager
from pathlib import Path
from typing import Any, Final

from attrs import evolve

from aiotables.core.classes import define, field, frozen, values_by_name
from aiotables.core.clock import Clock
from aiotables.core.errors import (
    AiotablesError,
    BadRequest,
    CallError,
    Conflict,
    OutcomeUnknown,
    ReplyNotUnderstood,
    RequestError,
    ValidationFailed,
)
from aiotables.core.settle import Sent
from aiotables.provision.ahead import Known
from aiotables.provision.batches import PREFIX
from aiotables.provision.desired import Desired, TableKey
from aiotables.provision.events import Event, RowsFailed, Settling, TableDone
from aiotables.provision.failed_rows import FailedRows
from aiotables.provision.journal import Intent, Journal, Outcome, OutcomeKind, StepState
from aiotables.provision.problems import ManifestError
from aiotables.provision.settings import wanted_settings
from aiotables.provision.steps import (
    CREATE,
    WITH_PROJECT,
    Action,
    Service,
    Step,
    TablePlan,
    made,
    same_digest,
)
from aiotables.provision.verdicts import Left, judge, left_open


TRIES: Final = 3
"""Sendings of one step in one run, each after a settled "not there"."""

BAD: Final = frozenset({OutcomeKind.FAILED, OutcomeKind.UNKNOWN})


@frozen(kw_only=True)
class Surroundings:
    """What all tables of a run share."""

    run_id: str
    journal: Journal
    clock: Clock

    opened_at: float
    """Whatever earlier runs had under way ended before this moment: they no longer hold the journal. Unix seconds."""

    tell: Callable[[Event], Awaitable[None]]

    aside: Callable[[], AbstractAsyncContextManager[None]]
    """A block in which the table has to wait, and its place goes to another one."""

    failed_rows: Path | None
    """Folder for rows that are refused; in it each run has one of its own."""


@frozen
class Ended:
    """How one step, or one table, ended."""

    outcome: OutcomeKind
    reason: str = ""
    table_id: str | None = None

    refused: bool = False
    """Whether the service takes exception to what was sent, and may take another body."""


@define
class TableRun:
    """One table while it is worked on."""

    desired: Desired
    _service: Service
    _run: Surroundings

    _needed: TableKey | None = None
    """What it depends on and is not as desired."""

    table_id: str | None = None
    steps: int = 0

    found: str | None = None
    """How something was found whose reply was lost; `None` when nothing was."""

    bad_rows: list[str] = field(factory=list[str])
    """Why batches of rows were refused."""

    async def finish(self, known: Known) -> Ended:
        """
        Settle what is open, see what the table needs, and do it.

        Args:
            known: What the journal has of the table.

        Raises:
            JournalError: The journal cannot be written; what is under way stays open in it.
        """
        desired = self.desired
        still_open = [(name, state) for name, state in known.items() if state.is_open]
        for name, state in still_open:
            ended = await self._settle_open(name, state)
            # One that failed did nothing; what the table needs now is seen below.
            if ended.outcome is OutcomeKind.UNKNOWN:
                return ended
        if still_open:
            known = await self._run.journal.steps(desired.target, desired.key)
        try:
            plan = await self._service.plan(desired, known)
            return await self._carry_out(plan, known)
        except (CallError, ManifestError) as error:
            return Ended(OutcomeKind.FAILED, str(error))

    async def _carry_out(self, plan: TablePlan, known: Mapping[str, StepState]) -> Ended:
        self.table_id = plan.table_id
        if plan.action is Action.CONFLICT:
            return Ended(OutcomeKind.FAILED, plan.reason)
        needed = self._needed
        if needed is not None and plan.action is not Action.UNCHANGED:
            return Ended(OutcomeKind.FAILED, f"depends on {needed}, which is not as desired")

        for step in plan.steps:
            if self.bad_rows and not step.name.startswith(PREFIX):
                break
            ended = await self._step(step)
            if ended.refused and step.name.startswith(PREFIX):
                await self._keep_rows(step, ended)
            elif ended.outcome in BAD:
                return ended
            self.table_id = ended.table_id or self.table_id
        if self.bad_rows:
            return Ended(OutcomeKind.FAILED, _refusals(self.bad_rows))

        if plan.action is not Action.CREATE:
            await self._note_table(known)
        if self.found is not None:
            return Ended(OutcomeKind.ADOPTED, self.found)
        unchanged = plan.action is Action.UNCHANGED and not self._came_with_project(known)
        return Ended(OutcomeKind.UNCHANGED if unchanged else OutcomeKind.CREATED, plan.reason)

    def _came_with_project(self, known: Mapping[str, StepState]) -> bool:
        """Whether this run made the table when it made the project."""
        state = known.get(CREATE)
        return state is not None and state.run_id == self._run.run_id and WITH_PROJECT in state.detail

    async def _keep_rows(self, step: Step, ended: Ended) -> None:
        """Keep the rows of a batch that was refused; the other batches are sent all the same."""
        desired, file = self.desired, None
        if self._run.failed_rows is not None:
            file = str(FailedRows(self._run.failed_rows / self._run.run_id).add(desired, step.body))
        self.bad_rows.append(ended.reason)
        failed = RowsFailed(
            target=desired.target,
            key=desired.key,
            step=step.name,
            rows=len(step.body.rows),
            file=file,
            reason=ended.reason,
        )
        await self._run.tell(failed)

    async def _note_table(self, known: Mapping[str, StepState]) -> None:
        """Journal the digest of a table that is as desired, so that the next run need not read its columns."""
        same = made(known, CREATE) and known[CREATE].remote_id == self.table_id
        if not (same and same_digest(known, self.desired)):
            kind = known[CREATE].outcome if same else None
            ended = Ended(kind or OutcomeKind.UNCHANGED, table_id=self.table_id)
            await self._write(CREATE, ended, table_facts(self.desired))

    async def _step(self, step: Step) -> Ended:
        client = self._service.client
        path = step.path_with(self.table_id)
        facts = self._facts(step)
        lost: Sent | None = None
        for _ in range(TRIES):
            self.steps += 1
            sent = await self._write_intent(step, path, facts)
            try:
                reply = await client.send(step.operation, body=step.body, path=path, settle=False)
            except OutcomeUnknown as error:
                ended = await self._settle_lost(step, error.sent, str(error), facts)
                if ended.outcome is not OutcomeKind.ABSENT:
                    return ended
                lost = lost or error.sent
            except ReplyNotUnderstood as error:
                # The service says that it is done: whatever is found, it is not sent again.
                return await self._settle_lost(
                    step, sent, str(error), {**facts, "answered": not step.repeats}
                )
            except (CallError, RequestError) as error:
                if lost is not None and isinstance(error, Conflict):
                    # What is in the way may be what the lost call made, later than it was looked for.
                    both = evolve(sent, first_sent_at=lost.first_sent_at)
                    ended = await self._settle_lost(step, both, str(error), facts)
                    if ended.outcome in {OutcomeKind.ADOPTED, OutcomeKind.UNKNOWN}:
                        return ended
                return await self._write(step.name, _refused(step, error), facts)
            else:
                table_id = self._service.table_id(step.name, reply.value)
                ended = Ended(_made_by(step), table_id=table_id)
                return await self._write(step.name, ended, facts)
        reason = f"{step.name}: sent {TRIES} times; each reply was lost, and each time nothing had been made"
        return await self._write(step.name, Ended(OutcomeKind.FAILED, reason), facts)

    async def _settle_lost(self, step: Step, sent: Sent, why: str, facts: Mapping[str, Any]) -> Ended:
        # The grace begins when the reply is given up: a service that was silent until then may still be at work.
        sent = evolve(sent, last_sent_at=self._run.clock.now())
        return await self._settle(step.name, Left(sent=sent, facts=facts), why)

    async def _settle_open(self, name: str, state: StepState) -> Ended:
        """Find out what became of a step that an earlier run left open."""
        left = left_open(state, opened_at=self._run.opened_at)
        return await self._settle(name, left, "an earlier run ended without its outcome")

    async def _settle(self, name: str, left: Left, why: str) -> Ended:
        desired = self.desired
        await self._run.tell(Settling(target=desired.target, key=desired.key, step=name, reason=why))
        async with self._run.aside():
            verdict = await self._service.settle(name, left.sent)
        judged = judge(self._service, name, verdict, left, why=why)
        if judged.outcome is OutcomeKind.ADOPTED:
            self.found = judged.reason
        ended = Ended(judged.outcome, judged.reason, judged.table_id)
        return await self._write(name, ended, judged.detail)

    async def _write_intent(self, step: Step, path: Mapping[str, str], facts: Mapping[str, Any]) -> Sent:
        desired = self.desired
        client = self._service.client
        now = self._run.clock.now()
        sent = client.describe(step.operation, body=step.body, path=path, at=now)
        intent = Intent(
            run_id=self._run.run_id,
            target=desired.target,
            key=desired.key,
            step=step.name,
            at=now,
            detail={**facts, "sent": values_by_name(sent)},
        )
        await self._run.journal.intent(intent)
        return sent

    async def _write(self, name: str, ended: Ended, facts: Mapping[str, Any]) -> Ended:
        desired = self.desired
        outcome = Outcome(
            run_id=self._run.run_id,
            target=desired.target,
            key=desired.key,
            step=name,
            at=self._run.clock.now(),
            outcome=ended.outcome,
            remote_id=ended.table_id,
            detail={**facts, "reason": ended.reason} if ended.reason else facts,
        )
        await self._run.journal.outcome(outcome)
        return ended

    def _facts(self, step: Step) -> dict[str, Any]:
        """What the journal holds of a step beside what settling needs."""
        if step.name == CREATE:
            return {**table_facts(self.desired), **step.facts}
        return {"digest": self.desired.digest, "table": self.table_id, **step.facts}

    def done(self, ended: Ended) -> TableDone:
        """The event that tells how the table ended."""
        return TableDone(
            target=self.desired.target,
            key=self.desired.key,
            outcome=ended.outcome,
            steps=self.steps,
            reason=ended.reason,
            origin=self.desired.origin,
        )


def table_facts(desired: Desired) -> dict[str, Any]:
    """What later runs compare the table by."""
    settings = wanted_settings(desired)
    return {"digest": desired.digest, **({"settings": settings} if settings else {})}


def _made_by(step: Step) -> OutcomeKind:
    # What only replaces something makes nothing that a rollback could delete.
    return OutcomeKind.UNCHANGED if step.repeats else OutcomeKind.CREATED


def _refused(step: Step, error: AiotablesError) -> Ended:
    if step.may_exist and isinstance(error, Conflict):
        return Ended(OutcomeKind.UNCHANGED, str(error))
    return Ended(OutcomeKind.FAILED, str(error), refused=isinstance(error, (BadRequest, ValidationFailed)))


def _refusals(reasons: list[str]) -> str:
    more = f", and {len(reasons) - 1} more" if len(reasons) > 1 else ""
    return f"rows were refused: {reasons[0]}{more}"
