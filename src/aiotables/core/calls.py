"""The loop of one call: send, decide, wait or settle, answer. The decisions are in `retries` and in the settle rules."""

import asyncio
import random
from collections.abc import Mapping, Sequence
from typing import Any, TypeVar, cast

from attrs import define, evolve, field, frozen
from multidict import CIMultiDict, CIMultiDictProxy
from yarl import URL

from aiotables.core import errors, retries
from aiotables.core.clock import Clock, SystemClock
from aiotables.core.convert import Converter
from aiotables.core.operations import Operation
from aiotables.core.pacing import Pacer
from aiotables.core.record import Attempt, CallRecord, Observer, log_attempt
from aiotables.core.retries import Budget, Kind, Outcome, RetryPolicy
from aiotables.core.sentinels import UNSET
from aiotables.core.settle import (
    Existed,
    Found,
    Look,
    NotThere,
    Rule,
    Sent,
    SettlePolicy,
    Settling,
    Unclear,
    Verdict,
)
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


@define(kw_only=True)
class _Call:
    """The state of a call under way."""

    operation: Operation[Any, Any]
    arguments: Arguments
    began: float
    attempts: list[Attempt] = field(factory=list[Attempt])
    waited: float = 0.0
    spent: int = 0
    first_sent_at: float = 0.0
    last_sent_at: float = 0.0
    unsettled: bool = False
    resent: bool = False
    settled: bool = False
    found: str | None = None
    operation_run: str | None = None

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
    policy: RetryPolicy = field(factory=RetryPolicy)
    settle_policy: SettlePolicy = field(factory=SettlePolicy)
    clock: Clock = field(factory=SystemClock)
    observers: Sequence[Observer] = ()
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
        request = build_request(
            operation,
            base=self.base,
            headers=arguments.headers,
            path=arguments.path,
            query=arguments.query,
            body=arguments.body,
            converter=self.converter,
        )
        call = _Call(operation=operation, arguments=arguments, began=self.clock.monotonic())
        try:
            return await self._run(call, request, settle=settle)
        finally:
            record = call.record() if self.observers else None
            for observe in self.observers:
                observe(cast("CallRecord", record))

    async def settle(self, sent: Sent, *, headers: CIMultiDict[str]) -> Verdict:
        """
        Find out what a call did whose reply was lost: look now, and again until the grace has passed.

        Args:
            sent: What was sent, from `OutcomeUnknown.sent` or from a journal.
            headers: All headers of the looks, the token's among them.
        """
        rule = self.rules.get(sent.operation)
        if rule is None:
            return Unclear("the service documents no way to look for it")

        number = 0
        while True:
            number += 1
            age = self.clock.now() - sent.last_sent_at
            verdict = await self._ask(rule(sent, self.settle_policy), headers)
            if isinstance(verdict, Found | Existed | Unclear):
                return verdict
            pause = self.settle_policy.pause(number, age=age)
            if pause is None:
                return verdict.verdict if isinstance(verdict, _NotLooked) else verdict
            await self.clock.sleep(pause)

    async def _run(self, call: _Call, request: Request, *, settle: bool) -> Reply[Any]:
        while True:
            raw, reading = await self._attempt(call, request)
            match self._decide(call, reading.outcome):
                case retries.Finish():
                    return self._finish(call, raw, reading)
                case retries.SendAgain(after=seconds):
                    call.waited = seconds
                    call.spent += self.budget.spend(reading.outcome)
                    await self.clock.sleep(seconds)
                case retries.GiveUp(why=why):
                    raise _gave_up(call, reading, why)
                case retries.Settle():
                    if not settle:
                        raise self._unknown(call, "it was not looked for", reading.outcome.reason)
                    reply = await self._settle_call(call, reading, raw)
                    if reply is not None:
                        return reply

    async def _attempt(self, call: _Call, request: Request) -> tuple[RawReply, Reading]:
        async with self.pacer.permit():
            started_at, start = self.clock.now(), self.clock.monotonic()
            call.first_sent_at = call.first_sent_at or started_at
            call.last_sent_at = started_at
            try:
                raw = await self.transport.send(request, watch_resends=call.operation.gone_is_done)
            except SendFailure as failure:
                raw, reading = _NOTHING, _failed(failure)
            except asyncio.CancelledError:
                # A create that was sent stays on record as unknown.
                self._note(call, request, _NOTHING, _CANCELLED, started_at, self.clock.monotonic() - start)
                raise
            else:
                reading = read_reply(call.operation, raw, self.dialect, now=started_at)
            self._note(call, request, raw, reading, started_at, self.clock.monotonic() - start)
        return raw, reading

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
        log_attempt(call.operation.name, attempt)

    def _decide(self, call: _Call, outcome: Outcome) -> retries.Decision:
        if outcome.kind is Kind.REFUSED and outcome.retry_after is not None:
            self.pacer.pause(min(outcome.retry_after, self.policy.longest_wait))
        decision = retries.after(
            outcome,
            effect=call.operation.effect,
            attempt=len(call.attempts),
            elapsed=self.clock.monotonic() - call.began,
            policy=self.policy,
            affordable=self.budget.affords(outcome),
            jitter=self.jitter.random(),
            unsettled=call.unsettled,
        )
        call.unsettled = call.unsettled or outcome.kind is Kind.UNKNOWN
        return decision

    def _finish(self, call: _Call, raw: RawReply, reading: Reading) -> Reply[Any]:
        unwrapped = reading.unwrapped
        if unwrapped.error is not None:
            if _is_gone(call, unwrapped):
                return _reply(call, None, raw, gone=True)
            raise _service_error(call, raw, reading)

        self.budget.refill(call.spent)
        try:
            value = decode_value(call.operation, unwrapped.data, self.converter)
        except errors.DecodeError as error:
            msg = f"answered {raw.status}, but not in the documented shape: {'; '.join(error.problems)}"
            raise errors.ReplyNotUnderstood(msg, record=call.record(), cause=error, raw=raw.body) from error
        return _reply(call, value, raw)

    async def _settle_call(self, call: _Call, reading: Reading, raw: RawReply) -> Reply[Any] | None:
        """The reply when it could be settled, or `None` when the call did nothing and is to be sent again."""
        sent = self._sent(call)
        verdict = await self.settle(sent, headers=call.arguments.headers)
        call.settled = True
        answered = reading.outcome.kind is Kind.ANSWERED
        match verdict:
            case Found(value=value, how=how):
                call.found = how
                self.budget.refill(call.spent)
                return _reply(call, value, raw)
            case _ if answered:
                raise _service_error(call, raw, reading)
            case Existed(how=how, error=error):
                msg = f"the reply was lost ({reading.outcome.reason}), and {how}, so nothing was made"
                raise error(msg, record=call.record(), status=None)
            case Unclear(reason=reason):
                raise self._unknown(call, reason, reading.outcome.reason)
            case NotThere():
                await self._again_after_settling(call, reading)
                return None

    async def _again_after_settling(self, call: _Call, reading: Reading) -> None:
        """Let the loop send again, where the limits allow it: the call is known to have done nothing."""
        harmless = Outcome(kind=Kind.NOT_SENT, reason=reading.outcome.reason)
        decision = self._decide(call, harmless)
        if isinstance(decision, retries.GiveUp):
            msg = f"{reading.outcome.reason}; looked for it until the grace had passed: nothing was made; {decision.why}"
            raise errors.NoReply(msg, record=call.record())
        call.spent += self.budget.spend(harmless)

    def _unknown(self, call: _Call, reason: str, outcome: str) -> errors.OutcomeUnknown:
        msg = f"{outcome}; whether it took effect is unknown: {reason}. Look before you send it again"
        return errors.OutcomeUnknown(msg, record=call.record(), reason=reason, sent=self._sent(call))

    def _sent(self, call: _Call) -> Sent:
        sent = self.describe(call.operation, call.arguments.path, call.arguments.body, at=call.first_sent_at)
        return evolve(sent, last_sent_at=call.last_sent_at)

    def describe(
        self, operation: Operation[Any, Any], path: Mapping[str, str], body: object, *, at: float
    ) -> Sent:
        """What `settle` needs to know of a call that is or was sent at a time (Unix seconds)."""
        # A body that no rule reads is left out: that of a bootstrap holds a password.
        kept = body if operation.name in self.rules else UNSET
        return Sent(
            operation=operation.name,
            path=dict(path),
            body=None if kept is UNSET else self.converter.to_wire(kept),
            first_sent_at=at,
            last_sent_at=at,
        )

    async def _ask(self, settling: Settling, headers: CIMultiDict[str]) -> "Verdict | _NotLooked":
        try:
            look = next(settling)
            while True:
                answer = await self._look(look, headers)
                # Here and not in a coroutine of its own: the generator's StopIteration may not leave one.
                if isinstance(answer, errors.ServiceError):
                    look = settling.throw(answer)
                else:
                    look = settling.send(answer)
        except StopIteration as stop:
            return cast("Verdict", stop.value)
        except errors.CallError as error:
            return _NotLooked(f"the look failed: {error}")

    async def _look(self, look: Look, headers: CIMultiDict[str]) -> Reply[Any] | errors.ServiceError:
        body = UNSET if look.body is None else look.body
        arguments = Arguments(path=look.path, query=look.query, body=body, headers=headers)
        try:
            return await self.call(look.operation, arguments)
        except errors.ServiceError as error:
            return error


