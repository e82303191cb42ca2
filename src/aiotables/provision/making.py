"""
Making a project with its first tables: one request, with an intent for the project and for each table before it.

So a table of a lost request is settled like any other: by looking for it, once somebody has found the project's token.
"""

import asyncio
from collections.abc import Callable, Mapping, Sequence
from typing import Any, cast

from attrs import asdict

from aiotables.core.classes import frozen
from aiotables.core.clock import Clock
from aiotables.core.errors import (
    CallError,
    Conflict,
    OutcomeUnknown,
    ReplyNotUnderstood,
    RequestError,
    SettingsError,
)
from aiotables.core.settle import Sent
from aiotables.provision.desired import Desired, ZangTableSpec
from aiotables.provision.events import ProjectMade
from aiotables.provision.founding import bootstrap_of, table_ids, token_in, without_secrets
from aiotables.provision.journal import Intent, Journal, Outcome, OutcomeKind, StepState
from aiotables.provision.new_project import NewProject
from aiotables.provision.steps import CREATE, PROJECT, PROJECT_KEY, WITH_PROJECT
from aiotables.provision.table_run import table_facts
from aiotables.provision.token_file import why_not_kept, write_token
from aiotables.provision.verdicts import Left, judge, left_open
from aiotables.provision.zangtable import table_create
from aiotables.zangtable._generated import operations
from aiotables.zangtable._generated.models import Bootstrap


@frozen
class Part:
    """What has an intent of its own: the project, or one of its tables."""

    key: str
    step: str
    sent: Sent
    facts: Mapping[str, Any]


@frozen
class Made:
    """What a part came to."""

    outcome: OutcomeKind
    reason: str = ""
    remote_id: str | None = None
    answer: object = None


