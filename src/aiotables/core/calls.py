"""The loop of one call: send, decide, wait or settle, answer. The decisions are in `retries` and in the settle rules."""

import asyncio
import logging
import random
from collections.abc import Callable, Coroutine, Mapping, Sequence
from typing import Any, Final, TypeVar, cast

from attrs import evolve
from multidict import CIMultiDict
from yarl import URL

from aiotables import core
from aiotables.core import endings, errors, retries
from aiotables.core.call import NOTHING, SAYS_NOTHING, Call
from aiotables.core.classes import define, field
from aiotables.core.clock import SYSTEM_CLOCK, Clock
from aiotables.core.convert import Converter
from aiotables.core.logs import log_attempt, log_call, logger
from aiotables.core.looking import Looked, look_for
from aiotables.core.operations import Effect, Operation
from aiotables.core.pacing import Limiter, Pacer
from aiotables.core.record import Observer, is_recording, keep
from aiotables.core.requests import PathValues, Request, Urls, build_request
from aiotables.core.retries import Budget, Kind, Outcome, RetryPolicy
from aiotables.core.secret import without_token
from aiotables.core.sentinels import UNSET
from aiotables.core.settle import Existed, Found, Look, Rule, Sent, SettlePolicy, Unclear, Verdict, kept_body
from aiotables.core.transport import SendFailure, Transport
from aiotables.core.wire import ANSWERED, Dialect, RawReply, Reply, decode_value, read_reply


ResultT = TypeVar("ResultT")


