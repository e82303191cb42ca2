"""Provisioning on ZangTable: what a project holds, and what a table still needs."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import AbstractAsyncContextManager
from typing import Any, cast

from aiotables.core.errors import BadRequest, NotFound, PermissionDenied, ValidationFailed
from aiotables.core.sentinels import UNSET
from aiotables.core.settle import NotThere, Sent, Verdict
from aiotables.provision.desired import Desired, ZangTableColumn, ZangTableIndex, ZangTableSpec
from aiotables.provision.journal import StepState
from aiotables.provision.latest import Latest
from aiotables.provision.settings import changed_settings
from aiotables.provision.snapshot import Entry, Snapshot
from aiotables.provision.steps import (
    CREATE,
    SETTINGS,
    Action,
    Step,
    TablePlan,
    made,
    on_table,
    same_digest,
    told,
)
from aiotables.zangtable import ZangTable
from aiotables.zangtable._generated import operations
from aiotables.zangtable._generated.models import (
    Column,
    ColumnCreate,
    ColumnType,
    IndexCreate,
    SqlQuery,
    Table,
    TableCreate,
    TableUpdate,
)
from aiotables.zangtable.settling import parse_index


PAGE = 1000
"""Most rows that one read-only query answers with (docs page reference/query/query-records)."""

OPERATION_KEY = "aiotables-apply"
"""The label under which ZangTable shows the calls of a run."""

CATALOGUE = r"""
    SELECT name, type, tbl_name, sql FROM sqlite_master
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
        self.close()
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
        """Say what a table needs: everything, another title, missing columns and indexes, or nothing."""
        spec = cast("ZangTableSpec", desired.spec)
        reason = self._taken(spec)
        if reason is not None:
            return TablePlan(desired=desired, action=Action.CONFLICT, reason=reason)

        there = self._snapshot is not None and bool(self._snapshot.find(_lower(spec.name)))
        if there and same_digest(known, desired):
            table_id = known[CREATE].remote_id
            return _change(desired, table_id, missing=await self._missing_indexes(spec, known))

        # What was settled since the refresh is in the journal and not in the snapshot.
        if self._snapshot is not None and not there and not made(known, CREATE):
            return self._create(desired)

        try:
            found = await self.client.tables.get(spec.name)
        except NotFound:
            return self._create(desired)

        reason = conflict(spec, found.columns)
        if reason is not None:
            return TablePlan(desired=desired, action=Action.CONFLICT, reason=reason)
        table_id = str(found.table.id)
        indexes = await self._missing_indexes(spec, on_table(known, table_id))
        missing = [*_missing_columns(spec, found.columns), *indexes]
        settings = _settings_steps(desired, known, found.table)
        return _change(desired, table_id, settings=settings, missing=missing)

    def _taken(self, spec: ZangTableSpec) -> str | None:
        """Which index cannot be made, because something else has its name."""
        if self._snapshot is None:
            return None
        for index in spec.indexes:
            for entry in self._snapshot.find(_lower(index.name)):
                difference = other_definition(spec, index, entry)
                if difference is not None:
                    return f"index {index.name} is there {difference}"
        return None

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

    def _create(self, desired: Desired) -> TablePlan:
        return creation(desired, may_exist=self._snapshot is None)

    def _index(self, spec: ZangTableSpec, index: ZangTableIndex) -> Step:
        return _index_step(spec, index, may_exist=self._snapshot is None)

    def want(self, desired: Desired) -> None:
        """Note that a table is in the manifest."""
        if self._snapshot is not None:
            self._snapshot.want(_lower(desired.name))

    def unwanted(self) -> Iterator[Entry] | None:
        """The tables that were there when it was read and were not noted; `None` where the catalogue cannot be read."""
        return None if self._snapshot is None else self._snapshot.unwanted()

    async def settle(self, step: str, sent: Sent) -> Verdict:
        """Find out what a step did whose reply was lost."""
        if step == SETTINGS:
            return NotThere()  # whatever it did may be done again
        return await self.client.settle(sent)

    def table_id(self, step: str, value: Any) -> str | None:  # noqa: ANN401 -- the result of any operation
        """The table's number, which only its creation tells."""
        return str(value.table.id) if step == CREATE else None

    def close(self) -> None:
        """Drop what was read."""
        if self._snapshot is not None:
            self._snapshot.close()
            self._snapshot = None


