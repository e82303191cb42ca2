"""Hands a manifest to the workers of a database: all its shards at once, then a ticket for each that may be under way."""

from collections.abc import Iterator, Mapping
from hashlib import blake2b
from operator import itemgetter
from typing import Final

from aiotables.core.classes import frozen
from aiotables.core.counting import counted
from aiotables.core.errors import AiotablesError, SettingsError
from aiotables.provision.course import NO_RULES, Rules
from aiotables.provision.desired import Desired
from aiotables.provision.engines.port import Engine, Ticket
from aiotables.provision.estimate import Estimate, Needs, requests_of
from aiotables.provision.expand import expand_checked
from aiotables.provision.job import files_digest
from aiotables.provision.manifest import Manifest, ZangTableTarget
from aiotables.provision.postgres import shared_runs
from aiotables.provision.postgres.session import Session
from aiotables.provision.postgres.shared_runs import SharedRun
from aiotables.provision.postgres.sums import sums_of
from aiotables.provision.selection import EVERYTHING, Selection


TICKETS: Final = 6
"""Shards of one target under way at once, over all workers."""


class RunGoesOn(AiotablesError):
    """
    Another version of the manifest is being carried out, or other tables of it, or by other rules.

    Attributes:
        run_id: The run that goes on.
    """

    def __init__(self, run_id: str) -> None:
        super().__init__(
            f"{run_id} of another version of this manifest, or with other options, goes on: wait for it, or cancel it"
        )
        self.run_id = run_id


class TooMuch(AiotablesError):
    """
    The tables need more than they may, when none of them is there yet. Nothing was begun.

    Args:
        excess: What they need.
    """

    def __init__(self, excess: str) -> None:
        super().__init__(f"the tables, when none of them is there yet, {excess}")


@frozen(kw_only=True)
class Asked:
    """Which tables of a manifest are meant, and what making them may take."""

    selection: Selection = EVERYTHING

    rules: Rules = NO_RULES
    """Of these only what a run may take: workers know no canary and no waves."""

    def digest(self, manifest: Manifest) -> str:
        """A hash that is the same as long as the same is asked of the same manifest."""
        # The rows that tables are made for are a part of what is desired.
        rows = [table.for_each.path for table in manifest.tables if table.for_each is not None]
        files = files_digest([*manifest.files, *rows])
        if self == ALL:
            return files
        return blake2b(f"{files} {self.selection!r} {self.rules!r}".encode(), digest_size=16).hexdigest()

    def tables(self, manifest: Manifest, needs: Needs) -> Iterator[tuple[int, Desired]]:
        """
        The tables that are meant, with their levels, all of the manifest checked.

        Args:
            manifest: The manifest.
            needs: Told of each table.

        Raises:
            ManifestError: The manifest is wrong.
            SettingsError: No table is meant by a glob.
            TooMuch: At the end, when they need more than they may.
        """
        needs.clear()
        for level, desired in self.selection.check_in(expand_checked(manifest), itemgetter(1)):
            needs.add(desired.target, tables=1, requests=requests_of(desired))
            yield level, desired
        excess = self._excess(needs.estimate())
        if excess is not None:
            raise TooMuch(excess)

    def _excess(self, estimate: Estimate) -> str | None:
        requests, seconds = self.rules.max_requests, self.rules.max_seconds
        if requests is not None and estimate.requests > requests:
            return f"need {counted(estimate.requests, 'request')}; {requests:,} are allowed"
        if seconds is not None and (estimate.seconds or 0.0) > seconds:
            return f"need {estimate.seconds:,.0f} s; {seconds:,g} s are allowed"
        return None


ALL: Final = Asked()


@frozen(kw_only=True)
class Shared:
    """A run that workers have, or will have."""

    run: SharedRun

    new: bool
    """Whether it began now; else it went on already."""

    shards: int
    tickets: int
    """Tickets that were offered now."""

    estimate: Estimate
    """What it takes when none of its tables is there yet; of a run that went on already, nothing."""


async def share(session: Session, engine: Engine, manifest: Manifest, asked: Asked = ALL) -> Shared:
    """
    Give a manifest to the workers. Asked again while its run goes on, it offers what tickets are missing.

    Args:
        session: To the database, whose tables are there.
        engine: Brings the tickets to workers.
        manifest: As `load_manifest` gives it; its tables are checked as they are written.
        asked: Which of its tables are meant, and what making them may take.

    Raises:
        ManifestError: A table cannot be made. Nothing was begun.
        SettingsError: No table is meant by a glob, or a project is to be made, which workers do not do. Nothing was begun.
        TooMuch: The tables need more than is allowed. Nothing was begun.
        RunGoesOn: Something else is being carried out.
        DatabaseError: The database is not there. Nothing was begun.
    """
    _check_projects(manifest)
    needs = Needs(manifest.targets)
    run, new = await _run_of(session, manifest, asked, needs)
    sums = await sums_of(session, run.run_id)
    left = {each.target: each.shards - each.done for each in sums}
    offered = await engine.submit(tickets_of(run.run_id, left))
    return Shared(
        run=run,
        new=new,
        shards=sum(each.shards for each in sums),
        tickets=offered,
        estimate=needs.estimate(),
    )


async def _run_of(session: Session, manifest: Manifest, asked: Asked, needs: Needs) -> tuple[SharedRun, bool]:
    """The run that goes on, or a new one, and whether it is new."""
    digest = asked.digest(manifest)
    while True:
        found = await shared_runs.find(session)
        if found is not None and found.ending is None:
            if found.digest != digest or found.cancelling:
                raise RunGoesOn(found.run_id)
            return found, False
        begun = await shared_runs.begin(
            session,
            manifest=str(manifest.path),
            name=manifest.name,
            digest=digest,
            targets=manifest.targets,
            tables=lambda: asked.tables(manifest, needs),
            rules=asked.rules,
        )
        # Else somebody else was faster: what they began is looked at.
        if begun is not None:
            return begun, True


def tickets_of(run_id: str, shards: Mapping[str, int]) -> Iterator[Ticket]:
    """
    The tickets of a run.

    Args:
        run_id: The run.
        shards: How many each target has left.
    """
    for target, count in shards.items():
        yield from (Ticket(run_id, target, number) for number in range(min(TICKETS, count)))


def _check_projects(manifest: Manifest) -> None:
    for target in manifest.targets.values():
        if isinstance(target, ZangTableTarget) and target.create_project is not None:
            message = (
                f"the target {target.name} asks for a project to be made, and workers make none: make it by a run on one "
                "machine, then take create_project out and give the project's token by token_env"
            )
            raise SettingsError(message)