@define(kw_only=True)
class Calls:
    """Makes the calls of one client: everything that its operations have in common."""

    urls: Urls
    dialect: Dialect
    rules: Mapping[str, Rule]
    """How to settle each operation, by its name."""

    converter: Converter
    transport: Transport
    pacer: Pacer
    limiter: Limiter | None = None
    policy: RetryPolicy = field(factory=RetryPolicy)
    settle_policy: SettlePolicy = field(factory=SettlePolicy)
    longest: float = 70.0
    """Seconds that a sending may take, to connect and to be answered."""

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
        call.size = len(request.body or b"")
        call.logged = logger.isEnabledFor(_INFO)
        call.policy = call.retries or self.policy
        if self.listeners:
            call.started = _started(call.operation, request, self.urls.base)
            core.events.tell(self.listeners, call.operation.name, call.started)
        try:
            if self.propagate is not None:
                request = self.propagate(request)
            if await self._attempt(call, request) or await self._recover(call, request):
                self._succeed(call)
        except BaseException as error:
            self._tell_end(call, error)
            raise
        if call.logged or self.observers or call.started or is_recording():
            self._tell_end(call, None)
        return call.value

    def request(self, call: Call[Any]) -> Request:
        """
        The request that a call would send.

        Raises:
            RequestError: The arguments cannot be put into a request.
        """
        return build_request(
            call.operation, self.urls, call.headers, call.path, call.query, call.body, self.converter
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

    def describe(self, operation: Operation[Any, Any], path: PathValues, body: object, *, at: float) -> Sent:
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

    async def _recover(self, call: Call[Any], request: Request) -> bool:
        """
        Go on after an attempt that was no success, until one is, or nothing more is to be done.

        Returns:
            Whether the last attempt was one; else the call has its value.
        """
        while True:
            match self._decide(call, call.outcome):
                case retries.Finish():
                    endings.finish(call)
                    return False
                case retries.SendAgain(after=seconds):
                    call.waited = seconds
                    call.spent += self.budget.spend(call.outcome)
                    await self.clock.sleep(seconds)
                case retries.GiveUp(why=why):
                    raise endings.gave_up(call, why)
                case _:  # Settle
                    if not call.settle:
                        raise self._unknown(call, "it was not looked for")
                    if await self._settle_call(call):
                        return False
            try:
                if await self._attempt(call, request):
                    return True
            except errors.ClosedError:
                raise endings.gave_up(call, "the client was closed meanwhile") from None

    async def _attempt(self, call: Call[Any], request: Request) -> bool:
        """
        Send once, when there is a place, and note what is known of it. In one piece, as nearly all that a call costs
        here is what is called.

        Returns:
            Whether the service did what it was asked.
        """
        pacer, clock = self.pacer, self.clock
        if not pacer.enter():
            await self._wait_for_place(call)
        answered: float | None = None
        succeeded = False
        try:
            if self.limiter is not None or call.started is not None or call.began:
                await self._before(call)
            started_at, start = clock.now(), clock.monotonic()
            call.began = call.began or start
            left = call.policy.deadline - (start - call.began)
            try:
                # A replacing call that aiohttp repeats by itself may find its own work done.
                watched, transport = call.operation.effect is _REPLACE, self.transport
                sending = (
                    transport.open(request) if call.stream else transport.send(request, watch_resends=watched)
                )
                call.raw = raw = await (sending if left > self.longest else _ended(sending, call, left))
            except SendFailure as failure:
                elapsed = clock.monotonic() - start
                _failed(call, failure)
            except asyncio.CancelledError:
                # A create that was sent stays on record as unknown.
                call.raw, call.unwrapped, call.outcome = NOTHING, SAYS_NOTHING, _CANCELLED
                call.note(started_at, clock.monotonic() - start)
                self._tell_attempt(call)
                raise
            else:
                elapsed = clock.monotonic() - start
                now = started_at + elapsed
                outcome, unwrapped = read_reply(call.operation, raw, self.dialect, now)
                call.outcome, call.unwrapped = outcome, unwrapped
                succeeded = outcome.kind is ANSWERED and unwrapped.error is None
                if not succeeded:
                    self._hide_token(call, request, now)
            call.note(started_at, elapsed)
            if call.logged or call.started is not None:
                self._tell_attempt(call)
            kind = call.outcome.kind
            if kind is ANSWERED:
                answered = elapsed
            elif kind is Kind.REFUSED:
                await self._hold_back(call, call.outcome, sent_at=start)
            return succeeded
        finally:
            pacer.release(answered)

    async def _wait_for_place(self, call: Call[Any]) -> None:
        if not call.began:
            await self.pacer.acquire(begun=call.is_look)
            return
        try:
            async with asyncio.timeout(self._left(call)):
                await self.pacer.acquire(begun=True)
        except TimeoutError:
            raise self._too_late(call) from None

    async def _before(self, call: Call[Any]) -> None:
        if self.limiter is not None:
            await self.limiter.acquire()
        if call.began and self._left(call) < 0:
            raise self._too_late(call)
        if call.started is not None:
            number = len(call.sendings) + 1
            begins = core.events.AttemptStarted(call=call.started, number=number, waited=call.waited)
            core.events.tell(self.listeners, call.operation.name, begins)

    def _left(self, call: Call[Any]) -> float:
        return call.policy.deadline - (self.clock.monotonic() - call.began)

    def _too_late(self, call: Call[Any]) -> errors.CallError:
        looked = "looked for it until the grace had passed, and nothing was made; " if call.settled else ""
        deadline = call.policy.deadline
        return endings.gave_up(
            call, f"{looked}the deadline of {deadline:g} s passed before it could be sent again"
        )

    def _hide_token(self, call: Call[Any], request: Request, now: float) -> None:
        # An error may come with any status, and may repeat the token.
        call.raw = without_token(call.raw, request.headers)
        call.outcome, call.unwrapped = read_reply(call.operation, call.raw, self.dialect, now)

    async def _hold_back(self, call: Call[Any], outcome: Outcome, *, sent_at: float) -> None:
        self.pacer.refused(sent_at=sent_at)
        if outcome.retry_after is not None:
            seconds = min(outcome.retry_after, call.policy.longest_wait)
            self.pacer.pause(seconds)
            if self.limiter is not None:
                await self.limiter.pause(seconds)

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

    def _tell_attempt(self, call: Call[Any]) -> None:
        sendings = call.sendings
        attempt = sendings[-1].attempt(len(sendings))
        log_attempt(call.operation.name, attempt, call.raw.headers)
        if call.started is not None:
            ended = core.events.AttemptEnded(call=call.started, attempt=attempt)
            core.events.tell(self.listeners, call.operation.name, ended)

    def _decide(self, call: Call[Any], outcome: Outcome) -> retries.Decision:
        return retries.after(
            outcome,
            effect=call.operation.effect,
            attempt=len(call.sendings),
            elapsed=self.clock.monotonic() - call.began,
            policy=call.policy,
            affordable=self.budget.affords(outcome),
            jitter=self.jitter.random(),
            unsettled=bool(call.lost),
        )

    def _succeed(self, call: Call[Any]) -> None:
        if self.budget.tokens < self.budget.size:
            self.budget.refill(call.spent)
        try:
            call.value = decode_value(call.operation, call.unwrapped.data, self.converter)
        except errors.DecodeError as error:
            endings.finish_undecoded(call, error)

    async def _settle_call(self, call: Call[Any]) -> bool:
        """Whether it could be settled what the call did; if not, it did nothing, and is to be sent again."""
        try:
            looked = await self._look_for(self._sent(call), call.headers)
        except errors.ClosedError:
            raise self._unknown(call, "the client was closed before it could be looked for") from None
        call.settled = looked.asked
        match looked.verdict:
            case Found(value=value, how=how):
                call.found = how
                self.budget.refill(call.spent)
                reply = cast("Reply[Any]", looked.reply)  # what was found was seen in a reply
                call.value, call.raw = value, RawReply(reply.status, reply.headers, reply.raw)
                return True
            case Unclear(reason=reason):
                raise self._unknown(call, reason)
            case _ if call.outcome.kind is ANSWERED:
                # A conflict with something that no attempt of ours made.
                raise endings.service_error(call)
            case Existed(how=how, error=error):
                msg = f"the reply was lost ({call.outcome.reason}), and {how}, so nothing was made"
                raise error(msg, record=call.record(), status=None)
            case _:  # NotThere
                self._again_after_settling(call)
                return False

    def _again_after_settling(self, call: Call[Any]) -> None:
        """Let the loop send again, where the limits allow it: the call is known to have done nothing."""
        harmless = Outcome(kind=Kind.NOT_SENT, reason=call.outcome.reason)
        decision = self._decide(call, harmless)
        if isinstance(decision, retries.GiveUp):
            why = f"looked for it until the grace had passed, and nothing was made; {decision.why}"
            raise endings.gave_up(call, why)
        call.spent += self.budget.spend(harmless)

    def _unknown(self, call: Call[Any], reason: str) -> errors.OutcomeUnknown:
        lost = call.outcome.reason
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
            call = Call(wanted.operation, headers, tuple(wanted.path.items()), wanted.query, body)
            call.is_look = True
            await self.make(call)
            return call.reply()

        return await look_for(sent, rule, look=look, policy=self.settle_policy, clock=self.clock)


_INFO: Final = logging.INFO
_REPLACE: Final = Effect.REPLACE
_CANCELLED: Final = Outcome(kind=Kind.UNKNOWN, reason="cancelled, maybe after sending")


def _started(operation: Operation[Any, Any], request: Request, base: URL) -> "core.events.CallStarted":
    return core.events.CallStarted(
        operation=operation.name,
        method=request.method,
        host=request.url.host or "",
        port=request.url.port,
        template=base.raw_path.rstrip("/") + operation.path,
    )


async def _ended(sending: Coroutine[Any, Any, RawReply], call: Call[Any], left: float) -> RawReply:
    """A sending that ends at the deadline where nothing is lost by that: where it only reads."""
    if call.operation.effect is not Effect.READ:
        return await sending
    try:
        async with asyncio.timeout(left):
            return await sending
    except TimeoutError:
        pass
    reason = f"no answer within the {left:.3g} s that were left until the deadline"
    raise SendFailure(reason, sent=True)


def _failed(call: Call[Any], failure: SendFailure) -> None:
    kind = Kind.UNKNOWN if failure.sent else Kind.NOT_SENT
    call.raw, call.unwrapped = NOTHING, SAYS_NOTHING
    call.outcome = Outcome(kind=kind, reason=failure.reason)
