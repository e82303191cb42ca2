"""What a journal answers, whatever store it keeps its facts in."""

import asyncio
from collections.abc import Callable

import pytest

from aiotables.provision.journal import (
    Intent,
    Journal,
    JournalError,
    Outcome,
    OutcomeKind,
    Record,
    Run,
    StepState,
)
from aiotables.provision.journal.reader import CHUNK


Intents = Callable[..., Intent]
Outcomes = Callable[..., Outcome]

NOTHING = {
    "intent": 0,
    "created": 0,
    "adopted": 0,
    "unchanged": 0,
    "failed": 0,
    "unknown": 0,
    "absent": 0,
    "deleted": 0,
}


@pytest.fixture
def journal(either: Record) -> Record:
    """Of each kind."""
    return either


async def _open(journal: Journal) -> list[str]:
    return [f"{intent.key} {intent.step}" async for intent in journal.open_intents()]


async def test_new_journal_is_empty(journal: Journal) -> None:
    """Before the first run there is nothing, and asking is no error."""
    assert [] == await _open(journal)
    assert {} == await journal.steps("crm", "acme/contacts")
    assert NOTHING == await journal.counts()
    assert [] == await journal.problems()
    assert await journal.last_run() is None


async def test_intents_without_outcome_are_open(
    journal: Journal, run: Run, intent: Intents, outcome: Outcomes
) -> None:
    """Open are the steps whose latest fact is an intent or `unknown`, in the order of their intents."""
    for key in ("a", "b", "c", "d", "e"):
        await journal.intent(intent(run, key))
    await journal.outcome(outcome(run, "a", OutcomeKind.UNKNOWN))
    await journal.outcome(outcome(run, "b", OutcomeKind.CREATED))
    await journal.outcome(outcome(run, "c", OutcomeKind.ABSENT))
    await journal.outcome(outcome(run, "d", OutcomeKind.ABSENT))
    await journal.intent(intent(run, "d"))
    await journal.intent(intent(run, "b", "index:idx_email"))

    assert ["a create", "e create", "d create", "b index:idx_email"] == await _open(journal)


async def test_latest_intent_is_given_whole(journal: Journal, run: Run, intent: Intents) -> None:
    """Of several intents of one step the latest comes back, equal to what was written."""
    detail = {
        "operation": "zangtable.create_table",
        "path": {"project": "größe"},
        "body": {"n": [1, 2.5, None]},
    }
    await journal.intent(intent(run, "a", detail={"marker": "old"}))
    latest = intent(run, "a", at=7.25, detail=detail)
    await journal.intent(latest)

    assert [latest] == [found async for found in journal.open_intents()]


async def test_unknown_without_intent_is_not_an_open_intent(
    journal: Journal, run: Run, outcome: Outcomes
) -> None:
    """There is nothing to settle by where no intent was written; the step is a problem all the same."""
    await journal.outcome(outcome(run, "a", OutcomeKind.UNKNOWN))

    assert [] == await _open(journal)
    assert 1 == len(await journal.problems())


async def test_many_open_intents_settled_on_the_way(
    journal: Journal, run: Run, intent: Intents, outcome: Outcomes
) -> None:
    """
    Each open intent comes once, over several chunks, whatever is written meanwhile.

    Steps that stay unknown do not come again, steps settled ahead are left out, new intents have to wait.
    """
    number = 2 * CHUNK + 10
    await asyncio.gather(*(journal.intent(intent(run, f"k{i:05}")) for i in range(number)))

    seen: list[str] = []
    async for found in journal.open_intents():
        if not seen:
            await journal.outcome(outcome(run, f"k{number - 1:05}", OutcomeKind.CREATED))
            await journal.intent(intent(run, "new"))
        seen.append(found.key)
        if len(seen) % 100 == 0:
            await journal.outcome(outcome(run, found.key, OutcomeKind.UNKNOWN))

    assert [f"k{i:05}" for i in range(number - 1)] == seen


