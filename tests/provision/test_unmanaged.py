"""Tables that are not in the manifest: whose they are, as far as that can be told."""

from typing import TYPE_CHECKING

from aiotables.extruct import Extruct
from aiotables.extruct._generated.models import TableCreate
from aiotables.provision.items import Items
from aiotables.provision.unmanaged import MARKED, OURS, list_others


if TYPE_CHECKING:
    from tests.conftest import Lab

TABLES = "- {target: crm, name: Kept}\n- {target: crm, name: Old}\n- {target: research, key: o, name: Old}\n"


async def told(
    lab: "Lab", *, knowing: bool = True
) -> tuple[dict[str, int | None], dict[tuple[str, str], str]]:
    """How many tables are not wanted beside `Kept`, and what is told of each, by target and title."""
    items = Items()
    async with lab.services() as services, lab.journal() as journal:
        for service in services.values():
            await service.refresh()
        services["crm"].want(lab.desired("- {target: crm, name: Kept}\n"))
        numbers = await list_others(services, journal if knowing else None, items)
    found = {(item.target, item.key.partition(" ")[0]): item.reason for item in items}
    items.close()
    return numbers, found


async def test_whose_they_are(lab: "Lab") -> None:
    """What this journal's runs made is told apart from what only our mark is on, and from what is not."""
    await lab.apply(TABLES)
    async with lab.services() as services:
        client = services["research"].client
        assert isinstance(client, Extruct)
        await client.tables.create(TableCreate(name="Foreign"))
        await client.tables.create(TableCreate(name="Marked", tags=["aiotables:0123456789abcdef"]))

    numbers, found = await told(lab)

    assert {"crm": 1, "research": 3} == numbers
    assert {
        ("crm", "Old"): OURS,
        ("research", "Old"): OURS,
        ("research", "Foreign"): "",
        ("research", "Marked"): MARKED,
    } == found


async def test_without_a_journal(lab: "Lab") -> None:
    """Without a journal only marks tell."""
    await lab.apply(TABLES)

    _, found = await told(lab, knowing=False)

    assert {("crm", "Old"): "", ("research", "Old"): MARKED} == found


async def test_nothing_to_tell(lab: "Lab") -> None:
    """Where everything is wanted there is nothing, and where nothing is listed nobody knows."""
    await lab.apply("- {target: crm, name: Kept}\n")
    lab.emulator.fault("zangtable.query_records", when="before", what="status", status=403, times=1)

    assert ({"crm": None, "research": 0}, {}) == await told(lab)
    assert ({"crm": 0, "research": 0}, {}) == await told(lab)
