"""Provisioning on Extruct: which of our tables a workspace holds, and what a table still needs."""

import asyncio
import itertools
from collections import Counter
from collections.abc import AsyncIterator, Callable, Iterable, Iterator, Mapping
from contextlib import AbstractAsyncContextManager, nullcontext
from typing import Any, TypeVar, cast

from aiotables.core.clock import Clock
from aiotables.core.convert import Converter
from aiotables.core.counting import counted
from aiotables.core.errors import NotFound
from aiotables.core.looking import look_for
from aiotables.core.sentinels import UNSET
from aiotables.core.settle import Look, NotThere, Sent, SettlePolicy, Verdict
from aiotables.core.wire import Reply
from aiotables.extruct import Extruct
from aiotables.extruct._generated import operations
from aiotables.extruct._generated.models import (
    ColumnConfig,
    ColumnsCreate,
    Row,
    RunMode,
    TableCreate,
    TableHeaderWithStatus,
    TableKind,
    TableListItem,
    TableRunCreate,
    TableUpdate,
)
from aiotables.extruct.marking import tag_of
from aiotables.provision import batches
from aiotables.provision.desired import Desired, ExtructSpec, RowSource
from aiotables.provision.journal import OutcomeKind, StepState
from aiotables.provision.rows import RowReader
from aiotables.provision.runs import started_run
from aiotables.provision.settings import changed_settings
from aiotables.provision.snapshot import Entry, Snapshot
from aiotables.provision.steps import (
    CREATE,
    RUN,
    SETTINGS,
    TABLE_ID,
    Action,
    Step,
    TablePlan,
    made,
    on_table,
    same_digest,
    told,
)


DATA_PAGE = 500
"""Rows read back in one call. The docs give no limit."""

_converter = Converter()

T = TypeVar("T")


