"""What both clients are made of, by a client of the toy service and a server on this machine."""

import asyncio
import copy
import pickle
import random
from collections.abc import Callable
from typing import TYPE_CHECKING, Any, Unpack, cast

import aiohttp
import orjson
import pytest

from aiotables._version import __version__
from aiotables.core.client import ApiClient, Resource
from aiotables.core.clock import SystemClock
from aiotables.core.convert import Converter
from aiotables.core.errors import (
    ClosedError,
    NoReply,
    NotFound,
    NotSent,
    OutcomeUnknown,
    RateLimited,
    RequestError,
    ServiceError,
    SettingsError,
)
from aiotables.core.operations import Effect
from aiotables.core.options import Options
from aiotables.core.pacing import Pacer
from aiotables.core.paging import Listing, Page
from aiotables.core.polling import WaitPolicy, wait_for
from aiotables.core.record import CallRecord
from aiotables.core.retries import NO_RETRIES
from aiotables.core.settle import Found, NotThere, SettlePolicy
from aiotables.core.transport import Timeouts


if TYPE_CHECKING:
    from tests.core.conftest import FakeClock, Server, Toy

TOKEN = "pat_never-shown"
IT = b'{"name":"it"}'


class ToyClient(ApiClient):
    """A client of the toy service."""

    _service = "toy"
    _token_variable = "TOY_TOKEN"
    _base_url_variable = "TOY_URL"
    default_base_url = "https://toy.example"

    def __init__(self, toy: "Toy", *, token: str | None = TOKEN, **options: Unpack[Options]) -> None:
        options.setdefault("environ", {})
        super().__init__(
            token=token, dialect=toy.calls.dialect, rules=toy.calls.rules, converter=Converter(), **options
        )


def client(toy: "Toy", server: "Server", **options: Unpack[Options]) -> ToyClient:
    """A client of the server, on the clock of the test."""
    options.setdefault("clock", toy.clock)
    options["base_url"] = str(server.url / "api")
    return ToyClient(toy, **options)


async def create(toy: "Toy", toys: ToyClient, *, settle: bool = True) -> Any:  # noqa: ANN401 -- the thing
    """Create the thing `it`."""
    return (await toys.send(toy.create, body=toy.thing(name="it"), settle=settle)).value


# Settings


def test_settings_from_the_environment(toy: "Toy", server: "Server") -> None:
    """Token and base URL may come from the environment; an argument comes first."""
    environ = {"TOY_TOKEN": "other", "TOY_URL": "https://other.example"}

    toys = ToyClient(toy, token=None, environ=environ)

    assert "ToyClient(base_url='https://other.example')" == repr(toys)
    assert "Bearer other" == toys._headers["Authorization"]
    assert str(server.url) in repr(ToyClient(toy, environ=environ, base_url=str(server.url)))


def test_settings_from_the_process(toy: "Toy", monkeypatch: pytest.MonkeyPatch) -> None:
    """Without another environment that of the process is read."""
    monkeypatch.setenv("ZANGTABLE_API_TOKEN", "pat_of-the-process")

    from aiotables.zangtable import ZangTable

    assert "Bearer pat_of-the-process" == ZangTable(project="acme")._headers["Authorization"]


def test_no_token(toy: "Toy") -> None:
    """Without a token there is no client."""
    with pytest.raises(SettingsError, match="set TOY_TOKEN"):
        ToyClient(toy, token=None)


def test_settings_that_are_none(toy: "Toy") -> None:
    """A slip in a name is told, and so is a number where a policy goes; what was given is not shown."""
    wrong: Any = {"timeout": TOKEN}
    with pytest.raises(SettingsError, match=r"^there is no setting timeout \(did you mean timeouts\?\)$"):
        ToyClient(toy, **wrong)
    wrong = {"retries": 5}
    with pytest.raises(SettingsError, match=r"^retries takes a RetryPolicy, not int$"):
        ToyClient(toy, **wrong)


