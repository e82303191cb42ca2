"""What happens during a run, as one typed stream: the terminal, JSON lines and embedding programs read the same."""

from collections.abc import Mapping
from typing import Any, TypeAlias

from attrs import asdict, frozen

from aiotables.provision.journal import OutcomeKind


@frozen(kw_only=True)
class RunStarted:
    """A run began."""

    run_id: str
    tables: int
    """Tables that the manifest asks for."""

    targets: Mapping[str, int]
    """The same by target."""


@frozen(kw_only=True)
class Refreshed:
    """What exists at a target has been read."""

    target: str


@frozen(kw_only=True)
class TableDone:
    """A table is finished, well or not."""

    target: str
    key: str
    outcome: OutcomeKind
    """`created`, `adopted`, `unchanged`, `failed` or `unknown`."""

    steps: int = 0
    """Calls that made something."""

    reason: str = ""
    """Why it failed or is unknown, with the request id; or how it was found."""

    origin: str = ""
    """Where the manifest asks for it."""


@frozen(kw_only=True)
class Settling:
    """The reply to a create was lost; the service is being looked at."""

    target: str
    key: str
    step: str
    reason: str


@frozen(kw_only=True)
class RunEnded:
    """A run is over."""

    run_id: str
    ending: str
    """`done`, `failed`, `unknown` or `interrupted`."""

    counts: Mapping[str, int]
    """Tables by outcome: created, adopted, unchanged, failed, unknown."""

    requests: int
    """HTTP requests sent, looks included."""

    seconds: float


Event: TypeAlias = RunStarted | Refreshed | Settling | TableDone | RunEnded
"""Whatever happens during a run."""


def to_json(event: Event) -> dict[str, Any]:
    """An event as one JSON object, its type under `event`."""
    return {"event": _NAMES[type(event)], **asdict(event)}


_NAMES: Mapping[type, str] = {
    RunStarted: "run_started",
    Refreshed: "refreshed",
    Settling: "settling",
    TableDone: "table_done",
    RunEnded: "run_ended",
}
