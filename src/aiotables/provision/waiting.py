"""Lets tables wait for those they depend on."""

import asyncio
from collections.abc import Iterable

from aiotables.provision.desired import Desired, TableKey


class Dependencies:
    """
    What is under way in a run, and what ended badly.

    Tables have to come in an order in which each is after all that it depends on. One that does not come at all, because
    a run does not select it, is not waited for.

    Args:
        bad: The identities of tables that ended badly before.
    """

    def __init__(self, bad: Iterable[str] = ()) -> None:
        self._under_way: dict[str, asyncio.Event] = {}
        self._bad = set(bad)

    def begin(self, desired: Desired) -> None:
        """Note that a table is worked on from now on."""
        self._under_way[desired.identity] = asyncio.Event()

    def end(self, desired: Desired, *, well: bool) -> None:
        """Note that it no longer is, and whether it is as desired."""
        if not well:
            self._bad.add(desired.identity)
        self._under_way.pop(desired.identity).set()

    async def wait(self, desired: Desired) -> None:
        """Wait until nothing that a table depends on is under way."""
        for each in desired.depends_on:
            if each.identity in self._under_way:
                await self._under_way[each.identity].wait()

    def missing(self, desired: Desired) -> TableKey | None:
        """What a table depends on and is not as desired, if anything."""
        return next((each for each in desired.depends_on if each.identity in self._bad), None)
