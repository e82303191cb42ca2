"""What the journal has of each table, for people: to list, to look at, to forget, and to take over from a service."""

import enum
from collections.abc import AsyncGenerator, AsyncIterator, Iterable, Mapping
from typing import Any, ClassVar

from aiotables.core.classes import frozen
from aiotables.core.clock import Clock
from aiotables.core.errors import AiotablesError
from aiotables.provision.desired import ExtructSpec
from aiotables.provision.job import Job, files_digest
from aiotables.provision.journal import (
    INTENT,
    Intent,
    Journal,
    JournalHistory,
    Outcome,
    OutcomeKind,
    Record,
    StepState,
)
from aiotables.provision.planning import plans
from aiotables.provision.steps import CREATE, PROJECT, PROJECT_KEY, Action, TablePlan, made
from aiotables.zangtable import ZangTable


@frozen(kw_only=True)
class Entry:
    """What the journal has of one table; or of a project, whose key is empty."""

    event: ClassVar = "entry"

    target: str
    key: str
    table_id: str | None

    state: str
    """The outcome of its creation; `intent` when it has none, and `-` when there is no creation."""

    steps: Mapping[str, str]
    """The state of each step."""


class NotInJournal(AiotablesError):
    """
    The journal has nothing of a table.

    Attributes:
        target: Name of the target.
        key: Key of the table.
    """

    def __init__(self, target: str, key: str) -> None:
        super().__init__(
            f"The journal has nothing of {target}/{key}; `aiotables state list` shows what it has"
        )
        self.target = target
        self.key = key


async def entries(journal: JournalHistory) -> AsyncIterator[Entry]:
    """Each table that the journal has, by target and key."""
    async for target, key, steps in journal.tables():
        yield _entry(target, key, steps)


def _entry(target: str, key: str, steps: Mapping[str, StepState]) -> Entry:
    states = {name: str(state.outcome or INTENT) for name, state in steps.items()}
    whole = PROJECT if key == PROJECT_KEY else CREATE
    table_id = steps[whole].remote_id if whole in steps else None
    return Entry(target=target, key=key, table_id=table_id, state=states.get(whole, "-"), steps=states)


async def known(journal: JournalHistory, target: str, key: str) -> Mapping[str, StepState]:
    """
    The steps of a table.

    Raises:
        NotInJournal: There are none.
    """
    steps = await journal.steps(target, key)
    if not steps:
        raise NotInJournal(target, key)
    return steps


async def forget(journal: Record, tables: Iterable[tuple[str, str]], *, manifest: str, clock: Clock) -> None:
    """
    Take tables out of the journal's view, without touching them at the service.

    Nothing is removed from the journal: facts are added that say that each step is as good as not done. Whatever is found
    at the service later counts as found, and not as made.

    Args:
        journal: The durable record.
        tables: Target and key of each.
        manifest: Where the manifest is.
        clock: Time.

    Raises:
        NotInJournal: The journal has nothing of one; then none is forgotten.
        JournalError: The journal cannot be written.
    """
    steps = {table: await known(journal, *table) for table in tables}
    run = await journal.begin_run(manifest, "", command="forget")
    for (target, key), names in steps.items():
        for step in names:
            await journal.outcome(
                Outcome(
                    run_id=run.run_id,
                    target=target,
                    key=key,
                    step=step,
                    at=clock.now(),
                    outcome=OutcomeKind.ABSENT,
                    detail={"reason": "forgotten by hand"},
                )
            )
    await journal.end_run(run.run_id, "done")


class Taken(enum.StrEnum):
    """What became of a table of the manifest."""

    OURS = "ours"
    """It is there, and counts as made: `destroy` deletes it."""

    FOUND = "found"
    """It is there, and counts as found: `destroy` leaves it."""

    KNOWN = "known"
    """The journal has it already."""

    MISSING = "missing"
    """It is not there."""

    CONFLICT = "conflict"
    """What is there cannot be made into what the manifest asks for."""


@frozen(kw_only=True)
class Adopted:
    """One table of the manifest was looked for."""

    event: ClassVar = "adopted"

    target: str
    key: str
    taken: Taken
    table_id: str | None = None
    reason: str = ""


async def adopt(job: Job, journal: Record, *, ours: bool) -> AsyncGenerator[Adopted, None]:
    """
    Build the journal anew by looking at the services: what is there as the manifest asks for it, gets into the journal.

    Args:
        job: The manifest and its clients.
        journal: The durable record.
        ours: Whether ZangTable tables of the manifest's names, and Extruct tables that it names by id, were made for it.
            An Extruct table with the manifest's mark was, in any case.

    Raises:
        CallError: A service cannot be read.
        JournalError: The journal cannot be written.
    """
    run = await journal.begin_run(str(job.manifest.path), files_digest(job.manifest.files), command="adopt")
    for service in job.services.values():
        await service.refresh()
    async for plan in plans(job.desired(), job.services, None):
        yield await _adopt(job, journal, plan, run_id=run.run_id, ours=ours)
    await journal.end_run(run.run_id, "done")


async def _adopt(job: Job, journal: Journal, plan: TablePlan, *, run_id: str, ours: bool) -> Adopted:
    desired = plan.desired
    steps = await journal.steps(desired.target, desired.key)
    if plan.action is Action.CONFLICT:
        return _adopted(plan, Taken.CONFLICT)
    if plan.table_id is None:
        return _adopted(plan, Taken.MISSING)
    if made(steps, CREATE) and steps[CREATE].remote_id == plan.table_id:
        return _adopted(plan, Taken.KNOWN)

    marked = isinstance(desired.spec, ExtructSpec) and desired.spec.id is None
    facts: dict[str, Any] = {"run_id": run_id, "target": desired.target, "key": desired.key, "step": CREATE}
    if ours or marked:
        sent = await _as_sent(job, plan)
        at = float(sent["first_sent_at"])
        await journal.intent(Intent(**facts, at=at, detail={"digest": desired.digest, "sent": sent}))
    outcome = OutcomeKind.ADOPTED if ours or marked else OutcomeKind.UNCHANGED
    digest = {"digest": desired.digest} if plan.action is Action.UNCHANGED else {}
    await journal.outcome(
        Outcome(
            **facts,
            at=job.clock.now(),
            outcome=outcome,
            remote_id=plan.table_id,
            detail={**digest, "reason": "taken over from the service"},
        )
    )
    return _adopted(plan, Taken.OURS if ours or marked else Taken.FOUND)


async def _as_sent(job: Job, plan: TablePlan) -> dict[str, Any]:
    """What would stand in the journal if the table had been made by a run."""
    client = job.services[plan.desired.target].client
    at = job.clock.now()
    if isinstance(client, ZangTable):
        at = (await client.tables.get(plan.desired.name)).table.created_at.timestamp()
        body = {"table_name": plan.desired.name}
        return {**_sent("zangtable.create_table", at), "body": body}
    return {**_sent("extruct.create_table", at), "body": {"tags": [plan.desired.marker]}}


def _sent(operation: str, at: float) -> dict[str, Any]:
    return {"operation": operation, "path": {}, "first_sent_at": at, "last_sent_at": at}


def _adopted(plan: TablePlan, taken: Taken) -> Adopted:
    desired = plan.desired
    return Adopted(
        target=desired.target, key=desired.key, taken=taken, table_id=plan.table_id, reason=plan.reason
    )
