"""Deleting projects that runs made: only with leave, and only with nothing in them that is not to go."""

from collections.abc import AsyncGenerator, AsyncIterator, Iterable
from typing import Final

from aiotables.core.classes import frozen
from aiotables.core.errors import CallError
from aiotables.provision.journal import Intent, JournalHistory, Made, Outcome, OutcomeKind
from aiotables.provision.keys import Keys
from aiotables.provision.listing import NotListed, listed
from aiotables.provision.new_project import NewProject
from aiotables.provision.removing.carrying import Carrier, Thing, removed
from aiotables.provision.removing.deletion import PREFIX
from aiotables.provision.removing.events import Fate, Removed
from aiotables.provision.steps import PROJECT, PROJECT_KEY


SHOWN: Final = 3
"""Tables that are named."""

_GONE: Final = frozenset({Fate.DELETED, Fate.GONE})


async def made_project(journal: JournalHistory, target: str) -> Made | None:
    """The project of a target, if a run made it and nothing says that it is gone."""
    states = await journal.steps(target, PROJECT_KEY)
    if PROJECT not in states or not states[PROJECT].is_done:
        return None
    facts = [fact for fact in await journal.history(target, PROJECT_KEY) if fact.step == PROJECT]
    (*_, intent) = [fact for fact in facts if isinstance(fact, Intent)]
    (*_, outcome) = [fact for fact in facts if isinstance(fact, Outcome)]
    return Made(intent=intent, outcome=outcome)


async def made_projects(journal: JournalHistory, targets: Iterable[str]) -> AsyncIterator[Made]:
    """The projects that runs made for these targets."""
    for target in targets:
        made = await made_project(journal, target)
        if made is not None:
            yield made


@frozen(kw_only=True)
class ProjectRemoval:
    """
    Deletes the project of one target.

    Args:
        project: The project.
        journal: The durable record.
        carrier: Deletes.
        keep: Tables that the manifest protects.
        allowed: Whether a project may be deleted.
        run_id: The run whose project and tables are to go; `None` for those of every run.
    """

    project: NewProject
    journal: JournalHistory
    carrier: Carrier
    keep: Keys
    allowed: bool
    run_id: str | None

    @property
    def _target(self) -> str:
        return self.project.target.name

    async def events(self) -> AsyncGenerator[Removed, None]:
        """
        Delete it, or say why it is left; its tables go with it.

        Raises:
            JournalError: The journal cannot be written.
        """
        made = await made_project(self.journal, self._target)
        if made is not None:
            if self.run_id not in {None, made.run_id}:
                return
            event = await self._remove(made)
            yield event
            if event.fate not in _GONE:
                return
        elif not await self._was_deleted():
            return
        self.project.drop_token()
        async for table in self.journal.made_tables():
            if table.target == self._target:
                yield await self.carrier.gone(table, "it went with its project")

    async def _was_deleted(self) -> bool:
        """Whether an earlier run deleted it, and may not have come to noting that of its tables."""
        states = await self.journal.steps(self._target, PROJECT_KEY)
        deletion = states.get(PREFIX + PROJECT)
        return (
            deletion is not None and deletion.outcome is OutcomeKind.DELETED and not states[PROJECT].is_open
        )

    async def _remove(self, made: Made) -> Removed:
        thing = Thing(target=made.target, key=made.key, step=made.step, table_id=made.table_id)
        try:
            reason = await self._why_left(made)
        except CallError as error:
            return removed(thing, Fate.FAILED, str(error))
        return await self.carrier.remove(made) if reason is None else removed(thing, Fate.LEFT, reason)

    async def _why_left(self, made: Made) -> str | None:
        slug = self.project.target.project
        if not self.project.is_there:
            return self.project.untold()
        if made.outcome.outcome is not OutcomeKind.CREATED:
            return f"no answer tells that a run made the project {slug}, so that nothing here deletes it"
        if not self.allowed:
            return (
                f"the project {slug} was made by {made.run_id}; --projects deletes it, with all that is in it"
            )
        others = await self._others()
        if not others:
            return None
        named = ", ".join(others[:SHOWN]) + (", …" if len(others) > SHOWN else "")
        return f"the project {slug} holds tables that are not to be deleted: {named}"

    async def _others(self) -> list[str]:
        with Keys() as ours:
            async for made in self.journal.made_tables():
                meant = self.run_id in {None, made.run_id} and not self.keep.has(made.target, made.key)
                if made.target == self._target and meant:
                    ours.add(made.target, str(made.sent["body"]["table_name"]).lower())
            others: list[str] = []
            try:
                async for table in listed(self.project.client):
                    if not ours.has(self._target, table.name.lower()):
                        others.append(table.name)
                    if len(others) > SHOWN:
                        break
            except NotListed as error:
                others.append(f"which cannot be listed ({error})")
            return others
