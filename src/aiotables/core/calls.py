"""The loop of one call: send, decide, wait or settle, answer. The decisions are in `retries` and in the settle rules."""

import asyncio
import logging
import random
from collections.abc import Awaitable, Callable, Mapping, Sequence
from functools import partial
from typing import Any, Final, Generic, TypeVar, cast

from attrs import evolve
from multidict import CIMultiDict, CIMultiDictProxy
from yarl import URL

from aiotables import core
from aiotables.core import errors, retries
from aiotables.core.classes import define, field
from aiotables.core.clock import SYSTEM_CLOCK, Clock
from aiotables.core.convert import Converter
from aiotables.core.logs import log_attempt, log_call, logger
from aiotables.core.looking import Looked, look_for
from aiotables.core.operations import Effect, Operation
from aiotables.core.pacing import Limiter, Pacer
from aiotables.core.record import CallRecord, Observer, Sending, is_recording, keep, recorded
from aiotables.core.retries import Budget, Kind, Outcome, RetryPolicy
from aiotables.core.secret import without_token
from aiotables.core.sentinels import UNSET
from aiotables.core.settle import Existed, Found, Look, Rule, Sent, SettlePolicy, Unclear, Verdict, kept_body
from aiotables.core.transport import SendFailure, Transport
from aiotables.core.wire import (
    ANSWERED,
    Dialect,
    RawReply,
    Reading,
    Reply,
    Request,
    Unwrapped,
    build_request,
    decode_value,
    read_reply,
)


ResultT = TypeVar("ResultT")
NOTHING: Final = RawReply(0, CIMultiDictProxy(CIMultiDict()), b"")
"""In the place of a reply that never came."""


@define
class Call(Generic[ResultT]):
    """
    One call: what it is made with, and what has become of it.

    Plain facts are noted on the way. The record and the `Reply` are made of them when they are asked for.
    """

    operation: Operation[Any, ResultT]
    headers: CIMultiDict[str] = field(repr=False)
    """All of them, the token's among them."""

    path: Mapping[str, str]
    query: Mapping[str, object]
    body: object = UNSET
    settle: bool = True
    """Whether a lost reply is settled; if not, it raises `OutcomeUnknown` at once."""

    retries: RetryPolicy | None = None
    """In place of the client's."""

    stream: bool = False
    """Hand a success over unread, as a `Stream`."""

    sendings: list[Sending] = field(factory=list)
    began: float = 0.0
    """When the first attempt began, by the monotonic clock: waiting for a place before it uses up no deadline."""

    waited: float = 0.0
    spent: int = 0
    resent: bool = False
    """Whether aiohttp sent an attempt twice by itself."""

    settled: bool = False
    found: str | None = None
    operation_run: str | None = None
    started: "core.events.CallStarted | None" = None
    """What listeners were told, where there are any."""

    logged: bool = False
    raw: RawReply = field(default=NOTHING, repr=False)
    """The last reply."""

    value: ResultT = field(default=cast("Any", None), repr=False)
    """What it gave, when it has ended well."""

    gone: bool = False

    @property
    def lost(self) -> list[Sending]:
        """The attempts whose effect no reply tells."""
        return [sending for sending in self.sendings if sending.kind is Kind.UNKNOWN]

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


