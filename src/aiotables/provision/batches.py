"""
Rows of Extruct tables, in batches: each row is sent once, whatever else changes in its file later.

A row goes by a hash of its data. The journal holds the hashes of each batch, and each row carries its own in its
metadata; so rows that a file gains are sent, and no other is sent again. Rows are only ever added: what a person changed
or deleted in a table stays so.
"""

import itertools
from collections import Counter
from collections.abc import Collection, Iterable, Iterator, Mapping
from hashlib import blake2b
from typing import TYPE_CHECKING, Any

import orjson

from aiotables.extruct import _generated
from aiotables.extruct.cells import bare
from aiotables.extruct.marking import mark_of, mark_rows
from aiotables.provision.desired import Desired
from aiotables.provision.journal import StepState
from aiotables.provision.steps import TABLE_ID, Step


if TYPE_CHECKING:
    from aiotables.extruct._generated.models import Row


BATCH = 50
"""Rows in one call: the most that the vendor advises."""

PREFIX = "rows:"
"""How the names of these steps begin; a number follows."""

ROW_KEY = "aiotables_row"
"""Key of a row's hash in its metadata."""


def row_id(data: Mapping[str, Any]) -> str:
    """A hash of a row: 16 hex digits."""
    plain = {key: bare(value) for key, value in data.items()}
    return blake2b(orjson.dumps(plain, option=orjson.OPT_SORT_KEYS), digest_size=8).hexdigest()


def steps(desired: Desired, rows: Iterable[dict[str, Any]], numbers: Iterator[int]) -> Iterator[Step]:
    """
    The steps that add rows, made while they are read.

    Args:
        desired: The table.
        rows: Values by column key.
        numbers: Of the batches.
    """
    stream = iter(rows)
    while batch := list(itertools.islice(stream, BATCH)):
        yield _step(desired, next(numbers), batch)


def _step(desired: Desired, number: int, batch: list[dict[str, Any]]) -> Step:
    ids = [row_id(row) for row in batch]
    models = _generated.models
    rows = [models.RowCreate(data=row, metadata={ROW_KEY: own}) for row, own in zip(batch, ids, strict=True)]
    return Step(
        name=f"{PREFIX}{number}",
        operation=_generated.operations.CREATE_ROWS,
        path={"table_id": TABLE_ID},
        body=mark_rows(models.RowsCreate(rows=rows), f"{desired.identity}/{number}"),
        facts={"rows": ids},
    )


def journalled(known: Mapping[str, StepState]) -> Counter[str]:
    """The rows that a journal knows to have been added, by their hash."""
    done = (state for name, state in known.items() if name.startswith(PREFIX) and state.is_done)
    return Counter(itertools.chain.from_iterable(state.detail["rows"] for state in done))


def recognised(
    rows: Iterable["Row"], wanted: Collection[str], keys: Iterable[frozenset[str]]
) -> Iterator[str]:
    """
    The hashes of rows that a table holds and that are wanted.

    Args:
        rows: As read. One without its hash, because the service did not keep it, is known by its data.
        wanted: Hashes of the rows that should be there.
        keys: The sets of column keys that those have.
    """
    for row in rows:
        own = (row.metadata or {}).get(ROW_KEY)
        if isinstance(own, str):
            yield own
        else:
            data = row.data or {}
            by_data = (row_id({name: data.get(name) for name in names}) for names in keys)
            yield from itertools.islice((each for each in by_data if each in wanted), 1)


def numbers(known: Mapping[str, StepState]) -> Iterator[int]:
    """The numbers of the batches that a journal knows to have been added."""
    done = (name for name, state in known.items() if name.startswith(PREFIX) and state.is_done)
    return (int(name.removeprefix(PREFIX)) for name in done)


def marked(rows: Iterable["Row"], identity: str) -> Iterator[int]:
    """The numbers of the batches that rows were added in, as their marks tell; of the table of that identity."""
    marks = (mark_of(row.metadata) or "" for row in rows)
    texts = (mark.removeprefix(f"{identity}/") for mark in marks if mark.startswith(f"{identity}/"))
    return (int(text) for text in texts if text.isdecimal())


def pick(rows: Iterable[dict[str, Any]], missing: Counter[str]) -> Iterator[dict[str, Any]]:
    """The rows that are missing, each as often as it is missing."""
    left = Counter(missing)
    for row in rows:
        own = row_id(row)
        if left[own] > 0:
            left[own] -= 1
            yield row
