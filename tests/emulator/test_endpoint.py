"""Faults on the wire: what the caller sees, and what was done."""

import asyncio
import errno
from collections.abc import Callable, Coroutine
from typing import Any, TypeAlias

import aiohttp
import pytest

from aiotables.emulator import Call, Emulator, Fault, ManualClock
from aiotables.emulator.endpoint import NOISE


Ask: TypeAlias = Callable[..., Coroutine[Any, Any, Any]]
Connect: TypeAlias = Callable[[Emulator, str | None], Ask]

CREATE = "zangtable.create_table"
TABLE = "/projects/acme/table"
BODY = {"table_name": "contacts"}


async def until(condition: Callable[[], object]) -> None:
    """Let the event loop go on until something holds."""
    async with asyncio.timeout(10):
        while not condition():  # noqa: ASYNC110 - the emulator tells nobody of its progress
            await asyncio.sleep(0.001)


def fired(emulator: Emulator) -> list[int]:
    """How often each rule has fired."""
    return [rule.fired for rule in emulator._rules._rules]


@pytest.mark.parametrize(("when", "tables"), [("before", 0), ("after", 1)])
async def test_a_dropped_call_has_no_reply(zang: Ask, emulator: Emulator, when: Any, tables: int) -> None:  # noqa: ANN401
    """The connection ends without a byte; the table is there only if the reply was lost after the effect."""
    emulator.fault(CREATE, when=when, what="drop")

    with pytest.raises(aiohttp.ServerDisconnectedError):
        await zang("POST", TABLE, BODY)

    assert tables == emulator.count_tables("acme")


@pytest.mark.parametrize(("when", "tables"), [("before", 0), ("after", 1)])
async def test_a_status_in_the_services_form(zang: Ask, emulator: Emulator, when: Any, tables: int) -> None:  # noqa: ANN401
    """The error comes in an envelope, whether or not the effect happened."""
    emulator.fault(CREATE, when=when, what="status", status=502, retry_after=1.5)

    answer = await zang("POST", TABLE, BODY)

    assert (502, "bad_gateway") == (answer.status, answer.json["error"]["code"])
    assert "1.5" == answer.headers["Retry-After"]
    assert tables == emulator.count_tables("acme")


async def test_a_status_of_extruct(extruct: Ask, emulator: Emulator) -> None:
    """Extruct's errors are its own, too."""
    emulator.fault("extruct.*", when="before", what="status", status=402)

    answer = await extruct("GET", "/v1/user")

    assert (402, {"detail": {"error": "insufficient_credits"}}) == (answer.status, answer.json)


@pytest.mark.parametrize(("when", "status", "tables"), [("before", 500, 0), ("after", 201, 1)])
async def test_a_reply_that_is_cut(
    zang: Ask,
    emulator: Emulator,
    when: Any,  # noqa: ANN401 - a Literal
    status: int,
    tables: int,
) -> None:
    """The head and a part of the body come, of the reply or of an error, and then the connection ends."""
    emulator.fault(CREATE, when=when, what="cut")

    with pytest.raises(aiohttp.ClientPayloadError):
        await zang("POST", TABLE, BODY)

    assert status == emulator.calls[0].status
    assert tables == emulator.count_tables("acme")


@pytest.mark.parametrize(("when", "status", "tables"), [("before", 503, 0), ("after", 201, 1)])
async def test_a_reply_that_is_garbled(
    emulator: Emulator,
    when: Any,  # noqa: ANN401 - a Literal
    status: int,
    tables: int,
) -> None:
    """The reply comes with its status, and its body is no text."""
    emulator.fault(CREATE, when=when, what="garble", status=503)

    headers = {"Authorization": "Bearer pat_emulator"}
    async with (
        aiohttp.ClientSession(headers=headers) as session,
        session.post(emulator.url + TABLE, json=BODY) as response,
    ):
        body = await response.read()

    assert (status, NOISE) == (response.status, body)
    assert tables == emulator.count_tables("acme")


async def test_replies_are_dated(zang: Ask, emulator: Emulator, clock: ManualClock) -> None:
    """The date of a reply is that of the emulator's clock, so that who looks at both agrees with what was made when."""
    clock.advance(60)

    answer = await zang("POST", TABLE, BODY)

    assert "Tue, 02 Jun 2026 01:24:45 GMT" == answer.headers["Date"]


@pytest.mark.parametrize(("retry_after", "header"), [(None, None), (2, "2"), (0.25, "0.25")])
async def test_a_throttled_call_did_nothing(
    zang: Ask, emulator: Emulator, retry_after: float | None, header: str | None
) -> None:
    """429 with the header that was asked for, and no effect."""
    emulator.fault(CREATE, when="before", what="throttle", retry_after=retry_after)

    answer = await zang("POST", TABLE, BODY)

    assert (429, "rate_limited") == (answer.status, answer.json["error"]["code"])
    assert header == answer.headers.get("Retry-After")
    assert 0 == emulator.count_tables("acme")


