"""The loop of one call: what became of it, by every way that it can end."""

import asyncio
import pickle
from collections.abc import Awaitable, Callable
from typing import TYPE_CHECKING, Any

import pytest
from attrs import define, evolve, field

from aiotables.core import errors
from aiotables.core.call import Call
from aiotables.core.pacing import Pacer
from aiotables.core.record import CallRecord
from aiotables.core.retries import NO_RETRIES, Budget, Kind, RetryPolicy
from aiotables.core.settle import Existed, Found, Look, NotThere, Sent, SettlePolicy, Settling, Unclear
from aiotables.core.transport import SendFailure
from aiotables.core.wire import RawReply, Reply


if TYPE_CHECKING:
    from tests.core.conftest import FakeClock, Server, Toy

IT = b'{"name":"it"}'
BUSY = {"Retry-After": "7"}


def lost() -> SendFailure:
    """A reply that did not come."""
    return SendFailure("connection lost after sending", sent=True)


def refused() -> SendFailure:
    """A connection that did not come about."""
    return SendFailure("never sent: no such host", sent=False)


async def create(toy: "Toy", *, settle: bool = True) -> Reply[Any]:
    """Create the thing `it`."""
    return await toy.call(toy.create, body=toy.thing(name="it"), settle=settle)


async def get(toy: "Toy") -> Reply[Any]:
    """Read the thing `it`."""
    return await toy.call(toy.read, path={"name": "it"})


async def delete(toy: "Toy") -> Reply[Any]:
    """Delete the thing `it`."""
    return await toy.call(toy.delete, path={"name": "it"})


def kinds(record: CallRecord) -> list[str]:
    """How the attempts of a call ended."""
    return [attempt.kind.value for attempt in record.attempts]


POST, LOOK = "POST /api/things", "GET /api/things?name=it"


# Calls that are answered


async def test_answered(toy: "Toy") -> None:
    """A good answer comes with all that is known of the call."""
    toy.gives(toy.reply(201, IT, headers={"X-Request-Id": "r1", "X-Run": "run1"}))

    reply = await create(toy)

    assert (toy.thing(name="it"), 201, IT, "r1") == (reply.value, reply.status, reply.raw, reply.request_id)
    assert (False, False, "run1") == (reply.settled, reply.gone, reply.record.operation_run)
    (attempt,) = reply.attempts
    assert (1, Kind.ANSWERED, "answered 201", 201, "r1") == (
        attempt.number,
        attempt.kind,
        attempt.reason,
        attempt.status,
        attempt.request_id,
    )
    assert (1_000_000.0, 0.5, 0.0, 13, 13) == (
        attempt.started_at,
        attempt.elapsed,
        attempt.waited,
        attempt.bytes_sent,
        attempt.bytes_received,
    )
    assert [POST] == toy.sent


async def test_observers_are_told(toy: "Toy") -> None:
    """Observers get the record that the reply has."""
    toy.gives(toy.reply(200, IT))

    reply = await create(toy)

    assert [reply.record] == toy.records


async def test_without_observers(toy: "Toy") -> None:
    """Nobody has to watch."""
    toy.calls.observers = ()
    toy.gives(toy.reply(200, IT))

    assert toy.thing(name="it") == (await create(toy)).value


async def test_broken_observers_hide_nothing(toy: "Toy", caplog: pytest.LogCaptureFixture) -> None:
    """An observer that raises changes neither a result nor an error."""

    def broken(record: CallRecord) -> None:
        raise ZeroDivisionError

    toy.calls.observers = (broken,)
    toy.gives(toy.reply(200, IT), toy.reply(404))

    assert toy.thing(name="it") == (await create(toy)).value
    with pytest.raises(errors.NotFound):
        await get(toy)
    assert 2 == len(caplog.records)


async def test_errors_are_raised(toy: "Toy") -> None:
    """An error that is an answer is raised with what the service said."""
    toy.gives(toy.reply(404, b'{"error":"no_thing"}', headers={"X-Request-Id": "r1"}))

    with pytest.raises(errors.NotFound) as caught:
        await get(toy)

    error = caught.value
    assert "toy.get_thing: no [answered 404 no_thing] (request id r1)" == str(error)
    assert (404, "no_thing", {"error": "no_thing"}, None) == (
        error.status,
        error.code,
        error.detail,
        error.retry_after,
    )
    assert [error.record] == toy.records


async def test_requests_that_cannot_be_built(toy: "Toy") -> None:
    """Nothing is sent, and nobody is told of a call, when its arguments are wrong."""
    with pytest.raises(errors.RequestError):
        await toy.call(toy.read, path={"name": ""})

    assert ([], []) == (toy.sent, toy.records)


