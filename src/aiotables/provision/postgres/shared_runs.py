"""Runs that many workers share: begun with all their shards or not at all, ended when no shard is left."""

from collections.abc import Callable, Iterable, Mapping
from typing import Final

from attrs import frozen
from psycopg.types.json import Jsonb

from aiotables.provision.desired import Desired
from aiotables.provision.portable import targets_json, targets_of
from aiotables.provision.postgres import clock
from aiotables.provision.postgres.journal import new_run_id
from aiotables.provision.postgres.session import Connection, Session
from aiotables.provision.postgres.shards import in_shards, seed, shard_size
from aiotables.provision.targets import AnyTarget


_BEGIN: Final = """
    INSERT INTO aiotables.runs (run_id, manifest, digest, job) VALUES (%s, %s, %s, %s)
"""

_JOB: Final = """
    SELECT run_id, manifest, digest, job, cancelling, ending FROM aiotables.runs
    WHERE job IS NOT NULL AND (%(run_id)s::text IS NULL OR run_id = %(run_id)s)
    ORDER BY number DESC LIMIT 1
"""

_CANCEL: Final = "UPDATE aiotables.runs SET cancelling = true WHERE run_id = %s AND ended_at IS NULL"

_OPEN: Final = "SELECT run_id FROM aiotables.runs WHERE job IS NOT NULL AND ended_at IS NULL ORDER BY number"

# Whoever sees first that nothing is left ends the run.
_END: Final = """
    UPDATE aiotables.runs AS r SET ended_at = clock_timestamp(), ending = CASE
        WHEN r.cancelling THEN 'interrupted'
        WHEN left_over.failed > 0 THEN 'failed'
        WHEN left_over.unknown > 0 THEN 'unknown'
        ELSE 'done' END
    FROM (
        SELECT count(*) FILTER (
                WHERE CASE WHEN cancelled THEN state = 'doing' AND due_at > clock_timestamp() ELSE state <> 'done' END
            ) AS open,
            coalesce(sum(failed), 0) AS failed, coalesce(sum(unknown), 0) AS unknown
        FROM aiotables.shards, (SELECT cancelling AS cancelled FROM aiotables.runs WHERE run_id = %(run_id)s) AS c
        WHERE run_id = %(run_id)s
    ) AS left_over
    WHERE r.run_id = %(run_id)s AND r.ended_at IS NULL AND left_over.open = 0
"""


@frozen(kw_only=True)
class SharedRun:
    """A run as its workers need it. Where its tokens are found is in it, and no token."""

    run_id: str

    manifest: str
    """Where the manifest was read from."""

    digest: str
    name: str
    """What the manifest calls itself."""

    targets: Mapping[str, AnyTarget]
    total: int
    cancelling: bool = False

    ending: str | None = None
    """`None` while it goes on."""


async def begin(
    session: Session,
    *,
    manifest: str,
    name: str,
    digest: str,
    targets: Mapping[str, AnyTarget],
    tables: Callable[[], Iterable[Desired]],
) -> SharedRun:
    """
    Begin a run with all its shards, in one transaction.

    Args:
        session: To the database.
        manifest: Where the manifest was read from.
        name: What it calls itself.
        digest: Its hash.
        targets: By name.
        tables: Gives what is desired, as a stream; called again when the database is lost meanwhile.

    Raises:
        ManifestError: A table cannot be made. Nothing was begun.
        DatabaseError: The database is not there.
    """
    sizes = {key: shard_size(target.rate) for key, target in targets.items()}

    async def write(connection: Connection) -> SharedRun:
        run_id = new_run_id(await clock.now(connection))
        facts = {"name": name, "targets": targets_json(targets), "total": 0}
        await connection.execute(_BEGIN, (run_id, manifest, digest, Jsonb(facts)))
        facts["total"] = total = await seed(connection, run_id, in_shards(tables(), sizes))
        await connection.execute(
            "UPDATE aiotables.runs SET job = %s WHERE run_id = %s", (Jsonb(facts), run_id)
        )
        return SharedRun(
            run_id=run_id, manifest=manifest, digest=digest, name=name, targets=dict(targets), total=total
        )

    return await session.run(write)


async def find(session: Session, run_id: str | None = None) -> SharedRun | None:
    """A run by its id, or the last one; `None` when there is none."""
    rows = await session.fetch(_JOB, {"run_id": run_id})
    row = next(iter(rows), None)
    if row is None:
        return None
    found, manifest, digest, facts, cancelling, ending = row
    return SharedRun(
        run_id=found,
        manifest=manifest,
        digest=digest,
        name=facts["name"],
        targets=targets_of(facts["targets"]),
        total=facts["total"],
        cancelling=cancelling,
        ending=ending,
    )


async def cancel(session: Session, run_id: str) -> bool:
    """Say that no new table of a run is to be begun. Says whether it was going on."""
    return await session.execute(_CANCEL, (run_id,)) > 0


async def open_runs(session: Session) -> list[str]:
    """The runs that have not ended."""
    return [run_id for (run_id,) in await session.fetch(_OPEN)]


async def end_if_done(session: Session, run_id: str) -> bool:
    """End a run of which no shard is left, and say whether this was it."""
    return await session.execute(_END, {"run_id": run_id}) > 0
