"""
Operation and arguments to `Request`; status, headers and bytes to a `Reading`: pure, so tested without a network.

What every call makes, and nobody keeps, is not frozen: to make a frozen object takes twice as long.
"""

import re
from collections.abc import Callable, Iterable, Mapping
from datetime import UTC
from email.utils import parsedate_to_datetime
from functools import lru_cache, partial
from typing import Any, Final, Generic, Protocol, TypeAlias, TypeVar, cast
from urllib.parse import quote

from attrs import evolve, fields
from multidict import CIMultiDict, CIMultiDictProxy
from yarl import URL

from aiotables import core
from aiotables.core.classes import define, field, frozen
from aiotables.core.convert import Converter
from aiotables.core.errors import FIRST_SERVER_ERROR, Conflict, DecodeError, RequestError, ServiceError
from aiotables.core.operations import Operation
from aiotables.core.record import Attempt, CallRecord
from aiotables.core.retries import Kind, Outcome
from aiotables.core.sentinels import UNSET


T = TypeVar("T")

JSON = "application/json"

FIRST_REDIRECT: Final = 300
REQUEST_TIMEOUT: Final = 408

URLS_KEPT: Final = 512
"""URLs of a client that are kept at the most."""

ANSWERED: Final = Kind.ANSWERED
"""Here by a name of its own, as a member of an enum takes its time to be looked up."""


@define
class Request:
    """One HTTP request, ready to be sent."""

    method: str
    url: URL
    headers: CIMultiDict[str] = field(repr=False)
    """Shared with other requests. It holds the token, so it is in no `repr`."""

    body: bytes | None = field(default=None, repr=False)
    """JSON; its type is said where it is sent."""

    def __reduce__(self) -> str:
        msg = "a request holds the token, so it is not pickled"
        raise TypeError(msg)


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
    """The decoded answer; `None` when `gone`."""

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

    def parse(self, body: bytes) -> Any:  # noqa: ANN401 -- any JSON
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


PathValues: TypeAlias = tuple[tuple[str, str], ...]
"""Values of path parameters, each with its name: what the URLs that are kept are found by."""


class Urls:
    """
    The URLs of a service.

    Args:
        base: The service's base URL; its path, if it has one, comes first.
    """

    def __init__(self, base: URL) -> None:
        self.base = base
        # Calls go to the same few again and again, and to make one takes its time.
        self._find = lru_cache(URLS_KEPT)(partial(_url, base))

    def find(self, operation: Operation[Any, Any], path: PathValues) -> URL:
        """
        The URL of an operation.

        Raises:
            RequestError: A path parameter is missing or empty, or no valid Unicode.
        """
        return self._find(operation.name, operation.path, path)


def build_request(
    operation: Operation[Any, Any],
    urls: Urls,
    headers: CIMultiDict[str],
    path: PathValues,
    query: Mapping[str, object],
    body: object,
    converter: Converter,
) -> Request:
    """
    Put an operation and its arguments into a request.

    Args:
        operation: What to call.
        urls: Of the service.
        headers: All headers of the call, the token's among them.
        path: Values of the path parameters; percent-encoded here.
        query: Values of the query parameters; `None` and `UNSET` are left out, lists are repeated.
        body: The model or JSON to send, or `UNSET` for no body.
        converter: Writes the body.

    Raises:
        RequestError: A path parameter is missing or empty, a text is no valid Unicode, or the body is missing or cannot
            be written as JSON.
    """
    if body is UNSET and operation.body_required:
        msg = f"{operation.name}: the body is missing"
        raise RequestError(msg)
    url = urls.find(operation, path)
    if query and (pairs := list(_query_pairs(query))):
        url = url.with_query(pairs)

    return Request(operation.method, url, headers, None if body is UNSET else converter.encode(body))


def _url(base: URL, name: str, template: str, path: PathValues) -> URL:
    return base.with_path(base.raw_path.rstrip("/") + expand_path(name, template, dict(path)), encoded=True)


