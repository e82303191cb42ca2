"""What a manifest would change: sums to judge it by, each table to look at, and the way to carry it out."""

import os
from collections import Counter
from collections.abc import AsyncGenerator, Iterator, Mapping, Sequence
from pathlib import Path
from types import TracebackType
from typing import Self, cast

from aiotables.core.classes import define, field, frozen
from aiotables.core.client import ApiClient
from aiotables.core.clock import SYSTEM_CLOCK, Clock
from aiotables.core.record import observed
from aiotables.provision.apply import Confirm
from aiotables.provision.batches import PREFIX
from aiotables.provision.course import NO_RULES, Rules
from aiotables.provision.desired import Desired, ExtructSpec
from aiotables.provision.estimate import Estimate, Needs
from aiotables.provision.events import Event
from aiotables.provision.founding import first_tables
from aiotables.provision.items import Items, PlannedTable
from aiotables.provision.job import WIDTH, Job
from aiotables.provision.journal import Record
from aiotables.provision.manifest import Manifest
from aiotables.provision.new_project import NewProject, new_projects
from aiotables.provision.places import Place
from aiotables.provision.planning import plans
from aiotables.provision.selection import EVERYTHING, Selection
from aiotables.provision.steps import RUN, Action, TablePlan
from aiotables.provision.traffic import RequestCount, Speed
from aiotables.provision.unmanaged import list_others


@frozen(kw_only=True)
class TargetPlan:
    """What is to be done at one target."""

    tables: int = 0
    """Tables that need something."""

    new_project: str | None = None
    """The project that is made first, by one request that brings tables with it; `None` where it is there."""

    with_project: int = 0
    """Tables that it brings."""

    why_not: str = ""
    """Why nothing can be done there, and what somebody has to do first: a project's token is not known."""

    unmanaged: int | None = 0
    """Tables that are there and not in the manifest; `None` where the service shows no list of them."""

    requests: int = 0
    """Requests that make or change something."""

    rows: int = 0
    """Rows that are added."""

    cells: int = 0
    """
    Cells of those rows that agents work on; with new columns in old rows there are more. No docs page says what a cell
    costs; `Extruct.user` tells the credits that are left.
    """

    seconds: float | None = 0.0
    """
    The least that those take, by the rate, by the calls that may be in flight and by how long the answers took while the
    plan was made; `None` when nothing is known to tell it by.
    """


