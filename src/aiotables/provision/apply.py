"""
Carrying a manifest out: each desired table ends up existing once, or is reported with the reason why not.

Tables are begun as places come free, in their order, by the rules of the run; what is done for each of them is in
`table_run`. A table that has to be settled waits beside the others, in no one's place.
"""

import asyncio
import math
from collections import Counter
from collections.abc import AsyncGenerator, AsyncIterator, Awaitable, Callable, Iterable, Mapping
from contextlib import AsyncExitStack, aclosing, asynccontextmanager
from functools import cached_property
from pathlib import Path
from typing import TypeAlias

from aiotables.core.classes import define, field
from aiotables.core.clock import Clock
from aiotables.core.counting import counted
from aiotables.core.errors import CallError, SettingsError
from aiotables.core.pacing import Pacer
from aiotables.core.record import observed
from aiotables.provision.ahead import Known, chunks
from aiotables.provision.course import NO_RULES, Course, Next, Rules
from aiotables.provision.desired import Desired
from aiotables.provision.events import (
    Event,
    Progress,
    Refreshed,
    RunEnded,
    RunStarted,
    WaveDone,
)
from aiotables.provision.founding import MOST_TABLES, first_tables
from aiotables.provision.journal import Journal, OutcomeKind
from aiotables.provision.making import Making
from aiotables.provision.new_project import NewProject, new_projects
from aiotables.provision.problems import ManifestError
from aiotables.provision.removing.run import finish_open
from aiotables.provision.steps import Service
from aiotables.provision.table_run import BAD, Surroundings, TableRun
from aiotables.provision.traffic import RequestCount, Speed
from aiotables.provision.waiting import Dependencies


TOLD_EVERY = 1.0
"""Seconds between two tellings of how far a target is."""

Confirm: TypeAlias = Callable[[WaveDone], Awaitable[bool]]
"""Asked after the canary whether to go on."""

Tables: TypeAlias = Callable[[], Iterable[Desired]]
"""Gives a stream of tables, anew each time."""


@define
class _Target:
    """How far a target is."""

    total: int = 0
    done: int = 0
    told_at: float = 0.0
    requests: RequestCount = field(factory=RequestCount)

    def progress(self, name: str, pacer: Pacer) -> Progress:
        each = self.requests.total / self.done
        left = Speed.of(pacer, self.requests).seconds(math.ceil(each * (self.total - self.done)))
        return Progress(
            target=name,
            done=self.done,
            tables=self.total,
            requests=self.requests.total,
            seconds_left=left,
        )


