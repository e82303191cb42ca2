"""Rows of Extruct's tables, the runs that fill their cells, and how far a table is."""

import re
import sqlite3
from collections.abc import Sequence
from typing import Any

import orjson

from aiotables.emulator.bodies import Issue
from aiotables.emulator.choices import ROW_UNKNOWN
from aiotables.emulator.clock import Clock, stamp
from aiotables.emulator.extruct.cells import Work, cell
from aiotables.emulator.extruct.refusal import Refusal, invalid_body
from aiotables.emulator.extruct.tables import Tables, new_id
from aiotables.emulator.sqlite import transaction


_UUID = re.compile(r"[0-9A-Fa-f]{8}(?:-[0-9A-Fa-f]{4}){3}-[0-9A-Fa-f]{12}")


class Rows:
    """
    The rows of the tables of the one workspace, and the work on them.

    A run fills the cells of a row one after another in the order of the columns, and all rows at the same time. Nothing
    is done in the background: what a cell is follows from the clock when it is read.

    Args:
        catalogue: The open catalogue.
        tables: The tables.
        clock: Time of what is made, and of the work on cells.
        run_seconds: How long a cell takes.
        run_lag: How long after its start a run cannot be seen in the status of the table.
    """

    def __init__(
        self,
        catalogue: sqlite3.Connection,
        tables: Tables,
        clock: Clock,
        *,
        run_seconds: float,
        run_lag: float,
    ) -> None:
        self._catalogue = catalogue
        self._tables = tables
        self._clock = clock
        self._run_seconds = run_seconds
        self._run_lag = run_lag

    def add(self, table: sqlite3.Row, rows: Sequence[Any], *, run: bool) -> list[dict[str, Any]]:
        """
        Append rows, and start a run of their empty cells if asked to.

        Args:
            table: The table.
            rows: Objects with `data` and, if sent, `metadata`.
            run: Whether to start the run.
        """
        pk = table["pk"]
        with transaction(self._catalogue):
            ids = self._insert(pk, rows)
            self._tables.touch(pk)
            if run:
                self._start(pk, mode="new", row_ids=ids, column_ids=None)
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
            Refusal: A row is not of the table.
        """
        pk = table["pk"]
        asked = [row["id"] for row in rows if "id" in row]
        if {row["id"] for row in self._by_ids(pk, asked)} < set(asked):
            raise Refusal(404, ROW_UNKNOWN)

        with transaction(self._catalogue):
            ids = [
                self._merge(pk, row["id"], row) if "id" in row else self._insert(pk, [row])[0] for row in rows
            ]
            self._tables.touch(pk)
            if run:
                self._start(pk, mode="new", row_ids=ids, column_ids=None)
        found = {row["id"]: row for row in self._page(table, self._by_ids(pk, ids))}
        return [found[row_id] for row_id in ids]

    def delete(self, table: sqlite3.Row, row_ids: Sequence[str]) -> list[str]:
        """
        Delete rows, and tell the ids of those that were there.

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
                "UPDATE extruct_table SET num_rows = num_rows - ? WHERE pk = ?", (len(gone), pk)
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
            mode: `new`: cells that have no value and are not worked on; `all`: every one; `failed`: those that failed,
                which here is none.
            row_ids: Rows in scope; None for all.
            column_ids: Columns in scope; None for all.

        Raises:
            Refusal: A row or column is not of the table.
        """
        pk = table["pk"]
        self._check_scope("rows", row_ids, {row["id"] for row in self._by_ids(pk, row_ids or ())})
        self._check_scope("columns", column_ids, {column["id"] for column in self._tables.columns(pk)})
        with transaction(self._catalogue):
            run_id, requested = self._start(pk, mode=mode, row_ids=row_ids, column_ids=column_ids)
        return {
            "id": run_id,
            "created_at": stamp(self._clock),
            "status": "created",
            "rows": row_ids,
            "columns": column_ids,
            "num_requested_cells": requested,
            "mode": mode,
        }

    def status(self, table: sqlite3.Row) -> dict[str, Any]:
        """How far *table* is."""
        pk, now = table["pk"], self._clock.now()
        completed, in_progress = self._catalogue.execute(
            """
            SELECT count(*) FILTER (WHERE done <= :now), count(*) FILTER (WHERE visible <= :now AND done > :now)
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

    def page(self, table: sqlite3.Row, *, offset: int, limit: int | None) -> list[dict[str, Any]]:
        """Rows of *table* from *offset* on; all of them without a *limit*."""
        rows = self._catalogue.execute(
            "SELECT * FROM extruct_row WHERE table_pk = ? ORDER BY pk LIMIT ? OFFSET ?",
            (table["pk"], -1 if limit is None else limit, offset),
        ).fetchall()
        return self._page(table, rows)

    def _start(
        self, table_pk: int, *, mode: str, row_ids: Sequence[str] | None, column_ids: Sequence[str] | None
    ) -> tuple[str, int]:
        visible = self._clock.now() + self._run_lag
        starts, requested = visible, 0
        for column in self._tables.columns(table_pk):
            if column["kind"] == "input" or (column_ids is not None and column["id"] not in column_ids):
                continue

            done = starts + self._run_seconds
            cells = self._request(mode, column, row_ids, (visible, starts, done))
            requested += cells
            starts = done if cells else starts
        run_id = new_id()
        self._catalogue.execute(
            "INSERT INTO extruct_run (id, table_pk, created_at, mode, num_requested_cells) VALUES (?, ?, ?, ?, ?)",
            (run_id, table_pk, stamp(self._clock), mode, requested),
        )
        return run_id, requested

    def _request(
        self, mode: str, column: sqlite3.Row, row_ids: Sequence[str] | None, times: tuple[float, float, float]
    ) -> int:
        if mode == "failed":
            return 0

        visible, starts, done = times
        return self._catalogue.execute(
            f"""
            INSERT OR {"REPLACE" if mode == "all" else "IGNORE"} INTO extruct_cell
            SELECT table_pk, pk, :column, :visible, :starts, :done, 0 FROM extruct_row
            WHERE table_pk = :table AND (:rows IS NULL OR id IN (SELECT value FROM json_each(:rows)))
            """,  # noqa: S608 - fixed text
            {
                "column": column["pk"],
                "table": column["table_pk"],
                "visible": visible,
                "starts": starts,
                "done": done,
                "rows": None if row_ids is None else _json(row_ids),
            },
        ).rowcount

    def _insert(self, table_pk: int, rows: Sequence[Any]) -> list[str]:
        now = stamp(self._clock)
        made = [(new_id(), table_pk, _json(row["data"]), _json(row.get("metadata", {})), now) for row in rows]
        self._catalogue.executemany(
            "INSERT INTO extruct_row (id, table_pk, data, metadata, created_at) VALUES (?, ?, ?, ?, ?)", made
        )
        self._catalogue.execute(
            "UPDATE extruct_table SET num_rows = num_rows + ? WHERE pk = ?", (len(made), table_pk)
        )
        ids = [row_id for row_id, *_ in made]
        self._note_provided(table_pk, self._by_ids(table_pk, ids))
        return ids

    def _merge(self, table_pk: int, row_id: str, sent: dict[str, Any]) -> str:
        (row,) = self._by_ids(table_pk, [row_id])
        metadata = sent.get("metadata", orjson.loads(row["metadata"]))
        self._catalogue.execute(
            "UPDATE extruct_row SET data = ?, metadata = ? WHERE pk = ?",
            (_json(orjson.loads(row["data"]) | sent["data"]), _json(metadata), row["pk"]),
        )
        # What is sent stands in the place of what was worked on; null makes the cell empty again.
        self._catalogue.execute(
            """
            DELETE FROM extruct_cell WHERE row_pk = ? AND column_pk IN
            (SELECT pk FROM extruct_column WHERE table_pk = ? AND key IN (SELECT value FROM json_each(?)))
            """,
            (row["pk"], table_pk, _json(list(sent["data"]))),
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
            "INSERT INTO extruct_cell VALUES (?, ?, ?, ?, ?, ?, 1)",
            (
                (table_pk, row["pk"], outputs[key], now, now, now)
                for row in rows
                for key, value in orjson.loads(row["data"]).items()
                if key in outputs and value is not None and (only is None or key in only)
            ),
        )

    def _by_ids(self, table_pk: int, row_ids: Sequence[str]) -> list[sqlite3.Row]:
        return self._catalogue.execute(
            """
            SELECT * FROM extruct_row WHERE table_pk = ? AND id IN (SELECT value FROM json_each(?)) ORDER BY pk
            """,
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
        now = self._clock.now()
        return [
            {
                "id": row["id"],
                "created_at": row["created_at"],
                "parent_row_id": None,
                "company_profile_id": None,
                "data": orjson.loads(row["data"]) | self._worked_cells(row, configs, now),
                "metadata": orjson.loads(row["metadata"]),
                "parent_data": {},
            }
            for row in rows
        ]

    def _worked_cells(self, row: sqlite3.Row, configs: dict[int, Any], now: float) -> dict[str, Any]:
        cells = self._catalogue.execute(
            "SELECT column_pk, starts, done FROM extruct_cell WHERE row_pk = ? AND NOT provided", (row["pk"],)
        )
        worked = {
            column_pk: cell(configs[column_pk], Work(starts, done), now) for column_pk, starts, done in cells
        }
        return {configs[pk]["key"]: worked[pk] for pk in configs if pk in worked}


def _json(value: object) -> str:
    return orjson.dumps(value).decode()
