"""
Reading a listing page by page, by offset, as a stream that stays right while others change the list.

Each page but the first is read from the last item that was seen on. If that one, or another that is remembered, is in
the page, then nothing was missed; if none is, items before the place were removed, and the reading goes back to look for
it. What comes twice is left out.

What can be relied on, where items have ids and keep their order among each other:

- While fewer items are added and removed, from one page to the next, than a page holds, the stream gives every item that
  is there all the time exactly once.
- While more are, an item may come twice; that one is missing is only possible where `Listing.moves` says so.

Without ids the stream gives what the pages hold, and `Listing.moves` says when the total changed, if the service tells
the total. In a list whose order changes, such as by a score that is still computed, items may be missing or come twice.

What is added meanwhile may be given or not. A listing that begins at an offset, as one that goes on after an error does,
cannot know what moved before it began.
"""

import asyncio
import logging
from collections import deque
from collections.abc import AsyncGenerator, Awaitable, Callable, Hashable, Sequence
from contextlib import aclosing
from typing import Any, Generic, TypeVar

from attrs import evolve

from aiotables.core.classes import frozen
from aiotables.core.errors import CallError
from aiotables.core.place import Place


T = TypeVar("T")

logger = logging.getLogger("aiotables")

MOST_IDLE = 10
"""Pages in a row without anything new after which a listing is taken to have no end."""

MOST_MOVES = 100
"""Moves that are kept, so that memory does not grow with the list."""


@frozen(kw_only=True)
class Page(Generic[T]):
    """One page of a listing. In a listing, what was seen before is left out of `items`."""

    items: Sequence[T]
    offset: int
    """Items before it; `offset + len(items)` is where the next page begins."""

    limit: int
    """Items that it may hold at the most: what the service says, or else what was asked for."""

    total: int | None = None
    """Items in the whole list, where the service tells."""


@frozen(kw_only=True)
class Moved:
    """That a listing changed while it was read."""

    offset: int
    """Where it was noticed."""

    why: str
    repaired: bool
    """Whether the stream is right all the same; if not, items may be missing or come twice."""


Fetch = Callable[[int, int], Awaitable[Page[T]]]
"""Gets the page at an offset, of at most so many items."""

Identity = Callable[[T], Hashable]
"""The id of an item, or `None` if it has none."""


