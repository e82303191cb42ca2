"""The errors that a call ends with."""

from typing import TYPE_CHECKING, Any

import pytest

from aiotables.core import endings
from aiotables.core.call import NOTHING, SAYS_NOTHING, Call
from aiotables.core.errors import (
    DecodeError,
    NoReply,
    NotFound,
    NotSent,
    RateLimited,
    ReplyNotUnderstood,
    ServiceError,
    ValidationFailed,
)
from aiotables.core.retries import Kind, Outcome
from aiotables.core.wire import NO_CONTENT, Unwrapped


if TYPE_CHECKING:
    from tests.core.conftest import Toy


LOOK = "it took effect, so look before you send it again"


@pytest.fixture
def call(toy: "Toy") -> "Call[Any]":
    """A call that has not begun."""
    return Call(toy.delete, toy.headers, (("name", "it"),), {})


def failed(call: "Call[Any]", kind: Kind) -> None:
    """Let an attempt end without a reply."""
    call.outcome, call.unwrapped, call.raw = Outcome(kind=kind, reason="no luck"), SAYS_NOTHING, NOTHING
    call.note(1000.0, 2.0)


def answered(toy: "Toy", call: "Call[Any]", error: type[ServiceError], status: int) -> None:
    """Let an attempt end with an error of the service's."""
    call.outcome = Outcome(kind=Kind.REFUSED, reason=f"answered {status}", retry_after=7.0)
    call.unwrapped = Unwrapped({"a": 1}, "r1", error=error, code="busy", message="come later")
    call.raw = toy.reply(status)
    call.note(1000.0, 2.0)


@pytest.mark.parametrize(("kind", "expected"), [(Kind.NOT_SENT, NotSent), (Kind.UNKNOWN, NoReply)])
def test_without_an_answer(call: "Call[Any]", kind: Kind, expected: type[Exception]) -> None:
    """What was lost on the way is told from what never left, and both say why there is no more."""
    failed(call, kind)

    error = endings.gave_up(call, "no attempts are left")

    assert expected is type(error)
    assert "toy.delete_thing: no luck; no attempts are left" == str(error)


def test_one_lost_attempt_is_enough(call: "Call[Any]") -> None:
    """Where one sending may have arrived, the call was sent, whatever became of the others."""
    failed(call, Kind.UNKNOWN)
    failed(call, Kind.NOT_SENT)

    assert NoReply is type(endings.gave_up(call, "enough"))


def test_what_the_service_said(toy: "Toy", call: "Call[Any]") -> None:
    """An error that was answered has all that the answer tells, and why there is no other attempt."""
    answered(toy, call, RateLimited, 429)

    error = endings.gave_up(call, "enough")

    assert isinstance(error, RateLimited)
    assert (429, "busy", {"a": 1}, 7.0) == (error.status, error.code, error.detail, error.retry_after)
    assert "come later [answered 429]; enough" in str(error)
    assert "come later [answered 429]" in str(endings.service_error(call))


def test_a_service_that_says_much(toy: "Toy", call: "Call[Any]") -> None:
    """A page of text is cut in the words of the error, and whole in its detail."""
    answered(toy, call, ValidationFailed, 422)
    page = "x" * (endings.TOLD + 1)
    call.unwrapped = Unwrapped(page, error=ValidationFailed, message=page)

    error = endings.service_error(call)

    assert f"toy.delete_thing: {'x' * (endings.TOLD - 1)}… [answered 422] (request id r1)" == str(error)
    assert page == error.detail


@pytest.mark.parametrize(("status", "expected"), [(301, True), (308, True), (400, False)])
def test_redirects(toy: "Toy", call: "Call[Any]", status: int, *, expected: bool) -> None:
    """A redirect is not followed, which is said: mostly it is the base URL that is wrong."""
    answered(toy, call, ServiceError, status)

    assert expected is ("look whether the base URL is right" in str(endings.service_error(call)))


@pytest.mark.parametrize(
    ("operation", "status", "expected"),
    [
        ("read", 200, "toy.get_thing: answered 200, but not in the documented shape: $: odd"),
        ("read", 204, "toy.get_thing: answered 204, without the documented body"),
        ("create", 205, f"toy.create_thing: answered 205, without the documented body; {LOOK}"),
        ("create", 201, f"toy.create_thing: answered 201, but not in the documented shape: $: odd; {LOOK}"),
    ],
)
def test_undecoded(toy: "Toy", operation: str, status: int, expected: str) -> None:
    """A success without its documented answer says what came, and of what makes something, that it did."""
    call: Call[Any] = Call(getattr(toy, operation), toy.headers, (), {})
    call.raw = toy.reply(status, b"" if status in NO_CONTENT else b"{}")
    odd = DecodeError("odd", problems=["$: odd"])

    with pytest.raises(ReplyNotUnderstood) as caught:
        endings.finish_undecoded(call, odd)

    assert expected == str(caught.value)
    assert odd is caught.value.__cause__


@pytest.mark.parametrize(("status", "body"), [(200, b"5"), (205, b"5")])
def test_undecoded_deletes(toy: "Toy", status: int, body: bytes) -> None:
    """A delete that says something else is not understood either; one that says nothing is done."""
    call: Call[Any] = Call(toy.delete, toy.headers, (), {})
    call.raw = toy.reply(status, body)
    odd = DecodeError("odd", problems=["$: odd"])
    with pytest.raises(ReplyNotUnderstood):
        endings.finish_undecoded(call, odd)

    call.raw = toy.reply(204, b"")
    endings.finish_undecoded(call, odd)
    assert call.value is None


def test_finished(toy: "Toy", call: "Call[Any]") -> None:
    """A definite error is raised, unless it shows that an earlier sending has done the work."""
    answered(toy, call, NotFound, 404)
    with pytest.raises(NotFound):
        endings.finish(call)

    failed(call, Kind.UNKNOWN)
    answered(toy, call, NotFound, 404)
    endings.finish(call)
    assert call.gone
