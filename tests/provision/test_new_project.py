"""A project that may have to be made first, as plans and checks see it."""

from typing import TYPE_CHECKING

import pytest

from aiotables.core.errors import SettingsError
from aiotables.core.settle import Sent, Unclear
from aiotables.provision import checking
from aiotables.provision.checking import Checked, CheckEnded, CheckEvent
from aiotables.provision.founding import MOST_BYTES
from aiotables.provision.items import PlannedTable
from aiotables.provision.journal import SqliteJournal
from aiotables.provision.ledger import entries
from aiotables.provision.new_project import NewProject, ProjectUnknown, new_projects
from aiotables.provision.plan import Plan, TargetPlan
from aiotables.provision.settling import Settle, Settled


if TYPE_CHECKING:
    from tests.provision.conftest import Founding

SHOPS = """
- {target: crm, name: shops, columns: [{name: title}], indexes: [{columns: [title]}]}
- {target: crm, name: orders, columns: [{name: number, type: INTEGER}]}
"""
LATER = "- {target: crm, name: later, depends_on: [orders], indexes: [{columns: [id]}]}\n"


async def planned(founding: "Founding", tables: str) -> tuple[TargetPlan, list[PlannedTable], int]:
    """The plan of such a manifest: sums, tables, and those that nobody asked for."""
    async with founding.job(tables) as job, SqliteJournal.open(founding.lab.state):
        pass
    async with founding.job(tables) as job:
        with await Plan.of(job) as plan:
            return plan.targets["crm"], [*plan.tables()], plan.unmanaged or 0


async def checked(founding: "Founding", how: str) -> tuple[dict[str, str], bool]:
    """The condition of each table, and whether all is good."""
    events: list[CheckEvent] = []
    async with founding.job(SHOPS) as job, SqliteJournal.read(founding.lab.state) as journal:
        found = checking.verify(job) if how == "verify" else checking.drift(job, journal)
        events = [event async for event in found]
    ended = events[-1]
    assert isinstance(ended, CheckEnded)
    return {event.key: event.condition.value for event in events if isinstance(event, Checked)}, ended.good


async def lose(founding: "Founding") -> None:
    """Lose the reply to the project's making."""
    founding.lab.emulator.add_fault("zangtable.bootstrap_project:after:drop:nth=1")
    await founding.apply(SHOPS)


async def test_plan(founding: "Founding") -> None:
    """A plan has one request for the project with its first tables, and asks the service nothing."""
    sums, tables, others = await planned(founding, SHOPS)

    assert ("acme-crm", 2, 1, 2, "") == (
        sums.new_project,
        sums.with_project,
        sums.requests,
        sums.tables,
        sums.why_not,
    )
    assert {((), "made with the project acme-crm")} == {(table.steps, table.reason) for table in tables}
    assert ([], 0) == (founding.lab.emulator.calls, others)


async def test_plan_of_what_comes_later(founding: "Founding") -> None:
    """Tables beyond the first are planned as usual, with their own requests."""
    large = SHOPS.replace("name: shops,", f"name: shops, display_name: {'x' * MOST_BYTES},")

    sums, tables, _ = await planned(founding, large + LATER)

    assert (1, 1 + 1 + 2, 3) == (sums.with_project, sums.requests, sums.tables)
    assert [(), ("create",), ("create", "index:idx_later_id")] == [table.steps for table in tables]
    assert "is yet to be made, as " in tables[1].reason


async def test_plan_afterwards(founding: "Founding") -> None:
    """Once it is there it is a project like others."""
    await founding.apply(SHOPS)

    sums, tables, others = await planned(founding, "- {target: crm, name: shops, columns: [{name: title}]}\n")

    assert (None, 0, 0, 1) == (sums.new_project, sums.with_project, sums.requests, others)
    assert ["unchanged"] == [table.action for table in tables]


async def test_plan_without_the_token(founding: "Founding") -> None:
    """Nothing is planned for a project that may be there, or whose token is lost; what to do is said."""
    await lose(founding)
    sums, tables, _ = await planned(founding, SHOPS + LATER)
    assert "whether the project acme-crm was made is not known" in sums.why_not
    assert (None, 0) == (sums.new_project, sums.requests)
    assert ["settle", "settle", "conflict"] == [table.action for table in tables]

    founding.mint()
    await founding.apply(SHOPS)
    founding.token_file.unlink()

    sums, tables, _ = await planned(founding, SHOPS)
    assert "was made, and its token is not known" in sums.why_not
    assert ["conflict", "conflict"] == [table.action for table in tables]


async def test_checks(founding: "Founding") -> None:
    """A project that is yet to be made has no tables; one that was made has them."""
    async with SqliteJournal.open(founding.lab.state):
        pass
    assert ({"shops": "missing", "orders": "missing"}, False) == await checked(founding, "verify")
    assert ({"shops": "pending", "orders": "pending"}, True) == await checked(founding, "drift")

    await founding.apply(SHOPS)

    assert ({"shops": "as_desired", "orders": "as_desired"}, True) == await checked(founding, "verify")
    assert ({"shops": "as_desired", "orders": "as_desired"}, True) == await checked(founding, "drift")


async def test_drift_without_the_token(founding: "Founding") -> None:
    """Whether tables of a project changed cannot be told without its token."""
    await lose(founding)

    with pytest.raises(ProjectUnknown, match="Look in the admin panel"):
        await checked(founding, "drift")


async def test_settle(founding: "Founding") -> None:
    """`settle` tells the project and its tables to be unknown, and finds them once the token is there."""
    await lose(founding)

    async def settled() -> dict[str, str]:
        async with founding.job(SHOPS) as job, SqliteJournal.open(founding.lab.state) as journal:
            run = Settle(job.services, journal, clock=founding.lab.clock)
            found = [event async for event in run.run(manifest="m", digest="0")]
        return {event.key: event.outcome.value for event in found if isinstance(event, Settled)}

    assert dict.fromkeys(["", "shops", "orders"], "unknown") == await settled()
    founding.token_file.write_text("pat_wrong", encoding="ascii")
    assert "unknown" == (await settled())[""]
    founding.mint()
    assert dict.fromkeys(["", "shops", "orders"], "adopted") == await settled()


async def test_ledger(founding: "Founding") -> None:
    """The journal shows the project beside its tables."""
    await founding.apply(SHOPS)

    async with SqliteJournal.read(founding.lab.state) as journal:
        found = {entry.key: (entry.state, entry.table_id) async for entry in entries(journal)}

    assert ("created", "acme-crm") == found[""]
    assert ("created", "1") == found["shops"]


async def test_token_that_comes_later(founding: "Founding") -> None:
    """A token that appears while a program runs is seen at the next look, and settles nothing before it."""
    async with founding.job(SHOPS) as job:
        project = new_projects(job.services)["crm"]
        assert isinstance(project, NewProject)
        sent = Sent(operation="zangtable.create_table", path={}, body={}, first_sent_at=0.0, last_sent_at=0.0)
        assert isinstance(await project.settle("create", sent), Unclear)
        founding.lab.emulator.add_project("acme-crm", "pat_by_hand")
        founding.mint()
        await project.refresh()
        assert project.is_there


async def test_token_that_cannot_be_dropped(founding: "Founding") -> None:
    """Whoever deletes a project is told when its token stays on the disk."""
    async with founding.job(SHOPS) as job:
        founding.token_file.mkdir()
        with pytest.raises(SettingsError, match="yourself"):
            new_projects(job.services)["crm"].drop_token()