async def test_success_in_another_shape(toy: "Toy") -> None:
    """A success that is not of the documented shape took effect: it is not sent again, and its good items are kept."""
    toy.gives(toy.reply(200, b'[{"name":"it"},{"name":5}]'))

    with pytest.raises(errors.ReplyNotUnderstood) as caught:
        await toy.call(toy.things)

    error = caught.value
    assert ((0, toy.thing(name="it")),) == error.good
    assert error.problems[0].startswith("$[1].name: ")
    assert error.problems[0] in str(error)
    assert b'[{"name":"it"},{"name":5}]' == error.raw
    assert 1 == len(toy.sent)


async def test_create_in_another_shape(toy: "Toy") -> None:
    """So it is with a create: the service says that it succeeded."""
    toy.gives(toy.reply(200, b'{"id":5}'))

    with pytest.raises(errors.ReplyNotUnderstood):
        await create(toy)

    assert [POST] == toy.sent


@pytest.mark.parametrize("status", [204, 205])
@pytest.mark.parametrize("make", [create, get], ids=["create", "read"])
async def test_success_without_a_body(
    toy: "Toy", make: "Callable[[Toy], Awaitable[object]]", status: int
) -> None:
    """A success without the documented body is one that cannot be understood: nothing is sent again."""
    toy.gives(toy.reply(status, b""))

    with pytest.raises(errors.ReplyNotUnderstood, match=f"answered {status}, without the documented body"):
        await make(toy)

    assert 1 == len(toy.sent)


async def test_delete_without_a_body(toy: "Toy") -> None:
    """A delete that is answered without a body is done; it had not been gone before."""
    toy.gives(toy.reply(204, b""))

    reply = await delete(toy)

    assert (None, 204, False) == (reply.value, reply.status, reply.gone)
    assert 1 == len(toy.sent)


# Calls that may be repeated


@pytest.mark.parametrize("outcome", [lost(), refused()], ids=["lost", "refused"])
async def test_reads_are_repeated(toy: "Toy", outcome: SendFailure) -> None:
    """A read whose reply is lost is sent again after a wait, which is on record."""
    toy.gives(outcome, toy.reply(200, IT))

    reply = await get(toy)

    assert toy.thing(name="it") == reply.value
    assert [0.0, *toy.clock.slept] == [attempt.waited for attempt in reply.attempts]
    assert [1, 2] == [attempt.number for attempt in reply.attempts]
    assert not reply.settled


@pytest.mark.parametrize("body", [b"<html>", b""])
async def test_unreadable_reads_are_repeated(toy: "Toy", body: bytes) -> None:
    """So is one whose answer cannot be read; in the end that is no error of the service's."""
    toy.gives(*[toy.reply(200, body)] * 3)

    with pytest.raises(errors.NoReply, match=r"answered 200 with an unreadable body.*no attempts are left"):
        await get(toy)

    assert 3 == len(toy.sent)


async def test_server_errors_on_reads(toy: "Toy") -> None:
    """A read that ends in 5xx raises what the service said."""
    toy.gives(*[toy.reply(502, b"<html>")] * 3)

    with pytest.raises(errors.ServerError, match="no attempts are left") as caught:
        await get(toy)

    assert (502, "<html>") == (caught.value.status, caught.value.detail)
    assert ["unknown"] * 3 == kinds(caught.value.record)


async def test_never_sent(toy: "Toy") -> None:
    """A call that never reached the service says so."""
    toy.gives(refused(), refused(), refused())

    with pytest.raises(
        errors.NotSent, match=r"never sent: no such host; no attempts are left \(3 attempts\)$"
    ):
        await create(toy)

    assert [POST] * 3 == toy.sent


async def test_sent_once_and_then_never(toy: "Toy") -> None:
    """A delete of which one attempt may have arrived is not said never to have been sent."""
    toy.gives(lost(), refused(), refused())

    with pytest.raises(errors.NoReply):
        await delete(toy)


async def test_budget_used_up(toy: "Toy") -> None:
    """When too many calls have failed, calls fail at once."""
    toy.calls.budget = Budget(tokens=20)
    toy.gives(lost(), lost())

    with pytest.raises(errors.NoReply, match="retry budget is used up"):
        await get(toy)

    assert (2, 6) == (len(toy.sent), toy.calls.budget.tokens)


async def test_success_refills_the_budget(toy: "Toy") -> None:
    """What a call's retries cost is given back when it succeeds."""
    toy.calls.budget = Budget(tokens=100)
    toy.gives(lost(), lost(), toy.reply(200, IT), toy.reply(200, IT))

    await get(toy)
    assert 100 == toy.calls.budget.tokens
    await get(toy)
    assert 101 == toy.calls.budget.tokens


async def test_deadline(toy: "Toy") -> None:
    """No attempt begins after the deadline."""
    toy.transport.takes = 60.0
    toy.gives(lost(), lost())

    with pytest.raises(errors.NoReply, match="the deadline of 120 s leaves no time"):
        await get(toy)

    assert 2 == len(toy.sent)


