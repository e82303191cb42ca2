"""Puts tables after those they depend on, in a temporary SQLite database instead of memory."""

from collections.abc import Iterator
from typing import Final

from aiotables.core.classes import frozen
from aiotables.provision.desired import Desired
from aiotables.provision.scratch import Scratch


SHOWN: Final = 10
"""Tables of a circle that are named."""

CANDIDATES: Final = 1000
"""Names among which a misspelt one is looked for."""


@frozen
class Missing:
    """A table that another one depends on, and that nobody asks for."""

    data: bytes
    """What was added with the one that depends on it."""

    position: int
    """In that one's list."""

    name: str


@frozen
class Circle:
    """Tables that depend on each other."""

    data: bytes
    """What was added with the first of them."""

    names: tuple[str, ...]
    """In the order in which each depends on the next; the first is also the last. Long ones are cut."""


class Ordering(Scratch):
    """Tables and what they depend on, on disk. A context manager; leaving it deletes the database."""

    def __init__(self) -> None:
        super().__init__(
            """
            CREATE TABLE node (
                seq INTEGER PRIMARY KEY, id TEXT UNIQUE, name TEXT, data BLOB, waits INT DEFAULT 0, level INT
            );
            CREATE INDEX by_level ON node (level, waits);
            CREATE TABLE edge (
                of TEXT, needs TEXT, position INT, name TEXT, PRIMARY KEY (of, needs)
            ) WITHOUT ROWID;
            CREATE INDEX by_need ON edge (needs)
            """
        )

    def add(self, desired: Desired, data: bytes) -> None:
        """
        Take a table in.

        Args:
            desired: The table; of several with one key the first counts.
            data: What to give back for it.
        """
        name = f"{desired.target}/{desired.key}"
        self._db.execute(
            "INSERT OR IGNORE INTO node (id, name, data) VALUES (?, ?, ?)", (desired.identity, name, data)
        )
        edges = [
            (desired.identity, each.identity, position, str(each))
            for position, each in enumerate(desired.depends_on)
        ]
        self._db.executemany("INSERT OR IGNORE INTO edge VALUES (?, ?, ?, ?)", edges)

    def missing(self) -> Iterator[Missing]:
        """What is depended on and was not added."""
        found = self._db.execute(
            "SELECT data, position, edge.name FROM edge JOIN node ON node.id = edge.of "
            "WHERE needs NOT IN (SELECT id FROM node) ORDER BY seq, position"
        )
        yield from (Missing(*row) for row in found)

    def names(self) -> list[str]:
        """The first names of tables, to find the one that was meant."""
        return [name for (name,) in self._db.execute("SELECT name FROM node LIMIT ?", (CANDIDATES,))]

    def circle(self) -> Circle | None:
        """Tables that wait for each other, if there are any."""
        self._rank()
        start = self._db.execute("SELECT id FROM node WHERE level IS NULL ORDER BY seq LIMIT 1").fetchone()
        if start is None:
            return None

        # Whoever was given no level needs another without one, so this comes back to where it was.
        path: dict[str, None] = {}
        (each,) = start
        while each not in path:
            path[each] = None
            (each,) = self._db.execute(
                "SELECT needs FROM edge JOIN node ON node.id = needs WHERE of = ? AND level IS NULL LIMIT 1",
                (each,),
            ).fetchone()
        ids = [*path]
        return self._named([*ids[ids.index(each) :], each])

    def _named(self, ids: list[str]) -> Circle:
        shown = ids if len(ids) <= SHOWN else [*ids[: SHOWN - 1], ids[-1]]
        facts = [
            self._db.execute("SELECT name, data FROM node WHERE id = ?", (each,)).fetchone() for each in shown
        ]
        names = [name for name, _ in facts]
        if shown is not ids:
            names.insert(-1, "…")
        return Circle(facts[0][1], tuple(names))

    def ranked(self) -> Iterator[tuple[int, bytes]]:
        """
        What was added, each after all that it depends on, and otherwise in the order in which it came.

        With it goes its level: 0, or one more than the highest of those that it depends on.
        """
        self._rank()
        yield from self._db.execute("SELECT level, data FROM node ORDER BY level, seq")

    def _rank(self) -> None:
        """Give each table a level above those it depends on; tables in a circle, or behind one, get none."""
        self._db.execute("UPDATE node SET level = NULL, waits = 0")
        self._db.execute(
            "UPDATE node SET waits = count FROM (SELECT of, count(*) AS count FROM edge "
            "WHERE needs IN (SELECT id FROM node) GROUP BY of) WHERE node.id = of"
        )
        level = 0
        ready = "UPDATE node SET level = ? WHERE level IS NULL AND waits = 0"
        while self._db.execute(ready, (level,)).rowcount:
            self._db.execute(
                "UPDATE node SET waits = waits - count FROM (SELECT of, count(*) AS count FROM node AS need "
                "JOIN edge ON needs = need.id WHERE need.level = ? GROUP BY of) WHERE node.id = of",
                (level,),
            )
            level += 1