def creation(desired: Desired, *, may_exist: bool) -> TablePlan:
    """
    What a table needs that is not there.

    Args:
        desired: The table.
        may_exist: Whether an index of its may be there all the same, as nobody could read what is.
    """
    spec = cast("ZangTableSpec", desired.spec)
    create = Step(name=CREATE, operation=operations.CREATE_TABLE, body=table_create(spec))
    indexes = [_index_step(spec, index, may_exist=may_exist) for index in spec.indexes]
    return TablePlan(desired=desired, action=Action.CREATE, steps=[create, *indexes])


def _index_step(spec: ZangTableSpec, index: ZangTableIndex, *, may_exist: bool) -> Step:
    return Step(
        name=f"index:{index.name}",
        operation=operations.CREATE_INDEX,
        path={"table": spec.name},
        body=IndexCreate(columns=list(index.columns), index_name=index.name, unique=index.unique),
        may_exist=may_exist,
    )


def table_create(spec: ZangTableSpec) -> TableCreate:
    """What makes a table, all but its indexes."""
    return TableCreate(
        table_name=spec.name,
        display_name=UNSET if spec.display_name is None else spec.display_name,
        columns=[*_columns(spec.columns)] if spec.columns else UNSET,
    )


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


def other_definition(spec: ZangTableSpec, index: ZangTableIndex, entry: Entry) -> str | None:
    """
    How what has the name of a desired index differs from it, or `None` when it does not, or nobody can tell.

    Args:
        spec: The table that is to have the index.
        index: The index.
        entry: What has its name.
    """
    if not entry.parent:
        return "as a table"
    if entry.parent != _lower(spec.name):
        return f"on the table {entry.parent}"
    there = parse_index({"sql": entry.definition, "tbl_name": entry.parent})
    if there is None:
        return None  # a form of SQL that is not known here says nothing against it
    if there.columns != [_lower(column) for column in index.columns]:
        return f"on {', '.join(there.columns)}; {', '.join(index.columns)} is desired"
    if there.unique != index.unique:
        return f"{'unique' if there.unique else 'not unique'}, unlike desired"
    return None


def _settings_steps(desired: Desired, known: Mapping[str, StepState], table: Table) -> list[Step]:
    there = {"display_name": table.display_name}
    changed = changed_settings(desired, known, str(table.id), there)
    if not changed:
        return []
    return [
        Step(
            name=SETTINGS,
            operation=operations.UPDATE_TABLE,
            path={"table_id_or_name": table.table_name},
            body=TableUpdate(**changed),
            facts={"before": there},
        )
    ]


def _change(
    desired: Desired, table_id: str | None, *, settings: Sequence[Step] = (), missing: Sequence[Step]
) -> TablePlan:
    if not settings and not missing:
        return TablePlan(desired=desired, action=Action.UNCHANGED, table_id=table_id)
    reason = told([step.name for step in missing], settings)
    steps = [*settings, *missing]
    return TablePlan(desired=desired, action=Action.CHANGE, steps=steps, table_id=table_id, reason=reason)


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


@Latest
def _columns(columns: tuple[ZangTableColumn, ...]) -> tuple[ColumnCreate, ...]:
    return tuple(_column(column) for column in columns)


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
        name = str(row["name"])
        yield Entry(
            name=_lower(name), remote_id="", parent=parent, title=name, definition=str(row.get("sql") or "")
        )


def _lower(name: str) -> str:
    # SQLite takes names that differ only in case as one.
    return name.lower()
