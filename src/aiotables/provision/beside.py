"""Working on several things at once, a bounded number of them."""

import asyncio
from collections.abc import AsyncGenerator, AsyncIterator, Awaitable, Callable
from typing import TypeVar


T = TypeVar("T")
R = TypeVar("R")


async def beside(
    items: AsyncIterator[T], work: Callable[[T], Awaitable[R]], *, width: int
) -> AsyncGenerator[R, None]:
    """
    The results of *work* on each item, as they come.

    Args:
        items: Read as places come free, so that they may be a stream without an end.
        work: Called with each item. The first error ends all.
        width: Items worked on at once.
    """
    tasks: set[asyncio.Task[R]] = set()

    async def one(item: T) -> R:
        return await work(item)

    try:
        async for item in items:
            tasks.add(asyncio.create_task(one(item)))
            if len(tasks) >= width:
                done, tasks = await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
                for task in done:
                    yield task.result()
        for each in asyncio.as_completed([*tasks]):
            yield await each
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
