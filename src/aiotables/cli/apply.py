"""`aiotables apply`."""

import asyncio
import os
from contextlib import aclosing
from pathlib import Path

from aiotables.cli.asking import ask, can_ask
from aiotables.cli.codes import BY_ENDING, FAILED, INTERRUPTED, STOPPED
from aiotables.cli.console import complain, out
from aiotables.cli.interrupts import interrupts
from aiotables.cli.options import ApplyOptions
from aiotables.cli.plan import over, show
from aiotables.cli.view import JsonView, View
from aiotables.core.classes import define
from aiotables.core.counting import counted
from aiotables.provision.apply import Confirm
from aiotables.provision.events import RunEnded, WaveDone
from aiotables.provision.expand import load
from aiotables.provision.job import Job
from aiotables.provision.journal import SqliteJournal
from aiotables.provision.manifest import Manifest
from aiotables.provision.opening import open_clients
from aiotables.provision.plan import Plan
from aiotables.provision.saved import SavedPlan
from aiotables.provision.steps import Action


async def apply(path: Path, state: Path, options: ApplyOptions, saved: SavedPlan | None) -> int:
    """
    Carry a manifest out, or a plan that was saved, and show it.

    Returns:
        The exit code.

    Raises:
        ManifestError: The manifest is wrong; nothing was sent.
        PlanError: The saved plan is stale; nothing was changed.
        JournalLocked: Another run holds the state folder.
        AiotablesError: The run could not go on.
    """
    manifest = load(path, environ=os.environ)
    task = asyncio.ensure_future(_Applying(manifest, state, options, saved).run())
    try:
        return await task
    except asyncio.CancelledError:
        return INTERRUPTED


@define
class _Applying:
    manifest: Manifest
    state: Path
    options: ApplyOptions
    saved: SavedPlan | None

    async def run(self) -> int:
        async with (
            SqliteJournal.open(self.state, manifest=self.manifest.name) as journal,
            open_clients(self.manifest, environ=os.environ) as clients,
        ):
            selection = self.options.selection if self.saved is None else self.saved.selection
            failed_rows = self.state / "failed-rows"
            with Job(
                self.manifest, clients, state=journal, selection=selection, failed_rows=failed_rows
            ) as job:
                if not self._looks_first:
                    return await self._go(job, refresh=True)
                with await Plan.of(job) as plan:
                    code = await self._judge(plan)
                    # Whoever was asked may have taken their time.
                    return await self._go(job, refresh=self._asks) if code is None else code

    @property
    def _asks(self) -> bool:
        """Whether somebody is asked before anything is changed."""
        options = self.options
        return self.saved is None and not (options.yes or options.as_json) and can_ask()

    @property
    def _looks_first(self) -> bool:
        limits = self.options.limits
        limited = limits.requests is not None or limits.seconds is not None
        return self._asks or limited or self.saved is not None

    async def _judge(self, plan: Plan) -> int | None:
        """The code to end with, if it is not to be carried out."""
        if self.saved is not None:
            self.saved.check(plan)
        too_much = over(plan, self.options.limits)
        if too_much is not None:
            complain(too_much)
            return FAILED
        if not self._asks:
            return None
        show(plan, as_json=False)
        if not plan.changes:
            return None
        if plan.counts[Action.CONFLICT]:
            out().print("tables in conflict are left as they are, and reported as failed")
        return None if await ask("Carry this out?") else STOPPED

    async def _go(self, job: Job, *, refresh: bool) -> int:
        view = _view(as_json=self.options.as_json)
        ending = "interrupted"
        task = asyncio.current_task()
        with view, interrupts(job.stop, task.cancel if task else job.stop):
            run = job.apply(
                width=self.options.width,
                refresh=refresh,
                rules=self.options.rules,
                confirm=self._confirm(view),
            )
            # Closed here also when nobody reads what is shown any more.
            async with aclosing(run) as events:
                async for event in events:
                    view.show(event)
                    if isinstance(event, RunEnded):
                        ending = event.ending
        return BY_ENDING[ending]

    def _confirm(self, view: View) -> Confirm | None:
        """Who is asked after the canary; nobody where nobody can be, and then the run stops there."""
        options = self.options

        async def yes(_: WaveDone) -> bool:
            return True

        async def somebody(wave: WaveDone) -> bool:
            with view.paused():
                return await ask(f"The canary of {counted(wave.tables, 'table')} is done. Make the others?")

        if options.yes:
            return yes
        return somebody if can_ask() and not options.as_json else None


def _view(*, as_json: bool) -> View:
    if as_json:
        return JsonView()
    from aiotables.cli.terminal_view import TerminalView

    return TerminalView()
