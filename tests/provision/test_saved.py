"""Plans in files: what is carried out later is what was looked at, or it is refused."""

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

import orjson
import pytest

from aiotables import Extruct, ZangTable
from aiotables.provision import Plan, Selection, load
from aiotables.provision.manifest import Manifest
from aiotables.provision.saved import PlanError, SavedPlan, read_saved, save, sources_of


if TYPE_CHECKING:
    from tests.conftest import Lab

Damage = Callable[[str], str]

HEAD = "manifest: saved\ntargets: {crm: {service: zangtable, project: acme}, research: {service: extruct}}\ntables:\n"
TABLES = """
- {target: crm, for_each: slugs.csv, name: "${slug}"}
- target: research
  name: A
  columns: [{kind: input, name: Company, key: input}]
  rows: {from: companies.csv}
"""


class Desk:
    """Where plans are made, saved and read again."""

    def __init__(self, lab: "Lab") -> None:
        self.lab = lab
        self.file = lab.folder / "plan.json"
        lab.write("slugs.csv", "slug\na\nb\n")
        lab.write("companies.csv", "input\nx.example\n")
        self.clients = {
            "crm": ZangTable(token="pat_emulator", project="acme", base_url=lab.emulator.url),
            "research": Extruct(token="extruct-emulator", base_url=lab.emulator.url),
        }

    def manifest(self, tables: str = TABLES) -> Manifest:
        """The manifest."""
        return load(self.lab.write("saved.yaml", HEAD + tables))

    async def plan(self, selection: Selection | None = None) -> Plan:
        """A plan of it."""
        return await Plan.make(
            self.manifest(), self.clients, state=self.lab.state, selection=selection or Selection()
        )

    async def save(self, selection: Selection | None = None) -> SavedPlan:
        """A plan, saved and read."""
        with await self.plan(selection) as plan:
            save(plan, self.file, manifest=Path("saved.yaml"), state=Path("state"))
        saved = read_saved(self.file)
        assert saved is not None
        return saved

    async def check(self, saved: SavedPlan) -> None:
        """Compare it with a plan that is made anew."""
        with await self.plan(saved.selection) as plan:
            saved.check(plan)

    async def close(self) -> None:
        """Close the clients."""
        for client in self.clients.values():
            await client.aclose()


async def test_saved_and_read(lab: "Lab") -> None:
    """A plan comes back with its tables, and as long as nothing changes it holds; the file is JSON, without tokens."""
    desk = Desk(lab)
    with await desk.plan() as plan:
        tables = [*plan.tables()]

    saved = await desk.save()

    assert tables == [*saved.tables()]
    assert ("saved.yaml", "state", Selection()) == (saved.manifest, saved.state, saved.selection)
    await desk.check(saved)
    whole = orjson.loads(desk.file.read_bytes())
    assert (4, 3) == (whole["requests"], len(whole["tables"]))
    assert {"create": 3}.items() <= whole["counts"].items()
    assert "pat_" not in desk.file.read_text()
    assert [desk.file] == [*lab.folder.glob("plan.json*")]
    await desk.close()


async def test_of_some_tables(lab: "Lab") -> None:
    """A plan of some tables stays one of those; one of none has none."""
    desk = Desk(lab)

    saved = await desk.save(Selection(only=["crm/*"], without=["crm/b"]))

    assert ["a"] == [table.key for table in saved.tables()]
    assert Selection(only=["crm/*"], without=["crm/b"]) == saved.selection
    await desk.check(saved)

    assert [] == [*(await desk.save(Selection(without=["*"]))).tables()]
    await desk.close()


@pytest.mark.parametrize("file", ["saved.yaml", "slugs.csv", "companies.csv"])
async def test_source_that_changed(lab: "Lab", file: str) -> None:
    """When the manifest or one of its files was changed, the plan is stale, and says so."""
    desk = Desk(lab)
    saved = await desk.save()
    (lab.folder / file).write_text((lab.folder / file).read_text() + "\n")

    with pytest.raises(PlanError, match=r"is stale: saved\.yaml, a file that it names, or where a target"):
        saved.check(await Plan.make(load(lab.folder / "saved.yaml"), desk.clients, state=lab.state))
    await desk.close()


async def test_target_that_leads_elsewhere(lab: "Lab") -> None:
    """A plan that was made against another address is stale."""
    desk = Desk(lab)
    desk.manifest()
    environ = {"ZANGTABLE_API_TOKEN": "x", "EXTRUCT_API_TOKEN": "x"}
    here, there = (
        load(lab.folder / "saved.yaml", environ={**environ, "EXTRUCT_BASE_URL": f"http://127.0.0.1:{port}"})
        for port in (1, 2)
    )

    assert sources_of(here) != sources_of(there)
    await desk.close()


async def test_what_is_there_changed(lab: "Lab") -> None:
    """When something else is there than was planned for, the plan is stale, and the first differences are named."""
    desk = Desk(lab)
    saved = await desk.save()
    await lab.apply("- {target: crm, name: a, columns: [{name: x}]}\n")

    with pytest.raises(
        PlanError, match=r"stale: what is there .*; plan again\. crm/a: create was planned, now unch"
    ):
        await desk.check(saved)
    await desk.close()


def test_no_plan(tmp_path: Path) -> None:
    """A manifest is no plan, whatever it is written in."""
    for text in ("manifest: x\n", '{"manifest": "x"}', "", "\udcff"):
        file = tmp_path / "m"
        file.write_bytes(text.encode(errors="surrogateescape"))
        assert read_saved(file) is None


@pytest.mark.parametrize(
    "damage",
    [
        lambda text: text.replace('{"aiotables_plan":1', '{"aiotables_plan":2'),
        lambda text: text.replace('"manifest"', "manifest"),
        lambda text: '{"aiotables_plan":1',
        lambda text: '{"aiotables_plan":[]}',
    ],
    ids=["version", "json", "cut", "type"],
)
async def test_broken_head(lab: "Lab", damage: Damage) -> None:
    """A plan of another version, or one that was edited, is refused."""
    desk = Desk(lab)
    await desk.save()
    desk.file.write_text(damage(desk.file.read_text()))

    with pytest.raises(PlanError, match=r"plan\.json is no plan that this version of aiotables wrote"):
        read_saved(desk.file)
    await desk.close()


@pytest.mark.parametrize(
    "damage",
    [
        lambda text: text.replace('"create"', '"unchanged"', 1),
        lambda text: text.replace('"key":"a"', '"key":"z"'),
        lambda text: text.replace('{"target"', '{"targ"', 1),
        lambda text: text[: text.rindex("\n", 0, -5)],
        lambda text: text.replace('"steps":["create"]', '"steps":7'),
    ],
    ids=["action", "key", "shape", "cut", "type"],
)
async def test_broken_tables(lab: "Lab", damage: Damage) -> None:
    """Tables that were edited are refused."""
    desk = Desk(lab)
    saved = await desk.save()
    text = desk.file.read_text()
    head, _, tables = text.partition("\n")
    desk.file.write_text(f"{head}\n{damage(tables)}")

    with pytest.raises(PlanError, match="or was changed since"):
        _ = [*saved.tables()]
    await desk.close()
