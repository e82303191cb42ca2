"""What ZangTable, being SQLite, takes as columns and indexes of one table."""

from collections.abc import Iterator, Sequence

from aiotables.core.slips import did_you_mean
from aiotables.provision.desired import ZangTableColumn


RESERVED = "sqlite_"
"""How names start that SQLite keeps for itself."""

AUTOMATIC = "id"
"""The primary column that the service puts before the others when none of them is primary.

Source: ZangTable docs page reference/tables/create-table.
"""


def column_problems(columns: Sequence[ZangTableColumn]) -> Iterator[tuple[int, str]]:
    """The columns of a table that cannot be, by position, and why."""
    seen: dict[str, int] = {}
    for position, column in enumerate(columns):
        first = seen.setdefault(column.name.lower(), position)
        if first != position:
            message = (
                f'the name "{column.name}" is that of column {first + 1} (case does not count in SQLite)'
            )
            yield position, message

    primary = [position for position, column in enumerate(columns) if column.primary]
    yield from ((position, _SECOND_PRIMARY) for position in primary[1:])
    if not primary and AUTOMATIC in seen:
        yield seen[AUTOMATIC], _AUTOMATIC_TAKEN


_SECOND_PRIMARY = (
    "a second primary column; the service does not document keys of several columns, so let none be primary: "
    f"it then adds a primary column {AUTOMATIC}"
)
_AUTOMATIC_TAKEN = (
    f"no column is primary, so the service adds a primary column {AUTOMATIC}; make this primary or rename it"
)


def index_problems(indexed: Sequence[str], columns: Sequence[ZangTableColumn]) -> Iterator[str]:
    """What is wrong with an index over the names *indexed* in a table with these columns, if anything."""
    known = tuple(column.name for column in columns)
    if not any(column.primary for column in columns):
        known = (AUTOMATIC, *known)
    for name in indexed:
        if name not in known:
            yield f'no column "{name}" to index{did_you_mean(name, known)}; there are {", ".join(known)}'
    if len({name.lower() for name in indexed}) < len(indexed):
        yield "a column is in the index twice"


def is_reserved(name: str) -> bool:
    """Whether SQLite keeps a name for itself."""
    return name.lower().startswith(RESERVED)