class ExtructService:
    """
    One workspace.

    Args:
        client: Of the workspace.
        rows: Reads the rows of a table.
        settling: When to look what became of a run; by default the client's.
        clock: Time; by default the client's.
    """

    def __init__(
        self,
        client: Extruct,
        rows: RowReader,
        *,
        settling: SettlePolicy | None = None,
        clock: Clock | None = None,
    ) -> None:
        self.client = client
        self._rows = rows
        self._settling = settling or client.settling
        self._clock = clock or client.clock
        self._snapshot = Snapshot()

    def group(self, run_id: str) -> AbstractAsyncContextManager[object]:  # noqa: ARG002 -- the service groups nothing
        """Nothing: Extruct has no groups."""
        return nullcontext()

    async def refresh(self) -> None:
        """List all tables, with their ids and our marks. Oldest first, so that new ones shift no page."""
        self._snapshot.close()
        self._snapshot = Snapshot()
        async for table in self.client.tables.list(sort="created_at"):
            self._snapshot.add(_entries(table))

    async def plan(self, desired: Desired, known: Mapping[str, StepState]) -> TablePlan:
        """Say what a table needs: everything, other settings, missing columns and rows, or nothing."""
        named = cast("ExtructSpec", desired.spec).id
        if named is not None:
            return await self._named(desired, named, known)
        found = self._snapshot.find(desired.marker)
        if len(found) > 1:
            reason = (
                f"{len(found)} tables carry the tag {desired.marker}: {', '.join(e.remote_id for e in found)}"
            )
            return TablePlan(desired=desired, action=Action.CONFLICT, reason=reason)

        table_id = found[0].remote_id if found else await self._made_before(known)
        if table_id is None:
            return await self._create(desired)
        return await self._change(desired, table_id, known)

    async def _named(self, desired: Desired, table_id: str, known: Mapping[str, StepState]) -> TablePlan:
        try:
            if not self._snapshot.find(table_id):
                await self.client.tables.get(table_id)
            return await self._change(desired, table_id, known)
        except NotFound:
            reason = f"there is no table {table_id}; without id a new one is made"
            return TablePlan(desired=desired, action=Action.CONFLICT, reason=reason)

    async def _made_before(self, known: Mapping[str, StepState]) -> str | None:
        # A listing may lag behind; what the journal knows to have been made is asked for by its id.
        table_id = known[CREATE].remote_id if made(known, CREATE) else None
        if table_id is None:
            return None
        try:
            return (await self.client.tables.get(table_id)).id
        except NotFound:
            return None

    async def _create(self, desired: Desired) -> TablePlan:
        spec = cast("ExtructSpec", desired.spec)
        table = TableCreate(
            name=spec.name,
            kind=TableKind(spec.kind),
            description=UNSET if spec.description is None else spec.description,
            tags=[*spec.tags, desired.marker],
            column_configs=_configs(spec.columns) if spec.columns else UNSET,
        )
        create = Step(name=CREATE, operation=operations.CREATE_TABLE, body=table)
        await self._read(self._first_row, desired)
        rows = batches.steps(desired, self._rows.read(desired), itertools.count())
        return TablePlan(
            desired=desired, action=Action.CREATE, steps=itertools.chain([create], rows, _run_steps(spec))
        )

    async def _read(self, function: Callable[[Desired], T], desired: Desired) -> T:
        # The first reading of a file takes as long as the file is large.
        if isinstance(cast("ExtructSpec", desired.spec).rows, RowSource):
            return await asyncio.to_thread(function, desired)
        return function(desired)

    def _first_row(self, desired: Desired) -> dict[str, Any] | None:
        return next(self._rows.read(desired), None)

    async def _change(self, desired: Desired, table_id: str, known: Mapping[str, StepState]) -> TablePlan:
        spec = cast("ExtructSpec", desired.spec)
        here = on_table(known, table_id)
        columns: list[Step] = []
        settings: list[Step] = []
        if not (same_digest(known, desired) and known[CREATE].remote_id == table_id):
            header = await self.client.tables.get(table_id)
            reason = conflict(spec, header)
            if reason is not None:
                return TablePlan(desired=desired, action=Action.CONFLICT, table_id=table_id, reason=reason)
            columns = _missing_columns(spec, header)
            settings = _settings_steps(desired, known, header)

        missing, numbers = await self._missing_rows(desired, table_id, here)
        rows = batches.steps(desired, batches.pick(self._rows.read(desired), missing), numbers)
        run = _run_steps(spec) if columns or missing or _was_not_run(table_id, known) else []
        whats = [*(step.name for step in columns), *_counted(missing), *(step.name for step in run)]
        if not whats and not settings:
            return TablePlan(desired=desired, action=Action.UNCHANGED, table_id=table_id)
        return TablePlan(
            desired=desired,
            action=Action.CHANGE,
            steps=itertools.chain(settings, columns, rows, run),
            table_id=table_id,
            reason=told(whats, settings),
        )

    async def _missing_rows(
        self, desired: Desired, table_id: str, here: Mapping[str, StepState]
    ) -> tuple[Counter[str], Iterator[int]]:
        """The hashes of the rows that the table lacks, and numbers for their batches."""
        wanted, keys = await self._read(self._wanted, desired)
        there: Counter[str] = Counter()
        used = set(batches.numbers(here))
        if wanted - batches.journalled(here):
            # They may be there all the same: this journal may be a new one.
            async for page in self._pages(table_id):
                there.update(batches.recognised(page, wanted, keys))
                used.update(batches.marked(page, desired.identity))
        missing = wanted - (batches.journalled(here) | there)
        return missing, (number for number in itertools.count() if number not in used)

    def _wanted(self, desired: Desired) -> tuple[Counter[str], set[frozenset[str]]]:
        """The hashes of all rows, and the sets of keys that they have."""
        wanted: Counter[str] = Counter()
        keys: set[frozenset[str]] = set()
        for row in self._rows.read(desired):
            wanted[batches.row_id(row)] += 1
            keys.add(frozenset(row))
        return wanted, keys

    async def _pages(self, table_id: str) -> AsyncIterator[list[Row]]:
        offset = 0
        while True:
            data = await self.client.tables.data(table_id, offset=offset, limit=DATA_PAGE)
            yield data.rows
            offset += len(data.rows)
            # A page may be short because the service gives less than was asked for.
            if not data.rows or offset >= data.status.num_rows:
                return

    def want(self, desired: Desired) -> None:
        """Note that a table is in the manifest."""
        named = cast("ExtructSpec", desired.spec).id
        for name in {entry.remote_id for entry in self._snapshot.find(desired.marker)} | {named or ""}:
            self._snapshot.want(name)

    def unwanted(self) -> Iterator[Entry] | None:
        """The tables that were there when it was read and were not noted."""
        return self._snapshot.unwanted()

    async def settle(self, step: str, sent: Sent) -> Verdict:
        """Find out what a step did whose reply was lost."""
        if step == SETTINGS:
            return NotThere()  # whatever it did may be done again
        if step != RUN:
            return await self.client.settle(sent)
        looked = await look_for(sent, started_run, look=self._look, policy=self._settling, clock=self._clock)
        return looked.verdict

    async def _look(self, look: Look) -> Reply[Any]:
        return await self.client.send(look.operation, path=look.path, query=look.query)

    def table_id(self, step: str, value: Any) -> str | None:  # noqa: ANN401 -- the result of any operation
        """The table's id, which only its creation tells."""
        return str(value.id) if step == CREATE else None

    def close(self) -> None:
        """Drop what was read."""
        self._snapshot.close()


