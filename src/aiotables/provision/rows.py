"""Reads the rows of Extruct tables from their files, again each time, and never holds them all."""

import itertools
import threading
from collections.abc import Iterator
from typing import Any, Final

import orjson

from aiotables.provision.desired import Desired, ExtructSpec, RowSource
from aiotables.provision.problems import ManifestError, in_row
from aiotables.provision.scratch import Scratch
from aiotables.provision.sources import Row, RowFile


PAGE: Final = 500
"""Rows read from the store at once."""


def rows(desired: Desired) -> Iterator[dict[str, Any]]:
    """
    The rows of one table, each as its values by column key, in the order of the manifest or the file.

    It reads the whole file. For many tables of one file, use a `RowReader`.

    Raises:
        ManifestError: A row of the file cannot be read, or lacks a column.
    """
    source = _source(desired)
    if not isinstance(source, RowSource):
        yield from source
        return

    match = source.match
    for row in source.file.rows():
        if source.match_of(row) == match:
            yield _data(source, row)


class RowReader(Scratch):
    """
    Reads the rows of many tables out of the same files.

    Each file is read once, into a temporary SQLite database on disk with an index over what its tables select
    by. A file that changes afterwards is not read again. Threads may share a reader; the first use of a file
    takes as long as reading it, so an event loop should leave that to a thread. A context manager; leaving it
    deletes the database.
    """

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._numbers = itertools.count()
        self._files: dict[RowFile, int] = {}
        self._lookups: dict[tuple[int, tuple[str, ...]], int] = {}
        super().__init__(
            """
            CREATE TABLE row (file INT, line INT, data BLOB, PRIMARY KEY (file, line)) WITHOUT ROWID;
            CREATE TABLE match (
                lookup INT, match TEXT, line INT, PRIMARY KEY (lookup, match, line)
            ) WITHOUT ROWID
            """
        )

    def close(self) -> None:
        """Drop everything."""
        # A thread may be reading still, of a run that was cancelled; closing under its hands would crash the process.
        with self._lock:
            super().close()

    def read(self, desired: Desired) -> Iterator[dict[str, Any]]:
        """
        The rows of one table, as the function `rows` gives them.

        Raises:
            ManifestError: A row of the file cannot be read, or lacks a column.
        """
        source = _source(desired)
        if not isinstance(source, RowSource):
            yield from source
            return

        last = 0
        while page := self._page(source, last):
            yield from (_data(source, row) for row in page)
            last = page[-1].line

    def _page(self, source: RowSource, after: int) -> list[Row]:
        with self._lock:
            file = self._stored(source.file)
            lookup = self._indexed(source, file)
            found = self._db.execute(
                "SELECT line, data FROM match JOIN row USING (line) "
                "WHERE lookup = ? AND match = ? AND line > ? AND file = ? ORDER BY line LIMIT ?",
                (lookup, source.match, after, file, PAGE),
            )
            return [Row(line, orjson.loads(data)) for line, data in found]

    def _stored(self, file: RowFile) -> int:
        if file not in self._files:
            # Never used again: reading may fail half way, and what was stored by then belongs to nobody.
            number = next(self._numbers)
            rows = ((number, row.line, orjson.dumps(row.values)) for row in file.rows())
            self._db.executemany("INSERT INTO row VALUES (?, ?, ?)", rows)
            self._files[file] = number
        return self._files[file]

    def _indexed(self, source: RowSource, file: int) -> int:
        by = (file, tuple(column for column, _ in source.where))
        if by not in self._lookups:
            number = next(self._numbers)
            stored = self._db.execute("SELECT line, data FROM row WHERE file = ?", (file,))
            rows = (Row(line, orjson.loads(data)) for line, data in stored)
            matches = ((number, source.match_of(row), row.line) for row in rows)
            self._db.executemany("INSERT INTO match VALUES (?, ?, ?)", matches)
            self._lookups[by] = number
        return self._lookups[by]


def _source(desired: Desired) -> RowSource | tuple[dict[str, Any], ...]:
    return desired.spec.rows if isinstance(desired.spec, ExtructSpec) else ()


def _data(source: RowSource, row: Row) -> dict[str, Any]:
    try:
        return source.data_of(row)
    except ManifestError as error:
        raise in_row(error, f"{source.file.name}:{row.line}") from None
