"""Rows of Extruct's tables, and how far a table is."""

import re
import sqlite3
from collections.abc import Sequence
from typing import Any

import orjson

from aiotables.emulator.bodies import Issue
from aiotables.emulator.choices import ROW_UNKNOWN
from aiotables.emulator.clock import Clock, stamp
from aiotables.emulator.extruct.answers import company_of
from aiotables.emulator.extruct.cells import Work, cell
from aiotables.emulator.extruct.refusal import Refusal, invalid_body
from aiotables.emulator.extruct.runs import Runs
from aiotables.emulator.extruct.tables import Tables
from aiotables.emulator.sqlite import transaction


_UUID = re.compile(r"[0-9A-Fa-f]{8}(?:-[0-9A-Fa-f]{4}){3}-[0-9A-Fa-f]{12}")


# The answered id of the parent comes along with each row.
_PAGE = """
SELECT *, (SELECT id FROM extruct_row AS parent WHERE parent.pk = extruct_row.parent_pk) AS parent_id
FROM extruct_row WHERE table_pk = ? ORDER BY pk LIMIT ? OFFSET ?
"""
# The plus keeps SQLite from going through all rows of the table instead.
_BY_IDS = """
SELECT *, (SELECT id FROM extruct_row AS parent WHERE parent.pk = extruct_row.parent_pk) AS parent_id
FROM extruct_row WHERE +table_pk = ? AND id IN (SELECT value FROM json_each(?)) ORDER BY pk
"""


