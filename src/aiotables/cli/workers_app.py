"""The commands of runs by many workers: each reads its options and hands over."""

from pathlib import Path
from typing import Annotated

import typer

from aiotables.cli.codes import finish
from aiotables.cli.options import Metrics
from aiotables.cli.state import AsJson, JournalArgument, JournalUrl, required


workers = typer.Typer()


@workers.command()
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


@workers.command()
def cancel(
    run: Annotated[str | None, typer.Argument(metavar="RUN", help="Its id.  [default: the last one]")] = None,
    *,
    journal: JournalUrl = None,
    json: AsJson = False,
) -> None:
    """Begin no new table of a run that workers carry out."""
    from aiotables.cli.sharing import cancel as begin_no_more

    finish(begin_no_more(required(journal), run, as_json=json))


@workers.command()
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
