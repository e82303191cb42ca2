"""Deleting projects that runs made."""

from collections.abc import AsyncGenerator, Callable
from functools import partial
from typing import TYPE_CHECKING, Any, cast

import pytest

from aiotables.provision.journal import (
    Intent,
    JournalError,
    Outcome,
    OutcomeKind,
    Record,
    SqliteJournal,
)
from aiotables.provision.removing.events import RemovalEvent, Removed
from aiotables.provision.removing.projects import made_projects
from aiotables.provision.removing.run import Removal
from aiotables.zangtable.models import TableCreate


if TYPE_CHECKING:
    from tests.provision.conftest import Founding

SHOPS = """
- {target: crm, name: shops, columns: [{name: title}], indexes: [{columns: [title]}]}
- {target: crm, name: orders}
"""

Begin = Callable[[Removal], AsyncGenerator[RemovalEvent, None]]


def destroying(run: Removal) -> AsyncGenerator[RemovalEvent, None]:
    """Destroy all."""
    return run.destroy(digest="0")


def rolling_back(run_id: str) -> Begin:
    """Roll a run back."""
    return lambda run: run.rollback(run_id, digest="0")


async def remove(
    founding: "Founding",
    begin: Begin = destroying,
    *,
    tables: str = SHOPS,
    around: Callable[[Record], Record] = lambda journal: journal,
    **options: Any,  # noqa: ANN401 -- of `Removal`
) -> dict[str, tuple[str, str]]:
    """What became of each thing, and why."""
    async with founding.job(tables) as job, SqliteJournal.open(founding.lab.state) as journal:
        run = Removal(job.services, around(journal), job.manifest, clock=founding.lab.clock, **options)
        events = [event async for event in begin(run)]
    return {
        event.key or event.step: (event.fate.value, event.reason)
        for event in events
        if isinstance(event, Removed)
    }


async def last_run(founding: "Founding") -> str:
    """The id of the last run."""
    async with SqliteJournal.read(founding.lab.state) as journal:
        run = await journal.last_run()
    assert run is not None
    return run.run_id


async def test_without_leave(founding: "Founding") -> None:
    """Without leave the project stays, and it is said how it may go."""
    await founding.apply(SHOPS)

    fates = await remove(founding)

    assert ["left", "left", "left"] == [fate for fate, _ in fates.values()]
    assert "--projects deletes it" in fates["project"][1]
    assert ["orders", "shops"] == founding.tables


@pytest.mark.parametrize("how", ["destroy", "rollback"])
async def test_with_leave(founding: "Founding", how: str) -> None:
    """With leave it goes with its tables and the file of its token, and can be made anew."""
    await founding.apply(SHOPS)
    begin = destroying if how == "destroy" else rolling_back(await last_run(founding))

    fates = await remove(founding, begin, projects=True)

    gone = ("gone", "it went with its project")
    assert {"project": ("deleted", ""), "shops": gone, "orders": gone} == fates
    assert ["acme"] == founding.projects
    assert not founding.token_file.exists()
    assert {} == await remove(founding, projects=True)
    assert {"shops": "created", "orders": "created"} == (await founding.apply(SHOPS)).outcomes


async def test_tables_of_others(founding: "Founding") -> None:
    """A project with tables that are not to go stays: of others, of another run, or protected."""
    await founding.apply(SHOPS)
    first = await last_run(founding)
    await founding.apply(SHOPS + "- {target: crm, name: later}\n")
    second = await last_run(founding)

    assert (
        "holds tables that are not to be deleted: later"
        in (await remove(founding, rolling_back(first), projects=True))["project"][1]
    )
    assert "project" not in await remove(founding, rolling_back(second), projects=True)
    keep = SHOPS.replace("name: orders", "name: orders, protect: true")
    assert "deleted: orders" in (await remove(founding, tables=keep, projects=True))["project"][1]
    async with founding.job(SHOPS) as job:
        for number in range(5):
            await job.services["crm"].client.tables.create(TableCreate(table_name=f"theirs_{number}"))  # type: ignore[attr-defined] # of ZangTable

    reason = (await remove(founding, projects=True))["project"][1]

    assert reason.endswith("theirs_0, theirs_1, theirs_2, …")
    assert "acme-crm" in founding.projects


async def test_nobody_knows_whose(founding: "Founding") -> None:
    """A project that was found after a lost reply stays: nothing tells who made it."""
    founding.lab.emulator.add_fault("zangtable.bootstrap_project:after:drop:nth=1")
    await founding.apply(SHOPS)
    founding.mint()
    await founding.apply(SHOPS)

    fate, reason = (await remove(founding, projects=True))["project"]

    assert ("left", True) == (fate, "no answer tells that a run made the project" in reason)


