"""
Operation groups: calls with the same key and run id appear together in ZangTable's admin panel.

They are metadata, not idempotency keys: nothing is deduplicated by them. Source: docs page operation-groups.
"""

import secrets
from contextvars import ContextVar
from datetime import UTC, datetime
from typing import Self

from attrs import evolve

from aiotables.core.classes import frozen
from aiotables.core.headers import check_header, fits_header


KEY_HEADER = "X-Operation-Key"
RUN_HEADER = "X-Operation-Run-Id"


class OperationRun:
    """
    One run of an operation: `async with zang.operation("provision-crm") as run`.

    Args:
        key: Human-readable label of the operation.
        run_id: Id of this run; made when it is not given.
        owner: What the clients have in common whose calls are grouped.
    """

    def __init__(self, key: str, *, run_id: str | None, owner: object) -> None:
        self._key = check_header(KEY_HEADER, key)
        # A dict keeps the order, and finds an id however many there are.
        self._run_ids = {check_header(RUN_HEADER, run_id or new_run_id()): None}
        self.owner = owner

    def __repr__(self) -> str:
        return f"OperationRun(key={self.key!r}, run_id={self.run_id!r})"

    @property
    def key(self) -> str:
        """The label."""
        return self._key

    @property
    def run_id(self) -> str:
        """The id to send next: the service's own, once it has answered with one."""
        return next(reversed(self._run_ids))

    @property
    def run_ids(self) -> tuple[str, ...]:
        """
        All ids of the run, oldest first.

        After 420 seconds without a call the service goes on under a new id.
        """
        return tuple(self._run_ids)

    def follow(self, run_id: str | None) -> None:
        """
        Take the id that a reply was filed under.

        One that is known is not newer: replies to calls made side by side overtake each other. One that could not be
        sent back is left alone.
        """
        if run_id is not None and fits_header(run_id):
            self._run_ids.setdefault(run_id)

    async def __aenter__(self) -> Self:
        _current.set(_Block(run=self, outer=_current.get()))
        return self

    async def __aexit__(self, *_: object) -> None:
        _current.set(_without(self, _current.get()))


@frozen
class _Block:
    """One `async with` that is open here; by links, so that each task has its own and needs no token to leave it."""

    run: OperationRun
    outer: "_Block | None"


# Tasks started inside of a block inherit it.
_current: ContextVar[_Block | None] = ContextVar("aiotables_zangtable_operations", default=None)


def current_run(owner: object) -> OperationRun | None:
    """The run that calls of a client are grouped under here and now."""
    block = _current.get()
    while block is not None and block.run.owner is not owner:
        block = block.outer
    return None if block is None else block.run


def _without(run: OperationRun, block: _Block | None) -> _Block | None:
    if block is None:
        return None
    if block.run is run:
        return block.outer
    return evolve(block, outer=_without(run, block.outer))


def new_run_id() -> str:
    """A run id of the form that the docs show for client-made ones: `oprun_client_20260602_…`."""
    return f"oprun_client_{datetime.now(UTC):%Y%m%d}_{secrets.token_hex(6)}"
