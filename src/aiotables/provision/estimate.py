"""
How long workers take, how many of them are of use, and how much room the database needs: by calculation.

The constants were measured; the page on many workers says how to measure them again.
"""

import math
from collections.abc import Iterable, Mapping
from typing import Final

from aiotables.core.classes import define, field, frozen
from aiotables.provision.batches import BATCH
from aiotables.provision.desired import Desired, ExtructSpec, RowSource
from aiotables.provision.targets import AnyTarget


PART_OF_RATE: Final = 0.975
"""Of a token's rate, the part that workers reach."""

CALLS_OF_A_WORKER: Final = 300.0
"""Requests per second that one worker sends, on half a core."""

SHARED_A_SECOND: Final = 17_000.0
"""Tables that are given to workers in a second."""

SHARD_BYTES: Final = 60
"""Room that a table takes in the shards."""

STEP_BYTES: Final = 1_000
"""Room that a request which makes something takes in the journal."""


@frozen(kw_only=True)
class Estimate:
    """What a run of workers takes."""

    tables: int
    requests: int

    rate: float | None
    """Requests per second over all tokens; `None` when one of them has no limit."""

    seconds: float | None
    """How long workers take, as long as the slowest token; `None` when one has no limit to tell it by."""

    workers: int | None
    """How many are of use, without one more for when one dies; `None` when a token has no limit."""

    sharing: float
    """Seconds until the tables are given to workers."""

    size: int
    """Bytes that the database grows by."""

    @property
    def calls(self) -> float:
        """Requests of a table."""
        return self.requests / self.tables if self.tables else 0.0


@define
class _Load:
    """What is asked of one token."""

    rate: float | None
    requests: int = 0

    @property
    def seconds(self) -> float | None:
        if not self.requests:
            return 0.0
        return None if self.rate is None else self.requests / (PART_OF_RATE * self.rate)


@define
class Needs:
    """
    Sums over the tables of a run.

    Args:
        targets: Of the manifest, by name.
    """

    _targets: Mapping[str, AnyTarget]
    tables: int = 0
    _requests: dict[str, int] = field(factory=dict[str, int])

    def add(self, target: str, *, tables: int, requests: int) -> None:
        """Count tables of a target, and the requests that they need."""
        self.tables += tables
        self._requests[target] = self._requests.get(target, 0) + requests

    def clear(self) -> None:
        """Begin to count anew."""
        self.tables = 0
        self._requests.clear()

    @property
    def requests(self) -> int:
        """Of all targets."""
        return sum(self._requests.values())

    def estimate(self) -> Estimate:
        """What making them takes."""
        loads = [*self._loads()]
        times = [load.seconds for load in loads]
        rates = [load.rate for load in loads if load.requests]
        known = [rate for rate in rates if rate is not None]
        limited = len(known) == len(rates)
        return Estimate(
            tables=self.tables,
            requests=self.requests,
            rate=sum(known) if limited else None,
            seconds=max((time for time in times if time is not None), default=0.0) if limited else None,
            workers=max(1, math.ceil(sum(known) / CALLS_OF_A_WORKER)) if limited else None,
            sharing=self.tables / SHARED_A_SECOND,
            size=self.tables * SHARD_BYTES + self.requests * STEP_BYTES,
        )

    def _loads(self) -> Iterable[_Load]:
        """Targets with one token share its rate, which is that of the slowest of them."""
        loads: dict[tuple[str, str | None, str], _Load] = {}
        for name, target in self._targets.items():
            token = (target.service, target.base_url, target.token_env)
            load = loads.setdefault(token, _Load(target.rate))
            load.rate = min((rate for rate in (load.rate, target.rate) if rate is not None), default=None)
            load.requests += self._requests.get(name, 0)
        return loads.values()


def requests_of(desired: Desired) -> int:
    """The requests that a table needs when nothing of it is there. The rows of files are not read for it."""
    spec = desired.spec
    if not isinstance(spec, ExtructSpec):
        return 1 + len(spec.indexes)
    rows = 0 if isinstance(spec.rows, RowSource) else math.ceil(len(spec.rows) / BATCH)
    return (spec.id is None) + rows + spec.run
