"""When to look, and since when a thing can be ours."""

import pickle
from email.utils import formatdate

import pytest
from attrs import evolve
from hypothesis import given
from hypothesis import strategies as st
from multidict import CIMultiDict, CIMultiDictProxy

from aiotables.core.options import LEAST_GRACE
from aiotables.core.record import Attempt, CallRecord
from aiotables.core.retries import Kind
from aiotables.core.settle import (
    NotThere,
    NotWhole,
    Sent,
    SettlePolicy,
    Settling,
    Sparing,
    earliest_there,
    guarded,
    kept_body,
    surely_since,
)
from aiotables.core.transport import Timeouts
from aiotables.core.wire import Reply


SENT = Sent(operation="toy.create_thing", body={"name": "it"}, first_sent_at=1000.9, last_sent_at=1030.0)


def looked(at: float, elapsed: float, date: str | None) -> Reply[None]:
    """The reply to a look."""
    attempt = Attempt(number=1, kind=Kind.ANSWERED, reason="answered 200", started_at=at, elapsed=elapsed)
    headers = CIMultiDictProxy(CIMultiDict({} if date is None else {"Date": date}))
    record = CallRecord(operation="toy.list_things", attempts=(attempt,))
    return Reply(value=None, status=200, headers=headers, raw=b"", record=record)


@pytest.mark.parametrize(
    ("look", "age", "expected"),
    [
        (1, 0.0, 0.25),
        (2, 0.3, 0.5),
        (5, 8.0, 4.0),
        (9, 50.0, 10.0),
        (9, 59.999, 0.01),
        (3, 60.0, None),
        (1, 120.0, None),
    ],
)
def test_pauses(look: int, age: float, expected: float | None) -> None:
    """Pauses double, end with the grace, and there is none after a look that began after it."""
    assert expected == SettlePolicy(grace=60.0).pause(look, age=age)


@given(
    grace=st.floats(0, 1e5),
    first_pause=st.floats(0.01, 100),
    factor=st.floats(1, 10),
    takes=st.floats(0, 10),
    age=st.floats(-10, 1e5),
)
def test_looking_ends(grace: float, first_pause: float, factor: float, takes: float, age: float) -> None:
    """Whatever the settings are, the last look begins after the grace, and not much after it."""
    policy = SettlePolicy(grace=grace, first_pause=first_pause, factor=max(factor, 1.2))
    look, start = 1, age

    while (pause := policy.pause(look, age=age)) is not None:
        assert pause > 0
        look, age = look + 1, age + takes + pause

    assert age >= grace
    assert age <= max(start, grace + takes + 0.02)


@pytest.mark.parametrize(
    "wrong", [{"grace": -1.0}, {"first_pause": 0.0}, {"factor": 0.9}, {"skew": -1.0}, {"grace": float("nan")}]
)
def test_policies_that_mean_nothing(wrong: dict[str, float]) -> None:
    """Looks without a pause, or that come faster and faster, would only burden the service."""
    with pytest.raises(ValueError, match=next(iter(wrong))):
        SettlePolicy(**wrong)


def test_any_number_of_looks() -> None:
    """The number of looks is no limit."""
    assert 1e6 == SettlePolicy(grace=1e6 + 5).pause(10_000, age=5.0)


def test_earliest_without_a_date() -> None:
    """Without the service's own time, the clocks are taken to differ by no more than the skew."""
    assert 995 == earliest_there(SENT, looked(1031.0, 0.5, None), SettlePolicy())
    assert 1000 == earliest_there(SENT, looked(1031.0, 0.5, "no date"), SettlePolicy(skew=0.0))


@pytest.mark.parametrize("ahead", [-3600, -1, 0, 1, 86400])
def test_earliest_by_the_services_clock(ahead: int) -> None:
    """The `Date` of a reply tells how far the service's clock is ahead of ours."""
    date = formatdate(1032 + ahead, usegmt=True)

    assert 995 + ahead == earliest_there(SENT, looked(1031.0, 1.0, date), SettlePolicy())


def test_surely_since_the_call() -> None:
    """What the clocks may differ by makes nothing ours for certain: only what is as new as the call is."""
    date = formatdate(1032, usegmt=True)

    assert 1000 == surely_since(SENT, looked(1031.0, 1.0, date), SettlePolicy())


def nothing(sent: Sent, policy: SettlePolicy) -> Settling:
    """A rule that never finds anything."""
    yield from ()
    return NotThere()


def test_bodies_that_are_kept() -> None:
    """A body is kept for a rule that reads it, and of one with secrets only what is read."""
    sparing = Sparing(keys=("name", "kind"), rule=nothing)
    body = {"name": "it", "password": "never-shown"}

    assert body == kept_body(nothing, body)
    assert {"name": "it"} == kept_body(sparing, body)
    assert None is kept_body(None, body) is kept_body(sparing, None)


def test_sparing_rules_settle() -> None:
    """A rule that is spared a part of the body is the same rule."""
    settling = Sparing(keys=(), rule=nothing)(SENT, SettlePolicy())

    with pytest.raises(StopIteration) as stopped:
        next(settling)

    assert NotThere() == stopped.value.value


def test_sent_survives_pickling() -> None:
    """What was sent can be kept by any means."""
    assert SENT == pickle.loads(pickle.dumps(SENT))  # noqa: S301 -- made above


def test_default_grace_suits_the_default_timeout() -> None:
    """The grace that is written down is the one that a client takes without any setting."""
    assert LEAST_GRACE * Timeouts().answer == SettlePolicy().grace


def test_guarded_notes() -> None:
    """A whole note reads as it was, what is optional in it as well."""
    guard = guarded(evolve(SENT, path={"project": "acme"}))

    assert evolve(SENT, path={"project": "acme"}) == guard
    assert ("it", None, 1) == (guard.body["name"], guard.body.get("kind"), guard.body.get("size", 1))


@pytest.mark.parametrize(
    ("body", "expected"),
    [({}, "its body lacks 'name'"), (None, "it has no body"), (["it"], "it has no body")],
)
def test_damaged_notes(body: object, expected: str) -> None:
    """What a rule asks for and a note lacks is named."""
    guard = guarded(evolve(SENT, body=body))

    with pytest.raises(NotWhole) as caught:
        guard.body["name"]

    assert expected == str(caught.value)
    assert {} == (guard.body or {})


def test_notes_without_a_body() -> None:
    """Where there is no body at all, what is optional in it is as unknown as the rest."""
    with pytest.raises(NotWhole, match="it has no body"):
        guarded(evolve(SENT, body=None)).body.get("kind")
