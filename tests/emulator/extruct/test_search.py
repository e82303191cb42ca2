"""Searches for companies."""

from collections.abc import Callable, Coroutine
from typing import Any, TypeAlias
from urllib.parse import quote

import orjson
import pytest
from hypothesis import given
from hypothesis import strategies as st

from aiotables.core.convert import Converter
from aiotables.emulator.extruct.companies import companies, find, registered_domain
from aiotables.extruct._generated import operations
from aiotables.extruct._generated.models import CompanySize


Ask: TypeAlias = Callable[..., Coroutine[Any, Any, Any]]

strict = Converter(forbid_unknown=True)

SEARCH = "/v1/companies/search"


def names(answer: Any) -> list[str]:  # noqa: ANN401 - JSON
    """The names of the companies found."""
    return [company["name"] for company in answer.json["results"]]


def test_the_companies() -> None:
    """Enough of them, each once, and sizes that are documented."""
    domains = [company.domain for company in companies()]

    assert 90 < len(domains) == len(set(domains))
    assert {company.size for company in companies()} <= {*CompanySize, None}
    assert domains == [registered_domain(domain) for domain in domains]
    assert "Data platforms and observability." == next(
        c.description for c in companies() if c.name == "Elastic"
    )


async def test_search_companies(extruct: Ask) -> None:
    """The most alike first, in the documented form, with what was asked."""
    body = {
        "q": "freight forwarding",
        "filters": {"include": {"country": ["germany"]}},
        "pagination": {"limit": 2},
    }
    answer = await extruct("POST", SEARCH, body)

    assert ["DHL Group", "SAP"] == names(answer)
    assert [1.0, 0.0] == [company["relevance_score"] for company in answer.json["results"]]
    assert {
        "offset": 0,
        "limit": 2,
        "query": "freight forwarding",
        "filters": body["filters"],
    } == answer.json["request"]
    strict.decode(answer.json, operations.SEARCH_COMPANIES.result)


@pytest.mark.parametrize(
    ("filters", "expected"),
    [
        ({"include": {"size": ["1001-5000"], "city": ["New York"]}}, {"Ubiquiti", "Etsy"}),
        ({"include": {"country": ["Japan"]}, "exclude": {"city": ["TOKYO"]}}, {"Nintendo", "Capcom"}),
        ({"include": {"country": ["Finland", "Norway"], "size": []}}, {"Nokia", "Equinor"}),
        (
            {
                "include": {"country": ["Germany"]},
                "exclude": {"domains": ["https://www.SAP.com/x"], "size": ["1-10"]},
                "range": {"founded": {"min": 1972}},
            },
            {"Zalando"},
        ),
        ({"range": {"founded": {"max": 1849}}}, {"Siemens", "Deere", "Hermès", "Pfizer"}),
        ({"range": {}, "include": {"city": ["Walldorf"]}}, {"SAP"}),
    ],
)
async def test_filters(extruct: Ask, filters: dict[str, Any], expected: set[str]) -> None:
    """All of them hold, whichever way they are sent."""
    post = await extruct("POST", SEARCH, {"q": "x", "filters": filters})
    get = await extruct("GET", f"{SEARCH}?q=x&filters={quote(orjson.dumps(filters))}")

    assert expected == set(names(post))
    assert post.json == get.json


async def test_pages(extruct: Ask) -> None:
    """Offset and limit, until there is no more."""
    pages = [
        names(await extruct("GET", f"{SEARCH}?q=software&offset={offset}&limit=40")) for offset in (0, 40, 80)
    ]

    assert [40, 40, len(companies()) - 80] == list(map(len, pages))
    assert len(companies()) == len({name for page in pages for name in page})


