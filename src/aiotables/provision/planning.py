"""What a manifest would change, without changing it."""

import asyncio
from collections.abc import AsyncIterator, Iterable, Mapping

from aiotables.provision.ahead import Known, chunks
from aiotables.provision.desired import Desired
from aiotables.provision.journal import JournalReader
from aiotables.provision.steps import Action, Service, TablePlan


async def plans(
    tables: Iterable[Desired], services: Mapping[str, Service], journal: JournalReader | None
) -> AsyncIterator[TablePlan]:
    """
    What each table needs, in the order of the manifest.

    Args:
        tables: What is desired; read as a stream.
        services: By the name of their target, refreshed.
        journal: Of earlier runs, if there were any.

    Raises:
        CallError: A service cannot be read.
    """
    # Those of a chunk are planned at once; where a service can list, most cost no request.
    async for chunk in chunks(tables, journal):
        for plan in await asyncio.gather(*(_plan(desired, known, services) for desired, known in chunk)):
            yield plan


async def _plan(desired: Desired, known: Known, services: Mapping[str, Service]) -> TablePlan:
    unsettled = [f"{name} of {state.run_id}" for name, state in known.items() if state.is_open]
    if unsettled:
        reason = f"no outcome yet: {', '.join(unsettled)}"
        return TablePlan(desired=desired, action=Action.SETTLE, reason=reason)
    return await services[desired.target].plan(desired, known)
