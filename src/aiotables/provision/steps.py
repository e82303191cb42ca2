"""What is left to do for one table: `Step` by `Step`, as data."""

import enum
import itertools
from collections.abc import Iterable, Iterator, Mapping
from contextlib import AbstractAsyncContextManager
from typing import Any, Final, Protocol

from aiotables.core.classes import field, frozen
from aiotables.core.client import ApiClient
from aiotables.core.operations import Effect, Operation
from aiotables.core.settle import Sent, Verdict
from aiotables.provision.desired import Desired
from aiotables.provision.journal import StepState
from aiotables.provision.snapshot import Entry


CREATE: Final = "create"
"""The step that makes the table itself."""

SETTINGS: Final = "settings"
"""The step that changes what a table is called and the like; it makes nothing, and may be sent any number of times."""

PROJECT: Final = "project"
"""The step that makes a project, with its first tables."""

PROJECT_KEY: Final = ""
"""What stands for the key of a table in facts about a whole project; no table has an empty one."""

WITH_PROJECT: Final = "with_project"
"""Stands in the details of a table's creation that was a part of its project's."""

RUN: Final = "run"
"""The step that starts the agents of a table."""

TABLE_ID: Final = "{table_id}"
"""Stands in a step's path for the id of its table, which is not known before the table is made."""


class Action(enum.StrEnum):
    """What a table needs."""

    CREATE = "create"
    CHANGE = "change"
    """It is there, and something is missing in it or has another setting."""

    UNCHANGED = "unchanged"
    CONFLICT = "conflict"
    """What is there cannot be made into what is desired by adding to it."""

    SETTLE = "settle"
    """A call of an earlier run has no outcome: what it did is found out first, and then what is missing."""

    UNMANAGED = "unmanaged"
    """It is there, and not in the manifest: it is left alone."""


@frozen(kw_only=True)
class Step:
    """One call that makes something, with an intent before it and an outcome after it."""

    name: str
    """`create`, `settings`, `column:<name>`, `index:<name>`, `columns`, `rows:<batch>` or `run`."""

    operation: Operation[Any, Any]
    path: Mapping[str, str] = field(factory=dict[str, str])
    body: Any = None
    """The model to send."""

    may_exist: bool = False
    """Whether "it exists already" means that the step is done: where its presence could not be read before."""

    facts: Mapping[str, Any] = field(factory=dict[str, Any])
    """What the journal is to hold of it beside what settling needs, as JSON."""

    @property
    def repeats(self) -> bool:
        """Whether it may be sent again whatever became of it before: nothing has to be settled."""
        return self.operation.effect is Effect.REPLACE

    def path_with(self, table_id: str | None) -> dict[str, str]:
        """The path parameters, the table's id filled in."""
        return {name: table_id or "" if value == TABLE_ID else value for name, value in self.path.items()}


@frozen(kw_only=True)
class TablePlan:
    """What one table needs."""

    desired: Desired
    action: Action
    steps: Iterable[Step] = ()
    """In their order; made while they are read where they hold rows."""

    table_id: str | None = None
    """The service's id of the table, when it is there."""

    reason: str = ""
    """Why it is in conflict, or what is missing."""


class Service(Protocol):
    """What provisioning needs of one target; there is one class for each service."""

    @property
    def client(self) -> ApiClient:
        """Of the target."""
        ...

    def group(self, run_id: str) -> AbstractAsyncContextManager[object]:
        """A block whose calls the service files under a run, where it can."""
        ...

    async def refresh(self) -> None:
        """
        Read what exists, by listing and not one by one.

        Raises:
            CallError: The service cannot be read, for example because the token is not valid.
        """
        ...

    async def plan(self, desired: Desired, known: Mapping[str, StepState]) -> TablePlan:
        """
        Say what a table needs.

        Args:
            desired: The table.
            known: The journal's latest state of each of its steps.
        """
        ...

    def want(self, desired: Desired) -> None:
        """Note that a table is in the manifest."""
        ...

    def unwanted(self) -> Iterator[Entry] | None:
        """The tables that were there when it was read and were not noted; `None` where they cannot be listed."""
        ...

    async def settle(self, step: str, sent: Sent) -> Verdict:
        """
        Find out what a step did whose reply was lost; see `ApiClient.settle`.

        Args:
            step: Its name.
            sent: What was sent.
        """
        ...

    def table_id(self, step: str, value: Any) -> str | None:  # noqa: ANN401 -- the result of any operation
        """The service's id of the table, from the result of the step of that name."""
        ...

    def close(self) -> None:
        """Drop what was read."""
        ...


def made(known: Mapping[str, StepState], step: str) -> bool:
    """Whether the journal knows that a step is done."""
    return step in known and known[step].is_done


def on_table(known: Mapping[str, StepState], table_id: str | None) -> dict[str, StepState]:
    """The states of the steps on one very table: a table that was made anew has none of those of the old one."""
    return {name: state for name, state in known.items() if state.detail.get("table") == table_id}


def same_digest(known: Mapping[str, StepState], desired: Desired) -> bool:
    """Whether the journal knows that the table was made, or found to be, as it is desired now."""
    return made(known, CREATE) and known[CREATE].detail.get("digest") == desired.digest


def told(missing: Iterable[str], settings: Iterable[Step]) -> str:
    """What a table needs, for people: what is missing, and which settings are others."""
    changed = itertools.chain.from_iterable(step.facts["before"] for step in settings)
    parts = [("missing", ", ".join(missing)), ("changed", ", ".join(changed))]
    return "; ".join(f"{word}: {names}" for word, names in parts if names)
