"""A run that deletes: everything that the journal says was made, or what one run made."""

from collections import Counter
from collections.abc import AsyncGenerator, AsyncIterator, Callable, Iterator, Mapping
from contextlib import AsyncExitStack
from pathlib import Path
from typing import cast

from aiotables.core.clock import Clock
from aiotables.core.errors import AiotablesError
from aiotables.extruct import Extruct
from aiotables.provision.beside import beside
from aiotables.provision.expand import expand
from aiotables.provision.journal import Intent, Journal, JournalHistory, Made, Record
from aiotables.provision.keys import Keys
from aiotables.provision.manifest import Manifest
from aiotables.provision.new_project import NewProject, new_projects
from aiotables.provision.removing.carrying import Carrier
from aiotables.provision.removing.deletion import PREFIX, Left, Remover
from aiotables.provision.removing.events import Fate, RemovalEnded, RemovalEvent, RemovalStarted, Removed
from aiotables.provision.removing.projects import ProjectRemoval
from aiotables.provision.removing.zangtable import ZangTableRemover
from aiotables.provision.steps import CREATE, PROJECT, Service
from aiotables.zangtable import ZangTable


class RunNotFound(AiotablesError):
    """
    The journal knows no run of that id, or none at all.

    Attributes:
        run_id: What was asked for; `None` for the last run.
    """

    def __init__(self, run_id: str | None) -> None:
        known = f"The journal knows no run {run_id}; `aiotables state runs` lists them"
        super().__init__("The journal knows no run yet" if run_id is None else known)
        self.run_id = run_id


Things = Callable[[], AsyncIterator[Made]]


class Removal:
    """
    One run that deletes what earlier ones made, and nothing else: started again after a stop, it goes on.

    Args:
        services: By the name of their target.
        journal: The durable record; this run has it to itself.
        manifest: Names the tables' marks; tables that it protects are left.
        clock: Time.
        undocumented: Whether to do what the docs do not speak of: delete ZangTable tables at all, and Extruct tables on
            which others hang.
        projects: Whether to delete projects that runs made, too.
        width: Things deleted at once.
    """

    def __init__(
        self,
        services: Mapping[str, Service],
        journal: Record,
        manifest: Manifest,
        *,
        clock: Clock,
        undocumented: bool = False,
        projects: bool = False,
        width: int = 16,
    ) -> None:
        self._services = services
        self._journal = journal
        self._manifest = manifest
        self._clock = clock
        self._undocumented = undocumented
        self._projects = projects
        self._width = width
        self._stopping = False
        self._interrupted = False
        self._counts: Counter[Fate] = Counter()

    def stop(self) -> None:
        """Begin no further deletion; those under way are finished and journalled."""
        self._stopping = True

    def destroy(self, *, digest: str) -> AsyncGenerator[RemovalEvent, None]:
        """
        Delete every table that the journal says was made, those that left the manifest included.

        Args:
            digest: Hash of the manifest.

        Raises:
            JournalError: The journal cannot be written.
        """
        return self._run("destroy", digest, [self._journal.made_tables])

    async def rollback(self, run_id: str, *, digest: str) -> AsyncGenerator[RemovalEvent, None]:
        """
        Delete what one run made: its tables, and what it added to tables that were there before.

        Args:
            run_id: The run.
            digest: Hash of the manifest.

        Raises:
            RunNotFound: There is no such run.
            JournalError: The journal cannot be written.
        """
        if await self._journal.find_run(run_id) is None:
            raise RunNotFound(run_id)
        # What was added goes after the tables, since most of it goes with them.
        things: list[Things] = [
            lambda: made_by(self._journal, run_id, tables=True),
            lambda: made_by(self._journal, run_id, tables=False),
        ]
        async for event in self._run("rollback", digest, things, run_id=run_id):
            yield event

    async def _run(
        self, command: str, digest: str, passes: list[Things], *, run_id: str | None = None
    ) -> AsyncGenerator[RemovalEvent, None]:
        began = self._clock.monotonic()
        path: Path = self._manifest.path
        run = await self._journal.begin_run(str(path), digest, command=command)
        yield RemovalStarted(run_id=run.run_id, command=command)
        async with AsyncExitStack() as stack:
            for service in self._services.values():
                await stack.enter_async_context(service.group(run.run_id))
            keep = stack.enter_context(Keys(protected(self._manifest)))
            removers = removers_of(self._services, self._manifest.name, undocumented=self._undocumented)
            carrier = Carrier(removers, self._journal, run_id=run.run_id, clock=self._clock)
            finishing = finish_open(self._journal, self._services, run_id=run.run_id, clock=self._clock)
            async for event in finishing:
                yield self._counted(event)
            for project in new_projects(self._services).values():
                removal = ProjectRemoval(
                    project=project,
                    journal=self._journal,
                    carrier=carrier,
                    keep=keep,
                    allowed=self._projects,
                    run_id=run_id,
                )
                async for event in removal.events():
                    yield self._counted(event)
            for things in passes:
                async for event in self._remove(things(), carrier, keep):
                    yield self._counted(event)
        ending = self._ending()
        await self._journal.end_run(run.run_id, ending)
        yield RemovalEnded(
            run_id=run.run_id,
            ending=ending,
            counts={fate.value: self._counts[fate] for fate in Fate},
            seconds=self._clock.monotonic() - began,
        )

    async def _remove(
        self, things: AsyncIterator[Made], carrier: Carrier, keep: Keys
    ) -> AsyncGenerator[Removed, None]:
        async def one(made: Made) -> Removed:
            if keep.has(made.target, made.key):
                return left(made, "the manifest protects it")
            return await carrier.remove(made)

        async for event in beside(self._until_stopped(things), one, width=self._width):
            yield event

    async def _until_stopped(self, things: AsyncIterator[Made]) -> AsyncIterator[Made]:
        async for made in things:
            if self._stopping:
                self._interrupted = True
                return
            yield made

    def _counted(self, event: Removed) -> Removed:
        self._counts[event.fate] += 1
        return event

    def _ending(self) -> str:
        if self._interrupted:
            return "interrupted"
        if self._counts[Fate.FAILED] or self._counts[Fate.LEFT]:
            return "failed"
        return "unknown" if self._counts[Fate.UNKNOWN] else "done"


