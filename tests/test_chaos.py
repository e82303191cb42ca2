"""
Very many creates at once against services of which every fifth call goes wrong: nothing is there twice, nothing that was
reported is missing, and no report is wrong.

`make chaos` makes more of them.
"""

import asyncio
import contextlib
import itertools
import random
import sqlite3
from collections import Counter
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AsyncExitStack, asynccontextmanager
from pathlib import Path

import pytest
from attrs import define, field

from aiotables.core import errors
from aiotables.core.options import Options
from aiotables.core.pacing import Pacer
from aiotables.core.retries import RetryPolicy
from aiotables.core.settle import SettlePolicy
from aiotables.core.transport import Timeouts
from aiotables.emulator import Emulator, Fault
from aiotables.extruct import Extruct
from aiotables.extruct import models as extruct
from aiotables.zangtable import ZangTable
from aiotables.zangtable import models as zangtable


IN_FLIGHT = 64

SHARE = 0.2
"""Of all calls, the looks among them, that go wrong."""

WRONG = [
    "after:drop",
    "after:stall",
    "after:status:status=500",
    "after:status:status=503",
    "after:status:status=409",
    "after:cut",
    "after:garble",
    "before:drop",
    "before:stall",
    # The client has given up when the service begins.
    "before:stall:stall=1.4",
    "before:status:status=500",
    "before:status:status=503",
    "before:status:status=409",
    "before:cut",
    "before:garble",
    "before:throttle",
    "before:throttle:retry_after=0.05",
]

ANSWER = 1.0
"""Seconds that a reply may take; the grace is long enough for the service that is slower than that."""

GRACE = 3.0

ROWS_OF_A_TABLE = 50

Create = Callable[[str], Awaitable[object]]


def faults() -> list[Fault]:
    """Every kind of fault, together as likely as asked for."""
    each = 1 - (1 - SHARE) ** (1 / len(WRONG))
    return [Fault.parse(f"*:{wrong}:p={each}") for wrong in WRONG]


