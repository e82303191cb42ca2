"""What people finders find: rows in the table of people (vendor's column guide)."""

import sqlite3

import orjson

from aiotables.emulator.clock import Clock, stamp_of
from aiotables.emulator.extruct.people import people, row_of
from aiotables.emulator.extruct.rows import Rows
from aiotables.emulator.extruct.tables import Tables
from aiotables.emulator.sqlite import transaction


_DUE = """
SELECT extruct_cell.*, config FROM extruct_cell JOIN extruct_column ON extruct_column.pk = column_pk
WHERE finds = 1 AND done <= ? AND NOT failed ORDER BY done, row_pk, position
"""


class Findings:
    """
    The people who were found by now. Nothing is done in the background: their rows are made when somebody looks.

    Args:
        catalogue: The open catalogue.
        tables: The tables.
        rows: Their rows.
        clock: The time.
    """

    def __init__(self, catalogue: sqlite3.Connection, tables: Tables, rows: Rows, clock: Clock) -> None:
        self._catalogue = catalogue
        self._tables = tables
        self._rows = rows
        self._clock = clock

    def gather(self) -> None:
        """Make the rows of those whom finders have found by now, each under the row of the company."""
        due = self._catalogue.execute(_DUE, (self._clock.now(),)).fetchall()
        if not due:
            return

        with transaction(self._catalogue):
            for cell in due:
                self._add(cell)
            self._catalogue.execute(
                "UPDATE extruct_cell SET finds = 0 WHERE finds = 1 AND done <= ? AND NOT failed",
                (self._clock.now(),),
            )

    def _add(self, cell: sqlite3.Row) -> None:
        company = self._tables.find_by_key(cell["table_pk"])
        found = map(row_of, people(orjson.loads(cell["config"]), cell["subject"]))
        there = {
            orjson.loads(data).get("input")
            for (data,) in self._catalogue.execute(
                "SELECT data FROM extruct_row WHERE parent_pk = ?", (cell["row_pk"],)
            )
        }
        fresh = [{"data": row} for row in found if row["input"] not in there]
        self._rows.insert(
            self._tables.people_of(company)["pk"],
            fresh,
            parent_pk=cell["row_pk"],
            created_at=stamp_of(cell["done"]),
        )
