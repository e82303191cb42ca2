"""A manifest, the clients that it needs, and the journal of what was done with it: what plans and runs begin with."""

import os
import weakref
from collections import Counter
from collections.abc import AsyncGenerator, AsyncIterator, Iterable, Iterator, Mapping
from contextlib import AsyncExitStack, ExitStack, aclosing, asynccontextmanager, suppress
from functools import cached_property
from hashlib import blake2b
from pathlib import Path
from types import TracebackType
from typing import Self

from aiotables.core.client import ApiClient
from aiotables.core.clock import SYSTEM_CLOCK, Clock
from aiotables.provision.apply import Apply, Confirm
from aiotables.provision.course import NO_RULES, Rules
from aiotables.provision.desired import Desired
from aiotables.provision.events import Event
from aiotables.provision.expand import count, expand
from aiotables.provision.journal import JournalHistory, JournalMissing, Record
from aiotables.provision.manifest import Manifest
from aiotables.provision.metrics import run_metrics
from aiotables.provision.opening import services_of
from aiotables.provision.places import Place, place_of
from aiotables.provision.rows import RowReader
from aiotables.provision.selection import EVERYTHING, Selection


WIDTH = 32
"""Tables worked on at once, where nothing else is said."""


class Job:
    """
    Applies a manifest without a plan before it, table by table as they are read; see `Plan` for one to look at first.

    The clients stay the caller's: they are neither opened nor closed here, and their pacing counts. What is read is kept
    in temporary files until `close()`, the end of the `with` block, or the end of the job.

    Args:
        manifest: The manifest, as `load` gives it.
        clients: A client for each target, by the target's name in the manifest.
        state: Folder of the journal, or another place of one, or a journal that is open. A folder is locked while a run
            goes on.
        selection: The tables that are meant.
        failed_rows: Folder for the rows that are refused; by default `failed-rows` in the folder of the journal.
        clock: Time.
        environ: The environment, which holds the passwords of projects that are to be made.

    Raises:
        SettingsError: A target has no client, or one of another service or project.
    """

    def __init__(
        self,
        manifest: Manifest,
        clients: Mapping[str, ApiClient],
        *,
        state: Path | Record | Place,
        selection: Selection = EVERYTHING,
        failed_rows: Path | None = None,
        clock: Clock = SYSTEM_CLOCK,
        environ: Mapping[str, str] = os.environ,
    ) -> None:
        self.manifest = manifest
        self.selection = selection
        self.clock = clock
        self._place = place_of(state)
        own = state / "failed-rows" if isinstance(state, Path) else None
        self._failed_rows = failed_rows or own
        self._run: Apply | None = None
        self._stopping = False
        with ExitStack() as opened:
            rows = opened.enter_context(RowReader())
            self.services = services_of(manifest, clients, rows, environ=environ)
            for service in self.services.values():
                opened.callback(service.close)
            self.close = weakref.finalize(self, opened.pop_all().close)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def desired(self, *, noted: bool = False) -> Iterator[Desired]:
        """
        The tables that are meant, as a stream.

        Args:
            noted: Let the services note every table of the manifest, meant or not, as it is read.
        """
        tables = expand(self.manifest)
        return self.selection.of(self._noted(tables) if noted else tables)

    def _noted(self, tables: Iterable[Desired]) -> Iterator[Desired]:
        places = {name: (target.service, target.place) for name, target in self.manifest.targets.items()}
        # Two targets may lead to one project: what is wanted of one is no stranger to the other.
        near = {
            name: [self.services[other] for other in places if places[other] == place]
            for name, place in places.items()
        }
        for desired in tables:
            for service in near[desired.target]:
                service.want(desired)
            yield desired

    @cached_property
    def totals(self) -> Mapping[str, int]:
        """
        How many tables are meant, by target; counted once.

        Raises:
            SettingsError: A glob of the selection matches no table.
        """
        if self.selection.is_everything:
            counts = count(self.manifest)
        else:
            counts = Counter(desired.target for desired in self.selection.check(expand(self.manifest)))
        return {target: counts[target] for target in self.manifest.targets}

    async def apply(
        self,
        *,
        width: int = WIDTH,
        refresh: bool = True,
        rules: Rules = NO_RULES,
        confirm: Confirm | None = None,
    ) -> AsyncGenerator[Event, None]:
        """
        Make what is missing.

        Leaving the loop over the events early ends the run at once; `stop()` lets it finish what is under way.

        Args:
            width: Tables worked on at once, over all targets.
            refresh: Whether to read first what is there; not needed again right after a plan was made.
            rules: How carefully to go: a canary, waves, how many may fail, limits.
            confirm: Asked after the canary whether to go on; without it the run stops there.

        Yields:
            What happens; the last event is `RunEnded`.

        Raises:
            CallError: A target cannot be read; nothing was made.
            JournalLocked: Another run is going on.
            JournalError: The journal cannot be written; what is under way stays open in it, for the next run.
        """
        totals, metrics = self.totals, run_metrics()
        async with self._place.write(self.manifest.name) as journal:
            run = self._run = Apply(
                self.services,
                journal,
                clock=self.clock,
                width=width,
                rules=rules,
                confirm=confirm,
                failed_rows=self._failed_rows,
            )
            if self._stopping:
                run.stop()
            events = run.run(
                self.desired(),
                manifest=str(self.manifest.path),
                digest=files_digest(self.manifest.files),
                totals=totals,
                refresh=refresh,
                again=self.desired,
            )
            async with aclosing(events):
                async for event in events:
                    if metrics is not None:
                        metrics(event)
                    yield event

    def stop(self) -> None:
        """Begin no new table; those under way are finished and journalled, and the run ends as `interrupted`."""
        self._stopping = True
        if self._run is not None:
            self._run.stop()

    @asynccontextmanager
    async def reading(self) -> AsyncIterator[JournalHistory | None]:
        """The journal, to look into; `None` before the first run."""
        async with AsyncExitStack() as opened:
            journal: JournalHistory | None = None
            with suppress(JournalMissing):
                journal = await opened.enter_async_context(self._place.read(self.manifest.name))
            yield journal


def files_digest(files: Iterable[Path]) -> str:
    """A hash of what files hold together."""
    digest = blake2b(digest_size=16)
    for file in files:
        with file.open("rb") as stream:
            while piece := stream.read(1 << 20):
                digest.update(piece)
        digest.update(b"\0")
    return digest.hexdigest()
