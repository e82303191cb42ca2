"""The commands that say how things are, and settle what is open: each reads its options and hands over."""

from pathlib import Path
from typing import Annotated

import typer

from aiotables.cli.codes import finish
from aiotables.cli.state import AnyManifest, AsJson, JournalUrl, ManifestPath, StatePath, place
from aiotables.provision.places import Folder
from aiotables.provision.reporting.form import Form


checking = typer.Typer()


@checking.command()
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


@checking.command()
def verify(
    manifest: ManifestPath, *, state: StatePath = None, journal: JournalUrl = None, json: AsJson = False
) -> None:
    """
    Look whether every table is there once, as desired.

    The exit code is 1 when one is not.
    """
    from aiotables.cli.verify import verify as run

    finish(run(manifest, place(manifest, state, journal), as_json=json))


@checking.command()
def drift(
    manifest: ManifestPath, *, state: StatePath = None, journal: JournalUrl = None, json: AsJson = False
) -> None:
    """
    Say what somebody else changed since the last run.

    The exit code is 2 when a table is missing or changed.
    """
    from aiotables.cli.drift import drift as run

    finish(run(manifest, place(manifest, state, journal), as_json=json))


@checking.command()
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


@checking.command()
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


@checking.command()
def settle(
    manifest: ManifestPath, *, state: StatePath = None, journal: JournalUrl = None, json: AsJson = False
) -> None:
    """
    Find out what is unknown of earlier runs; make nothing.

    The exit code is 4 when something still is unknown.
    """
    from aiotables.cli.settle import settle as run

    finish(run(manifest, place(manifest, state, journal), as_json=json))
