"""What the journal knows of tables, read for many of them at once while they stream by."""

import itertools
from collections.abc import AsyncGenerator, Iterable, Mapping, Sequence
from typing import Final, TypeAlias

from aiotables.provision.desired import Desired
from aiotables.provision.journal import JournalReader, StepState


CHUNK: Final = 64
"""Tables that are read of at once: one question costs a journal about as much as one table's alone would."""

Known: TypeAlias = Mapping[str, StepState]
"""The latest state of each step of a table, by its text."""


async def chunks(
    tables: Iterable[Desired], journal: JournalReader | None
) -> AsyncGenerator[list[tuple[Desired, Known]], None]:
    """
    Tables in their order, some at a time, each with what is known of it.

    Args:
        tables: What is desired; read as a stream.
        journal: Of earlier runs, if there were any. Nobody else may add to it as long as a chunk is worked on.
    """
    stream = iter(tables)
    while chunk := list(itertools.islice(stream, CHUNK)):
        known = {} if journal is None else await _known(chunk, journal)
        yield [(desired, known.get((desired.target, desired.key), {})) for desired in chunk]


async def _known(chunk: Sequence[Desired], journal: JournalReader) -> dict[tuple[str, str], Known]:
    known: dict[tuple[str, str], Known] = {}
    for target in {desired.target for desired in chunk}:
        keys = [desired.key for desired in chunk if desired.target == target]
        of_target = await journal.steps_of_many(target, keys)
        known.update({(target, key): steps for key, steps in of_target.items()})
    return known
