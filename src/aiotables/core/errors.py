"""
Every error of the clients, in one tree; what is not defined here says where it is.

```
AiotablesError
├── SettingsError             a setting is missing or wrong; nothing was sent
├── RequestError              the arguments cannot be put into a request; nothing was sent
├── ClosedError               the client was closed before the call; nothing was sent
├── DecodeError               JSON that is not what the fragments say
├── WaitTimedOut              work that a service does in the background took longer than was allowed (`polling.py`)
├── DownloadCut               a download ended before its end (`streaming.py`)
└── CallError                 a call ended without its result
    ├── NotSent               the request never reached the service
    ├── NoReply               sent, unanswered or unreadable, and harmless to send again
    ├── OutcomeUnknown        sent, unanswered or unreadable, and what the call did could not be settled
    ├── ReplyNotUnderstood    answered with success, in a shape that is not the documented one
    └── ServiceError          the service answered with an error
        ├── BadRequest        400
        ├── AuthenticationFailed  401
        ├── PaymentRequired   402: plan, credits or quota
        ├── PermissionDenied  403
        ├── NotFound          404
        ├── Conflict          409: it exists already
        ├── ValidationFailed  422
        ├── RateLimited       429
        └── ServerError       5xx
```

All of them survive `pickle` and `copy`, so a process pool can return them, and what comes back is equal to what was sent.
"""

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any


if TYPE_CHECKING:
    from aiotables.core.record import Attempt, CallRecord
    from aiotables.core.settle import Sent


class AiotablesError(Exception):
    """
    Base of every error raised by aiotables. `str()` is a whole sentence: what happened, where, what to do.

    Two are equal that are of the same class and say the same with the same facts, whichever process they came from.
    """

    def __eq__(self, other: object) -> bool:
        if type(other) is not type(self):
            return NotImplemented
        return (self.args, self.__dict__) == (other.args, other.__dict__)

    def __hash__(self) -> int:
        return hash((type(self), self.args))

    def __reduce__(self) -> tuple[Any, ...]:
        # The default calls the class with `args` alone, which loses keyword-only facts.
        return _restore, (type(self), self.args, self.__dict__.copy())


def _restore(cls: type[AiotablesError], args: tuple[Any, ...], facts: dict[str, Any]) -> AiotablesError:
    error = cls.__new__(cls, *args)
    # An error that is also a built-in one of the operating system takes its arguments when it is initialised.
    error.args = args
    error.__dict__.update(facts)
    return error


class SettingsError(AiotablesError, ValueError):
    """A setting, such as the token or the base URL, is missing or wrong. Nothing was sent."""


class RequestError(AiotablesError, ValueError):
    """The arguments cannot be put into a request. Nothing was sent."""


class ClosedError(AiotablesError, RuntimeError):
    """The client was closed before the call. Nothing was sent."""


class DecodeError(AiotablesError):
    """
    JSON that is not what the fragments say.

    Attributes:
        problems: One line per fault, `$.path: what was expected and what was found`, capped.
        list_path: Path of the first list that has bad items, such as `$.rows`, or `None`.
        good: The items of that list that could be decoded, each with its index.
    """

    def __init__(
        self,
        message: str,
        *,
        problems: Sequence[str],
        list_path: str | None = None,
        good: Sequence[tuple[int, Any]] = (),
    ) -> None:
        super().__init__(message)
        self.problems = tuple(problems)
        self.list_path = list_path
        self.good = tuple(good)


class CallError(AiotablesError):
    """
    A call ended without its result.

    Attributes:
        record: The call: its operation, every attempt, the request id.
        resume_offset: In a listing that was read page by page, the offset at which to go on; else `None`.
    """

    resume_offset: int | None = None

    def __init__(self, message: str, *, record: "CallRecord") -> None:
        super().__init__(f"{record.operation}: {message}{_facts(record)}")
        self.record = record

    @property
    def operation(self) -> str:
        """Service and operation, such as `zangtable.create_table`."""
        return self.record.operation

    @property
    def request_id(self) -> str | None:
        """The id to quote to the service's support, from the last attempt that was answered."""
        return self.record.request_id

    @property
    def attempts(self) -> "tuple[Attempt, ...]":
        """Every sending of the request."""
        return self.record.attempts

    @property
    def operation_run(self) -> str | None:
        """The operation run that the call was grouped under, where the service groups calls."""
        return self.record.operation_run


