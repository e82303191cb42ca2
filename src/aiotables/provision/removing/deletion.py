"""What is deleted, as data: it stands in the journal before it is sent, so that a run that is killed can go on with it."""

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, Final, Protocol, TypeAlias

from aiotables.core.classes import frozen
from aiotables.core.client import ApiClient
from aiotables.core.operations import Operation
from aiotables.core.sentinels import UNSET, Unset
from aiotables.extruct import _generated as extruct
from aiotables.provision.journal import Made
from aiotables.zangtable import _generated as zangtable


if TYPE_CHECKING:
    from aiotables.extruct._generated.models import RowsDelete
    from aiotables.zangtable._generated.models import ProjectDelete


PREFIX: Final = "delete:"
"""How the names of steps begin that delete; what they delete follows: `delete:create` is the table itself."""


@frozen(kw_only=True)
class Deletion:
    """
    One call that deletes something by its id.

    Sent twice it does nothing more: whatever is made later has another id.
    """

    operation: Operation[Any, Any]
    path: Mapping[str, str]
    rows: tuple[str, ...] = ()
    """Ids of the rows to delete, where it deletes rows."""

    project: str = ""
    """Slug of the project to delete, where it deletes one."""

    @property
    def body(self) -> "RowsDelete | ProjectDelete | Unset":
        """What is sent."""
        if self.rows:
            return extruct.models.RowsDelete(rows=[*self.rows])
        return zangtable.models.ProjectDelete(confirm_project_slug=self.project) if self.project else UNSET

    def to_json(self) -> dict[str, Any]:
        """For the journal."""
        facts = {"operation": self.operation.name, "path": dict(self.path), "rows": list(self.rows)}
        return {**facts, "project": self.project} if self.project else facts


def read_deletion(data: Mapping[str, Any], operations: Mapping[str, Operation[Any, Any]]) -> Deletion:
    """
    A deletion out of a journal.

    Args:
        data: From `Deletion.to_json`.
        operations: Those of the service that delete, by name.
    """
    return Deletion(
        operation=operations[data["operation"]],
        path=data["path"],
        rows=tuple(data["rows"]),
        project=data.get("project", ""),
    )


@frozen
class Ours:
    """It is there, and surely what was made: here is how to delete it."""

    deletions: tuple[Deletion, ...]


@frozen
class Gone:
    """It is not there any more."""

    how: str = "it was gone already"


@frozen
class Left:
    """It is not deleted, for a reason."""

    reason: str


Look: TypeAlias = Ours | Gone | Left


def kept(step: str) -> Left:
    """
    Why nothing takes a step back that made nothing to delete.

    Args:
        step: Its name, such as `run` or `settings`.
    """
    return Left(_KEPT.get(step.partition(":")[0], f"nobody knows what takes back {step}"))


_KEPT: Final = {
    "run": "the work of a run cannot be undone",
    "settings": "what the settings were before is not known",
    "index": "ZangTable documents no call that drops an index",
}


class Remover(Protocol):
    """What deleting needs of one target; there is one class for each service."""

    @property
    def client(self) -> ApiClient:
        """Of the target."""
        ...

    async def look(self, made: Made) -> Look:
        """
        See whether what was made is there, and is surely what was made.

        Raises:
            CallError: The service cannot be read.
        """
        ...

    async def is_gone(self, step: str, table_id: str) -> bool:
        """
        Whether what was deleted is gone, after its deletion was answered with success.

        Args:
            step: What was deleted.
            table_id: The table that it is or was in.

        Raises:
            CallError: The service cannot be read.
        """
        ...

    def read(self, data: Mapping[str, Any]) -> Deletion:
        """A deletion out of the journal; see `Deletion.to_json`."""
        ...