async def test_waiting_for_a_place_uses_up_no_deadline(toy: "Toy") -> None:
    """The deadline counts from the first sending, however long the call had to wait for it."""
    toy.calls.pacer.pause(1000)
    toy.gives(lost(), toy.reply(200, IT))

    assert toy.thing(name="it") == (await get(toy)).value


def slowly(toy: "Toy", seconds: float) -> Callable[[], Awaitable[RawReply]]:
    """A reply that takes so many seconds of the machine's clock."""

    async def reply() -> RawReply:
        await asyncio.sleep(seconds)
        return toy.reply(200, IT)

    return reply


async def test_a_read_ends_at_the_deadline(toy: "Toy") -> None:
    """What only reads and is under way then is cut short, and gives its place back."""
    toy.calls.policy = RetryPolicy(deadline=0.75, base=0.0)
    toy.gives(refused(), slowly(toy, 3600.0))

    with pytest.raises(errors.NoReply) as caught:
        await get(toy)

    cut = (
        "no answer within the 0.25 s that were left until the deadline; the deadline of 0.75 s leaves no time"
    )
    assert cut in str(caught.value)
    assert ["not_sent", "unknown"] == kinds(toy.records[0])
    assert 0 == toy.calls.pacer.in_flight


async def test_a_read_that_is_cut_short_leaves_no_connection(toy: "Toy", server: "Server") -> None:
    """Its connection is closed, since the rest of the answer may still come on it."""
    server.plays(server.say(b"HTTP/1.1 200 OK\r\nContent-Length: 99\r\n\r\n{", then_wait=True))
    async with toy.client(server.url, retries=RetryPolicy(attempts=1, deadline=0.1)) as toys:
        with pytest.raises(errors.NoReply, match=r"no answer within the 0\.1 s"):
            await toys.send(toy.read, path={"name": "it"})

        await server.quiet()


@pytest.mark.parametrize("is_late", [False, True])
async def test_a_read_that_is_answered_in_time(toy: "Toy", *, is_late: bool) -> None:
    """A read is not disturbed by a deadline that it keeps, however near that is."""
    toy.calls.policy = RetryPolicy(deadline=3600.0)
    toy.calls.longest = 7200.0 if is_late else 70.0
    toy.gives(slowly(toy, 0.0))

    assert toy.thing(name="it") == (await get(toy)).value


async def test_a_read_that_is_cancelled_before_its_deadline(toy: "Toy") -> None:
    """It ends cancelled, as any other call does."""
    toy.calls.policy = RetryPolicy(deadline=60.0)
    toy.gives(slowly(toy, 3600.0))
    reading = asyncio.create_task(get(toy))
    await asyncio.sleep(0)

    reading.cancel()

    with pytest.raises(asyncio.CancelledError):
        await reading
    assert ["unknown"] == kinds(toy.records[0])


@pytest.mark.parametrize("what", [create, delete])
async def test_what_changes_something_is_not_cut_short(
    toy: "Toy", what: Callable[["Toy"], Awaitable[Reply[Any]]]
) -> None:
    """It has its whole time for an answer, beyond the deadline too: else it would be unknown for no reason."""
    toy.calls.policy = RetryPolicy(deadline=0.001)
    toy.gives(slowly(toy, 0.05))

    assert toy.thing(name="it") == (await what(toy)).value


async def test_the_deadline_passes_in_the_queue(toy: "Toy") -> None:
    """A call that waits for its turn to be sent again ends at the deadline, and leaves the others alone."""
    toy.calls.pacer = Pacer(in_flight=1)
    toy.calls.policy = RetryPolicy(deadline=0.75, base=0.0)
    toy.gives(refused(), slowly(toy, 3600.0))
    waiting = asyncio.create_task(get(toy))
    sending = asyncio.create_task(create(toy))

    with pytest.raises(errors.NotSent, match=r"the deadline of 0\.75 s passed before it could be sent again"):
        await waiting

    assert ["not_sent"] == kinds(toy.records[0])
    assert 1 == toy.calls.pacer.in_flight
    sending.cancel()
    await asyncio.wait([sending])
    assert 0 == toy.calls.pacer.in_flight


@define
class SlowLimiter:
    """Makes requests wait for so many seconds, each for its own."""

    clock: "FakeClock"
    waits: list[float]
    pauses: list[float] = field(factory=list[float])

    async def acquire(self) -> None:
        """Let time pass."""
        self.clock.time += self.waits.pop(0)

    async def pause(self, seconds: float) -> None:
        """Note what is asked for."""
        self.pauses.append(seconds)


async def test_a_refusal_holds_all_processes_back(toy: "Toy", clock: "FakeClock") -> None:
    """What the service asks to wait is asked of the shared limit, too, up to the longest wait."""
    limiter = toy.calls.limiter = SlowLimiter(clock, [0.0] * 3)
    toy.gives(toy.reply(429, headers=BUSY), toy.reply(429), toy.reply(429, headers={"Retry-After": "3600"}))

    with pytest.raises(errors.RateLimited):
        await get(toy)

    assert [7.0, 120.0] == limiter.pauses


