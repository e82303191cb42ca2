"""Hands a manifest to the workers of a database: all its shards at once, then a ticket for each that may be under way."""

from collections.abc import Iterable, Iterator, Mapping
from typing import Final

from attrs import frozen

from aiotables.core.errors import AiotablesError, SettingsError
from aiotables.provision.desired import Desired
from aiotables.provision.engines.port import Engine, Ticket
from aiotables.provision.expand import expand
from aiotables.provision.job import files_digest
from aiotables.provision.manifest import Manifest
from aiotables.provision.postgres import shared_runs
from aiotables.provision.postgres.session import Session
from aiotables.provision.postgres.shared_runs import SharedRun
from aiotables.provision.postgres.sums import sums_of


TICKETS: Final = 6
"""Shards of one target under way at once, over all workers."""


class RunGoesOn(AiotablesError):
    """
    Another version of the manifest is being carried out.

    Attributes:
        run_id: The run that goes on.
    """

    def __init__(self, run_id: str) -> None:
        super().__init__(f"{run_id} of another version of this manifest goes on: wait for it, or cancel it")
        self.run_id = run_id


@frozen(kw_only=True)
class Shared:
    """A run that workers have, or will have."""

    run: SharedRun

    new: bool
    """Whether it began now; else it went on already."""

    shards: int
    tickets: int
    """Tickets that were offered now."""


async def share(session: Session, engine: Engine, manifest: Manifest) -> Shared:
    """
    Give a manifest to the workers. Asked again while its run goes on, it offers what tickets are missing.

    Args:
        session: To the database, whose tables are there.
        engine: Brings the tickets to workers.
        manifest: As `load` gives it.

    Raises:
        RunGoesOn: Another version of it is being carried out.
        SettingsError: It asks for an order of tables, which workers do not keep.
        DatabaseError: The database is not there. Nothing was begun.
    """
    # The rows that tables are made for are a part of what is desired.
    rows = [table.for_each.path for table in manifest.tables if table.for_each is not None]
    digest = files_digest([*manifest.files, *rows])
    run = await shared_runs.find(session)
    new = run is None or run.ending is not None
    if run is None or new:
        run = await shared_runs.begin(
            session,
            manifest=str(manifest.path),
            name=manifest.name,
            digest=digest,
            targets=manifest.targets,
            tables=lambda: _in_any_order(expand(manifest)),
        )
    elif run.digest != digest or run.cancelling:
        raise RunGoesOn(run.run_id)
    sums = await sums_of(session, run.run_id)
    left = {each.target: each.shards - each.done for each in sums}
    offered = await engine.submit(tickets_of(run.run_id, left))
    return Shared(run=run, new=new, shards=sum(each.shards for each in sums), tickets=offered)


def tickets_of(run_id: str, shards: Mapping[str, int]) -> Iterator[Ticket]:
    """
    The tickets of a run.

    Args:
        run_id: The run.
        shards: How many each target has left.
    """
    for target, count in shards.items():
        yield from (Ticket(run_id, target, number) for number in range(min(TICKETS, count)))


def _in_any_order(tables: Iterable[Desired]) -> Iterator[Desired]:
    for table in tables:
        if table.depends_on:
            message = f"{table.origin}: workers carry tables out in any order; depends_on needs a run on one machine"
            raise SettingsError(message)
        yield table
