"""Operation groups, without calls."""

import asyncio
import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from aiotables.core.errors import RequestError
from aiotables.zangtable.grouping import OperationRun, current_run, new_run_id


ACME, OTHER = object(), object()


def run(key: str = "provision-crm", run_id: str | None = None, owner: object = ACME) -> OperationRun:
    """A run."""
    return OperationRun(key, run_id=run_id, owner=owner)


def test_own_ids() -> None:
    """An id that is made here has the form that the docs show, and is no other's."""
    assert re.fullmatch(r"oprun_client_\d{8}_[0-9a-f]{12}", new_run_id())
    assert new_run_id() != new_run_id()
    assert run().run_id != run().run_id


def test_given_ids() -> None:
    """An id may be given."""
    assert ("provision-crm", "mine", ("mine",)) == (
        run().key,
        run(run_id="mine").run_id,
        run(run_id="mine").run_ids,
    )


def test_text() -> None:
    """A run can be printed."""
    assert "OperationRun(key='provision-crm', run_id='mine')" == repr(run(run_id="mine"))


@pytest.mark.parametrize("wrong", ["", "ä", "a\nb", " a"])
def test_wrong_words(wrong: str) -> None:
    """Key and id must be able to stand in a header."""
    with pytest.raises(RequestError, match="X-Operation-Key"):
        run(wrong)
    if wrong:
        with pytest.raises(RequestError, match="X-Operation-Run-Id"):
            run(run_id=wrong)


def test_following() -> None:
    """When the service goes on under another id, so do we; the old ones are kept."""
    following = run(run_id="mine")

    following.follow("theirs")
    following.follow(None)

    assert ("theirs", ("mine", "theirs")) == (following.run_id, following.run_ids)


def test_replies_that_overtake_each_other() -> None:
    """A reply that was filed under an older id does not lead back."""
    following = run(run_id="mine")

    for run_id in ("first", "second", "first", "mine"):
        following.follow(run_id)

    assert ("second", ("mine", "first", "second")) == (following.run_id, following.run_ids)


@given(st.lists(st.text() | st.sampled_from("ab")))
def test_following_anything(run_ids: list[str]) -> None:
    """Whatever the service says, the id can be sent, and none is lost or doubled."""
    following = run(run_id="mine")

    for run_id in run_ids:
        following.follow(run_id)

    assert len(set(following.run_ids)) == len(following.run_ids)
    assert all(OperationRun("k", run_id=run_id, owner=ACME) for run_id in following.run_ids)


async def test_outside() -> None:
    """Outside of a block there is no run."""
    assert current_run(ACME) is None


async def test_inside() -> None:
    """Inside of a block there is one, for its client alone."""
    async with run() as current:
        assert current is current_run(ACME)
        assert current_run(OTHER) is None
    assert current_run(ACME) is None


async def test_nested() -> None:
    """The innermost block counts, and the outer one does again after it."""
    async with run("outer") as outer, run("other", owner=OTHER) as other:
        async with run("inner") as inner:
            assert (inner, other) == (current_run(ACME), current_run(OTHER))
        assert (outer, other) == (current_run(ACME), current_run(OTHER))


async def test_twice() -> None:
    """One run may be gone into several times, one after the other and one in the other."""
    again = run()

    async with again:
        async with again:
            assert again is current_run(ACME)
        assert again is current_run(ACME)
    assert current_run(ACME) is None


async def test_blocks_that_overlap() -> None:
    """A block that ends before one that began later ends itself."""
    outer, inner = run("outer"), run("inner")

    await outer.__aenter__()
    await inner.__aenter__()
    await outer.__aexit__()

    assert inner is current_run(ACME)
    await inner.__aexit__()
    assert current_run(ACME) is None


async def test_tasks() -> None:
    """Tasks are apart from each other; those that were started inside belong to the block."""
    gate = asyncio.Event()

    async def inherited() -> OperationRun | None:
        await gate.wait()
        return current_run(ACME)

    async def own(key: str) -> OperationRun | None:
        async with run(key):
            await gate.wait()
            return current_run(ACME)

    async with run("outer") as outer:
        inside = asyncio.create_task(inherited())
        tasks = [asyncio.create_task(own(key)) for key in "ab"]
    outside = asyncio.create_task(inherited())
    gate.set()

    keys = [current.key if current else None for current in [await task for task in tasks]]
    assert (["a", "b"], outer, None) == (keys, await inside, await outside)


async def test_leaving_in_another_task() -> None:
    """A block may be left in another task than it was entered in, as test fixtures do."""
    current = run()
    await asyncio.create_task(current.__aenter__())

    await asyncio.create_task(current.__aexit__())

    assert current_run(ACME) is None


async def test_leaving_by_an_error() -> None:
    """A block that ends with an error has ended."""

    async def fail() -> None:
        async with run():
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        await fail()

    assert current_run(ACME) is None
