"""What happened, as frozen facts: each `Attempt` of a call, its `CallRecord`, and the blocks that are told of calls."""

from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from typing import NamedTuple

from aiotables.core.classes import define, frozen
from aiotables.core.retries import Kind


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
    def status(self) -> int | None:
        """HTTP status of the last attempt, when it was answered."""
        return self.attempts[-1].status if self.attempts else None

    @property
    def started_at(self) -> float | None:
        """Unix time in seconds of the first sending, or `None` when nothing was sent."""
        return self.attempts[0].started_at if self.attempts else None

    @property
    def elapsed(self) -> float:
        """Seconds from the first sending to the end of the last, waits included."""
        if not self.attempts:
            return 0.0
        first, last = self.attempts[0], self.attempts[-1]
        return last.started_at + last.elapsed - first.started_at


class Sending(NamedTuple):
    """The facts of an attempt, as they are noted while the call is under way: most are never asked for."""

    kind: Kind
    reason: str
    status: int | None
    request_id: str | None
    started_at: float
    elapsed: float
    waited: float
    bytes_sent: int
    bytes_received: int

    def attempt(self, number: int) -> Attempt:
        """The attempt, with its number from 1."""
        return Attempt(number=number, **self._asdict())


def recorded(
    operation: str,
    sendings: Iterable[Sending],
    settled: bool,  # noqa: FBT001 -- a fact of the record, as the others are
    found: str | None,
    operation_run: str | None,
) -> CallRecord:
    """The record of a call; the arguments are its fields."""
    attempts = tuple(sending.attempt(number) for number, sending in enumerate(sendings, 1))
    return CallRecord(
        operation=operation, attempts=attempts, settled=settled, found=found, operation_run=operation_run
    )


Observer = Callable[[CallRecord], None]
"""
Called with each call's record when the call has ended, however it ended. What it raises is logged and goes no further.
"""


@define
class _Recording:
    """One block that is told of the calls inside of it."""

    take: Observer
    is_open: bool = True


_recordings: ContextVar[tuple[_Recording, ...]] = ContextVar("aiotables_recordings", default=())


@contextmanager
def record() -> Iterator[list[CallRecord]]:
    """
    Collect the record of every call that ends inside of the block, of all clients and both services.

    ```python
    with aiotables.record() as calls:
        await zang.tables.create(table)
    ```

    Calls of tasks and threads that are started in the block are its calls, too, as long as it lasts; the looks that
    settle a call come before it. Blocks may be nested: each gets the calls of the inner ones. Nothing bounds the list.
    """
    calls: list[CallRecord] = []
    with observed(calls.append):
        yield calls


@contextmanager
def observed(observer: Observer) -> Iterator[None]:
    """
    Tell *observer* of every call that ends inside of the block, as `record()` collects them, and keep nothing.

    Args:
        observer: Called with the record of each call; it may not raise.
    """
    recording = _Recording(observer)
    token = _recordings.set((*_recordings.get(), recording))
    try:
        yield
    finally:
        # A task that lives longer keeps this context: its calls are none of this block's.
        recording.is_open = False
        _recordings.reset(token)


is_recording: Callable[[], object] = _recordings.get
"""Whether there is a block around that is told of calls. In one step, as every call asks."""


def keep(call: CallRecord) -> None:
    """Add the record of a call that has ended to the blocks around it."""
    for recording in _recordings.get():
        if recording.is_open:
            recording.take(call)
