"""Searches for companies, by a text or by likeness (docs pages api-reference/search)."""

from typing import Any

import orjson
from attrs import frozen

from aiotables.emulator.bodies import BodyError, Issue, Json, decode, given, parse
from aiotables.emulator.calls import Incoming, Reply
from aiotables.emulator.choices import COMPANY_UNKNOWN, MOST_DOMAINS, SEARCH_LIMIT, SEARCH_LIMIT_MOST
from aiotables.emulator.extruct import paging
from aiotables.emulator.extruct.companies import (
    Company,
    alike,
    companies,
    find,
    ranked,
    registered_domain,
    result,
    without,
)
from aiotables.emulator.extruct.refusal import Refusal, invalid_body, invalid_query
from aiotables.emulator.extruct.replies import success
from aiotables.extruct._generated.models import (
    CompanyExclusion,
    CompanyInclusion,
    CompanyRanges,
    CompanySearch,
    SearchFilters,
    SimilarCompaniesSearch,
    YearRange,
)


@frozen(kw_only=True)
class Wanted:
    """Which companies are asked for, and which page of them."""

    filters: SearchFilters
    sent: Json
    """The filters as they came."""
    offset: int
    limit: int
    depth: int
    """Results over all pages; what lies deeper is not seen."""

    def among(self) -> list[Company]:
        """The companies that the filters let through."""
        exclude = given(self.filters.exclude) or CompanyExclusion()
        domains = frozenset(filter(None, map(registered_domain, given(exclude.domains) or ())))
        return [company for company in without(companies(), domains) if self._lets_through(company, exclude)]

    def page(self, found: list[tuple[float, Company]]) -> list[dict[str, Any]]:
        """The page of *found*."""
        cut = found[: self.depth][self.offset : self.offset + self.limit]
        return [result(company, score) for score, company in cut]

    def echo(self, **more: object) -> dict[str, Any]:
        """What the answer says of the request."""
        return {"offset": self.offset, "limit": self.limit, **more, "filters": self.sent}

    def _lets_through(self, company: Company, exclude: CompanyExclusion) -> bool:
        include = given(self.filters.include) or CompanyInclusion()
        for name, value in (("size", company.size), ("country", company.country), ("city", company.city)):
            chosen, barred = given(getattr(include, name)), given(getattr(exclude, name))
            if (chosen and not _is_in(value, chosen)) or _is_in(value, barred or ()):
                return False

        ranges = given(self.filters.range) or CompanyRanges()
        return _was_founded_in(company, given(ranges.founded) or YearRange())


def _is_in(value: str | None, words: Any) -> bool:  # noqa: ANN401 - texts or members of an enum
    return value is not None and value.casefold() in {str(word).casefold() for word in words}


def _was_founded_in(company: Company, years: YearRange) -> bool:
    low, high = given(years.min), given(years.max)
    if low is None and high is None:
        return True

    year = company.founded
    return year is not None and (low is None or low <= year) and (high is None or year <= high)


def search_companies(incoming: Incoming, depth: int) -> Reply:
    """
    Companies by a text.

    Raises:
        Refusal: A part of the body is not valid.
    """
    raw = parse(incoming.body, incoming.operation)
    body = decode(raw, CompanySearch)
    return _search(body.q, _of_body(raw, depth))


def search_companies_get(incoming: Incoming, depth: int) -> Reply:
    """
    The same, by query parameters.

    Raises:
        Refusal: A parameter is missing or not valid.
    """
    text = incoming.query.get("q")
    if text is None:
        raise invalid_query(Issue(("q",), "Field required", "missing"))

    return _search(text, _of_query(incoming, depth))


def find_similar(incoming: Incoming, depth: int) -> Reply:
    """
    Companies that are like another.

    Raises:
        Refusal: There is no such company, or a part of the body is not valid.
    """
    raw = parse(incoming.body, incoming.operation)
    decode(raw, SimilarCompaniesSearch)
    return _similar(_company(incoming), _of_body(raw, depth))


def find_similar_get(incoming: Incoming, depth: int) -> Reply:
    """
    The same, by query parameters.

    Raises:
        Refusal: There is no such company, or a parameter is not valid.
    """
    return _similar(_company(incoming), _of_query(incoming, depth))


