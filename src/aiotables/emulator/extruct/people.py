"""People that are found at companies: made up, and the same each time. Pure."""

from collections.abc import Mapping, Sequence
from typing import Any

from aiotables.emulator.choices import PEOPLE_FOUND, PEOPLE_MOST
from aiotables.emulator.extruct.companies import number_of


_FIRST = ("Ada", "Ben", "Chidi", "Dana", "Elif", "Farid", "Grace", "Hiro", "Ines", "Jonas", "Keiko", "Lars")
_LAST = ("Sample", "Placeholder", "Mockford", "Stubbs", "Fakeman", "Testa", "Dummer", "Specimen")


def people(config: Mapping[str, Any], subject: str) -> list[dict[str, str]]:
    """
    Whom a people finder finds at the company that a row is about: name, role and profile.

    Args:
        config: Config of the column.
        subject: What the row is about.
    """
    value = config["value"]
    count = min(value.get("max_results") or PEOPLE_FOUND, PEOPLE_MOST)
    return [_person(subject, value["roles"], number) for number in range(count)]


def row_of(person: Mapping[str, str]) -> dict[str, Any]:
    """The data of somebody's row: the input in the vendor's advised form, and the columns made by the service filled."""
    listed = ("full_name", "role", "profile_url")
    return {"input": ", ".join(person[key] for key in listed)} | {
        key: {"status": "done", "value": made_up(person[key])} for key in listed
    }


def made_up(answer: object) -> dict[str, Any]:
    """The value of a cell whose answer came from nowhere."""
    return {"answer": answer, "explanation": "Made up by the emulator.", "sources": []}


def _person(subject: str, roles: Sequence[str], number: int) -> dict[str, str]:
    drawn = number_of(f"{subject}:{number}")
    first, last = _FIRST[drawn % len(_FIRST)], _LAST[drawn // len(_FIRST) % len(_LAST)]
    return {
        "full_name": f"{first} {last}",
        "role": roles[number % len(roles)],
        "profile_url": f"https://example.com/in/{first}-{last}-{drawn % 0xFFFF:04x}".lower(),
    }