def test_plain_http(toy: "Toy") -> None:
    """Plain http to another machine has to be allowed."""
    with pytest.raises(SettingsError, match="unencrypted"):
        ToyClient(toy, base_url="http://toy.example")

    assert "http://toy.example" in repr(ToyClient(toy, base_url="http://toy.example", allow_http=True))


@pytest.mark.parametrize("again", [pickle.dumps, copy.copy, copy.deepcopy])
def test_a_client_is_not_pickled(toy: "Toy", again: Callable[[object], object]) -> None:
    """The token goes to no other process by accident, and what to do is said."""
    with pytest.raises(TypeError, match="not pickled or copied; make one where it is needed"):
        again(ToyClient(toy))


def test_text_shows_no_token(toy: "Toy") -> None:
    """A client can be printed."""
    assert TOKEN not in f"{ToyClient(toy)!r} {ToyClient(toy)}"


@pytest.mark.parametrize(
    ("grace", "answer", "expected"),
    [(60.0, 60.0, 90.0), (60.0, 40.0, 60.0), (200.0, 60.0, 200.0), (1.0, 2.0, 3.0)],
)
def test_grace_is_longer_than_the_timeout(toy: "Toy", grace: float, answer: float, expected: float) -> None:
    """After a reply that timed out there is time left to look."""
    toys = ToyClient(toy, settling=SettlePolicy(grace=grace), timeouts=Timeouts(answer=answer))

    assert expected == toys._calls.settle_policy.grace


def test_clock(toy: "Toy", clock: "FakeClock") -> None:
    """The clock may be given, and is the pacer's, too; else it is the machine's."""
    assert clock is ToyClient(toy, clock=clock).clock
    assert clock is ToyClient(toy, clock=clock)._calls.pacer._clock
    assert isinstance(ToyClient(toy).clock, SystemClock)


def test_what_it_goes_by(toy: "Toy") -> None:
    """The pacer and the policy of settling can be looked at."""
    pacer, settling = Pacer(rate=3), SettlePolicy(grace=500)

    assert pacer is ToyClient(toy, pacer=pacer).pacer
    assert settling == ToyClient(toy, settling=settling).settling


# Calls


async def test_send(toy: "Toy", server: "Server") -> None:
    """A call goes out with all that the service needs, and its reply comes with all that is known."""
    server.plays(server.answer(IT, status=201, headers={"X-Request-Id": "r1"}))

    async with client(toy, server) as toys:
        reply = await toys.send(toy.create, body=toy.thing(name="it"))

    assert (toy.thing(name="it"), 201, "r1", 1) == (
        reply.value,
        reply.status,
        reply.request_id,
        len(reply.attempts),
    )
    (heard,) = server.heard
    assert ("POST", "/api/things", IT) == (heard.method, heard.target, heard.body)
    assert (f"Bearer {TOKEN}", "application/json", "application/json", f"aiotables/{__version__}") == (
        heard.headers["Authorization"],
        heard.headers["Accept"],
        heard.headers["Content-Type"],
        heard.headers["User-Agent"],
    )


async def test_path_and_query(toy: "Toy", server: "Server") -> None:
    """Values of paths and queries arrive as they were meant."""
    server.plays(server.answer(IT))

    async with client(toy, server) as toys:
        await toys.send(toy.read, path={"name": "a/b ä"}, query={"deep": True, "no": None})

    assert "/api/things/a%2Fb%20%C3%A4?deep=true" == server.heard[0].target


async def test_resources(toy: "Toy", server: "Server") -> None:
    """A method of a resource gives the value alone."""
    server.plays(server.answer(IT), server.answer(IT))

    async with client(toy, server) as toys:
        things = Resource(toys)

        assert toy.thing(name="it") == await things._call(toy.create, body=toy.thing(name="it"))
        assert toy.thing(name="it") == await things._call(toy.read, path={"name": 7}, query={"a": 1})

    assert ["/api/things", "/api/things/7?a=1"] == [heard.target for heard in server.heard]


