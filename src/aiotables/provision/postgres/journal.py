"""The journal of a run on many machines: tables in PostgreSQL."""

from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from typing import Any, Final, Self

import orjson

from aiotables.provision.journal import (
    Intent,
    JournalForeign,
    JournalMissing,
    JournalShared,
    Outcome,
    OutcomeKind,
    Run,
    StepState,
)
from aiotables.provision.journal.facts import new_run_id
from aiotables.provision.postgres import clock, shared_runs
from aiotables.provision.postgres.reader import PostgresHistory
from aiotables.provision.postgres.schema import VERSION, migrate, version_of
from aiotables.provision.postgres.session import PATIENCE, Connection, DatabaseError, Session
from aiotables.provision.postgres.turn import Turn
from aiotables.provision.postgres.writer import FactWriter, Hold, let_go
from aiotables.provision.steps import CREATE


_BEGIN_RUN: Final = """
    INSERT INTO aiotables.runs (run_id, manifest, digest, started_at, command)
    VALUES (%s, %s, %s, to_timestamp(%s), %s)
"""

_END_RUN: Final = """
    UPDATE aiotables.runs SET ended_at = clock_timestamp(), ending = %s WHERE run_id = %s
"""


_CLAIM: Final = """
    INSERT INTO aiotables.owner (manifest) VALUES (%s)
    ON CONFLICT (one) DO UPDATE SET manifest = owner.manifest RETURNING manifest
"""

_OWNER: Final = "SELECT manifest FROM aiotables.owner"


class PostgresJournal(PostgresHistory):
    """
    A `Journal` in a database; made by `PostgresJournal.open`.

    Args:
        session: The one that reads, and writes runs.
        writer: Writes facts to the same database.
        hold: The shard whose tables the facts are about: they are refused once it is another worker's.
    """

    def __init__(self, session: Session, writer: FactWriter, hold: Hold | None = None) -> None:
        super().__init__(session)
        self._writer = writer
        self._hold = hold

    @classmethod
    @asynccontextmanager
    async def open(
        cls, url: str, *, manifest: str | None = None, patience: float = PATIENCE
    ) -> AsyncIterator[Self]:
        """
        Connect to a database, its tables made or brought up to date if needed, until the end of the block.

        Args:
            url: `postgresql://…`.
            manifest: The name of the manifest whose journal it is to be; `None` takes any.
            patience: Seconds for which a lost database is waited for.

        Raises:
            JournalForeign: It is the journal of another manifest.
            DatabaseError: The database is not there, or its tables are of a newer version.
        """
        async with (
            Session(url, patience=patience) as session,
            Session(url, patience=patience, prepare=let_go) as writing,
            FactWriter(writing) as writer,
        ):
            await migrate(session)
            if manifest is not None:
                await _claim(session, manifest)
            yield cls(session, writer)

    @classmethod
    @asynccontextmanager
    async def alone(
        cls, url: str, *, manifest: str | None = None, patience: float = PATIENCE
    ) -> AsyncIterator[Self]:
        """
        The same for one that is no worker, and has the journal to itself until the end of the block.

        Args:
            url: `postgresql://…`.
            manifest: The name of the manifest whose journal it is to be; `None` takes any.
            patience: Seconds for which a lost database is waited for.

        Raises:
            JournalShared: Workers carry a run out.
            JournalLocked: Another process has it to itself.
            JournalForeign: It is the journal of another manifest.
            DatabaseError: The database is not there, or its tables are of a newer version.
        """
        async with (
            alone_in(url, manifest=manifest, patience=patience) as session,
            FactWriter(session) as writer,
        ):
            await _refuse_open_runs(session)
            yield cls(session, writer)

    @staticmethod
    @asynccontextmanager
    async def read(
        url: str, *, manifest: str | None = None, patience: float = PATIENCE
    ) -> AsyncIterator[PostgresHistory]:
        """
        Read the journal until the end of the block, also while workers write it.

        Nothing is changed; only tables of an older aiotables are brought up before.

        Args:
            url: `postgresql://…`.
            manifest: The name of the manifest whose journal it is to be; `None` takes any.
            patience: Seconds for which a lost database is waited for.

        Raises:
            JournalMissing: There is none in the database.
            JournalForeign: It is the journal of another manifest.
            DatabaseError: The database is not there, or its tables are of a newer version.
        """
        async with Session(url, patience=patience) as session:
            version = await version_of(session)
            if version is None:
                raise JournalMissing(where=session.where)
            # Who may read alone is not asked to make anything.
            if version != VERSION:
                await migrate(session)
            for (owner,) in await session.fetch(_OWNER):
                _refuse_foreign(session, owner, manifest)
            yield PostgresHistory(session)

    async def for_shard(self, hold: Hold, target: str, keys: Sequence[str]) -> "ShardJournal":
        """
        The same journal, for what a worker does with one shard.

        Args:
            hold: That the worker has it.
            target: The shard's.
            keys: Of its tables.
        """
        known = await self.steps_of_many(target, keys)
        return ShardJournal(self._session, self._writer, hold, known)

    async def begin_run(self, manifest: str, digest: str, *, command: str = "apply") -> Run:
        """See `Journal.begin_run`."""

        async def begin(connection: Connection) -> Run:
            at = await clock.now(connection)
            run = Run(run_id=new_run_id(at), manifest=manifest, digest=digest, started_at=at, command=command)
            await connection.execute(_BEGIN_RUN, (run.run_id, manifest, digest, at, command))
            return run

        return await self._session.run(begin)

    async def end_run(self, run_id: str, ending: str) -> None:
        """See `Journal.end_run`."""
        if not await self._session.execute(_END_RUN, (ending, run_id)):
            message = f"knows no run {run_id}"
            raise DatabaseError(message, where=self._session.where)

    async def intent(self, intent: Intent) -> None:
        """See `Journal.intent`."""
        step = (intent.run_id, intent.target, intent.key, intent.step)
        await self._writer.write((*step, "intent", intent.at, None, None, _json(intent.detail)), self._hold)

    async def outcome(self, outcome: Outcome) -> None:
        """See `Journal.outcome`."""
        step = (outcome.run_id, outcome.target, outcome.key, outcome.step)
        end = (outcome.at, outcome.outcome.value, outcome.remote_id, _json(outcome.detail))
        await self._writer.write((*step, "outcome", *end), self._hold)


