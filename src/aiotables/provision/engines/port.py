"""
The port to an engine: what brings work to workers, on whatever machine they run.

An engine carries *tickets*. A ticket lets a worker take the next shard of one target of a run; so at most as many shards
of a target are under way as it has tickets, and targets take turns. What is to be done stands in the journal, not in the
engine: one that forgets a ticket, or brings it twice, does no harm.
"""

from collections.abc import Awaitable, Callable, Iterable
from typing import Protocol, TypeAlias

from aiotables.core.classes import frozen


@frozen
class Ticket:
    """The right to work on one shard of a target. It holds no secret, and no table."""

    run_id: str
    target: str

    number: int
    """From 0: a target has so many."""

    @property
    def name(self) -> str:
        """What tells it from all others."""
        return f"{self.run_id}/{self.number}/{self.target}"


Carry: TypeAlias = Callable[[Ticket], Awaitable[float | None]]
"""Work for one ticket. Says in how many seconds the ticket is good again, or `None` when its target has no work left."""


class Engine(Protocol):
    """Brings tickets to workers."""

    async def submit(self, tickets: Iterable[Ticket]) -> int:
        """Offer tickets, those left out that wait or are worked on already. Says how many were new."""
        ...

    async def cancel(self, run_id: str) -> int:
        """Take back the tickets of a run that nobody works on, and say how many those were."""
        ...

    async def work(self, carry: Carry, *, at_once: int) -> None:
        """
        Take tickets and carry them until cancelled; a lost database is waited for.

        A ticket of a worker that died is brought to another one.

        Args:
            carry: Called with each ticket.
            at_once: Tickets under way at once.
        """
        ...
