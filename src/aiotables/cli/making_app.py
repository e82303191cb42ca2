"""The commands that lead from a manifest to tables, and to a manifest: each reads its options and hands over."""

import enum
from pathlib import Path
from typing import Annotated

import orjson
import typer

from aiotables.cli.codes import exit_codes, finish
from aiotables.cli.options import (
    WIDTH,
    ApplyOptions,
    Canary,
    Detailed,
    Limits,
    ManifestOrPlan,
    MaxDuration,
    MaxFailures,
    MaxRequests,
    OnError,
    Only,
    Out,
    PlanOptions,
    Wave,
    WhenFailed,
    Width,
    Without,
    Yes,
    failures_of,
    selection_of,
)
from aiotables.cli.state import AsJson, JournalUrl, ManifestPath, StatePath, place
from aiotables.provision.course import Rules
from aiotables.provision.places import Folder


class Service(enum.StrEnum):
    """A service, as the command line names it."""

    ZANGTABLE = "zangtable"
    EXTRUCT = "extruct"


making = typer.Typer()


@making.command()
def plan(
    manifest: ManifestPath,
    *,
    state: StatePath = None,
    journal: JournalUrl = None,
    json: AsJson = False,
    out: Out = None,
    only: Only = None,
    without: Without = None,
    max_requests: MaxRequests = None,
    max_duration: MaxDuration = None,
    detailed_exitcode: Detailed = False,
) -> None:
    """
    Say what apply would do; change nothing.

    Exit codes: 0 done, 1 a table is in conflict, or more is needed than is allowed, 2 bad usage or a wrong manifest; with
    --detailed-exitcode also 2 when there is something to do.
    """
    from aiotables.cli.plan import plan as run

    options = PlanOptions(
        selection=selection_of(only, without),
        limits=Limits(requests=max_requests, seconds=max_duration),
        as_json=json,
        out=out,
        detailed=detailed_exitcode,
    )
    where = place(manifest, state, journal)
    options.check_place(where)
    finish(run(manifest, where, options))


@making.command()
def apply(
    manifest: ManifestOrPlan,
    *,
    state: StatePath = None,
    journal: JournalUrl = None,
    json: AsJson = False,
    yes: Yes = False,
    width: Width = WIDTH,
    only: Only = None,
    without: Without = None,
    canary: Canary = None,
    wave: Wave = None,
    max_failures: MaxFailures = None,
    on_error: OnError = WhenFailed.CONTINUE,
    max_requests: MaxRequests = None,
    max_duration: MaxDuration = None,
) -> None:
    """
    Make what is missing; run it again to go on after a stop.

    On a terminal the plan is shown first, and nothing is changed without a yes.

    Exit codes: 0 done, 1 something failed, 2 bad usage or a wrong manifest, 3 another run is going on, 4 the outcome of
    some call is unknown, 5 stopped as asked, 130 interrupted.
    """
    options = ApplyOptions(
        selection=selection_of(only, without),
        rules=Rules(
            canary=canary,
            wave=wave,
            max_failures=failures_of(max_failures, on_error),
            max_requests=max_requests,
            max_seconds=max_duration,
        ),
        as_json=json,
        width=width,
        yes=yes,
    )
    from aiotables.cli.apply import apply as run
    from aiotables.provision.saved import read_saved

    with exit_codes():
        saved = read_saved(manifest)
    where = place(manifest, state, journal)
    if not isinstance(where, Folder):
        from aiotables.cli.sharing import submit

        options.check_shared(saved)
        finish(submit(manifest.resolve(), where.url, options))
    if saved is None:
        finish(run(manifest, where.path, options, None))
    options.check_saved()
    finish(run(Path(saved.manifest), state or Path(saved.state), options, saved))


@making.command("import")
def import_(
    sources: Annotated[
        list[str],
        typer.Argument(
            metavar="SOURCE...", help="zangtable, extruct, or files: .csv, .sqlite, .db, datapackage.json."
        ),
    ],
    *,
    output: Annotated[
        Path | None, typer.Option(help="Manifest to write.  [default: print it]", dir_okay=False)
    ] = None,
    name: Annotated[
        str | None,
        typer.Option(help="What the manifest calls itself.  [default: by the output, or the first source]"),
    ] = None,
    to: Annotated[
        Service, typer.Option(help="The service that is to get what is in files.")
    ] = Service.ZANGTABLE,
    project: Annotated[
        str | None, typer.Option(help="Project of ZangTable.  [default: ZANGTABLE_PROJECT]")
    ] = None,
    force: Annotated[bool, typer.Option("--force", help="Write over files that are there.")] = False,
) -> None:
    """
    Write a manifest from what exists.

    It is read from a service or from files, and nothing is changed there. The exit code is 1 when there is no table.
    """
    from aiotables.cli.importing import write_manifest

    finish(write_manifest(sources, output, name=name, service=to.value, project=project, force=force))


@making.command()
def schema() -> None:
    """Print the JSON Schema of the manifest, for editors."""
    from aiotables.provision.schema import manifest_schema

    typer.echo(orjson.dumps(manifest_schema(), option=orjson.OPT_INDENT_2).decode())
