"""The loop of one call: send, decide, wait or settle, answer. The decisions are in `retries` and in the settle rules."""

import asyncio
import logging
import random
from collections.abc import Callable, Mapping, Sequence
from typing import Any, TypeVar, cast

from attrs import evolve
from multidict import CIMultiDict, CIMultiDictProxy
from yarl import URL

from aiotables import core
from aiotables.core import errors, retries
from aiotables.core.classes import define, field, frozen
from aiotables.core.clock import SYSTEM_CLOCK, Clock
from aiotables.core.convert import Converter
from aiotables.core.logs import log_attempt, log_call, logger
from aiotables.core.looking import Looked, look_for
from aiotables.core.operations import Effect, Operation
from aiotables.core.pacing import Limiter, Pacer
from aiotables.core.record import Attempt, CallRecord, Observer, is_recording, keep
from aiotables.core.retries import Budget, Kind, Outcome, RetryPolicy
from aiotables.core.secret import without_token
from aiotables.core.sentinels import UNSET
from aiotables.core.settle import Existed, Found, Look, Rule, Sent, SettlePolicy, Unclear, Verdict, kept_body
from aiotables.core.transport import SendFailure, Transport
from aiotables.core.wire import (
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
NO_HEADERS: CIMultiDictProxy[str] = CIMultiDictProxy(CIMultiDict())


@frozen(kw_only=True)
class Arguments:
    """What one call is made with."""

    path: Mapping[str, str] = field(factory=dict[str, str])
    query: Mapping[str, object] = field(factory=dict[str, object])
    body: object = UNSET
    headers: CIMultiDict[str] = field(repr=False)
    stream: bool = False
    """Hand a success over unread, as a `Stream`."""

    retries: RetryPolicy | None = None
    """In place of the client's."""


@define(kw_only=True)
class _Call:
    """The state of a call under way."""

    operation: Operation[Any, Any]
    arguments: Arguments
    began: float = 0.0
    """When the first attempt began, by the monotonic clock: waiting for a place before it uses up no deadline."""

    attempts: list[Attempt] = field(factory=list[Attempt])
    waited: float = 0.0
    spent: int = 0
    resent: bool = False
    """Whether aiohttp sent an attempt twice by itself."""

    settled: bool = False
    found: str | None = None
    operation_run: str | None = None
    started: "core.events.CallStarted | None" = None
    """What listeners were told, where there are any."""

    @property
    def lost(self) -> list[Attempt]:
        """The attempts whose effect no reply tells."""
        return [attempt for attempt in self.attempts if attempt.kind is Kind.UNKNOWN]

    def record(self) -> CallRecord:
        return CallRecord(
            operation=self.operation.name,
            attempts=tuple(self.attempts),
            settled=self.settled,
            found=self.found,
            operation_run=self.operation_run,
        )


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

    async def call(
        self, operation: Operation[Any, ResultT], arguments: Arguments, *, settle: bool = True
    ) -> Reply[ResultT]:
        """
        Make one call, with everything that may be needed to find out what became of it.

        Args:
            operation: What to call.
            arguments: What to call it with.
            settle: Whether to settle a lost reply here; `False` raises `OutcomeUnknown` at once.

        Raises:
            RequestError: The arguments cannot be put into a request.
            CallError: The call ended without its result.
        """
        request = self.request(operation, arguments)
        call = _Call(operation=operation, arguments=arguments)
        if self.listeners:
            call.started = _started(operation, request, self.base)
            core.events.tell(self.listeners, operation.name, call.started)
        try:
            if self.propagate is not None:
                request = self.propagate(request)
            reply = await self._run(call, request, settle=settle)
        except BaseException as error:
            self._tell_end(call, error)
            raise
        self._tell_end(call, None)
        return reply

    def request(self, operation: Operation[Any, Any], arguments: Arguments) -> Request:
        """
        The request that a call would send.

        Raises:
            RequestError: The arguments cannot be put into a request.
        """
        return build_request(
            operation,
            base=self.base,
            headers=arguments.headers,
            path=arguments.path,
            query=arguments.query,
            body=arguments.body,
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

    async def _run(self, call: _Call, request: Request, *, settle: bool) -> Reply[Any]:
        reading = None
        while True:
            try:
                raw, reading = await self._attempt(call, request)
            except errors.ClosedError:
                if reading is None:
                    raise
                raise _gave_up(call, reading, "the client was closed meanwhile") from None
            if reading.is_success:
                return self._finish(call, raw, reading)
            match self._decide(call, reading.outcome):
                case retries.Finish():
                    return self._finish(call, raw, reading)
                case retries.SendAgain(after=seconds):
                    call.waited = seconds
                    call.spent += self.budget.spend(reading.outcome)
                    await self.clock.sleep(seconds)
                case retries.GiveUp(why=why):
                    raise _gave_up(call, reading, why)
                case _:  # Settle
                    if not settle:
                        raise self._unknown(call, reading, "it was not looked for")
                    reply = await self._settle_call(call, reading)
                    if reply is not None:
                        return reply

    async def _attempt(self, call: _Call, request: Request) -> tuple[RawReply, Reading]:
        await self.pacer.acquire()
        try:
            if self.limiter is not None:
                await self.limiter.acquire()
            return await self._send_once(call, request)
        finally:
            self.pacer.release()

    async def _send_once(self, call: _Call, request: Request) -> tuple[RawReply, Reading]:
        started_at, start = self.clock.now(), self.clock.monotonic()
        if not call.attempts:
            call.began = start
        if call.started is not None:
            begins = core.events.AttemptStarted(
                call=call.started, number=len(call.attempts) + 1, waited=call.waited
            )
            core.events.tell(self.listeners, call.operation.name, begins)
        try:
            raw = without_token(await self._send(call, request), request.headers)
        except SendFailure as failure:
            raw, reading = _NOTHING, _failed(failure)
        except asyncio.CancelledError:
            # A create that was sent stays on record as unknown.
            self._note(call, request, _NOTHING, _CANCELLED, started_at, self.clock.monotonic() - start)
            raise
        else:
            reading = read_reply(call.operation, raw, self.dialect, now=self.clock.now())
        elapsed = self.clock.monotonic() - start
        self._note(call, request, raw, reading, started_at, elapsed)
        if reading.outcome.kind is Kind.ANSWERED:
            self.pacer.answered(elapsed)
        elif reading.outcome.kind is Kind.REFUSED:
            await self._hold_back(call, reading.outcome, sent_at=start)
        return raw, reading

    async def _hold_back(self, call: _Call, outcome: Outcome, *, sent_at: float) -> None:
        self.pacer.refused(sent_at=sent_at)
        if outcome.retry_after is not None:
            seconds = min(outcome.retry_after, self._policy_of(call).longest_wait)
            self.pacer.pause(seconds)
            if self.limiter is not None:
                await self.limiter.pause(seconds)

    def _policy_of(self, call: _Call) -> RetryPolicy:
        return call.arguments.retries or self.policy

    def _tell_end(self, call: _Call, error: BaseException | None) -> None:
        watched = self.observers or call.started or is_recording() or logger.isEnabledFor(logging.INFO)
        if not watched:
            return
        record = call.record()
        keep(record)
        log_call(record, error)
        if self.observers:
            core.events.tell(self.observers, record.operation, record)
        if call.started is not None:
            ended = core.events.CallEnded(call=call.started, record=record, error=error)
            core.events.tell(self.listeners, record.operation, ended)

    async def _send(self, call: _Call, request: Request) -> RawReply:
        if call.arguments.stream:
            return await self.transport.open(request)
        # A replacing call that aiohttp repeats by itself may find its own work done.
        watch = call.operation.effect is Effect.REPLACE
        return await self.transport.send(request, watch_resends=watch)

    def _note(
        self,
        call: _Call,
        request: Request,
        raw: RawReply,
        reading: Reading,
        started_at: float,
        elapsed: float,
    ) -> None:
        attempt = Attempt(
            number=len(call.attempts) + 1,
            kind=reading.outcome.kind,
            reason=reading.outcome.reason,
            status=raw.status or None,
            request_id=reading.unwrapped.request_id,
            started_at=started_at,
            elapsed=elapsed,
            waited=call.waited,
            bytes_sent=len(request.body or b""),
            bytes_received=len(raw.body),
        )
        call.attempts.append(attempt)
        call.waited = 0.0
        call.resent = call.resent or raw.resent
        call.operation_run = reading.unwrapped.operation_run or call.operation_run
        log_attempt(call.operation.name, attempt, raw.headers)
        if call.started is not None:
            core.events.tell(
                self.listeners,
                call.operation.name,
                core.events.AttemptEnded(call=call.started, attempt=attempt),
            )

    def _decide(self, call: _Call, outcome: Outcome) -> retries.Decision:
        return retries.after(
            outcome,
            effect=call.operation.effect,
            attempt=len(call.attempts),
            elapsed=self.clock.monotonic() - call.began,
            policy=self._policy_of(call),
            affordable=self.budget.affords(outcome),
            jitter=self.jitter.random(),
            unsettled=bool(call.lost),
        )

    def _finish(self, call: _Call, raw: RawReply, reading: Reading) -> Reply[Any]:
        unwrapped = reading.unwrapped
        if unwrapped.error is not None:
            if _is_gone(call, unwrapped):
                return _reply(call, None, raw, gone=True)
            raise _service_error(call, reading)

        self.budget.refill(call.spent)
        try:
            value = decode_value(call.operation, unwrapped.data, self.converter)
        except errors.DecodeError as error:
            msg = f"answered {raw.status}, but not in the documented shape: {'; '.join(error.problems)}"
            raise errors.ReplyNotUnderstood(msg, record=call.record(), cause=error, raw=raw.body) from error
        return _reply(call, value, raw)

    async def _settle_call(self, call: _Call, reading: Reading) -> Reply[Any] | None:
        """The reply when it could be settled, or `None` when the call did nothing and is to be sent again."""
        try:
            looked = await self._look_for(self._sent(call), call.arguments.headers)
        except errors.ClosedError:
            raise self._unknown(
                call, reading, "the client was closed before it could be looked for"
            ) from None
        call.settled = looked.asked
        match looked.verdict:
            case Found(value=value, how=how):
                call.found = how
                self.budget.refill(call.spent)
                return _found(call, value, looked)
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
                return None

    def _again_after_settling(self, call: _Call, reading: Reading) -> None:
        """Let the loop send again, where the limits allow it: the call is known to have done nothing."""
        harmless = Outcome(kind=Kind.NOT_SENT, reason=reading.outcome.reason)
        decision = self._decide(call, harmless)
        if isinstance(decision, retries.GiveUp):
            why = f"looked for it until the grace had passed, and nothing was made; {decision.why}"
            raise _gave_up(call, reading, why)
        call.spent += self.budget.spend(harmless)

    def _unknown(self, call: _Call, reading: Reading, reason: str) -> errors.OutcomeUnknown:
        lost = reading.outcome.reason
        msg = f"{lost}; whether it took effect is unknown: {reason}. Look before you send it again"
        return errors.OutcomeUnknown(msg, record=call.record(), reason=reason, sent=self._sent(call))

    def _sent(self, call: _Call) -> Sent:
        # Attempts before the first lost one did nothing, so what was made in their time is not ours.
        first, last = call.lost[0], call.attempts[-1]
        sent = self.describe(call.operation, call.arguments.path, call.arguments.body, at=first.started_at)
        return evolve(sent, last_sent_at=last.started_at)

    async def _look_for(self, sent: Sent, headers: CIMultiDict[str]) -> Looked:
        rule = self.rules.get(sent.operation)
        if rule is None:
            return Looked(Unclear("the service documents no way to look for it"), asked=False)

        async def look(wanted: Look) -> Reply[Any]:
            body = UNSET if wanted.body is None else wanted.body
            arguments = Arguments(path=wanted.path, query=wanted.query, body=body, headers=headers)
            return await self.call(wanted.operation, arguments)

        return await look_for(sent, rule, look=look, policy=self.settle_policy, clock=self.clock)


_NOTHING = RawReply(status=0, headers=NO_HEADERS, body=b"")
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


def _is_gone(call: _Call, unwrapped: Unwrapped) -> bool:
    sent_twice = call.resent or bool(call.lost)
    missing = unwrapped.error is not None and issubclass(unwrapped.error, errors.NotFound)
    return call.operation.gone_is_done and sent_twice and missing


def _reply(call: _Call, value: object, raw: RawReply, *, gone: bool = False) -> Reply[Any]:
    return Reply(
        value=value, status=raw.status, headers=raw.headers, raw=raw.body, record=call.record(), gone=gone
    )


def _found(call: _Call, value: object, looked: Looked) -> Reply[Any]:
    reply = cast("Reply[Any]", looked.reply)  # what was found was seen in a reply
    return evolve(reply, value=value, record=call.record())


def _gave_up(call: _Call, reading: Reading, why: str) -> errors.CallError:
    if reading.unwrapped.error is not None:
        return _service_error(call, reading, why=why)
    kind = errors.NoReply if call.lost else errors.NotSent
    return kind(f"{reading.outcome.reason}; {why}", record=call.record())


def _service_error(call: _Call, reading: Reading, *, why: str = "") -> errors.ServiceError:
    unwrapped = reading.unwrapped
    kind = unwrapped.error or errors.ServiceError
    message = f"{unwrapped.message} [{reading.outcome.reason}]" + (f"; {why}" if why else "")
    return kind(
        message,
        record=call.record(),
        status=call.attempts[-1].status,
        code=unwrapped.code,
        detail=unwrapped.data,
        retry_after=reading.retry_after,
    )