class Apply:
    """
    One run.

    Args:
        services: By the name of their target.
        journal: The durable record; this run has it to itself.
        clock: Time.
        width: Tables worked on at once, over all targets; those that wait to be settled are not counted.
        settling: Tables that may wait to be settled at once; when more do, they keep their places and the run slows down.
        rules: How carefully to go.
        confirm: Asked after the canary whether to go on; without it the run stops there.
        failed_rows: Folder for rows that are refused; in it each run has one of its own.
        bad: The identities of tables that are not as desired: those that depend on them are not made.
    """

    def __init__(
        self,
        services: Mapping[str, Service],
        journal: Journal,
        *,
        clock: Clock,
        width: int = 32,
        settling: int = 1000,
        rules: Rules = NO_RULES,
        confirm: Confirm | None = None,
        failed_rows: Path | None = None,
        bad: Iterable[str] = (),
    ) -> None:
        self._services = services
        self._journal = journal
        self._clock = clock
        self._requests = RequestCount()
        # Whatever earlier runs had under way ended before this moment: they no longer hold the journal.
        self._opened_at = clock.now()
        self._places = asyncio.Semaphore(width)
        self._settling = asyncio.Semaphore(settling)
        self._events: asyncio.Queue[Event | None] = asyncio.Queue(maxsize=1000)
        self._counts: Counter[str] = Counter()
        self._dependencies = Dependencies(bad)
        self._course = Course(rules, total=0)
        self._confirm = confirm
        self._failed_rows = failed_rows
        self._targets: dict[str, _Target] = {}
        self._moved = asyncio.Event()
        self._began = clock.monotonic()
        self._stopping = False
        self._interrupted = False
        self._run_id = ""

    def stop(self) -> None:
        """Begin no new table; those under way are finished and journalled."""
        self._stopping = True
        self._moved.set()

    async def run(
        self,
        tables: Iterable[Desired],
        *,
        manifest: str,
        digest: str,
        totals: Mapping[str, int],
        refresh: bool = True,
        again: Tables = tuple,
    ) -> AsyncGenerator[Event, None]:
        """
        Carry the tables out.

        Args:
            tables: What is desired; read as a stream.
            manifest: Where the manifest was read from.
            digest: Its hash.
            totals: How many tables there are, by target.
            refresh: Whether the services have yet to read what is there.
            again: Gives the tables once more, from the first: those that a new project begins with.

        Raises:
            SettingsError: A project cannot be made with what is set.
            CallError: A target cannot be read; nothing was made.
            JournalError: The journal cannot be written; what is under way stays open in it.
        """
        self._began = self._clock.monotonic()
        self._course = Course(self._course.rules, total=sum(totals.values()))
        self._targets = {
            name: _Target(total=totals.get(name, 0), told_at=self._began) for name in self._services
        }
        self._run_id = (await self._journal.begin_run(manifest, digest)).run_id
        work = asyncio.create_task(self._work(tables, again, totals, refresh=refresh))
        work.add_done_callback(self._tell_end)
        try:
            while not (work.done() and self._events.empty()):
                event = await self._events.get()
                if event is not None:
                    yield event
            await work
        except (CallError, ManifestError, SettingsError):
            await self._journal.end_run(self._run_id, "failed")
            raise
        finally:
            work.cancel()
            await asyncio.wait([work])
        ending = self._ending()
        await self._journal.end_run(self._run_id, ending)
        yield RunEnded(
            run_id=self._run_id,
            ending=ending,
            counts={kind.value: self._counts[kind] for kind in _REPORTED},
            requests=self._requests.total,
            seconds=self._clock.monotonic() - self._began,
            reason=self._course.stopped or "",
        )

    def _ending(self) -> str:
        if self._interrupted:
            return "interrupted"
        if self._counts[OutcomeKind.FAILED]:
            return "failed"
        if self._counts[OutcomeKind.UNKNOWN]:
            return "unknown"
        return "done" if self._course.stopped is None else "stopped"

    async def _work(
        self, tables: Iterable[Desired], again: Tables, totals: Mapping[str, int], *, refresh: bool
    ) -> None:
        async with AsyncExitStack() as stack:
            for service in self._services.values():
                await stack.enter_async_context(service.group(self._run_id))
            stack.enter_context(observed(self._requests))
            # Before anything is listed, or a table that is about to go would look as if it stayed.
            async for _ in finish_open(self._journal, self._services, run_id=self._run_id, clock=self._clock):
                refresh = True
            await self._begin(again, totals, refresh=refresh)
            await self._all(tables)

    def _tell_end(self, _: "asyncio.Task[None]") -> None:
        """Wake who waits for an event, however the work has ended; with a full queue nobody does."""
        if not self._events.full():
            self._events.put_nowait(None)

    async def _begin(self, again: Tables, totals: Mapping[str, int], *, refresh: bool) -> None:
        tables = sum(totals.values())
        await self._events.put(RunStarted(run_id=self._run_id, tables=tables, targets=totals))
        made = {
            target
            for target, project in new_projects(self._services).items()
            if totals.get(target) and await self._may_begin() and await self._have(project, again)
        }
        for target, service in self._services.items():
            if refresh or target in made:
                await service.refresh()
                await self._events.put(Refreshed(target=target))

    async def _have(self, project: NewProject, again: Tables) -> bool:
        """Have a project there; whether something had to be done for it."""
        # Those that come with it are of the canary, or of the first wave.
        most = min(self._course.size or MOST_TABLES, MOST_TABLES)
        making = Making(
            run_id=self._run_id, journal=self._journal, clock=self._clock, opened_at=self._opened_at
        )
        made = await making.have(project, lambda: first_tables(again(), project.target.name, most=most))
        if made is not None:
            await self._events.put(made)
        return made is not None

    async def _all(self, tables: Iterable[Desired]) -> None:
        try:
            async with asyncio.TaskGroup() as group, aclosing(chunks(tables, self._journal)) as stream:
                async for chunk in stream:
                    if not await self._chunk(chunk, group):
                        break
        except ExceptionGroup as failures:
            # The first failure of the journal is the cause; the others are its echoes.
            raise failures.exceptions[0] from None
        if self._course.size is not None and self._course.done:
            await self._events.put(self._wave())

    async def _chunk(self, chunk: Iterable[tuple[Desired, Known]], group: asyncio.TaskGroup) -> bool:
        """Begin tables as places come free, and say whether more may be begun."""
        for desired, known in chunk:
            await self._dependencies.wait(desired)
            if not await self._may_begin():
                return False
            # The place is taken here and not in the task, so that tasks are only made as places come free.
            await self._places.acquire()
            # What was under way meanwhile may have been too much.
            if not await self._may_begin():
                return False
            self._course.begin()
            self._dependencies.begin(desired)
            group.create_task(self._table(desired, known))
        return True

    async def _may_begin(self) -> bool:
        while not self._stopping:
            self._moved.clear()
            seconds = self._clock.monotonic() - self._began
            match self._course.next(requests=self._requests.total, seconds=seconds):
                case Next.BEGIN:
                    return True
                case Next.STOP:
                    return False
                case Next.WAIT:
                    await self._moved.wait()
                case _:
                    await self._end_wave()
        self._interrupted = True
        return False

    async def _end_wave(self) -> None:
        wave = self._wave()
        await self._events.put(wave)
        go_on = not wave.canary or await self._may_go_on(wave)
        self._course.next_wave()
        if not go_on:
            self._course.stop(f"the canary is done: {counted(wave.tables, 'table')}")

    async def _may_go_on(self, wave: WaveDone) -> bool:
        if self._confirm is None:
            return False
        # Nothing is under way now, so that only `stop()` can move it: whoever stops the run need not answer, too.
        answer = asyncio.ensure_future(self._confirm(wave))
        stopped = asyncio.ensure_future(self._moved.wait())
        try:
            await asyncio.wait([answer, stopped], return_when=asyncio.FIRST_COMPLETED)
            return answer.done() and answer.result()
        finally:
            answer.cancel()
            stopped.cancel()

    def _wave(self) -> WaveDone:
        course = self._course
        return WaveDone(wave=course.wave, canary=course.is_canary, tables=course.done, failed=course.failed)

    async def _table(self, desired: Desired, known: Known) -> None:
        needed = self._dependencies.missing(desired)
        table = TableRun(desired, self._services[desired.target], self._surroundings, needed)
        outcome = None
        target = self._targets[desired.target]
        try:
            with observed(target.requests):
                ended = await table.finish(known)
            outcome = ended.outcome
            self._counts[outcome] += 1
            await self._events.put(table.done(ended))
            await self._tell(target, desired.target)
        finally:
            self._dependencies.end(desired, well=outcome is not None and outcome not in BAD)
            self._course.end(outcome)
            self._places.release()
            self._moved.set()

    async def _tell(self, target: _Target, name: str) -> None:
        target.done += 1
        now = self._clock.monotonic()
        if now - target.told_at >= TOLD_EVERY:
            target.told_at = now
            await self._events.put(target.progress(name, self._services[name].client.pacer))

    @cached_property
    def _surroundings(self) -> Surroundings:
        return Surroundings(
            run_id=self._run_id,
            journal=self._journal,
            clock=self._clock,
            opened_at=self._opened_at,
            tell=self._events.put,
            aside=self._aside,
            failed_rows=self._failed_rows,
        )

    @asynccontextmanager
    async def _aside(self) -> AsyncIterator[None]:
        await self._settling.acquire()
        # The place goes to another table meanwhile: a grace may be a minute long.
        self._places.release()
        try:
            yield
        finally:
            # In this order: those that wait for a place may not keep others, who hold one, from settling.
            self._settling.release()
            await self._places.acquire()


_REPORTED = (
    OutcomeKind.CREATED,
    OutcomeKind.ADOPTED,
    OutcomeKind.UNCHANGED,
    OutcomeKind.FAILED,
    OutcomeKind.UNKNOWN,
)