async def test_the_deadline_passes_at_the_limit_of_all(toy: "Toy", clock: "FakeClock") -> None:
    """A call that a shared limit let through too late is not sent again, and gives its place back."""
    toy.calls.limiter = SlowLimiter(clock, [500.0, 120.0])
    told: list[object] = []
    toy.calls.listeners = (told.append,)
    toy.gives(refused())

    with pytest.raises(errors.NotSent, match="the deadline of 120 s passed before it could be sent again"):
        await get(toy)

    assert ["CallStarted", "AttemptStarted", "AttemptEnded", "CallEnded"] == [
        type(it).__name__ for it in told
    ]
    assert 0 == toy.calls.pacer.in_flight


async def test_the_deadline_passes_after_looking(toy: "Toy", clock: "FakeClock") -> None:
    """A create that was looked for in vain, and is too late to be sent again, says that nothing was made."""
    toy.calls.settle_policy = SettlePolicy(grace=0.0)
    toy.calls.limiter = SlowLimiter(clock, [0.0, 0.0, 120.0])
    toy.gives(lost(), toy.reply(200, b"[]"))

    with pytest.raises(errors.NoReply, match="nothing was made; the deadline of 120 s passed before"):
        await create(toy)

    assert [POST, LOOK] == toy.sent


async def test_no_retries(toy: "Toy") -> None:
    """Retries can be switched off."""
    toy.calls.policy = NO_RETRIES
    toy.gives(lost())

    with pytest.raises(errors.NoReply, match="no attempts are left"):
        await get(toy)


# Refusals


async def test_refused_with_a_time(toy: "Toy") -> None:
    """A refusal is waited out, by creates, too, and by the other calls of the pacer."""
    toy.gives(toy.reply(429, headers=BUSY), toy.reply(200, IT))
    toy.calls.policy = RetryPolicy(base=0.0)

    reply = await create(toy)

    assert [Kind.REFUSED, Kind.ANSWERED] == [attempt.kind for attempt in reply.attempts]
    assert 7.0 == reply.attempts[1].waited
    assert [7.0] == toy.clock.slept
    assert not reply.record.settled


async def test_refusal_pauses_the_others(toy: "Toy") -> None:
    """While one call waits out a refusal, no other goes out."""
    toy.calls.policy = NO_RETRIES
    toy.gives(toy.reply(429, headers=BUSY), toy.reply(200, IT))
    with pytest.raises(errors.RateLimited):
        await create(toy)

    reply = await get(toy)

    assert 1_000_007.5 == reply.attempts[0].started_at


async def test_refused_until_a_date(toy: "Toy") -> None:
    """A date counts from the moment that the reply came."""
    toy.transport.takes = 10.0
    toy.calls.policy = RetryPolicy(base=0.0)
    at = {"Retry-After": "Mon, 12 Jan 1970 13:47:05 GMT"}  # 1,000,025 s
    toy.gives(toy.reply(429, headers=at), toy.reply(200, IT))

    await get(toy)

    assert [15.0] == toy.clock.slept


async def test_refused_for_too_long(toy: "Toy") -> None:
    """Nobody waits for hours: the error says how long, and other calls wait no longer than the limit."""
    toy.gives(toy.reply(429, headers={"Retry-After": "3600"}))

    with pytest.raises(errors.RateLimited, match="asks to wait 3600 s") as caught:
        await create(toy)

    assert (3600.0, 429) == (caught.value.retry_after, caught.value.status)
    assert toy.clock.monotonic() + 120.0 == toy.calls.pacer._rate.resume_at


async def test_documented_refusal(toy: "Toy") -> None:
    """A status that is documented as "nothing was done" is sent again without looking."""
    toy.gives(toy.reply(503, b'{"error":"busy"}'), toy.reply(200, IT))

    await create(toy)

    assert [POST, POST] == toy.sent


# Lost replies of creates


@pytest.mark.parametrize("how", ["lost", "500", "408", "unreadable"])
async def test_lost_and_found(toy: "Toy", how: str) -> None:
    """A create whose reply is lost is looked for, found, and not sent again."""
    ways: dict[str, RawReply | SendFailure] = {
        "lost": lost(),
        "500": toy.reply(500, b'{"error":"oops"}'),
        "408": toy.reply(408, b""),
        "unreadable": toy.reply(200, b'{"na'),
    }
    toy.gives(ways[how], toy.reply(200, b'[{"name":"it"}]', headers={"X-Look": "1"}))

    reply = await create(toy)

    assert [POST, LOOK] == toy.sent
    assert (toy.thing(name="it"), True, "by its name") == (reply.value, reply.settled, reply.record.found)
    assert (200, b'[{"name":"it"}]', "1") == (reply.status, reply.raw, reply.headers["x-look"])
    assert (True, ["unknown"]) == (reply.record.settled, kinds(reply.record))
    assert [toy.list_name, toy.create.name] == [record.operation for record in toy.records]


