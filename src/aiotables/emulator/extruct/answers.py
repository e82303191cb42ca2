"""Answers that the emulator makes up for cells: plausible, and the same each time for the same row. Pure."""

from collections.abc import Callable, Mapping
from typing import Any

from aiotables.emulator.bodies import Json
from aiotables.emulator.extruct.companies import Company, find, number_of, registered_domain
from aiotables.emulator.extruct.people import made_up, people
from aiotables.emulator.extruct.samples import sample


NOT_FOUND = "Not found"
"""What the service often answers where a fact is missing (vendor's guides)."""

_FINDERS = {
    "email_finder": "email",
    "phone_finder": "phone",
    "reverse_email_lookup": "url",
    "criterion_grade": "grade",
}

_BY_NUMBER: Mapping[str, Callable[[int], Json]] = {
    "url": lambda drawn: f"https://example.com/{drawn % 10_000}",
    "email": lambda drawn: f"person{drawn % 10_000}@example.com",
    # Numbers that are kept for fiction.
    "phone": lambda drawn: f"+1202555{100 + drawn % 100:04}",
    "numeric": lambda drawn: drawn % 10_000,
    "number": lambda drawn: drawn % 10_000,
    "money": lambda drawn: {"amount": drawn % 10_000 * 1000, "currency": "USD"},
    "date": lambda drawn: f"{2000 + drawn % 26}-{1 + drawn % 12:02}-{1 + drawn % 28:02}",
    "grade": lambda drawn: 1 + drawn % 5,
}

# The columns of people tables that the service makes, and where they stand in the input that the vendor advises.
_PARTS_OF_A_PERSON = {"full_name": 0, "role": 1, "profile_url": 2}


def value_of(config: Mapping[str, Any], subject: str) -> dict[str, Any]:
    """
    The value of a finished cell.

    Args:
        config: Config of the column.
        subject: What the row is about: its input.
    """
    kind = config["kind"]
    if kind == "company_profile":
        return {"context": _profile(company_of(subject))}

    return made_up(_answer(config, kind, subject))


def company_of(subject: str) -> Company | None:
    """The company of the small set that a row is about."""
    domain = registered_domain(subject)
    return None if domain is None else find(domain)


def _answer(config: Mapping[str, Any], kind: str, subject: str) -> Json:
    match kind:
        case "company_name":
            return _company_name(subject)
        case "company_website":
            domain = registered_domain(subject)
            return NOT_FOUND if domain is None else f"https://{domain}/"
        case "company_people_finder":
            return people(config, subject)
        case "agent":
            return _of_agent(config["key"], config["value"], subject)
        case _:
            return _of_format(_FINDERS.get(kind, "text"), config["key"], {}, subject)


def _of_agent(key: str, value: Mapping[str, Any], subject: str) -> Json:
    parts = [part.strip() for part in subject.split(",")]
    if key in _PARTS_OF_A_PERSON and len(parts) > _PARTS_OF_A_PERSON[key]:
        return parts[_PARTS_OF_A_PERSON[key]]

    return _of_format(value.get("output_format") or "text", key, value, subject)


def _of_format(output_format: str, key: str, value: Mapping[str, Any], subject: str) -> Json:
    drawn = number_of(f"{key}:{subject}")
    if output_format in _BY_NUMBER:
        return _BY_NUMBER[output_format](drawn)

    match output_format:
        case "select" | "label":
            return value["labels"][drawn % len(value["labels"])]
        case "multiselect":
            return [label for place, label in enumerate(value["labels"]) if drawn >> place & 1]
        case "json":
            return sample(value["output_schema"])
        case "people":
            return people({"value": {"roles": ["Employee"]}}, subject)
        case _:
            return f"{key} of {subject}" if subject else NOT_FOUND


def _company_name(subject: str) -> str:
    company, domain = company_of(subject), registered_domain(subject)
    if company is not None:
        return company.name

    return domain.split(".")[0].capitalize() if domain else subject or NOT_FOUND


def _profile(company: Company | None) -> dict[str, Any]:
    """All fields that the vendor's guides name; null where nothing is known."""
    return {
        "short_description": company.description if company else NOT_FOUND,
        "full_description": None,
        "products_services": None,
        "use_cases": None,
        "target_audience": None,
        "founding_year": company.founded if company else None,
        "employee_count": company.size if company else None,
        "hq_country": company.country if company else None,
        "hq_state_province": None,
        "hq_city": company.city if company else None,
        "hq_full_address": None,
        "social_profiles": None,
        "sources": [f"https://{company.domain}/"] if company else [],
    }
