"""
The options of the emulator's command lines, said once: what each is called, takes, and does.

Both command lines are made of them, so nothing that costs time is imported here.
"""

from collections.abc import Sequence
from pathlib import Path

from aiotables.core.classes import frozen
from aiotables.emulator.choices import EXTRUCT_TOKEN, PROJECTS, QUERY_SECONDS, RUN_SECONDS


PORT = 8787


@frozen(kw_only=True)
class Option:
    """An option, for whatever reads command lines."""

    name: str
    """As Python names it: `address_file` is `--address-file`."""

    help: str
    kind: type[str | int | float | bool | Path] = str
    """What it takes; a bool is a flag that takes nothing."""

    default: str | int | float | bool | None = None

    takes: str | None = None
    """What stands for its value in the help."""

    often: bool = False
    """Whether it may be given often; it is then a list."""

    @property
    def flag(self) -> str:
        """As it is typed."""
        return f"--{self.name.replace('_', '-')}"


OPTIONS: Sequence[Option] = (
    Option(name="port", takes="N", kind=int, default=PORT, help="Port to listen on; 0 takes a free one."),
    Option(name="host", takes="HOST", default="127.0.0.1", help="Address to listen on."),
    Option(
        name="exposed",
        kind=bool,
        default=False,
        help="Let the host be one that other machines reach; a warning says so.",
    ),
    Option(name="data", takes="FOLDER", kind=Path, help="Folder to keep the state in.  [default: in memory]"),
    Option(
        name="seed_file",
        takes="FILE",
        kind=Path,
        help="What is there at first: tables and rows, in YAML or JSON.",
    ),
    Option(name="restore", takes="FILE", kind=Path, help="A snapshot to begin with."),
    Option(
        name="fault",
        takes="RULE",
        often=True,
        help="A fault, such as zangtable.create_table:after:drop:p=0.05; may be given often.",
    ),
    Option(
        name="faults",
        takes="FILE",
        kind=Path,
        often=True,
        help="A file of faults, YAML, JSON or JSONL; may be given often.",
    ),
    Option(
        name="seed", takes="N", kind=int, default=0, help="Seed of the faults' probabilities and of all ids."
    ),
    Option(
        name="project",
        takes="SLUG=TOKEN",
        often=True,
        help="A ZangTable project, SLUG=TOKEN; may be given often.  "
        f"[default: {', '.join(f'{slug}={token}' for slug, token in PROJECTS.items())}]",
    ),
    Option(
        name="extruct_token", takes="TOKEN", help=f"The Extruct token to accept.  [default: {EXTRUCT_TOKEN}]"
    ),
    Option(
        name="address_file", takes="FILE", kind=Path, help="Write the address to this file once it answers."
    ),
    Option(
        name="choice",
        takes="NAME=VALUE",
        often=True,
        help="What is done otherwise than usual, such as plan_tier=free; may be given often.",
    ),
    Option(name="choices", takes="FILE", kind=Path, help="A file of them, YAML or JSON."),
    Option(
        name="run_seconds",
        takes="SECONDS",
        kind=float,
        default=RUN_SECONDS,
        help="Seconds that Extruct works on a cell, and on each stage of a task.",
    ),
    Option(
        name="run_lag",
        takes="SECONDS",
        kind=float,
        default=0.0,
        help="Seconds until a run is seen in the status of its table.",
    ),
    Option(
        name="query_seconds",
        takes="SECONDS",
        kind=float,
        default=QUERY_SECONDS,
        help="Seconds that a statement of SQL may run.",
    ),
    Option(
        name="still",
        kind=bool,
        default=False,
        help="Let time stand still until /_emulator/clock moves it, so that runs repeat.",
    ),
)