async def test_wrong_arguments(toy: "Toy", server: "Server") -> None:
    """What cannot be sent is not."""
    async with client(toy, server) as toys:
        with pytest.raises(RequestError):
            await toys.send(toy.read, path={"name": ".."})

    assert [] == server.heard


async def test_lost_reply_makes_one_thing(toy: "Toy", server: "Server") -> None:
    """A reply that is lost after the effect is settled by looking: one create is sent."""
    server.plays(server.hang_up(), server.answer(b"[]"), server.answer(b'[{"name":"it"}]'))

    async with client(toy, server) as toys:
        assert toy.thing(name="it") == await create(toy, toys)

    assert ["POST", "GET", "GET"] == [heard.method for heard in server.heard]


async def test_nobody_there(toy: "Toy", server: "Server", closed_port: int) -> None:
    """A service that cannot be reached is tried again, and in the end nothing was sent."""
    async with ToyClient(toy, base_url=f"http://127.0.0.1:{closed_port}", clock=toy.clock) as toys:
        with pytest.raises(NotSent, match="3 attempts"):
            await create(toy, toys)


async def test_unknown_and_settled_later(toy: "Toy", server: "Server") -> None:
    """What could not be settled can be settled later, by another client, too."""
    server.plays(server.hang_up(), server.answer(b'[{"name":"two"}]'), server.answer(b'[{"name":"it"}]'))
    async with client(toy, server) as toys:
        with pytest.raises(OutcomeUnknown) as caught:
            await create(toy, toys)
    kept: OutcomeUnknown = pickle.loads(pickle.dumps(caught.value))  # noqa: S301 -- made above

    async with client(toy, server) as toys:
        assert Found(toy.thing(name="it"), "by its name") == await toys.settle(kept.sent)


async def test_described_and_settled_later(toy: "Toy", server: "Server") -> None:
    """So can what a journal describes before it is sent."""
    server.plays(server.answer(b"[]"))

    async with client(toy, server) as toys:
        sent = toys.describe(toy.create, body=toy.thing(name="it"), path={"shelf": 7}, at=5.0)

        assert ({"shelf": "7"}, {"name": "it"}, 5.0) == (sent.path, sent.body, sent.first_sent_at)
        assert NotThere() == await toys.settle(sent)


async def test_settling_can_be_left(toy: "Toy", server: "Server") -> None:
    """A caller with a journal settles by itself."""
    server.plays(server.hang_up())

    async with client(toy, server) as toys:
        with pytest.raises(OutcomeUnknown):
            await create(toy, toys, settle=False)

    assert 1 == len(server.heard)


async def test_raw_calls_and_downloads_take_retries(toy: "Toy", server: "Server") -> None:
    """One raw call or download can be sent once by a client that would send it again."""
    server.plays(server.hang_up(), server.hang_up())

    async with client(toy, server) as toys:
        with pytest.raises(NoReply) as raw:
            await toys.send_raw("GET", "/x", retries=NO_RETRIES)
        with pytest.raises(NoReply) as streamed:
            await toys.stream(toy.download, path={"name": "it"}, retries=NO_RETRIES)

    assert [1, 1] == [len(each.value.attempts) for each in (raw, streamed)]


async def test_delete_that_was_resent(toy: "Toy", server: "Server") -> None:
    """A delete whose reply is lost, and which is sent again by aiohttp, is done when nothing is left."""
    server.plays(server.answer(IT), server.hang_up(), server.answer(status=404))

    async with client(toy, server) as toys:
        await toys.send(toy.read, path={"name": "it"})
        reply = await toys.send(toy.delete, path={"name": "it"})

    assert reply.gone
    assert (None, 1) == (cast("object", reply.value), len(reply.attempts))


async def test_redirects_get_no_token(toy: "Toy", server: "Server") -> None:
    """A redirect is an error, and is not followed."""
    server.plays(server.answer(status=302, headers={"Location": f"http://localhost:{server.port}/"}))

    async with client(toy, server) as toys:
        with pytest.raises(ServiceError, match="answered 302"):
            await toys.send(toy.read, path={"name": "it"})

    assert 1 == len(server.heard)


