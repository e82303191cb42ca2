"""Working on several things at once."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import aclosing

import pytest

from aiotables.provision.beside import beside


async def numbers(count: int) -> AsyncIterator[int]:
    """Some numbers."""
    for number in range(count):
        yield number


async def test_never_more_than_the_width() -> None:
    """All results come, and no more work is under way at once than is allowed."""
    under_way = most = 0

    async def work(number: int) -> int:
        nonlocal under_way, most
        under_way += 1
        most = max(most, under_way)
        await asyncio.sleep(0)
        under_way -= 1
        return number

    assert set(range(50)) == {result async for result in beside(numbers(50), work, width=4)}
    assert 4 == most


async def test_less_than_the_width() -> None:
    """Fewer things than places, or none, are no trouble."""

    async def work(number: int) -> int:
        return number

    assert {0, 1} == {result async for result in beside(numbers(2), work, width=8)}
    assert [] == [result async for result in beside(numbers(0), work, width=8)]


@pytest.mark.parametrize("count", [3, 9])
async def test_failure_ends_all(count: int) -> None:
    """The first error is raised, and what is under way beside it is cancelled."""
    cancelled = []

    async def work(number: int) -> int:
        if number == 1:
            raise ZeroDivisionError
        try:
            await asyncio.sleep(3600)
        except asyncio.CancelledError:
            cancelled.append(number)
            raise
        return number

    with pytest.raises(ZeroDivisionError):
        async for _ in beside(numbers(count), work, width=4):
            pass

    assert cancelled


async def test_left_early() -> None:
    """Who stops listening leaves nothing running."""
    before = asyncio.all_tasks()

    async def work(number: int) -> int:
        await asyncio.sleep(3600 if number else 0)
        return number

    async with aclosing(beside(numbers(9), work, width=2)) as results:
        async for _ in results:
            break

    assert before == asyncio.all_tasks()
