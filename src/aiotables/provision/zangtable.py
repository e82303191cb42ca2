"""Provisioning on ZangTable: what a project holds, and what a table still needs."""

from collections.abc import Iterable, Iterator, Mapping
from contextlib import AbstractAsyncContextManager
from typing import Any, cast

from aiotables.core.errors import BadRequest, NotFound, PermissionDenied, ValidationFailed
from aiotables.core.sentinels import UNSET
from aiotables.core.settle import Sent, Verdict
from aiotables.provision.desired import Desired, ZangTableColumn, ZangTableIndex, ZangTableSpec
from aiotables.provision.journal import StepState
from aiotables.provision.snapshot import Entry, Snapshot
from aiotables.provision.steps import CREATE, Action, Step, TablePlan, made, on_table, same_digest
from aiotables.zangtable import ZangTable
from aiotables.zangtable._generated import operations
from aiotables.zangtable._generated.models import (
    Column,
    ColumnCreate,
    ColumnType,
    IndexCreate,
    SqlQuery,
    TableCreate,
)


PAGE = 1000
"""Most rows that one read-only query answers with (docs page reference/query/query-records)."""

OPERATION_KEY = "aiotables-apply"
"""The label under which ZangTable shows the calls of a run."""

CATALOGUE = r"""
    SELECT name, type, tbl_name FROM sqlite_master
    WHERE type IN ('table', 'index') AND name NOT LIKE 'sqlite\_%' ESCAPE '\' AND name > ? ORDER BY name LIMIT 1000
"""

ONE_INDEX = "SELECT name FROM sqlite_master WHERE type = 'index' AND lower(name) = ?"


class ZangTableService:
    """
    One project.

    Args:
        client: Of the project.
    """

    def __init__(self, client: ZangTable) -> None:
        self.client = client
        self._snapshot: Snapshot | None = None

    def group(self, run_id: str) -> AbstractAsyncContextManager[object]:
        """The operation group of a run: its calls stand together in the service's admin panel."""
        return self.client.operation(OPERATION_KEY, run_id=run_id)

    async def refresh(self) -> None:
        """
        Read the names of all tables and indexes by read-only SQL.

        The docs show that SQL may be read, not that the catalogue may. Where it may not, each table is read by name.
        """
        await self.client.auth.me()
        snapshot = Snapshot()
        try:
            await self._read_catalogue(snapshot)
        except (BadRequest, NotFound, PermissionDenied, ValidationFailed):
            snapshot.close()
            return
        except BaseException:
            snapshot.close()
            raise
        self._snapshot = snapshot

    async def _read_catalogue(self, snapshot: Snapshot) -> None:
        last = ""
        # Until nothing comes: that a page is short may also mean that the service gives less than was asked for.
        while rows := (await self.client.query(SqlQuery(sql=CATALOGUE, params=[last], limit=PAGE))).rows:
            snapshot.add(_entries(rows))
            last = str(rows[-1]["name"])

    async def plan(self, desired: Desired, known: Mapping[str, StepState]) -> TablePlan:
        """Say what a table needs: everything, missing columns and indexes, or nothing."""
        spec = cast("ZangTableSpec", desired.spec)
        there = self._snapshot is not None and bool(self._snapshot.find(_lower(spec.name)))
        if there and same_digest(known, desired):
            table_id = known[CREATE].remote_id
            return _change(desired, table_id, await self._missing_indexes(spec, known))

        # What was settled since the refresh is in the journal and not in the snapshot.
        if self._snapshot is not None and not there and not made(known, CREATE):
            return self._create(desired, spec)

        try:
            found = await self.client.tables.get(spec.name)
        except NotFound:
            return self._create(desired, spec)

        reason = conflict(spec, found.columns)
        if reason is not None:
            return TablePlan(desired=desired, action=Action.CONFLICT, reason=reason)
        table_id = str(found.table.id)
        indexes = await self._missing_indexes(spec, on_table(known, table_id))
        return _change(desired, table_id, [*_missing_columns(spec, found.columns), *indexes])

    async def _missing_indexes(self, spec: ZangTableSpec, known: Mapping[str, StepState]) -> list[Step]:
        there = self._snapshot.within(_lower(spec.name)) if self._snapshot is not None else set()
        missing = [self._index(spec, index) for index in spec.indexes if _lower(index.name) not in there]
        return [step for step in missing if not (made(known, step.name) and await self._still_there(step))]

    async def _still_there(self, step: Step) -> bool:
        """Whether an index is there that the journal knows and the catalogue, as it was read, does not."""
        if self._snapshot is None:
            return True  # nobody can tell, and asking for it once more in each run would not tell either
        name = _lower(str(step.body.index_name))
        return bool((await self.client.query(SqlQuery(sql=ONE_INDEX, params=[name]))).rows)

    def _create(self, desired: Desired, spec: ZangTableSpec) -> TablePlan:
        table = TableCreate(
            table_name=spec.name,
            display_name=UNSET if spec.display_name is None else spec.display_name,
            columns=[_column(column) for column in spec.columns] if spec.columns else UNSET,
        )
        create = Step(name=CREATE, operation=operations.CREATE_TABLE, body=table)
        steps = [create, *(self._index(spec, index) for index in spec.indexes)]
        return TablePlan(desired=desired, action=Action.CREATE, steps=steps)

    def _index(self, spec: ZangTableSpec, index: ZangTableIndex) -> Step:
        return Step(
            name=f"index:{index.name}",
            operation=operations.CREATE_INDEX,
            path={"table": spec.name},
            body=IndexCreate(columns=list(index.columns), index_name=index.name, unique=index.unique),
            may_exist=self._snapshot is None,
        )

    async def settle(self, step: str, sent: Sent) -> Verdict:  # noqa: ARG002 -- every step here has its rule
        """Find out what a step did whose reply was lost."""
        return await self.client.settle(sent)

    def table_id(self, step: str, value: Any) -> str | None:  # noqa: ANN401 -- the result of any operation
        """The table's number, which only its creation tells."""
        return str(value.table.id) if step == CREATE else None

    def close(self) -> None:
        """Drop what was read."""
        if self._snapshot is not None:
            self._snapshot.close()
            self._snapshot = None