async def test_without_the_token(founding: "Founding") -> None:
    """Without its token nothing of a project is looked at: another token might be answered that it is gone."""
    await founding.apply(SHOPS)
    founding.token_file.unlink()

    fates = await remove(founding, projects=True, undocumented=True)

    assert {"left"} == {fate for fate, _ in fates.values()}
    assert ("left", "no token of the project acme-crm is known") == fates["shops"]


@pytest.mark.parametrize(
    ("fault", "fate"),
    [
        ("zangtable.query_records:before:status:status=400", "left"),
        ("zangtable.query_records:before:status:status=402", "failed"),
        ("zangtable.delete_project:before:status:status=400", "failed"),
        ("zangtable.delete_project:after:drop:nth=1", "deleted"),
    ],
)
async def test_faults(founding: "Founding", fault: str, fate: str) -> None:
    """What cannot be looked into stays; a lost reply to the deletion is none."""
    await founding.apply(SHOPS)
    founding.lab.emulator.add_fault(fault)

    assert fate == (await remove(founding, projects=True))["project"][0]
    assert (fate != "deleted") == ("acme-crm" in founding.projects)


class Breaking:
    """A journal that breaks at a write."""

    def __init__(self, journal: Record, at: int) -> None:
        self._journal = journal
        self._left = at

    def __getattr__(self, name: str) -> Any:  # noqa: ANN401 -- whatever a journal has
        if name not in {"intent", "outcome"}:
            return getattr(self._journal, name)
        return self._write(getattr(self._journal, name))

    def _write(self, write: Callable[..., Any]) -> Callable[..., Any]:
        async def writing(fact: object) -> None:
            if self._left == 0:
                message = "was not written"
                raise JournalError(message, where="here")
            self._left -= 1
            await write(fact)

        return writing


def breaking(journal: Record, *, at: int) -> Record:
    """A journal that breaks at a write, counted from 0."""
    return cast("Record", Breaking(journal, at))


async def test_stopped_at_every_write(founding: "Founding") -> None:
    """Wherever it is stopped, a second start ends it: the project is gone, and nothing of it is journalled as there."""
    for at in range(100):
        founding.lab.emulator.reset()
        founding.lab.forget()
        founding.token_file.unlink(missing_ok=True)
        await founding.apply(SHOPS)
        try:
            await remove(founding, around=partial(breaking, at=at), projects=True)
        except JournalError:
            await remove(founding, projects=True)
            finished = False
        else:
            finished = True
        assert ["acme"] == founding.projects
        assert not founding.token_file.exists()
        for key in ("", "shops", "orders"):
            assert {"absent", "deleted"} >= set((await founding.states(key)).values()), (at, key)
        if finished:
            break
    else:
        pytest.fail("it never ended")


async def test_finished_by_apply(founding: "Founding") -> None:
    """A deletion that was begun is finished by the next run, which makes the project anew."""
    await founding.apply(SHOPS)
    with pytest.raises(JournalError):
        await remove(founding, around=partial(breaking, at=1), projects=True)

    told = await founding.apply(SHOPS)

    assert ("created", {"shops": "created", "orders": "created"}) == (told.project.outcome, told.outcomes)
    assert 2 == founding.bootstraps


async def test_nothing_was_made(founding: "Founding") -> None:
    """Of a project that is yet to be made there is nothing to delete."""
    async with SqliteJournal.open(founding.lab.state):
        pass

    assert {} == await remove(founding, projects=True)


async def test_tables_of_another_target(founding: "Founding") -> None:
    """With a project go its own tables, and not those that the journal has of other targets."""
    await founding.apply(SHOPS)
    facts: dict[str, Any] = {
        "run_id": await last_run(founding),
        "target": "else",
        "key": "x",
        "step": "create",
        "at": 1.0,
    }
    async with SqliteJournal.open(founding.lab.state) as journal:
        await journal.intent(Intent(**facts, detail={"sent": {"body": {"table_name": "x"}}}))
        await journal.outcome(Outcome(**facts, outcome=OutcomeKind.CREATED, remote_id="1"))

    fates = await remove(founding, projects=True)

    assert ("gone", "it went with its project") == fates["shops"]
    assert ("left", "the manifest has no target else any more") == fates["x"]


async def test_list(founding: "Founding") -> None:
    """What is to be deleted can be listed before."""
    await founding.apply(SHOPS)

    async with SqliteJournal.read(founding.lab.state) as journal:
        found = [made async for made in made_projects(journal, ["crm", "research"])]

    assert [("crm", "", "acme-crm", OutcomeKind.CREATED)] == [
        (made.target, made.key, made.table_id, made.outcome.outcome) for made in found
    ]