@frozen
class _NotLooked:
    """A look that failed itself: another one may succeed."""

    reason: str

    @property
    def verdict(self) -> Unclear:
        return Unclear(self.reason)


_NOTHING = RawReply(status=0, headers=NO_HEADERS, body=b"")
_CANCELLED = Reading(
    outcome=Outcome(kind=Kind.UNKNOWN, reason="cancelled after sending"), unwrapped=Unwrapped()
)


def _failed(failure: SendFailure) -> Reading:
    kind = Kind.UNKNOWN if failure.sent else Kind.NOT_SENT
    return Reading(outcome=Outcome(kind=kind, reason=failure.reason), unwrapped=Unwrapped())


def _is_gone(call: _Call, unwrapped: Unwrapped) -> bool:
    sent_twice = call.resent or call.unsettled
    missing = unwrapped.error is not None and issubclass(unwrapped.error, errors.NotFound)
    return call.operation.gone_is_done and sent_twice and missing


def _reply(call: _Call, value: object, raw: RawReply, *, gone: bool = False) -> Reply[Any]:
    return Reply(
        value=value, status=raw.status, headers=raw.headers, raw=raw.body, record=call.record(), gone=gone
    )


def _gave_up(call: _Call, reading: Reading, why: str) -> errors.CallError:
    outcome = reading.outcome
    if reading.unwrapped.error is not None:
        return _service_error(call, None, reading, why=why)
    kind = errors.NotSent if outcome.kind is Kind.NOT_SENT else errors.NoReply
    return kind(f"{outcome.reason}; {why}", record=call.record())


def _service_error(
    call: _Call, raw: RawReply | None, reading: Reading, *, why: str = ""
) -> errors.ServiceError:
    unwrapped = reading.unwrapped
    kind = unwrapped.error or errors.ServiceError
    status = raw.status if raw is not None else call.attempts[-1].status
    message = f"{unwrapped.message} [{reading.outcome.reason}]" + (f"; {why}" if why else "")
    return kind(
        message,
        record=call.record(),
        status=status,
        code=unwrapped.code,
        detail=unwrapped.data,
        retry_after=reading.retry_after,
    )
