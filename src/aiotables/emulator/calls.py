"""A call as the services see it, what they reply, and the record that is kept of both."""

from collections.abc import Mapping
from typing import Any, Protocol

from attrs import field, frozen
from multidict import CIMultiDict, CIMultiDictProxy, MultiDict, MultiDictProxy, MultiMapping

from aiotables.core.operations import Operation


NO_QUERY: MultiDictProxy[str] = MultiDictProxy(MultiDict())
NO_HEADERS: CIMultiDictProxy[str] = CIMultiDictProxy(CIMultiDict())


@frozen(kw_only=True)
class Incoming:
    """A call that came in whole."""

    operation: Operation[Any, Any]
    path: Mapping[str, str] = field(factory=dict)
    """Values of the path parameters, percent-decoded."""
    query: MultiMapping[str] = NO_QUERY
    headers: CIMultiDictProxy[str] = NO_HEADERS
    body: bytes = b""


@frozen(kw_only=True)
class Reply:
    """What goes back."""

    status: int
    body: bytes
    headers: Mapping[str, str] = field(factory=dict)
    request_id: str | None = None
    operation_run_id: str | None = None


@frozen(kw_only=True)
class Exchange:
    """What went over the wire in a call. It may hold tokens, so that nothing but the inspector, which redacts, shows it."""

    query: str = ""
    request_headers: Mapping[str, str] = NO_HEADERS
    request_body: bytes = b""
    """The first bytes; of a refused path or a body that did not come whole, none."""
    request_size: int = 0
    """Bytes of the whole body."""
    reply_headers: Mapping[str, str] = NO_HEADERS
    reply_body: bytes = b""
    """The first bytes."""
    reply_size: int = 0


@frozen(kw_only=True)
class Call:
    """The record of one call."""

    number: int
    """Counted from 1, in the order in which the calls ended."""

    at: float
    """Unix time, by the emulator's clock, at which it came in whole."""

    seconds: float
    """How long it was in the emulator, by its clock."""

    operation: str | None
    """Name of the operation; None when the path or method is of none."""

    method: str
    path: str

    status: int | None
    """Status of the service's answer, sent or lost; None when the call was lost before there was one."""

    request_id: str | None = None
    """The id in ZangTable's envelope."""

    fault: str | None = None
    """The fault that it suffered, such as `zangtable.create_table:after:drop`."""

    delayed: float = 0.0
    """Seconds for which delays held it back."""

    operation_key: str | None = None
    """The `X-Operation-Key` that came."""

    operation_run_id: str | None = None
    """The id of the run as answered; as it came when nothing was answered."""

    sent_run_id: str | None = None
    """The `X-Operation-Run-Id` that came."""

    lost: bool = False
    """Whether no reply was sent."""


class Service(Protocol):
    """One of the two services, behind its operations."""

    @property
    def operations(self) -> tuple[Operation[Any, Any], ...]:
        """The operations that exist here."""
        ...

    def answer(self, incoming: Incoming) -> Reply:
        """Do what was called, effect included."""
        ...

    def failure(self, status: int) -> Reply:
        """The form that an error of *status* has when no operation says more."""
        ...


def bearer(headers: Mapping[str, str]) -> str | None:
    """The token of an `Authorization: Bearer` header; None when there is none."""
    scheme, _, token = headers.get("Authorization", "").partition(" ")
    return token.strip() or None if scheme.lower() == "bearer" else None