@pytest.mark.parametrize(
    ("body", "loc"),
    [
        ({}, ["q"]),
        ({"q": "x", "pagination": {"limit": 251}}, ["pagination", "limit"]),
        ({"q": "x", "pagination": {"limit": 0}}, ["pagination", "limit"]),
        ({"q": "x", "pagination": {"offset": -1}}, ["pagination", "offset"]),
        ({"q": "x", "filters": {"include": {"size": ["many"]}}}, ["filters", "include", "size", 0]),
        ({"q": "x", "filters": {"exclude": {"domains": ["a b"]}}}, ["filters", "exclude", "domains", 0]),
        (
            {"q": "x", "filters": {"exclude": {"domains": [f"a{n}.com" for n in range(1001)]}}},
            ["filters", "exclude", "domains"],
        ),
        ({"q": "x", "filters": {"zork": 1}}, ["filters", "zork"]),
    ],
)
async def test_searches_that_are_refused(extruct: Ask, body: object, loc: list[Any]) -> None:
    """Each by its place in the body."""
    answer = await extruct("POST", SEARCH, body)

    assert (422, ["body", *loc]) == (answer.status, answer.json["detail"][0]["loc"])


@pytest.mark.parametrize(
    ("query", "loc"),
    [
        ("", ["q"]),
        ("?q=x&limit=251", ["limit"]),
        ("?q=x&limit=x", ["limit"]),
        ("?q=x&filters=%7B", ["filters"]),
        ("?q=x&filters=7", ["filters"]),
        ("?q=x&filters=%7B%22zork%22:1%7D", ["filters", "zork"]),
    ],
)
async def test_queries_that_are_refused(extruct: Ask, query: str, loc: list[Any]) -> None:
    """Each by its parameter."""
    answer = await extruct("GET", f"{SEARCH}{query}")

    assert (422, ["query", *loc]) == (answer.status, answer.json["detail"][0]["loc"])


@pytest.mark.parametrize("by", ["domain", "id"])
async def test_find_similar(extruct: Ask, by: str) -> None:
    """The company itself is never among them."""
    reference = find("dsv.com")
    assert reference is not None
    key = getattr(reference, by)

    answer = await extruct(
        "POST", f"/v1/companies/{key}/similar", {"pagination": {"offset": 0, "limit": 100}}
    )
    get = await extruct("GET", f"/v1/companies/{key}/similar?limit=100")

    assert {"DHL Group", "FedEx"} == set(names(answer)[:2])
    assert "DSV" not in names(answer)
    assert ("DSV", reference.id) == (
        answer.json["reference_company"]["name"],
        answer.json["request"]["reference_company_id"],
    )
    assert answer.json == get.json
    strict.decode(answer.json, operations.FIND_SIMILAR_COMPANIES.result)


async def test_get_company(extruct: Ask) -> None:
    """What is known of it."""
    answer = await extruct("GET", "/v1/companies/SAP.com")

    assert ("SAP", "sap.com", 1972) == (
        answer.json["company_name"],
        answer.json["domain"],
        answer.json["context"]["founding_year"],
    )
    strict.decode(answer.json, operations.GET_COMPANY.result)


@pytest.mark.parametrize("path", ["nope.com", "nope.com/similar", "a%2Fb"])
async def test_companies_that_are_not_there(extruct: Ask, path: str) -> None:
    """An unknown company is not found."""
    answer = await extruct("GET", f"/v1/companies/{path}")

    assert (404, {"detail": "Company not found"}) == (answer.status, answer.json)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("https://www.Example.com/path?x#y", "example.com"),
        ("a.b.example.co.uk:8080", "example.co.uk"),
        ("user:x@mail.example.de", "example.de"),
        (" example.com ", "example.com"),
        ("com", None),
        ("", None),
        ("a b.com", None),
        ("-x.com", None),
        ("1.2.3.4", None),
        ("a" * 63 + ".b" * 100 + ".com", None),
    ],
)
def test_registered_domains(text: str, expected: str | None) -> None:
    """Domains and URLs are reduced; what is neither is told."""
    assert expected == registered_domain(text)


@given(st.text())
def test_a_registered_domain_is_its_own(text: str) -> None:
    """Reducing twice changes nothing."""
    reduced = registered_domain(text)

    assert reduced is None or reduced == registered_domain(reduced)
