"""
Carrying a manifest out: each desired table ends up existing once, or is reported with the reason why not.

For each table: what earlier runs left open is settled; what is missing is planned; each missing step is sent with an
intent in the journal before it and an outcome after it. A table that has to be settled waits beside the others, in no
one's place.
"""

import asyncio
from collections import Counter
from collections.abc import AsyncIterator, Iterable, Mapping
from typing import Any

from attrs import asdict, define, evolve, frozen

from aiotables.core.clock import Clock
from aiotables.core.errors import CallError, Conflict, OutcomeUnknown
from aiotables.core.record import CallRecord
from aiotables.core.settle import Existed, Found, NotThere, Sent, Unclear, Verdict
from aiotables.provision.desired import Desired
from aiotables.provision.events import Event, Refreshed, RunEnded, RunStarted, Settling, TableDone
from aiotables.provision.journal import Intent, Journal, Outcome, OutcomeKind, StepState
from aiotables.provision.problems import ManifestError
from aiotables.provision.steps import CREATE, Action, Service, Step, TablePlan, made, same_digest


TRIES = 3
"""Sendings of one step in one run, each after a settled "not there"."""


SETTLING = 1000
"""Tables that may wait to be settled at once; when more do, they keep their places and the run slows down."""


class RequestCount:
    """An observer that counts the HTTP requests of all clients it is given to."""

    def __init__(self) -> None:
        self.total = 0

    def __call__(self, record: CallRecord) -> None:
        self.total += len(record.attempts)


@frozen
class _Ended:
    """How one step, or one table, ended."""

    outcome: OutcomeKind
    reason: str = ""
    table_id: str | None = None


@define
class _Progress:
    """What is known of a table while it is worked on."""

    desired: Desired
    table_id: str | None = None
    steps: int = 0
    adopted: bool = False
    reason: str = ""


