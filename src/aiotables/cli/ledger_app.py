"""The commands of `aiotables state`: each reads its options and hands over."""

from typing import Annotated

import typer

from aiotables.cli.codes import finish
from aiotables.cli.state import AsJson, JournalUrl, ManifestPath, StatePath, place


ledger = typer.Typer(
    help="Show what the journal has, and correct it.", no_args_is_help=True, rich_markup_mode=None
)


@ledger.command("list")
def state_list(
    manifest: ManifestPath, *, state: StatePath = None, journal: JournalUrl = None, json: AsJson = False
) -> None:
    """Name each table that the journal has."""
    from aiotables.cli.ledger import list_tables

    finish(list_tables(manifest, place(manifest, state, journal), as_json=json))


@ledger.command("runs")
def state_runs(
    manifest: ManifestPath, *, state: StatePath = None, journal: JournalUrl = None, json: AsJson = False
) -> None:
    """Name the last 20 runs, the latest first."""
    from aiotables.cli.ledger import list_runs

    finish(list_runs(manifest, place(manifest, state, journal), as_json=json))


@ledger.command("show")
def state_show(
    manifest: ManifestPath,
    table: Annotated[str, typer.Argument(metavar="TARGET/KEY", help="The table.")],
    *,
    state: StatePath = None,
    journal: JournalUrl = None,
    json: AsJson = False,
) -> None:
    """Tell all that the journal has of one table."""
    from aiotables.cli.ledger import show_table

    finish(show_table(manifest, place(manifest, state, journal), table, as_json=json))


@ledger.command("forget")
def state_forget(
    manifest: ManifestPath,
    tables: Annotated[list[str], typer.Argument(metavar="TARGET/KEY...", help="The tables.")],
    *,
    state: StatePath = None,
    journal: JournalUrl = None,
) -> None:
    """
    Take tables out of the journal's view.

    They stay at the service, and count as found from then on.
    """
    from aiotables.cli.ledger import forget_tables

    finish(forget_tables(manifest, place(manifest, state, journal), tables))


@ledger.command("adopt")
def state_adopt(
    manifest: ManifestPath,
    *,
    state: StatePath = None,
    journal: JournalUrl = None,
    json: AsJson = False,
    ours: Annotated[
        bool,
        typer.Option(
            "--ours",
            help="Unmarked tables of the manifest's names were made for it: destroy may delete them.",
        ),
    ] = False,
) -> None:
    """
    Build the journal anew by looking at the services.

    The exit code is 1 when a table is missing or in conflict.
    """
    from aiotables.cli.ledger import adopt_tables

    finish(adopt_tables(manifest, place(manifest, state, journal), ours=ours, as_json=json))