# Options


async def test_observers(toy: "Toy", server: "Server") -> None:
    """Observers are told of every call, and of the looks of one that is settled."""
    records: list[CallRecord] = []
    server.plays(server.hang_up(), server.answer(b'[{"name":"it"}]'))

    async with client(toy, server, observers=[records.append]) as toys:
        await create(toy, toys)

    assert ["toy.list_things", "toy.create_thing"] == [record.operation for record in records]


async def test_retries_can_be_switched_off(toy: "Toy", server: "Server") -> None:
    """Without retries a refusal is raised at once."""
    server.plays(server.answer(status=429, headers={"Retry-After": "1"}))

    async with client(toy, server, retries=NO_RETRIES) as toys:
        with pytest.raises(RateLimited) as caught:
            await create(toy, toys)

    assert 1.0 == caught.value.retry_after


def test_jitter(toy: "Toy") -> None:
    """The source of the pauses' random part may be given; else each client has its own."""
    source = random.Random(7)  # noqa: S311 - repeatable

    assert source is ToyClient(toy, jitter=source)._calls.jitter
    assert ToyClient(toy)._calls.jitter is not ToyClient(toy)._calls.jitter


async def test_pacers_can_be_shared(toy: "Toy", server: "Server", clock: "FakeClock") -> None:
    """Clients of the same pacer wait for each other."""
    pacer = Pacer(rate=1, clock=clock)
    server.plays(server.answer(IT), server.answer(IT))

    async with client(toy, server, pacer=pacer) as one, client(toy, server, pacer=pacer) as other:
        await create(toy, one)
        await create(toy, other)

    assert [1.0] == clock.slept


async def test_retries_of_one_call(toy: "Toy", server: "Server") -> None:
    """A call may have its own retries, in place of the client's, and the next has the client's again."""
    busy = server.answer(b'{"error":"busy"}', status=429)
    server.plays(busy, busy, server.answer(IT))

    async with client(toy, server) as toys:
        with pytest.raises(RateLimited, match="no attempts are left"):
            await toys.send(toy.create, body=toy.thing(name="it"), retries=NO_RETRIES)
        reply = await toys.send(toy.create, body=toy.thing(name="it"))

    assert 2 == len(reply.attempts)


async def test_tokens_share_their_pace(toy: "Toy", server: "Server") -> None:
    """Clients with the same token share what one of them has learnt; those with another do not."""
    server.plays(
        server.answer(b'{"error":"busy"}', status=429, headers={"Retry-After": "5"}), server.answer(IT)
    )

    third = ToyClient(toy, token="t", base_url=str(server.url), clock=toy.clock)
    async with client(toy, server) as one, client(toy, server) as other, third:
        with pytest.raises(RateLimited):
            await one.send(toy.create, body=toy.thing(name="it"), retries=NO_RETRIES)
        await create(toy, other)

        assert [16, 8, 8] == sorted((each._calls.pacer.limit for each in (one, other, third)), reverse=True)
    assert [5.0] == toy.clock.slept


class Shared:
    """A limit of several processes, which may refuse."""

    def __init__(self, *, works: bool = True) -> None:
        self.works = works
        self.asked: list[object] = []

    async def acquire(self) -> None:
        """One more request."""
        self.asked.append("one")
        if not self.works:
            raise ConnectionAbortedError

    async def pause(self, seconds: float) -> None:
        """No more requests."""
        self.asked.append(seconds)


async def test_limiters(toy: "Toy", server: "Server") -> None:
    """A limiter is asked before each sending, looks included, and told of pauses."""
    busy = server.answer(b'{"error":"busy"}', status=429, headers={"Retry-After": "7"})
    for_long = server.answer(b'{"error":"busy"}', status=429, headers={"Retry-After": "7000"})
    at_any_time = server.answer(b'{"error":"busy"}', status=429)
    server.plays(busy, at_any_time, server.hang_up(), server.answer(b'[{"name":"it"}]'), for_long)
    shared = Shared()

    async with client(toy, server, limiter=shared) as toys:
        await create(toy, toys)
        with pytest.raises(RateLimited, match="7000"):
            await create(toy, toys)

    assert ["one", 7.0, "one", "one", "one", "one", 120.0] == shared.asked


