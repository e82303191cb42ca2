"""
Which type fits all texts of a column of a CSV file.

Of ZangTable's types a CSV file can show three: whole numbers, numbers, and text. So this looks at every row instead
of guessing from some, and needs no library. What begins with a zero, such as a postcode, stays text.
"""

import math
import re
from collections.abc import Iterable, Sequence
from typing import Final

from aiotables.core.classes import define
from aiotables.provision.duplicates import Seen


_WHOLE = re.compile(r"-?(?:0|[1-9][0-9]*)")
_NUMBER = re.compile(r"-?(?:0|[1-9][0-9]*)(?:\.[0-9]+)?(?:[eE][-+]?[0-9]{1,3})?")
_LONGEST = 20
"""Characters of the longest whole number of 64 bits."""


WHOLE: Final = "INTEGER"
NUMBER: Final = "REAL"
TEXT: Final = "TEXT"


def type_of(text: str) -> str:
    """The narrowest type that one text has."""
    if _WHOLE.fullmatch(text):
        # One that is longer, perhaps an id, would lose digits as a number.
        return WHOLE if len(text) <= _LONGEST and -(2**63) <= int(text) < 2**63 else TEXT
    return NUMBER if _NUMBER.fullmatch(text) and math.isfinite(float(text)) else TEXT


@define
class Inferred:
    """What is known of a column so far."""

    type: str | None = None
    """`None` while it has no value."""

    empty: bool = False
    """Whether a row has no value."""

    distinct: bool = True
    """Whether no two rows have the same; only watched for columns that could be a key."""

    def take(self, text: str) -> None:
        """See the value of one more row."""
        if not text:
            self.empty = True
        elif self.type != TEXT:
            found = type_of(text)
            wider = {self.type, found} - {None}
            self.type = found if len(wider) == 1 else (TEXT if TEXT in wider else NUMBER)


def infer(header: Sequence[str], rows: Iterable[Sequence[str]]) -> tuple[list[Inferred], int]:
    """
    The columns of a file, and how many rows it has.

    Args:
        header: Names of the columns. One called `id` is watched for values that are there twice.
        rows: All rows; read as a stream.
    """
    columns = [Inferred() for _ in header]
    key = next((number for number, name in enumerate(header) if name.lower() == "id"), None)
    count = 0
    with Seen() as seen:
        for count, row in enumerate(rows, 1):  # noqa: B007 - counted
            for column, text in zip(columns, row, strict=True):
                column.take(text)
            if key is not None and columns[key].distinct:
                columns[key].distinct = seen.first("", row[key], "") is None
    return columns, count
