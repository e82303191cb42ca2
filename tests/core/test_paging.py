"""Listings: right while the list changes, bounded, and clear about where they end."""

import asyncio
import logging
import pickle
from collections.abc import AsyncIterator, Callable
from contextlib import aclosing

import pytest
from attrs import define, field
from hypothesis import given, settings
from hypothesis import strategies as st

from aiotables.core.errors import CallError, NotSent
from aiotables.core.paging import MOST_IDLE, MOST_MOVES, Listing, Page
from aiotables.core.record import CallRecord


@define
class Shelf:
    """A list on a service, whose pages are counted."""

    items: list[int]
    told: bool = True
    """Whether it tells how many items there are."""

    clamp: int | None = None
    """Items in a page at the most, whatever is asked for."""

    clamp_told: bool = True
    before: Callable[["Shelf"], None] = lambda shelf: None
    """Called before each page but the first."""

    asked: list[tuple[int, int]] = field(factory=list[tuple[int, int]])

    async def fetch(self, offset: int, limit: int) -> Page[int]:
        """A page."""
        if self.asked:
            self.before(self)
        self.asked.append((offset, limit))
        await asyncio.sleep(0)
        held = limit if self.clamp is None else min(limit, self.clamp)
        return Page(
            items=self.items[offset : offset + held],
            offset=offset,
            limit=held if self.clamp_told else limit,
            total=len(self.items) if self.told else None,
        )

    @property
    def offsets(self) -> list[int]:
        """Where pages were read."""
        return [offset for offset, _ in self.asked]

    def listing(
        self,
        page_size: int = 3,
        *,
        offset: int = 0,
        most: int | None = None,
        prefetch: int = 0,
        ids: bool = True,
    ) -> Listing[int]:
        """A listing of it; each item is its own id."""
        return Listing(
            self.fetch,
            page_size=page_size,
            offset=offset,
            most=most,
            prefetch=prefetch,
            identity=_itself if ids else None,
        )


def _itself(item: int) -> int:
    return item


def shelf(count: int, *, told: bool = True, before: Callable[[Shelf], None] = lambda shelf: None) -> Shelf:
    """A list of the numbers from 0 on."""
    return Shelf(list(range(count)), told=told, before=before)


async def every(items: AsyncIterator[int], given: list[int] | None = None) -> list[int]:
    """All items; `given` has them even when there is an error."""
    had = [] if given is None else given
    async for item in items:
        had.append(item)
    return had


def failing() -> CallError:
    """An error of a call."""
    return NotSent("it failed", record=CallRecord(operation="toy.list"))


async def quiet() -> None:
    """Let everything that was cancelled end."""
    for _ in range(10):
        await asyncio.sleep(0)


# Lists that stay as they are


@pytest.mark.parametrize("told", [True, False])
@pytest.mark.parametrize("ids", [True, False])
@pytest.mark.parametrize("prefetch", [0, 1, 3])
@pytest.mark.parametrize("page_size", [1, 2, 3, 7, 100])
@pytest.mark.parametrize("count", [0, 1, 2, 3, 6, 7, 20])
async def test_whole_list(*, count: int, page_size: int, prefetch: int, ids: bool, told: bool) -> None:
    """Every item comes once, in order, and nothing is said to have moved."""
    listing = shelf(count, told=told).listing(page_size, prefetch=prefetch, ids=ids)

    assert list(range(count)) == [item async for item in listing]
    assert [] == list(listing.moves)


async def test_requests() -> None:
    """With ids each page but the first begins with the last item that was seen; without, right behind it."""
    one, other = shelf(7), shelf(7)

    async for _ in one.listing(3):
        pass
    async for _ in other.listing(3, ids=False):
        pass

    assert [(0, 3), (2, 3), (4, 3), (6, 3)] == one.asked
    assert [(0, 3), (3, 3), (6, 3)] == other.asked


async def test_pages() -> None:
    """Pages hold what is new, and say where it is; one that holds nothing new is left out."""
    pages = [page async for page in shelf(5).listing(3).pages()]

    assert [(0, [0, 1, 2], 5), (3, [3, 4], 5)] == [(page.offset, page.items, page.total) for page in pages]


async def test_empty_list() -> None:
    """Of an empty list there is one page, which is empty, so that its facts can be seen."""
    (page,) = [page async for page in shelf(0).listing().pages()]

    assert ([], 0, 0) == (page.items, page.offset, page.total)


