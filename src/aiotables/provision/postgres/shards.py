"""
Shards: the tables of a run, in pieces that a worker takes whole.

A shard belongs to one target, so to one project and one token. Taking it raises its epoch, and what an earlier holder still
writes is refused. One whose holder is silent for longer than the lease is given to the next that asks.
"""

import zlib
from collections.abc import Iterable, Iterator, Mapping
from math import ceil
from typing import Final

from aiotables.core.classes import field, frozen
from aiotables.provision.desired import Desired
from aiotables.provision.lapse import Moment
from aiotables.provision.portable import desired_json, desired_of
from aiotables.provision.postgres.session import Connection, Session
from aiotables.provision.postgres.writer import Hold


LEAST, MOST = 10, 500
"""Tables in a shard."""

SHARD_SECONDS: Final = 120.0
"""How long a shard should take: what a worker that dies has begun is done again in this time."""

LEASE: Final = 20.0
"""Seconds after which a worker that said nothing has lost its shards."""

TRIES: Final = 5
"""How often a shard is taken up again while what became of some of its tables is unknown."""

STATES: Final = ("todo", "doing", "done")

COUNTED: Final = ("created", "adopted", "unchanged", "failed", "unknown")

_SEED: Final = "COPY aiotables.shards (run_id, number, target, level, needs, size, tables) FROM STDIN"

# Asked first whether a shard needs any: else the others would be looked through for each one.
_TAKE: Final = """
    UPDATE aiotables.shards AS s
    SET state = 'doing', epoch = s.epoch + 1, tries = s.tries + 1, owner = %(owner)s,
        due_at = clock_timestamp() + %(lease)s * interval '1 second'
    FROM (
        SELECT run_id, number FROM aiotables.shards AS f
        WHERE run_id = %(run_id)s AND target = %(target)s AND state <> 'done' AND due_at <= clock_timestamp()
            AND (f.needs = '{}' OR NOT EXISTS (
                SELECT FROM unnest(f.needs) AS need, LATERAL (
                    SELECT level FROM aiotables.shards
                    WHERE run_id = f.run_id AND target = need AND state <> 'done' ORDER BY level LIMIT 1
                ) AS lowest WHERE lowest.level < f.level
            ))
        ORDER BY number LIMIT 1 FOR UPDATE SKIP LOCKED
    ) AS free
    WHERE s.run_id = free.run_id AND s.number = free.number
    RETURNING s.number, s.epoch, s.tries, s.tables
"""

_RENEW: Final = """
    UPDATE aiotables.shards AS s SET due_at = clock_timestamp() + %(lease)s * interval '1 second'
    FROM aiotables.runs AS r
    WHERE s.run_id = %(run_id)s AND s.number = %(number)s AND s.epoch = %(epoch)s AND r.run_id = s.run_id
    RETURNING r.cancelling
"""

_LEAVE: Final = """
    UPDATE aiotables.shards SET state = %(state)s, owner = NULL, bad = %(bad)s,
        due_at = clock_timestamp() + %(wait)s * interval '1 second',
        created = %(created)s, adopted = %(adopted)s,
        unchanged = %(unchanged)s, failed = %(failed)s, unknown = %(unknown)s, requests = requests + %(requests)s,
        tries = tries - %(untaken)s
    WHERE run_id = %(run_id)s AND number = %(number)s AND epoch = %(epoch)s
"""

_NOTE: Final = """
    UPDATE aiotables.shards SET failed = %(failed)s, unknown = %(unknown)s
    WHERE run_id = %(run_id)s AND number = %(number)s AND epoch = %(epoch)s
"""

_BAD: Final = """
    SELECT each FROM aiotables.shards, unnest(bad) AS each
    WHERE run_id = %(run_id)s AND target = ANY(%(targets)s) AND each = ANY(%(wanted)s)
"""

_OPEN: Final = """
    SELECT s.run_id, s.target, count(*)::int,
        greatest(0, extract(epoch FROM min(s.due_at) - clock_timestamp()))::float8
    FROM aiotables.shards AS s JOIN aiotables.runs AS r ON r.run_id = s.run_id
    WHERE s.state <> 'done' AND r.ended_at IS NULL AND NOT r.cancelling
        AND (%(run_id)s::text IS NULL OR (s.run_id = %(run_id)s AND s.target = %(target)s))
        AND (s.needs = '{}' OR NOT EXISTS (
            SELECT FROM unnest(s.needs) AS need, LATERAL (
                SELECT level FROM aiotables.shards
                WHERE run_id = s.run_id AND target = need AND state <> 'done' ORDER BY level LIMIT 1
            ) AS lowest WHERE lowest.level < s.level
        ))
    GROUP BY s.run_id, s.target ORDER BY s.run_id, s.target
"""


@frozen(kw_only=True)
class Shard:
    """A piece of a run that this worker has."""

    hold: Hold
    target: str
    tries: int
    """How often it was taken, this time included."""

    asked_at: Moment
    """Before it was asked for: its lease began after that."""

    tables: tuple[Desired, ...] = field(repr=False)


@frozen(kw_only=True)
class OpenTarget:
    """A target of a run that has work left."""

    run_id: str
    target: str
    shards: int
    """How many are left, those included that somebody works on, and without those that wait for others to be done."""

    wait: float
    """Seconds until some of it can be taken."""


def shard_size(rate: float | None, *, calls_per_table: float = 2.0, at_once: int = 6) -> int:
    """
    How many tables a shard should have.

    Args:
        rate: Requests per second that the token may make; `None` when there is no limit.
        calls_per_table: Requests that a table takes.
        at_once: Shards of the token under way at once.
    """
    if rate is None:
        return MOST
    return max(LEAST, min(MOST, ceil(SHARD_SECONDS * rate / (calls_per_table * at_once))))


