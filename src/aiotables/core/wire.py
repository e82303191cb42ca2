"""
Status, headers and bytes to what a reply says, and to a `Reply`: pure, so tested without a network.

What every call makes, and nobody keeps, is not frozen: to make a frozen object takes twice as long.
"""

from collections.abc import Callable, Mapping
from typing import Any, Final, Generic, Protocol, TypeVar, cast

from attrs import evolve, fields
from multidict import CIMultiDict, CIMultiDictProxy

from aiotables import core
from aiotables.core.classes import define, field, frozen
from aiotables.core.convert import Converter
from aiotables.core.errors import FIRST_SERVER_ERROR, Conflict, DecodeError, ServiceError
from aiotables.core.headers import parse_retry_after
from aiotables.core.operations import Operation
from aiotables.core.record import Attempt, CallRecord
from aiotables.core.retries import Kind, Outcome


T = TypeVar("T")

FIRST_REDIRECT: Final = 300
REQUEST_TIMEOUT: Final = 408
NO_CONTENT: Final = frozenset({204, 205})
"""Successes that come without a body (RFC 9110, 15.3.5 and 15.3.6)."""

ANSWERED: Final = Kind.ANSWERED
"""Here by a name of its own, as a member of an enum takes its time to be looked up."""


@define
class RawReply:
    """One HTTP reply, read whole."""

    status: int
    headers: CIMultiDictProxy[str]
    body: bytes
    resent: bool = False
    """Whether aiohttp sent the request again by itself, as it does once for idempotent methods."""

    stream: "core.streaming.Stream | None" = None
    """The body, still to be read, of a success that was asked for as a stream."""


def _made(record: CallRecord | Callable[[], CallRecord]) -> CallRecord:
    return record if isinstance(record, CallRecord) else record()


@frozen
class Reply(Generic[T]):
    """What a call gave, with every fact needed to trace it."""

    value: T
    """The decoded answer; `None` when `gone`, and of a delete that was answered without a body."""

    status: int
    """HTTP status. For a settled call this, `headers` and `raw` are those of the last look."""

    headers: CIMultiDictProxy[str]
    raw: bytes = field(repr=False)
    """The body as it came; it may hold the secret of a new token, so it is in no `repr`."""

    _record: CallRecord | Callable[[], CallRecord] = field(
        alias="record", eq=_made, repr=lambda record: repr(_made(record))
    )
    """Made when it is asked for: of most calls nobody asks."""

    gone: bool = False
    """Whether a delete was sent twice and the second found nothing left: it is done."""

    @property
    def record(self) -> CallRecord:
        """The call with every attempt."""
        return _made(self._record)

    @property
    def request_id(self) -> str | None:
        """The id to quote to the service's support."""
        return self.record.request_id

    @property
    def attempts(self) -> tuple[Attempt, ...]:
        """Every sending of the request."""
        return self.record.attempts

    @property
    def operation_run(self) -> str | None:
        """The operation run that the call was grouped under, where the service groups calls."""
        return self.record.operation_run

    @property
    def elapsed(self) -> float:
        """Seconds from the first sending to the end of the last."""
        return self.record.elapsed

    @property
    def settled(self) -> bool:
        """Whether the reply was lost, and the value was found by looking."""
        return self.record.found is not None

    def __reduce__(self) -> tuple[Any, ...]:
        # multidict's read-only headers can be neither pickled nor copied deeply.
        facts = {each.alias: getattr(self, each.name) for each in fields(Reply)}
        return _reply_again, ({**facts, "headers": CIMultiDict(self.headers), "record": self.record},)


def _reply_again(facts: dict[str, Any]) -> Reply[Any]:
    return Reply(**{**facts, "headers": CIMultiDictProxy(facts["headers"])})


@define
class Unwrapped:
    """What a service's form of reply says, apart from its data."""

    data: Any = None
    """The decoded JSON of the answer itself, or of the error's detail."""

    request_id: str | None = None
    operation_run: str | None = None
    """The operation run that the service filed the call under."""

    error: type[ServiceError] | None = None
    """The class of error that it is, or `None` when it is a success."""

    code: str | None = None
    message: str = ""
    refused: bool = False
    """Whether the service says that nothing was done and that later may do."""


