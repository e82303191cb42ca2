"""Meaning out of replies."""

import copy
import pickle
from collections.abc import Callable
from typing import TYPE_CHECKING, Any, NamedTuple

import pytest
from attrs import evolve, frozen
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from multidict import CIMultiDict, CIMultiDictProxy

from aiotables.core.convert import Converter
from aiotables.core.errors import DecodeError, NotFound, RateLimited, ServerError
from aiotables.core.operations import Effect, Operation
from aiotables.core.record import Attempt, CallRecord
from aiotables.core.retries import Kind, Outcome
from aiotables.core.wire import RawReply, Reply, Unwrapped, decode_value, read_reply


if TYPE_CHECKING:
    from tests.core.conftest import Toy

NOW = 1_700_000_000.0


@frozen(kw_only=True)
class Thing:
    """Something to read."""

    name: str


GET: Operation[None, Thing] = Operation(
    name="toy.get_part", method="GET", path="/thing", effect=Effect.READ, result=Thing
)


class Reading(NamedTuple):
    """How an attempt ended, and what its reply says."""

    outcome: Outcome
    unwrapped: Unwrapped


def read(toy: "Toy", raw: RawReply, operation: Operation[Any, Any] | None = None) -> Reading:
    """What a reply of the toy service means."""
    return Reading(*read_reply(operation or toy.create, raw, toy.calls.dialect, now=NOW))


@pytest.mark.parametrize("status", [200, 201, 299])
def test_success(toy: "Toy", status: int) -> None:
    """A success is an answer with its data."""
    reading = read(toy, toy.reply(status, b'{"name":"it"}', headers={"X-Request-Id": "r"}))

    assert (Kind.ANSWERED, f"answered {status}") == (reading.outcome.kind, reading.outcome.reason)
    assert ({"name": "it"}, "r", None) == (
        reading.unwrapped.data,
        reading.unwrapped.request_id,
        reading.unwrapped.error,
    )


@pytest.mark.parametrize("body", [b"", b"<html>", b'"text"', b"\xff", b"[" * 100_000])
def test_success_that_cannot_be_read(toy: "Toy", body: bytes) -> None:
    """A success that cannot be read leaves unknown what the call did; it is no error of the service's."""
    reading = read(toy, toy.reply(200, body, headers={"X-Request-Id": "r"}))

    assert Kind.UNKNOWN == reading.outcome.kind
    assert reading.outcome.reason.startswith("answered 200 with an unreadable body: ")
    assert (None, "r") == (reading.unwrapped.error, reading.unwrapped.request_id)


@pytest.mark.parametrize("status", [204, 205])
def test_success_without_a_body(toy: "Toy", status: int) -> None:
    """A status that comes without a body is a success that tells nothing, but for its headers."""
    reading = read(toy, toy.reply(status, b"", headers={"X-Request-Id": "r"}))

    assert (Kind.ANSWERED, f"answered {status}") == (reading.outcome.kind, reading.outcome.reason)
    assert Unwrapped(request_id="r") == reading.unwrapped


def test_success_with_a_body_that_should_not_be(toy: "Toy") -> None:
    """With a body that cannot be read it is as unclear as any other."""
    assert Kind.UNKNOWN == read(toy, toy.reply(205, b"<html>")).outcome.kind


@pytest.mark.parametrize("status", [400, 401, 402, 403, 404, 422, 302, 418])
@pytest.mark.parametrize("body", [b'{"error":"bad"}', b"<html>"])
def test_errors_are_answers(toy: "Toy", status: int, body: bytes) -> None:
    """An error that says that nothing was done is an answer, JSON or not."""
    assert Kind.ANSWERED == read(toy, toy.reply(status, body)).outcome.kind


@pytest.mark.parametrize("status", [500, 502, 504, 599, 408])
@pytest.mark.parametrize("body", [b'{"error":"bad"}', b"<html>"])
def test_errors_that_may_have_acted(toy: "Toy", status: int, body: bytes) -> None:
    """After these nobody knows what was done."""
    reading = read(toy, toy.reply(status, body, headers={"Retry-After": "3"}))

    assert (Kind.UNKNOWN, 3.0) == (reading.outcome.kind, reading.outcome.retry_after)


@pytest.mark.parametrize("body", [b'{"error":"slow"}', b"slow down"])
def test_refusals(toy: "Toy", body: bytes) -> None:
    """429 says that nothing was done, and how long to wait."""
    reading = read(toy, toy.reply(429, body, headers={"Retry-After": "7"}))

    assert (Kind.REFUSED, 7.0) == (reading.outcome.kind, reading.outcome.retry_after)
    assert RateLimited is reading.unwrapped.error


