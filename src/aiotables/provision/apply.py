"""
Carrying a manifest out: each desired table ends up existing once, or is reported with the reason why not.

For each table: what earlier runs left open is settled; what is missing is planned; each missing step is sent with an
intent in the journal before it and an outcome after it. A table that has to be settled waits beside the others, in no
one's place.
"""

import asyncio
import math
from collections import Counter
from collections.abc import AsyncGenerator, Awaitable, Callable, Iterable, Mapping
from contextlib import AsyncExitStack
from pathlib import Path
from typing import Any, TypeAlias

from attrs import asdict, define, evolve, field, frozen

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
from aiotables.core.pacing import Pacer
from aiotables.core.record import observed
from aiotables.core.settle import Sent
from aiotables.provision.batches import PREFIX
from aiotables.provision.course import NO_RULES, Course, Next, Rules
from aiotables.provision.desired import Desired
from aiotables.provision.events import (
    Event,
    Progress,
    Refreshed,
    RowsFailed,
    RunEnded,
    RunStarted,
    Settling,
    TableDone,
    WaveDone,
)
from aiotables.provision.failed_rows import FailedRows
from aiotables.provision.journal import Intent, Journal, Outcome, OutcomeKind, StepState
from aiotables.provision.problems import ManifestError
from aiotables.provision.removing.run import finish_open
from aiotables.provision.settings import wanted_settings
from aiotables.provision.steps import CREATE, Action, Service, Step, TablePlan, made, same_digest
from aiotables.provision.traffic import RequestCount, Speed
from aiotables.provision.verdicts import Left, judge, left_open
from aiotables.provision.waiting import Dependencies


TRIES = 3
"""Sendings of one step in one run, each after a settled "not there"."""

TOLD_EVERY = 1.0
"""Seconds between two tellings of how far a target is."""

Confirm: TypeAlias = Callable[[WaveDone], Awaitable[bool]]
"""Asked after the canary whether to go on."""


@frozen
class _Ended:
    """How one step, or one table, ended."""

    outcome: OutcomeKind
    reason: str = ""
    table_id: str | None = None

    refused: bool = False
    """Whether the service takes exception to what was sent, and may take another body."""


