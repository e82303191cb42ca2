"""Deleting on Extruct, where other tables hang on the one that was made."""

from typing import Any, cast

from attrs import frozen

from aiotables.extruct import Extruct
from aiotables.provision.desired import MARKER, identity
from aiotables.provision.journal import Intent, Made, Outcome, OutcomeKind
from aiotables.provision.removing.deletion import Left, Ours
from aiotables.provision.removing.extruct import ExtructRemover


NAMES: dict[str, Any] = {"run_id": "r", "target": "research", "key": "labels", "step": "create"}
MADE = Made(
    intent=Intent(**NAMES, at=1.0, detail={"sent": {}}),
    outcome=Outcome(**NAMES, at=2.0, outcome=OutcomeKind.CREATED, remote_id="t1"),
)


@frozen
class Header:
    """What the service says of the table."""

    id: str
    tags: list[str]
    child_relationships: list[object]


@frozen
class Tables:
    """The group of methods."""

    async def get(self, table_id: str) -> Header:
        """Read a table on which two others hang."""
        return Header(table_id, [MARKER + identity("shop", "research", "labels")], [object(), object()])


@frozen
class Client:
    """A service with such a table."""

    tables: Tables


def remover(*, undocumented: bool) -> ExtructRemover:
    """Deletes there."""
    return ExtructRemover(cast("Extruct", Client(Tables())), manifest="shop", undocumented=undocumented)


async def test_children() -> None:
    """A table on which others hang is left, since nobody knows what would become of those; unless that is allowed."""
    left = await remover(undocumented=False).look(MADE)
    ours = await remover(undocumented=True).look(MADE)

    assert isinstance(left, Left)
    assert left.reason.startswith("2 tables hang on it, and the docs do not say")
    assert isinstance(ours, Ours)
    assert [{"table_id": "t1"}] == [deletion.path for deletion in ours.deletions]
