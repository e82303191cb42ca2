"""Where a reading stands: decided by ids alone."""

from hypothesis import given
from hypothesis import strategies as st

from aiotables.core.place import REMEMBERED, Place


def place(start: int = 0, page_size: int = 4) -> Place:
    """A place at the start of a reading."""
    return Place(next=start, page_size=page_size)


def test_start() -> None:
    """At the start nothing is known, so whatever comes is at the place."""
    it = place(7)

    assert (7, True, True) == (it.offset, it.is_at([]), it.is_at(["a"]))


def test_overlap() -> None:
    """After a page the next one is read from the last item that was seen on."""
    it = place(7)

    assert [0, 1] == it.take(["a", "b"], offset=7)
    assert (9, 8) == (it.next, it.offset)


def test_is_at() -> None:
    """A page is at the place if anything in it was seen."""
    it = place()
    it.take(["a", "b"], offset=0)

    assert it.is_at(["b", "c"])
    assert it.is_at(["x", "a", "c"])
    assert not it.is_at(["c", "d"])
    assert not it.is_at([])


def test_new() -> None:
    """What was seen, before or in the same page, is not new."""
    it = place()
    it.take(["a", "b"], offset=0)

    assert [1, 2] == it.take(["b", "c", "d", "c"], offset=1)


def test_items_without_an_id() -> None:
    """What has no id is always new, is not remembered, and does not tell the place."""
    it = place()

    assert [0, 1] == it.take([None, None], offset=0)
    assert [0] == it.take([None], offset=2)
    assert (3, 3, 0) == (it.next, it.offset, it.remembered)
    assert it.is_at([])


def test_pages_of_one_item() -> None:
    """Pages of one item do not overlap: they would show nothing new."""
    it = place(page_size=1)
    it.take(["a"], offset=0)

    assert (1, True) == (it.offset, it.is_at(["b"]))


def test_empty_page() -> None:
    """An empty page leaves the place at its beginning."""
    it = place(7)

    assert [] == it.take([], offset=7)
    assert 7 == it.offset


def test_earlier() -> None:
    """The place is looked for half a page back, and then page by page, a few times."""
    it = place(100)
    it.take(["a", "b", "c", "d"], offset=100)

    assert [101, 97, 93, 89, 85] == list(it.earlier())


def test_earlier_ends_at_the_start_of_the_list() -> None:
    """Nothing is before the first item."""
    it = place(2)
    it.take(["a", "b", "c", "d"], offset=2)

    assert [3, 0] == list(it.earlier())


def test_beyond() -> None:
    """In an earlier page what is before the first item that was seen does not count."""
    it = place()
    it.take(["a", "b", "c", "d"], offset=0)

    assert 2 == it.beyond(["x", "y", "b", "e"])
    assert it.beyond(["x", "y"]) is None


def test_what_was_seen_again_is_remembered_longest() -> None:
    """An item at the place is kept, however much is added right before it."""
    it = place(page_size=2)
    it.take(["a", "b"], offset=0)
    for number in range(3 * REMEMBERED):
        it.take([f"x{number}", "b"], offset=number + 1)

    assert it.is_at(["b"])
    assert not it.is_at(["a"])


def test_forgetting() -> None:
    """Beginning anew, nothing was seen and nothing was forgotten."""
    it = place(page_size=1)
    for number in range(REMEMBERED + 1):
        it.take([number], offset=number)
    assert it.forgot

    it.forget()

    assert (False, 0) == (it.forgot, it.remembered)


@given(st.integers(1, 5), st.lists(st.lists(st.integers(0, 50), max_size=5), max_size=30))
def test_memory_is_bounded(page_size: int, pages: list[list[int]]) -> None:
    """However much is read, only so many ids are kept."""
    it = place(page_size=page_size)
    for page in pages:
        it.take(page, offset=0)

        assert REMEMBERED * page_size >= it.remembered