class ShardJournal(PostgresJournal):
    """
    The journal as one shard sees it: its run goes on before and after, and what it writes needs the hold.

    Args:
        session: As of `PostgresJournal`.
        writer: As of `PostgresJournal`.
        hold: That the worker has the shard.
        known: The steps of its tables by key, read at once. As long as the hold is good nobody else adds to them.
    """

    def __init__(
        self, session: Session, writer: FactWriter, hold: Hold, known: dict[str, dict[str, StepState]]
    ) -> None:
        super().__init__(session, writer, hold)
        self._run_id = hold.run_id
        self._known = known
        # What this very run made before the shard was taken anew.
        self._made = {
            key: steps[CREATE].outcome
            for key, steps in known.items()
            if CREATE in steps and steps[CREATE].run_id == hold.run_id
        }

    def outcome_in_run(self, key: str, outcome: OutcomeKind) -> OutcomeKind:
        """How a table ended in the whole run: one that an earlier holder of the shard made is not just unchanged."""
        before = self._made.get(key)
        return before if outcome is OutcomeKind.UNCHANGED and before is not None else outcome

    async def steps(self, target: str, key: str) -> dict[str, StepState]:
        """See `JournalReader.steps`."""
        if key in self._known:
            return self._known[key]
        return await super().steps(target, key)

    async def steps_of_many(self, target: str, keys: Sequence[str]) -> dict[str, dict[str, StepState]]:
        """See `JournalReader.steps_of_many`."""
        known = {key: self._known[key] for key in keys if key in self._known}
        rest = [key for key in keys if key not in known]
        return known | (await super().steps_of_many(target, rest) if rest else {})

    async def intent(self, intent: Intent) -> None:
        """See `Journal.intent`."""
        self._known.pop(intent.key, None)
        await super().intent(intent)

    async def outcome(self, outcome: Outcome) -> None:
        """See `Journal.outcome`."""
        self._known.pop(outcome.key, None)
        await super().outcome(outcome)

    async def begin_run(self, manifest: str, digest: str, *, command: str = "apply") -> Run:
        """The run that the shard belongs to, which began when the shards were made."""
        return Run(run_id=self._run_id, manifest=manifest, digest=digest, started_at=0.0, command=command)

    async def end_run(self, run_id: str, ending: str) -> None:
        """Nothing: a run ends when its last shard does."""


@asynccontextmanager
async def alone_in(
    url: str, *, manifest: str | None = None, patience: float = PATIENCE
) -> AsyncIterator[Session]:
    """
    A session in a database that nobody else changes but workers, its tables made or brought up to date if needed.

    Args:
        url: `postgresql://…`.
        manifest: The name of the manifest whose journal it is to be; `None` takes any.
        patience: Seconds for which a lost database is waited for.

    Raises:
        JournalLocked: Another process has it to itself.
        JournalForeign: It is the journal of another manifest.
        DatabaseError: The database is not there, or its tables are of a newer version.
    """
    async with Session(url, patience=patience) as session:
        await migrate(session)
    turn = Turn(session.where)
    async with Session(url, patience=patience, prepare=turn.take) as session:
        # A session connects when it is first asked, and whoever is here already is to be told of now.
        await session.fetch("SELECT 1")
        if manifest is not None:
            await _claim(session, manifest)
        yield session


async def _claim(session: Session, manifest: str) -> None:
    """Take the database for a manifest, or see that it is that one's."""
    ((owner,),) = await session.fetch(_CLAIM, (manifest,))
    _refuse_foreign(session, owner, manifest)


def _refuse_foreign(session: Session, owner: str, manifest: str | None) -> None:
    if manifest not in {None, owner}:
        advice = "name another database with --journal"
        raise JournalForeign(where=session.where, owner=owner, manifest=str(manifest), advice=advice)


async def _refuse_open_runs(session: Session) -> None:
    """See that no worker has, or will get, anything to do."""
    for run_id in await shared_runs.open_runs(session):
        # The last shard may be done, and its worker dead before it could say so.
        if not await shared_runs.end_if_done(session, run_id):
            raise JournalShared(run_id, where=session.where)


def _json(detail: Mapping[str, Any]) -> str:
    return orjson.dumps(detail).decode()