@pytest.mark.parametrize(("when", "tables"), [("before", 0), ("after", 1)])
async def test_a_stalled_call_waits_for_ever(zang: Ask, emulator: Emulator, when: Any, tables: int) -> None:  # noqa: ANN401
    """No reply comes; once the client has left, the call is over."""
    emulator.fault(CREATE, when=when, what="stall")
    call = asyncio.create_task(zang("POST", TABLE, BODY))
    await until(lambda: fired(emulator) == [1])

    done, _ = await asyncio.wait([call], timeout=0.05)
    call.cancel()
    await asyncio.gather(call, return_exceptions=True)
    await until(lambda: emulator.calls)

    assert not done
    assert (None if when == "before" else 201) == emulator.calls[0].status
    assert tables == emulator.count_tables("acme")


async def test_closing_does_not_wait_for_stalled_calls(connect: Connect, clock: ManualClock) -> None:
    """Calls that are held back, for ever or by a clock that stands still, end with the emulator, without effect."""
    faults = [Fault.parse(f"{CREATE}:before:stall:nth=1"), Fault.parse("zangtable.*:before:stall:stall=60")]
    async with Emulator(clock=clock, faults=faults) as emulator:
        zang = connect(emulator, "pat_emulator")
        calls = [asyncio.create_task(zang("POST", TABLE, {"table_name": name})) for name in "ab"]
        await until(lambda: fired(emulator) == [1, 1])
    ends = await asyncio.gather(*calls, return_exceptions=True)

    assert [aiohttp.ServerDisconnectedError] * 2 == [type(end) for end in ends]
    assert [None, None] == [call.status for call in emulator.calls]


async def test_a_slow_call_goes_on(zang: Ask, emulator: Emulator, clock: ManualClock) -> None:
    """A stall that ends is followed by the effect and the reply."""
    emulator.fault(CREATE, when="before", what="stall", stall_seconds=30)
    call = asyncio.create_task(zang("POST", TABLE, BODY))
    await until(lambda: clock._sleepers)
    assert 0 == emulator.count_tables("acme")

    clock.advance(30)

    assert 201 == (await call).status
    assert 1 == emulator.count_tables("acme")


async def test_a_slow_call_goes_on_without_its_client(
    zang: Ask, emulator: Emulator, clock: ManualClock
) -> None:
    """The effect comes late: after the client gave up and saw nothing there."""
    emulator.fault(CREATE, when="before", what="stall", stall_seconds=30)
    call = asyncio.create_task(zang("POST", TABLE, BODY))
    await until(lambda: clock._sleepers)
    call.cancel()
    await asyncio.gather(call, return_exceptions=True)
    assert 404 == (await zang("GET", f"{TABLE}/contacts")).status

    clock.advance(30)
    await until(lambda: len(emulator.calls) == 2)

    assert 1 == emulator.count_tables("acme")


async def test_a_slow_reply(zang: Ask, emulator: Emulator, clock: ManualClock) -> None:
    """A stall after the effect holds the reply alone."""
    emulator.fault(CREATE, when="after", what="stall", stall_seconds=30)
    call = asyncio.create_task(zang("POST", TABLE, BODY))
    await until(lambda: clock._sleepers)
    assert 1 == emulator.count_tables("acme")

    clock.advance(30)

    assert 201 == (await call).status


@pytest.mark.parametrize(("when", "tables"), [("before", 0), ("after", 1)])
async def test_a_connection_that_is_reset(
    zang: Ask,
    emulator: Emulator,
    when: Any,  # noqa: ANN401 - a Literal
    tables: int,
) -> None:
    """The client's system hears a TCP reset, not an orderly end."""
    emulator.fault(CREATE, when=when, what="reset")

    with pytest.raises(aiohttp.ClientOSError) as caught:
        await zang("POST", TABLE, BODY)

    assert errno.ECONNRESET == caught.value.errno
    assert tables == emulator.count_tables("acme")


async def test_delays_around_the_effect(zang: Ask, emulator: Emulator, clock: ManualClock) -> None:
    """A delay before holds the effect back, one after it the reply; then the other fault is suffered."""
    emulator.fault(CREATE, when="before", what="delay", delay=5)
    emulator.fault(CREATE, when="after", what="delay", delay=7)
    emulator.fault(CREATE, when="after", what="status", status=502)
    call = asyncio.create_task(zang("POST", TABLE, BODY))
    await until(lambda: clock._sleepers)
    before = emulator.count_tables("acme")

    clock.advance(5)
    await until(lambda: emulator.count_tables("acme"))
    done = call.done()
    clock.advance(7)

    assert (0, False, 502) == (before, done, (await call).status)
    assert [(f"{CREATE}:after:status", 12.0)] == [(call.fault, call.delayed) for call in emulator.calls]


