"""Plans: what apply would do, in the order of the manifest, and nothing done."""

import asyncio
from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, cast

import pytest

from aiotables.core.errors import PermissionDenied
from aiotables.provision.ahead import CHUNK
from aiotables.provision.desired import Desired, ZangTableSpec
from aiotables.provision.journal import StepState
from aiotables.provision.planning import plans
from aiotables.provision.steps import Action, Service, TablePlan


if TYPE_CHECKING:
    from tests.conftest import Lab


async def test_plan_and_apply_agree(lab: "Lab") -> None:
    """A plan names what apply then does, table by table in the manifest's order, and makes nothing."""
    await lab.apply("- {target: crm, name: b, columns: [{name: x}]}\n- {target: crm, name: c}\n")
    tables = (
        "- {target: crm, name: a, indexes: [{columns: [id]}]}\n"
        "- {target: crm, name: b, columns: [{name: x}, {name: y}]}\n"
        "- {target: crm, name: c}\n"
        "- {target: crm, name: d, columns: [{name: z}]}\n"
        "- {target: research, key: e, name: E, rows: [{input: x.example}]}\n"
    )
    made = lab.made()

    found = await lab.plan(tables)

    assert made == lab.made()
    assert ["a", "b", "c", "d", "e"] == [plan.desired.key for plan, _ in found]
    assert [Action.CREATE, Action.CHANGE, Action.UNCHANGED, Action.CREATE, Action.CREATE] == [
        plan.action for plan, _ in found
    ]
    assert [["create", "index:idx_a_id"], ["column:y"], [], ["create"], ["create", "rows:0"]] == [
        steps for _, steps in found
    ]
    report = await lab.apply(tables)
    assert [len(steps) for _, steps in found] == [report.tables[key].steps for key in "abcde"]


async def test_plan_without_a_journal(lab: "Lab") -> None:
    """Before the first run there is no journal, and a plan needs none."""
    service = Counting()

    found = [plan async for plan in plans(tables(3), {"crm": cast("Service", service)}, None)]

    assert ["t0", "t1", "t2"] == [plan.desired.key for plan in found]


async def test_some_at_once(lab: "Lab") -> None:
    """Some tables are planned at once, and no more are read ahead than that."""
    service = Counting()
    taken: list[int] = []

    def watched() -> Iterator[Desired]:
        for number, desired in enumerate(tables(3 * CHUNK)):
            taken.append(number)
            yield desired

    stream = plans(watched(), {"crm": cast("Service", service)}, None)
    await anext(stream)

    assert CHUNK == len(taken) == service.most
    assert 3 * CHUNK == 1 + len([plan async for plan in stream])


async def test_service_that_cannot_be_read(lab: "Lab") -> None:
    """A table that cannot be read ends the plan with the reason."""
    await lab.apply("- {target: crm, name: a}\n")
    lab.forget()
    lab.emulator.fault("zangtable.get_table", when="before", what="status", status=403)

    with pytest.raises(PermissionDenied):
        await lab.plan("- {target: crm, name: a}\n")


def tables(count: int) -> Iterator[Desired]:
    """Tables of no manifest."""
    for number in range(count):
        spec = ZangTableSpec(name=f"t{number}")
        yield Desired(
            target="crm", key=spec.name, name=spec.name, spec=spec, identity="1", digest="2", origin="lab:1"
        )


class Counting:
    """A service that counts how many tables are planned at once."""

    def __init__(self) -> None:
        self.most = 0
        self._now = 0

    async def plan(self, desired: Desired, known: Mapping[str, StepState]) -> TablePlan:
        """Nothing is missing."""
        assert {} == known
        self._now += 1
        self.most = max(self.most, self._now)
        await asyncio.sleep(0)
        self._now -= 1
        return TablePlan(desired=desired, action=Action.UNCHANGED)
