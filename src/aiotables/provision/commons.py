"""What the clients of many processes have in common: one clock, and one limit for each token."""

from collections.abc import Callable
from typing import TypeAlias

from aiotables.core.classes import frozen
from aiotables.core.clock import SYSTEM_CLOCK, Clock
from aiotables.core.pacing import Limiter
from aiotables.provision.targets import AnyTarget


LimiterOf: TypeAlias = Callable[[AnyTarget, str], Limiter]
"""Makes the limiter of a target and its token."""


@frozen(kw_only=True)
class Commons:
    """What clients go by that are not alone."""

    clock: Clock = SYSTEM_CLOCK

    limiter_of: LimiterOf | None = None
    """`None` where each process has limits of its own."""


ALONE = Commons()
"""For a process that shares nothing."""