@define
class Chaos:
    """Both clients, and what they were told of what they made."""

    zang: ZangTable
    research: Extruct
    tables: list[str]
    """Ids of Extruct tables that take rows."""

    told: dict[str, str] = field(factory=dict)
    """What the caller of each create was told, by the name of what it makes."""

    def kinds(self) -> list[tuple[str, Create]]:
        """What is made: by which name, and how."""
        return [
            ("table", self.table),
            ("column", self.column),
            ("index", self.index),
            ("extruct", self.extruct),
            ("marked", self.marked),
            ("row", self.row),
        ]

    async def table(self, name: str) -> object:
        """A table of ZangTable."""
        columns = [zangtable.ColumnCreate(column_name="email")]
        return await self.zang.tables.create(zangtable.TableCreate(table_name=name, columns=columns))

    async def column(self, name: str) -> object:
        """A column of ZangTable."""
        return await self.zang.columns.create("first", zangtable.ColumnCreate(column_name=name))

    async def index(self, name: str) -> object:
        """An index of ZangTable."""
        wanted = zangtable.IndexCreate(columns=["email"], index_name=name)
        return await self.zang.indexes.create("first", wanted)

    async def extruct(self, name: str) -> object:
        """A table of Extruct, known by its name."""
        return await self.research.tables.create(
            extruct.TableCreate(name=name, kind=extruct.TableKind.GENERIC)
        )

    async def marked(self, name: str) -> object:
        """A table of Extruct, known by its mark."""
        wanted = extruct.TableCreate(name=name, kind=extruct.TableKind.GENERIC)
        return await self.research.tables.create(wanted, mark=True)

    async def row(self, name: str) -> object:
        """A row of Extruct, known by its mark."""
        number = int(name.partition("_")[2])
        rows = extruct.RowsCreate(rows=[extruct.RowCreate(data={"site": name})])
        return await self.research.rows.create(self.tables[number // ROWS_OF_A_TABLE], rows, mark=True)

    async def make(self, name: str, create: Create) -> None:
        """Make one thing, and note what was told."""
        try:
            await create(name)
        except errors.CallError as error:
            self.told[name] = type(error).__name__
        else:
            self.told[name] = "returned"


def site() -> extruct.InputColumnConfig:
    """The column that rows are made with."""
    return extruct.InputColumnConfig(name="Site", key="site")


@asynccontextmanager
async def opened(emulator: Emulator, creates: int) -> AsyncIterator[Chaos]:
    """Both clients, with what has to be there before."""
    options = Options(
        base_url=emulator.url,
        timeouts=Timeouts(answer=ANSWER),
        settling=SettlePolicy(grace=GRACE),
        retries=RetryPolicy(base=0.02, cap=0.1),
        pacer=Pacer(in_flight=IN_FLIGHT),
        environ={},
    )
    async with AsyncExitStack() as stack:
        zang = await stack.enter_async_context(ZangTable(token="pat_emulator", project="acme", **options))
        research = await stack.enter_async_context(Extruct(token="extruct-emulator", **options))
        email = zangtable.ColumnCreate(column_name="email")
        await zang.tables.create(zangtable.TableCreate(table_name="first", columns=[email]))
        generic = extruct.TableCreate(name="rows", kind=extruct.TableKind.GENERIC, column_configs=[site()])
        tables = [await research.tables.create(generic) for _ in range(creates // ROWS_OF_A_TABLE + 1)]
        yield Chaos(zang, research, [table.id for table in tables])


def there(folder: Path) -> Counter[str]:
    """How often each thing is there."""
    found: Counter[str] = Counter()
    for file, query in [
        ("zangtable/acme.sqlite", "SELECT name FROM sqlite_master WHERE type IN ('table', 'index')"),
        ("zangtable/acme.sqlite", "SELECT name FROM pragma_table_info('first')"),
        ("emulator.sqlite", "SELECT name FROM extruct_table"),
        ("emulator.sqlite", "SELECT json_extract(data, '$.site') FROM extruct_row"),
    ]:
        with contextlib.closing(sqlite3.connect(f"file:{folder / file}?mode=ro", uri=True)) as database:
            found.update(name for (name,) in database.execute(query))
    return found


def is_true(told: str, made: int) -> bool:
    """Whether a report is right about how often a thing is there."""
    if told == errors.OutcomeUnknown.__name__:
        return made in {0, 1}
    # What the service itself said, of a thing that it had just made, too: the faults do not spare it.
    return made in {"returned": {1}, errors.Conflict.__name__: {0, 1}}.get(told, {0})


async def create_many(folder: Path, creates: int, seed: int) -> tuple[dict[str, str], Counter[str]]:
    """What was told of very many creates, and what is there."""
    async with Emulator(data=folder, seed=seed) as emulator, opened(emulator, creates) as chaos:
        for fault in faults():
            emulator.add_fault(fault)
        kinds = chaos.kinds()
        several = zip(range(creates), itertools.cycle(kinds), strict=False)
        todo = [(f"{kind}_{number // len(kinds)}", create) for number, (kind, create) in several]
        random.Random(seed).shuffle(todo)  # noqa: S311 -- repeatable, not secret
        queue = iter(todo)

        async def work() -> None:
            for name, create in queue:
                await chaos.make(name, create)

        async with asyncio.TaskGroup() as group:
            for _ in range(IN_FLIGHT):
                group.create_task(work())
        # What is slower than the client must be done, too.
        await asyncio.sleep(GRACE)
    return chaos.told, there(folder)


@pytest.mark.slow
async def test_creates_in_chaos(tmp_path: Path, pytestconfig: pytest.Config) -> None:
    """Nothing is there twice, nothing that was reported is missing, and every report is right."""
    creates = int(pytestconfig.getoption("--creates") or 0)
    told, made = await create_many(tmp_path, creates, seed=creates)

    print(f"\n{creates} creates: {dict(Counter(told.values()))}")  # noqa: T201 -- for who runs the long version
    assert creates == len(told)
    assert {} == {name: made[name] for name in told if made[name] > 1}
    assert {} == {name: (said, made[name]) for name, said in told.items() if not is_true(said, made[name])}
    # Most of what goes wrong is found out.
    assert Counter(told.values())["returned"] > 0.8 * creates
