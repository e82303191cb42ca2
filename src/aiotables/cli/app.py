"""The command line: its commands, in the order in which help names them."""

from typing import Annotated

import typer

from aiotables._version import __version__
from aiotables.cli.checking_app import checking
from aiotables.cli.emulator import emulator
from aiotables.cli.ledger_app import ledger
from aiotables.cli.making_app import making
from aiotables.cli.removing_app import removing
from aiotables.cli.workers_app import workers


app = typer.Typer(
    name="aiotables",
    help="Create tables in Extruct and ZangTable from one manifest: never twice, and never lost.",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
)


def _version(*, wanted: bool) -> None:
    if wanted:
        typer.echo(f"aiotables {__version__}")
        raise typer.Exit


@app.callback()
def common(
    *,
    version: Annotated[
        bool,
        typer.Option(
            "--version", callback=lambda v: _version(wanted=v), is_eager=True, help="Print the version."
        ),
    ] = False,
) -> None:
    """Create tables in Extruct and ZangTable from one manifest: never twice, and never lost."""


for commands in (making, checking, removing, workers):
    app.add_typer(commands)
app.add_typer(ledger, name="state")
app.add_typer(emulator, name="emulator")
