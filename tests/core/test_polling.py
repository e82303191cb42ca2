"""Waiting for work that a service does: the pauses grow, and the end is told."""

import asyncio
import pickle
from collections.abc import Awaitable, Callable
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from aiotables.core.errors import AiotablesError
from aiotables.core.polling import WaitPolicy, WaitTimedOut, wait_for


if TYPE_CHECKING:
    from tests.core.conftest import FakeClock

STEADY = WaitPolicy(first=10.0, factor=1.0, longest=10.0)


def shows(*states: str) -> Callable[[], Awaitable[str]]:
    """Looks that show these states, the last one for ever."""
    left = list(states)

    async def look() -> str:
        return left.pop(0) if len(left) > 1 else left[0]

    return look


async def wait(clock: "FakeClock", *states: str, policy: WaitPolicy = STEADY) -> str:
    """Wait until `done` is seen."""
    return await wait_for(
        shows(*states), done=lambda state: state == "done", what="the work", policy=policy, clock=clock
    )


async def test_done_at_once(clock: "FakeClock") -> None:
    """Work that is done is not waited for."""
    assert "done" == await wait(clock, "done")
    assert [] == clock.slept


async def test_pauses_grow(clock: "FakeClock") -> None:
    """Each pause is longer than the one before, up to the longest."""
    policy = WaitPolicy(first=2.0, factor=1.5, longest=5.0)

    assert "done" == await wait(clock, *["busy"] * 5, "done", policy=policy)
    assert [2.0, 3.0, 4.5, 5.0, 5.0] == clock.slept


async def test_progress_is_told_each_state(clock: "FakeClock") -> None:
    """The caller sees every state, the last one included."""
    seen: list[str] = []

    await wait_for(
        shows("a", "b", "done"),
        done=lambda state: state == "done",
        what="the work",
        policy=STEADY,
        clock=clock,
        progress=seen.append,
    )

    assert ["a", "b", "done"] == seen


async def test_deadline(clock: "FakeClock") -> None:
    """At the deadline there is one last look, and then the error with what was seen."""
    with pytest.raises(WaitTimedOut) as caught:
        await wait(clock, "a", "b", "c", "d", policy=WaitPolicy(first=10.0, longest=10.0, deadline=25.0))

    assert [10.0, 10.0, 5.0] == clock.slept
    assert "d" == caught.value.last
    assert "the work was not done within 25 s, after 4 looks; it goes on all the same" == str(caught.value)


async def test_done_at_the_last_look(clock: "FakeClock") -> None:
    """Work that is done by the deadline is done, even where a whole pause would have been too long."""
    policy = WaitPolicy(first=10.0, longest=10.0, deadline=5.0)

    assert "done" == await wait(clock, "busy", "done", policy=policy)
    assert [5.0] == clock.slept


async def test_deadline_of_nothing(clock: "FakeClock") -> None:
    """With a deadline of 0 there is one look."""
    with pytest.raises(WaitTimedOut, match="after 1 looks"):
        await wait(clock, "busy", policy=WaitPolicy(deadline=0.0))

    assert [] == clock.slept


async def test_looks_that_take_long(clock: "FakeClock") -> None:
    """The time that looking takes counts."""

    async def look() -> str:
        clock.time += 30.0
        return "busy"

    with pytest.raises(WaitTimedOut, match="after 1 looks"):
        await wait_for(
            look,
            done=lambda state: state == "done",
            what="the work",
            policy=WaitPolicy(deadline=20.0),
            clock=clock,
        )


async def test_waiting_for_ever(clock: "FakeClock") -> None:
    """Without a deadline the wait goes on for as long as it takes, for months if need be."""
    policy = WaitPolicy(first=2.0, factor=1.5, longest=15.0, deadline=None)

    assert "done" == await wait(clock, *["busy"] * 5000, "done", policy=policy)
    assert 5000 == len(clock.slept)


async def test_failing_looks_are_told(clock: "FakeClock") -> None:
    """A look that fails ends the wait with its error."""

    async def look() -> str:
        raise AiotablesError

    with pytest.raises(AiotablesError):
        await wait_for(look, done=lambda _: True, what="the work", policy=STEADY, clock=clock)


async def test_cancelled() -> None:
    """A wait can be cancelled, and looks no more."""
    looks = asyncio.Event()

    class Forever:
        """A clock whose sleep does not end."""

        def now(self) -> float:
            return 0.0

        def monotonic(self) -> float:
            return 0.0

        async def sleep(self, seconds: float) -> None:
            looks.set()
            await asyncio.Event().wait()

    task = asyncio.create_task(
        wait_for(shows("busy"), done=lambda _: False, what="it", policy=STEADY, clock=Forever())
    )
    await looks.wait()
    task.cancel()

    with pytest.raises(asyncio.CancelledError):
        await task


@given(
    st.floats(0.001, 100.0),
    st.floats(1.0, 1e9),
    st.floats(0.001, 100.0),
    st.integers(min_value=1, max_value=300),
)
def test_pauses_never_shrink(first: float, factor: float, longest: float, count: int) -> None:
    """Whatever the policy and however often, pauses are positive, never shrink and never pass the longest."""
    policy = WaitPolicy(first=first, factor=factor, longest=longest)
    pauses: list[float] = []
    for _ in range(count):
        pauses.append(policy.after(pauses[-1] if pauses else None))

    assert sorted(pauses) == pauses
    assert 0.0 < pauses[0]
    assert longest >= pauses[-1]


@pytest.mark.parametrize(
    "facts", [{"first": 0.0}, {"factor": 0.5}, {"longest": 0.0}, {"longest": -1.0}, {"deadline": -1.0}]
)
def test_wrong_policies(facts: dict[str, float]) -> None:
    """A policy that would look without a pause, or that makes no sense, is refused."""
    with pytest.raises(ValueError, match="must be"):
        WaitPolicy(**facts)


def test_timeout_is_both_errors() -> None:
    """It can be caught as any error of ours and as the built-in one, and survives pickle with what was seen."""
    error = WaitTimedOut("too long", last={"a": 1})

    again: WaitTimedOut = pickle.loads(pickle.dumps(error))  # noqa: S301 -- made above

    assert isinstance(error, AiotablesError)
    assert isinstance(error, TimeoutError)
    assert ("too long", {"a": 1}) == (str(again), again.last)