@define(kw_only=True)
class Calls:
    """Makes the calls of one client: everything that its operations have in common."""

    base: URL
    dialect: Dialect
    rules: Mapping[str, Rule]
    """How to settle each operation, by its name."""

    converter: Converter
    transport: Transport
    pacer: Pacer
    limiter: Limiter | None = None
    policy: RetryPolicy = field(factory=RetryPolicy)
    settle_policy: SettlePolicy = field(factory=SettlePolicy)
    clock: Clock = SYSTEM_CLOCK
    observers: Sequence[Observer] = ()
    listeners: "Sequence[core.events.Listener]" = ()
    propagate: Callable[[Request], Request] | None = None
    """Puts the headers of the current trace on a request."""

    budget: Budget = field(factory=Budget)
    jitter: random.Random = field(factory=random.Random)

    async def make(self, call: Call[ResultT]) -> ResultT:
        """
        Make one call, with everything that may be needed to find out what became of it.

        Raises:
            RequestError: The arguments cannot be put into a request.
            CallError: The call ended without its result.
        """
        request = self.request(call)
        call.logged = logger.isEnabledFor(logging.INFO)
        if self.listeners:
            call.started = _started(call.operation, request, self.base)
            core.events.tell(self.listeners, call.operation.name, call.started)
        try:
            if self.propagate is not None:
                request = self.propagate(request)
            reading = await self._attempt(call, request)
            if reading.is_success:
                self._succeed(call, reading)
            else:
                await self._recover(call, request, reading)
        except BaseException as error:
            self._tell_end(call, error)
            raise
        self._tell_end(call, None)
        return call.value

    def request(self, call: Call[Any]) -> Request:
        """
        The request that a call would send.

        Raises:
            RequestError: The arguments cannot be put into a request.
        """
        return build_request(
            call.operation,
            base=self.base,
            headers=call.headers,
            path=call.path,
            query=call.query,
            body=call.body,
            converter=self.converter,
        )

    async def settle(self, sent: Sent, *, headers: CIMultiDict[str]) -> Verdict:
        """
        Find out what a call did whose reply was lost: look now, and again until the grace has passed.

        Args:
            sent: What was sent, from `OutcomeUnknown.sent` or from a journal.
            headers: All headers of the looks, the token's among them.

        Raises:
            ClosedError: The client is closed.
        """
        return (await self._look_for(sent, headers)).verdict

    def describe(
        self, operation: Operation[Any, Any], path: Mapping[str, str], body: object, *, at: float
    ) -> Sent:
        """What `settle` needs to know of a call that is or was sent at a time (Unix seconds)."""
        return Sent(
            operation=operation.name,
            path=dict(path),
            body=kept_body(
                self.rules.get(operation.name), None if body is UNSET else self.converter.to_wire(body)
            ),
            first_sent_at=at,
            last_sent_at=at,
        )

    async def _recover(self, call: Call[Any], request: Request, reading: Reading) -> None:
        """Go on after an attempt that was no success, until there is one, or nothing more to be done."""
        while not reading.is_success:
            match self._decide(call, reading.outcome):
                case retries.Finish():
                    _finish(call, reading)
                    return
                case retries.SendAgain(after=seconds):
                    call.waited = seconds
                    call.spent += self.budget.spend(reading.outcome)
                    await self.clock.sleep(seconds)
                case retries.GiveUp(why=why):
                    raise _gave_up(call, reading, why)
                case _:  # Settle
                    if not call.settle:
                        raise self._unknown(call, reading, "it was not looked for")
                    if await self._settle_call(call, reading):
                        return
            try:
                reading = await self._attempt(call, request)
            except errors.ClosedError:
                raise _gave_up(call, reading, "the client was closed meanwhile") from None
        self._succeed(call, reading)

    async def _attempt(self, call: Call[Any], request: Request) -> Reading:
        """Send once, when there is a place, and note what is known of it."""
        if not self.pacer.enter():
            await self.pacer.acquire()
        answered: float | None = None
        try:
            if self.limiter is not None:
                await self.limiter.acquire()
            if call.started is not None:
                self._tell_start(call, call.started)
            clock = self.clock
            started_at, start = clock.now(), clock.monotonic()
            call.began = call.began or start
            try:
                call.raw = await self._send(call, request)
            except SendFailure as failure:
                call.raw, reading = NOTHING, _failed(failure)
                elapsed = clock.monotonic() - start
            except asyncio.CancelledError:
                # A create that was sent stays on record as unknown.
                call.raw = NOTHING
                self._note(call, request, _CANCELLED, started_at, clock.monotonic() - start)
                raise
            else:
                elapsed = clock.monotonic() - start
                reading = self._read(call, request, now=started_at + elapsed)
            self._note(call, request, reading, started_at, elapsed)
            if reading.outcome.kind is ANSWERED:
                answered = elapsed
            elif reading.outcome.kind is Kind.REFUSED:
                await self._hold_back(call, reading.outcome, sent_at=start)
            return reading
        finally:
            self.pacer.release(answered)

    def _send(self, call: Call[Any], request: Request) -> Awaitable[RawReply]:
        if call.stream:
            return self.transport.open(request)
        # A replacing call that aiohttp repeats by itself may find its own work done.
        return self.transport.send(request, watch_resends=call.operation.effect is _REPLACE)

    def _read(self, call: Call[Any], request: Request, *, now: float) -> Reading:
        reading = read_reply(call.operation, call.raw, self.dialect, now=now)
        if reading.is_success:
            return reading
        # An error may come with any status, and may repeat the token.
        call.raw = without_token(call.raw, request.headers)
        return read_reply(call.operation, call.raw, self.dialect, now=now)

    async def _hold_back(self, call: Call[Any], outcome: Outcome, *, sent_at: float) -> None:
        self.pacer.refused(sent_at=sent_at)
        if outcome.retry_after is not None:
            seconds = min(outcome.retry_after, self._policy_of(call).longest_wait)
            self.pacer.pause(seconds)
            if self.limiter is not None:
                await self.limiter.pause(seconds)

    def _policy_of(self, call: Call[Any]) -> RetryPolicy:
        return call.retries or self.policy

    def _tell_start(self, call: Call[Any], started: "core.events.CallStarted") -> None:
        begins = core.events.AttemptStarted(call=started, number=len(call.sendings) + 1, waited=call.waited)
        core.events.tell(self.listeners, call.operation.name, begins)

    def _tell_end(self, call: Call[Any], error: BaseException | None) -> None:
        if not (call.logged or self.observers or call.started or is_recording()):
            return
        record = call.record()
        keep(record)
        log_call(record, error)
        if self.observers:
            core.events.tell(self.observers, record.operation, record)
        if call.started is not None:
            ended = core.events.CallEnded(call=call.started, record=record, error=error)
            core.events.tell(self.listeners, record.operation, ended)

    def _note(
        self, call: Call[Any], request: Request, reading: Reading, started_at: float, elapsed: float
    ) -> None:
        outcome, unwrapped, raw = reading.outcome, reading.unwrapped, call.raw
        sending = Sending(
            outcome.kind,
            outcome.reason,
            raw.status or None,
            unwrapped.request_id,
            started_at,
            elapsed,
            call.waited,
            len(request.body or b""),
            len(raw.body),
        )
        call.sendings.append(sending)
        call.waited = 0.0
        call.resent = call.resent or raw.resent
        call.operation_run = unwrapped.operation_run or call.operation_run
        if call.logged or call.started is not None:
            self._tell_attempt(call, sending)

    def _tell_attempt(self, call: Call[Any], sending: Sending) -> None:
        attempt = sending.attempt(len(call.sendings))
        log_attempt(call.operation.name, attempt, call.raw.headers)
        if call.started is not None:
            core.events.tell(
                self.listeners,
                call.operation.name,
                core.events.AttemptEnded(call=call.started, attempt=attempt),
            )

    def _decide(self, call: Call[Any], outcome: Outcome) -> retries.Decision:
        return retries.after(
            outcome,
            effect=call.operation.effect,
            attempt=len(call.sendings),
            elapsed=self.clock.monotonic() - call.began,
            policy=self._policy_of(call),
            affordable=self.budget.affords(outcome),
            jitter=self.jitter.random(),
            unsettled=bool(call.lost),
        )

    def _succeed(self, call: Call[Any], reading: Reading) -> None:
        self.budget.refill(call.spent)
        try:
            call.value = decode_value(call.operation, reading.unwrapped.data, self.converter)
        except errors.DecodeError as error:
            raw = call.raw
            msg = f"answered {raw.status}, but not in the documented shape: {'; '.join(error.problems)}"
            raise errors.ReplyNotUnderstood(msg, record=call.record(), cause=error, raw=raw.body) from error

    async def _settle_call(self, call: Call[Any], reading: Reading) -> bool:
        """Whether it could be settled what the call did; if not, it did nothing, and is to be sent again."""
        try:
            looked = await self._look_for(self._sent(call), call.headers)
        except errors.ClosedError:
            raise self._unknown(
                call, reading, "the client was closed before it could be looked for"
            ) from None
        call.settled = looked.asked
        match looked.verdict:
            case Found(value=value, how=how):
                call.found = how
                self.budget.refill(call.spent)
                reply = cast("Reply[Any]", looked.reply)  # what was found was seen in a reply
                call.value, call.raw = value, RawReply(reply.status, reply.headers, reply.raw)
                return True
            case Unclear(reason=reason):
                raise self._unknown(call, reading, reason)
            case _ if reading.outcome.kind is Kind.ANSWERED:
                # A conflict with something that no attempt of ours made.
                raise _service_error(call, reading)
            case Existed(how=how, error=error):
                msg = f"the reply was lost ({reading.outcome.reason}), and {how}, so nothing was made"
                raise error(msg, record=call.record(), status=None)
            case _:  # NotThere
                self._again_after_settling(call, reading)
                return False

    def _again_after_settling(self, call: Call[Any], reading: Reading) -> None:
        """Let the loop send again, where the limits allow it: the call is known to have done nothing."""
        harmless = Outcome(kind=Kind.NOT_SENT, reason=reading.outcome.reason)
        decision = self._decide(call, harmless)
        if isinstance(decision, retries.GiveUp):
            why = f"looked for it until the grace had passed, and nothing was made; {decision.why}"
            raise _gave_up(call, reading, why)
        call.spent += self.budget.spend(harmless)

    def _unknown(self, call: Call[Any], reading: Reading, reason: str) -> errors.OutcomeUnknown:
        lost = reading.outcome.reason
        msg = f"{lost}; whether it took effect is unknown: {reason}. Look before you send it again"
        return errors.OutcomeUnknown(msg, record=call.record(), reason=reason, sent=self._sent(call))

    def _sent(self, call: Call[Any]) -> Sent:
        # Attempts before the first lost one did nothing, so what was made in their time is not ours.
        first, last = call.lost[0], call.sendings[-1]
        sent = self.describe(call.operation, call.path, call.body, at=first.started_at)
        return evolve(sent, last_sent_at=last.started_at)

    async def _look_for(self, sent: Sent, headers: CIMultiDict[str]) -> Looked:
        rule = self.rules.get(sent.operation)
        if rule is None:
            return Looked(Unclear("the service documents no way to look for it"), asked=False)

        async def look(wanted: Look) -> Reply[Any]:
            body = UNSET if wanted.body is None else wanted.body
            call = Call(wanted.operation, headers, wanted.path, wanted.query, body)
            await self.make(call)
            return call.reply()

        return await look_for(sent, rule, look=look, policy=self.settle_policy, clock=self.clock)