async def test_a_quota(zang: Ask, connect: Connect, emulator: Emulator, clock: ManualClock) -> None:
    """Too many calls of a token in a window are refused with the rest of the window; other tokens are not."""
    emulator.fault("zangtable", when="before", what="quota", calls=2, window=60)
    answers = [await zang("GET", "/projects/acme/auth/me") for _ in range(3)]
    other = await connect(emulator, "other")("GET", "/projects/acme/auth/me")
    clock.advance(59.5)
    late = await zang("GET", "/projects/acme/auth/me")
    clock.advance(1)
    again = await zang("GET", "/projects/acme/auth/me")

    assert [200, 200, 429] == [answer.status for answer in answers]
    assert ("60", "1") == (answers[-1].headers["Retry-After"], late.headers["Retry-After"])
    assert (401, 200) == (other.status, again.status)


@pytest.mark.parametrize(
    ("body", "kind"),
    [
        ('{"a": 1}', "application/json"),
        ("<html>", "text/html; charset=utf-8"),
        ("upstream", "text/plain; charset=utf-8"),
    ],
)
async def test_the_body_of_an_error(emulator: Emulator, body: str, kind: str) -> None:
    """An error may have any body, as one of a proxy in between has; its type is what it looks like."""
    emulator.fault("extruct.get_user", when="before", what="status", status=502, retry_after=3, body=body)

    async with aiohttp.ClientSession() as session, session.get(f"{emulator.url}/v1/user") as response:
        assert (502, body) == (response.status, await response.text())
        assert (kind, "3") == (response.headers["Content-Type"], response.headers["Retry-After"])


async def test_every_call_is_recorded(zang: Ask, emulator: Emulator, clock: ManualClock) -> None:
    """Operation, status, ids and fault of each, in order; the last of a lost call is what was answered."""
    emulator.fault(CREATE, when="after", what="drop", nth=1)
    emulator.fault(CREATE, when="before", what="drop", nth=2)

    for _ in range(2):
        with pytest.raises(aiohttp.ServerDisconnectedError):
            await zang("POST", TABLE, BODY, X_Operation_Key="k", X_Operation_Run_Id="r")
    exists = await zang("POST", TABLE, BODY)
    lost, never, last = emulator.calls

    assert (f"{CREATE}:after:drop", 201) == (lost.fault, lost.status)
    assert lost.request_id is not None
    assert lost.request_id.startswith("req_")
    assert (None, f"{CREATE}:before:drop", "k", "r", "r") == (
        never.status,
        never.fault,
        never.operation_key,
        never.operation_run_id,
        never.sent_run_id,
    )
    assert (
        Call(
            number=3,
            at=clock.now(),
            seconds=0,
            operation=CREATE,
            method="POST",
            path=TABLE,
            status=409,
            request_id=exists.json["request_id"],
        )
        == last
    )


async def test_how_long_a_call_took(zang: Ask, emulator: Emulator, clock: ManualClock) -> None:
    """By the emulator's clock, from when it had come in to when its reply was ready."""
    emulator.fault(CREATE, when="before", what="stall", stall_seconds=30)
    came = clock.now()
    call = asyncio.create_task(zang("POST", TABLE, BODY))
    await until(lambda: clock._sleepers)

    clock.advance(30)
    await call

    assert (came, 30) == (emulator.calls[0].at, emulator.calls[0].seconds)


async def test_what_went_over_the_wire(zang: Ask, emulator: Emulator) -> None:
    """Query, headers and bodies of a call are kept, and what a garbled reply was is what was sent."""
    emulator.fault(CREATE, when="after", what="garble")
    with pytest.raises(ValueError, match="str is not valid UTF-8"):
        await zang("POST", f"{TABLE}?a=b", BODY)
    exchange = emulator.log.exchange(1)

    assert exchange is not None
    assert ("a=b", b'{"table_name":"contacts"}', 25) == (
        exchange.query,
        exchange.request_body,
        exchange.request_size,
    )
    assert "application/json" == exchange.request_headers["content-type"]
    assert (NOISE, 128, "application/json") == (
        exchange.reply_body,
        exchange.reply_size,
        exchange.reply_headers["Content-Type"],
    )


@pytest.mark.parametrize("seed", [0, 7])
async def test_the_same_seed_gives_the_same_faults(connect: Connect, seed: int) -> None:
    """Two emulators with one seed lose the same of the same calls."""

    async def lost() -> list[int]:
        async with Emulator(seed=seed, faults=[Fault.parse("*:before:throttle:p=0.5")]) as emulator:
            zang = connect(emulator, "pat_emulator")
            return [(await zang("GET", "/projects/acme/auth/me")).status for _ in range(20)]

    first = await lost()

    assert {200, 429} == set(first)
    assert first == await lost()