async def test_reading_again() -> None:
    """A listing can be read again, from its start, with nothing left of the reading before."""
    it = shelf(5, before=lambda it: it.items.insert(0, -len(it.asked)))
    listing = it.listing()
    first = [item async for item in listing]
    assert listing.moves

    it.before = lambda _: None

    assert it.items == [item async for item in listing]
    assert [0, 1, 2, 3, 4] == first
    assert [] == list(listing.moves)


@pytest.mark.parametrize("prefetch", [0, 2])
async def test_offset(prefetch: int) -> None:
    """Items before the offset are passed over."""
    assert [4, 5, 6] == [item async for item in shelf(7).listing(2, offset=4, prefetch=prefetch)]
    assert [] == [item async for item in shelf(7).listing(2, offset=9, prefetch=prefetch)]


@pytest.mark.parametrize("prefetch", [0, 2])
@pytest.mark.parametrize(("most", "requests"), [(0, 0), (1, 1), (3, 1), (4, 2), (5, 2), (6, 3), (100, 4)])
async def test_most(most: int, requests: int, prefetch: int) -> None:
    """No more are given than are wanted, and no page is read that nobody wants."""
    it = shelf(7)

    assert list(range(7))[:most] == [item async for item in it.listing(3, most=most, prefetch=prefetch)]
    assert requests == len(it.asked)


@pytest.mark.parametrize("ids", [True, False])
@pytest.mark.parametrize("told", [True, False])
@pytest.mark.parametrize("clamp", [1, 2, 5])
async def test_clamped_limits(*, clamp: int, told: bool, ids: bool) -> None:
    """A service that takes a lower limit than was asked for, and says so, is read to the end."""
    it = Shelf(list(range(11)), told=told, clamp=clamp)

    assert list(range(11)) == [item async for item in it.listing(100, ids=ids)]


@pytest.mark.parametrize("ids", [True, False])
@pytest.mark.parametrize("clamp", [1, 2, 5])
async def test_clamped_limits_that_are_not_told(*, clamp: int, ids: bool) -> None:
    """A service that takes a lower limit without saying so is read to the end where the total is known."""
    it = Shelf(list(range(11)), clamp=clamp, clamp_told=False)

    assert list(range(11)) == [item async for item in it.listing(100, ids=ids)]


@pytest.mark.parametrize("ids", [True, False])
async def test_totals_that_are_too_high(*, ids: bool) -> None:
    """A total that promises more than there is ends nothing and keeps nothing going."""

    async def fetch(offset: int, limit: int) -> Page[int]:
        return Page(items=list(range(5))[offset : offset + limit], offset=offset, limit=limit, total=50)

    assert [0, 1, 2, 3, 4] == [
        item async for item in Listing(fetch, page_size=3, identity=_itself if ids else None)
    ]


async def test_totals_that_are_too_low() -> None:
    """A full page is never taken for the last, whatever the total says."""

    async def fetch(offset: int, limit: int) -> Page[int]:
        return Page(items=list(range(5))[offset : offset + limit], offset=offset, limit=limit, total=3)

    assert [0, 1, 2, 3, 4] == [item async for item in Listing(fetch, page_size=3, identity=_itself)]


@pytest.mark.parametrize(
    ("offset", "page_size", "prefetch", "most"), [(-1, 3, 0, 0), (0, 0, 0, 0), (0, 3, -1, 0), (0, 3, 0, -1)]
)
def test_wrong_arguments(offset: int, page_size: int, prefetch: int, most: int) -> None:
    """What makes no sense is refused at once."""
    with pytest.raises(ValueError, match="must"):
        shelf(1).listing(page_size, offset=offset, prefetch=prefetch, most=most)


# Lists that change


@define
class Changing:
    """Makes some changes to a list before each page, as hypothesis draws them."""

    data: st.DataObject
    left: int = 0
    """Changes that may still be made before the next page is given."""

    stay: set[int] = field(factory=set[int])
    """What was there all the time."""

    _next: int = 1000

    def __call__(self, it: Shelf) -> None:
        """Add and remove."""
        for _ in range(self.data.draw(st.integers(0, self.left))):
            self.left -= 1
            position = self.data.draw(st.integers(0, len(it.items)))
            if position < len(it.items) and self.data.draw(st.booleans()):
                self.stay.discard(it.items.pop(position))
            else:
                it.items.insert(position, self._next)
                self._next += 1


async def read_changing(
    it: Shelf, changing: Changing, listing: Listing[int], *, changes: int, most: int = 300
) -> list[int]:
    """Read a list to which so many changes are made from one page to the next, and so many at the most in all."""
    changing.stay.update(it.items)
    given: list[int] = []
    async for page in listing.pages():
        given += page.items
        most -= changes
        changing.left = changes if most > 0 else 0
    return given


COUNTS = st.integers(0, 30)
SIZES = st.integers(2, 6)


