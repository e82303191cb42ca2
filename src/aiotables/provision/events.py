"""What happens during a run, as one typed stream: the terminal, JSON lines and embedding programs read the same."""

from collections.abc import Mapping
from typing import Any, TypeAlias

from aiotables.core.classes import frozen, values_by_name
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
class ProjectMade:
    """A project that is to be made is dealt with, before its tables are; one that was there already is not told."""

    target: str
    project: str
    outcome: OutcomeKind
    """`created`; `adopted` once its token is known; `failed`; or `unknown`."""

    tables: int = 0
    """Tables that the request was to make with it."""

    reason: str = ""
    """Why it failed or is unknown, and what to do; or what is wrong beside it."""


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
class RowsFailed:
    """The service refused some rows of a table."""

    target: str
    key: str
    step: str
    rows: int
    file: str | None
    """Where they were added, one JSON object on a line; `None` when the run keeps none."""

    reason: str


@frozen(kw_only=True)
class WaveDone:
    """The tables of a wave are finished."""

    wave: int
    """1 for the first."""

    canary: bool
    """Whether it is the canary: the run goes on only when it is told to."""

    tables: int
    """Tables of it that needed something."""

    failed: int
    """Those of them that failed, or whose outcome is unknown."""


@frozen(kw_only=True)
class Progress:
    """How far a target is; told about once a second."""

    target: str
    done: int
    """Tables that are finished."""

    tables: int
    requests: int
    """HTTP requests sent for them so far, looks included."""

    seconds_left: float | None
    """
    How long the rest takes, if its tables need as many requests as those before, at the pace that the limiter allows now
    and with answers that take as long; a pause that the service asked for is counted.
    """


@frozen(kw_only=True)
class RunEnded:
    """A run is over."""

    run_id: str
    ending: str
    """`done`, `failed`, `unknown`, `interrupted`, or `stopped` by a limit or after the canary."""

    counts: Mapping[str, int]
    """Tables by outcome: created, adopted, unchanged, failed, unknown."""

    requests: int
    """HTTP requests sent, looks included."""

    seconds: float

    reason: str = ""
    """Why the run began no more tables, where a rule made it stop."""


Event: TypeAlias = (
    RunStarted | ProjectMade | Refreshed | Settling | RowsFailed | TableDone | WaveDone | Progress | RunEnded
)
"""Whatever happens during a run."""


def to_json(event: Event) -> dict[str, Any]:
    """An event as one JSON object, its type under `event`."""
    return {"event": _NAMES[type(event)], **values_by_name(event)}


_NAMES: Mapping[type, str] = {
    RunStarted: "run_started",
    ProjectMade: "project_made",
    Refreshed: "refreshed",
    Settling: "settling",
    RowsFailed: "rows_failed",
    TableDone: "table_done",
    WaveDone: "wave_done",
    Progress: "progress",
    RunEnded: "run_ended",
}
