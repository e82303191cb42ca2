"""Provisioning on Extruct: which of our tables a workspace holds, and what a table still needs."""

import itertools
from collections.abc import AsyncIterator, Iterable, Iterator, Mapping
from typing import Any, cast

from aiotables.core.convert import Converter
from aiotables.core.errors import NotFound
from aiotables.core.sentinels import UNSET
from aiotables.extruct import Extruct
from aiotables.extruct._generated import operations
from aiotables.extruct._generated.models import (
    ColumnConfig,
    ColumnsCreate,
    RowCreate,
    RowsCreate,
    RunMode,
    TableCreate,
    TableHeaderWithStatus,
    TableKind,
    TableListItem,
    TableRunCreate,
)
from aiotables.extruct.marking import mark_of, mark_rows, tag_of
from aiotables.provision.desired import Desired, ExtructSpec
from aiotables.provision.journal import StepState
from aiotables.provision.rows import RowReader
from aiotables.provision.snapshot import Entry, Snapshot
from aiotables.provision.steps import CREATE, TABLE_ID, Action, Step, TablePlan, made, same_digest


BATCH = 50
"""Rows in one call: the most that the vendor advises."""

DATA_PAGE = 500
"""Rows read back in one call. The docs give no limit."""

RUN = "run"

_converter = Converter()


class ExtructService:
    """
    One workspace.

    Args:
        client: Of the workspace.
        rows: Reads the rows of a table.
    """

    def __init__(self, client: Extruct, rows: RowReader) -> None:
        self.client = client
        self._rows = rows
        self._snapshot = Snapshot()

    async def refresh(self) -> None:
        """List all tables and keep those that carry one of our marks. Oldest first, so that new ones shift no page."""
        self._snapshot.close()
        self._snapshot = Snapshot()
        async for table in self.client.tables.list(sort="created_at"):
            self._snapshot.add(_entries(table))

    async def plan(self, desired: Desired, known: Mapping[str, StepState]) -> TablePlan:
        """Say what a table needs: everything, missing columns and rows, or nothing."""
        found = self._snapshot.find(desired.marker)
        if len(found) > 1:
            reason = (
                f"{len(found)} tables carry the tag {desired.marker}: {', '.join(e.remote_id for e in found)}"
            )
            return TablePlan(desired=desired, action=Action.CONFLICT, reason=reason)

        entry = found[0] if found else await self._by_id(known)
        if entry is None:
            return self._create(desired)
        return await self._change(desired, entry, known)

    async def _by_id(self, known: Mapping[str, StepState]) -> Entry | None:
        # A listing may lag behind; what the journal knows to have been made is asked for by its id.
        table_id = known[CREATE].remote_id if made(known, CREATE) else None
        if table_id is None:
            return None
        try:
            table = await self.client.tables.get(table_id)
        except NotFound:
            return None
        return Entry(name="", remote_id=table.id, rows=table.status.num_rows or 0)

    def _create(self, desired: Desired) -> TablePlan:
        spec = cast("ExtructSpec", desired.spec)
        table = TableCreate(
            name=spec.name,
            kind=TableKind(spec.kind),
            description=UNSET if spec.description is None else spec.description,
            tags=[*spec.tags, desired.marker],
            column_configs=_configs(spec.columns) if spec.columns else UNSET,
        )
        create = Step(name=CREATE, operation=operations.CREATE_TABLE, body=table)
        steps = itertools.chain([create], self._row_steps(desired, set()), _run_steps(spec))
        return TablePlan(desired=desired, action=Action.CREATE, steps=steps)

    async def _change(self, desired: Desired, entry: Entry, known: Mapping[str, StepState]) -> TablePlan:
        spec = cast("ExtructSpec", desired.spec)
        steps: list[Step] = []
        if not same_digest(known, desired):
            header = await self.client.tables.get(entry.remote_id)
            if str(header.kind) != spec.kind:
                reason = f"the table is there as {header.kind}; {spec.kind} is desired"
                return TablePlan(desired=desired, action=Action.CONFLICT, reason=reason)
            steps += _missing_columns(spec, header)
        steps += [step async for step in self._missing_rows(desired, entry, known)]
        if steps and not made(known, RUN):
            steps += _run_steps(spec)
        if not steps:
            return TablePlan(desired=desired, action=Action.UNCHANGED, table_id=entry.remote_id)
        reason = "missing: " + ", ".join(step.name for step in steps)
        return TablePlan(
            desired=desired, action=Action.CHANGE, steps=steps, table_id=entry.remote_id, reason=reason
        )

    async def _missing_rows(
        self, desired: Desired, entry: Entry, known: Mapping[str, StepState]
    ) -> AsyncIterator[Step]:
        wanted = sum(1 for _ in self._rows.read(desired))
        if entry.rows >= wanted:
            return
        there = {name for name in known if name.startswith("rows:") and made(known, name)}
        there |= await self._marked_batches(desired, entry) if entry.rows else set()
        for step in self._row_steps(desired, there):
            yield step

    async def _marked_batches(self, desired: Desired, entry: Entry) -> set[str]:
        batches: set[str] = set()
        offset = 0
        while True:
            data = await self.client.tables.data(entry.remote_id, offset=offset, limit=DATA_PAGE)
            marks = (mark_of(row.metadata) for row in data.rows)
            batches |= {m.removeprefix(f"{desired.identity}/") for m in marks if m is not None}
            if len(data.rows) < DATA_PAGE:
                return {f"rows:{batch}" for batch in batches}
            offset += DATA_PAGE

    def _row_steps(self, desired: Desired, there: set[str]) -> Iterator[Step]:
        for number, batch in enumerate(_batches(self._rows.read(desired))):
            if f"rows:{number}" not in there:
                yield _rows_step(desired, number, batch)

    def table_id(self, step: str, value: Any) -> str | None:  # noqa: ANN401 -- the result of any operation
        """The table's id, which only its creation tells."""
        return str(value.id) if step == CREATE else None

    def close(self) -> None:
        """Drop what was read."""
        self._snapshot.close()


