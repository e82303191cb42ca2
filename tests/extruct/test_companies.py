"""Companies: both forms of each search send what the docs show, and page to the end."""

from typing import TYPE_CHECKING, Any

import orjson
import pytest

from aiotables.core import errors
from aiotables.extruct import Extruct
from aiotables.extruct.models import CompanySearchResult, SearchFilters


if TYPE_CHECKING:
    from tests.extruct.conftest import Documented
    from tests.scripted import Service


def found(*numbers: int) -> dict[str, Any]:
    """A page of companies."""
    return {"results": [{"id": f"c{number}"} for number in numbers]}


@pytest.fixture
def filters(documented: "Documented") -> SearchFilters:
    """Filters with every documented field."""
    read: SearchFilters = documented.read(documented.request("search_companies")["filters"], SearchFilters)
    return read


# Search


async def test_search(
    extruct: Extruct, service: "Service", documented: "Documented", filters: SearchFilters
) -> None:
    """The recommended form sends query, filters and page in a body."""
    answer = documented.answer("search_companies_get")
    service.answers(service.says(answer))

    listing = extruct.companies.search("<string>", filters=filters, offset=123, page_size=123)
    companies = [company async for company in listing]

    assert ["POST /v1/companies/search"] == service.calls
    assert documented.request("search_companies") == service.heard[0].json
    assert documented.read(answer["results"], list[CompanySearchResult]) == companies


async def test_search_with_nothing_else(extruct: Extruct, service: "Service") -> None:
    """Without filters none are sent."""
    service.answers(service.says(found()))

    assert [] == [company async for company in extruct.companies.search("robots")]
    assert {"q": "robots", "pagination": {"offset": 0, "limit": 100}} == service.heard[0].json


async def test_search_by_get(extruct: Extruct, service: "Service", documented: "Documented") -> None:
    """The older form sends the same in the query, with the filters as JSON text."""
    answer, query = documented.answer("search_companies_get"), documented.query("search_companies_get")
    service.answers(service.says(answer))
    filters = documented.read(orjson.loads(query["filters"]), SearchFilters)

    listing = extruct.companies.search(
        query["q"], filters=filters, page_size=int(query["limit"]), deprecated_get=True
    )
    companies = [company async for company in listing]

    (heard,) = service.heard
    assert heard.call.startswith("GET /v1/companies/search?")
    assert {**query, "filters": orjson.loads(query["filters"])} == {
        **heard.query,
        "filters": orjson.loads(heard.query["filters"]),
    }
    assert documented.read(answer["results"], list[CompanySearchResult]) == companies


async def test_search_by_get_with_nothing_else(extruct: Extruct, service: "Service") -> None:
    """Without filters none are sent."""
    service.answers(service.says(found()))

    assert [] == [c async for c in extruct.companies.search("a & b", deprecated_get=True)]
    assert ["GET /v1/companies/search?q=a+%26+b&offset=0&limit=100"] == service.calls


@pytest.mark.parametrize("deprecated_get", [True, False])
async def test_search_of_many(extruct: Extruct, service: "Service", *, deprecated_get: bool) -> None:
    """Pages are read until one has fewer companies than were asked for; a company that comes twice is left out."""
    service.answers(*map(service.says, [found(0, 1, 2), found(2, 3, 4), found(4, 5)]))

    listing = extruct.companies.search("x", page_size=3, deprecated_get=deprecated_get, prefetch=1)

    assert ["c0", "c1", "c2", "c3", "c4", "c5"] == [company.id async for company in listing]


async def test_search_for_some(extruct: Extruct, service: "Service") -> None:
    """A search may end early."""
    service.answers(service.says(found(0, 1, 2)))

    listing = extruct.companies.search("x", page_size=3, most=2)

    assert ["c0", "c1"] == [company.id async for company in listing]


async def test_too_large_pages(extruct: Extruct, service: "Service") -> None:
    """If more are asked for than a page may hold, and the service cuts without a word, all come all the same."""
    service.answers(service.says(found(*range(250))), service.says(found(*range(249, 260))))

    assert 260 == len([company async for company in extruct.companies.search("x", page_size=1000)])


async def test_lost_search(extruct: Extruct, service: "Service") -> None:
    """A search whose reply is lost is made again, though it is a POST."""
    service.answers(None, service.says(found(0)))

    assert ["c0"] == [company.id async for company in extruct.companies.search("x")]


# Similar companies


async def test_similar(
    extruct: Extruct, service: "Service", documented: "Documented", filters: SearchFilters
) -> None:
    """The recommended form has the company in its path, as one part of it, and the rest in a body."""
    service.answers(service.says(found(0)), service.says(found(0)))

    assert ["c0"] == [company.id async for company in extruct.companies.similar("acme.example")]
    async for _ in extruct.companies.similar("a/b", filters=filters):
        pass

    assert [
        "POST /v1/companies/acme.example/similar",
        "POST /v1/companies/a%2Fb/similar",
    ] == service.calls
    assert documented.request("find_similar_companies") == service.heard[0].json
    assert documented.request("search_companies")["filters"] == service.heard[1].json["filters"]


async def test_similar_by_get(extruct: Extruct, service: "Service", filters: SearchFilters) -> None:
    """The older form sends the same in the query."""
    service.answers(service.says(found(0)), service.says(found(0)))

    async for _ in extruct.companies.similar("acme.example", filters=filters, deprecated_get=True):
        pass
    async for _ in extruct.companies.similar("acme.example", offset=5, deprecated_get=True):
        pass

    assert service.calls[0].startswith("GET /v1/companies/acme.example/similar?filters=%7B%22include")
    assert "GET /v1/companies/acme.example/similar?offset=5&limit=100" == service.calls[1]


async def test_similar_to_nobody(extruct: Extruct, service: "Service") -> None:
    """A company that is not in the index is an error, and not an empty list."""
    service.answers(service.says({"detail": "Not found"}, status=404))

    with pytest.raises(errors.NotFound):
        [company async for company in extruct.companies.similar("nobody.example")]


# Profiles


async def test_get(extruct: Extruct, service: "Service") -> None:
    """A profile is read whatever is in it, as no page shows its shape."""
    answer = {"company_name": "Acme", "context": {"employee_count": "11-50"}, "new": [1]}
    service.answers(service.says(answer))

    profile = await extruct.companies.get("acme.example")

    assert ["GET /v1/companies/acme.example"] == service.calls
    assert ("Acme", {"employee_count": "11-50"}, {"new": [1]}) == (
        profile.company_name,
        profile.context,
        profile.additional,
    )