def get_company(incoming: Incoming) -> Reply:
    """
    What is known of a company.

    Raises:
        Refusal: There is no such company.
    """
    company = _company(incoming)
    context = {
        "short_description": company.description,
        "founding_year": company.founded,
        "employee_count": company.size,
        "hq_country": company.country,
        "hq_city": company.city,
        "sources": [f"https://{company.domain}/"],
    }
    return success(
        {"id": company.id, "company_name": company.name, "domain": company.domain, "context": context}
    )


def _search(text: str, wanted: Wanted) -> Reply:
    results = wanted.page(ranked(text, wanted.among()))
    return success({"results": results, "request": wanted.echo(query=text)})


def _similar(company: Company, wanted: Wanted) -> Reply:
    return success(
        {
            "results": wanted.page(alike(company, wanted.among())),
            "reference_company": result(company, None),
            "request": wanted.echo(reference_company_id=company.id),
        }
    )


def _company(incoming: Incoming) -> Company:
    company = find(incoming.path["company_identifier"])
    if company is None:
        raise Refusal(404, COMPANY_UNKNOWN)

    return company


def _of_body(raw: Json, depth: int) -> Wanted:
    pagination = raw.get("pagination", {})
    offset, limit = pagination.get("offset", 0), pagination.get("limit", SEARCH_LIMIT)
    issues = [
        Issue(("pagination", *issue.place), issue.message, issue.type)
        for issue in _window_issues(offset, limit)
    ]
    sent = raw.get("filters", {})
    filters, found = _filters(sent)
    issues += [Issue(("filters", *issue.place), issue.message, issue.type) for issue in found]
    if issues:
        raise invalid_body(*issues)

    return Wanted(filters=filters, sent=sent, offset=offset, limit=limit, depth=depth)


def _of_query(incoming: Incoming, depth: int) -> Wanted:
    window = paging.window(incoming.query)
    offset, limit = window["offset"], SEARCH_LIMIT if window["limit"] is None else window["limit"]
    try:
        sent = orjson.loads(incoming.query.get("filters", "{}"))
    except orjson.JSONDecodeError as error:
        raise invalid_query(Issue(("filters",), f"JSON decode error: {error}", "json_invalid")) from None

    filters, found = _filters(sent)
    issues = [*_window_issues(offset, limit)]
    issues += [Issue(("filters", *issue.place), issue.message, issue.type) for issue in found]
    if issues:
        raise invalid_query(*issues)

    return Wanted(filters=filters, sent=sent, offset=offset, limit=limit, depth=depth)


def _window_issues(offset: int, limit: int) -> list[Issue]:
    issues = []
    if not 0 <= offset < 2**63:
        issues.append(Issue(("offset",), "Input should be greater than or equal to 0", "greater_than_equal"))
    if not 1 <= limit <= SEARCH_LIMIT_MOST:
        msg = f"Input should lie between 1 and {SEARCH_LIMIT_MOST}"
        issues.append(Issue(("limit",), msg, "less_than_equal"))
    return issues


def _filters(sent: Json) -> tuple[SearchFilters, list[Issue]]:
    try:
        filters = decode(sent, SearchFilters, strict=True)
    except BodyError as error:
        return SearchFilters(), list(error.issues)

    include, exclude = given(filters.include), given(filters.exclude) or CompanyExclusion()
    issues = [
        Issue((name, "size", place), "Input should be one of the documented sizes", "enum")
        for name, part in (("include", include), ("exclude", exclude))
        for place, size in enumerate((part and given(part.size)) or ())
        if size.is_unknown
    ]
    issues += (
        Issue(("exclude", "domains", *issue.place), issue.message)
        for issue in domain_issues(given(exclude.domains) or [])
    )
    return filters, issues


def domain_issues(domains: list[str]) -> list[Issue]:
    """What is wrong with domains that are to be excluded."""
    reduced = [registered_domain(domain) for domain in domains]
    issues = [Issue((place,), "Invalid domain") for place, domain in enumerate(reduced) if domain is None]
    if len(set(reduced)) > MOST_DOMAINS:
        issues.append(Issue((), f"No more than {MOST_DOMAINS} domains", "too_long"))
    return issues