def _configs(columns: Iterable[Mapping[str, Any]]) -> list[ColumnConfig]:
    return _converter.decode([*columns], list[ColumnConfig])


def _missing_columns(spec: ExtructSpec, header: TableHeaderWithStatus) -> list[Step]:
    there = {_converter.to_wire(column.config).get("key") for column in header.columns}
    missing = [column for column in spec.columns if column.get("key") not in there]
    if not missing:
        return []
    body = ColumnsCreate(column_configs=_configs(missing))
    return [Step(name="columns", operation=operations.CREATE_COLUMNS, path={"table_id": TABLE_ID}, body=body)]


def _rows_step(desired: Desired, number: int, batch: Iterable[dict[str, Any]]) -> Step:
    rows = RowsCreate(rows=[RowCreate(data=row) for row in batch])
    return Step(
        name=f"rows:{number}",
        operation=operations.CREATE_ROWS,
        path={"table_id": TABLE_ID},
        body=mark_rows(rows, f"{desired.identity}/{number}"),
    )


def _run_steps(spec: ExtructSpec) -> list[Step]:
    if not spec.run:
        return []
    body = TableRunCreate(mode=RunMode.NEW)
    return [Step(name=RUN, operation=operations.RUN_TABLE, path={"table_id": TABLE_ID}, body=body)]


def _entries(table: TableListItem) -> Iterator[Entry]:
    tag = tag_of(table.tags)
    if tag is not None:
        yield Entry(name=tag, remote_id=table.id, rows=table.num_rows or 0)


def _batches(rows: Iterator[dict[str, Any]]) -> Iterator[list[dict[str, Any]]]:
    while batch := list(itertools.islice(rows, BATCH)):
        yield batch
