"""Tables that are there and not in the manifest: named, with whose they may be, and left alone."""

from collections.abc import Iterable, Mapping
from typing import Final

from aiotables.provision.desired import MARKER
from aiotables.provision.items import Items, PlannedTable
from aiotables.provision.journal import JournalHistory, Made
from aiotables.provision.keys import Keys
from aiotables.provision.snapshot import Entry
from aiotables.provision.steps import Action, Service


OURS: Final = "made for this manifest, which asks for it no longer"
MARKED: Final = "made by aiotables, by no run that this journal knows"


async def list_others(
    services: Mapping[str, Service], journal: JournalHistory | None, items: Items
) -> dict[str, int | None]:
    """
    Tell the tables that exist and that no service has noted as wanted.

    Args:
        services: By target; every table of the manifest was noted.
        journal: Of earlier runs, if there were any.
        items: Where they go, as a stream.

    Returns:
        How many there are, by target; `None` where the service shows no list.
    """
    with Keys() as ours:
        if journal is not None and _any(services):
            async for made in journal.made_tables():
                ours.add(made.target, _name_of(made))
        return {target: _add(target, service.unwanted(), ours, items) for target, service in services.items()}


def _any(services: Mapping[str, Service]) -> bool:
    # What a journal made is only read when there is something to find in it.
    return any(next(iter(service.unwanted() or ()), None) for service in services.values())


def _add(target: str, entries: Iterable[Entry] | None, ours: Keys, items: Items) -> int | None:
    if entries is None:
        return None
    before = items.number
    for entry in entries:
        name = f"{entry.title} ({entry.remote_id})" if entry.remote_id else entry.title
        reason = OURS if ours.has(target, entry.name) else _marked(entry)
        items.add(PlannedTable(target=target, key=name, action=Action.UNMANAGED, reason=reason))
    return items.number - before


def _marked(entry: Entry) -> str:
    return MARKED if entry.definition.startswith(MARKER) else ""


def _name_of(made: Made) -> str:
    """What a snapshot has it under: ZangTable names tables, and Extruct gives them ids."""
    name = made.sent["body"].get("table_name")
    return made.table_id if name is None else str(name).lower()