@settings(max_examples=300)
@given(st.data(), COUNTS, SIZES, st.booleans())
async def test_small_changes(data: st.DataObject, count: int, page_size: int, told: bool) -> None:  # noqa: FBT001 -- drawn
    """
    While fewer items come and go from page to page than a page holds, what stays is given exactly once.

    It takes ids and nothing else: the total need not be told.
    """
    changing = Changing(data)
    it = shelf(count, told=told, before=changing)
    listing = it.listing(page_size)

    given = await read_changing(it, changing, listing, changes=page_size - 1)

    assert len(set(given)) == len(given)
    assert set() == changing.stay - set(given)
    assert all(moved.repaired for moved in listing.moves)


@settings(max_examples=200)
@given(st.data(), COUNTS, SIZES, st.integers(0, 25), st.booleans())
async def test_any_changes(
    data: st.DataObject,
    count: int,
    page_size: int,
    changes: int,
    told: bool,  # noqa: FBT001 -- drawn
) -> None:
    """However much comes and goes, the reading ends, and nothing that stays is missing without a word."""
    changing = Changing(data)
    it = shelf(count, told=told, before=changing)
    listing = it.listing(page_size)

    given = await read_changing(it, changing, listing, changes=changes)

    assert changing.stay <= set(given) or not all(moved.repaired for moved in listing.moves)


@settings(max_examples=100)
@given(st.data(), COUNTS, SIZES, st.integers(1, 4))
async def test_prefetch_changes_nothing(
    data: st.DataObject, count: int, page_size: int, prefetch: int
) -> None:
    """What was seen before is left out of pages that were read ahead, too."""
    changing = Changing(data)
    it = shelf(count, before=changing)
    listing = it.listing(page_size, prefetch=prefetch)

    given = await read_changing(it, changing, listing, changes=1, most=30)

    assert len(set(given)) == len(given)


async def test_addition_before_the_place() -> None:
    """What is added in front pushes items that were given into the next page: they come once."""
    it = shelf(6, before=lambda it: it.items.insert(0, 100 + len(it.asked)))
    listing = it.listing(3)

    assert [0, 1, 2, 3, 4, 5] == [item async for item in listing]
    assert "items came twice, and are left out" in {moved.why for moved in listing.moves}


async def test_removal_before_the_place() -> None:
    """What is removed in front pulls items past the place: they are read all the same, without a total, too."""
    it = shelf(9, told=False, before=lambda it: it.items.remove(0) if 0 in it.items else None)
    listing = it.listing(3)

    assert list(range(9)) == [item async for item in listing]
    assert [0, 2, 0, 2, 4, 6] == it.offsets
    assert [(0, "items before the place were removed; it was found again", True)] == [
        (moved.offset, moved.why, moved.repaired) for moved in listing.moves
    ]


async def test_removal_that_the_total_hides() -> None:
    """When as many are added as are removed the total says nothing; the reading is right all the same."""

    def swap(it: Shelf) -> None:
        it.items.pop(0)
        it.items.append(100 + len(it.asked))

    it = shelf(9, before=swap)

    given = [item async for item in it.listing(4, most=9)]

    assert list(range(9)) == given


async def test_removal_while_reading() -> None:
    """A caller may delete each item as it comes: none is passed over, in a list of any length that tells its total."""
    it = shelf(50)
    listing = it.listing(4)
    given: list[int] = []

    async for item in listing:
        given.append(item)
        it.items.remove(item)

    assert list(range(50)) == given
    assert all(moved.repaired for moved in listing.moves)


async def test_removal_while_reading_without_a_total() -> None:
    """Where no total tells that everything was removed, it is said that items may be missing."""
    it = shelf(50, told=False)
    listing = it.listing(4)

    async for item in listing:
        it.items.remove(item)

    assert not all(moved.repaired for moved in listing.moves)


async def test_removal_of_everything() -> None:
    """When nothing is left there is nothing to miss."""
    it = shelf(50, told=False)
    listing = it.listing(4)

    given: list[int] = []
    async for page in listing.pages():
        given += page.items
        it.items.clear()

    assert [0, 1, 2, 3] == given
    assert all(moved.repaired for moved in listing.moves)


async def test_large_removal(caplog: pytest.LogCaptureFixture) -> None:
    """When all that is remembered is gone at once, the reading goes on, and says that items may be missing."""

    def cut(it: Shelf) -> None:
        if len(it.asked) == 20:
            del it.items[5:60]

    it = shelf(100, told=False, before=cut)
    listing = it.listing(3)

    with caplog.at_level(logging.WARNING, logger="aiotables"):
        given = [item async for item in listing]

    assert len(set(given)) == len(given)
    assert [("the place was not found again", False)] == [
        (moved.why, moved.repaired) for moved in listing.moves
    ]
    assert [
        "a listing moved while it was read, at offset 40: the place was not found again"
    ] == caplog.messages


