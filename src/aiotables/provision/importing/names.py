"""Names that a service takes, made from any text."""

import re
import unicodedata
from collections.abc import Collection, Iterable
from typing import Final

from aiotables.provision.dialect import is_reserved


_LETTERS: Final = str.maketrans(
    {"ß": "ss", "æ": "ae", "Æ": "Ae", "œ": "oe", "Œ": "Oe", "ø": "o", "Ø": "O", "ł": "l", "Ł": "L"}
)
"""Letters that have no decomposed form."""


def identifiers(names: Iterable[str], *, taken: Collection[str] = ()) -> list[str]:
    """
    For each name one of a letter, then letters, digits and `_`; no two the same, whatever their case.

    Args:
        names: Any texts. What can stay as it is does.
        taken: Names that none of them may get.
    """
    used = {name.lower() for name in taken}
    found: list[str] = []
    for name in names:
        found.append(_free(_plain(name), used))
        used.add(found[-1].lower())
    return found


def _plain(name: str) -> str:
    # The decomposed form keeps the letter of an accented one.
    plain = unicodedata.normalize("NFKD", name.translate(_LETTERS)).encode("ascii", "ignore").decode()
    plain = re.sub(r"[^A-Za-z0-9_]+", "_", plain)
    if plain != name:
        plain = plain.strip("_")
    if not re.match(r"[A-Za-z]", plain) or is_reserved(plain):
        plain = f"c_{plain}".rstrip("_")
    return plain


def _free(name: str, used: Collection[str]) -> str:
    if name.lower() not in used:
        return name
    number = 2
    while f"{name}_{number}".lower() in used:
        number += 1
    return f"{name}_{number}"