@define
class _Progress:
    """What is known of a table while it is worked on."""

    desired: Desired
    table_id: str | None = None
    steps: int = 0

    found: str | None = None
    """How something was found whose reply was lost; `None` when nothing was."""

    bad_rows: list[str] = field(factory=list[str])
    """Why batches of rows were refused."""


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
        self._dependencies = Dependencies()
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
    ) -> AsyncGenerator[Event, None]:
        """
        Carry the tables out.

        Args:
            tables: What is desired; read as a stream.
            manifest: Where the manifest was read from.
            digest: Its hash.
            totals: How many tables there are, by target.
            refresh: Whether the services have yet to read what is there.

        Raises:
            CallError: A target cannot be read; nothing was made.
            JournalError: The journal cannot be written; what is under way stays open in it.
        """
        self._began = self._clock.monotonic()
        self._course = Course(self._course.rules, total=sum(totals.values()))
        self._targets = {
            name: _Target(total=totals.get(name, 0), told_at=self._began) for name in self._services
        }
        self._run_id = (await self._journal.begin_run(manifest, digest)).run_id
        work = asyncio.create_task(self._work(tables, totals, refresh=refresh))
        work.add_done_callback(self._tell_end)
        try:
            while not (work.done() and self._events.empty()):
                event = await self._events.get()
                if event is not None:
                    yield event
            await work
        except (CallError, ManifestError):
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

    async def _work(self, tables: Iterable[Desired], totals: Mapping[str, int], *, refresh: bool) -> None:
        async with AsyncExitStack() as stack:
            for service in self._services.values():
                await stack.enter_async_context(service.group(self._run_id))
            stack.enter_context(observed(self._requests))
            # Before anything is listed, or a table that is about to go would look as if it stayed.
            async for _ in finish_open(self._journal, self._services, run_id=self._run_id, clock=self._clock):
                refresh = True
            await self._begin(totals, refresh=refresh)
            await self._all(tables)

    def _tell_end(self, _: "asyncio.Task[None]") -> None:
        """Wake who waits for an event, however the work has ended; with a full queue nobody does."""
        if not self._events.full():
            self._events.put_nowait(None)

    async def _begin(self, totals: Mapping[str, int], *, refresh: bool) -> None:
        tables = sum(totals.values())
        await self._events.put(RunStarted(run_id=self._run_id, tables=tables, targets=totals))
        if not refresh:
            return
        for target, service in self._services.items():
            await service.refresh()
            await self._events.put(Refreshed(target=target))

    async def _all(self, tables: Iterable[Desired]) -> None:
        try:
            async with asyncio.TaskGroup() as group:
                for desired in tables:
                    await self._dependencies.wait(desired)
                    if not await self._may_begin():
                        break
                    # The place is taken here and not in the task, so that tasks are only made as places come free.
                    await self._places.acquire()
                    # What was under way meanwhile may have been too much.
                    if not await self._may_begin():
                        break
                    self._course.begin()
                    self._dependencies.begin(desired)
                    group.create_task(self._table(desired))
        except ExceptionGroup as failures:
            # The first failure of the journal is the cause; the others are its echoes.
            raise failures.exceptions[0] from None
        if self._course.size is not None and self._course.done:
            await self._events.put(self._wave())

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
            self._course.stop(f"the canary is done: {wave.tables} tables")

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

    async def _table(self, desired: Desired) -> None:
        progress = _Progress(desired)
        outcome = None
        target = self._targets[desired.target]
        try:
            with observed(target.requests):
                ended = await self._finish(progress)
            outcome = ended.outcome
            self._counts[outcome] += 1
            await self._events.put(_done(progress, ended))
            await self._tell(target, desired.target)
        finally:
            self._dependencies.end(desired, well=outcome is not None and outcome not in _BAD)
            self._course.end(outcome)
            self._places.release()
            self._moved.set()

    async def _tell(self, target: _Target, name: str) -> None:
        target.done += 1
        now = self._clock.monotonic()
        if now - target.told_at >= TOLD_EVERY:
            target.told_at = now
            await self._events.put(target.progress(name, self._services[name].client.pacer))

    async def _finish(self, progress: _Progress) -> _Ended:
        desired = progress.desired
        known = await self._journal.steps(desired.target, desired.key)
        still_open = [(name, state) for name, state in known.items() if state.is_open]
        for name, state in still_open:
            ended = await self._settle_open(progress, name, state)
            # One that failed did nothing; what the table needs now is seen below.
            if ended.outcome is OutcomeKind.UNKNOWN:
                return ended
        if still_open:
            known = await self._journal.steps(desired.target, desired.key)
        try:
            plan = await self._services[desired.target].plan(desired, known)
            return await self._carry_out(progress, plan, known)
        except (CallError, ManifestError) as error:
            return _Ended(OutcomeKind.FAILED, str(error))

    async def _carry_out(
        self, progress: _Progress, plan: TablePlan, known: Mapping[str, StepState]
    ) -> _Ended:
        progress.table_id = plan.table_id
        if plan.action is Action.CONFLICT:
            return _Ended(OutcomeKind.FAILED, plan.reason)
        needed = self._dependencies.missing(progress.desired)
        if needed is not None and plan.action is not Action.UNCHANGED:
            return _Ended(OutcomeKind.FAILED, f"depends on {needed}, which is not as desired")

        for step in plan.steps:
            if progress.bad_rows and not step.name.startswith(PREFIX):
                break
            ended = await self._step(progress, step)
            if ended.refused and step.name.startswith(PREFIX):
                await self._keep_rows(progress, step, ended)
            elif ended.outcome in _BAD:
                return ended
            progress.table_id = ended.table_id or progress.table_id
        if progress.bad_rows:
            return _Ended(OutcomeKind.FAILED, _refusals(progress.bad_rows))

        if plan.action is not Action.CREATE:
            await self._note_table(progress, known)
        if progress.found is not None:
            return _Ended(OutcomeKind.ADOPTED, progress.found)
        unchanged = plan.action is Action.UNCHANGED
        return _Ended(OutcomeKind.UNCHANGED if unchanged else OutcomeKind.CREATED, plan.reason)

    async def _keep_rows(self, progress: _Progress, step: Step, ended: _Ended) -> None:
        """Keep the rows of a batch that was refused; the other batches are sent all the same."""
        desired, file = progress.desired, None
        if self._failed_rows is not None:
            file = str(FailedRows(self._failed_rows / self._run_id).add(desired, step.body))
        progress.bad_rows.append(ended.reason)
        failed = RowsFailed(
            target=desired.target,
            key=desired.key,
            step=step.name,
            rows=len(step.body.rows),
            file=file,
            reason=ended.reason,
        )
        await self._events.put(failed)

    async def _note_table(self, progress: _Progress, known: Mapping[str, StepState]) -> None:
        """Journal the digest of a table that is as desired, so that the next run need not read its columns."""
        same = made(known, CREATE) and known[CREATE].remote_id == progress.table_id
        if not (same and same_digest(known, progress.desired)):
            kind = known[CREATE].outcome if same else None
            ended = _Ended(kind or OutcomeKind.UNCHANGED, table_id=progress.table_id)
            await self._write(progress, CREATE, ended, _table_facts(progress.desired))

    async def _step(self, progress: _Progress, step: Step) -> _Ended:
        client = self._services[progress.desired.target].client
        path = step.path_with(progress.table_id)
        facts = _facts(progress, step)
        lost: Sent | None = None
        for _ in range(TRIES):
            progress.steps += 1
            sent = await self._write_intent(progress, step, path, facts)
            try:
                reply = await client.send(step.operation, body=step.body, path=path, settle=False)
            except OutcomeUnknown as error:
                ended = await self._settle_lost(progress, step, error.sent, str(error), facts)
                if ended.outcome is not OutcomeKind.ABSENT:
                    return ended
                lost = lost or error.sent
            except ReplyNotUnderstood as error:
                # The service says that it is done: whatever is found, it is not sent again.
                return await self._settle_lost(
                    progress, step, sent, str(error), {**facts, "answered": not step.repeats}
                )
            except (CallError, RequestError) as error:
                if lost is not None and isinstance(error, Conflict):
                    # What is in the way may be what the lost call made, later than it was looked for.
                    both = evolve(sent, first_sent_at=lost.first_sent_at)
                    ended = await self._settle_lost(progress, step, both, str(error), facts)
                    if ended.outcome in {OutcomeKind.ADOPTED, OutcomeKind.UNKNOWN}:
                        return ended
                return await self._write(progress, step.name, _refused(step, error), facts)
            else:
                table_id = self._services[progress.desired.target].table_id(step.name, reply.value)
                ended = _Ended(_made_by(step), table_id=table_id)
                return await self._write(progress, step.name, ended, facts)
        reason = f"{step.name}: sent {TRIES} times; each reply was lost, and each time nothing had been made"
        return await self._write(progress, step.name, _Ended(OutcomeKind.FAILED, reason), facts)

    async def _settle_lost(
        self, progress: _Progress, step: Step, sent: Sent, why: str, facts: Mapping[str, Any]
    ) -> _Ended:
        # The grace begins when the reply is given up: a service that was silent until then may still be at work.
        sent = evolve(sent, last_sent_at=self._clock.now())
        return await self._settle(progress, step.name, Left(sent=sent, facts=facts), why)

    async def _settle_open(self, progress: _Progress, name: str, state: StepState) -> _Ended:
        """Find out what became of a step that an earlier run left open."""
        left = left_open(state, opened_at=self._opened_at)
        return await self._settle(progress, name, left, "an earlier run ended without its outcome")

    async def _settle(self, progress: _Progress, name: str, left: Left, why: str) -> _Ended:
        desired = progress.desired
        await self._events.put(Settling(target=desired.target, key=desired.key, step=name, reason=why))
        await self._settling.acquire()
        # The place goes to another table meanwhile: a grace may be a minute long.
        self._places.release()
        try:
            verdict = await self._services[desired.target].settle(name, left.sent)
        finally:
            # In this order: those that wait for a place may not keep others, who hold one, from settling.
            self._settling.release()
            await self._places.acquire()
        judged = judge(self._services[desired.target], name, verdict, left, why=why)
        if judged.outcome is OutcomeKind.ADOPTED:
            progress.found = judged.reason
        ended = _Ended(judged.outcome, judged.reason, judged.table_id)
        return await self._write(progress, name, ended, judged.detail)

    async def _write_intent(
        self, progress: _Progress, step: Step, path: Mapping[str, str], facts: Mapping[str, Any]
    ) -> Sent:
        desired = progress.desired
        client = self._services[desired.target].client
        now = self._clock.now()
        sent = client.describe(step.operation, body=step.body, path=path, at=now)
        intent = Intent(
            run_id=self._run_id,
            target=desired.target,
            key=desired.key,
            step=step.name,
            at=now,
            detail={**facts, "sent": asdict(sent)},
        )
        await self._journal.intent(intent)
        return sent

    async def _write(self, progress: _Progress, name: str, ended: _Ended, facts: Mapping[str, Any]) -> _Ended:
        desired = progress.desired
        outcome = Outcome(
            run_id=self._run_id,
            target=desired.target,
            key=desired.key,
            step=name,
            at=self._clock.now(),
            outcome=ended.outcome,
            remote_id=ended.table_id,
            detail={**facts, "reason": ended.reason} if ended.reason else facts,
        )
        await self._journal.outcome(outcome)
        return ended


