"""Reading a journal as a whole, whatever store it keeps its facts in."""

from collections.abc import Callable

import pytest

from aiotables.provision.journal import Intent, Outcome, OutcomeKind, Record, Run, history


Intents = Callable[..., Intent]
Outcomes = Callable[..., Outcome]


@pytest.fixture
def journal(either: Record) -> Record:
    """Of each kind."""
    return either


@pytest.fixture(autouse=True)
def small_pages(monkeypatch: pytest.MonkeyPatch) -> None:
    """Pages of two rows, so that there are several."""
    monkeypatch.setattr(history, "CHUNK", 2)


async def test_runs(journal: Record, run: Run) -> None:
    """Runs come latest first, and each is found by its id."""
    second = await journal.begin_run("manifest.yaml", "1", command="destroy")

    assert [second, run] == await journal.runs()
    assert [second] == await journal.runs(limit=1)
    assert run == await journal.find_run(run.run_id)
    assert await journal.find_run("run_x") is None


async def test_made_tables(journal: Record, run: Run, intent: Intents, outcome: Outcomes) -> None:
    """Made are the tables that were created, or adopted after an intent; not those found, failed, gone, or unknown."""
    kinds = [OutcomeKind.CREATED, OutcomeKind.ADOPTED, *OutcomeKind]
    for number, kind in enumerate(kinds):
        await journal.intent(intent(run, f"k{number}", detail={"sent": {"n": number}}))
        await journal.outcome(outcome(run, f"k{number}", kind, remote_id=str(number)))
    await journal.outcome(outcome(run, "found", OutcomeKind.ADOPTED))
    await journal.intent(intent(run, "open"))
    await journal.intent(intent(run, "k0", "rows:0"))

    made = [each async for each in journal.made_tables()]

    assert ["k0", "k1", "k2", "k3"] == [each.key for each in made]
    assert ["0", "1", "2", "3"] == [each.table_id for each in made]
    assert {("crm", "create", run.run_id)} == {(each.target, each.step, each.run_id) for each in made}
    assert {"n": 0} == made[0].sent


async def test_maker_is_who_sent_it(journal: Record, run: Run, intent: Intents, outcome: Outcomes) -> None:
    """What one run sent and another one found belongs to the first, and what a later one notes changes nothing."""
    await journal.intent(intent(run, "lost"))
    second = await journal.begin_run("manifest.yaml", "1")
    await journal.outcome(outcome(second, "lost", OutcomeKind.ADOPTED, remote_id="1"))
    await journal.outcome(outcome(second, "lost", OutcomeKind.ADOPTED, remote_id="1"))

    assert ["lost"] == [each.key async for each in journal.made_by(run.run_id)]
    assert [] == [each.key async for each in journal.made_by(second.run_id)]


async def test_made_by_with_later_attempts(
    journal: Record, run: Run, intent: Intents, outcome: Outcomes
) -> None:
    """Of a step that was sent again later, each run has its own; one that came to nothing has none."""
    await journal.intent(intent(run, "a"))
    await journal.outcome(outcome(run, "a", OutcomeKind.UNKNOWN))
    await journal.outcome(outcome(run, "a", OutcomeKind.CREATED, remote_id="1"))
    await journal.intent(intent(run, "b"))
    await journal.outcome(outcome(run, "b", OutcomeKind.ABSENT))
    await journal.intent(intent(run, "c"))
    second = await journal.begin_run("manifest.yaml", "1")
    for key in ("a", "b", "c"):
        await journal.intent(intent(second, key))
        await journal.outcome(outcome(second, key, OutcomeKind.CREATED, remote_id="2"))
    await journal.intent(intent(second, "a", "delete:create"))

    first = [(each.key, each.table_id, each.latest) async for each in journal.made_by(run.run_id)]
    later = [(each.key, each.table_id, each.latest) async for each in journal.made_by(second.run_id)]

    assert [("a", "1", False)] == first
    assert [("a", "2", True), ("b", "2", True), ("c", "2", True)] == later


async def test_tables(journal: Record, run: Run, intent: Intents, outcome: Outcomes) -> None:
    """Every table that there is a fact about comes once, with the state of its steps."""
    for key in ("b", "a", "c"):
        await journal.intent(intent(run, key))
    await journal.intent(intent(run, "a", target="other"))
    await journal.outcome(outcome(run, "a", OutcomeKind.FAILED))

    tables = [(target, key, [*steps]) async for target, key, steps in journal.tables()]

    assert [
        (*name, ["create"]) for name in [("crm", "a"), ("crm", "b"), ("crm", "c"), ("other", "a")]
    ] == tables


async def test_facts(journal: Record, run: Run, intent: Intents, outcome: Outcomes) -> None:
    """The facts of a run come in their order without their details, those of a table with them."""
    second = await journal.begin_run("manifest.yaml", "1")
    sent = intent(run, "a", detail={"n": 1})
    done = outcome(run, "a", OutcomeKind.CREATED, remote_id="1", detail={"n": 2})
    await journal.intent(sent)
    await journal.outcome(done)
    await journal.intent(intent(second, "a"))
    await journal.intent(intent(run, "b"))

    assert ["a", "a", "b"] == [fact.key async for fact in journal.facts(run.run_id)]
    assert [{}, {}, {}] == [fact.detail async for fact in journal.facts(run.run_id)]
    assert [sent, done, intent(second, "a")] == await journal.history("crm", "a")
