"""What the journal knows of many tables at once."""

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, cast

from aiotables.provision.ahead import CHUNK, chunks
from aiotables.provision.desired import Desired, ZangTableSpec


if TYPE_CHECKING:
    from aiotables.provision.journal import JournalReader, StepState


async def test_chunks_in_order() -> None:
    """Tables keep their order, and each comes with what is known of it, though equal keys stand in several targets."""
    journal = Asked()
    tables = [desired("crm", "a"), desired("erp", "a"), desired("crm", "b")]

    (chunk,) = [chunk async for chunk in chunks(tables, cast("JournalReader", journal))]

    assert tables == [table for table, _ in chunk]
    assert ["crm/a", "erp/a", "crm/b"] == [known["create"].run_id for _, known in chunk]
    assert {("crm", ("a", "b")), ("erp", ("a",))} == set(journal.questions)


async def test_one_question_for_many_and_no_further_ahead() -> None:
    """A chunk costs one question, and no more is read of the stream than the chunk in hand."""
    journal = Asked()
    taken: list[str] = []

    def stream() -> Iterator[Desired]:
        for number in range(3 * CHUNK - 1):
            taken.append(str(number))
            yield desired("crm", str(number))

    found = chunks(stream(), cast("JournalReader", journal))

    assert CHUNK == len(await anext(found)) == len(taken)
    assert [CHUNK, CHUNK - 1] == [len(chunk) async for chunk in found]
    assert 3 == len(journal.questions)


async def test_without_a_journal() -> None:
    """Before the first run nothing is known of any table."""
    assert [[(desired("crm", "a"), {})]] == [chunk async for chunk in chunks([desired("crm", "a")], None)]


async def test_nothing_desired() -> None:
    """Nothing is asked about no table."""
    journal = Asked()

    assert [] == [chunk async for chunk in chunks([], cast("JournalReader", journal))]
    assert [] == journal.questions


def desired(target: str, key: str) -> Desired:
    """A table of no manifest."""
    spec = ZangTableSpec(name=key)
    return Desired(
        target=target, key=key, name=key, spec=spec, identity=f"{target}/{key}", digest="2", origin="lab:1"
    )


class Asked:
    """A journal that notes what it is asked, and has one step of each table."""

    def __init__(self) -> None:
        self.questions: list[tuple[str, tuple[str, ...]]] = []

    async def steps_of_many(self, target: str, keys: Sequence[str]) -> "dict[str, dict[str, StepState]]":
        """A step whose run names the table."""
        self.questions.append((target, tuple(keys)))
        return {key: {"create": cast("StepState", Step(f"{target}/{key}"))} for key in keys}


class Step:
    """A step of that run."""

    def __init__(self, run_id: str) -> None:
        self.run_id = run_id
