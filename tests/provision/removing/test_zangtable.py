"""Deleting on ZangTable, with a service that takes the call which no docs page names."""

from datetime import UTC, datetime
from typing import Any, cast

import pytest
from attrs import define, evolve, field, frozen
from multidict import CIMultiDict, CIMultiDictProxy

from aiotables.core.errors import NotFound
from aiotables.core.record import Attempt, CallRecord
from aiotables.core.retries import Kind
from aiotables.core.wire import Reply
from aiotables.provision.journal import Intent, Made, Outcome, OutcomeKind
from aiotables.provision.removing.deletion import Gone, Left, Ours
from aiotables.provision.removing.window import made_within
from aiotables.provision.removing.zangtable import DELETE_TABLE, UNDOCUMENTED, ZangTableRemover
from aiotables.zangtable import ZangTable
from aiotables.zangtable.models import Column, ColumnType, Table, TableWithColumns


ATTEMPT = Attempt(
    number=1,
    kind=Kind.ANSWERED,
    reason="answered 200",
    status=200,
    request_id=None,
    started_at=2000.0,
    elapsed=0.0,
    waited=0.0,
    bytes_sent=0,
    bytes_received=0,
)
RECORD = CallRecord(operation="zangtable.get_table", attempts=(ATTEMPT,))


def at(seconds: float) -> datetime:
    """A time."""
    return datetime.fromtimestamp(seconds, UTC)


def reply(value: Any) -> Reply[Any]:  # noqa: ANN401 -- of any operation
    """A reply of a service whose clock goes right."""
    headers = CIMultiDictProxy(CIMultiDict({"Date": "Thu, 01 Jan 1970 00:33:20 GMT"}))
    return Reply(value=value, status=200, headers=headers, raw=b"", record=RECORD)


COLUMN = Column(
    id=4,
    table_name="contacts",
    column_name="age",
    column_type=ColumnType.TEXT,
    is_nullable=True,
    is_primary=False,
    is_unique=False,
    created_at=at(1001),
    updated_at=at(1001),
)
TABLE = Table(id=7, table_name="contacts", created_at=at(1001), updated_at=at(1001))


@frozen
class Tables:
    """The group of methods."""

    client: "Client"

    async def get(self, table: int | str) -> TableWithColumns:
        """Read a table."""
        found: TableWithColumns = (await self.client.send(None, path={"table_id_or_name": table})).value
        return found


@define
class Client:
    """A service with one table, or none."""

    table: Table | None = TABLE
    asked: list[Any] = field(factory=list)

    @property
    def tables(self) -> Tables:
        """The group."""
        return Tables(self)

    async def send(self, operation: object, *, path: dict[str, Any]) -> Reply[Any]:
        """Read the table."""
        self.asked.append(path["table_id_or_name"])
        if self.table is None:
            msg = "there is no such table"
            raise NotFound(msg, record=RECORD, status=404)
        return reply(TableWithColumns(table=self.table, columns=[COLUMN]))


def remover(client: Client, *, undocumented: bool = True) -> ZangTableRemover:
    """Deletes there."""
    return ZangTableRemover(cast("ZangTable", client), undocumented=undocumented)


SENT = {
    "operation": "zangtable.create_table",
    "path": {},
    "body": {"table_name": "contacts"},
    "first_sent_at": 1000.0,
    "last_sent_at": 1000.0,
}


def made(step: str = "create") -> Made:
    """Something that was made from 1000 to 1002."""
    names = {"run_id": "r", "target": "crm", "key": "contacts", "step": step}
    return Made(
        intent=Intent(**names, at=1000.0, detail={"sent": SENT, "table": "7"}),
        outcome=Outcome(**names, at=1002.0, outcome=OutcomeKind.CREATED, detail={"table": "7"}),
    )


async def test_table_is_deleted_by_its_number() -> None:
    """The table of the number, the name and the time is ours, and is deleted by its number, which no other table gets."""
    client = Client()

    look = await remover(client).look(made())

    assert isinstance(look, Ours)
    (deletion,) = look.deletions
    assert (DELETE_TABLE, {"table_id_or_name": "7"}) == (deletion.operation, deletion.path)
    assert ["7"] == client.asked
    assert deletion == remover(client).read(deletion.to_json())


async def test_documents_no_call() -> None:
    """Without leave to try it, the table is left, and the reason says how to give leave."""
    assert Left(UNDOCUMENTED) == await remover(Client(), undocumented=False).look(made())


@pytest.mark.parametrize(
    "table",
    [
        evolve(TABLE, table_name="others"),
        evolve(TABLE, created_at=at(1100)),
        evolve(TABLE, created_at=at(900)),
    ],
)
async def test_other_table_of_that_number(table: Table) -> None:
    """A table of another name, or made at another time, is not ours: the project may have been made anew."""
    look = await remover(Client(table)).look(made())

    assert isinstance(look, Left)
    assert f"table 7 is {table.table_name} of " in look.reason


async def test_gone() -> None:
    """A table that cannot be read is gone."""
    assert Gone() == await remover(Client(None)).look(made())
    assert await remover(Client(None)).is_gone("create", "7")
    assert not await remover(Client()).is_gone("create", "7")


async def test_column() -> None:
    """A column of that name and time is dropped by its id; one of another name or time is not."""
    look = await remover(Client()).look(made("column:age"))

    assert isinstance(look, Ours)
    assert [{"table": "contacts", "column_id_or_name": "4"}] == [each.path for each in look.deletions]
    assert Gone() == await remover(Client()).look(made("column:name"))
    assert await remover(Client()).is_gone("column:age", "7")


@pytest.mark.parametrize(
    ("step", "reason"),
    [
        ("index:idx_age", "ZangTable documents no call that drops an index"),
        ("settings", "what the settings were before is not known"),
        ("odd:1", "nobody knows what takes back odd:1"),
    ],
)
async def test_what_nothing_takes_back(step: str, reason: str) -> None:
    """What made nothing that can be deleted is left, with the reason."""
    assert Left(reason) == await remover(Client()).look(made(step))


def test_thing_without_a_time() -> None:
    """What has no time cannot be known to be ours."""
    assert not made_within(made(), reply(None), None)
