"""
What a journal holds: runs, and facts about steps.

A *step* is one piece of work on one table, such as `create`, `index:idx_email`, `rows:0` or `run`; it is
named by its target, the key of its table, and its own text. Facts are only ever added. The latest one about
a step is its state.
"""

import enum
import secrets
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any, ClassVar, TypeAlias

from attrs import Attribute

from aiotables.core.classes import field, frozen


class OutcomeKind(enum.StrEnum):
    """How a step ended."""

    CREATED = "created"
    """Made by this run."""

    ADOPTED = "adopted"
    """Found, and known to be ours: made by an attempt whose reply was lost."""

    UNCHANGED = "unchanged"
    """Was there already, as desired."""

    FAILED = "failed"
    """Definitely not done."""

    UNKNOWN = "unknown"
    """Sent, and what it did could not be settled yet."""

    ABSENT = "absent"
    """Settled as "not there", or deleted since: the step may be tried again, with a new intent."""

    DELETED = "deleted"
    """Of a step that deletes: what it was to delete is gone."""


def _storable(_instance: object, attribute: "Attribute[Any]", value: str | None) -> None:
    """Refuse what databases cannot hold before the fact is queued together with those of others."""
    if value is None:
        return

    if "\0" in value:
        message = f"{attribute.name} holds a NUL character: {value!r}"
        raise ValueError(message)

    value.encode()


@frozen(kw_only=True)
class Run:
    """One run of a provisioning job."""

    run_id: str

    manifest: str
    """Where the manifest was read from."""

    digest: str
    """Hash of the manifest."""

    started_at: float
    """Unix seconds."""

    ended_at: float | None = None
    """Unix seconds; `None` while it runs, and for ever if it was killed."""

    ending: str | None = None

    command: str = "apply"
    """What it was to do: `apply`, `destroy`, `rollback`, `settle`, `adopt` or `forget`."""


def new_run_id(now: float) -> str:
    """A new id for a run that begins at this time, in unix seconds."""
    moment = datetime.fromtimestamp(now, UTC)
    return f"run_{moment:%Y%m%dT%H%M%SZ}_{secrets.token_hex(4)}"


@frozen(kw_only=True)
class Intent:
    """That a step is about to be sent."""

    run_id: str

    target: str = field(validator=_storable)

    key: str = field(validator=_storable)
    """The stable key of the table in its manifest."""

    step: str = field(validator=_storable)

    at: float
    """Unix seconds: not after the first attempt was sent."""

    detail: Mapping[str, Any] = field(factory=dict)
    """What settling needs later, as JSON: operation, path parameters, body, marker, times. Never a token."""


@frozen(kw_only=True)
class Outcome:
    """How a step ended. A later outcome of the same step takes its place."""

    run_id: str

    target: str = field(validator=_storable)

    key: str = field(validator=_storable)
    """The stable key of the table in its manifest."""

    step: str = field(validator=_storable)

    at: float
    """Unix seconds."""

    outcome: OutcomeKind

    remote_id: str | None = field(default=None, validator=_storable)
    """The service's id of what is there."""

    detail: Mapping[str, Any] = field(factory=dict)
    """Reason, request id, how it was found; as JSON. Never a token."""

    @property
    def reason(self) -> str | None:
        """Why it ended so, for a person."""
        reason = self.detail.get("reason")
        return None if reason is None else str(reason)


@frozen(kw_only=True)
class StepState:
    """The latest fact about a step."""

    OPEN: ClassVar = frozenset({None, OutcomeKind.UNKNOWN})
    DONE: ClassVar = frozenset({OutcomeKind.CREATED, OutcomeKind.ADOPTED, OutcomeKind.UNCHANGED})

    run_id: str
    """The run that wrote the fact."""

    at: float
    """Unix seconds."""

    outcome: OutcomeKind | None
    """`None` for an intent without an outcome."""

    remote_id: str | None = None

    detail: Mapping[str, Any] = field(factory=dict)

    @property
    def is_open(self) -> bool:
        """Whether it must be settled before anything is sent again."""
        return self.outcome in self.OPEN

    @property
    def is_done(self) -> bool:
        """Whether what the step makes is there."""
        return self.outcome in self.DONE


Fact: TypeAlias = Intent | Outcome


@frozen(kw_only=True)
class Made:
    """Something that a run made, and that nothing in the journal says is gone."""

    intent: Intent
    """Of the sending that made it; its run is the one that made it, whichever found that out."""

    outcome: Outcome

    latest: bool = True
    """Whether the step was not sent again since, as that of a table is that was made anew."""

    @property
    def run_id(self) -> str:
        """The run that made it."""
        return self.intent.run_id

    @property
    def target(self) -> str:
        """Name of the target."""
        return self.intent.target

    @property
    def key(self) -> str:
        """Key of the table."""
        return self.intent.key

    @property
    def step(self) -> str:
        """What was made: `create` is the table itself."""
        return self.intent.step

    @property
    def table_id(self) -> str:
        """The service's id of the table."""
        table = self.outcome.remote_id or self.outcome.detail.get("table") or self.intent.detail.get("table")
        return str(table)

    @property
    def sent(self) -> Mapping[str, Any]:
        """What was sent, as `Sent` has it."""
        sent: Mapping[str, Any] = self.intent.detail["sent"]
        return sent
