"""Single values as YAML 1.2 writes them, refused where JSON could not hold them."""

import math
from collections.abc import Callable, Mapping
from typing import Final, TypeAlias


ScalarValue: TypeAlias = str | int | float | bool | None


def _string(text: str) -> str:
    if text.isascii():
        return text
    try:
        # JSON escapes a character beyond U+FFFF as two surrogates, which YAML reads as two characters.
        return text.encode("utf-16", "surrogatepass").decode("utf-16")
    except UnicodeDecodeError:
        message = "the text holds half of a surrogate pair"
        raise ValueError(message) from None


def _boolean(text: str) -> bool:
    if text.casefold() not in {"true", "false"}:
        message = "expected true or false"
        raise ValueError(message)
    return text.casefold() == "true"


def _integer(text: str) -> int:
    base = {"0o": 8, "0x": 16}.get(text[:2], 10)
    try:
        number = int(text, base)
    except ValueError:
        message = "is no integer, or has more digits than any service takes"
        raise ValueError(message) from None
    if not -(2**63) <= number < 2**63:
        message = "the integer does not fit into 64 bits"
        raise ValueError(message)
    return number


def _float(text: str) -> float:
    try:
        number = float(text)
    except ValueError:
        number = math.nan
    if not math.isfinite(number):
        message = "expected a finite number"
        raise ValueError(message)
    return number


SCALARS: Final[Mapping[str, Callable[[str], ScalarValue]]] = {
    "str": _string,
    "null": lambda _: None,
    "bool": _boolean,
    "int": _integer,
    "float": _float,
}
"""By the name of the tag. Each raises `ValueError`, for people to read, on text that is none of its kind."""
