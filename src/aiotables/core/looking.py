"""The loop that settles: ask a rule what to look at, look, and look again until it is clear or the grace has passed."""

from collections.abc import Awaitable, Callable
from typing import Any, cast

from aiotables.core.classes import field, frozen
from aiotables.core.clock import Clock
from aiotables.core.errors import AuthenticationFailed, CallError, PermissionDenied, ServiceError
from aiotables.core.settle import (
    Look,
    NotThere,
    NotWhole,
    Rule,
    Sent,
    SettlePolicy,
    Unclear,
    Verdict,
    guarded,
)
from aiotables.core.wire import Reply


Looking = Callable[[Look], Awaitable[Reply[Any]]]
"""Makes the call that a rule asks for."""


@frozen
class Looked:
    """A verdict, and the last reply that it rests on."""

    verdict: Verdict
    reply: Reply[Any] | None = None
    asked: bool = field(default=True, kw_only=True)
    """Whether anything was looked at."""


async def look_for(sent: Sent, rule: Rule, *, look: Looking, policy: SettlePolicy, clock: Clock) -> Looked:
    """
    Find out what a call did whose reply was lost.

    Args:
        sent: What was sent.
        rule: What to look at, and what it shows.
        look: Makes a call.
        policy: When to look, and when "not there" is final.
        clock: Time.
    """
    number, began = 0, clock.monotonic()
    while True:
        number += 1
        # The time since we began counts too: the sender's clock may be ahead of ours, or ours may have been set back.
        age = max(clock.now() - sent.last_sent_at, clock.monotonic() - began)
        looked = await _ask(sent, rule, look, policy)
        pause = policy.pause(number, age=age)
        if pause is None or not _may_change(looked.verdict):
            return looked
        await clock.sleep(pause)


def _may_change(verdict: Verdict) -> bool:
    return isinstance(verdict, NotThere) or (isinstance(verdict, Unclear) and verdict.may_change)


async def _ask(sent: Sent, rule: Rule, look: Looking, policy: SettlePolicy) -> Looked:
    settling = rule(guarded(sent), policy)
    reply: Reply[Any] | None = None
    asked = False
    try:
        wanted = next(settling)
        asked = True
        while True:
            # The generator is driven here, since its StopIteration may not leave a coroutine.
            answer = await _answer(look, wanted)
            if isinstance(answer, ServiceError):
                wanted = settling.throw(answer)
            else:
                reply = answer
                wanted = settling.send(answer)
    except StopIteration as stop:
        return Looked(cast("Verdict", stop.value), reply, asked=asked)
    except NotWhole as lack:
        return Looked(Unclear(f"what was noted of {sent.operation} is damaged: {lack}"), reply, asked=asked)
    except (AuthenticationFailed, PermissionDenied) as error:
        return Looked(Unclear(f"the token may not look: {error}"))
    except CallError as error:
        return Looked(Unclear(f"the look failed: {error}", may_change=True))


async def _answer(look: Looking, wanted: Look) -> Reply[Any] | ServiceError:
    try:
        return await look(wanted)
    except ServiceError as error:
        return error
