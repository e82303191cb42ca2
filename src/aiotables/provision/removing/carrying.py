"""Deleting one thing: its intent in the journal, the calls, the outcome."""

from collections.abc import Mapping, Sequence
from typing import Any

from attrs import asdict

from aiotables.core.classes import frozen
from aiotables.core.clock import Clock
from aiotables.core.errors import (
    FIRST_SERVER_ERROR,
    CallError,
    NotFound,
    NotSent,
    ServiceError,
)
from aiotables.provision.journal import Intent, Journal, Made, Outcome, OutcomeKind
from aiotables.provision.removing.deletion import PREFIX, Deletion, Gone, Left, Remover
from aiotables.provision.removing.events import Fate, Removed
from aiotables.provision.steps import CREATE


@frozen(kw_only=True)
class Thing:
    """Something to delete."""

    target: str
    key: str
    step: str
    """Of what is to be deleted."""

    table_id: str


class Carrier:
    """
    Deletes things, each with an intent in the journal before and an outcome after.

    Args:
        removers: By the name of their target; or why nothing can be deleted there.
        journal: The durable record.
        run_id: The run that deletes.
        clock: Time.
    """

    def __init__(
        self, removers: Mapping[str, Remover | Left], journal: Journal, *, run_id: str, clock: Clock
    ) -> None:
        self._removers = removers
        self._journal = journal
        self._run_id = run_id
        self._clock = clock

    async def remove(self, made: Made) -> Removed:
        """
        Delete what was made, if it is there and surely ours.

        Raises:
            JournalError: The journal cannot be written.
        """
        thing = Thing(target=made.target, key=made.key, step=made.step, table_id=made.table_id)
        remover = self._remover(thing)
        if isinstance(remover, Left):
            return removed(thing, Fate.LEFT, remover.reason)
        try:
            look = await remover.look(made)
        except CallError as error:
            return removed(thing, Fate.FAILED, str(error))
        if isinstance(look, Left):
            return removed(thing, Fate.LEFT, look.reason)
        if isinstance(look, Gone):
            return await self._end(thing, Fate.GONE, look.how)
        await self._intend(thing, remover, look.deletions)
        return await self._carry_out(thing, remover, look.deletions)

    async def finish(self, intent: Intent) -> Removed:
        """
        Go on with a deletion that an earlier run left open.

        Raises:
            JournalError: The journal cannot be written.
        """
        thing = Thing(
            target=intent.target,
            key=intent.key,
            step=intent.step.removeprefix(PREFIX),
            table_id=intent.detail["removes"],
        )
        remover = self._remover(thing)
        if isinstance(remover, Left):
            return removed(thing, Fate.UNKNOWN, remover.reason)
        return await self._carry_out(
            thing, remover, [remover.read(each) for each in intent.detail["deletions"]]
        )

    async def gone(self, made: Made, why: str) -> Removed:
        """
        Note that what was made is there no more, without a look.

        Raises:
            JournalError: The journal cannot be written.
        """
        thing = Thing(target=made.target, key=made.key, step=made.step, table_id=made.table_id)
        return await self._end(thing, Fate.GONE, why)

    def _remover(self, thing: Thing) -> Remover | Left:
        missing = Left(f"the manifest has no target {thing.target} any more")
        return self._removers.get(thing.target, missing)

    async def _carry_out(self, thing: Thing, remover: Remover, deletions: Sequence[Deletion]) -> Removed:
        try:
            for deletion in deletions:
                await _send(remover, deletion)
            if await remover.is_gone(thing.step, thing.table_id):
                return await self._end(thing, Fate.DELETED, "")
        except CallError as error:
            return await self._end(thing, _fate_of(error), str(error))
        return await self._end(thing, Fate.FAILED, "the deletion was answered, and it is still there")

    async def _intend(self, thing: Thing, remover: Remover, deletions: Sequence[Deletion]) -> None:
        now = self._clock.now()
        first = deletions[0]
        sent = remover.client.describe(first.operation, path=first.path, at=now)
        detail: dict[str, Any] = {
            "removes": thing.table_id,
            "deletions": [each.to_json() for each in deletions],
            "sent": asdict(sent),
        }
        await self._journal.intent(
            Intent(
                run_id=self._run_id,
                target=thing.target,
                key=thing.key,
                step=PREFIX + thing.step,
                at=now,
                detail=detail,
            )
        )

    async def _end(self, thing: Thing, fate: Fate, reason: str) -> Removed:
        if fate in {Fate.DELETED, Fate.GONE}:
            await self._note_gone(thing, fate)
        detail = {"removes": thing.table_id, **({"reason": reason} if reason else {})}
        if fate is Fate.UNKNOWN:
            detail = {**await self._unfinished(thing), **detail}
        await self._write(thing, PREFIX + thing.step, _OUTCOMES[fate], detail)
        return removed(thing, fate, reason)

    async def _note_gone(self, thing: Thing, fate: Fate) -> None:
        """Say so of the steps that are undone: that of the thing, and with a table all those on it."""
        known = await self._journal.steps(thing.target, thing.key)
        here = {
            name: state
            for name, state in known.items()
            if state.is_done and thing.table_id in {state.remote_id, state.detail.get("table")}
        }
        why = {"reason": f"{fate} by {self._run_id}", "table": thing.table_id}
        for name in here if thing.step == CREATE else [thing.step]:
            await self._write(thing, name, OutcomeKind.ABSENT, why)
        if thing.step != CREATE and CREATE in here:
            # Without the digest that stood there the next run sees that something is missing.
            kind = here[CREATE].outcome or OutcomeKind.UNCHANGED
            await self._write(thing, CREATE, kind, why, remote_id=thing.table_id)

    async def _unfinished(self, thing: Thing) -> Mapping[str, Any]:
        """What the next run needs to go on."""
        state = (await self._journal.steps(thing.target, thing.key))[PREFIX + thing.step]
        return {name: state.detail[name] for name in ("deletions", "sent")}

    async def _write(
        self,
        thing: Thing,
        step: str,
        kind: OutcomeKind,
        detail: Mapping[str, Any],
        *,
        remote_id: str | None = None,
    ) -> None:
        await self._journal.outcome(
            Outcome(
                run_id=self._run_id,
                target=thing.target,
                key=thing.key,
                step=step,
                at=self._clock.now(),
                outcome=kind,
                remote_id=remote_id,
                detail=detail,
            )
        )


def removed(thing: Thing, fate: Fate, reason: str) -> Removed:
    """What became of a thing."""
    return Removed(
        target=thing.target,
        key=thing.key,
        step=thing.step,
        fate=fate,
        table_id=thing.table_id,
        reason=reason,
    )


_OUTCOMES = {
    Fate.DELETED: OutcomeKind.DELETED,
    Fate.GONE: OutcomeKind.DELETED,
    Fate.FAILED: OutcomeKind.FAILED,
    Fate.UNKNOWN: OutcomeKind.UNKNOWN,
}


async def _send(remover: Remover, deletion: Deletion) -> None:
    client = remover.client
    try:
        await client.send(deletion.operation, path=deletion.path, body=deletion.body)
    except NotFound:
        return  # gone, by an earlier sending whose reply was lost or by somebody else


def _fate_of(error: CallError) -> Fate:
    if isinstance(error, NotSent):
        return Fate.FAILED
    refused = isinstance(error, ServiceError) and (error.status or 0) < FIRST_SERVER_ERROR
    return Fate.FAILED if refused else Fate.UNKNOWN
