"""
Operation groups: calls with the same key and run id appear together in ZangTable's admin panel.

They are metadata, not idempotency keys: nothing is deduplicated by them. Source: docs page operation-groups.
"""

import secrets
from contextvars import ContextVar, Token
from datetime import UTC, datetime
from types import MappingProxyType
from typing import Self

from aiotables.core.wire import check_header


KEY_HEADER = "X-Operation-Key"
RUN_HEADER = "X-Operation-Run-Id"

# By client, since one block may use clients of several projects. Tasks started inside inherit it.
_current: ContextVar[MappingProxyType[int, "OperationRun"]] = ContextVar(
    "aiotables_zangtable_operations", default=MappingProxyType({})
)


class OperationRun:
    """
    One run of an operation: `async with zang.operation("provision-crm") as run`.

    Args:
        key: Human-readable label of the operation.
        run_id: Id of this run; made when it is not given.
        owner: Identity of the client whose calls are grouped.
    """

    def __init__(self, key: str, *, run_id: str | None, owner: int) -> None:
        self.key = check_header(KEY_HEADER, key)
        self._run_ids = [check_header(RUN_HEADER, run_id or new_run_id())]
        self._owner = owner
        self._token: Token[MappingProxyType[int, OperationRun]] | None = None

    def __repr__(self) -> str:
        return f"OperationRun(key={self.key!r}, run_id={self.run_id!r})"

    @property
    def run_id(self) -> str:
        """The id to send next: the service's own, once it has answered with one."""
        return self._run_ids[-1]

    @property
    def run_ids(self) -> tuple[str, ...]:
        """
        All ids of the run, oldest first.

        After 420 seconds without a call the service goes on under a new id.
        """
        return tuple(self._run_ids)

    def follow(self, run_id: str | None) -> None:
        """Take the id that a reply was filed under."""
        if run_id is not None and run_id != self.run_id:
            self._run_ids.append(check_header(RUN_HEADER, run_id))

    async def __aenter__(self) -> Self:
        self._token = _current.set(MappingProxyType({**_current.get(), self._owner: self}))
        return self

    async def __aexit__(self, *_: object) -> None:
        if self._token is not None:
            _current.reset(self._token)
            self._token = None


def current_run(owner: int) -> OperationRun | None:
    """The run that calls of a client are grouped under here and now."""
    return _current.get().get(owner)


def new_run_id() -> str:
    """A run id of the form that the docs show for client-made ones: `oprun_client_20260602_…`."""
    return f"oprun_client_{datetime.now(UTC):%Y%m%d}_{secrets.token_hex(6)}"