def conflict(spec: ExtructSpec, header: TableHeaderWithStatus) -> str | None:
    """Why a table that is there cannot be made into the desired one by adding to it, or `None` when it can."""
    if str(header.kind) != spec.kind:
        return f"the table is there as {header.kind}; {spec.kind} is desired"
    there = _configs_there(header)
    for column in spec.columns:
        key = column["key"]
        different = [
            name for name, value in column.items() if not _holds(there.get(key, column).get(name), value)
        ]
        if different:
            return f"column {key} is there with another {', '.join(different)}"
    return None


def _settings_steps(
    desired: Desired, known: Mapping[str, StepState], header: TableHeaderWithStatus
) -> list[Step]:
    there = {"name": header.name, "description": header.description, "tags": header.tags}
    changed = changed_settings(desired, known, header.id, there)
    if not changed:
        return []
    return [
        Step(
            name=SETTINGS,
            operation=operations.UPDATE_TABLE,
            path={"table_id": TABLE_ID},
            body=TableUpdate(**changed),
            facts={"before": {name: there[name] for name in changed}},
        )
    ]


def _holds(there: object, desired: object) -> bool:
    """Whether a value is there as desired; the service may have added defaults to objects."""
    if isinstance(desired, Mapping) and isinstance(there, Mapping):
        return all(_holds(there.get(name), value) for name, value in desired.items())
    return there == desired


def _configs_there(header: TableHeaderWithStatus) -> dict[Any, dict[str, Any]]:
    configs = [_converter.to_wire(column.config) for column in header.columns]
    return {config.get("key"): config for config in configs}


def _configs(columns: Iterable[Mapping[str, Any]]) -> list[ColumnConfig]:
    return _converter.decode([*columns], list[ColumnConfig])


def _missing_columns(spec: ExtructSpec, header: TableHeaderWithStatus) -> list[Step]:
    there = _configs_there(header)
    missing = [column for column in spec.columns if column["key"] not in there]
    if not missing:
        return []
    body = ColumnsCreate(column_configs=_configs(missing))
    return [Step(name="columns", operation=operations.CREATE_COLUMNS, path={"table_id": TABLE_ID}, body=body)]


def _counted(missing: Counter[str]) -> list[str]:
    return [counted(missing.total(), "row")] if missing else []


def _run_steps(spec: ExtructSpec) -> list[Step]:
    if not spec.run:
        return []
    body = TableRunCreate(mode=RunMode.NEW)
    return [Step(name=RUN, operation=operations.RUN_TABLE, path={"table_id": TABLE_ID}, body=body)]


def _was_not_run(table_id: str, known: Mapping[str, StepState]) -> bool:
    """Whether the journal has what we made in a table, and no run after it."""
    here = [
        name for name in on_table(known, table_id) if name != SETTINGS
    ]  # in the order of the latest facts
    if here:
        return here[-1] != RUN or not made(known, RUN)
    # A table that was found may have been run by whoever made it.
    ours = made(known, CREATE) and known[CREATE].outcome is not OutcomeKind.UNCHANGED
    return ours and known[CREATE].remote_id == table_id


def _entries(table: TableListItem) -> Iterator[Entry]:
    tag = tag_of(table.tags) or ""
    yield Entry(name=table.id, remote_id=table.id, title=table.name, definition=tag)
    if tag:
        yield Entry(name=tag, remote_id=table.id, parent=table.id)
