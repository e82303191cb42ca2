"""
Reading a listing page by page, by offset, as a stream.

An offset counts from the start of a list that others may change meanwhile. What was added before it shows as an item seen
twice, and is left out; what was removed before it shows as a total that shrank, and is made good by reading a part again.
"""

import asyncio
import logging
from collections import deque
from collections.abc import AsyncGenerator, AsyncIterator, Awaitable, Callable, Hashable, Sequence
from contextlib import aclosing
from typing import Generic, TypeVar

from attrs import evolve, frozen

from aiotables.core.errors import CallError


T = TypeVar("T")

logger = logging.getLogger("aiotables")

REMEMBERED = 3
"""Pages whose ids are kept to tell what was seen: enough for a list that moves a little, and bounded."""


@frozen(kw_only=True)
class Page(Generic[T]):
    """One page of a listing."""

    items: Sequence[T]
    offset: int
    """Items before it."""

    limit: int
    """Items that it may hold at the most: what the service says, or else what was asked for."""

    total: int | None = None
    """Items in the whole list, where the service tells."""

    @property
    def is_last(self) -> bool:
        """Whether there is no page after it."""
        if self.total is not None:
            return self.offset + len(self.items) >= self.total or not self.items
        return len(self.items) < self.limit


@frozen(kw_only=True)
class Moved:
    """That a listing changed while it was read."""

    offset: int
    """Where it was noticed."""

    why: str
    repaired: bool
    """Whether the stream is right all the same."""


Fetch = Callable[[int, int], Awaitable[Page[T]]]
"""Gets the page at an offset, of at most so many items."""


class Listing(Generic[T]):
    """
    A listing as an async iterator of its items; `pages()` gives pages.

    ```python
    async for table in extruct.tables.list(kind="company"):
        ...
    ```

    It may be read several times, from its start each time. If a page cannot be had, the error's `resume_offset` says how
    many items were given before, so that a later listing can go on from there.

    Args:
        fetch: Gets one page.
        offset: Items to pass over.
        page_size: Items in one request.
        most: Items to give at the most; `None` for all.
        prefetch: Pages to read ahead while the caller works on one.
        identity: The id of an item, where items have one.
    """

    def __init__(
        self,
        fetch: Fetch[T],
        *,
        offset: int = 0,
        page_size: int,
        most: int | None = None,
        prefetch: int = 0,
        identity: Callable[[T], Hashable] | None = None,
    ) -> None:
        if offset < 0 or page_size < 1 or prefetch < 0 or (most is not None and most < 0):
            msg = "offset, prefetch and most must not be negative, and page_size must be positive"
            raise ValueError(msg)
        self._fetch = fetch
        self._offset = offset
        self._page_size = page_size
        self._most = most
        self._prefetch = prefetch
        self._identity = identity
        self.moves: list[Moved] = []
        """What was noticed of changes to the list while it was last read."""

    async def __aiter__(self) -> AsyncIterator[T]:
        async for page in self.pages():
            for item in page.items:
                yield item

    async def pages(self) -> AsyncIterator[Page[T]]:
        """
        The pages, without the items that were seen before.

        Raises:
            CallError: A page cannot be had; its `resume_offset` is where to go on.
        """
        self.moves = []
        left = self._most
        async with aclosing(self._ahead() if self._prefetch else self._in_turn()) as pages:
            async for page in pages:
                if left is not None and len(page.items) >= left:
                    yield evolve(page, items=page.items[:left])
                    return
                left = None if left is None else left - len(page.items)
                yield page

    async def _in_turn(self) -> AsyncGenerator[Page[T], None]:
        seen = _Seen(self._identity)
        known = self._identity is not None
        offset, total = self._offset, None
        while True:
            page = await self._get(offset)
            gone = 0 if total is None or page.total is None else total - page.total
            if gone:
                self._note(page.offset, f"the total went from {total} to {page.total}", repaired=known)
            total = page.total
            if gone > 0 and known and offset > self._offset:
                # As many items slipped to before the offset, unread: read that part again.
                offset = max(self._offset, offset - gone)
                continue
            fresh = seen.without(page.items)
            if len(fresh) < len(page.items):
                self._note(page.offset, "an item came twice", repaired=True)
            yield evolve(page, items=fresh)
            if page.is_last:
                return
            offset += len(page.items)

    async def _ahead(self) -> AsyncGenerator[Page[T], None]:
        queue: asyncio.Queue[Page[T] | Exception | None] = asyncio.Queue(maxsize=self._prefetch)
        reader = asyncio.create_task(self._read_into(queue))
        try:
            while (got := await queue.get()) is not None:
                if isinstance(got, Exception):
                    raise got
                yield got
        finally:
            reader.cancel()
            await asyncio.wait([reader])

    async def _read_into(self, queue: "asyncio.Queue[Page[T] | Exception | None]") -> None:
        try:
            async for page in self._in_turn():
                await queue.put(page)
        except Exception as error:  # noqa: BLE001 -- raised again where the pages are read
            await queue.put(error)
        else:
            await queue.put(None)

    async def _get(self, offset: int) -> Page[T]:
        try:
            return await self._fetch(offset, self._page_size)
        except CallError as error:
            error.resume_offset = offset
            raise

    def _note(self, offset: int, why: str, *, repaired: bool) -> None:
        self.moves.append(Moved(offset=offset, why=why, repaired=repaired))
        logger.log(
            logging.DEBUG if repaired else logging.WARNING,
            "a listing moved while it was read, at offset %d: %s",
            offset,
            why,
        )


class _Seen(Generic[T]):
    """The ids of the last pages."""

    def __init__(self, identity: Callable[[T], Hashable] | None) -> None:
        self._identity = identity
        self._pages: deque[frozenset[Hashable]] = deque(maxlen=REMEMBERED)

    def without(self, items: Sequence[T]) -> Sequence[T]:
        """The items that are in none of the last pages; they are remembered."""
        if self._identity is None:
            return items
        ids = [self._identity(item) for item in items]
        fresh = [i for i, one in zip(items, ids, strict=True) if not any(one in page for page in self._pages)]
        self._pages.append(frozenset(ids))
        return fresh
