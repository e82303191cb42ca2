"""Search for companies."""

from collections.abc import Awaitable, Callable, Sequence

import orjson

from aiotables.core.client import Resource
from aiotables.core.convert import Converter
from aiotables.core.paging import Listing, Page
from aiotables.core.sentinels import UNSET
from aiotables.extruct._generated import operations
from aiotables.extruct._generated.models import (
    CompanyProfile,
    CompanySearch,
    CompanySearchResult,
    Pagination,
    SearchFilters,
    SimilarCompaniesSearch,
)


PAGE = 100
"""Companies in one request, where nothing is said."""

MOST = 250
"""Most companies in a page (docs page api-reference/search-post)."""

Results = Callable[[int, int], Awaitable[Sequence[CompanySearchResult]]]


class Companies(Resource):
    """Search for companies, and their profiles."""

    def search(
        self,
        q: str,
        *,
        filters: SearchFilters | None = None,
        offset: int = 0,
        page_size: int = PAGE,
        most: int | None = None,
        prefetch: int = 0,
        deprecated_get: bool = False,
    ) -> Listing[CompanySearchResult]:
        """
        Search companies by meaning, best first, as an async iterator.

        Args:
            q: What to look for, in words.
            filters: What the companies must be.
            offset: Companies to pass over.
            page_size: Companies in one request, 1 to 250.
            most: Companies to give at the most; the service ends at the cap of the plan.
            prefetch: Pages to read ahead.
            deprecated_get: Use the older GET form, which gives the same.

        Source: docs page api-reference/search-post (and api-reference/search for the older form).
        """

        async def post(start: int, limit: int) -> Sequence[CompanySearchResult]:
            body = CompanySearch(
                q=q, filters=filters or UNSET, pagination=Pagination(offset=start, limit=limit)
            )
            return (await self._call(operations.SEARCH_COMPANIES, body=body)).results

        async def get(start: int, limit: int) -> Sequence[CompanySearchResult]:
            query = {"q": q, "filters": _text(filters), "offset": start, "limit": limit}
            return (await self._call(operations.SEARCH_COMPANIES_GET, query=query)).results

        return _listing(get if deprecated_get else post, offset, page_size, most, prefetch)

    def similar(
        self,
        company: str,
        *,
        filters: SearchFilters | None = None,
        offset: int = 0,
        page_size: int = PAGE,
        most: int | None = None,
        prefetch: int = 0,
        deprecated_get: bool = False,
    ) -> Listing[CompanySearchResult]:
        """
        Search companies like a given one, most alike first, as an async iterator; that one is not among them.

        Args:
            company: Its id or domain.
            filters: What the companies must be.
            offset: Companies to pass over.
            page_size: Companies in one request, 1 to 250.
            most: Companies to give at the most.
            prefetch: Pages to read ahead.
            deprecated_get: Use the older GET form, which gives the same.

        Raises:
            NotFound: The company is not in the index.

        Source: docs page api-reference/lookalike-search-post (and api-reference/lookalike-search).
        """
        path = {"company_identifier": company}

        async def post(start: int, limit: int) -> Sequence[CompanySearchResult]:
            pagination = Pagination(offset=start, limit=limit)
            body = SimilarCompaniesSearch(filters=filters or UNSET, pagination=pagination)
            return (await self._call(operations.FIND_SIMILAR_COMPANIES, path=path, body=body)).results

        async def get(start: int, limit: int) -> Sequence[CompanySearchResult]:
            query = {"filters": _text(filters), "offset": start, "limit": limit}
            found = await self._call(operations.FIND_SIMILAR_COMPANIES_GET, path=path, query=query)
            return found.results

        return _listing(get if deprecated_get else post, offset, page_size, most, prefetch)

    async def get(self, company: str) -> CompanyProfile:
        """
        Get the profile of a company.

        The docs page could not be read; the fields are known from third-party code alone.

        Args:
            company: Its id or domain.

        Source: docs page api-reference/company-lookup (inferred).
        """
        return await self._call(operations.GET_COMPANY, path={"company_identifier": company})


def _listing(
    results: Results, offset: int, page_size: int, most: int | None, prefetch: int
) -> Listing[CompanySearchResult]:
    async def fetch(start: int, limit: int) -> Page[CompanySearchResult]:
        # Of a page that is asked for too large it is not stated whether it is refused or cut.
        return Page(items=await results(start, limit), offset=start, limit=min(limit, MOST))

    return Listing(
        fetch,
        offset=offset,
        page_size=page_size,
        most=most,
        prefetch=prefetch,
        identity=lambda company: company.id,
    )


def _text(filters: SearchFilters | None) -> str | None:
    return None if filters is None else orjson.dumps(_converter.to_wire(filters)).decode()


_converter = Converter()
