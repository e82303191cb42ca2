"""Whatever is written, the journal answers like a plain list of facts."""

import asyncio
import tempfile
from collections.abc import Callable
from contextlib import AbstractAsyncContextManager
from pathlib import Path
from typing import Any

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from aiotables.provision.journal import Intent, Journal, Outcome, OutcomeKind, Run, SqliteJournal, StepState
from aiotables.provision.postgres import PostgresJournal


Fact = Intent | Outcome

OPEN = (None, OutcomeKind.UNKNOWN)

# Few names, so that facts meet; the odd ones are there for their characters.
KEYS = st.sampled_from(["a", "ab", "größe/ünï", "o'brien\n", ""])
TARGETS = st.sampled_from(["crm", "accounts"])
STEPS = st.sampled_from(["create", "index:idx_x", "rows:0"])
DETAILS = st.dictionaries(
    st.text(max_size=3),
    st.none() | st.booleans() | st.integers(-(2**53), 2**53) | st.text(max_size=3),
    max_size=2,
)

FACTS = st.builds(
    lambda outcome, remote_id, **facts: (outcome, remote_id, facts),
    outcome=st.none() | st.sampled_from(OutcomeKind),
    remote_id=st.none() | st.just("t_1"),
    target=TARGETS,
    key=KEYS,
    step=STEPS,
    at=st.floats(0, 2**31),
    detail=DETAILS,
)

# A whole history: sessions, each an opening of the journal with a run of its own and the facts it writes.
HISTORIES = st.lists(st.lists(FACTS, max_size=15), max_size=4)


class Model:
    """The same in memory, by the rules and without an index."""

    def __init__(self) -> None:
        self.facts: list[Fact] = []

    def latest(self) -> dict[tuple[str, str, str], Fact]:
        """The last fact of each step, in the order of those facts."""
        last: dict[tuple[str, str, str], Fact] = {}
        for fact in self.facts:
            name = (fact.target, fact.key, fact.step)
            last.pop(name, None)
            last[name] = fact
        return last

    def open_intents(self) -> list[Intent]:
        """The last intents of the steps that are open."""
        is_open = {name for name, fact in self.latest().items() if _outcome(fact) in OPEN}
        last = {
            (fact.target, fact.key, fact.step): (number, fact)
            for number, fact in enumerate(self.facts)
            if isinstance(fact, Intent)
        }
        return [
            fact for _, fact in sorted((last[name] for name in is_open & set(last)), key=lambda pair: pair[0])
        ]

    def steps(self, target: str, key: str) -> list[tuple[str, StepState]]:
        """The state of each step of a table."""
        return [
            (fact.step, _state(fact)) for name, fact in self.latest().items() if name[:2] == (target, key)
        ]

    def counts(self, run_id: str | None) -> dict[str, int]:
        """How many steps are in each state that occurs."""
        counts: dict[str, int] = {}
        for fact in self.latest().values():
            if run_id in {None, fact.run_id}:
                state = str(_outcome(fact) or "intent")
                counts[state] = counts.get(state, 0) + 1
        return counts

    def problems(self, run_id: str | None) -> list[Fact]:
        """The steps that failed or are unknown."""
        bad = {OutcomeKind.FAILED, OutcomeKind.UNKNOWN}
        latest = self.latest().values()
        return [fact for fact in latest if _outcome(fact) in bad and run_id in {None, fact.run_id}]


Open = Callable[[], AbstractAsyncContextManager[Journal]]


@settings(deadline=None, max_examples=60)
@given(history=HISTORIES)
def test_sqlite_answers_like_a_list_of_facts(history: list[list[Any]]) -> None:
    """After any history, over any number of openings, every question has the answer of the plain model."""
    with tempfile.TemporaryDirectory() as folder:
        asyncio.run(_replay(lambda: SqliteJournal.open(Path(folder)), history))


@settings(deadline=None, max_examples=20, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(history=HISTORIES)
def test_postgres_answers_like_a_list_of_facts(
    empty_database: Callable[[], str], history: list[list[Any]]
) -> None:
    """The same of the journal in PostgreSQL."""
    url = empty_database()
    asyncio.run(_replay(lambda: PostgresJournal.open(url), history))


async def _replay(open_journal: Open, history: list[list[Any]]) -> None:
    model = Model()
    runs: list[Run] = []
    for session in history:
        async with open_journal() as journal:
            await _compare(journal, model, runs)
            runs.append(await journal.begin_run("manifest.yaml", "sha256:0"))
            for fact in session:
                await _write(journal, model, runs[-1], *fact)
            await _compare(journal, model, runs)


async def _write(
    journal: Journal,
    model: Model,
    run: Run,
    outcome: OutcomeKind | None,
    remote_id: str | None,
    facts: dict[str, Any],
) -> None:
    if outcome is None:
        intent = Intent(run_id=run.run_id, **facts)
        model.facts.append(intent)
        await journal.intent(intent)
    else:
        fact = Outcome(run_id=run.run_id, outcome=outcome, remote_id=remote_id, **facts)
        model.facts.append(fact)
        await journal.outcome(fact)


async def _compare(journal: Journal, model: Model, runs: list[Run]) -> None:
    assert model.open_intents() == [intent async for intent in journal.open_intents()]
    for target, key in {(fact.target, fact.key) for fact in model.facts}:
        assert model.steps(target, key) == list((await journal.steps(target, key)).items())
    for run_id in [None, *(run.run_id for run in runs)]:
        counts = await journal.counts(run_id)
        assert model.counts(run_id) == {state: number for state, number in counts.items() if number}
        assert model.problems(run_id) == await journal.problems(run_id)
    assert (runs[-1] if runs else None) == await journal.last_run()


def _outcome(fact: Fact) -> OutcomeKind | None:
    return fact.outcome if isinstance(fact, Outcome) else None


def _state(fact: Fact) -> StepState:
    remote_id = fact.remote_id if isinstance(fact, Outcome) else None
    return StepState(
        run_id=fact.run_id, at=fact.at, outcome=_outcome(fact), remote_id=remote_id, detail=fact.detail
    )