class Dialect(Protocol):
    """How one service writes its replies."""

    def parse(self, body: bytes, /) -> Any:  # noqa: ANN401 -- any JSON
        """
        Parse the JSON of a reply.

        Raises:
            ValueError: It is no JSON.
        """
        ...

    def unwrap(self, status: int, headers: Mapping[str, str], payload: Any) -> Unwrapped:  # noqa: ANN401 -- any JSON
        """
        Read a reply whose body is JSON.

        Raises:
            ValueError: It is not a reply of this service.
        """
        ...

    def unwrap_text(self, status: int, headers: Mapping[str, str], text: str) -> Unwrapped:
        """Read an error whose body is no JSON, such as a proxy's page."""
        ...


def read_reply(
    operation: Operation[Any, Any], raw: RawReply, dialect: Dialect, now: float
) -> tuple[Outcome, Unwrapped]:
    """
    Say what a reply means, without decoding its data into models yet.

    Args:
        operation: What was called.
        raw: What came.
        dialect: How the service writes its replies.
        now: Unix time in seconds, for a Retry-After that is a date.

    Returns:
        How the attempt ended, and what the reply says.
    """
    if operation.result is bytes and raw.status < FIRST_REDIRECT:
        return _success(raw.status), Unwrapped(raw.stream or raw.body)

    try:
        unwrapped = dialect.unwrap(raw.status, raw.headers, dialect.parse(raw.body))
    except ValueError as error:
        return _unreadable(raw, dialect, reason=str(error), now=now)
    if unwrapped.error is None:
        return _ANSWERED.get(raw.status) or _success(raw.status), unwrapped
    retry_after = parse_retry_after(raw.headers, now=now)
    return _outcome(operation, raw.status, unwrapped, unwrapped.error, retry_after), unwrapped


def _unreadable(raw: RawReply, dialect: Dialect, *, reason: str, now: float) -> tuple[Outcome, Unwrapped]:
    text = raw.body[:500].decode("utf-8", "replace")
    unwrapped = dialect.unwrap_text(raw.status, raw.headers, text)
    if raw.status in NO_CONTENT and not raw.body:
        return _success(raw.status), evolve(unwrapped, data=None, error=None, message="")
    if raw.status < FIRST_REDIRECT:
        why = f"answered {raw.status} with an unreadable body: {reason}"
        return Outcome(kind=Kind.UNKNOWN, reason=why), evolve(unwrapped, error=None)
    kind = Kind.UNKNOWN if _may_have_acted(raw.status) else Kind.ANSWERED
    if unwrapped.refused:
        kind = Kind.REFUSED
    retry_after = parse_retry_after(raw.headers, now=now)
    return Outcome(kind=kind, reason=f"answered {raw.status}", retry_after=retry_after), unwrapped


def _success(status: int) -> Outcome:
    return Outcome(kind=Kind.ANSWERED, reason=f"answered {status}")


# Most calls end in one of these.
_ANSWERED = {status: _success(status) for status in (200, 201)}


def _outcome(
    operation: Operation[Any, Any],
    status: int,
    unwrapped: Unwrapped,
    error: type[ServiceError],
    retry_after: float | None,
) -> Outcome:
    reason = f"answered {status}" + (f" {unwrapped.code}" if unwrapped.code else "")
    kind, conflict = Kind.ANSWERED, issubclass(error, Conflict)
    if unwrapped.refused or status in operation.nothing_done:
        kind, conflict = Kind.REFUSED, False
    elif _may_have_acted(status):
        kind, conflict = Kind.UNKNOWN, False
    return Outcome(kind=kind, reason=reason, retry_after=retry_after, conflict=conflict)


def _may_have_acted(status: int) -> bool:
    return status >= FIRST_SERVER_ERROR or status == REQUEST_TIMEOUT


def decode_value(operation: Operation[Any, T], data: object, converter: Converter) -> T:
    """
    The answer as the operation's result type.

    Raises:
        DecodeError: It is not of the documented shape.
    """
    if operation.result is bytes:
        # What is no JSON is given as it came: the bytes, or the stream of them.
        return cast("T", data)

    try:
        return converter.decode(data, operation.result)
    except DecodeError as error:
        error.add_note(f"while reading the answer to {operation.name}")
        raise