@frozen(kw_only=True)
class Making:
    """
    What making projects in one run takes.

    Args:
        run_id: The run.
        journal: The durable record.
        clock: Time.
        opened_at: Whatever earlier runs had under way ended before this moment, unix seconds.
    """

    run_id: str
    journal: Journal
    clock: Clock
    opened_at: float

    async def have(self, project: NewProject, first: Callable[[], Sequence[Desired]]) -> ProjectMade | None:
        """
        See to it that a project is there.

        Args:
            project: The project.
            first: Gives the tables that it begins with, when it has to be made.

        Returns:
            What became of it; `None` when it was there already, with nothing to settle.

        Raises:
            SettingsError: The password is not set, or its token could not be kept. Nothing was sent.
            JournalError: The journal cannot be written.
        """
        state = await project.look(self.journal)
        if project.is_to_be_made:
            return await self._make(project, first())
        if project.why_not:
            return _told(project, Made(OutcomeKind.UNKNOWN, project.why_not))
        return await self._settle(project, state) if state is not None and state.is_open else None

    async def _make(self, project: NewProject, tables: Sequence[Desired]) -> ProjectMade:
        reason = why_not_kept(project.how.token_file)
        if reason is not None:
            raise SettingsError(reason)
        body = bootstrap_of(project.target, tables, password=project.password)

        now = self.clock.now()
        parts = [_part(project, desired, now) for desired in tables]
        # All of them before that of the project: where that one stands, none of these is missing.
        await asyncio.gather(*(self._intend(project, part) for part in parts))
        whole = _whole(project, body, now)
        await self._intend(project, whole)
        made = await self._send(project, body)
        await self._write(project, whole, made)
        await self._write_tables(project, parts, made)
        if not project.is_there:
            project.why_not = made.reason
        return _told(project, made, len(tables))

    async def _send(self, project: NewProject, body: Bootstrap) -> Made:
        slug, password = project.target.project, project.password
        try:
            reply = await project.client.send(operations.BOOTSTRAP_PROJECT, body=body, settle=False)
        except (OutcomeUnknown, ReplyNotUnderstood) as error:
            return Made(OutcomeKind.UNKNOWN, f"{project.lost()} ({without_secrets(str(error), password)})")
        except (CallError, RequestError) as error:
            reason = without_secrets(str(error), password) + _advice(project, error)
            return Made(OutcomeKind.FAILED, f"the project {slug} could not be made: {reason}")
        # From the reply to the disk there is no await: a token that was told is kept.
        reason = _keep(project, reply.value)
        return Made(OutcomeKind.CREATED, reason, slug, reply.value)

    async def _write_tables(self, project: NewProject, parts: Sequence[Part], made: Made) -> None:
        if made.outcome is OutcomeKind.FAILED:
            await asyncio.gather(*(self._write(project, part, made) for part in parts))
        elif project.is_there:
            ids = table_ids(made.answer)
            await asyncio.gather(*(self._write_table(project, part, ids) for part in parts))
        # Else they stay open, until somebody has found the project's token.

    async def _write_table(self, project: NewProject, part: Part, ids: Mapping[str, str]) -> None:
        table_id = ids.get(str(part.sent.body["table_name"]).lower())
        told = Made(OutcomeKind.CREATED, remote_id=table_id)
        await self._write(project, part, told if table_id is not None else await self._look(project, part))

    async def _look(self, project: NewProject, part: Part) -> Made:
        """See what became of a table that the answer does not tell of."""
        verdict = await project.settle(CREATE, part.sent)
        left = Left(sent=part.sent, facts=part.facts)
        judged = judge(project, CREATE, verdict, left, why="the answer does not tell of it")
        if judged.outcome is OutcomeKind.ADOPTED:
            return Made(OutcomeKind.CREATED, remote_id=judged.table_id)
        return Made(judged.outcome, judged.reason)

    async def _settle(self, project: NewProject, state: StepState) -> ProjectMade:
        left = left_open(state, opened_at=self.opened_at)
        verdict = await project.settle(PROJECT, left.sent)
        judged = judge(project, PROJECT, verdict, left, why="an earlier run ended without its outcome")
        made = Made(judged.outcome, judged.reason, project.target.project)
        await self._write(project, Part(PROJECT_KEY, PROJECT, left.sent, left.facts), made)
        return _told(project, made)

    async def _intend(self, project: NewProject, part: Part) -> None:
        await self.journal.intent(
            Intent(
                run_id=self.run_id,
                target=project.target.name,
                key=part.key,
                step=part.step,
                at=part.sent.first_sent_at,
                detail={**part.facts, "sent": asdict(part.sent)},
            )
        )

    async def _write(self, project: NewProject, part: Part, made: Made) -> None:
        unsettled = {"sent": asdict(part.sent)} if made.outcome is OutcomeKind.UNKNOWN else {}
        reason = {"reason": made.reason} if made.reason else {}
        await self.journal.outcome(
            Outcome(
                run_id=self.run_id,
                target=project.target.name,
                key=part.key,
                step=part.step,
                at=self.clock.now(),
                outcome=made.outcome,
                remote_id=made.remote_id,
                detail={**part.facts, **unsettled, **reason},
            )
        )


def _part(project: NewProject, desired: Desired, now: float) -> Part:
    body = table_create(cast("ZangTableSpec", desired.spec))
    sent = project.client.describe(operations.CREATE_TABLE, body=body, at=now)
    return Part(desired.key, CREATE, sent, {**table_facts(desired), WITH_PROJECT: project.target.project})


def _whole(project: NewProject, body: Bootstrap, now: float) -> Part:
    sent = project.client.describe(operations.BOOTSTRAP_PROJECT, body=body, at=now)
    return Part(PROJECT_KEY, PROJECT, sent, {"table": project.target.project})


def _keep(project: NewProject, answer: object) -> str:
    """Put the token into its file, and use the project; what is wrong with that, for a person."""
    token = token_in(answer)
    if token is None:
        return f"the answer told no token that could be recognised: {project.untold()}"
    project.open(token)
    file = project.how.token_file
    try:
        write_token(file, token)
    except OSError as error:
        why = f"its token could not be written into {file} ({error.strerror}), and is lost when this run ends"
        return f"{why}: {project.untold()}"
    return ""


def _advice(project: NewProject, error: Exception) -> str:
    if not isinstance(error, Conflict):
        return ""
    return (
        f". If it is yours, make a token in it and write that into {project.how.token_file}; then run again"
    )


def _told(project: NewProject, made: Made, tables: int = 0) -> ProjectMade:
    return ProjectMade(
        target=project.target.name,
        project=project.target.project,
        outcome=made.outcome,
        tables=tables,
        reason=made.reason,
    )