def test_documented_refusals(toy: "Toy") -> None:
    """A status that is documented as "nothing was done" is a refusal, when the service itself says it."""
    said, gateway = toy.reply(503, b'{"error":"busy"}'), toy.reply(503, b"<html>")

    assert Kind.REFUSED == read(toy, said).outcome.kind
    assert Kind.UNKNOWN == read(toy, gateway).outcome.kind
    assert Kind.UNKNOWN == read(toy, said, toy.start).outcome.kind


@pytest.mark.parametrize(("status", "expected"), [(409, True), (404, False)])
def test_conflicts(toy: "Toy", status: int, *, expected: bool) -> None:
    """A conflict is told from other errors."""
    assert expected == read(toy, toy.reply(status)).outcome.conflict


def test_error_codes_are_told(toy: "Toy") -> None:
    """The service's own code is in the reason."""
    reading = read(toy, toy.reply(404, b'{"error":"no_such_thing"}'))

    assert "answered 404 no_such_thing" == reading.outcome.reason
    assert NotFound is reading.unwrapped.error


def test_text_of_errors_is_cut(toy: "Toy") -> None:
    """Of a page that is no JSON the beginning is kept, whatever its bytes are."""
    reading = read(toy, toy.reply(500, b"\xff" + b"x" * 10_000))

    assert "\ufffd" + "x" * 499 == reading.unwrapped.data
    assert ServerError is reading.unwrapped.error


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(status=st.integers(200, 599), body=st.binary() | st.sampled_from([b"{}", b"[]", b'{"error":"x"}']))
def test_any_reply(toy: "Toy", status: int, body: bytes) -> None:
    """Any bytes with any status mean something, and never that a lost create did nothing."""
    reading = read(toy, toy.reply(status, body))

    if status >= 500 and status != 503:
        assert Kind.UNKNOWN == reading.outcome.kind
    if reading.outcome.kind is Kind.ANSWERED and status >= 400:
        assert reading.unwrapped.error is not None


def test_decoding() -> None:
    """The data becomes the operation's result."""
    assert Thing(name="it") == decode_value(GET, {"name": "it"}, Converter())


def test_bytes(toy: "Toy") -> None:
    """A result that is bytes is taken as it comes, when it is a success."""
    reading = read(toy, toy.reply(200, b"\x00"), toy.download)

    assert (Kind.ANSWERED, b"\x00") == (reading.outcome.kind, reading.unwrapped.data)
    assert b"\x00" == decode_value(toy.download, reading.unwrapped.data, Converter())
    assert NotFound is read(toy, toy.reply(404), toy.download).unwrapped.error


def test_decoding_what_is_wrong() -> None:
    """What is not of the documented shape is told with its path and its operation."""
    with pytest.raises(DecodeError) as caught:
        decode_value(GET, {"name": 5}, Converter())

    assert ["while reading the answer to toy.get_part"] == caught.value.__notes__
    assert caught.value.problems[0].startswith("$.name: ")


def test_reply_facts() -> None:
    """A reply gives what its record knows."""
    attempts = (
        Attempt(number=1, kind=Kind.UNKNOWN, reason="lost", started_at=10.0, elapsed=1.0),
        Attempt(
            number=2, kind=Kind.ANSWERED, reason="answered", request_id="r", started_at=20.0, elapsed=2.0
        ),
    )
    record = CallRecord(operation="toy.create_thing", attempts=attempts, settled=True)
    reply = Reply(value=1, status=200, headers=CIMultiDictProxy(CIMultiDict()), raw=b"1", record=record)

    assert ("r", attempts, 12.0, False) == (reply.request_id, reply.attempts, reply.elapsed, reply.settled)
    assert evolve(reply, record=evolve(record, found="by its name")).settled


# Replies


@pytest.mark.parametrize("again", [copy.copy, copy.deepcopy, lambda reply: pickle.loads(pickle.dumps(reply))])  # noqa: S301 -- made below
def test_replies_survive(again: Callable[[Reply[Any]], Reply[Any]]) -> None:
    """A reply can be copied and pickled, its headers included."""
    pairs: CIMultiDict[str] = CIMultiDict([("X-It", "a"), ("X-It", "b")])
    headers = CIMultiDictProxy(pairs)
    record = CallRecord(operation="toy.get_thing", operation_run="run")
    reply = Reply(value=[1], status=200, headers=headers, raw=b"[1]", record=record)

    assert reply == again(reply)
    assert ["a", "b"] == again(reply).headers.getall("x-it")
    assert "run" == again(reply).operation_run
