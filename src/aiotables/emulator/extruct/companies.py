"""
The companies that searches find: a small set of real ones, built in.

`companies.csv` was compiled by hand from public facts for this project: listed companies, their websites as in
`docs/demo/companies.csv`, and what is certain of their headquarters, size and year of foundation; the rest is left
empty. Names and websites belong to their owners, none of whom is affiliated with this project. It has the project's own
licence.
"""

import csv
import hashlib
import re
import uuid
from collections.abc import Iterable, Mapping, Sequence
from functools import cache
from importlib.resources import files
from typing import Any

from attrs import field, frozen


_WORD = re.compile(r"[^\W_]+")

# Makes ids that are the same each time.
_NAMESPACE = uuid.UUID("6ba7b810-9dad-11d1-80b4-00c04fd430c8")


@frozen(kw_only=True)
class Company:
    """What is known of a company."""

    domain: str
    name: str
    industry: str
    country: str | None
    city: str | None
    size: str | None
    founded: int | None
    words: frozenset[str] = field(repr=False)
    """What can be found in a text about it."""

    @property
    def id(self) -> str:
        """Its id, which follows from its domain."""
        return str(uuid.uuid5(_NAMESPACE, self.domain))

    @property
    def description(self) -> str:
        """A sentence about it."""
        place = ", ".join(part for part in (self.city, self.country) if part)
        return f"{self.industry}, {place}." if place else f"{self.industry}."


@cache
def companies() -> tuple[Company, ...]:
    """All of them, in the order of the file."""
    text = files("aiotables.emulator.extruct").joinpath("companies.csv").read_text(encoding="utf-8")
    return tuple(map(_company, csv.DictReader(text.splitlines())))


def _company(row: Mapping[str, str]) -> Company:
    return Company(
        domain=row["domain"],
        name=row["name"],
        industry=row["industry"],
        country=row["country"] or None,
        city=row["city"] or None,
        size=row["size"] or None,
        founded=int(row["founded"]) if row["founded"] else None,
        words=words(" ".join(row[key] for key in ("domain", "name", "industry", "country", "city"))),
    )


def words(text: str) -> frozenset[str]:
    """The words of *text*, without the ends of plurals."""
    return frozenset(word.casefold().rstrip("s") for word in _WORD.findall(text))


def find(identifier: str) -> Company | None:
    """The company of an id or a domain."""
    return _by_identifier().get(identifier.casefold())


@cache
def _by_identifier() -> Mapping[str, Company]:
    return {identifier: each for each in companies() for identifier in (each.id, each.domain)}


def number_of(text: str) -> int:
    """A large number that follows from *text*, for what is made up."""
    return int.from_bytes(hashlib.sha256(text.encode()).digest()[:8])


def ranked(text: str, among: Iterable[Company]) -> list[tuple[float, Company]]:
    """
    Companies by how many of the words of *text* they share, best first, with the share, 0 to 1.

    Equal ones stay in their order.
    """
    asked = words(text)
    scored = [(len(asked & company.words) / max(len(asked), 1), company) for company in among]
    return sorted(scored, key=lambda pair: -pair[0])


def alike(reference: Company, among: Iterable[Company]) -> list[tuple[float, Company]]:
    """Companies by how much they are like *reference*, best first, without itself."""
    others = [company for company in among if company != reference]
    return ranked(f"{reference.industry} {reference.country or ''} {reference.city or ''}", others)


def result(company: Company, score: float | None) -> dict[str, Any]:
    """A company as searches answer it; what is not known is null."""
    return {
        "id": company.id,
        "domain": company.domain,
        "name": company.name,
        "short_description": company.description,
        "full_description": None,
        "products_services": None,
        "use_cases": None,
        "target_audience": None,
        "other_considerations": None,
        "founding_year": company.founded,
        "employee_count": company.size,
        "hq_country": company.country,
        "hq_state_province": None,
        "hq_city": company.city,
        "hq_full_address": None,
        "social_profiles": None,
        "website_authority": None,
        "relevance_score": score,
    }


_DOMAIN = re.compile(r"(?:[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?\.)+[a-z][a-z0-9-]{0,61}[a-z0-9]")
_ADDRESS = re.compile(
    r"(?:[a-z][a-z0-9+.-]*://)?(?:[^/@?#]*@)?(?P<host>[^/:?#]*)(?::[0-9]*)?(?:[/?#].*)?", re.DOTALL
)

# Under these a registered domain has three parts; a few of many.
_SECOND_LEVEL = frozenset({"ac", "co", "com", "edu", "gov", "net", "org"})
_COUNTRY_LENGTH = 2
LONGEST_DOMAIN = 253


def registered_domain(text: str) -> str | None:
    """The registered domain of a domain or URL; None when *text* is neither."""
    address = _ADDRESS.fullmatch(text.strip().lower())
    host = "" if address is None else address["host"]
    if len(host) > LONGEST_DOMAIN or not _DOMAIN.fullmatch(host):
        return None

    parts = host.split(".")
    is_deep = len(parts[-1]) == _COUNTRY_LENGTH and parts[-2] in _SECOND_LEVEL
    return ".".join(parts[-3 if is_deep else -2 :])


def without(among: Sequence[Company], domains: frozenset[str]) -> list[Company]:
    """The companies whose registered domain is none of *domains*."""
    return [company for company in among if registered_domain(company.domain) not in domains]