class Plan:
    """
    What a manifest would change, at the moment of its making.

    ```python
    plan = await Plan.make(load(Path("shop.yaml")), {"crm": zang}, state=Path("state"))
    print(plan.counts, plan.requests, plan.seconds)
    async for event in plan.apply():
        ...
    ```

    It holds sums alone; each table is in a temporary file, read again by `tables()`. Made by `Plan.make`.

    Attributes:
        job: What it was made of.
        counts: Tables by what they need.
        targets: What is to be done at each target.
        reads: Requests that were sent to make the plan.
        digest: Hash of all that it would do; two plans with the same hash do the same.
    """

    def __init__(
        self,
        job: Job,
        items: Items,
        others: Items,
        *,
        counts: Mapping[Action, int],
        targets: Mapping[str, TargetPlan],
        reads: int,
    ) -> None:
        self.job = job
        self.counts = counts
        self.targets = targets
        self.reads = reads
        self.digest = items.digest
        self._items = items
        self._others = others

    @classmethod
    async def make(
        cls,
        manifest: Manifest,
        clients: Mapping[str, ApiClient],
        *,
        state: Path | Record | Place,
        selection: Selection = EVERYTHING,
        clock: Clock = SYSTEM_CLOCK,
        environ: Mapping[str, str] = os.environ,
    ) -> Self:
        """
        Compare a manifest with what is there. Nothing is changed.

        Args:
            manifest: The manifest, as `load` gives it.
            clients: A client for each target, by the target's name in the manifest; they stay the caller's.
            state: Folder of the journal, or another place, which need not hold one yet; or a journal that is open.
            selection: The tables that are meant.
            clock: Time.
            environ: The environment, which holds the passwords of projects that are to be made.

        Raises:
            SettingsError: A client is missing or of another service or project; or no table is meant by a glob.
            CallError: A target cannot be read.
            JournalError: The journal cannot be read.
        """
        job = Job(manifest, clients, state=state, selection=selection, clock=clock, environ=environ)
        try:
            return await cls.of(job)
        except BaseException:
            job.close()
            raise

    @classmethod
    async def of(cls, job: Job) -> Self:
        """The plan of a job, by what is there now; see `make` for what it raises."""
        tallies = {target: _Tally() for target in job.totals}
        counts: Counter[Action] = Counter()
        reads = RequestCount()
        items, others = Items(), Items()
        with observed(reads):
            for target, service in job.services.items():
                with observed(tallies[target].answers):
                    await service.refresh()
            async with job.reading() as journal:
                for target, project in new_projects(job.services).items():
                    await project.look(journal)
                    tallies[target].why_not = project.why_not
                    if project.is_to_be_made and job.totals[target]:
                        tallies[target].begin_with(project, first_tables(job.desired(), target))
                async for table in plans(job.desired(noted=True), job.services, journal):
                    counts[table.action] += 1
                    items.add(tallies[table.desired.target].take(table))
                unmanaged = await list_others(job.services, journal, others)
        targets = {
            target: tally.sums(Speed.of(job.services[target].client.pacer, tally.answers), unmanaged[target])
            for target, tally in tallies.items()
        }
        planned = [action for action in Action if action is not Action.UNMANAGED]
        return cls(
            job,
            items,
            others,
            counts={action: counts[action] for action in planned},
            targets=targets,
            reads=reads.total,
        )

    @property
    def requests(self) -> int:
        """Requests that make or change something, over all targets."""
        return sum(target.requests for target in self.targets.values())

    @property
    def seconds(self) -> float | None:
        """The least that they take, in seconds: the targets are worked on at once. `None` when it is not known."""
        known = [target.seconds for target in self.targets.values() if target.seconds is not None]
        return max(known, default=0.0) if len(known) == len(self.targets) else None

    @property
    def estimate(self) -> Estimate:
        """What it takes when workers carry it out."""
        needs = Needs(self.job.manifest.targets)
        for name, target in self.targets.items():
            needs.add(name, tables=target.tables, requests=target.requests)
        return needs.estimate()

    @property
    def changes(self) -> int:
        """Tables that need something: to be made, to be completed, or to be settled first."""
        return sum(self.counts[action] for action in _IN_NEED)

    def tables(self) -> Iterator[PlannedTable]:
        """What each table needs, in the order of the manifest; read from the disk as it is asked for."""
        return iter(self._items)

    @property
    def unmanaged(self) -> int | None:
        """Tables that are there and not in the manifest; `None` when a target shows no list of them."""
        known = [target.unmanaged for target in self.targets.values() if target.unmanaged is not None]
        return sum(known) if len(known) == len(self.targets) else None

    def others(self) -> Iterator[PlannedTable]:
        """The tables that are there and not in the manifest, as far as the targets list them; they are left alone."""
        return iter(self._others)

    def apply(
        self,
        *,
        width: int = WIDTH,
        refresh: bool = True,
        rules: Rules = NO_RULES,
        confirm: Confirm | None = None,
    ) -> AsyncGenerator[Event, None]:
        """
        Make what is missing; see `Job.apply`.

        What is there is read again first, as it may have changed since; with *refresh* off it is taken to be as it was
        when the plan was made.
        """
        return self.job.apply(width=width, refresh=refresh, rules=rules, confirm=confirm)

    def stop(self) -> None:
        """Begin no new table; those under way are finished and journalled."""
        self.job.stop()

    def close(self) -> None:
        """Drop what was read, and the tables of the plan."""
        self._items.close()
        self._others.close()
        self.job.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()


@define
class _Tally:
    """Sums of one target while its tables are read."""

    answers: RequestCount = field(factory=RequestCount)
    new_project: str | None = None
    with_project: int = 0
    why_not: str = ""
    tables: int = 0
    requests: int = 0
    rows: int = 0
    cells: int = 0

    def begin_with(self, project: NewProject, tables: Sequence[Desired]) -> None:
        project.begin_with(tables)
        self.new_project, self.with_project = project.target.project, len(tables)
        self.requests += 1

    def take(self, table: TablePlan) -> PlannedTable:
        desired = table.desired
        rows, names = 0, []
        for step in table.steps:
            names.append(step.name)
            if step.name.startswith(PREFIX):
                rows += len(step.body.rows)
        steps = tuple(names)
        self.requests += len(steps)
        self.rows += rows
        if RUN in steps:
            self.cells += rows * _agents(cast("ExtructSpec", desired.spec))
        self.tables += table.action in _IN_NEED
        return PlannedTable(
            target=desired.target,
            key=desired.key,
            action=table.action,
            steps=steps,
            reason=table.reason,
            origin=desired.origin,
            digest=desired.digest,
        )

    def sums(self, speed: Speed, unmanaged: int | None) -> TargetPlan:
        return TargetPlan(
            tables=self.tables,
            new_project=self.new_project,
            with_project=self.with_project,
            why_not=self.why_not,
            unmanaged=unmanaged,
            requests=self.requests,
            rows=self.rows,
            cells=self.cells,
            seconds=speed.seconds(self.requests),
        )


def _agents(spec: ExtructSpec) -> int:
    """Columns that agents fill."""
    return sum(1 for column in spec.columns if column["kind"] != "input")


_IN_NEED = frozenset({Action.CREATE, Action.CHANGE, Action.SETTLE})
