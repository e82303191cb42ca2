"""Provisioning on a ZangTable project that may have to be made first."""

from collections.abc import Iterable, Iterator, Mapping
from contextlib import AbstractAsyncContextManager
from typing import Any, cast

from attrs import evolve

from aiotables.core.errors import AiotablesError, CallError, SettingsError
from aiotables.core.settle import Found, Sent, Unclear, Verdict
from aiotables.provision.desired import Desired
from aiotables.provision.journal import JournalReader, StepState
from aiotables.provision.snapshot import Entry
from aiotables.provision.steps import PROJECT, PROJECT_KEY, Action, Service, TablePlan
from aiotables.provision.targets import ProjectToCreate, ZangTableTarget
from aiotables.provision.token_file import read_token
from aiotables.provision.zangtable import ZangTableService, creation
from aiotables.zangtable import ZangTable


class ProjectUnknown(AiotablesError):
    """Whether a project is there, or what its token is, is not known: somebody has to look."""


class NewProject:
    """
    One project that is there when its token is, and else may have to be made.

    Nothing else tells: no documented call names the projects of an account, and the calling token opens only its own.

    Args:
        client: Of the project, with the token that makes it.
        target: Says how the project is made, and where its token is kept.
        environ: The environment, which holds the password of the project's first user.

    Attributes:
        why_not: Why the project can be neither used nor made; empty when it can.

    Raises:
        SettingsError: The file of the token cannot be read.
    """

    def __init__(self, client: ZangTable, target: ZangTableTarget, *, environ: Mapping[str, str]) -> None:
        self.target = target
        self.how = cast("ProjectToCreate", target.create_project)
        self.why_not = ""
        self._environ = environ
        self._caller = client
        self._first: frozenset[str] = frozenset()
        self._there: ZangTableService | None = None
        self._find_token()

    @property
    def client(self) -> ZangTable:
        """Of the project; until that is there, with the token that makes it."""
        return self._caller if self._there is None else self._there.client

    @property
    def is_there(self) -> bool:
        """Whether its token is known."""
        return self._there is not None

    @property
    def is_to_be_made(self) -> bool:
        """Whether it can be made now."""
        return self._there is None and not self.why_not

    @property
    def password(self) -> str:
        """
        Of the first user.

        Raises:
            SettingsError: It is not set.
        """
        found = self._environ.get(self.how.password_env)
        if not found:
            message = f"the environment variable {self.how.password_env} with the password is not set"
            raise SettingsError(message)
        return found

    async def look(self, journal: JournalReader | None) -> StepState | None:
        """
        See whether it is there: by its token, and without one by what the journal has of its making, which is returned.

        Raises:
            SettingsError: The file of the token cannot be read.
        """
        self._find_token()
        known = {} if journal is None else await journal.steps(self.target.name, PROJECT_KEY)
        state = known.get(PROJECT)
        if self._there is None and state is not None and (state.is_open or state.is_done):
            self.why_not = self.lost() if state.is_open else self.untold()
        return state

    def begin_with(self, tables: Iterable[Desired]) -> None:
        """Note the tables that its making would make with it."""
        self._first = frozenset(desired.key for desired in tables)

    def open(self, token: str) -> None:
        """Use the project from now on."""
        client = self._caller.sibling(token=token, project=self.target.project)
        self._there = ZangTableService(client)

    def drop_token(self) -> None:
        """
        Forget a project that is deleted.

        Raises:
            SettingsError: The file of its token cannot be deleted.
        """
        try:
            self.how.token_file.unlink(missing_ok=True)
        except OSError as error:
            message = f"the project is deleted; delete {self.how.token_file} yourself: {error.strerror}"
            raise SettingsError(message) from error
        self.close()
        self._there = None

    def lost(self) -> str:
        """What to do when a reply was lost."""
        return (
            f"whether the project {self.target.project} was made is not known, as the reply was lost, and the project's "
            f"token with it. Look in the admin panel: if the project is there, make a token in it and write that into "
            f"{self.how.token_file}; if not, forget the attempt: aiotables state forget MANIFEST {self.target.name}/ ; "
            "then run again"
        )

    def untold(self) -> str:
        """What to do when the project was made, and its token is not known."""
        return (
            f"the project {self.target.project} was made, and its token is not known: make one in the admin panel, write "
            f"it into {self.how.token_file}, and run again; if the project is gone, forget it: "
            f"aiotables state forget MANIFEST {self.target.name}/"
        )

    def group(self, run_id: str) -> AbstractAsyncContextManager[object]:
        """The operation group of a run."""
        return ZangTableService(self._caller).group(run_id)

    async def refresh(self) -> None:
        """Read what the project holds; nothing is asked of one that is not there."""
        self._find_token()
        if self._there is not None:
            await self._there.refresh()

    async def plan(self, desired: Desired, known: Mapping[str, StepState]) -> TablePlan:
        """Say what a table needs; a project that is yet to be made brings its first tables with it."""
        if self._there is not None:
            return await self._there.plan(desired, known)
        if self.why_not:
            reason = f"the project {self.target.project} cannot be used; its own line says why"
            return TablePlan(desired=desired, action=Action.CONFLICT, reason=reason)
        if desired.key in self._first:
            reason = f"made with the project {self.target.project}"
            return TablePlan(desired=desired, action=Action.CREATE, reason=reason)
        reason = f"the project {self.target.project} is yet to be made, as {self.how.token_file} is not there"
        return evolve(creation(desired, may_exist=False), reason=reason)

    def want(self, desired: Desired) -> None:
        """Note that a table is in the manifest."""
        if self._there is not None:
            self._there.want(desired)

    def unwanted(self) -> Iterator[Entry] | None:
        """The tables that are there and were not noted; a project that is not there has none."""
        return iter(()) if self._there is None else self._there.unwanted()

    async def settle(self, step: str, sent: Sent) -> Verdict:
        """Find out what a step did whose reply was lost; nobody can without the project's token."""
        if self._there is None:
            without = f"no token of the project {self.target.project} is known"
            return Unclear(self.lost() if step == PROJECT else without)
        if step != PROJECT:
            return await self._there.settle(step, sent)
        try:
            await self._there.client.auth.me()
        except CallError as error:
            return Unclear(str(error))
        return Found(None, f"project {self.target.project}, which the token in {self.how.token_file} opens")

    def table_id(self, step: str, value: Any) -> str | None:  # noqa: ANN401 -- the result of any operation
        """The table's number."""
        return ZangTableService(self._caller).table_id(step, value)

    def close(self) -> None:
        """Drop what was read."""
        if self._there is not None:
            self._there.close()

    def _find_token(self) -> None:
        if self._there is not None:
            return
        token = read_token(self.how.token_file)
        if token is not None:
            self.why_not = ""
            self.open(token)


def new_projects(services: Mapping[str, Service]) -> dict[str, NewProject]:
    """Those of the services that may have to make their project first, by target."""
    return {name: service for name, service in services.items() if isinstance(service, NewProject)}
