"""The loop that settles, with looks that are made up here."""

import asyncio
from contextlib import suppress
from typing import TYPE_CHECKING, Any

import pytest
from multidict import CIMultiDict, CIMultiDictProxy

from aiotables.core.errors import (
    AuthenticationFailed,
    CallError,
    ClosedError,
    NoReply,
    NotFound,
    PermissionDenied,
    ServerError,
    ServiceError,
)
from aiotables.core.looking import Looked, look_for
from aiotables.core.operations import Effect, Operation
from aiotables.core.record import CallRecord
from aiotables.core.settle import (
    Existed,
    Found,
    Look,
    NotThere,
    Sent,
    SettlePolicy,
    Settling,
    Unclear,
    Verdict,
)
from aiotables.core.wire import Reply


if TYPE_CHECKING:
    from tests.core.conftest import FakeClock

SENT = Sent(operation="toy.create_thing", first_sent_at=1_000_000.0, last_sent_at=1_000_000.0)
RECORD = CallRecord(operation="toy.get_thing")
GET: Operation[None, object] = Operation(
    name="toy.get_thing", method="GET", path="/", effect=Effect.READ, result=object
)
Answer = Verdict | Exception


def seen(value: object) -> Reply[Any]:
    """A reply to a look."""
    return Reply(value=value, status=200, headers=CIMultiDictProxy(CIMultiDict()), raw=b"", record=RECORD)


def rule(sent: Sent, policy: SettlePolicy) -> Settling:
    """Gives the verdict that the look shows; a thing that is not there is none."""
    try:
        reply = yield Look(operation=GET)
    except NotFound:
        return NotThere()
    verdict: Verdict = reply.value
    return verdict


def service(status: int, kind: type[ServiceError] = ServiceError) -> ServiceError:
    """An error that the service answers a look with."""
    return kind("no", record=RECORD, status=status)


async def settle(clock: "FakeClock", *answers: Answer, takes: float = 0.0, sent: Sent = SENT) -> Looked:
    """Settle with looks that show these verdicts, the last one for ever."""
    left = list(answers)

    async def look(wanted: Look) -> Reply[Any]:
        assert GET is wanted.operation
        answer = left.pop(0) if len(left) > 1 else left[0]
        clock.time += takes
        if isinstance(answer, Exception):
            raise answer
        return seen(answer)

    return await look_for(sent, rule, look=look, policy=SettlePolicy(grace=60.0), clock=clock)


@pytest.mark.parametrize("verdict", [Found(1, "by its name"), Existed("there"), Unclear("two are there")])
async def test_clear_at_once(clock: "FakeClock", verdict: Verdict) -> None:
    """What is clear is not looked at twice."""
    looked = await settle(clock, verdict)

    assert (verdict, []) == (looked.verdict, clock.slept)
    assert looked.reply is not None


async def test_found_later(clock: "FakeClock") -> None:
    """Nothing at first says nothing: the service may still be at work."""
    looked = await settle(clock, NotThere(), NotThere(), NotThere(), Found(1, "late"))

    assert Found(1, "late") == looked.verdict
    assert [0.25, 0.5, 1.0] == clock.slept


async def test_not_there(clock: "FakeClock") -> None:
    """Nothing is final only when a look that began after the grace found nothing."""
    looked = await settle(clock, NotThere())

    assert NotThere() == looked.verdict
    assert 60.0 == sum(clock.slept)


@pytest.mark.parametrize("looks_first", [False, True])
async def test_damaged_notes(clock: "FakeClock", *, looks_first: bool) -> None:
    """What a damaged note cannot tell is unclear for good, whether or not that shows before the first look."""

    def strict(sent: Sent, policy: SettlePolicy) -> Settling:
        if looks_first:
            yield Look(operation=GET)
        yield Look(operation=GET, query={"name": sent.body["name"]})
        return NotThere()

    async def look(wanted: Look) -> Reply[Any]:
        return seen(None)

    looked = await look_for(SENT, strict, look=look, policy=SettlePolicy(), clock=clock)

    assert Unclear("what was noted of toy.create_thing is damaged: it has no body") == looked.verdict
    assert (looks_first, []) == (looked.asked, clock.slept)


async def test_long_after(clock: "FakeClock") -> None:
    """When the grace is long over, one look is enough."""
    clock.time += 3600

    assert NotThere() == (await settle(clock, NotThere())).verdict
    assert [] == clock.slept


