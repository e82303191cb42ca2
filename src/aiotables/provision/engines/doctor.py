"""What is the matter with a run of workers: the journal, the queue, and the one against the other; and mending it."""

from collections.abc import AsyncIterator
from typing import ClassVar, Final

from aiotables.core.classes import frozen
from aiotables.core.counting import counted
from aiotables.provision.engines.port import Ticket
from aiotables.provision.engines.procrastinate import ProcrastinateEngine, Queue
from aiotables.provision.engines.sharing import tickets_of
from aiotables.provision.journal import JournalError, JournalLocked
from aiotables.provision.journal.findings import Finding, Trouble, held
from aiotables.provision.postgres import doctor, shared_runs
from aiotables.provision.postgres.journal import alone_in
from aiotables.provision.postgres.schema import version_of
from aiotables.provision.postgres.session import PATIENCE, Session
from aiotables.provision.postgres.shards import LEASE, OpenTarget, Shards


SILENCE: Final = 3 * LEASE
"""Seconds after which a worker counts as gone here: those with a longer lease give signs less often."""

_LEASED: Final = "SELECT count(*) FROM aiotables.shards WHERE state = 'doing' AND due_at > clock_timestamp()"


class WorkersLive(JournalLocked):
    """
    Workers are there, and would get into the way of mending.

    Attributes:
        workers: How many gave a sign of life lately.
        shards: How many they have.
    """

    def __init__(self, workers: int, shards: int, *, where: str) -> None:
        message = f"cannot be mended while workers live: {_sign(workers, shards)}; stop them, or wait until they are silent"
        JournalError.__init__(self, message, where=where)
        self.pid = self.host = self.since = None
        self.workers = workers
        self.shards = shards


@frozen(kw_only=True)
class Repaired:
    """What was done."""

    event: ClassVar = "repaired"

    kept: str | None
    """Table with the states as they were; `None` when those were right."""

    ended: int
    """Runs that had nothing left to do."""

    tickets: int
    """Tickets that are offered again."""

    @property
    def nothing(self) -> bool:
        """Whether there was nothing to do."""
        return self.kept is None and not self.ended and not self.tickets


async def examine(url: str, *, manifest: str | None, patience: float = PATIENCE) -> list[Finding]:
    """
    Say what is the matter with the journal of workers, and with their queue. Nothing is changed.

    Args:
        url: `postgresql://…`.
        manifest: The name of the manifest; `None` takes any.
        patience: Seconds for which a lost database is waited for.

    Raises:
        DatabaseError: The database is not there.
    """
    async with Session(url, patience=patience) as session:
        found = await doctor.examine(session, manifest=manifest)
        unreadable = {Trouble.NONE_THERE, Trouble.NEWER, Trouble.INCOMPLETE, Trouble.OLDER}
        if unreadable.isdisjoint(finding.trouble for finding in found):
            found += [each async for each in _of_queue(url, session)]
        return found


async def _of_queue(url: str, session: Session) -> AsyncIterator[Finding]:
    queue = await ProcrastinateEngine(url, session, lease=SILENCE).look()
    ((shards,),) = await session.fetch(_LEASED)
    if queue.workers or shards:
        yield held(f"Workers are at it: {_sign(queue.workers, shards)}")
    if queue.stalled:
        yield Finding(
            trouble=Trouble.STALLED,
            text=f"{counted(queue.stalled, 'ticket is', 'tickets are')} with workers that are gone.",
            advice="Whichever worker lives brings them back, and so does `--repair`.",
        )
    lacking = [each for each in await _due(session) if not _has_ticket(each, queue.tickets)]
    if lacking:
        those = counted(len(lacking), "target has", "targets have")
        yield Finding(
            trouble=Trouble.UNTICKETED,
            text=f"{those} shards that are due, and no ticket that brings them to a worker.",
            advice="Whichever worker lives makes some, and so does `--repair`.",
        )


async def _due(session: Session) -> list[OpenTarget]:
    return [each for each in await Shards(session, owner="doctor").open_targets() if each.wait == 0.0]


def _has_ticket(target: OpenTarget, tickets: frozenset[str]) -> bool:
    return any(ticket.name in tickets for ticket in _tickets(target))


def _tickets(target: OpenTarget) -> list[Ticket]:
    return [*tickets_of(target.run_id, {target.target: target.shards})]


async def mend(url: str, *, manifest: str | None, patience: float = PATIENCE) -> Repaired | None:
    """
    Mend what is safe to mend, and keep what is replaced; `None` when there is nothing to mend.

    Args:
        url: `postgresql://…`.
        manifest: The name of the manifest; `None` takes any.
        patience: Seconds for which a lost database is waited for.

    Raises:
        WorkersLive: Workers are there.
        JournalLocked: Another process has the journal to itself.
        JournalForeign: It is the journal of another manifest.
        DatabaseError: The database is not there, or its tables are of a newer version.
    """
    async with Session(url, patience=patience) as session:
        if await version_of(session) is None:
            return None
    async with alone_in(url, manifest=manifest, patience=patience) as session:
        engine = ProcrastinateEngine(url, session, lease=SILENCE)
        queue = await engine.look()
        ((shards,),) = await session.fetch(_LEASED)
        if queue.workers or shards:
            raise WorkersLive(queue.workers, shards, where=session.where)
        return await _mend(session, engine, queue)


async def _mend(session: Session, engine: ProcrastinateEngine, queue: Queue) -> Repaired | None:
    kept = await doctor.derive_states(session)
    open_runs = await shared_runs.open_runs(session)
    ended = [run_id for run_id in open_runs if await shared_runs.end_if_done(session, run_id)]
    tickets = await engine.revive() if queue.stalled else 0
    if len(ended) < len(open_runs):
        await engine.prepare()
        tickets += await engine.submit(ticket for each in await _due(session) for ticket in _tickets(each))
    done = Repaired(kept=kept, ended=len(ended), tickets=tickets)
    return None if done.nothing else done


def _sign(workers: int, shards: int) -> str:
    leased = counted(shards, "shard is", "shards are")
    return f"{workers:,} gave a sign of life within {SILENCE:.0f} seconds, and {leased} under a lease"
