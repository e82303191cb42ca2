"""Runs: which cells are requested, what each waits for, and when it is done."""

import sqlite3
from collections.abc import Mapping, Sequence
from typing import Any

import orjson
from attrs import frozen

from aiotables.emulator.choices import LONGEST_SUBJECT, Choices
from aiotables.emulator.clock import Clock, stamp
from aiotables.emulator.extruct.account import Account
from aiotables.emulator.extruct.dependencies import Needs, ordered
from aiotables.emulator.extruct.failures import Failures
from aiotables.emulator.extruct.tables import Tables


PEOPLE_FINDER = "company_people_finder"


@frozen(kw_only=True)
class Pace:
    """How fast runs go, in seconds."""

    cell: float
    """How long a cell takes."""
    lag: float
    """How long after its start a run cannot be seen in the status of the table."""


# A cell begins at `starts = 9e999`, which is never, until all that it waits for has an end.
_REQUEST = f"""
INSERT INTO extruct_cell (table_pk, row_pk, column_pk, visible, starts, done, subject, finds)
SELECT table_pk, pk, :column, :visible, 9e999, 9e999, substr(coalesce(
    (SELECT CAST(value AS TEXT) FROM json_each(extruct_row.data) WHERE key = :subject LIMIT 1), data), 1, {LONGEST_SUBJECT}
), :finds
FROM extruct_row
WHERE table_pk = :table AND (:rows IS NULL OR id IN (SELECT value FROM json_each(:rows)))
"""  # noqa: S608 - fixed text

_AGAIN = """
ON CONFLICT DO UPDATE SET visible = excluded.visible, starts = 9e999, done = 9e999, provided = 0, failed = 0,
    subject = excluded.subject, finds = excluded.finds, attempt = attempt + 1
"""

_HAS_FAILED = """
AND pk IN (SELECT row_pk FROM extruct_cell WHERE column_pk = :column AND failed AND done <= :now)
"""

_MODES: Mapping[str, str] = {
    "new": _REQUEST + " ON CONFLICT DO NOTHING",
    "all": _REQUEST + _AGAIN,
    "failed": _REQUEST + _HAS_FAILED + _AGAIN,
}

_SCHEDULE = """
UPDATE extruct_cell AS cell SET (starts, failed) = (
    SELECT CASE
        WHEN count(*) FILTER (WHERE needed.column_pk IN (SELECT value FROM json_each(:named))) < :count THEN 9e999
        WHEN :waits AND max(needed.failed AND needed.column_pk IN (SELECT value FROM json_each(:named))) THEN 9e999
        ELSE max(cell.visible, coalesce(max(needed.done) FILTER (
            WHERE needed.done < 9e999 OR needed.column_pk IN (SELECT value FROM json_each(:named))
        ), 0))
    END,
    coalesce(max(needed.failed AND needed.column_pk IN (SELECT value FROM json_each(:named))), 0)
        OR cell_fails(:name, :key, cell.subject, cell.attempt)
    FROM extruct_cell AS needed
    WHERE needed.table_pk = cell.table_pk AND needed.row_pk = cell.row_pk
      AND needed.column_pk IN (SELECT value FROM json_each(:needed))
)
WHERE column_pk = :column AND starts = 9e999
"""