async def test_looks_that_take_long(clock: "FakeClock") -> None:
    """A look that began before the end of the grace is not the last, however long it took."""
    clock.time += 59.0

    assert Found(1, "late") == (await settle(clock, NotThere(), Found(1, "late"), takes=30.0)).verdict


async def test_sent_by_a_clock_that_is_ahead(clock: "FakeClock") -> None:
    """A sending in the future, by a clock of another machine, does not make us look for ever."""
    sent = Sent(operation="toy.create_thing", first_sent_at=2_000_000.0, last_sent_at=2_000_000.0)

    assert NotThere() == (await settle(clock, NotThere(), sent=sent)).verdict
    assert clock.time <= 1_000_130.0


@pytest.mark.parametrize(
    "error",
    [service(500, ServerError), service(418), NoReply("lost", record=RECORD)],
    ids=["500", "418", "lost"],
)
async def test_looks_that_fail(clock: "FakeClock", error: CallError) -> None:
    """A look that fails says nothing; a later one may."""
    assert Found(1, "late") == (await settle(clock, error, NotThere(), error, Found(1, "late"))).verdict


async def test_service_that_stays_down(clock: "FakeClock") -> None:
    """When all looks fail until the grace is over, it stays unclear, with the reason; nothing is said not to be there."""
    looked = await settle(clock, NotThere(), service(500, ServerError))

    assert Unclear("the look failed: toy.get_thing: no", may_change=True) == looked.verdict
    assert 60.0 == sum(clock.slept)


@pytest.mark.parametrize("kind", [AuthenticationFailed, PermissionDenied])
async def test_token_that_may_not_look(clock: "FakeClock", kind: type[ServiceError]) -> None:
    """A token that may not look will not be let in a second later."""
    looked = await settle(clock, service(401, kind))

    assert Unclear("the token may not look: toy.get_thing: no") == looked.verdict
    assert [] == clock.slept


async def test_rules_get_the_errors(clock: "FakeClock") -> None:
    """An error that a rule knows the meaning of is its own to judge."""
    assert NotThere() == (await settle(clock, service(404, NotFound))).verdict


async def test_unclear_for_now(clock: "FakeClock") -> None:
    """What may become clear is looked at again, and in the end stays unclear."""
    half = Unclear("one of two", may_change=True)

    assert Found(2, "both") == (await settle(clock, half, half, Found(2, "both"))).verdict
    assert half == (await settle(clock, half)).verdict


async def test_rule_without_a_look(clock: "FakeClock") -> None:
    """A rule may know without looking that looking is no use."""

    def hopeless(sent: Sent, policy: SettlePolicy) -> Settling:
        return Unclear("it has no name")
        yield

    async def look(wanted: Look) -> Reply[Any]:
        raise AssertionError

    looked = await look_for(SENT, hopeless, look=look, policy=SettlePolicy(grace=60.0), clock=clock)

    assert Looked(Unclear("it has no name"), asked=False) == looked


async def test_rule_of_several_looks(clock: "FakeClock") -> None:
    """A rule may look several times, and the last reply is kept."""

    def twice(sent: Sent, policy: SettlePolicy) -> Settling:
        with suppress(ServiceError):
            yield Look(operation=GET, query={"page": 0})
        second = yield Look(operation=GET, query={"page": 1})
        return Found(second.value, "on the second page")

    async def look(wanted: Look) -> Reply[Any]:
        if wanted.query["page"] == 0:
            raise service(418)
        return seen("it")

    looked = await look_for(SENT, twice, look=look, policy=SettlePolicy(grace=60.0), clock=clock)

    assert Looked(Found("it", "on the second page"), seen("it")) == looked


async def test_closed(clock: "FakeClock") -> None:
    """A client that is closed cannot look, and that is told at once."""
    with pytest.raises(ClosedError):
        await settle(clock, ClosedError("closed"))


async def test_cancelling(clock: "FakeClock") -> None:
    """Cancelling ends it."""

    async def look(wanted: Look) -> Any:  # noqa: ANN401 -- never ends
        await asyncio.Event().wait()

    task = asyncio.create_task(look_for(SENT, rule, look=look, policy=SettlePolicy(grace=60.0), clock=clock))
    await asyncio.sleep(0)

    task.cancel()

    with pytest.raises(asyncio.CancelledError):
        await task