async def test_limiters_that_fail(toy: "Toy", server: "Server") -> None:
    """What a limiter raises reaches the caller, nothing is sent, and no place is kept."""
    async with client(toy, server, limiter=Shared(works=False)) as toys:
        with pytest.raises(ConnectionAbortedError):
            await create(toy, toys)

        assert 0 == toys._calls.pacer.in_flight
    assert 0 == server.connections


async def test_listings_keep_the_pace(toy: "Toy", server: "Server", clock: "FakeClock") -> None:
    """Each page of a listing is a call like others: it waits for its slot."""
    server.plays(*[server.answer(b'[{"name":"it"}]')] * 2, server.answer(b"[]"))

    async with client(toy, server, pacer=Pacer(rate=1, clock=clock)) as toys:

        async def fetch(offset: int, limit: int) -> Page[Any]:
            things = (await toys.send(toy.things, query={"offset": offset})).value
            return Page(items=things, offset=offset, limit=limit)

        things = [thing async for thing in Listing(fetch, page_size=1)]

    assert 2 == len(things)
    assert [1.0, 1.0] == clock.slept


async def test_waits_keep_the_pace(toy: "Toy", server: "Server", clock: "FakeClock") -> None:
    """Each look of a wait is a call like others: a pause that the service asks for holds it back."""
    busy = server.answer(b'{"error":"busy"}', status=429, headers={"Retry-After": "50"})
    server.plays(server.answer(b"[]"), busy, server.answer(b'[{"name":"it"}]'))
    seen_at = []

    async with client(toy, server) as toys:

        async def look() -> list[Any]:
            things = (await toys.send(toy.things)).value
            seen_at.append(clock.monotonic())
            return things

        await wait_for(look, done=bool, what="things", policy=WaitPolicy(deadline=None), clock=clock)

    assert 2 == len(seen_at)
    assert seen_at[1] - seen_at[0] >= 50


async def test_timeouts(toy: "Toy", server: "Server") -> None:
    """An answer that does not come in time is a lost reply."""
    server.plays(server.say(b"", then_wait=True), server.answer(b'[{"name":"it"}]'))

    async with client(toy, server, timeouts=Timeouts(answer=0.1)) as toys:
        reply = await toys.send(toy.create, body=toy.thing(name="it"))

    assert "no answer within 0.1 s" == reply.attempts[0].reason


async def test_given_session(toy: "Toy", server: "Server") -> None:
    """A session of the caller's is used, and left open."""
    server.plays(server.answer(IT))

    async with aiohttp.ClientSession() as session:
        async with client(toy, server, session=session) as toys:
            await create(toy, toys)
        assert not session.closed


# Closing


async def test_closed(toy: "Toy", server: "Server") -> None:
    """After the block nothing is sent."""
    async with client(toy, server) as toys:
        pass

    with pytest.raises(ClosedError):
        await create(toy, toys)
    with pytest.raises(ClosedError):
        await toys.settle(toys.describe(toy.create, body=toy.thing(name="it"), at=0.0))
    assert 0 == server.connections


async def test_nothing_is_opened_before_the_first_call(toy: "Toy", server: "Server") -> None:
    """A client that makes no call opens no connection."""
    async with client(toy, server):
        await asyncio.sleep(0)

    assert 0 == server.connections


async def test_many_at_once(toy: "Toy", server: "Server") -> None:
    """Calls side by side get their own answers."""
    server.plays(*[server.answer(orjson.dumps({"name": str(number)})) for number in range(50)])

    async with client(toy, server) as toys, asyncio.TaskGroup() as group:
        tasks = [group.create_task(create(toy, toys)) for _ in range(50)]
        await asyncio.wait(tasks)

    assert {str(number) for number in range(50)} == {task.result().name for task in tasks}
    assert server.connections <= 16