async def test_steps_of_one_table(journal: Journal, run: Run, intent: Intents, outcome: Outcomes) -> None:
    """Each step of the table comes with its latest fact; tables with the same key elsewhere do not count."""
    await journal.intent(intent(run, "a"))
    await journal.outcome(outcome(run, "a", OutcomeKind.UNKNOWN, detail={"reason": "lost"}))
    await journal.outcome(
        outcome(run, "a", OutcomeKind.ADOPTED, at=9.5, remote_id="t_1", detail={"how": "name"})
    )
    await journal.intent(intent(run, "a", "rows:0", detail={"marker": "m"}))
    await journal.intent(intent(run, "a", "run", target="other"))
    await journal.intent(intent(run, "ab", "run"))

    found = await journal.steps("crm", "a")

    made = StepState(
        run_id=run.run_id, at=9.5, outcome=OutcomeKind.ADOPTED, remote_id="t_1", detail={"how": "name"}
    )
    sent = StepState(run_id=run.run_id, at=1.5, outcome=None, detail={"marker": "m"})
    assert [("create", made), ("rows:0", sent)] == list(found.items())


async def test_steps_of_many_tables(journal: Journal, run: Run, intent: Intents, outcome: Outcomes) -> None:
    """Asked about many tables at once, it answers as it does for each alone, also where it knows nothing."""
    keys = ["a", 'b"\\', "größe/${x}", "none"]
    for key in keys[:3]:
        await journal.intent(intent(run, key))
        await journal.intent(intent(run, key, "index:x"))
        await journal.outcome(outcome(run, key, OutcomeKind.CREATED))
    await journal.intent(intent(run, "a", target="erp"))

    found = await journal.steps_of_many("crm", keys)

    assert {key: await journal.steps("crm", key) for key in keys} == found
    assert [["index:x", "create"]] * 3 + [[]] == [list(found[key]) for key in keys]
    assert {} == await journal.steps_of_many("crm", [])


async def test_counts_by_run_and_step(journal: Journal, run: Run, intent: Intents, outcome: Outcomes) -> None:
    """A step counts once, in its latest state, under the run that brought it there."""
    await journal.intent(intent(run, "a"))
    await journal.intent(intent(run, "b"))
    await journal.intent(intent(run, "b", "run"))
    await journal.outcome(outcome(run, "b", OutcomeKind.CREATED))
    later = await journal.begin_run("manifest.yaml", "sha256:0")
    await journal.outcome(outcome(later, "a", OutcomeKind.ADOPTED))

    assert NOTHING | {"intent": 1, "created": 1, "adopted": 1} == await journal.counts()
    assert NOTHING | {"intent": 1, "created": 1} == await journal.counts(run.run_id)
    assert NOTHING | {"adopted": 1} == await journal.counts(later.run_id)
    assert NOTHING | {"created": 1, "adopted": 1} == await journal.counts(step="create")
    assert NOTHING | {"intent": 1} == await journal.counts(run.run_id, step="run")


async def test_problems_are_the_latest_and_bounded(journal: Journal, run: Run, outcome: Outcomes) -> None:
    """Failed and unknown steps come with reasons, oldest first, no more than asked, and not once resolved."""
    refused = outcome(run, "a", OutcomeKind.FAILED, detail={"reason": "409 exists"})
    lost = outcome(run, "b", OutcomeKind.UNKNOWN, detail={"reason": "two candidates"})
    for fact in (
        refused,
        lost,
        outcome(run, "c", OutcomeKind.FAILED),
        outcome(run, "c", OutcomeKind.CREATED),
    ):
        await journal.outcome(fact)
    later = await journal.begin_run("manifest.yaml", "sha256:0")
    last = outcome(later, "d", OutcomeKind.FAILED)
    await journal.outcome(last)

    assert [refused, lost, last] == await journal.problems()
    assert [refused, lost] == await journal.problems(run.run_id)
    assert [refused] == await journal.problems(limit=1)
    assert ["409 exists", "two candidates", None] == [found.reason for found in await journal.problems()]


async def test_run_ends_once_it_began(journal: Journal, run: Run) -> None:
    """How a run ended is kept; one that never began is an error."""
    later = await journal.begin_run("manifest.yaml", "sha256:1", command="settle")
    await journal.end_run(later.run_id, "unknown")

    last = await journal.last_run()

    assert last is not None
    assert (later.run_id, "settle", "unknown") == (last.run_id, last.command, last.ending)
    assert last.ended_at is not None
    assert last.ended_at >= last.started_at == later.started_at > run.started_at - 1.0
    with pytest.raises(JournalError, match=r"knows no run run_x$"):
        await journal.end_run("run_x", "done")
