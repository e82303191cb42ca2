"""What is the matter with the journal that workers share, as far as its own tables tell."""

from collections.abc import AsyncIterator
from typing import Final

from psycopg.sql import SQL, Identifier

from aiotables.core.counting import counted
from aiotables.provision.journal.findings import (
    NONE_THERE,
    OPEN_STEPS,
    WRONG_STATES,
    Finding,
    Trouble,
    foreign,
    held,
    inconsistent,
    older,
    unsettled,
)
from aiotables.provision.postgres import turn
from aiotables.provision.postgres.schema import TABLES, VERSION, version_of
from aiotables.provision.postgres.session import Connection, Session


_THERE: Final = "SELECT tablename FROM pg_tables WHERE schemaname = 'aiotables'"

_OWNER: Final = "SELECT manifest FROM aiotables.owner"

_EXPIRED: Final = """
    SELECT count(*), coalesce(string_agg(DISTINCT s.owner, ', '), '')
    FROM aiotables.shards AS s JOIN aiotables.runs AS r ON r.run_id = s.run_id
    WHERE r.ended_at IS NULL AND s.state = 'doing' AND s.due_at <= clock_timestamp()
"""

_UNENDED: Final = """
    SELECT r.run_id FROM aiotables.runs AS r
    WHERE r.job IS NOT NULL AND r.ended_at IS NULL AND NOT EXISTS (
        SELECT FROM aiotables.shards AS s WHERE s.run_id = r.run_id AND s.state <> 'done'
            AND (NOT r.cancelling OR (s.state = 'doing' AND s.due_at > clock_timestamp()))
    )
"""

_DERIVE: Final = """
    INSERT INTO aiotables.steps (target, key, step, run_id, latest_seq, intent_seq, outcome)
    SELECT f.target, f.key, f.step, f.run_id, f.seq, l.intent_seq, f.outcome
    FROM (
        SELECT max(seq) AS seq, max(CASE kind WHEN 'intent' THEN seq END) AS intent_seq
        FROM aiotables.facts GROUP BY target, key, step
    ) AS l JOIN aiotables.facts AS f ON f.seq = l.seq
"""


async def examine(session: Session, *, manifest: str | None) -> list[Finding]:
    """
    Say what is the matter with the journal of a database. Nothing is changed.

    Args:
        session: To the database.
        manifest: The name of the manifest; `None` takes any.

    Raises:
        DatabaseError: The database is not there.
    """
    there = {name for (name,) in await session.fetch(_THERE)}
    if not there:
        return [NONE_THERE]
    version = await version_of(session) or 0
    if version > VERSION:
        text = f"The tables are of version {version}; this aiotables knows versions 1 to {VERSION}."
        return [Finding(trouble=Trouble.NEWER, text=text, advice="Use the aiotables that made them.")]
    if missing := sorted(
        name for name, since in TABLES.items() if since <= max(version, 1) and name not in there
    ):
        return [_incomplete(missing)]
    return [each async for each in _findings(session, version, manifest)]


def _incomplete(missing: list[str]) -> Finding:
    return Finding(
        trouble=Trouble.INCOMPLETE,
        text=f"The schema `aiotables` is there, and in it these tables are missing: {', '.join(missing)}.",
        advice="Restore the database from a backup, or name another one with --journal.",
    )


async def _findings(session: Session, version: int, manifest: str | None) -> AsyncIterator[Finding]:
    if version < VERSION:
        yield older(version, VERSION)
    for (owner,) in await session.fetch(_OWNER):
        if manifest not in {None, owner}:
            yield foreign(owner, str(manifest), "Name another database with --journal.")
    busy = await turn.holder(session) if version >= TABLES["turn"] else None
    if busy is not None:
        yield held(f"Process {busy.pid} on {busy.host} changes it")
    ((wrong,),) = await session.fetch(WRONG_STATES)
    if wrong:
        yield inconsistent(wrong)
    ((open_,),) = await session.fetch(OPEN_STEPS)
    if open_:
        yield unsettled(open_)
    ((shards, owners),) = await session.fetch(_EXPIRED)
    if shards:
        taken = counted(shards, "shard was", "shards were")
        text = f"{taken} taken by workers that are silent since their leases ended: {owners}."
        yield Finding(trouble=Trouble.EXPIRED, text=text, advice="Whichever worker lives takes them up.")
    for (run_id,) in await session.fetch(_UNENDED):
        text = f"{run_id} has nothing left to do, and was not ended."
        yield Finding(trouble=Trouble.UNENDED, text=text, advice="A worker ends it, and so does `--repair`.")


async def derive_states(session: Session) -> str | None:
    """
    Let the states of all steps follow from the facts again, when they do not.

    Returns:
        The table that has the states as they were.

    Raises:
        DatabaseError: The database is not there.
    """
    ((wrong,),) = await session.fetch(WRONG_STATES)
    return await session.run(_derive) if wrong else None


async def _derive(connection: Connection) -> str:
    # Nobody adds a fact meanwhile; all who would wait.
    await connection.execute("LOCK TABLE aiotables.facts IN SHARE ROW EXCLUSIVE MODE")
    query = "SELECT to_char(clock_timestamp() AT TIME ZONE 'UTC', '\"kept_steps_\"YYYYMMDD_HH24MISSUS')"
    ((name,),) = await (await connection.execute(query)).fetchall()
    keep = SQL("CREATE TABLE aiotables.{} AS TABLE aiotables.steps").format(Identifier(name))
    await connection.execute(keep)
    await connection.execute("DELETE FROM aiotables.steps")
    await connection.execute(_DERIVE)
    return f"aiotables.{name}"
