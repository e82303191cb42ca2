"""Plans: sums to judge a change by, each table to look at, and the way to carry it out."""

from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from aiotables import Extruct, ZangTable
from aiotables.core.errors import CallError, SettingsError
from aiotables.core.pacing import Pacer
from aiotables.provision import Action, Plan, RunEnded, Selection, TargetPlan, load
from aiotables.provision.journal import SqliteJournal


if TYPE_CHECKING:
    from tests.conftest import Lab

HEAD = "manifest: plan\ntargets: {crm: {service: zangtable, project: acme}, research: {service: extruct}}\ntables:\n"
TABLES = """
- {target: crm, name: a, indexes: [{columns: [id]}]}
- {target: crm, name: b, columns: [{name: x}]}
- {target: research, name: C, rows: [{input: a.example}]}
"""


class Program:
    """A program with clients of its own."""

    def __init__(self, lab: "Lab") -> None:
        self.lab = lab
        url = lab.emulator.url
        self.clients = {
            "crm": ZangTable(token="pat_emulator", project="acme", base_url=url, pacer=Pacer(rate=100)),
            "research": Extruct(token="extruct-emulator", base_url=url, pacer=Pacer(in_flight=3)),
        }

    async def plan(self, tables: str = TABLES, *, selection: Selection | None = None) -> Plan:
        """A plan of these tables."""
        manifest = load(self.lab.write("plan.yaml", HEAD + tables))
        return await Plan.make(
            manifest, self.clients, state=self.lab.state, selection=selection or Selection()
        )

    async def close(self) -> None:
        """Close the clients."""
        for client in self.clients.values():
            await client.aclose()


async def applied(plan: Plan, *, refresh: bool = True) -> RunEnded:
    """The end of carrying a plan out."""
    *_, last = [event async for event in plan.apply(refresh=refresh)]
    assert isinstance(last, RunEnded)
    return last


async def test_sums(lab: "Lab") -> None:
    """A plan tells tables by what they need, requests and seconds; nothing is made, not even a journal."""
    program = Program(lab)

    with await program.plan() as plan:
        tables = [*plan.tables()]

    assert {"create": 3, "change": 0, "unchanged": 0, "conflict": 0, "settle": 0} == plan.counts
    assert [("create", "index:idx_a_id"), ("create",), ("create", "rows:0")] == [t.steps for t in tables]
    assert (5, 3) == (plan.requests, plan.changes)
    assert TargetPlan(tables=2, requests=3, seconds=0.03) == plan.targets["crm"]
    assert (1, 2) == (plan.targets["research"].tables, plan.targets["research"].requests)
    assert plan.seconds is not None
    assert plan.seconds >= 0.03
    assert len(lab.emulator.calls) == plan.reads
    assert not lab.state.exists()
    assert [] == lab.made()["tables"]
    await program.close()


async def test_carried_out(lab: "Lab") -> None:
    """Applying a plan does what it says; the next plan has nothing to do, and costs no time."""
    program = Program(lab)
    with await program.plan() as plan:
        ended = await applied(plan)
    with await program.plan() as again:
        pass

    assert 3 == ended.counts["created"]
    assert ["a", "b"] == lab.made()["tables"]
    assert (0, 0, 0.0) == (again.changes, again.requests, again.seconds)
    assert 3 == again.counts[Action.UNCHANGED]
    assert plan.digest != again.digest
    await program.close()


async def test_not_read_again(lab: "Lab") -> None:
    """Right after a plan was made, its reading will do: no listing is read twice."""
    program = Program(lab)
    plan = await program.plan()
    before = lab.calls("extruct.list_tables"), lab.calls("zangtable.query_records")

    ended = await applied(plan, refresh=False)

    assert before == (lab.calls("extruct.list_tables"), lab.calls("zangtable.query_records"))
    assert 3 == ended.counts["created"]
    assert plan.requests == ended.requests
    plan.close()
    await program.close()


async def test_stopped(lab: "Lab") -> None:
    """A plan that is stopped begins nothing."""
    program = Program(lab)
    with await program.plan() as plan:
        plan.stop()
        ended = await applied(plan)

    assert "interrupted" == ended.ending
    assert [] == lab.made()["tables"]
    await program.close()


async def test_selected(lab: "Lab") -> None:
    """A plan of some tables is of no others."""
    program = Program(lab)
    with await program.plan(selection=Selection(without=["crm/*"])) as plan:
        assert ["C"] == [table.key for table in plan.tables()]
        assert TargetPlan() == plan.targets["crm"]
    await program.close()


async def test_unsettled(lab: "Lab") -> None:
    """A call that has no outcome yet is told of before anything else is planned for its table."""
    lab.emulator.fault("zangtable.create_table", when="after", what="drop", times=1)
    lab.emulator.fault("zangtable.get_table", when="before", what="status", status=403)
    report = await lab.apply("- {target: crm, name: a, columns: [{name: x}]}\n")
    assert "unknown" == report.ended.ending
    lab.emulator.clear_faults()
    program = Program(lab)

    with await program.plan("- {target: crm, name: a, columns: [{name: x}]}\n") as plan:
        (table,) = plan.tables()
        assert (Action.SETTLE, f"no outcome yet: create of {report.ended.run_id}") == (
            table.action,
            table.reason,
        )
        assert (1, 0) == (plan.changes, plan.requests)
        assert 1 == (await applied(plan)).counts["adopted"]
    await program.close()


async def test_nothing_known_of_the_time(lab: "Lab") -> None:
    """Of a target without a rate that answered nothing yet, nobody can tell how long it takes."""
    program = Program(lab)
    plan = await program.plan()
    unknown = Plan(
        plan.job,
        plan._items,
        plan._others,
        counts=plan.counts,
        targets={**plan.targets, "research": TargetPlan(tables=1, requests=2, seconds=None)},
        reads=0,
    )

    assert unknown.seconds is None
    plan.close()
    await program.close()


async def test_that_cannot_be_made(lab: "Lab") -> None:
    """A service that cannot be read, or a glob that means nothing, ends the making, and nothing is left open."""
    program = Program(lab)
    with pytest.raises(SettingsError, match="no table matches"):
        await program.plan(selection=Selection(only=["none"]))
    lab.emulator.fault("extruct.list_tables", when="before", what="status", status=403)
    with pytest.raises(CallError):
        await program.plan()
    await program.close()


async def test_journal_of_another(lab: "Lab", tmp_path: Path) -> None:
    """A plan can be made, and carried out, in a journal that the program holds."""
    program = Program(lab)
    manifest = load(lab.write("plan.yaml", HEAD + TABLES))
    async with SqliteJournal.open(tmp_path / "own") as journal:
        with await Plan.make(manifest, program.clients, state=journal) as plan:
            assert 3 == (await applied(plan, refresh=False)).counts["created"]
    await program.close()
