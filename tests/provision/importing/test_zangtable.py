"""Tests of `aiotables.provision.importing.zangtable`."""

import contextlib
import sqlite3
from typing import TYPE_CHECKING

from aiotables.provision.importing.found import FoundIndex
from aiotables.provision.importing.zangtable import in_zangtable
from aiotables.zangtable import ZangTable


if TYPE_CHECKING:
    from tests.conftest import Lab


def execute(lab: "Lab", script: str) -> None:
    """Change the project's database behind the service's back."""
    with contextlib.closing(sqlite3.connect(lab.folder / "emulator/zangtable/acme.sqlite")) as database:
        database.executescript(script)


async def test_what_else_is_in_a_project(lab: "Lab") -> None:
    """What no manifest can say is told of its table, or by itself; nothing of it is carried out here."""
    await lab.apply(
        "".join(
            f"- {{target: crm, name: t{n}, columns: [{{name: a}}], indexes: [{{columns: [a]}}]}}\n"
            for n in range(17)
        )
    )
    execute(
        lab,
        "CREATE INDEX odd ON t0 (lower(a)); CREATE TRIGGER x AFTER INSERT ON t1 BEGIN SELECT 1; END;"
        "CREATE VIEW v AS SELECT 1; CREATE VIRTUAL TABLE own USING fts5(a);",
    )

    async with ZangTable(
        token="pat_emulator", project="acme", base_url=lab.emulator.url, clock=lab.clock
    ) as client:
        found = [each async for each in in_zangtable(client)]

    tables = {table.name: table for each in found for table in each.tables}
    assert 17 == len(tables)
    assert ("the trigger x: CREATE TRIGGER x AFTER INSERT ON t1 BEGIN SELECT 1; END",) == tables["t1"].notes
    assert ("the index odd, which is over an expression",) == tables["t0"].notes
    assert "the view v: CREATE VIEW v AS SELECT 1" in found[-1].notes
    assert "the table own, which the service does not show" in found[-1].notes
    assert (FoundIndex(columns=("a",), name="idx_t3_a"),) == tables["t3"].indexes
