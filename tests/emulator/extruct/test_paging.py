"""Query parameters of lists, and the headers of pages."""

from urllib.parse import parse_qsl

import pytest
from multidict import MultiDict

from aiotables.emulator.extruct.paging import headers, listing, window
from aiotables.emulator.extruct.refusal import Refusal
from aiotables.emulator.extruct.tables import Listing


def query(text: str) -> MultiDict[str]:
    """The parameters of a query string."""
    return MultiDict(parse_qsl(text))


def test_nothing_asked() -> None:
    """Newest first, fifty of them."""
    assert Listing(sort="-created_at", limit=50, tags=[]) == listing(query(""))


def test_everything_asked() -> None:
    """Every parameter of the page is understood, tags more than once."""
    asked = listing(
        query("kind=people&scope=personal&search=a&tags=x&tags=y&sort=-num_rows&offset=20&limit=100")
    )

    assert (
        Listing(kind="people", search="a", tags=["x", "y"], sort="-num_rows", offset=20, limit=100) == asked
    )


def test_a_limit_above_the_highest_is_400() -> None:
    """The page says 400, where FastAPI by itself would say 422."""
    with pytest.raises(Refusal) as caught:
        listing(query("limit=101"))

    assert (400, "limit must be at most 100") == (caught.value.status, caught.value.detail)


@pytest.mark.parametrize(
    ("text", "names"),
    [
        ("limit=0", ["limit"]),
        ("limit=x", ["limit"]),
        ("limit=1.5", ["limit"]),
        ("offset=-1", ["offset"]),
        (f"offset={'9' * 30}", ["offset"]),
        ("kind=zork&scope=zork&sort=zork&offset=x", ["kind", "scope", "sort", "offset"]),
    ],
)
def test_parameters_that_are_refused(text: str, names: list[str]) -> None:
    """All faults are told, each at its parameter."""
    with pytest.raises(Refusal) as caught:
        listing(query(text))

    assert 422 == caught.value.status
    assert [["query", name] for name in names] == [issue["loc"] for issue in caught.value.detail]


def test_a_window_of_rows() -> None:
    """Without a limit all rows are meant."""
    assert {"offset": 0, "limit": None} == window(query(""))
    assert {"offset": 3, "limit": 0} == window(query("offset=3&limit=0"))
    with pytest.raises(Refusal):
        window(query("limit=-1"))


@pytest.mark.parametrize(
    ("offset", "total", "pages", "page"),
    [(0, 0, "0", "1"), (0, 20, "2", "1"), (10, 21, "3", "2"), (15, 21, "3", "2")],
)
def test_headers_of_a_page(offset: int, total: int, pages: str, page: str) -> None:
    """All five headers are integers as text."""
    assert {
        "x-extruct-pagination-total": str(total),
        "x-extruct-pagination-total-pages": pages,
        "x-extruct-pagination-limit": "10",
        "x-extruct-pagination-offset": str(offset),
        "x-extruct-pagination-page": page,
    } == headers(Listing(offset=offset, limit=10), total)
