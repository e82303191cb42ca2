"""What `destroy` and `rollback` have in common: the list first, then the question, then the deleting."""

import asyncio
import os
from collections.abc import AsyncGenerator, AsyncIterator, Callable
from pathlib import Path

from aiotables.cli.asking import answer, can_ask
from aiotables.cli.codes import BY_ENDING, DONE, INTERRUPTED, USAGE
from aiotables.cli.console import complain, out, plain, print_json
from aiotables.cli.interrupts import interrupts
from aiotables.core.classes import frozen
from aiotables.provision.expand import load
from aiotables.provision.job import files_digest
from aiotables.provision.journal import JournalHistory, Made
from aiotables.provision.manifest import Manifest
from aiotables.provision.opening import open_services
from aiotables.provision.places import Place
from aiotables.provision.removing.events import Fate, RemovalEnded, RemovalEvent, Removed
from aiotables.provision.removing.run import Removal
from aiotables.provision.results import as_json as to_json


SHOWN = 20
"""Things that are named in the text; `--json` names all."""

List = Callable[[JournalHistory, Manifest], AsyncIterator[Made]]
Begin = Callable[[Removal, str], AsyncGenerator[RemovalEvent, None]]


@frozen(kw_only=True)
class Options:
    """The options of both commands."""

    yes: bool
    undocumented: bool
    projects: bool
    as_json: bool


async def remove(path: Path, place: Place, options: Options, *, listing: List, begin: Begin) -> int:
    """
    Show what would be deleted, ask, and delete it.

    Args:
        path: The manifest.
        place: Where the journal is.
        options: How.
        listing: What the journal says is to be deleted.
        begin: Begins the run, with the hash of the manifest.

    Returns:
        The exit code.
    """
    manifest = load(path, environ=os.environ)
    async with place.read(manifest.name) as journal:
        count = await _show(listing(journal, manifest), options)
    if not count:
        return DONE
    try:
        if not options.yes and not await _agreed(options):
            complain("nothing was deleted")
            return USAGE
        # In a task of its own, which the second Ctrl-C cancels, and not this one.
        return await asyncio.ensure_future(_remove(manifest, place, options, begin))
    except asyncio.CancelledError:
        return INTERRUPTED


async def _show(things: AsyncIterator[Made], options: Options) -> int:
    count = 0
    async for made in things:
        count += 1
        if options.yes:
            continue
        if options.as_json:
            facts = {"target": made.target, "key": made.key, "step": made.step, "table_id": made.table_id}
            print_json({"event": "to_remove", **facts})
        elif count <= SHOWN:
            out().print(plain(f"- {_name(made)}"))
    if not options.as_json:
        if count > SHOWN and not options.yes:
            out().print(f"  … and {count - SHOWN:,} more")
        out().print(f"{count:,} to delete" if count else "nothing to delete")
    return count


def _name(thing: Made | Removed) -> str:
    what = "" if thing.step == "create" else f" {thing.step}"
    return f"{thing.target}/{thing.key}{what}"


async def _agreed(options: Options) -> bool:
    if options.as_json or not can_ask():
        complain("--yes deletes them")
        return False
    return await answer("Delete them for ever? Type yes: ") == "yes"


async def _remove(manifest: Manifest, place: Place, options: Options, begin: Begin) -> int:
    ending = "interrupted"
    async with (
        place.write(manifest.name) as journal,
        place.commons() as commons,
        open_services(manifest, environ=os.environ, commons=commons) as services,
    ):
        run = Removal(
            services,
            journal,
            manifest,
            clock=commons.clock,
            undocumented=options.undocumented,
            projects=options.projects,
        )
        task = asyncio.current_task()
        with interrupts(run.stop, task.cancel if task else run.stop):
            shown = 0
            async for event in begin(run, files_digest(manifest.files)):
                if options.as_json:
                    print_json(to_json(event))
                else:
                    shown += _tell(event, shown)
                if isinstance(event, RemovalEnded):
                    ending = event.ending
    return BY_ENDING[ending]


_QUIET = frozenset({Fate.DELETED, Fate.GONE})


def _tell(event: RemovalEvent, shown: int) -> int:
    """Print an event for a person; say whether that was a line about a thing that was not deleted."""
    if isinstance(event, RemovalEnded):
        if shown > SHOWN:
            out().print(f"… and {shown - SHOWN:,} more; --json names all")
        counts = ", ".join(f"{count:,} {fate}" for fate, count in event.counts.items())
        out().print(f"{counts}; {event.ending} in {event.seconds:.1f} s")
        return 0
    if not isinstance(event, Removed) or event.fate in _QUIET:
        return 0
    if shown < SHOWN:
        out().print(plain(f"{event.fate}: {_name(event)}: {event.reason}"))
    return 1
