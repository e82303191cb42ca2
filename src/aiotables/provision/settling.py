"""Settling what earlier runs left open, without making anything: also of tables that left the manifest."""

from collections import Counter
from collections.abc import AsyncGenerator, AsyncIterator, Mapping
from contextlib import AsyncExitStack
from typing import ClassVar, TypeAlias

from aiotables.core.classes import frozen
from aiotables.core.clock import Clock
from aiotables.provision.beside import beside
from aiotables.provision.journal import Intent, Journal, Outcome, OutcomeKind
from aiotables.provision.removing.deletion import PREFIX
from aiotables.provision.removing.events import Fate
from aiotables.provision.removing.run import finish_open
from aiotables.provision.steps import Service
from aiotables.provision.verdicts import judge, left_open


@frozen(kw_only=True)
class Settled:
    """One step was looked into."""

    event: ClassVar = "settled"

    target: str
    key: str
    step: str

    outcome: OutcomeKind
    """
    `adopted`: it took effect. `absent`: it did not. `failed`: refused. `deleted`: a deletion is done. Or `unknown`.
    """

    reason: str = ""


@frozen(kw_only=True)
class SettleEnded:
    """Everything was looked into."""

    event: ClassVar = "settle_ended"

    run_id: str

    ending: str
    """`done`, or `unknown` when something still is."""

    counts: Mapping[str, int]
    """Steps by outcome."""


SettleEvent: TypeAlias = Settled | SettleEnded
"""Each has its name in JSON as `event`."""

_OUTCOMES: Mapping[Fate, OutcomeKind] = {
    Fate.DELETED: OutcomeKind.DELETED,
    Fate.FAILED: OutcomeKind.FAILED,
    Fate.UNKNOWN: OutcomeKind.UNKNOWN,
}
_ALL = (OutcomeKind.ADOPTED, OutcomeKind.ABSENT, OutcomeKind.FAILED, OutcomeKind.DELETED, OutcomeKind.UNKNOWN)


class Settle:
    """
    One run that settles.

    Args:
        services: By the name of their target.
        journal: The durable record; this run has it to itself.
        clock: Time.
        width: Steps looked into at once.
    """

    def __init__(
        self, services: Mapping[str, Service], journal: Journal, *, clock: Clock, width: int = 64
    ) -> None:
        self._services = services
        self._journal = journal
        self._clock = clock
        self._width = width
        self._opened_at = clock.now()
        self._run_id = ""

    async def run(self, *, manifest: str, digest: str) -> AsyncGenerator[SettleEvent, None]:
        """
        Look into every step whose outcome is not known, and finish deletions that were begun.

        Args:
            manifest: Where the manifest was read from.
            digest: Its hash.

        Raises:
            JournalError: The journal cannot be written.
        """
        self._run_id = (await self._journal.begin_run(manifest, digest, command="settle")).run_id
        counts: Counter[OutcomeKind] = Counter()
        async with AsyncExitStack() as stack:
            for service in self._services.values():
                await stack.enter_async_context(service.group(self._run_id))
            async for event in self._events():
                counts[event.outcome] += 1
                yield event
        ending = "unknown" if counts[OutcomeKind.UNKNOWN] else "done"
        await self._journal.end_run(self._run_id, ending)
        yield SettleEnded(
            run_id=self._run_id, ending=ending, counts={kind.value: counts[kind] for kind in _ALL}
        )

    async def _events(self) -> AsyncGenerator[Settled, None]:
        async for done in finish_open(
            self._journal, self._services, run_id=self._run_id, clock=self._clock, width=self._width
        ):
            yield Settled(
                target=done.target,
                key=done.key,
                step=PREFIX + done.step,
                outcome=_OUTCOMES[done.fate],
                reason=done.reason,
            )
        async for settled in beside(self._open(), self._settle, width=self._width):
            yield settled

    async def _open(self) -> AsyncIterator[Intent]:
        async for intent in self._journal.open_intents():
            if not intent.step.startswith(PREFIX):
                yield intent

    async def _settle(self, intent: Intent) -> Settled:
        target, key, step = intent.target, intent.key, intent.step
        service = self._services.get(target)
        if service is None:
            reason = f"the manifest has no target {target} any more"
            return Settled(target=target, key=key, step=step, outcome=OutcomeKind.UNKNOWN, reason=reason)

        state = (await self._journal.steps(target, key))[step]
        left = left_open(state, opened_at=self._opened_at)
        verdict = await service.settle(step, left.sent)
        judged = judge(service, step, verdict, left, why="an earlier run ended without its outcome")
        await self._journal.outcome(
            Outcome(
                run_id=self._run_id,
                target=target,
                key=key,
                step=step,
                at=self._clock.now(),
                outcome=judged.outcome,
                remote_id=judged.table_id,
                detail=judged.detail,
            )
        )
        return Settled(target=target, key=key, step=step, outcome=judged.outcome, reason=judged.reason)