async def test_found_late(toy: "Toy") -> None:
    """The service may take its time: nothing at first is no reason to send again."""
    toy.gives(lost(), *[toy.reply(200, b"[]")] * 3, toy.reply(200, b'[{"name":"it"}]'))

    reply = await create(toy)

    assert [POST, *[LOOK] * 4] == toy.sent
    assert reply.settled


async def test_not_there_is_sent_again(toy: "Toy") -> None:
    """Only when nothing was found after the grace is it sent again; then the answer is the second sending's."""
    toy.gives(lost(), *[toy.reply(200, b"[]")] * 9, toy.reply(200, IT))

    reply = await create(toy)

    assert [POST, *[LOOK] * 9, POST] == toy.sent
    first, second = reply.attempts
    assert second.started_at - first.started_at >= 60.0
    assert (False, True, None) == (reply.settled, reply.record.settled, reply.record.found)


async def test_not_there_and_no_attempt_left(toy: "Toy") -> None:
    """When it is known that nothing was made and the limits allow no more, trying again later is safe."""
    toy.calls.policy = NO_RETRIES
    toy.gives(lost(), *[toy.reply(200, b"[]")] * 9)

    with pytest.raises(errors.NoReply, match="nothing was made; no attempts are left"):
        await create(toy)


async def test_server_error_and_nothing_there(toy: "Toy") -> None:
    """An answer of 5xx that made nothing is raised as what it is."""
    toy.calls.policy = NO_RETRIES
    toy.gives(toy.reply(500, b'{"error":"oops"}'), *[toy.reply(200, b"[]")] * 9)

    with pytest.raises(errors.ServerError, match="nothing was made") as caught:
        await create(toy)

    assert ("oops", 500) == (caught.value.code, caught.value.status)


async def test_grace_over_the_deadline(toy: "Toy") -> None:
    """With a grace longer than the deadline it is found or not, and not sent again."""
    toy.calls.settle_policy = SettlePolicy(grace=130.0, factor=10.0)
    toy.gives(lost(), *[toy.reply(200, b"[]")] * 5)

    with pytest.raises(errors.NoReply, match="the deadline of 120 s"):
        await create(toy)


async def test_sendings_after_looking_cost_tokens(toy: "Toy") -> None:
    """A sending after a look that found nothing is paid like any retry."""
    toy.calls.budget = Budget(tokens=40)
    toy.calls.settle_policy = SettlePolicy(grace=0.0)
    empty = toy.reply(200, b"[]")
    toy.gives(lost(), empty, toy.reply(400))

    with pytest.raises(errors.BadRequest):
        await create(toy)

    assert 27 == toy.calls.budget.tokens  # 40, less 14 for the retry, and 1 more for the look


async def test_it_existed(toy: "Toy") -> None:
    """When looking shows that it was there before, the lost answer was that error."""
    toy.gives(lost(), toy.reply(200, b'[{"name":"old"}]'))

    with pytest.raises(errors.Conflict, match="an old one is there, so nothing was made") as caught:
        await create(toy)

    assert caught.value.status is None
    assert caught.value.record.settled


async def test_unclear(toy: "Toy") -> None:
    """What looking cannot settle is unknown, and says what to do."""
    toy.gives(lost(), toy.reply(200, b'[{"name":"two"}]'))

    with pytest.raises(errors.OutcomeUnknown) as caught:
        await create(toy)

    error = caught.value
    assert (
        "toy.create_thing: connection lost after sending; whether it took effect is unknown: two are there. "
        "Look before you send it again"
    ) == str(error)
    assert "two are there" == error.reason
    assert (
        Sent(
            operation="toy.create_thing",
            body={"name": "it"},
            first_sent_at=1_000_000.0,
            last_sent_at=1_000_000.0,
        )
        == error.sent
    )


async def test_unknown_can_be_settled_later(toy: "Toy") -> None:
    """What an `OutcomeUnknown` carries is enough to settle it, in another process, too."""
    toy.gives(lost(), toy.reply(200, b'[{"name":"two"}]'), toy.reply(200, b'[{"name":"it"}]'))
    with pytest.raises(errors.OutcomeUnknown) as caught:
        await create(toy)

    again: errors.OutcomeUnknown = pickle.loads(pickle.dumps(caught.value))  # noqa: S301 -- made above
    verdict = await toy.calls.settle(again.sent, headers=toy.headers)

    assert Found(toy.thing(name="it"), "by its name") == verdict


async def test_not_settled_when_not_asked_to(toy: "Toy") -> None:
    """Settling can be left to the caller."""
    toy.gives(lost())

    with pytest.raises(errors.OutcomeUnknown) as caught:
        await create(toy, settle=False)

    assert "it was not looked for" == caught.value.reason
    assert not caught.value.record.settled
    assert [POST] == toy.sent


