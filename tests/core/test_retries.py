"""Deciding what to do once an attempt has ended."""

from typing import Any

import pytest
from attrs import evolve
from hypothesis import given
from hypothesis import strategies as st

from aiotables.core.operations import Effect
from aiotables.core.retries import (
    NO_RETRIES,
    Budget,
    Decision,
    Finish,
    GiveUp,
    Kind,
    Outcome,
    RetryPolicy,
    SendAgain,
    Settle,
    after,
)


POLICY = RetryPolicy()
REPEATABLE = [Effect.READ, Effect.REPLACE]
SETTLED = [Effect.CREATE, Effect.START]

effects = st.sampled_from(Effect)
jitters = st.floats(0, 1)
seconds = st.floats(0, 1e6)
outcomes = st.builds(
    Outcome,
    kind=st.sampled_from(Kind),
    reason=st.just("said"),
    retry_after=st.none() | seconds,
    conflict=st.booleans(),
)


def decide(
    outcome: Outcome,
    effect: Effect,
    *,
    attempt: int = 1,
    elapsed: float = 0.0,
    policy: RetryPolicy = POLICY,
    affordable: bool = True,
    jitter: float = 1.0,
    unsettled: bool = False,
) -> Decision:
    """A decision where nothing stands in the way of another attempt."""
    return after(
        outcome,
        effect=effect,
        attempt=attempt,
        elapsed=elapsed,
        policy=policy,
        affordable=affordable,
        jitter=jitter,
        unsettled=unsettled,
    )


def ended(kind: Kind, retry_after: float | None = None, *, conflict: bool = False) -> Outcome:
    """An outcome."""
    return Outcome(kind=kind, reason="said", retry_after=retry_after, conflict=conflict)


@pytest.mark.parametrize("effect", Effect)
@pytest.mark.parametrize("conflict", [True, False])
def test_answers_are_final(effect: Effect, *, conflict: bool) -> None:
    """A definite answer goes to the caller."""
    assert Finish() == decide(ended(Kind.ANSWERED, conflict=conflict), effect)


@pytest.mark.parametrize("effect", SETTLED)
def test_conflict_after_an_unknown_attempt(effect: Effect) -> None:
    """It exists already, maybe since our own lost attempt made it: look."""
    assert Settle() == decide(ended(Kind.ANSWERED, conflict=True), effect, unsettled=True)


@pytest.mark.parametrize("effect", REPEATABLE)
def test_conflict_of_a_repeatable_call(effect: Effect) -> None:
    """A call that makes nothing has nothing to look for."""
    assert Finish() == decide(ended(Kind.ANSWERED, conflict=True), effect, unsettled=True)


@pytest.mark.parametrize("effect", REPEATABLE)
def test_unknown_is_repeated(effect: Effect) -> None:
    """A call that may be repeated is repeated."""
    assert SendAgain(0.5) == decide(ended(Kind.UNKNOWN), effect)


@pytest.mark.parametrize("effect", SETTLED)
def test_unknown_is_settled(effect: Effect) -> None:
    """One that may not is settled, whatever the limits say."""
    assert Settle() == decide(ended(Kind.UNKNOWN), effect, attempt=9, elapsed=1e9, affordable=False)


@pytest.mark.parametrize("effect", Effect)
@pytest.mark.parametrize("kind", [Kind.NOT_SENT, Kind.REFUSED])
def test_harmless_is_repeated(effect: Effect, kind: Kind) -> None:
    """What did nothing is sent again, whatever it would have done."""
    assert SendAgain(0.5) == decide(ended(kind), effect)


def test_retry_after_comes_first() -> None:
    """The service's wait is kept in full, and the spread comes on top."""
    assert SendAgain(30.25) == decide(ended(Kind.REFUSED, 30.0), Effect.CREATE, jitter=0.5)


def test_too_long_a_wait() -> None:
    """A wait over the limit is not waited for, and the reason says so."""
    expected = GiveUp("the service asks to wait 121 s, longer than the limit of 120 s")

    assert expected == decide(ended(Kind.REFUSED, 121.0), Effect.READ)


def test_a_wait_of_years() -> None:
    """A Retry-After that is a date far off is told in digits."""
    expected = GiveUp("the service asks to wait 344329476.5 s, longer than the limit of 120 s")

    assert expected == decide(ended(Kind.REFUSED, 344329476.5329325), Effect.READ)