class Apply:
    """
    One run.

    Args:
        services: By the name of their target.
        journal: The durable record; this run has it to itself.
        clock: Time.
        requests: Counts what the services' clients send.
        width: Tables worked on at once, over all targets; those that wait to be settled are not counted.
    """

    def __init__(
        self,
        services: Mapping[str, Service],
        journal: Journal,
        *,
        clock: Clock,
        requests: RequestCount,
        width: int = 32,
    ) -> None:
        self._services = services
        self._journal = journal
        self._clock = clock
        self._requests = requests
        # Whatever earlier runs had under way ended before this moment: they no longer hold the journal.
        self._opened_at = clock.now()
        self._places = asyncio.Semaphore(width)
        self._settling = asyncio.Semaphore(SETTLING)
        self._events: asyncio.Queue[Event | None] = asyncio.Queue(maxsize=1000)
        self._counts: Counter[str] = Counter()
        self._stopping = False
        self._interrupted = False
        self._run_id = ""

    def stop(self) -> None:
        """Begin no new table; those under way are finished and journalled."""
        self._stopping = True

    async def run(
        self, tables: Iterable[Desired], *, manifest: str, digest: str, total: int
    ) -> AsyncIterator[Event]:
        """
        Carry the tables out.

        Args:
            tables: What is desired; read as a stream.
            manifest: Where the manifest was read from.
            digest: Its hash.
            total: How many tables it asks for.

        Raises:
            CallError: A target cannot be read; nothing was made.
            JournalError: The journal cannot be written; what is under way stays open in it.
        """
        began = self._clock.monotonic()
        self._run_id = (await self._journal.begin_run(manifest, digest)).run_id
        work = asyncio.create_task(self._work(tables, total))
        try:
            while (event := await self._events.get()) is not None:
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
            seconds=self._clock.monotonic() - began,
        )

    def _ending(self) -> str:
        if self._interrupted:
            return "interrupted"
        if self._counts[OutcomeKind.FAILED]:
            return "failed"
        return "unknown" if self._counts[OutcomeKind.UNKNOWN] else "done"

    async def _work(self, tables: Iterable[Desired], total: int) -> None:
        try:
            targets = tuple(self._services)
            await self._events.put(RunStarted(run_id=self._run_id, tables=total, targets=targets))
            for target, service in self._services.items():
                await service.refresh()
                await self._events.put(Refreshed(target=target))
            await self._all(tables)
        finally:
            await self._events.put(None)

    async def _all(self, tables: Iterable[Desired]) -> None:
        try:
            async with asyncio.TaskGroup() as group:
                for desired in tables:
                    # The place is taken here and not in the task, so that tasks are only made as places come free.
                    await self._places.acquire()
                    if self._stopping:
                        self._interrupted = True
                        return
                    group.create_task(self._table(desired))
        except ExceptionGroup as failures:
            # The first failure of the journal is the cause; the others are its echoes.
            raise failures.exceptions[0] from None

    async def _table(self, desired: Desired) -> None:
        progress = _Progress(desired)
        try:
            ended = await self._finish(progress)
            self._counts[ended.outcome] += 1
            await self._events.put(_done(progress, ended))
        finally:
            self._places.release()

    async def _finish(self, progress: _Progress) -> _Ended:
        desired = progress.desired
        known = await self._journal.steps(desired.target, desired.key)
        still_open = [(name, state) for name, state in known.items() if state.is_open]
        for name, state in still_open:
            ended = await self._settle_open(progress, name, state)
            if ended.outcome in _BAD:
                return ended
        if still_open:
            known = await self._journal.steps(desired.target, desired.key)
        try:
            plan = await self._services[desired.target].plan(desired, known)
        except CallError as error:
            return _Ended(OutcomeKind.FAILED, str(error))
        return await self._carry_out(progress, plan, known)

    async def _carry_out(
        self, progress: _Progress, plan: TablePlan, known: Mapping[str, StepState]
    ) -> _Ended:
        progress.table_id = plan.table_id
        progress.reason = plan.reason
        if plan.action is Action.CONFLICT:
            return _Ended(OutcomeKind.FAILED, plan.reason)

        for step in plan.steps:
            ended = await self._step(progress, step)
            if ended.outcome in _BAD:
                return ended
            progress.table_id = ended.table_id or progress.table_id

        if plan.action is not Action.CREATE:
            await self._note_table(progress, known)
        if progress.adopted:
            return _Ended(OutcomeKind.ADOPTED, progress.reason)
        unchanged = plan.action is Action.UNCHANGED
        return _Ended(OutcomeKind.UNCHANGED if unchanged else OutcomeKind.CREATED, plan.reason)

    async def _note_table(self, progress: _Progress, known: Mapping[str, StepState]) -> None:
        """Journal the digest of a table that is as desired, so that the next run need not read its columns."""
        if not same_digest(known, progress.desired):
            kind = known[CREATE].outcome if made(known, CREATE) else None
            ended = _Ended(kind or OutcomeKind.UNCHANGED, table_id=progress.table_id)
            await self._write(progress, CREATE, ended, {"digest": progress.desired.digest})

    async def _step(self, progress: _Progress, step: Step) -> _Ended:
        service = self._services[progress.desired.target]
        path = step.path_with(progress.table_id)
        facts = {"digest": progress.desired.digest}
        for _ in range(TRIES):
            progress.steps += 1
            await self._write_intent(progress, step, path, facts)
            try:
                reply = await service.client.send(step.operation, body=step.body, path=path, settle=False)
            except OutcomeUnknown as error:
                ended = await self._settle(progress, step.name, error.sent, str(error), facts)
                if ended.outcome is not OutcomeKind.ABSENT:
                    return ended
            except CallError as error:
                ended = _refused(step, error)
                return await self._write(progress, step.name, ended, facts)
            else:
                ended = _Ended(OutcomeKind.CREATED, table_id=service.table_id(step.name, reply.value))
                return await self._write(progress, step.name, ended, facts)
        reason = f"{step.name}: sent {TRIES} times; each reply was lost, and each time nothing had been made"
        return await self._write(progress, step.name, _Ended(OutcomeKind.FAILED, reason), facts)

    async def _settle_open(self, progress: _Progress, name: str, state: StepState) -> _Ended:
        """Find out what became of a step that an earlier run left open."""
        sent = Sent(**state.detail["sent"])
        if state.outcome is None:
            # That run ended between the intent and the outcome; when it really sent is not known.
            sent = evolve(sent, last_sent_at=self._opened_at)
        facts = {"digest": state.detail.get("digest")}
        return await self._settle(progress, name, sent, "an earlier run ended without its outcome", facts)

    async def _settle(
        self, progress: _Progress, name: str, sent: Sent, why: str, facts: Mapping[str, Any]
    ) -> _Ended:
        desired = progress.desired
        await self._events.put(Settling(target=desired.target, key=desired.key, step=name, reason=why))
        async with self._settling:
            # The place goes to another table meanwhile: a grace may be a minute long.
            self._places.release()
            try:
                verdict = await self._services[desired.target].client.settle(sent)
            finally:
                await self._places.acquire()
        ended = self._judged(progress, name, verdict)
        unsettled = {"sent": asdict(sent)} if ended.outcome is OutcomeKind.UNKNOWN else {}
        return await self._write(progress, name, ended, {**facts, **unsettled})

    def _judged(self, progress: _Progress, name: str, verdict: Verdict) -> _Ended:
        match verdict:
            case Found(value=value, how=how):
                progress.adopted = True
                progress.reason = f"reply lost; found: {how}"
                table_id = self._services[progress.desired.target].table_id(name, value)
                return _Ended(OutcomeKind.ADOPTED, progress.reason, table_id)
            case NotThere():
                return _Ended(OutcomeKind.ABSENT, "looked for until the grace had passed; nothing was made")
            case Existed(how=how):
                return _Ended(OutcomeKind.FAILED, f"{name}: the reply was lost, and {how}")
            case Unclear(reason=reason):
                return _Ended(OutcomeKind.UNKNOWN, f"{name}: {reason}")

    async def _write_intent(
        self, progress: _Progress, step: Step, path: Mapping[str, str], facts: Mapping[str, Any]
    ) -> None:
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


def _refused(step: Step, error: CallError) -> _Ended:
    if step.may_exist and isinstance(error, Conflict):
        return _Ended(OutcomeKind.UNCHANGED, str(error))
    return _Ended(OutcomeKind.FAILED, str(error))


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
