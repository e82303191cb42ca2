"""The state of a call, and the facts that are made of it."""

from typing import TYPE_CHECKING, Any

import pytest

from aiotables.core.call import NOTHING, SAYS_NOTHING, Call
from aiotables.core.errors import NotFound, ServerError
from aiotables.core.retries import Kind, Outcome
from aiotables.core.wire import Unwrapped


if TYPE_CHECKING:
    from tests.core.conftest import Toy

LOST = Outcome(kind=Kind.UNKNOWN, reason="connection lost after sending")
ANSWERED = Outcome(kind=Kind.ANSWERED, reason="answered 404")


def lose(call: Call[Any]) -> None:
    """Let an attempt end without a reply."""
    call.outcome, call.unwrapped, call.raw = LOST, SAYS_NOTHING, NOTHING
    call.note(1000.0, 2.0)


def answer(toy: "Toy", call: Call[Any], unwrapped: Unwrapped, *, resent: bool = False) -> None:
    """Let an attempt end with a reply."""
    call.outcome, call.unwrapped = ANSWERED, unwrapped
    call.raw = toy.reply(404, b"gone", resent=resent)
    call.note(1010.0, 0.5)


@pytest.fixture
def call(toy: "Toy") -> "Call[Any]":
    """A call that has not begun."""
    return Call(toy.delete, toy.headers, (("name", "it"),), {})


def test_nothing_was_tried(call: "Call[Any]") -> None:
    """A call that has not begun has a record without attempts."""
    assert ((), None, None) == (call.record().attempts, call.record().status, call.record().request_id)


def test_attempts_are_noted(toy: "Toy", call: "Call[Any]") -> None:
    """Each attempt has its own facts: what was waited for, what came, and what it says."""
    call.size = 7
    lose(call)
    call.waited = 3.0
    answer(toy, call, Unwrapped(request_id="r2", operation_run="run2"))

    first, second = call.record().attempts
    assert (1, "unknown", None, None, 0.0, 7, 0) == (
        first.number,
        first.kind,
        first.status,
        first.request_id,
        first.waited,
        first.bytes_sent,
        first.bytes_received,
    )
    assert (2, "answered", 404, "r2", 3.0, 4, 1010.0, 0.5) == (
        second.number,
        second.kind,
        second.status,
        second.request_id,
        second.waited,
        second.bytes_received,
        second.started_at,
        second.elapsed,
    )
    assert "run2" == call.record().operation_run
    assert [Kind.UNKNOWN] == [sending.kind for sending in call.lost]


def test_the_facts_of_a_call_are_its_own(toy: "Toy", call: "Call[Any]") -> None:
    """What is noted of one is not of another, although what few calls change is an attribute of the class."""
    other = Call(toy.delete, toy.headers, (), {})
    lose(call)
    answer(toy, call, Unwrapped(operation_run="run1"), resent=True)

    assert (False, None, [], NOTHING) == (other.resent, other.operation_run, other.sendings, other.raw)


def test_a_reply_keeps_nothing_of_the_call(toy: "Toy", call: "Call[Any]") -> None:
    """What is noted later is not of a reply that was given before."""
    answer(toy, call, Unwrapped())
    reply = call.reply()
    lose(call)

    assert 1 == len(reply.attempts)
    assert (404, b"gone") == (reply.status, reply.raw)


@pytest.mark.parametrize("error", [NotFound, ServerError, None])
@pytest.mark.parametrize("how", ["lost before", "resent", "once"])
def test_gone(toy: "Toy", call: "Call[Any]", error: type[NotFound] | None, how: str) -> None:
    """A 404 to a delete that was sent twice shows that it is done; after one sending it is an error."""
    if how == "lost before":
        lose(call)
    answer(toy, call, Unwrapped(error=error), resent=how == "resent")

    assert (error is NotFound and how != "once") == call.is_gone


def test_a_get_is_never_gone(toy: "Toy") -> None:
    """Only what deletes is done when there is nothing left."""
    call: Call[Any] = Call(toy.read, toy.headers, (), {})
    lose(call)
    answer(toy, call, Unwrapped(error=NotFound))

    assert not call.is_gone


def test_a_call_shows_no_token(toy: "Toy", call: "Call[Any]") -> None:
    """It can be printed, as a report with local variables does."""
    assert toy.token not in repr(call)