_PARAMETER: Final = re.compile(r"{([^}]+)}")


def expand_path(operation: str, template: str, values: Mapping[str, object]) -> str:
    """
    A path with its parameters filled in and percent-encoded, each staying one segment.

    Args:
        operation: Its name, for what is raised.
        template: The path, with `{name}` for each parameter.
        values: Values of the parameters.
    """
    return _PARAMETER.sub(lambda name: _path_part(operation, name[1], values.get(name[1])), template)


def _path_part(operation: str, name: str, value: object) -> str:
    text = "" if value is None else str(value)
    if text in {"", ".", ".."}:
        msg = f"{operation}: the path parameter {name} is {text!r}; it must name something"
        raise RequestError(msg)
    # Most are plain words, which need no encoding.
    return text if text.isascii() and text.isalnum() else quote(_encodable(text), safe="")


def _encodable(text: str) -> str:
    # Half of a surrogate pair has no form in UTF-8.
    if not text.isascii():
        try:
            text.encode()
        except UnicodeEncodeError:
            msg = f"{text!r} is no valid Unicode"
            raise RequestError(msg) from None
    return text


def check_path(path: str) -> str:
    """
    A path that was written by hand, when it can be sent as it stands.

    Raises:
        RequestError: It does not begin with `/`, leads upwards, or holds a query or a character that must be encoded.
    """
    upwards = {".", ".."} & set(path.split("/"))
    plain = path.isascii() and path.isprintable() and not set(path) & set(' ?#{}"<>\\^`|')
    if not path.startswith("/") or path.startswith("//") or upwards or not plain:
        msg = f"{path!r} is no path from the root of the API, percent-encoded and without a query"
        raise RequestError(msg)
    return path


def _query_pairs(query: Mapping[str, object]) -> Iterable[tuple[str, str]]:
    for name, value in query.items():
        if value is None or value is UNSET:
            continue
        many = value if isinstance(value, list | tuple) else (value,)
        yield from ((name, _query_text(item)) for item in many)


def _query_text(value: object) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    return _encodable(str(value))


def check_header(name: str, value: str) -> str:
    """
    The value, when it may stand in a header.

    Raises:
        RequestError: It is empty, begins or ends with a space, or holds a control character or one outside of ASCII.
    """
    if not fits_header(value):
        msg = f"{name} must be printable ASCII, not empty, without spaces around it; got {value!r}"
        raise RequestError(msg)
    return value


def fits_header(value: str) -> bool:
    """Whether a value arrives unchanged when it is sent in a header."""
    return value.isascii() and value.isprintable() and value != "" and value == value.strip()


def read_reply(
    operation: Operation[Any, Any], raw: RawReply, dialect: Dialect, *, now: float
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


def parse_retry_after(headers: Mapping[str, str], *, now: float) -> float | None:
    """
    Seconds that the service asks to wait: `retry-after-ms`, or `Retry-After` in seconds or as a date.

    Args:
        headers: Of the reply.
        now: Unix time in seconds.
    """
    millis = _number(headers.get("retry-after-ms"))
    if millis is not None:
        return millis / 1000

    text = headers.get("Retry-After")
    seconds = _number(text)
    if seconds is not None or text is None:
        return seconds

    moment = parse_http_date(text)
    return None if moment is None else max(0.0, moment - now)


def parse_http_date(text: str) -> float | None:
    """Unix time in seconds of a date in a header, or `None` when it is none."""
    try:
        moment = parsedate_to_datetime(text)
        # A date without a zone, `-0000`, is in UTC.
        return moment.timestamp() if moment.tzinfo is not None else moment.replace(tzinfo=UTC).timestamp()
    except (ValueError, OverflowError):
        return None


def _number(text: str | None) -> float | None:
    try:
        number = float(text) if text is not None else -1.0
    except ValueError:
        return None
    # NaN and infinity parse as numbers, and neither can be waited for.
    return number if 0 <= number < float("inf") else None