async def test_changes_without_ids(caplog: pytest.LogCaptureFixture) -> None:
    """Without ids nothing can be repaired: a total that changes is told, with a warning."""
    it = shelf(6, before=lambda it: it.items.insert(0, 100))
    listing = it.listing(3, ids=False, most=6)

    with caplog.at_level(logging.WARNING, logger="aiotables"):
        given = [item async for item in listing]

    assert [0, 1, 2, 2, 3, 4] == given
    assert [("the total went from 6 to 7", False)] == [(moved.why, moved.repaired) for moved in listing.moves]
    assert 1 == len(caplog.messages)


async def test_repaired_moves_are_no_warning(caplog: pytest.LogCaptureFixture) -> None:
    """What could be repaired is nobody's worry."""
    it = shelf(6, before=lambda it: it.items.insert(0, 100 + len(it.asked)))
    listing = it.listing(3)

    with caplog.at_level(logging.WARNING, logger="aiotables"):
        assert [0, 1, 2, 3, 4, 5] == [item async for item in listing]

    assert listing.moves
    assert [] == caplog.messages


async def test_items_without_an_id() -> None:
    """Items whose id is `None` are all given."""
    it = shelf(7)
    listing = Listing(it.fetch, page_size=3, identity=lambda item: None)

    assert list(range(7)) == [item async for item in listing]


async def test_moves_are_bounded() -> None:
    """A list that never stops moving does not fill the memory."""
    it = shelf(2 * MOST_MOVES, before=lambda it: it.items.append(1000 + len(it.asked)))
    listing = it.listing(2, most=2 * MOST_MOVES)

    async for _ in listing:
        pass

    assert MOST_MOVES == len(listing.moves)


# Services that would keep a reading going for ever


@pytest.mark.parametrize("total", [None, 10**9])
async def test_service_that_ignores_the_offset(total: int | None) -> None:
    """A service that gives the same page for ever is left after a while, and that is told."""

    async def fetch(offset: int, limit: int) -> Page[int]:
        return Page(items=[1, 2, 3], offset=offset, limit=3, total=total)

    listing = Listing(fetch, page_size=3, identity=_itself)

    assert [1, 2, 3] == [item async for item in listing]
    assert f"nothing new came in {MOST_IDLE} pages, so no more are read" == listing.moves[-1].why
    assert not listing.moves[-1].repaired


async def test_total_that_keeps_shrinking() -> None:
    """A total that falls with every page keeps nothing going, and all items come."""
    totals = iter(range(100, 0, -1))

    async def fetch(offset: int, limit: int) -> Page[int]:
        items = list(range(20))[offset : offset + limit]
        return Page(items=items, offset=offset, limit=limit, total=next(totals))

    assert list(range(20)) == [item async for item in Listing(fetch, page_size=3, identity=_itself)]


async def test_list_that_is_emptied_from_the_front() -> None:
    """A list that loses items with every page is read to its end."""
    it = shelf(200, before=lambda it: it.items.__delitem__(slice(0, 2)))

    given = [item async for item in it.listing(5)]

    assert sorted(set(given)) == given
    assert 199 == given[-1]


# Errors


@define
class Broken:
    """A list whose page at one offset cannot be had."""

    at: int
    error: Exception = field(factory=failing)

    async def fetch(self, offset: int, limit: int) -> Page[int]:
        """A page, or the error."""
        if offset == self.at:
            raise self.error
        return await shelf(10).fetch(offset, limit)

    def listing(self, prefetch: int = 0) -> Listing[int]:
        """A listing of it."""
        return Listing(self.fetch, page_size=3, prefetch=prefetch, identity=_itself)


@pytest.mark.parametrize("prefetch", [0, 1, 5])
async def test_errors_tell_where_to_go_on(prefetch: int) -> None:
    """What was read before an error is given, and a listing from the error's offset gives exactly the rest."""
    given: list[int] = []

    with pytest.raises(NotSent) as caught:
        await every(aiter(Broken(4).listing(prefetch)), given)

    assert [0, 1, 2, 3, 4] == given
    assert 5 == caught.value.resume_offset
    rest = shelf(10).listing(offset=caught.value.resume_offset or 0)
    assert list(range(10)) == given + [item async for item in rest]


