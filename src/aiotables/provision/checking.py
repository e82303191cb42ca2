"""What is there, compared with what a manifest asks for and a journal knows, by reading the services."""

import enum
from collections import Counter
from collections.abc import AsyncGenerator, AsyncIterator, Mapping
from typing import ClassVar, TypeAlias

from aiotables.core.classes import frozen
from aiotables.provision.desired import MARKER, Desired, ZangTableSpec, identity
from aiotables.provision.job import Job
from aiotables.provision.journal import JournalHistory, StepState
from aiotables.provision.keys import Keys
from aiotables.provision.listing import NotListed, There, listed
from aiotables.provision.new_project import ProjectUnknown, new_projects
from aiotables.provision.planning import plans
from aiotables.provision.steps import CREATE, Action, TablePlan, made, same_digest


class Condition(enum.StrEnum):
    """How a table is."""

    AS_DESIRED = "as_desired"
    """There once, with all that the manifest asks for."""

    MISSING = "missing"
    """Not there. Of `drift`: though a run made or found it; somebody deleted it."""

    CHANGED = "changed"
    """There, and not as desired. Of `drift`: though a run left it so; somebody changed it."""

    PENDING = "pending"
    """Of `drift`: the manifest asks for more than any run has done; `apply` does the rest."""

    ORPHAN = "orphan"
    """Of `drift`: made by a run, and no longer in the manifest."""

    UNMANAGED = "unmanaged"
    """Of `drift`: there, and neither in the manifest nor in the journal."""


@frozen(kw_only=True)
class Checked:
    """One table was looked at."""

    event: ClassVar = "checked"

    target: str
    key: str
    """Of an unmanaged table, its name."""

    condition: Condition
    table_id: str | None = None
    reason: str = ""
    origin: str = ""
    """Where the manifest asks for it."""


@frozen(kw_only=True)
class NotSeen:
    """Of a target it cannot be told which other tables there are."""

    event: ClassVar = "not_seen"

    target: str
    reason: str


@frozen(kw_only=True)
class CheckEnded:
    """Everything was looked at."""

    event: ClassVar = "check_ended"

    counts: Mapping[str, int]
    """Tables by their condition."""

    good: bool
    """Of `verify`: every table is as desired. Of `drift`: none is missing or changed."""


CheckEvent: TypeAlias = Checked | NotSeen | CheckEnded
"""Each has its name in JSON as `event`."""


async def verify(job: Job) -> AsyncGenerator[CheckEvent, None]:
    """
    Look whether every table of a manifest is there once, as desired. The journal is not asked, and nothing is changed.

    Args:
        job: The manifest and its clients.

    Raises:
        CallError: A service cannot be read.
    """
    counts: Counter[Condition] = Counter()
    await _refresh(job)
    async for plan in plans(job.desired(), job.services, None):
        checked = _checked(plan, _CONDITIONS[plan.action])
        counts[checked.condition] += 1
        yield checked
    yield _ended(counts, good=set(counts) <= {Condition.AS_DESIRED})


async def drift(job: Job, journal: JournalHistory) -> AsyncGenerator[CheckEvent, None]:
    """
    Look what somebody else changed since the last run: tables that are missing or changed, and those that the manifest does
    not ask for. Nothing is changed.

    Args:
        job: The manifest and its clients.
        journal: Of earlier runs.

    Raises:
        CallError: A service cannot be read.
        ProjectUnknown: Nobody can tell whether a project is there that is to be made.
        JournalError: The journal cannot be read.
    """
    counts: Counter[Condition] = Counter()
    await _refresh(job)
    for project in new_projects(job.services).values():
        await project.look(journal)
        if project.why_not:
            raise ProjectUnknown(project.why_not)
    with Keys() as wanted, Keys() as known:
        async for event in _all(job, journal, wanted, known):
            if isinstance(event, Checked):
                counts[event.condition] += 1
            yield event
    yield _ended(counts, good=not (counts[Condition.MISSING] or counts[Condition.CHANGED]))


async def _all(
    job: Job, journal: JournalHistory, wanted: Keys, known: Keys
) -> AsyncGenerator[Checked | NotSeen, None]:
    async for plan in plans(job.desired(), job.services, None):
        desired = plan.desired
        wanted.add(desired.target, desired.key)
        for name in _names(desired, plan.table_id):
            known.add(desired.target, name)
        steps = await journal.steps(desired.target, desired.key)
        yield _checked(plan, _drifted(plan, steps))
    async for orphan in _orphans(job, journal, wanted, known):
        yield orphan
    missing = {name for name, project in new_projects(job.services).items() if not project.is_there}
    for target in [name for name in job.services if name not in missing]:
        async for event in _unmanaged(job, target, known):
            yield event


def _drifted(plan: TablePlan, steps: Mapping[str, StepState]) -> Condition:
    condition = _CONDITIONS[plan.action]
    # What no run has left as it is desired now was not changed by others: the manifest is ahead.
    left_so = made(steps, CREATE) if condition is Condition.MISSING else same_digest(steps, plan.desired)
    return condition if left_so or condition is Condition.AS_DESIRED else Condition.PENDING


async def _orphans(job: Job, journal: JournalHistory, wanted: Keys, known: Keys) -> AsyncIterator[Checked]:
    async for each in journal.made_tables():
        if wanted.has(each.target, each.key):
            continue
        known.add(each.target, each.table_id)
        known.add(each.target, MARKER + identity(job.manifest.name, each.target, each.key))
        known.add(each.target, str(each.sent["body"].get("table_name", "")).lower())
        reason = f"made by {each.run_id}, and no longer in the manifest"
        yield Checked(
            target=each.target,
            key=each.key,
            condition=Condition.ORPHAN,
            table_id=each.table_id,
            reason=reason,
        )


async def _unmanaged(job: Job, target: str, known: Keys) -> AsyncIterator[Checked | NotSeen]:
    try:
        async for there in listed(job.services[target].client):
            if not _is_known(target, there, known):
                yield Checked(
                    target=target,
                    key=there.name,
                    condition=Condition.UNMANAGED,
                    table_id=there.table_id,
                    reason="" if there.mark is None else f"marked {there.mark}, by another manifest",
                )
    except NotListed as error:
        yield NotSeen(target=target, reason=str(error))


def _is_known(target: str, there: There, known: Keys) -> bool:
    if there.table_id is None:
        return known.has(target, there.name.lower())
    return known.has(target, there.table_id) or (there.mark is not None and known.has(target, there.mark))


def _names(desired: Desired, table_id: str | None) -> list[str]:
    """What a table may be recognised by in a list."""
    if isinstance(desired.spec, ZangTableSpec):
        return [desired.spec.name.lower()]
    return [desired.marker, *([] if table_id is None else [table_id])]


async def _refresh(job: Job) -> None:
    for service in job.services.values():
        await service.refresh()


_CONDITIONS: Mapping[Action, Condition] = {
    Action.UNCHANGED: Condition.AS_DESIRED,
    Action.CREATE: Condition.MISSING,
    Action.CHANGE: Condition.CHANGED,
    Action.CONFLICT: Condition.CHANGED,
}
"""Without a journal no table is to be settled."""


def _checked(plan: TablePlan, condition: Condition) -> Checked:
    desired = plan.desired
    return Checked(
        target=desired.target,
        key=desired.key,
        condition=condition,
        table_id=plan.table_id,
        reason=plan.reason,
        origin=desired.origin,
    )


def _ended(counts: Mapping[Condition, int], *, good: bool) -> CheckEnded:
    return CheckEnded(counts={each.value: counts.get(each, 0) for each in Condition}, good=good)
