"""
Where a reading of a list stands while others change the list: pure, so tested without a service.

An offset counts items that may have been added or removed since, so it is no place. The item that was seen last is one:
what comes after it was not seen, and what comes before it was, as long as items keep their order among each other.
"""

from collections.abc import Hashable, Iterator, Sequence

from aiotables.core.classes import define, field


REMEMBERED = 5
"""Pages of ids that are kept: more than may be met again in a list that moves by less than a page at a time."""


@define(kw_only=True)
class Place:
    """The place of one reading, by the ids of the items that were seen last."""

    next: int
    """Offset of the first item that was not seen, unless the list has moved."""

    page_size: int
    """Items that are asked for at once."""

    overlap: int = 0
    """Items before `next` that are read again, to see whether they are still there: one, where it has an id."""

    forgot: bool = False
    """Whether more was seen than is remembered."""

    _held: int = 0
    _seen: dict[Hashable, None] = field(factory=dict[Hashable, None])

    @property
    def offset(self) -> int:
        """Where the next page is to be read from."""
        return self.next - self.overlap

    @property
    def remembered(self) -> int:
        """How many ids are kept."""
        return len(self._seen)

    def is_at(self, ids: Sequence[Hashable]) -> bool:
        """Whether a page with these ids, read at `offset`, goes on from what was seen."""
        return not self.overlap or any(one in self._seen for one in ids)

    def earlier(self) -> Iterator[int]:
        """Offsets to look for the place at when items slipped to before `offset`: half a page back, then page by page."""
        offset = self.offset - (self._held + 1) // 2
        for _ in range(REMEMBERED):
            yield max(offset, 0)
            if offset <= 0:
                return
            offset -= self._held

    def beyond(self, ids: Sequence[Hashable]) -> int | None:
        """
        Position of the first item that was seen, in a page that was read earlier than `offset`.

        What stands before it was either seen and forgotten, or was added behind the place.
        """
        return next((position for position, one in enumerate(ids) if one in self._seen), None)

    def take(self, ids: Sequence[Hashable], *, offset: int) -> list[int]:
        """
        Take in a page that was read at an offset.

        Args:
            ids: Of its items; `None` where an item has none.
            offset: Items before the page.

        Returns:
            Positions of the items that are new.
        """
        new = [position for position, one in enumerate(ids) if self._is_new(one)]
        while len(self._seen) > REMEMBERED * self.page_size:
            del self._seen[next(iter(self._seen))]
            self.forgot = True
        self.next = offset + len(ids)
        self._held = max(self._held, len(ids))
        # Pages of a single item would show nothing but the one before.
        self.overlap = int(self._held > 1 and bool(ids) and ids[-1] is not None)
        return new

    def forget(self) -> None:
        """Begin anew: nothing that was seen is left in the list."""
        self._seen.clear()
        self.forgot = False

    def _is_new(self, one: Hashable) -> bool:
        if one is None:
            return True
        is_new = one not in self._seen
        # What was seen again is remembered longest, as the dict keeps the order in which ids came.
        self._seen.pop(one, None)
        self._seen[one] = None
        return is_new