class NotSent(CallError):
    """The request never reached the service: name resolution, connecting or TLS failed. Trying later is safe."""


class NoReply(CallError):
    """
    A call was sent and not answered, or not readably, and trying again is safe: it is one that changes nothing or ends
    in the same state however often it is sent, or looking showed that nothing was made.
    """


class OutcomeUnknown(CallError):
    """
    A call that makes something was sent, the reply was lost, and looking could not settle what it did.

    Do not repeat the call blindly: look at the service, or call the client's `settle(error.sent)` later.

    Attributes:
        reason: Why it could not be settled.
        sent: What was sent, enough to settle it later; it holds the body, never the token.
    """

    def __init__(self, message: str, *, record: "CallRecord", reason: str, sent: "Sent") -> None:
        super().__init__(message, record=record)
        self.reason = reason
        self.sent = sent


class ReplyNotUnderstood(CallError):
    """
    The service answered with success, in a shape that is not the documented one. The call took effect.

    Attributes:
        problems: One line per fault, with its path.
        raw: The body as it came.
        list_path: Path of the first list that has bad items, such as `$.rows`, or `None`.
        good: The items of that list that could be decoded, each with its index: one bad item does not lose the page.
    """

    def __init__(self, message: str, *, record: "CallRecord", cause: DecodeError, raw: bytes) -> None:
        super().__init__(message, record=record)
        self.problems = cause.problems
        self.list_path = cause.list_path
        self.good = cause.good
        self.raw = raw


class ServiceError(CallError):
    """
    The service answered with an error.

    Attributes:
        status: HTTP status, or `None` where a lost reply was settled to have been this error.
        code: The service's own error code, where it has one.
        detail: What the service said, as decoded JSON or text.
        retry_after: Seconds that the service asks to wait, where it says so.
    """

    def __init__(
        self,
        message: str,
        *,
        record: "CallRecord",
        status: int | None,
        code: str | None = None,
        detail: object = None,
        retry_after: float | None = None,
    ) -> None:
        super().__init__(message, record=record)
        self.status = status
        self.code = code
        self.detail = detail
        self.retry_after = retry_after


class BadRequest(ServiceError):
    """400."""


class AuthenticationFailed(ServiceError):
    """401: the token is missing, wrong, expired or revoked."""


class PaymentRequired(ServiceError):
    """402: the plan, the credits or the quota do not allow the call. Repeating it does not help."""


class PermissionDenied(ServiceError):
    """403."""


class NotFound(ServiceError):
    """404, or an error code that says the same."""


class Conflict(ServiceError):
    """409, or an error code that says the same: it exists already."""


class ValidationFailed(ServiceError):
    """422: `detail` says where."""


class RateLimited(ServiceError):
    """429: nothing was done."""


class ServerError(ServiceError):
    """5xx on a call that changes nothing, or whose effect was settled to be none."""


FIRST_SERVER_ERROR = 500

_BY_STATUS: dict[int, type[ServiceError]] = {
    400: BadRequest,
    401: AuthenticationFailed,
    402: PaymentRequired,
    403: PermissionDenied,
    404: NotFound,
    409: Conflict,
    422: ValidationFailed,
    429: RateLimited,
}


def by_status(status: int) -> type[ServiceError]:
    """The class of the tree for an HTTP status: `NotFound` for 404, `ServiceError` where none fits."""
    return _BY_STATUS.get(status, ServerError if status >= FIRST_SERVER_ERROR else ServiceError)


def _facts(record: "CallRecord") -> str:
    facts = []
    if record.request_id is not None:
        facts.append(f"request id {record.request_id}")
    if len(record.attempts) > 1:
        facts.append(f"{len(record.attempts)} attempts")
    return f" ({', '.join(facts)})" if facts else ""