async def test_no_way_to_look(toy: "Toy") -> None:
    """Where nothing tells what a call did, that is said at once; what was sent is not kept, since nobody reads it."""
    toy.gives(lost())

    with pytest.raises(errors.OutcomeUnknown) as caught:
        await toy.call(toy.start, body={"password": "s3cret"})

    assert "the service documents no way to look for it" == caught.value.reason
    assert not caught.value.record.settled
    assert caught.value.sent.body is None


async def test_service_down_while_looking(toy: "Toy") -> None:
    """When looking fails until the grace is over, nothing is sent again and nothing is claimed."""
    toy.calls.policy = NO_RETRIES
    toy.gives(lost(), *[refused()] * 9)

    with pytest.raises(errors.OutcomeUnknown, match=r"the look failed: .*: never sent"):
        await create(toy)

    assert [POST, *[LOOK] * 9] == toy.sent


async def test_look_that_fails_at_first(toy: "Toy") -> None:
    """One look that fails is followed by another."""
    toy.calls.policy = NO_RETRIES
    toy.gives(
        lost(), lost(), toy.reply(500), toy.reply(200, b'{"no":"list"}'), toy.reply(200, b'[{"name":"it"}]')
    )

    assert (await create(toy)).settled


async def test_look_with_a_token_that_was_revoked(toy: "Toy") -> None:
    """A token that is no longer valid cannot look, and looking on would not help."""
    toy.gives(lost(), toy.reply(401))

    with pytest.raises(errors.OutcomeUnknown, match="the token may not look"):
        await create(toy)

    assert [POST, LOOK] == toy.sent


async def test_looks_carry_the_token(toy: "Toy") -> None:
    """Looks are made with the headers of the call."""
    toy.gives(lost(), toy.reply(200, b'[{"name":"it"}]'))

    await create(toy)

    assert [f"Bearer {toy.token}"] * 2 == [r.headers["Authorization"] for r in toy.transport.requests]


async def test_look_with_a_body(toy: "Toy") -> None:
    """A look may be a call with a body, such as a query."""

    def by_query(sent: Sent, policy: SettlePolicy) -> Settling:
        reply = yield Look(operation=toy.query, body={"select": sent.body["name"]})
        return Found(reply.value, "by a query")

    toy.calls.rules = {toy.create.name: by_query}
    toy.gives(lost(), toy.reply(200, IT))

    assert (await create(toy)).settled
    assert b'{"select":"it"}' == toy.transport.requests[1].body


# Conflicts


async def test_conflict(toy: "Toy") -> None:
    """A conflict on the first sending is an answer."""
    toy.gives(toy.reply(409, b'{"error":"exists"}'))

    with pytest.raises(errors.Conflict) as caught:
        await create(toy)

    assert (409, False) == (caught.value.status, caught.value.record.settled)


async def test_conflict_with_our_own(toy: "Toy") -> None:
    """A conflict after a lost attempt, which made the thing late, is adopted."""
    toy.calls.settle_policy = SettlePolicy(grace=0.0)
    found = toy.reply(200, b'[{"name":"it"}]')
    toy.gives(lost(), toy.reply(200, b"[]"), toy.reply(409), found)

    reply = await create(toy)

    assert [POST, LOOK, POST, LOOK] == toy.sent
    assert (toy.thing(name="it"), True, 200) == (reply.value, reply.settled, reply.status)
    assert ["unknown", "answered"] == kinds(reply.record)


@pytest.mark.parametrize("names", [b'[{"name":"old"}]', b"[]"])
async def test_conflict_with_anothers(toy: "Toy", names: bytes) -> None:
    """When looking shows that none of our attempts made it, the conflict is raised as it was answered."""
    toy.calls.settle_policy = SettlePolicy(grace=0.0)
    toy.gives(lost(), toy.reply(200, b"[]"), toy.reply(409, b'{"error":"exists"}'), toy.reply(200, names))

    with pytest.raises(errors.Conflict) as caught:
        await create(toy)

    assert (409, "exists") == (caught.value.status, caught.value.code)


async def test_conflict_that_is_unclear(toy: "Toy") -> None:
    """When looking cannot tell whose it is, nothing is claimed."""
    toy.calls.settle_policy = SettlePolicy(grace=0.0)
    toy.gives(lost(), toy.reply(200, b"[]"), toy.reply(409), toy.reply(200, b'[{"name":"two"}]'))

    with pytest.raises(errors.OutcomeUnknown, match=r"answered 409; .*two are there"):
        await create(toy)


# What was sent, and when


