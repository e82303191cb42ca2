"""What listeners are told while calls are under way: the start and the end of each call, and of each of its attempts."""

from collections.abc import Callable, Iterable
from typing import TypeVar

from aiotables.core.classes import frozen
from aiotables.core.logs import logger
from aiotables.core.record import Attempt, CallRecord


EventT = TypeVar("EventT")


@frozen(kw_only=True, eq=False)
class CallStarted:
    """A call begins. Every later event of the call carries this same object, which is equal to no other."""

    operation: str
    """Service and operation, such as `zangtable.create_table`."""

    method: str
    host: str
    port: int | None
    template: str
    """The path, with `{name}` where the call has a value."""


@frozen(kw_only=True)
class AttemptStarted:
    """The request is about to be sent; it has its place and its slot. Without its end, the client was closed."""

    call: CallStarted
    number: int
    """1 for the first."""

    waited: float
    """Seconds of backoff before it."""


@frozen(kw_only=True)
class AttemptEnded:
    """A sending has ended, with or without an answer."""

    call: CallStarted
    attempt: Attempt


@frozen(kw_only=True)
class CallEnded:
    """A call has ended, however it ended."""

    call: CallStarted
    record: CallRecord
    error: BaseException | None
    """What it raised: a `CallError`, or the cancellation."""


CallEvent = CallStarted | AttemptStarted | AttemptEnded | CallEnded

Listener = Callable[[CallEvent], None]
"""
Called with each event, in the task of the call: it has to be quick. What it raises is logged and goes no further.
"""


def tell(watching: Iterable[Callable[[EventT], None]], operation: str, event: EventT) -> None:
    """
    Give an event to all who watch; one that is broken may not hide what became of the call.

    Args:
        watching: Listeners, or observers.
        operation: Service and operation that it is about.
        event: What to tell.
    """
    for watch in watching:
        try:
            watch(event)
        except Exception:  # noqa: BLE001 -- whatever it is, it is logged
            logger.exception("an observer of %s failed", operation)