def conflict(spec: ZangTableSpec, found: Iterable[Column]) -> str | None:
    """Why a table that is there cannot be made into the desired one by adding to it, or `None` when it can."""
    there = {_lower(column.column_name): column for column in found}
    for column in spec.columns:
        other = there.get(_lower(column.name))
        if other is None and column.primary:
            return f"the table is there without its primary key {column.name}"
        difference = _difference(column, other) if other is not None else None
        if difference is not None:
            return f"column {column.name} is there {difference}"
    return None


def _difference(column: ZangTableColumn, other: Column) -> str | None:
    if str(other.column_type) != column.type:
        return f"as {other.column_type}; {column.type} is desired"
    if bool(other.is_primary) != column.primary:
        return "as the primary key" if other.is_primary else "but not as the primary key"
    # A primary key is unique and not null whatever was asked for.
    if not column.primary and bool(other.is_nullable) != column.nullable:
        return f"{'nullable' if other.is_nullable else 'not nullable'}, unlike desired"
    if not column.primary and bool(other.is_unique) != column.unique:
        return f"{'unique' if other.is_unique else 'not unique'}, unlike desired"
    return None


def _change(desired: Desired, table_id: str | None, missing: list[Step]) -> TablePlan:
    if not missing:
        return TablePlan(desired=desired, action=Action.UNCHANGED, table_id=table_id)
    reason = "missing: " + ", ".join(step.name for step in missing)
    return TablePlan(desired=desired, action=Action.CHANGE, steps=missing, table_id=table_id, reason=reason)


def _missing_columns(spec: ZangTableSpec, found: Iterable[Column]) -> Iterator[Step]:
    there = {_lower(column.column_name) for column in found}
    for column in spec.columns:
        if _lower(column.name) not in there:
            yield Step(
                name=f"column:{column.name}",
                operation=operations.CREATE_COLUMN,
                path={"table": spec.name},
                body=_column(column),
            )


def _column(column: ZangTableColumn) -> ColumnCreate:
    return ColumnCreate(
        column_name=column.name,
        column_type=ColumnType(column.type),
        is_primary=column.primary,
        is_nullable=column.nullable,
        is_unique=column.unique,
        default_value=column.default,
    )


def _entries(rows: Iterable[Mapping[str, Any]]) -> Iterator[Entry]:
    for row in rows:
        parent = _lower(str(row["tbl_name"])) if row["type"] == "index" else ""
        yield Entry(name=_lower(str(row["name"])), remote_id="", parent=parent)


def _lower(name: str) -> str:
    # SQLite takes names that differ only in case as one.
    return name.lower()