def test_attempts_used() -> None:
    """The number of attempts is a limit."""
    assert GiveUp("no attempts are left") == decide(ended(Kind.NOT_SENT), Effect.READ, attempt=3)
    assert GiveUp("no attempts are left") == decide(ended(Kind.NOT_SENT), Effect.READ, policy=NO_RETRIES)


def test_budget_used() -> None:
    """An empty budget is a limit."""
    expected = GiveUp("the client's retry budget is used up: too many calls fail")

    assert expected == decide(ended(Kind.NOT_SENT), Effect.READ, affordable=False)


@pytest.mark.parametrize("deadline", [0.0, -1.0])
def test_a_deadline_is_positive(deadline: float) -> None:
    """Without any time no call could be answered: retries are switched off by `attempts=1`."""
    with pytest.raises(ValueError, match="deadline"):
        RetryPolicy(deadline=deadline)


@pytest.mark.parametrize("wrong", [{"attempts": 0}, {"base": -1.0}, {"cap": -1.0}, {"longest_wait": -1.0}])
def test_limits_that_mean_nothing(wrong: dict[str, Any]) -> None:
    """A call is sent once at least, and no wait is shorter than none."""
    with pytest.raises(ValueError, match=next(iter(wrong))):
        RetryPolicy(**wrong)


def test_deadline() -> None:
    """No attempt begins after the deadline; one that begins just then does."""
    assert SendAgain(20.0) == decide(ended(Kind.REFUSED, 19.5), Effect.READ, elapsed=100.0)
    assert GiveUp("the deadline of 120 s leaves no time for another attempt") == decide(
        ended(Kind.REFUSED, 19.5), Effect.READ, elapsed=100.1
    )


@given(outcome=outcomes, effect=effects, attempt=st.integers(1, 99), elapsed=seconds, unsettled=st.booleans())
def test_unknown_creates_are_never_repeated_blindly(
    outcome: Outcome, effect: Effect, attempt: int, elapsed: float, *, unsettled: bool
) -> None:
    """Whatever else holds: what may have made something is not sent again without looking."""
    policy = RetryPolicy(attempts=100, deadline=1e12, longest_wait=1e12)
    decision = decide(outcome, effect, attempt=attempt, elapsed=elapsed, policy=policy, unsettled=unsettled)

    if outcome.kind is Kind.UNKNOWN and effect.must_be_settled:
        assert Settle() == decision
    if isinstance(decision, Settle):
        assert effect.must_be_settled


@given(outcome=outcomes, effect=effects, attempt=st.integers(1, 9), elapsed=seconds, jitter=jitters)
def test_limits_hold(outcome: Outcome, effect: Effect, attempt: int, elapsed: float, jitter: float) -> None:
    """An attempt that is allowed is within every limit, and not before the service's own time."""
    decision = decide(outcome, effect, attempt=attempt, elapsed=elapsed, jitter=jitter)

    if isinstance(decision, SendAgain):
        assert attempt < POLICY.attempts
        assert elapsed + decision.after <= POLICY.deadline
        assert (outcome.retry_after or 0.0) <= decision.after
        assert (outcome.retry_after or 0.0) <= POLICY.longest_wait


@given(attempt=st.integers(1, 1000), jitter=jitters)
def test_wait(attempt: int, jitter: float) -> None:
    """Waits are between zero and a ceiling that doubles up to the cap."""
    ceiling = min(20.0, 0.5 * 2 ** (attempt - 1))

    assert 0.0 == POLICY.wait(attempt, jitter=0.0)
    assert ceiling == POLICY.wait(attempt, jitter=1.0)
    assert 0.0 <= POLICY.wait(attempt, jitter=jitter) <= ceiling


def test_budget() -> None:
    """Retries cost tokens, those after a refusal fewer; a call that succeeds gives back what it spent."""
    budget = Budget(size=30, tokens=30)

    assert 14 == budget.spend(ended(Kind.UNKNOWN))
    assert 5 == budget.spend(ended(Kind.REFUSED))
    assert (11, True, False) == (
        budget.tokens,
        budget.affords(ended(Kind.REFUSED)),
        budget.affords(ended(Kind.NOT_SENT)),
    )
    budget.refill(14)
    assert 25 == budget.tokens


def test_budget_is_refilled_by_successes() -> None:
    """A success without retries gives one token, and never more than there is room for."""
    budget = Budget(size=30, tokens=28)

    for _ in range(5):
        budget.refill(0)

    assert 30 == budget.tokens


def test_policies_are_values() -> None:
    """A policy can be changed by copying."""
    assert NO_RETRIES == evolve(POLICY, attempts=1)