async def test_times_of_what_was_sent(toy: "Toy") -> None:
    """The first sending that counts is the first that may have arrived; the grace counts from the last."""
    toy.calls.settle_policy = SettlePolicy(grace=0.0)
    toy.calls.policy = RetryPolicy(base=0.0, attempts=9)
    empty, busy = toy.reply(200, b"[]"), toy.reply(429, headers={"Retry-After": "100"})
    toy.transport.takes = 1.0
    toy.gives(refused(), busy, lost(), empty, lost(), toy.reply(200, b'[{"name":"two"}]'))

    with pytest.raises(errors.OutcomeUnknown) as caught:
        await create(toy)

    assert (1_000_102.0, 1_000_104.0) == (caught.value.sent.first_sent_at, caught.value.sent.last_sent_at)


def test_describe(toy: "Toy") -> None:
    """What a journal has to hold is plain data, and only what a rule reads."""
    thing = toy.thing(name="it")

    assert Sent(
        operation="toy.create_thing",
        path={"a": "b"},
        body={"name": "it"},
        first_sent_at=5.0,
        last_sent_at=5.0,
    ) == toy.calls.describe(toy.create, (("a", "b"),), thing, at=5.0)
    assert toy.calls.describe(toy.start, (), thing, at=5.0).body is None


# Deletes


async def test_deletes_are_watched(toy: "Toy") -> None:
    """Only where it matters does the transport watch for aiohttp's own second sending."""
    toy.gives(toy.reply(200, IT), toy.reply(200, IT), toy.reply(200, IT))

    await delete(toy)
    await get(toy)
    await create(toy)

    assert [True, False, False] == toy.transport.watched


async def test_gone_after_a_lost_reply(toy: "Toy") -> None:
    """A delete that is sent again and finds nothing is done."""
    toy.gives(lost(), toy.reply(404, b'{"error":"gone"}'))

    reply = await delete(toy)

    assert (None, True, 404) == (reply.value, reply.gone, reply.status)


async def test_gone_after_a_resend_of_aiohttp(toy: "Toy") -> None:
    """So is one that aiohttp sent twice."""
    toy.gives(toy.reply(404, resent=True))

    assert (await delete(toy)).gone


async def test_gone_before(toy: "Toy") -> None:
    """A delete that was sent once and finds nothing had nothing to delete; so had one that was refused before."""
    toy.gives(toy.reply(404))
    with pytest.raises(errors.NotFound):
        await delete(toy)

    toy.gives(refused(), toy.reply(429, headers=BUSY), toy.reply(404))
    with pytest.raises(errors.NotFound):
        await delete(toy)


async def test_only_deletes_may_find_nothing(toy: "Toy") -> None:
    """A read that is sent again and finds nothing has found nothing."""
    toy.gives(lost(), toy.reply(404))

    with pytest.raises(errors.NotFound):
        await get(toy)


# Beside many others


@pytest.mark.parametrize("outcome", ["refused", "lost"])
async def test_a_call_that_has_begun_waits_behind_no_new_one(toy: "Toy", outcome: str) -> None:
    """However many wait to begin, a call that is sent again, or looked for, goes first, as its deadline runs."""
    toy.calls.pacer = Pacer(in_flight=1, clock=toy.clock)

    async def answer() -> RawReply:
        await asyncio.sleep(0)
        *before, now = toy.sent
        if now == "POST /api/things" and now not in before:
            if outcome == "lost":
                raise lost()
            return toy.reply(429)
        return toy.reply(200, b"[%b]" % IT if "?" in now else IT)

    toy.gives(*[answer] * 40)
    await asyncio.gather(create(toy), *(get(toy) for _ in range(30)))

    again = "POST /api/things" if outcome == "refused" else "GET /api/things?name=it"
    assert again in toy.sent[1:15]


# Cancelling and closing


async def test_cancelled_in_flight(toy: "Toy") -> None:
    """A create that is cancelled under way may have arrived, and is on record so; its place is free again."""
    toy.calls.pacer = Pacer(in_flight=1, clock=toy.clock)
    under_way = asyncio.Event()

    async def hang() -> Any:  # noqa: ANN401 -- never ends
        under_way.set()
        await asyncio.Event().wait()

    toy.gives(hang)
    call = asyncio.create_task(create(toy))
    await under_way.wait()

    call.cancel()

    with pytest.raises(asyncio.CancelledError):
        await call
    assert ["unknown"] == kinds(toy.records[0])
    toy.gives(toy.reply(200, IT))
    assert toy.thing(name="it") == (await get(toy)).value


async def test_cancelled_before_sending(toy: "Toy") -> None:
    """One that is cancelled before its turn was not sent."""
    toy.calls.pacer = Pacer(in_flight=1, clock=toy.clock)
    await toy.calls.pacer.acquire()
    call = asyncio.create_task(create(toy))
    await asyncio.sleep(0)
    call.cancel()
    with pytest.raises(asyncio.CancelledError):
        await call

    assert [()] == [record.attempts for record in toy.records]