_BAD = frozenset({OutcomeKind.FAILED, OutcomeKind.UNKNOWN})
_REPORTED = (
    OutcomeKind.CREATED,
    OutcomeKind.ADOPTED,
    OutcomeKind.UNCHANGED,
    OutcomeKind.FAILED,
    OutcomeKind.UNKNOWN,
)


def _facts(progress: _Progress, step: Step) -> dict[str, Any]:
    """What the journal holds of a step beside what settling needs."""
    desired = progress.desired
    if step.name == CREATE:
        return {**_table_facts(desired), **step.facts}
    return {"digest": desired.digest, "table": progress.table_id, **step.facts}


def _table_facts(desired: Desired) -> dict[str, Any]:
    """What later runs compare the table by."""
    settings = wanted_settings(desired)
    return {"digest": desired.digest, **({"settings": settings} if settings else {})}


def _made_by(step: Step) -> OutcomeKind:
    # What only replaces something makes nothing that a rollback could delete.
    return OutcomeKind.UNCHANGED if step.repeats else OutcomeKind.CREATED


def _refused(step: Step, error: AiotablesError) -> _Ended:
    if step.may_exist and isinstance(error, Conflict):
        return _Ended(OutcomeKind.UNCHANGED, str(error))
    return _Ended(OutcomeKind.FAILED, str(error), refused=isinstance(error, (BadRequest, ValidationFailed)))


def _refusals(reasons: list[str]) -> str:
    more = f", and {len(reasons) - 1} more" if len(reasons) > 1 else ""
    return f"rows were refused: {reasons[0]}{more}"


def _done(progress: _Progress, ended: _Ended) -> TableDone:
    desired = progress.desired
    return TableDone(
        target=desired.target,
        key=desired.key,
        outcome=ended.outcome,
        steps=progress.steps,
        reason=ended.reason,
        origin=desired.origin,
    )