# Paths that no operation is for


async def test_raw_calls(toy: "Toy", server: "Server") -> None:
    """A path that the docs do not name can be called, with token, retries and errors."""
    server.plays(server.hang_up(), server.answer(b'{"a":[1]}'), server.answer(status=404))

    async with client(toy, server) as toys:
        reply = await toys.send_raw("get", "/new%20things", query={"a": 1})
        with pytest.raises(NotFound, match=r"^toy\.raw: "):
            await toys.send_raw("PUT", "/x", body={"b": 2}, effect=Effect.REPLACE)

    assert ({"a": [1]}, "toy.raw") == (reply.value, reply.record.operation)
    assert [
        ("GET", "/api/new%20things?a=1", b""),
        ("GET", "/api/new%20things?a=1", b""),
        ("PUT", "/api/x", b'{"b":2}'),
    ] == [(heard.method, heard.target, heard.body) for heard in server.heard]


async def test_raw_calls_are_taken_to_create(toy: "Toy", server: "Server") -> None:
    """A call of which nothing is known is not sent again after a lost reply."""
    server.plays(server.hang_up())

    async with client(toy, server) as toys:
        with pytest.raises(OutcomeUnknown, match="no way to look for it"):
            await toys.send_raw("POST", "/x", body={"b": 2})

    assert 1 == len(server.heard)


@pytest.mark.parametrize(
    "path",
    [
        "",
        "things",
        "https://other.example/",
        "//other.example/x",
        "/a/../b",
        "/a?b=1",
        "/a#b",
        "/a b",
        "/ä",
        "/a\n",
    ],
)
async def test_raw_calls_of_wrong_paths(toy: "Toy", server: "Server", path: str) -> None:
    """What is no path from the root is refused before anything is sent."""
    async with client(toy, server) as toys:
        with pytest.raises(RequestError, match="no path"):
            await toys.send_raw("GET", path)

    assert 0 == server.connections


async def test_raw_calls_carry_the_token(toy: "Toy", server: "Server") -> None:
    """They go out with the headers that every call has, and with a content type only where there is content."""
    server.plays(server.answer(), server.answer())

    async with client(toy, server) as toys:
        await toys.send_raw("GET", "/x")
        await toys.send_raw("POST", "/x", body=[])

    assert [f"Bearer {TOKEN}"] * 2 == [heard.headers["Authorization"] for heard in server.heard]
    assert [None, "application/json"] == [heard.headers.get("Content-Type") for heard in server.heard]


# Downloads


async def test_streams(toy: "Toy", server: "Server") -> None:
    """A download comes as a stream of its bytes, which nothing has read yet."""
    server.plays(server.answer(b"a,b\n1,2\n", headers={"Content-Type": "text/csv"}))

    async with (
        client(toy, server) as toys,
        await toys.stream(toy.download, path={"name": "it"}, query={"a": 1}) as stream,
    ):
        chunks = [chunk async for chunk in stream]

    assert b"a,b\n1,2\n" == b"".join(chunks)
    assert "/api/things/it/file?a=1" == server.heard[0].target
    assert "*/*" == server.heard[0].headers["Accept"]


async def test_streams_that_are_refused(toy: "Toy", server: "Server") -> None:
    """A download that is refused raises as any call does."""
    server.plays(server.answer(b'{"error":"gone"}', status=404))

    async with client(toy, server) as toys:
        with pytest.raises(NotFound, match="gone"):
            await toys.stream(toy.download, path={"name": "it"})


async def test_bytes_without_a_stream(toy: "Toy", server: "Server") -> None:
    """What is bytes can also be had whole."""
    server.plays(server.answer(b"\x00\x01"))

    async with client(toy, server) as toys:
        assert b"\x00\x01" == (await toys.send(toy.download, path={"name": "it"})).value
