"""The commands that delete: each reads its options and hands over."""

from typing import Annotated

import typer

from aiotables.cli.codes import finish
from aiotables.cli.options import Yes
from aiotables.cli.state import AsJson, JournalUrl, ManifestPath, StatePath, place


Undocumented = Annotated[
    bool,
    typer.Option(
        "--undocumented",
        help="Do what the docs do not speak of: delete ZangTable tables, and Extruct tables on which others hang.",
    ),
]

Projects = Annotated[
    bool,
    typer.Option("--projects", help="Delete projects that were made, too, when nothing else is in them."),
]

removing = typer.Typer()


@removing.command()
def destroy(
    manifest: ManifestPath,
    *,
    state: StatePath = None,
    journal: JournalUrl = None,
    json: AsJson = False,
    yes: Yes = False,
    undocumented: Undocumented = False,
    projects: Projects = False,
) -> None:
    """
    Delete all that was made for a manifest, no more.

    The tables are listed first, and it asks. The exit code is 1 when one was left, and 2 when nobody agreed.
    """
    from aiotables.cli.destroy import destroy as run
    from aiotables.cli.removal import Options

    options = Options(yes=yes, undocumented=undocumented, projects=projects, as_json=json)
    finish(run(manifest, place(manifest, state, journal), options))


@removing.command()
def rollback(
    manifest: ManifestPath,
    run_id: Annotated[
        str, typer.Argument(metavar="RUN", help="The run, such as run_20261122T143000Z_0951f4d3.")
    ],
    *,
    state: StatePath = None,
    journal: JournalUrl = None,
    json: AsJson = False,
    yes: Yes = False,
    undocumented: Undocumented = False,
    projects: Projects = False,
) -> None:
    """
    Delete what one run made, and nothing else.

    It is listed first, and it asks. The exit code is 1 when something was left, and 2 when nobody agreed.
    """
    from aiotables.cli.removal import Options
    from aiotables.cli.rollback import rollback as run

    options = Options(yes=yes, undocumented=undocumented, projects=projects, as_json=json)
    finish(run(manifest, place(manifest, state, journal), run_id, options))
