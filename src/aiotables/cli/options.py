"""Options of `plan` and `apply`, and how their texts are read."""

import enum
import re
from pathlib import Path
from typing import Annotated, Final

import typer

from aiotables.core.classes import frozen
from aiotables.provision.course import Rules, Tolerance
from aiotables.provision.places import Folder, Place
from aiotables.provision.saved import SavedPlan
from aiotables.provision.selection import EVERYTHING, Selection


WIDTH: Final = 32
"""Tables worked on at once, where nothing else is said."""

UNITS: Final = {"": 1, "s": 1, "m": 60, "h": 3600}


def seconds(text: str) -> float:
    """Read `90`, `90s`, `15m` or `2h`."""
    found = re.fullmatch(r"(\d+(?:\.\d+)?)([smh]?)", text.strip())
    if found is None:
        message = f"expected seconds such as 90, or a time such as 15m or 2h; got {text!r}"
        raise typer.BadParameter(message)
    return float(found[1]) * UNITS[found[2]]


def tolerance(text: str) -> Tolerance:
    """Read `5` or `2%`."""
    try:
        return Tolerance.parse(text)
    except ValueError as error:
        raise typer.BadParameter(str(error)) from None


@frozen
class Address:
    """Where to listen."""

    host: str
    port: int

    def __str__(self) -> str:
        return f"[{self.host}]:{self.port}" if ":" in self.host else f"{self.host}:{self.port}"


def address(text: str) -> Address:
    """Read `9464`, `0.0.0.0:9464` or `[::]:9464`; who names no host means this machine alone."""
    host, _, port = text.rpartition(":")
    if not (port.isascii() and port.isdigit() and int(port) < 2**16):
        message = f"expected a port such as 9464, or a host and a port such as 0.0.0.0:9464; got {text!r}"
        raise typer.BadParameter(message)
    return Address(host.strip("[]") or "127.0.0.1", int(port))


class WhenFailed(enum.StrEnum):
    """What to do when a table fails."""

    CONTINUE = "continue"
    STOP = "stop"


ManifestOrPlan = Annotated[
    Path,
    typer.Argument(
        metavar="MANIFEST|PLAN",
        help="The manifest, YAML or JSON, or a plan that `plan --out` saved.",
        exists=True,
        dir_okay=False,
        readable=True,
    ),
]
OnError = Annotated[
    WhenFailed,
    typer.Option(help="Whether to go on with the other tables when one fails, or to begin no more."),
]
Only = Annotated[
    list[str] | None,
    typer.Option("--only", metavar="GLOB", help="Only tables whose target/key matches; may be given often."),
]
Without = Annotated[
    list[str] | None,
    typer.Option("--except", metavar="GLOB", help="No tables whose target/key matches; may be given often."),
]
MaxRequests = Annotated[
    int | None, typer.Option(min=0, help="Refuse what needs more requests, and stop after so many.")
]
MaxDuration = Annotated[
    float | None,
    typer.Option(parser=seconds, metavar="TIME", help="The same of time: 90, 15m or 2h."),
]
Metrics = Annotated[
    Address | None,
    typer.Option(
        parser=address,
        metavar="[HOST:]PORT",
        help="Serve metrics to Prometheus there, to this machine alone if no host is named.",
    ),
]
Out = Annotated[
    Path | None,
    typer.Option(
        "--out", "-o", metavar="FILE", dir_okay=False, help="Save the plan, for apply to carry out."
    ),
]
Detailed = Annotated[
    bool,
    typer.Option("--detailed-exitcode", help="End with 2 when there is something to do, and 0 when not."),
]
Yes = Annotated[bool, typer.Option("--yes", "-y", help="Do not ask.")]
Width = Annotated[int, typer.Option(min=1, max=1000, help="Tables worked on at once.")]
Canary = Annotated[
    int | None, typer.Option(min=1, metavar="N", help="Make so many tables first, and ask before the others.")
]
Wave = Annotated[int | None, typer.Option(min=1, metavar="N", help="Go on by so many tables at a time.")]
MaxFailures = Annotated[
    Tolerance | None,
    typer.Option(
        parser=tolerance,
        metavar="N|P%",
        help="Begin no more when more tables than these fail, of a wave or else of all.",
    ),
]


@frozen(kw_only=True)
class Limits:
    """What a plan may need at most."""

    requests: int | None = None
    seconds: float | None = None


@frozen(kw_only=True)
class PlanOptions:
    """What `plan` is asked for."""

    selection: Selection
    limits: Limits
    as_json: bool
    out: Path | None
    detailed: bool

    def check_place(self, place: Place) -> None:
        """
        See that the plan is to be saved for one machine alone.

        Raises:
            typer.BadParameter: It is not.
        """
        if self.out is not None and not isinstance(place, Folder):
            message = (
                "a saved plan is carried out on one machine, by a journal in a folder: name one with --state"
            )
            raise typer.BadParameter(message)


@frozen(kw_only=True)
class ApplyOptions:
    """What `apply` is asked for."""

    selection: Selection
    rules: Rules
    as_json: bool
    width: int
    yes: bool

    def check_shared(self, saved: SavedPlan | None) -> None:
        """
        See that it asks for nothing that workers cannot do.

        Args:
            saved: The plan that is to be carried out, if it is a saved one.

        Raises:
            typer.BadParameter: It does.
        """
        if saved is not None:
            message = "a saved plan is carried out on one machine: leave --journal and AIOTABLES_JOURNAL out"
            raise typer.BadParameter(message)
        if self.rules.canary is not None or self.rules.wave is not None:
            message = (
                "workers make no canary and no waves; begin with some of the tables instead, by --only, "
                "and bound what may fail by --max-failures"
            )
            raise typer.BadParameter(message)
        if self.width != WIDTH:
            message = "--width is for each worker to say: aiotables worker --width"
            raise typer.BadParameter(message)

    def check_saved(self) -> None:
        """
        See that it asks for no other tables than a saved plan.

        Raises:
            typer.BadParameter: It does.
        """
        if self.selection != EVERYTHING:
            message = "a saved plan names its tables; --only and --except belong to the plan command"
            raise typer.BadParameter(message)

    @property
    def limits(self) -> Limits:
        """What its plan may need at most."""
        return Limits(requests=self.rules.max_requests, seconds=self.rules.max_seconds)


def failures_of(given: Tolerance | None, on_error: WhenFailed) -> Tolerance | None:
    """
    How many tables may fail.

    Raises:
        typer.BadParameter: It is told in two ways.
    """
    if on_error is WhenFailed.CONTINUE:
        return given
    if given is not None:
        message = "--on-error stop is --max-failures 0; give one of them"
        raise typer.BadParameter(message)
    return Tolerance(0)


def selection_of(only: list[str] | None, without: list[str] | None) -> Selection:
    """The tables that are meant."""
    return Selection(only=only or (), without=without or ())