class Runs:
    """
    The runs of the one workspace. Nothing is done in the background: what a cell is follows from the clock when it is read.

    A cell begins when the run is seen and all cells that it needs are done, so those of a row that need nothing of one
    another go side by side, as all rows do. What it needs and nobody requested keeps it waiting.

    Args:
        catalogue: The open catalogue.
        tables: The tables.
        account: Who pays.
        clock: Time of the work on cells.
        pace: How fast they go.
        choices: Which cells fail, and what becomes of those that need them.
    """

    def __init__(
        self,
        catalogue: sqlite3.Connection,
        *,
        tables: Tables,
        account: Account,
        clock: Clock,
        pace: Pace,
        choices: Choices,
    ) -> None:
        self._catalogue = catalogue
        self._tables = tables
        self._account = account
        self._clock = clock
        self._pace = pace
        self._choices = choices
        strike = Failures(choices.failing_cells, choices.failure_seed).strike
        catalogue.create_function("cell_fails", 4, strike)

    def start(
        self,
        table: sqlite3.Row,
        *,
        mode: str,
        row_ids: Sequence[str] | None,
        column_ids: Sequence[str] | None,
    ) -> dict[str, Any]:
        """
        Request cells, in the transaction of the caller; what is told of the run.

        Args:
            table: The table.
            mode: `new`: cells that have no value, did not fail and are not worked on; `all`: every one; `failed`.
            row_ids: Rows in scope; None for all.
            column_ids: Columns in scope; None for all.

        Raises:
            Refusal: It cannot be paid.
        """
        requested = self._request(table, mode, row_ids, column_ids)
        self._account.start(requested * self._choices.cell_credits)
        self.schedule(table)
        run_id, now = self._tables.ids.uuid(), stamp(self._clock)
        self._catalogue.execute(
            "INSERT INTO extruct_run (id, table_pk, created_at, mode, num_requested_cells) VALUES (?, ?, ?, ?, ?)",
            (run_id, table["pk"], now, mode, requested),
        )
        return {
            "id": run_id,
            "created_at": now,
            "status": "created",
            "rows": row_ids,
            "columns": column_ids,
            "num_requested_cells": requested,
            "mode": mode,
        }

    def schedule(self, table: sqlite3.Row) -> None:
        """Let the cells of *table* begin that wait for nothing unknown any more, in the transaction of the caller."""
        columns = {column["key"]: column for column in self._tables.columns(table["pk"])}
        for key, needs in ordered(table["kind"], [_config(column) for column in columns.values()]):
            if columns[key]["kind"] != "input":
                self._schedule_column(table, columns, key, needs)

    def _request(
        self,
        table: sqlite3.Row,
        mode: str,
        row_ids: Sequence[str] | None,
        column_ids: Sequence[str] | None,
    ) -> int:
        columns = self._tables.columns(table["pk"])
        scope = [each for each in columns if column_ids is None or each["id"] in column_ids]
        inputs = [each["key"] for each in columns if each["kind"] == "input"]
        now = self._clock.now()
        values = {
            "table": table["pk"],
            "now": now,
            "visible": now + self._pace.lag,
            "rows": None if row_ids is None else _json(row_ids),
            "subject": "input" if "input" in inputs else next(iter(inputs), None),
        }
        return sum(
            self._catalogue.execute(
                _MODES[mode], values | {"column": each["pk"], "finds": each["kind"] == PEOPLE_FINDER}
            ).rowcount
            for each in scope
            if each["kind"] != "input"
        )

    def _schedule_column(
        self, table: sqlite3.Row, columns: Mapping[str, sqlite3.Row], key: str, needs: Needs
    ) -> None:
        named = _worked(columns, needs.named)
        values = {
            "column": columns[key]["pk"],
            "name": table["name"],
            "key": key,
            "named": _json(named),
            "count": len(named),
            "needed": _json([*named, *_worked(columns, needs.context)]),
            "waits": self._choices.after_failure == "wait",
        }
        self._catalogue.execute(_SCHEDULE, values)
        self._catalogue.execute(
            "UPDATE extruct_cell SET done = starts + ? WHERE column_pk = ? AND done = 9e999 AND starts < 9e999",
            (self._pace.cell, columns[key]["pk"]),
        )


def _worked(columns: Mapping[str, sqlite3.Row], keys: frozenset[str]) -> list[int]:
    """Keys in the catalogue of those columns that are no inputs."""
    return [columns[key]["pk"] for key in keys if columns[key]["kind"] != "input"]


def _config(column: sqlite3.Row) -> dict[str, Any]:
    return dict(orjson.loads(column["config"]))


def _json(value: object) -> str:
    return orjson.dumps(value).decode()