class Rows:
    """
    The rows of the tables of the one workspace.

    Args:
        catalogue: The open catalogue.
        tables: The tables.
        runs: The runs that fill cells.
        clock: Time of what is made.
    """

    def __init__(self, catalogue: sqlite3.Connection, tables: Tables, runs: Runs, clock: Clock) -> None:
        self._catalogue = catalogue
        self._tables = tables
        self._runs = runs
        self._clock = clock

    def add(self, table: sqlite3.Row, rows: Sequence[Any], *, run: bool) -> list[dict[str, Any]]:
        """
        Append rows, and start a run of their empty cells if asked to.

        Args:
            table: The table.
            rows: Objects with `data` and, if sent, `metadata`.
            run: Whether to start the run.

        Raises:
            Refusal: The run cannot be paid.
        """
        pk = table["pk"]
        with transaction(self._catalogue):
            ids = self.insert(pk, rows)
            self._tables.touch(pk)
            if run:
                self._runs.start(table, mode="new", row_ids=ids, column_ids=None)
        return self._page(table, self._by_ids(pk, ids))

    def change(self, table: sqlite3.Row, rows: Sequence[Any], *, run: bool) -> list[dict[str, Any]]:
        """
        Change rows that bring their id, append those that do not, and start a run of their empty cells if asked to.

        Args:
            table: The table.
            rows: Objects with `data` and, if sent, `id` and `metadata`. Keys of the data that are not sent stay as they
                are; metadata is replaced.
            run: Whether to start the run.

        Raises:
            Refusal: A row is not of the table, or the run cannot be paid.
        """
        pk = table["pk"]
        asked = [row["id"] for row in rows if "id" in row]
        if {row["id"] for row in self._by_ids(pk, asked)} < set(asked):
            raise Refusal(404, ROW_UNKNOWN)

        with transaction(self._catalogue):
            ids = [
                self._merge(pk, row["id"], row) if "id" in row else self.insert(pk, [row])[0] for row in rows
            ]
            self._tables.touch(pk)
            # A value that was sent may be what cells were waiting for.
            self._runs.schedule(table)
            if run:
                self._runs.start(table, mode="new", row_ids=ids, column_ids=None)
        found = {row["id"]: row for row in self._page(table, self._by_ids(pk, ids))}
        return [found[row_id] for row_id in ids]

    def delete(self, table: sqlite3.Row, row_ids: Sequence[str]) -> list[str]:
        """
        Delete rows with those that were found for them, and tell the ids of those that were there.

        Raises:
            Refusal: An id is no UUID.
        """
        issues = [
            Issue(("rows", place), "Input should be a valid UUID", "uuid_parsing")
            for place, row_id in enumerate(row_ids)
            if not _UUID.fullmatch(row_id)
        ]
        if issues:
            raise invalid_body(*issues)

        pk = table["pk"]
        there = {row["id"] for row in self._by_ids(pk, row_ids)}
        gone = [row_id for row_id in dict.fromkeys(row_ids) if row_id in there]
        with transaction(self._catalogue):
            self._catalogue.execute(
                "DELETE FROM extruct_row WHERE table_pk = ? AND id IN (SELECT value FROM json_each(?))",
                (pk, _json(gone)),
            )
            self._catalogue.execute(
                """
                UPDATE extruct_table
                SET num_rows = (SELECT count(*) FROM extruct_row WHERE table_pk = extruct_table.pk)
                WHERE pk = :pk OR pk IN (SELECT child_pk FROM extruct_relation WHERE parent_pk = :pk)
                """,
                {"pk": pk},
            )
            self._tables.touch(pk)
        return gone

    def get(self, table: sqlite3.Row, row_id: str) -> dict[str, Any]:
        """
        A row of *table*, with its status.

        Raises:
            Refusal: There is none of that id.
        """
        found = self._by_ids(table["pk"], [row_id])
        if not found:
            raise Refusal(404, ROW_UNKNOWN)

        (running,) = self._catalogue.execute(
            "SELECT EXISTS (SELECT 1 FROM extruct_cell WHERE row_pk = :row AND visible <= :now AND done > :now)",
            {"row": found[0]["pk"], "now": self._clock.now()},
        ).fetchone()
        return self._page(table, found)[0] | {"status": "running" if running else "idle"}

    def run(
        self,
        table: sqlite3.Row,
        *,
        mode: str,
        row_ids: Sequence[str] | None,
        column_ids: Sequence[str] | None,
    ) -> dict[str, Any]:
        """
        Start a run.

        Args:
            table: The table.
            mode: One of those of `Runs.start`.
            row_ids: Rows in scope; None for all.
            column_ids: Columns in scope; None for all.

        Raises:
            Refusal: A row or column is not of the table, or the run cannot be paid.
        """
        pk = table["pk"]
        self._check_scope("rows", row_ids, {row["id"] for row in self._by_ids(pk, row_ids or ())})
        self._check_scope("columns", column_ids, {column["id"] for column in self._tables.columns(pk)})
        with transaction(self._catalogue):
            return self._runs.start(table, mode=mode, row_ids=row_ids, column_ids=column_ids)

    def status(self, table: sqlite3.Row) -> dict[str, Any]:
        """How far *table* is."""
        pk, now = table["pk"], self._clock.now()
        completed, in_progress = self._catalogue.execute(
            """
            SELECT count(*) FILTER (WHERE done <= :now AND NOT failed),
                   count(*) FILTER (WHERE visible <= :now AND done > :now)
            FROM extruct_cell WHERE table_pk = :table
            """,
            {"now": now, "table": pk},
        ).fetchone()
        inputs, outputs = self._catalogue.execute(
            """
            SELECT count(*) FILTER (WHERE kind = 'input'), count(*) FILTER (WHERE kind <> 'input')
            FROM extruct_column WHERE table_pk = ?
            """,
            (pk,),
        ).fetchone()
        return {
            "num_columns": inputs + outputs,
            "run_status": "running" if in_progress else "idle",
            "num_rows": table["num_rows"],
            "num_output_columns": outputs,
            "num_input_columns": inputs,
            "num_cells_completed": completed,
            "num_cells_in_progress": in_progress,
        }

    def insert(
        self,
        table_pk: int,
        rows: Sequence[Any],
        *,
        parent_pk: int | None = None,
        created_at: str | None = None,
    ) -> list[str]:
        """
        Append rows in the transaction of the caller; their ids.

        Args:
            table_pk: The table.
            rows: Objects with `data` and, if there is some, `metadata`.
            parent_pk: The row of the parent table that they belong to.
            created_at: Their time; now if not given.
        """
        at = created_at or stamp(self._clock)
        made = [
            (
                self._tables.ids.uuid(),
                table_pk,
                _json(row["data"]),
                _json(row.get("metadata", {})),
                at,
                parent_pk,
            )
            for row in rows
        ]
        self._catalogue.executemany(
            """
            INSERT INTO extruct_row (id, table_pk, data, metadata, created_at, parent_pk)
            VALUES (?, ?, ?, ?, ?, ?)
            """,
            made,
        )
        self._catalogue.execute(
            "UPDATE extruct_table SET num_rows = num_rows + ? WHERE pk = ?", (len(made), table_pk)
        )
        ids = [row_id for row_id, *_ in made]
        self._note_provided(table_pk, self._by_ids(table_pk, ids))
        return ids

    def page(self, table: sqlite3.Row, *, offset: int, limit: int | None) -> list[dict[str, Any]]:
        """Rows of *table* from *offset* on; all of them without a *limit*."""
        rows = self._catalogue.execute(
            _PAGE,
            (table["pk"], -1 if limit is None else limit, offset),
        ).fetchall()
        return self._page(table, rows)

    def _merge(self, table_pk: int, row_id: str, sent: dict[str, Any]) -> str:
        (row,) = self._by_ids(table_pk, [row_id])
        metadata = sent.get("metadata", orjson.loads(row["metadata"]))
        self._catalogue.execute(
            "UPDATE extruct_row SET data = ?, metadata = ? WHERE pk = ?",
            (_json(orjson.loads(row["data"]) | sent["data"]), _json(metadata), row["pk"]),
        )
        # What is sent stands in the place of what was worked on; null makes the cell empty again.
        replaced = [
            column["pk"] for column in self._tables.columns(table_pk) if column["key"] in sent["data"]
        ]
        self._catalogue.execute(
            "DELETE FROM extruct_cell WHERE row_pk = ? AND column_pk IN (SELECT value FROM json_each(?))",
            (row["pk"], _json(replaced)),
        )
        (changed,) = self._by_ids(table_pk, [row_id])
        self._note_provided(table_pk, [changed], frozenset(sent["data"]))
        return row_id

    def _note_provided(
        self, table_pk: int, rows: Sequence[sqlite3.Row], only: frozenset[str] | None = None
    ) -> None:
        # A value that came with the row is a finished cell: a run for new cells passes it over.
        outputs = {c["key"]: c["pk"] for c in self._tables.columns(table_pk) if c["kind"] != "input"}
        now = self._clock.now()
        self._catalogue.executemany(
            """
            INSERT INTO extruct_cell (table_pk, row_pk, column_pk, visible, starts, done, provided)
            VALUES (?, ?, ?, ?, ?, ?, 1)
            """,
            (
                (table_pk, row["pk"], outputs[key], now, now, now)
                for row in rows
                for key, value in orjson.loads(row["data"]).items()
                if key in outputs and value is not None and (only is None or key in only)
            ),
        )

    def _by_ids(self, table_pk: int, row_ids: Sequence[str]) -> list[sqlite3.Row]:
        return self._catalogue.execute(
            _BY_IDS,
            (table_pk, _json(row_ids)),
        ).fetchall()

    def _check_scope(self, name: str, asked: Sequence[str] | None, known: set[str]) -> None:
        issues = [
            Issue((name, place), "Not found in this table")
            for place, item in enumerate(asked or ())
            if item not in known
        ]
        if issues:
            raise invalid_body(*issues)

    def _page(self, table: sqlite3.Row, rows: Sequence[sqlite3.Row]) -> list[dict[str, Any]]:
        configs = {
            column["pk"]: orjson.loads(column["config"]) for column in self._tables.columns(table["pk"])
        }
        return [self._wire(row, configs) for row in rows]

    def _wire(self, row: sqlite3.Row, configs: dict[int, Any]) -> dict[str, Any]:
        worked, now = self._worked(row), self._clock.now()
        profiles = (
            company_of(worked[pk].subject)
            for pk in worked
            if configs[pk]["kind"] == "company_profile" and worked[pk].status(now) == "done"
        )
        cells = {configs[pk]["key"]: cell(configs[pk], worked[pk], now) for pk in configs if pk in worked}
        return {
            "id": row["id"],
            "created_at": row["created_at"],
            "parent_row_id": row["parent_id"],
            "company_profile_id": next((company.id for company in profiles if company), None),
            "data": orjson.loads(row["data"]) | cells,
            "metadata": orjson.loads(row["metadata"]),
            "parent_data": {},
        }

    def _worked(self, row: sqlite3.Row) -> dict[int, Work]:
        cells = self._catalogue.execute(
            """
            SELECT column_pk, starts, done, failed, subject FROM extruct_cell WHERE row_pk = ? AND NOT provided
            """,
            (row["pk"],),
        )
        return {
            pk: Work(starts, done, failed=bool(failed), subject=subject)
            for pk, starts, done, failed, subject in cells
        }


def _json(value: object) -> str:
    return orjson.dumps(value).decode()