_REPLACE: Final = Effect.REPLACE
_CANCELLED = Reading(
    outcome=Outcome(kind=Kind.UNKNOWN, reason="cancelled, maybe after sending"), unwrapped=Unwrapped()
)


def _started(operation: Operation[Any, Any], request: Request, base: URL) -> "core.events.CallStarted":
    return core.events.CallStarted(
        operation=operation.name,
        method=request.method,
        host=request.url.host or "",
        port=request.url.port,
        template=base.raw_path.rstrip("/") + operation.path,
    )


def _failed(failure: SendFailure) -> Reading:
    kind = Kind.UNKNOWN if failure.sent else Kind.NOT_SENT
    return Reading(outcome=Outcome(kind=kind, reason=failure.reason), unwrapped=Unwrapped())


def _finish(call: Call[Any], reading: Reading) -> None:
    """End with the error that was answered, unless that shows that the work was done before."""
    if not _is_gone(call, reading.unwrapped):
        raise _service_error(call, reading)
    call.gone = True


def _is_gone(call: Call[Any], unwrapped: Unwrapped) -> bool:
    sent_twice = call.resent or bool(call.lost)
    missing = unwrapped.error is not None and issubclass(unwrapped.error, errors.NotFound)
    return call.operation.gone_is_done and sent_twice and missing


def _gave_up(call: Call[Any], reading: Reading, why: str) -> errors.CallError:
    if reading.unwrapped.error is not None:
        return _service_error(call, reading, why=why)
    kind = errors.NoReply if call.lost else errors.NotSent
    return kind(f"{reading.outcome.reason}; {why}", record=call.record())


def _service_error(call: Call[Any], reading: Reading, *, why: str = "") -> errors.ServiceError:
    unwrapped = reading.unwrapped
    kind = unwrapped.error or errors.ServiceError
    message = f"{unwrapped.message} [{reading.outcome.reason}]" + (f"; {why}" if why else "")
    return kind(
        message,
        record=call.record(),
        status=call.sendings[-1].status,
        code=unwrapped.code,
        detail=unwrapped.data,
        retry_after=reading.retry_after,
    )
