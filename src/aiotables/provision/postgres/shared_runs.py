"""Runs that many workers share: begun with all their shards or not at all, ended when no shard is left."""

from collections.abc import Callable, Iterable, Mapping
from typing import Final

from psycopg.types.json import Jsonb

from aiotables.core.classes import frozen
from aiotables.provision.course import NO_RULES, Rules
from aiotables.provision.desired import Desired
from aiotables.provision.journal.facts import new_run_id
from aiotables.provision.portable import targets_json, targets_of
from aiotables.provision.postgres import clock
from aiotables.provision.postgres.bounds import Bounds
from aiotables.provision.postgres.session import Connection, Session
from aiotables.provision.postgres.shards import in_shards, seed, shard_size
from aiotables.provision.targets import AnyTarget


# Any number; it keeps two from beginning the same run both, and one whose answer was lost from beginning it again.
_BEGINNING: Final = 0x61694A74

_BEGIN: Final = """
    INSERT INTO aiotables.runs (run_id, manifest, digest, job)
    SELECT %s, %s, %s, %s WHERE NOT EXISTS (
        SELECT FROM aiotables.runs WHERE job IS NOT NULL AND ended_at IS NULL
    )
"""

_SEEDED: Final = "UPDATE aiotables.runs SET job = %s, bounds = %s WHERE run_id = %s"

_JOB: Final = """
    SELECT run_id, manifest, digest, job->>'name' AS name, (job->>'total')::int AS total, cancelling, ending, stopped
    FROM aiotables.runs
    WHERE job IS NOT NULL AND (%(run_id)s::text IS NULL OR run_id = %(run_id)s)
    ORDER BY number DESC LIMIT 1
"""

# A run may have very many targets: those of the others stay where they are.
_TARGET: Final = """
    SELECT job->'targets'->%(target)s, bounds IS NOT NULL FROM aiotables.runs
    WHERE run_id = %(run_id)s AND job IS NOT NULL AND ended_at IS NULL AND NOT cancelling
"""

_CANCEL: Final = "UPDATE aiotables.runs SET cancelling = true WHERE run_id = %s AND ended_at IS NULL"

_OPEN: Final = "SELECT run_id FROM aiotables.runs WHERE job IS NOT NULL AND ended_at IS NULL ORDER BY number"

# Whoever sees first that nothing is left ends the run.
_END: Final = """
    UPDATE aiotables.runs AS r SET ended_at = clock_timestamp(), ending = CASE
        WHEN r.cancelling AND r.stopped IS NULL THEN 'interrupted'
        WHEN (SELECT sum(failed) FROM aiotables.shards WHERE run_id = r.run_id) > 0 THEN 'failed'
        WHEN (SELECT sum(unknown) FROM aiotables.shards WHERE run_id = r.run_id) > 0 THEN 'unknown'
        WHEN r.cancelling THEN 'stopped'
        ELSE 'done' END
    WHERE r.run_id = %(run_id)s AND r.ended_at IS NULL AND NOT EXISTS (
        SELECT FROM aiotables.shards AS s WHERE s.run_id = r.run_id AND s.state <> 'done'
            AND (NOT r.cancelling OR (s.state = 'doing' AND s.due_at > clock_timestamp()))
    )
"""


@frozen(kw_only=True)
class SharedRun:
    """A run that workers carry out."""

    run_id: str

    manifest: str
    """Where the manifest was read from."""

    digest: str
    name: str
    """What the manifest calls itself."""

    total: int
    """Tables."""

    cancelling: bool = False

    ending: str | None = None
    """`None` while it goes on."""

    stopped: str | None = None
    """Why it begins no table any more, when its bounds are the reason."""


@frozen
class Task:
    """What a worker has to know to work on one target of a run."""

    target: AnyTarget

    bounded: bool
    """Whether the run has bounds that have to be looked at."""


async def begin(
    session: Session,
    *,
    manifest: str,
    name: str,
    digest: str,
    targets: Mapping[str, AnyTarget],
    tables: Callable[[], Iterable[tuple[int, Desired]]],
    rules: Rules = NO_RULES,
) -> SharedRun | None:
    """
    Begin a run with all its shards, in one transaction. When there is one that goes on, nothing is done.

    Args:
        session: To the database.
        manifest: Where the manifest was read from.
        name: What it calls itself.
        digest: Its hash.
        targets: By name. Where their tokens are found is kept, and no token.
        tables: Gives what is desired, as a stream with levels; called again when the database is lost meanwhile.
        rules: What the run may take; canary and waves are not for workers.

    Raises:
        ManifestError: A table cannot be made. Nothing was begun.
        DatabaseError: The database is not there.
    """
    sizes = {key: shard_size(target.rate) for key, target in targets.items()}

    async def write(connection: Connection) -> SharedRun | None:
        await connection.execute("SELECT pg_advisory_xact_lock(%s)", (_BEGINNING,))
        run_id = new_run_id(await clock.now(connection))
        facts = {"name": name, "targets": targets_json(targets), "total": 0}
        if not (await connection.execute(_BEGIN, (run_id, manifest, digest, Jsonb(facts)))).rowcount:
            return None
        facts["total"] = total = await seed(connection, run_id, in_shards(tables(), sizes))
        bounds = Bounds.of(rules, total).to_json()
        await connection.execute(_SEEDED, (Jsonb(facts), bounds, run_id))
        return SharedRun(run_id=run_id, manifest=manifest, digest=digest, name=name, total=total)

    return await session.run(write)


async def find(session: Session, run_id: str | None = None) -> SharedRun | None:
    """A run by its id, or the last one; `None` when there is none."""
    rows = await session.fetch_named(_JOB, {"run_id": run_id})
    return SharedRun(**rows[0]) if rows else None


async def task_of(session: Session, run_id: str, target: str) -> Task | None:
    """What to know of a target of a run, by its name; `None` when no table of the run is to be begun any more."""
    rows = await session.fetch(_TARGET, {"run_id": run_id, "target": target})
    return Task(targets_of({target: rows[0][0]})[target], rows[0][1]) if rows else None


async def cancel(session: Session, run_id: str) -> bool:
    """Say that no new table of a run is to be begun. Says whether it was going on."""
    return await session.execute(_CANCEL, (run_id,)) > 0


async def open_runs(session: Session) -> list[str]:
    """The runs that have not ended."""
    return [run_id for (run_id,) in await session.fetch(_OPEN)]


async def end_if_done(session: Session, run_id: str) -> bool:
    """End a run of which no shard is left, and say whether this was it."""
    return await session.execute(_END, {"run_id": run_id}) > 0
