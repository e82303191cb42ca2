"""The commands: each reads its options and hands over."""

import enum
from pathlib import Path
from typing import Annotated

import orjson
import typer

from aiotables._version import __version__
from aiotables.cli.codes import exit_codes, finish
from aiotables.cli.emulator import emulator
from aiotables.cli.ledger_app import ledger
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
    Metrics,
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
from aiotables.cli.state import (
    AnyManifest,
    AsJson,
    JournalArgument,
    JournalUrl,
    ManifestPath,
    StatePath,
    place,
    required,
)
from aiotables.provision.course import Rules
from aiotables.provision.places import Folder
from aiotables.provision.reporting.form import Form


class Service(enum.StrEnum):
    """A service, as the command line names it."""

    ZANGTABLE = "zangtable"
    EXTRUCT = "extruct"


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


@app.command()
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


@app.command()
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


@app.command()
def status(
    manifest: AnyManifest = None,
    *,
    state: StatePath = None,
    journal: JournalUrl = None,
    json: AsJson = False,
) -> None:
    """
    Say how the last run went, or is going.

    The exit code is that of the run; 1 also when there was none.
    """
    where = place(manifest, state, journal)
    if isinstance(where, Folder):
        from aiotables.cli.status import status as run

        finish(run(manifest, where, as_json=json))
    from aiotables.cli.shared_status import status as shared_status

    finish(shared_status(manifest, where, as_json=json))


@app.command("import")
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


@app.command()
def verify(
    manifest: ManifestPath, *, state: StatePath = None, journal: JournalUrl = None, json: AsJson = False
) -> None:
    """
    Look whether every table is there once, as desired.

    The exit code is 1 when one is not.
    """
    from aiotables.cli.verify import verify as run

    finish(run(manifest, place(manifest, state, journal), as_json=json))


@app.command()
def drift(
    manifest: ManifestPath, *, state: StatePath = None, journal: JournalUrl = None, json: AsJson = False
) -> None:
    """
    Say what somebody else changed since the last run.

    The exit code is 2 when a table is missing or changed.
    """
    from aiotables.cli.drift import drift as run

    finish(run(manifest, place(manifest, state, journal), as_json=json))


@app.command()
def report(
    manifest: AnyManifest = None,
    *,
    state: StatePath = None,
    journal: JournalUrl = None,
    run: Annotated[str | None, typer.Option(help="The run.  [default: the last one]")] = None,
    form: Annotated[Form, typer.Option("--format", help="What to write.")] = Form.MARKDOWN,
    output: Annotated[
        Path | None, typer.Option(help="File to write.  [default: print it]", dir_okay=False)
    ] = None,
) -> None:
    """
    Say how a run went; also as a page with charts.

    Outcomes, throughput, how long steps took, and what went wrong, by the journal.
    """
    from aiotables.cli.report import report as write

    finish(write(manifest, place(manifest, state, journal), run_id=run, form=form, output=output))


@app.command()
def doctor(
    manifest: AnyManifest = None,
    *,
    state: StatePath = None,
    journal: JournalUrl = None,
    json: AsJson = False,
    repair: Annotated[
        bool, typer.Option("--repair", help="Mend it; the files are kept as they were.")
    ] = False,
) -> None:
    """
    Say what is the matter with the journal; mend it.

    The exit code is 1 when it cannot be used.
    """
    where = place(manifest, state, journal)
    if isinstance(where, Folder):
        from aiotables.cli.doctor import doctor as run

        finish(run(manifest, where.path, repair=repair, as_json=json))
    from aiotables.cli.shared_doctor import doctor as shared_doctor

    finish(shared_doctor(manifest, where, repair=repair, as_json=json))


@app.command()
def settle(
    manifest: ManifestPath, *, state: StatePath = None, journal: JournalUrl = None, json: AsJson = False
) -> None:
    """
    Find out what is unknown of earlier runs; make nothing.

    The exit code is 4 when something still is unknown.
    """
    from aiotables.cli.settle import settle as run

    finish(run(manifest, place(manifest, state, journal), as_json=json))


app.add_typer(ledger, name="state")

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


@app.command()
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


@app.command()
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


@app.command()
def worker(
    *,
    journal: JournalUrl = None,
    shards: Annotated[int, typer.Option(min=1, max=100, help="Shards worked on at once.")] = 4,
    width: Annotated[int, typer.Option(min=1, max=1000, help="Tables of a shard worked on at once.")] = 32,
    lease: Annotated[
        float, typer.Option(min=1, help="Seconds of silence after which this worker's shards go to others.")
    ] = 20.0,
    name: Annotated[str | None, typer.Option(help="Names this worker.  [default: host and process]")] = None,
    until_done: Annotated[
        bool, typer.Option("--until-done", help="End when no run is left, rather than wait for one.")
    ] = False,
    metrics: Metrics = None,
    json: AsJson = False,
) -> None:
    """
    Carry out what apply gave to the workers.

    Start as many as you like, on any machine.
    Ctrl-C once finishes the tables under way and gives the rest to other workers; twice stops.
    """
    from aiotables.cli.worker import worker as run

    finish(
        run(
            required(journal),
            shards=shards,
            width=width,
            lease=lease,
            name=name,
            until_done=until_done,
            metrics=metrics,
            as_json=json,
        )
    )


@app.command()
def cancel(
    run: Annotated[str | None, typer.Argument(metavar="RUN", help="Its id.  [default: the last one]")] = None,
    *,
    journal: JournalUrl = None,
    json: AsJson = False,
) -> None:
    """Begin no new table of a run that workers carry out."""
    from aiotables.cli.sharing import cancel as begin_no_more

    finish(begin_no_more(required(journal), run, as_json=json))


@app.command()
def move(
    state: Annotated[
        Path,
        typer.Argument(metavar="STATE", help="Folder of the journal.", exists=True, file_okay=False),
    ],
    url: JournalArgument = None,
    *,
    json: AsJson = False,
) -> None:
    """
    Carry a journal over into a database of workers.

    It is that of a run on this machine; workers go on with it.
    """
    from aiotables.cli.move import move as run

    finish(run(state, required(url), as_json=json))


@app.command()
def schema() -> None:
    """Print the JSON Schema of the manifest, for editors."""
    from aiotables.provision.schema import manifest_schema

    typer.echo(orjson.dumps(manifest_schema(), option=orjson.OPT_INDENT_2).decode())


app.add_typer(emulator, name="emulator")