class Listing(Generic[T]):
    """
    A listing as an async iterator of its items; `pages()` gives pages.

    ```python
    async for table in extruct.tables.list(kind="company"):
        ...
    ```

    It may be read several times, from its start each time. If a page cannot be had, the error's `resume_offset` says at
    which offset a later listing goes on. What is said in `aiotables.core.paging` holds while others change the list.

    Args:
        fetch: Gets one page.
        offset: Items to pass over.
        page_size: Items in one request.
        most: Items to give at the most; `None` for all.
        prefetch: Pages to read ahead while the caller works on one.
        identity: The id of an item, where items have one.

    Attributes:
        moves: What was noticed of changes to the list while it was last read: the latest of them, if there were many.
    """

    def __init__(
        self,
        fetch: Fetch[T],
        *,
        offset: int = 0,
        page_size: int,
        most: int | None = None,
        prefetch: int = 0,
        identity: Identity[T] | None = None,
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
        self.moves: deque[Moved] = deque(maxlen=MOST_MOVES)

    async def __aiter__(self) -> AsyncGenerator[T, None]:
        async with aclosing(self.pages()) as pages:
            async for page in pages:
                for item in page.items:
                    yield item

    async def pages(self) -> AsyncGenerator[Page[T], None]:
        """
        The pages, without the items that were seen before; only the first may be empty.

        Raises:
            CallError: A page cannot be had; its `resume_offset` is where to go on.
        """
        self.moves.clear()
        async with aclosing(self._ahead() if self._prefetch else self._in_turn()) as pages:
            async for page in pages:
                yield page

    async def _in_turn(self) -> AsyncGenerator[Page[T], None]:
        left = self._most
        if left == 0:
            return
        place = Place(next=self._offset, page_size=self._page_size)
        reading = _Reading(self._fetch, place, identity=self._identity, note=self.moves.append)
        async with aclosing(reading.pages()) as pages:
            async for page in pages:
                if left is not None and len(page.items) >= left:
                    yield evolve(page, items=page.items[:left])
                    return
                left = None if left is None else left - len(page.items)
                yield page

    async def _ahead(self) -> AsyncGenerator[Page[T], None]:
        queue: asyncio.Queue[Page[T] | None] = asyncio.Queue()
        room = asyncio.Semaphore(self._prefetch)
        reader = asyncio.create_task(self._read_into(queue, room))
        reader.add_done_callback(lambda _: queue.put_nowait(None))
        try:
            while (page := await queue.get()) is not None:
                room.release()
                yield page
            reader.result()
        finally:
            reader.cancel()
            await asyncio.gather(reader, return_exceptions=True)

    async def _read_into(self, queue: "asyncio.Queue[Page[T] | None]", room: asyncio.Semaphore) -> None:
        async with aclosing(self._in_turn()) as pages:
            await room.acquire()
            async for page in pages:
                queue.put_nowait(page)
                await room.acquire()


class _Reading(Generic[T]):
    """One reading of a listing: asks for pages, and follows the list when it moves."""

    def __init__(
        self,
        fetch: Fetch[T],
        place: Place,
        *,
        identity: Identity[T] | None,
        note: Callable[[Moved], None],
    ) -> None:
        self._fetch = fetch
        self._place = place
        self._identity = identity
        self._tell = note
        self._is_whole = place.next == 0
        self._total: int | None = None

    async def pages(self) -> AsyncGenerator[Page[T], None]:
        """The pages without what was seen before, and without those that this leaves empty."""
        idle, is_first, is_last = 0, True, False
        while not is_last:
            page, new, is_last = await self._next()
            if new or is_first:
                yield evolve(page, items=new, offset=page.offset + len(page.items) - len(new))
            idle, is_first = 0 if new else idle + 1, False
            if idle == MOST_IDLE:
                self._note(
                    page.offset, f"nothing new came in {idle} pages, so no more are read", repaired=False
                )
                return

    async def _next(self) -> tuple[Page[T], Sequence[T], bool]:
        """The next page, its new items, and whether it is the last page."""
        place = self._place
        page = await self._get(place.offset, resume=place.next)
        shrank = self._has_shrunk(page)
        ids = self._ids(page)
        if not place.is_at(ids):
            return await self._found_again(page, shrank=shrank)

        again, before = place.overlap, place.next
        new = self._new(page, ids)
        if len(new) < len(ids) - again:
            self._note(page.offset, "items came twice, and are left out", repaired=True)
        return page, new, _is_last(page, before)

    async def _found_again(self, page: Page[T], *, shrank: bool) -> tuple[Page[T], Sequence[T], bool]:
        """Go back from a page in which nothing is known: items before it were removed."""
        place, earlier = self._place, page
        for offset in place.earlier():
            earlier = await self._get(offset, resume=offset)
            ids = self._ids(earlier)
            known = place.beyond(ids)
            if known is not None:
                self._note(offset, "items before the place were removed; it was found again", repaired=True)
                rest = evolve(earlier, items=earlier.items[known:], offset=offset + known)
                return rest, self._new(rest, ids[known:]), _is_last(earlier, offset)

        if earlier.offset == 0 and (not earlier.items or (shrank and self._is_whole)):
            self._note(0, "everything that was given was removed", repaired=not place.forgot)
            place.forget()
            return earlier, self._new(earlier, self._ids(earlier)), _is_last(earlier, 0)

        self._note(page.offset, "the place was not found again", repaired=False)
        before = place.next
        return page, self._new(page, self._ids(page)), _is_last(page, before)

    def _new(self, page: Page[T], ids: Sequence[Hashable]) -> Sequence[T]:
        return [page.items[position] for position in self._place.take(ids, offset=page.offset)]

    def _ids(self, page: Page[T]) -> Sequence[Hashable]:
        identity = self._identity
        return [None if identity is None else identity(item) for item in page.items]

    def _has_shrunk(self, page: Page[T]) -> bool:
        before, self._total = self._total, page.total
        if before is None or page.total is None or before == page.total:
            return False
        why = f"the total went from {before} to {page.total}"
        self._note(page.offset, why, repaired=self._place.overlap > 0)
        return page.total < before

    async def _get(self, offset: int, *, resume: int) -> Page[T]:
        try:
            return await self._fetch(offset, self._place.page_size)
        except CallError as error:
            error.resume_offset = resume
            raise

    def _note(self, offset: int, why: str, *, repaired: bool) -> None:
        self._tell(Moved(offset=offset, why=why, repaired=repaired))
        logger.log(
            logging.DEBUG if repaired else logging.WARNING,
            "a listing moved while it was read, at offset %d: %s",
            offset,
            why,
        )


def _is_last(page: Page[Any], place: int) -> bool:
    """Whether a page is the last, where everything before a place was read."""
    end = page.offset + len(page.items)
    if not page.items or len(page.items) >= page.limit:
        return not page.items
    # A short page ends the list, unless the list is known to be longer: then the service holds fewer than it says.
    return page.total is None or end >= page.total or end <= place