@pytest.mark.parametrize("prefetch", [0, 2])
async def test_errors_survive_pickle(prefetch: int) -> None:
    """A worker can send the error to its parent, the offset included."""
    with pytest.raises(NotSent) as caught:
        await every(aiter(Broken(2).listing(prefetch)))

    again: CallError = pickle.loads(pickle.dumps(caught.value))  # noqa: S301 -- made above

    assert 3 == again.resume_offset


async def test_error_on_the_first_page() -> None:
    """An error before anything was given tells the offset that the listing began at."""
    broken = Broken(6)

    with pytest.raises(NotSent) as caught:
        await every(aiter(Listing(broken.fetch, page_size=3, offset=6)))

    assert 6 == caught.value.resume_offset


async def test_error_while_looking_for_the_place() -> None:
    """Where items slipped to before the place, going on means to begin before it."""
    items = list(range(20))
    asked: list[int] = []

    async def fetch(offset: int, limit: int) -> Page[int]:
        asked.append(offset)
        if len(asked) == 3:
            del items[0]
        if len(asked) == 4:
            raise failing()
        return Page(items=items[offset : offset + limit], offset=offset, limit=limit)

    with pytest.raises(NotSent) as caught:
        await every(aiter(Listing(fetch, page_size=4, identity=_itself)))

    assert [0, 3, 6, 4] == asked
    assert 4 == caught.value.resume_offset


@pytest.mark.parametrize("prefetch", [0, 2])
async def test_other_errors_pass(prefetch: int) -> None:
    """What is no error of a call comes as it is."""
    with pytest.raises(ZeroDivisionError):
        await every(aiter(Broken(2, ZeroDivisionError()).listing(prefetch)))


# Reading ahead


@pytest.mark.parametrize("prefetch", [1, 2, 5])
async def test_reading_ahead_is_bounded(prefetch: int) -> None:
    """While the caller has a page, no more pages than were asked for are read ahead of it."""
    it = shelf(60)
    had = 0

    async for _ in it.listing(3, prefetch=prefetch, ids=False).pages():
        had += 1
        await quiet()

        assert min(had + prefetch, 21) == len(it.asked)


async def test_not_reading_ahead() -> None:
    """Without it a page is read when it is wanted."""
    it = shelf(60)
    had = 0

    async for _ in it.listing(3, ids=False).pages():
        had += 1

        assert had == len(it.asked)


def others() -> set["asyncio.Task[object]"]:
    """Tasks beside the one of the test."""
    return {task for task in asyncio.all_tasks() if task is not asyncio.current_task()}


async def test_no_task_is_left_after_the_end() -> None:
    """When everything was given nothing goes on."""
    await every(aiter(shelf(20).listing(prefetch=2)))

    assert set() == others()


async def test_no_task_is_left_after_break() -> None:
    """A caller may leave the loop."""
    async for item in shelf(60).listing(prefetch=2):
        if item == 4:
            break

    await quiet()
    assert set() == others()


async def test_no_task_is_left_after_an_error_of_the_caller() -> None:
    """A caller may fail in the loop."""

    async def work() -> None:
        async for _ in shelf(60).listing(prefetch=2):
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        await work()

    await quiet()
    assert set() == others()


async def test_no_task_is_left_after_closing() -> None:
    """Closing the iterator ends all that it began before it returns."""
    async with aclosing(shelf(60).listing(prefetch=2).pages()) as pages:
        await anext(pages)
        assert set() != others()

    assert set() == others()


async def test_no_task_is_left_after_cancelling() -> None:
    """A caller may be cancelled while it waits for a page."""
    waits = asyncio.Event()

    async def fetch(offset: int, limit: int) -> Page[int]:
        waits.set()
        await asyncio.Event().wait()
        raise AssertionError

    task = asyncio.create_task(every(aiter(Listing(fetch, page_size=3, prefetch=2))))
    await waits.wait()
    task.cancel()

    with pytest.raises(asyncio.CancelledError):
        await task
    await quiet()
    assert set() == others()


async def test_error_that_nobody_waits_for(caplog: pytest.LogCaptureFixture) -> None:
    """An error in a page that was read ahead is no matter when the caller left before."""
    async with aclosing(Broken(2).listing(prefetch=3).pages()) as pages:
        first = await anext(pages)
        await quiet()

    assert [0, 1, 2] == first.items
    assert [] == caplog.messages


async def test_reader_that_is_cancelled_from_outside() -> None:
    """When somebody cancels the reading task, the caller does not wait for ever."""
    it = shelf(60)
    items = aiter(it.listing(prefetch=1))
    await anext(items)
    for task in others():
        task.cancel()

    with pytest.raises(asyncio.CancelledError):
        await every(items)
