"""Projects: each its own database, and the catalogue that knows them all."""

import hashlib
import sqlite3
from collections import OrderedDict
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any

import orjson
from attrs import frozen

from aiotables.emulator.choices import (
    FIRST_ACCOUNT_USER,
    INVALID_TOKEN,
    LONGEST_PATTERN,
    MISSING_AUTHORIZATION,
    PROJECT_EXISTS,
    PROJECT_NOT_FOUND,
)
from aiotables.emulator.clock import Clock, stamp
from aiotables.emulator.ids import Ids
from aiotables.emulator.sqlite import connect, transaction
from aiotables.emulator.zangtable.functions import replace_functions
from aiotables.emulator.zangtable.refusal import Refusal


FEW_OPEN = 48
MANY_OPEN = 1000


def most_open(descriptors: int | None) -> int:
    """
    How many databases may be open at once in a process that may have so many file descriptors; None: not known.

    An open database takes three; a quarter of them is left for connections.
    """
    return FEW_OPEN if descriptors is None else max(FEW_OPEN, min(descriptors // 4, MANY_OPEN))


def descriptors() -> int | None:
    """How many file descriptors this process may have; None where the system does not tell."""
    try:
        import resource
    except ImportError:
        return None

    soft, _ = resource.getrlimit(resource.RLIMIT_NOFILE)
    return None if soft == resource.RLIM_INFINITY else soft


@frozen
class Project:
    """A project and the token that a call came with."""

    id: int
    slug: str
    name: str
    token_id: int
    token_name: str | None
    token_created_at: str
    account_user: int


class Projects:
    """
    The databases of the projects, opened when asked for.

    A change of both a project and the catalogue is committed to the catalogue first. A process that is killed between
    the two commits leaves metadata without its table or column, which is removed when the project is next opened: the
    project's own database decides what exists, and the call whose answer never came has not happened. Likewise, changed
    metadata goes back to what it was.

    Args:
        catalogue: The open catalogue.
        folder: Where the databases are; None keeps them in memory.
        clock: Time of what is made.
        ids: Source of ids and secrets.
    """

    def __init__(self, catalogue: sqlite3.Connection, folder: Path | None, clock: Clock, ids: Ids) -> None:
        self.catalogue = catalogue
        self.ids = ids
        self.clock = clock
        self._folder = folder
        self._most_open = most_open(descriptors())
        self._open: OrderedDict[int, sqlite3.Connection] = OrderedDict()
        self._checked: set[int] = set()
        if folder is not None:
            folder.mkdir(parents=True, exist_ok=True)
        self._finish_deletions()

    def admit(self, slug: str, token: str | None) -> Project:
        """
        The project *slug*, which *token* opens.

        Raises:
            Refusal: There is no token, no such project, or the token is not of the project.
        """
        if token is None:
            raise Refusal(MISSING_AUTHORIZATION)

        row = self.catalogue.execute(
            """
            SELECT p.id, p.slug, p.name, t.id, t.name, t.created_at, t.account_user FROM project p
            LEFT JOIN project_token t ON t.project_id = p.id AND t.digest = ? AND t.revoked_at IS NULL
            WHERE p.slug = ? AND NOT p.deleted
            """,
            (digest(token), slug.lower()),
        ).fetchone()
        if row is None:
            raise Refusal(PROJECT_NOT_FOUND)

        if row[3] is None:
            raise Refusal(INVALID_TOKEN)

        return Project(*row)

    def check_account(self, token: str | None) -> None:
        """
        Let *token* pass if it opens any project.

        Raises:
            Refusal: There is no token, or it opens none.
        """
        if token is None:
            raise Refusal(MISSING_AUTHORIZATION)

        known = self.catalogue.execute(
            """
            SELECT 1 FROM project_token t JOIN project p ON p.id = t.project_id
            WHERE t.digest = ? AND t.revoked_at IS NULL AND NOT p.deleted
            """,
            (digest(token),),
        ).fetchone()
        if known is None:
            raise Refusal(INVALID_TOKEN)

    def find(self, slug: str) -> int | None:
        """The id of the project *slug*; None when there is none."""
        row = self.catalogue.execute(
            "SELECT id FROM project WHERE slug = ? AND NOT deleted", (slug.lower(),)
        ).fetchone()
        return None if row is None else int(row[0])

    @contextmanager
    def create(self, slug: str, name: str) -> Iterator[tuple[int, sqlite3.Connection]]:
        """
        Make the project *slug*, and with it what the block does to its database: all or nothing.

        Raises:
            Refusal: The slug is taken.
        """
        now = stamp(self.clock)
        with transaction(self.catalogue):
            if self.find(slug) is not None:
                raise Refusal(PROJECT_EXISTS)

            cursor = self.catalogue.execute(
                "INSERT INTO project (slug, name, created_at, updated_at) VALUES (?, ?, ?, ?)",
                (slug, name, now, now),
            )
            project_id = int(cursor.lastrowid or 0)
            # What an earlier attempt that was cut short may have left.
            self._close(project_id)
            self._remove_files(slug)
            try:
                database = self._connection(project_id, slug)
                with transaction(database):
                    yield project_id, database
            except BaseException:
                self._close(project_id)
                self._remove_files(slug)
                raise

    def describe(self, project_id: int) -> dict[str, Any]:
        """The project as update answers (docs page reference/service/update-project)."""
        row = self.catalogue.execute(
            "SELECT id, slug AS project_slug, name AS project_name, created_at, updated_at FROM project WHERE id = ?",
            (project_id,),
        ).fetchone()
        return dict(row)

    def rename(self, project_id: int, name: str) -> None:
        """Give the project another name for people."""
        self.catalogue.execute(
            "UPDATE project SET name = ?, updated_at = ? WHERE id = ?", (name, stamp(self.clock), project_id)
        )

    def add_token(
        self, project_id: int, token: str, name: str | None, account_user: int = FIRST_ACCOUNT_USER
    ) -> int:
        """Let *token* open the project, from now on if it does not already. Only a digest of it is kept."""
        self.catalogue.execute(
            """
            INSERT INTO project_token (project_id, digest, name, account_user, created_at) VALUES (?, ?, ?, ?, ?)
            ON CONFLICT DO UPDATE SET revoked_at = NULL
            """,
            (project_id, digest(token), name, account_user, stamp(self.clock)),
        )
        row = self.catalogue.execute(
            "SELECT id FROM project_token WHERE project_id = ? AND digest = ?", (project_id, digest(token))
        ).fetchone()
        return int(row[0])

    def database(self, project_id: int, slug: str) -> sqlite3.Connection:
        """The project's database, with the catalogue made to agree with it."""
        connection = self._connection(project_id, slug)
        if project_id not in self._checked:
            self._undo(project_id, connection)
            self._drop_orphans(project_id, connection)
            self._checked.add(project_id)
        return connection

    @contextmanager
    def change(self, project_id: int, slug: str) -> Iterator[sqlite3.Connection]:
        """Change the project's database and the catalogue: both or neither."""
        connection = self.database(project_id, slug)
        try:
            # Left in this order: the catalogue commits first.
            with transaction(connection), transaction(self.catalogue):
                yield connection
        except BaseException:
            self._checked.discard(project_id)
            raise

    @contextmanager
    def change_columns(self, project_id: int, slug: str, table_id: int) -> Iterator[sqlite3.Connection]:
        """
        Change columns that a table of the project has: in its database and the catalogue, or in neither.

        What the catalogue knew is kept until the next such change, under a number that the project's database gets with
        its commit: a database that has not got it has not changed, and the catalogue goes back.
        """
        with self.change(project_id, slug) as connection:
            before = self.catalogue.execute(
                "SELECT * FROM project_column WHERE project_id = ? AND table_id = ?", (project_id, table_id)
            ).fetchall()
            (number,) = self.catalogue.execute(
                "UPDATE project SET changes = changes + 1, undo = ? WHERE id = ? RETURNING changes",
                (orjson.dumps(list(map(tuple, before))).decode(), project_id),
            ).fetchone()
            yield connection
            connection.execute(f"PRAGMA user_version = {number}")

    def delete(self, project_id: int, slug: str) -> None:
        """
        Delete the project and its files.

        It is marked first, so that a deletion that was cut short is finished at the next start.
        """
        self.catalogue.execute("UPDATE project SET deleted = 1 WHERE id = ?", (project_id,))
        self._close(project_id)
        self._remove_files(slug)
        self.catalogue.execute("DELETE FROM project WHERE id = ?", (project_id,))

    def new_database(self, project_id: int, slug: str) -> sqlite3.Connection:
        """The project's database, in which nothing is yet, and of which the catalogue is not asked."""
        return self._connection(project_id, slug)

    def clear(self) -> None:
        """Close and delete all databases, once the catalogue names none of them."""
        if self._folder is not None:
            # Closing would write all that is in the logs into the files, to be deleted.
            with closing(sqlite3.connect(":memory:")) as nothing:
                for connection in self._open.values():
                    nothing.backup(connection)
        self.close()
        self._checked.clear()
        if self._folder is not None:
            for file in self._folder.iterdir():
                file.unlink()

    def names(self, project_id: int, slug: str) -> list[str]:
        """The tables in the project's own database, in the order in which they were made."""
        rows = self.database(project_id, slug).execute(
            "SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite!_%' ESCAPE '!'"
        )
        made = self.catalogue.execute(
            "SELECT name, id FROM project_table WHERE project_id = ?", (project_id,)
        )
        order: dict[str, int] = dict(map(tuple, made))
        return sorted((name for (name,) in rows), key=order.__getitem__)

    def all(self) -> list[tuple[int, str]]:
        """Id and slug of every project."""
        return [
            (row[0], row[1])
            for row in self.catalogue.execute("SELECT id, slug FROM project WHERE NOT deleted ORDER BY id")
        ]

    def close(self) -> None:
        """Close all databases; those in memory are gone."""
        for project_id in list(self._open):
            self._close(project_id)

    def _connection(self, project_id: int, slug: str) -> sqlite3.Connection:
        connection = self._open.get(project_id)
        if connection is not None:
            self._open.move_to_end(project_id)
            return connection

        if self._folder is not None and len(self._open) >= self._most_open:
            self._close(next(iter(self._open)))
        connection = connect(self._file(slug))
        # No value is larger than a request, so that no statement can ask for more memory than that.
        connection.setlimit(sqlite3.SQLITE_LIMIT_LENGTH, 2 * 1024 * 1024)
        # In bytes; longer ones would take long within one step, where nothing stops them.
        connection.setlimit(sqlite3.SQLITE_LIMIT_LIKE_PATTERN_LENGTH, 4 * LONGEST_PATTERN)
        replace_functions(connection)
        self._open[project_id] = connection
        return connection

    def _close(self, project_id: int) -> None:
        connection = self._open.pop(project_id, None)
        if connection is not None:
            connection.close()

    def _file(self, slug: str) -> Path | None:
        return None if self._folder is None else self._folder / f"{slug}.sqlite"

    def _remove_files(self, slug: str) -> None:
        if self._folder is None:
            return

        for end in ("", "-wal", "-shm"):
            (self._folder / f"{slug}.sqlite{end}").unlink(missing_ok=True)

    def _finish_deletions(self) -> None:
        for project_id, slug in self.catalogue.execute(
            "SELECT id, slug FROM project WHERE deleted"
        ).fetchall():
            self.delete(project_id, slug)

    def _undo(self, project_id: int, connection: sqlite3.Connection) -> None:
        (done,) = connection.execute("PRAGMA user_version").fetchone()
        (noted, text) = self.catalogue.execute(
            "SELECT changes, undo FROM project WHERE id = ?", (project_id,)
        ).fetchone()
        if done == noted:
            return

        before = orjson.loads(text)
        with transaction(self.catalogue):
            self.catalogue.execute(
                "DELETE FROM project_column WHERE project_id = ? AND table_id = ?",
                (project_id, before[0][1]),
            )
            places = ", ".join("?" * len(before[0]))
            self.catalogue.executemany(f"INSERT INTO project_column VALUES ({places})", before)  # noqa: S608 - placeholders
            self.catalogue.execute("UPDATE project SET changes = ? WHERE id = ?", (done, project_id))

    def _drop_orphans(self, project_id: int, connection: sqlite3.Connection) -> None:
        real = {
            (table.lower(), column.lower())
            for table, column in connection.execute(
                "SELECT m.name, c.name FROM sqlite_master m JOIN pragma_table_info(m.name) c WHERE m.type = 'table'"
            )
        }
        tables = {table for table, _ in real}
        known = self.catalogue.execute(
            """
            SELECT t.id, t.name, c.id, c.name FROM project_table t
            JOIN project_column c ON c.project_id = t.project_id AND c.table_id = t.id WHERE t.project_id = ?
            """,
            (project_id,),
        ).fetchall()
        with transaction(self.catalogue):
            for table_id, table, column_id, column in known:
                if table.lower() not in tables:
                    self.catalogue.execute(
                        "DELETE FROM project_table WHERE project_id = ? AND id = ?", (project_id, table_id)
                    )
                elif (table.lower(), column.lower()) not in real:
                    self.catalogue.execute(
                        "DELETE FROM project_column WHERE project_id = ? AND table_id = ? AND id = ?",
                        (project_id, table_id, column_id),
                    )


def digest(token: str) -> str:
    """What is kept of *token*."""
    # Header bytes that are no UTF-8 arrive as surrogates.
    return hashlib.sha256(token.encode(errors="surrogateescape")).hexdigest()