async def test_cancelled_while_looking(toy: "Toy") -> None:
    """One that is cancelled while it is settled stays on record as unknown."""

    async def cancel() -> Any:  # noqa: ANN401 -- ends otherwise
        raise asyncio.CancelledError

    toy.gives(lost(), cancel)

    with pytest.raises(asyncio.CancelledError):
        await create(toy)

    assert (["unknown"], False) == (kinds(toy.records[-1]), toy.records[-1].settled)


async def test_closed(toy: "Toy") -> None:
    """A call on a closed client was not sent."""
    toy.gives(errors.ClosedError("closed"))

    with pytest.raises(errors.ClosedError):
        await create(toy)


async def test_closed_between_attempts(toy: "Toy") -> None:
    """A call that was sent before the client was closed is not said never to have been."""
    toy.gives(lost(), errors.ClosedError("closed"))

    with pytest.raises(
        errors.NoReply, match="connection lost after sending; the client was closed meanwhile"
    ):
        await delete(toy)


async def test_closed_before_looking(toy: "Toy") -> None:
    """When the client is closed before a lost create could be looked for, it stays unknown."""
    toy.gives(lost(), errors.ClosedError("closed"))

    with pytest.raises(errors.OutcomeUnknown, match="the client was closed before it could be looked for"):
        await create(toy)


async def test_settling_on_a_closed_client(toy: "Toy") -> None:
    """Asked to settle, a closed client says that it is closed."""
    toy.gives(errors.ClosedError("closed"))
    sent = toy.calls.describe(toy.create, (), toy.thing(name="it"), at=1_000_000.0)

    with pytest.raises(errors.ClosedError):
        await toy.calls.settle(sent, headers=toy.headers)


# Settling from outside


@pytest.mark.parametrize(
    ("names", "expected"),
    [
        (b"[]", NotThere()),
        (b'[{"name":"old"}]', Existed("an old one is there")),
        (b'[{"name":"two"}]', Unclear("two are there")),
        (b'[{"name":"half"}]', Unclear("one half is there", may_change=True)),
    ],
)
async def test_verdicts(toy: "Toy", names: bytes, expected: object) -> None:
    """The verdict of the rule is given as it is."""
    toy.gives(toy.reply(200, names))
    sent = toy.calls.describe(toy.create, (), toy.thing(name="it"), at=0.0)

    assert expected == await toy.calls.settle(sent, headers=toy.headers)


async def test_settling_another_services_call(toy: "Toy") -> None:
    """What no rule is for cannot be settled, and nothing is sent."""
    sent = Sent(operation="other.create", first_sent_at=0.0, last_sent_at=0.0)

    verdict = await toy.calls.settle(sent, headers=toy.headers)

    assert Unclear("the service documents no way to look for it") == verdict
    assert [] == toy.sent


# Secrets


@pytest.mark.parametrize("case", ["answered", "lost", "not understood", "unknown"])
async def test_no_token_in_errors(toy: "Toy", case: str, caplog: pytest.LogCaptureFixture) -> None:
    """Nothing that is raised, recorded or logged has the token, in any form."""
    caplog.set_level("DEBUG", logger="aiotables")
    if case == "answered":
        toy.gives(toy.reply(400))
    elif case == "lost":
        toy.gives(refused(), refused(), refused())
    elif case == "unknown":
        toy.gives(lost(), toy.reply(401))
    else:
        toy.gives(toy.reply(200, b"[]"))

    with pytest.raises(errors.CallError) as caught:
        await create(toy)

    error: BaseException | None = caught.value
    while error is not None:
        shown = f"{error} {error!r} {vars(error)!r}".encode() + pickle.dumps(error)
        assert toy.token.encode() not in shown
        error = error.__cause__ or error.__context__
    assert toy.token not in caplog.text
    assert toy.token not in repr(toy.records)
    assert toy.token not in repr(Call(toy.create, toy.headers, (), {}, 1))


async def test_nobody_listens(toy: "Toy") -> None:
    """A call that nobody wants to hear of has its record all the same, in its reply or its error."""
    toy.calls.observers = ()
    toy.gives(toy.reply(200, IT), toy.reply(404))

    reply = await get(toy)
    with pytest.raises(errors.NotFound) as caught:
        await get(toy)

    assert [] == toy.records
    assert (["answered"], ["answered"]) == (kinds(reply.record), kinds(caught.value.record))


async def test_runs_are_on_record(toy: "Toy") -> None:
    """The run that the service filed the call under is the last that it named."""
    toy.gives(toy.reply(500, headers={"X-Run": "one"}), lost(), toy.reply(404, headers={"X-Run": "two"}))
    with pytest.raises(errors.NotFound) as caught:
        await get(toy)
    assert "two" == caught.value.record.operation_run

    toy.gives(toy.reply(500, headers={"X-Run": "one"}), toy.reply(200, IT))
    reply = await get(toy)
    assert "one" == reply.record.operation_run


def test_policies_are_values() -> None:
    """Policies can be changed by copying."""
    assert RetryPolicy(attempts=5) == evolve(RetryPolicy(), attempts=5)