async def made_by(journal: JournalHistory, run_id: str, *, tables: bool) -> AsyncIterator[Made]:
    """The tables that a run made, or all the rest that it made but projects."""
    async for made in journal.made_by(run_id):
        if made.step != PROJECT and (made.step == CREATE) == tables:
            yield made


async def finish_open(
    journal: Journal, services: Mapping[str, Service], *, run_id: str, clock: Clock, width: int = 16
) -> AsyncGenerator[Removed, None]:
    """
    Finish the deletions that earlier runs left open: until then nobody knows whether their tables stay.

    Args:
        journal: The durable record.
        services: By the name of their target.
        run_id: The run that does it.
        clock: Time.
        width: Deletions at once.
    """

    async def finish(intent: Intent) -> Removed:
        target = {name: service for name, service in services.items() if name == intent.target}
        # What stands in the journal was looked at, and allowed, when it was written.
        removers = removers_of(target, "", undocumented=True)
        return await Carrier(removers, journal, run_id=run_id, clock=clock).finish(intent)

    async def deletions() -> AsyncIterator[Intent]:
        async for intent in journal.open_intents():
            if intent.step.startswith(PREFIX):
                yield intent

    async for event in beside(deletions(), finish, width=width):
        if event.step == PROJECT and event.fate is Fate.DELETED:
            cast("NewProject", services[event.target]).drop_token()
        yield event


def protected(manifest: Manifest) -> Iterator[tuple[str, str]]:
    """Target and key of the tables that a manifest protects."""
    if any(table.protect for table in manifest.tables):
        yield from ((desired.target, desired.key) for desired in expand(manifest) if desired.protect)


def removers_of(
    services: Mapping[str, Service], manifest: str, *, undocumented: bool
) -> dict[str, Remover | Left]:
    """What deletes at each target, or why nothing can."""
    return {name: _remover(service, manifest, undocumented) for name, service in services.items()}


def _remover(service: Service, manifest: str, undocumented: bool) -> Remover | Left:  # noqa: FBT001 -- private
    if isinstance(service, NewProject) and not service.is_there:
        # With the token of another project the service may say "not found" of anything.
        return Left(f"no token of the project {service.target.project} is known")
    client = service.client
    if isinstance(client, ZangTable):
        return ZangTableRemover(client, undocumented=undocumented)
    # With it come the models of a service that may not be used at all.
    from aiotables.provision.removing.extruct import ExtructRemover

    return ExtructRemover(cast("Extruct", client), manifest=manifest, undocumented=undocumented)


def left(made: Made, reason: str) -> Removed:
    """What is not touched."""
    return Removed(
        target=made.target,
        key=made.key,
        step=made.step,
        fate=Fate.LEFT,
        table_id=made.table_id,
        reason=reason,
    )
