"""The state of one call: what it is made with, and what has become of it."""

from collections.abc import Callable, Mapping
from functools import partial
from typing import Any, Final, Generic, TypeVar

from multidict import CIMultiDict, CIMultiDictProxy

from aiotables import core
from aiotables.core.classes import define
from aiotables.core.errors import NotFound
from aiotables.core.operations import Operation
from aiotables.core.record import CallRecord, Sending, recorded
from aiotables.core.requests import PathValues
from aiotables.core.retries import Kind, Outcome, RetryPolicy
from aiotables.core.sentinels import UNSET
from aiotables.core.wire import RawReply, Reply, Unwrapped


ResultT = TypeVar("ResultT")

NOTHING: Final = RawReply(0, CIMultiDictProxy(CIMultiDict()), b"")
"""In the place of a reply that never came."""

SAYS_NOTHING: Final = Unwrapped()
"""What it says."""

_NO_VALUE: Final[Any] = None


@define(init=False, eq=False, repr=False)
class Call(Generic[ResultT]):
    """
    One call.

    Plain facts are noted on the way. The record and the `Reply` are made of them when they are asked for.

    Args:
        operation: What to call.
        headers: All of them, the token's among them.
        path: Values of the path parameters.
        query: Values of the query parameters.
        body: The model or JSON to send, or `UNSET` for no body.
        settle: Whether a lost reply is settled; if not, it raises `OutcomeUnknown` at once.
        retries: In place of the client's.
        stream: Hand a success over unread, as a `Stream`.
    """

    operation: Operation[Any, ResultT]
    headers: CIMultiDict[str]
    path: PathValues
    query: Mapping[str, object]
    body: object
    settle: bool
    retries: RetryPolicy | None
    stream: bool

    policy: RetryPolicy
    """What it is sent again by."""

    outcome: Outcome
    """How the last attempt ended."""

    unwrapped: Unwrapped
    """What its reply says."""

    raw: RawReply
    """Its reply."""

    value: ResultT
    """What the call gave, when it has ended well."""

    began: float
    """When the first attempt began, by the monotonic clock: waiting for a place before it uses up no deadline."""

    waited: float
    """Seconds of backoff before the attempt that comes."""

    spent: int
    """What its retries have cost of the client's budget."""

    resent: bool
    """Whether aiohttp sent an attempt twice by itself."""

    is_look: bool
    """Whether it looks for what another call did."""

    settled: bool
    found: str | None
    operation_run: str | None
    gone: bool
    started: "core.events.CallStarted | None"
    """What listeners were told, where there are any."""

    logged: bool
    size: int
    """Bytes of the body."""

    _tried: list[tuple[Outcome, RawReply, str | None, float, float, float]]

    # By hand, as what attrs writes looks each default up.
    def __init__(
        self,
        operation: Operation[Any, ResultT],
        headers: CIMultiDict[str],
        path: PathValues,
        query: Mapping[str, object],
        body: object = UNSET,
        settle: bool = True,  # noqa: FBT001, FBT002 -- keywords take their time, and these come from keywords of `send`
        retries: RetryPolicy | None = None,
        stream: bool = False,  # noqa: FBT001, FBT002 -- the same
    ) -> None:
        self.operation = operation
        self.headers = headers
        self.path = path
        self.query = query
        self.body = body
        self.settle = settle
        self.retries = retries
        self.stream = stream
        self.raw = NOTHING
        self.value = _NO_VALUE
        self.began = self.waited = 0.0
        self.spent = self.size = 0
        self.resent = self.is_look = self.settled = self.gone = self.logged = False
        self.found = self.operation_run = self.started = None
        self._tried = []

    @property
    def sendings(self) -> list[Sending]:
        """The attempts that have ended, in turn."""
        return [
            Sending(
                outcome.kind,
                outcome.reason,
                raw.status or None,
                request_id,
                started_at,
                elapsed,
                waited,
                self.size,
                len(raw.body),
            )
            for outcome, raw, request_id, started_at, elapsed, waited in self._tried
        ]

    @property
    def lost(self) -> list[Sending]:
        """The attempts whose effect no reply tells."""
        return [sending for sending in self.sendings if sending.kind is Kind.UNKNOWN]

    @property
    def is_gone(self) -> bool:
        """Whether the answer shows that what was to be deleted is gone by an earlier sending."""
        error = self.unwrapped.error
        sent_twice = self.resent or bool(self.lost)
        missing = error is not None and issubclass(error, NotFound)
        return self.operation.gone_is_done and sent_twice and missing

    def note(self, started_at: float, elapsed: float) -> None:
        """Note an attempt that has ended, as `outcome`, `unwrapped` and `raw` say."""
        raw, unwrapped = self.raw, self.unwrapped
        self._tried.append((self.outcome, raw, unwrapped.request_id, started_at, elapsed, self.waited))
        if self.waited:
            self.waited = 0.0
        if raw.resent:
            self.resent = True
        if unwrapped.operation_run is not None:
            self.operation_run = unwrapped.operation_run

    def record(self) -> CallRecord:
        """All that was tried so far."""
        return self._recorded()()

    def reply(self) -> Reply[ResultT]:
        """What a call that has ended well gave, with every fact."""
        raw = self.raw
        return Reply(self.value, raw.status, raw.headers, raw.body, self._recorded(), self.gone)

    def _recorded(self) -> Callable[[], CallRecord]:
        # Of the call itself nothing is kept, since it holds the token and the body.
        facts = (self.operation.name, self.sendings, self.settled, self.found, self.operation_run)
        return partial(recorded, *facts)