def pack(tables: Iterable[Desired]) -> bytes:
    """The tables of a shard as they are kept."""
    return zlib.compress(desired_json(tables), 1)


def unpack(data: bytes) -> tuple[Desired, ...]:
    """The tables that `pack` packed."""
    return tuple(desired_of(zlib.decompress(data)))


@frozen
class Piece:
    """What a shard is made of."""

    target: str
    level: int
    tables: list[Desired] = field(factory=list[Desired])

    @property
    def needs(self) -> set[str]:
        """The targets of the tables that these depend on."""
        return {each.target for table in self.tables for each in table.depends_on}


def in_shards(tables: Iterable[tuple[int, Desired]], sizes: Mapping[str, int]) -> Iterator[Piece]:
    """
    The tables in pieces, each of one target and one level; memory holds an unfinished one of each target.

    Args:
        tables: As a stream, with levels that rise.
        sizes: Tables in a shard, by target.
    """
    gathered: dict[str, Piece] = {}
    at = 0
    for level, table in tables:
        if level != at:
            at = level
            yield from gathered.values()
            gathered.clear()
        piece = gathered.setdefault(table.target, Piece(table.target, level))
        piece.tables.append(table)
        if len(piece.tables) == sizes[table.target]:
            yield gathered.pop(table.target)
    yield from gathered.values()


async def seed(connection: Connection, run_id: str, pieces: Iterable[Piece]) -> int:
    """Write the shards of a run, within a transaction of the caller's, and say how many tables they have."""
    total = 0
    async with connection.cursor() as cursor, cursor.copy(_SEED) as copy:
        copy.set_types(["text", "int4", "text", "int4", "text[]", "int4", "bytea"])
        for number, piece in enumerate(pieces):
            size = len(piece.tables)
            facts = (piece.level, [*piece.needs], size, pack(piece.tables))
            await copy.write_row((run_id, number, piece.target, *facts))
            total += size
    return total


class Shards:
    """
    The shards of all runs, for one worker.

    Args:
        session: To the database.
        owner: Names the worker, for people.
        lease: Seconds after which a worker that said nothing has lost its shards.
    """

    def __init__(self, session: Session, *, owner: str, lease: float = LEASE) -> None:
        self.where = session.where
        self._session = session
        self._owner = owner
        self.lease = lease

    async def take(self, run_id: str, target: str) -> Shard | None:
        """The next shard that is due, or `None`."""
        asked_at = Moment.now()
        wanted = {"run_id": run_id, "target": target, "owner": self._owner, "lease": self.lease}
        rows = await self._session.fetch(_TAKE, wanted)
        for number, epoch, tries, tables in rows:
            hold = Hold(run_id, number, epoch)
            return Shard(hold=hold, target=target, tries=tries, asked_at=asked_at, tables=unpack(tables))
        return None

    async def renew(self, hold: Hold) -> bool | None:
        """Keep a shard. Says whether its run is to be cancelled, or `None` when it is another worker's by now."""
        rows = await self._session.fetch(_RENEW, {"lease": self.lease, **_named(hold)})
        return bool(rows[0][0]) if rows else None

    async def leave(
        self,
        shard: Shard,
        counts: Mapping[str, int],
        *,
        done: bool,
        wait: float = 0.0,
        requests: int = 0,
        untaken: bool = False,
        bad: Iterable[str] = (),
    ) -> None:
        """
        Give a shard back.

        Args:
            shard: The shard.
            counts: Its tables by how they ended.
            done: Whether nothing is left to do.
            wait: Seconds for which nobody should take it, when something is left.
            requests: HTTP requests that were sent.
            untaken: Whether it does not count as a try.
            bad: The identities of its tables that are not as desired.
        """
        values = {
            **{name: counts.get(name, 0) for name in COUNTED},
            **_named(shard.hold),
            "state": "done" if done else "todo",
            "wait": wait,
            "requests": requests,
            "untaken": int(untaken),
            "bad": [*bad],
        }
        await self._session.execute(_LEAVE, values)

    async def note(self, hold: Hold, counts: Mapping[str, int]) -> None:
        """Say how many tables of a shard went wrong so far."""
        so_far = {name: counts.get(name, 0) for name in ("failed", "unknown")}
        await self._session.execute(_NOTE, {**so_far, **_named(hold)})

    async def bad_before(self, shard: Shard) -> list[str]:
        """The identities of the tables that those of a shard depend on, and that are not as desired."""
        needed = [each for table in shard.tables for each in table.depends_on]
        if not needed:
            return []
        values = {
            "run_id": shard.hold.run_id,
            "targets": [*{each.target for each in needed}],
            "wanted": [*{each.identity for each in needed}],
        }
        return [identity for (identity,) in await self._session.fetch(_BAD, values)]

    async def open_targets(self) -> list[OpenTarget]:
        """The targets of all runs that have shards left."""
        return await self._open(None, None)

    async def open_target(self, run_id: str, target: str) -> OpenTarget | None:
        """One target of a run; `None` when it has no shard left."""
        return next(iter(await self._open(run_id, target)), None)

    async def _open(self, run_id: str | None, target: str | None) -> list[OpenTarget]:
        rows = await self._session.fetch(_OPEN, {"run_id": run_id, "target": target})
        return [OpenTarget(run_id=run, target=of, shards=number, wait=wait) for run, of, number, wait in rows]


def _named(hold: Hold) -> dict[str, str | int]:
    return {"run_id": hold.run_id, "number": hold.number, "epoch": hold.epoch}
