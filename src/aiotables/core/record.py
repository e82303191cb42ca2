"""What happened, as frozen facts: each `Attempt` of a call, and the `CallRecord` that replies and errors carry."""

import logging
from collections.abc import Callable, Iterable

from attrs import frozen

from aiotables.core.retries import Kind


logger = logging.getLogger("aiotables")


@frozen(kw_only=True)
class Attempt:
    """One sending of a request."""

    number: int
    """1 for the first."""

    kind: Kind
    """What can be known of it: answered, refused, never sent, or unknown."""

    reason: str
    """The kind in words, such as `connection lost after sending`."""

    status: int | None = None
    """HTTP status, when it was answered."""

    request_id: str | None = None

    started_at: float
    """Unix time in seconds."""

    elapsed: float
    """Seconds from sending to the outcome."""

    waited: float = 0.0
    """Seconds waited before it: the backoff, or the service's Retry-After."""

    bytes_sent: int = 0
    """Size of the body."""

    bytes_received: int = 0
    """Size of the body."""


@frozen(kw_only=True)
class CallRecord:
    """One call with all that was tried for it. Holds no body and no token."""

    operation: str
    """Service and operation, such as `zangtable.create_table`."""

    attempts: tuple[Attempt, ...] = ()

    settled: bool = False
    """Whether a reply was lost and the service was looked at to find out what the call did."""

    found: str | None = None
    """How the effect of a settled call was found, in words."""

    operation_run: str | None = None
    """The operation run that the call was grouped under, where the service groups calls."""

    @property
    def request_id(self) -> str | None:
        """The id to quote to the service's support: that of the last attempt that was answered with one."""
        return next((a.request_id for a in reversed(self.attempts) if a.request_id is not None), None)

    @property
    def elapsed(self) -> float:
        """Seconds from the first sending to the end of the last, waits included."""
        if not self.attempts:
            return 0.0
        first, last = self.attempts[0], self.attempts[-1]
        return last.started_at + last.elapsed - first.started_at


Observer = Callable[[CallRecord], None]
"""
Called with each call's record when the call has ended, however it ended. What it raises is logged and goes no further.
"""


def tell(observers: Iterable[Observer], record: CallRecord) -> None:
    """Give a record to all observers; a broken one may not hide what became of the call."""
    for observe in observers:
        try:
            observe(record)
        except Exception:
            logger.exception("an observer of %s failed", record.operation)


def log_attempt(operation: str, attempt: Attempt) -> None:
    """Write one DEBUG line: names, numbers and ids alone, never a header or a body. What the service said is quoted."""
    logger.debug(
        "%s attempt %d: %r (status %s, request id %r, %.3f s)",
        operation,
        attempt.number,
        attempt.reason,
        attempt.status,
        attempt.request_id,
        attempt.elapsed,
    )
