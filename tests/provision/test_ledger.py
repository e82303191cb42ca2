"""What the journal has, for people."""

from typing import TYPE_CHECKING

import pytest

from aiotables.core.clock import SystemClock
from aiotables.provision import ledger
from aiotables.provision.job import Job
from aiotables.provision.journal import INTENT, Intent, OutcomeKind
from aiotables.provision.ledger import NotInJournal
from aiotables.provision.removing.events import Removed
from aiotables.provision.removing.run import Removal


if TYPE_CHECKING:
    from tests.conftest import Lab

CONTACTS = "- {target: crm, name: contacts, columns: [{name: age}], indexes: [{columns: [age]}]}\n"
SHOPS = "- {target: research, key: shops, name: Shops, rows: [{input: a.example}]}\n"
BOTH = CONTACTS + SHOPS


async def taken(lab: "Lab", tables: str, *, ours: bool = False) -> dict[str, str]:
    """Adopt what is there, and say what became of each table."""
    async with lab.journal() as journal, lab.services() as services:
        clients = {name: service.client for name, service in services.items()}
        with Job(lab.manifest(tables), clients, state=journal) as job:
            return {event.key: event.taken.value async for event in ledger.adopt(job, journal, ours=ours)}


async def fates(lab: "Lab", tables: str) -> dict[str, str]:
    """What becomes of each table when all is destroyed."""
    async with lab.journal() as journal, lab.services() as services:
        run = Removal(services, journal, lab.manifest(tables), clock=lab.clock)
        return {e.key: e.fate.value async for e in run.destroy(digest="0") if isinstance(e, Removed)}


async def test_entries(lab: "Lab") -> None:
    """Each table has its id, its state and those of its steps."""
    await lab.apply(BOTH)
    async with lab.journal() as journal:
        run = await journal.begin_run("m", "0")
        await journal.intent(Intent(run_id=run.run_id, target="crm", key="half", step="rows:0", at=1.0))
        contacts, half, shops = [entry async for entry in ledger.entries(journal)]

    assert ("crm", "contacts", "1", "created") == (
        contacts.target,
        contacts.key,
        contacts.table_id,
        contacts.state,
    )
    assert {"create": "created", "index:idx_contacts_age": "created"} == contacts.steps
    assert (None, "-", {"rows:0": INTENT}) == (half.table_id, half.state, half.steps)
    assert {"create": "created", "rows:0": "created"} == shops.steps


async def test_forget(lab: "Lab") -> None:
    """A table that was forgotten counts as found when it is seen again, and is not destroyed."""
    await lab.apply(BOTH)
    before = lab.made()
    async with lab.journal() as journal:
        await ledger.forget(journal, [("research", "shops")], manifest="m", clock=SystemClock())
        steps = await journal.steps("research", "shops")
        assert {OutcomeKind.ABSENT} == {state.outcome for state in steps.values()}
        run = await journal.last_run()

    assert run is not None
    assert ("forget", "done") == (run.command, run.ending)
    assert "unchanged" == (await lab.apply(BOTH)).outcomes["shops"]
    assert before == lab.made()
    assert {"contacts": "left"} == await fates(lab, BOTH)


async def test_forget_nothing(lab: "Lab") -> None:
    """A table that the journal does not have is refused, and with it all that were named beside."""
    await lab.apply(SHOPS)
    async with lab.journal() as journal:
        with pytest.raises(NotInJournal, match="has nothing of crm/x; `aiotables state list`") as caught:
            await ledger.forget(
                journal, [("research", "shops"), ("crm", "x")], manifest="m", clock=SystemClock()
            )
        assert OutcomeKind.CREATED is (await journal.steps("research", "shops"))["create"].outcome
    assert ("crm", "x") == (caught.value.target, caught.value.key)


async def test_adopt_without_a_journal(lab: "Lab") -> None:
    """When the journal is lost, marked tables are ours again; a ZangTable table counts as found, which nothing deletes."""
    await lab.apply(BOTH)
    lab.forget()

    assert {"contacts": "found", "shops": "ours"} == await taken(lab, BOTH)
    assert {"contacts": "known", "shops": "known"} == await taken(lab, BOTH)
    assert 2 == (await lab.apply(BOTH)).ended.counts["unchanged"]
    assert {"shops": "deleted"} == await fates(lab, BOTH)


async def test_adopt_as_ours(lab: "Lab") -> None:
    """Who says that they are ours may destroy them: the ZangTable table is recognised by its number, name and time."""
    await lab.apply(CONTACTS)
    lab.forget()

    assert {"contacts": "ours"} == await taken(lab, CONTACTS, ours=True)
    assert {"contacts": "left"} == await fates(lab, CONTACTS)


async def test_adopt_what_differs(lab: "Lab") -> None:
    """What is missing or in conflict is not taken; what lacks something is, and apply adds it."""
    await lab.apply(BOTH)
    lab.forget()
    more = "- {target: crm, name: deals}\n"

    differing = CONTACTS.replace("age}]", "age, type: REAL}]", 1)
    assert {"contacts": "conflict", "deals": "missing", "shops": "ours"} == await taken(
        lab, differing + more + SHOPS.replace("a.example}", "a.example}, {input: b.example}")
    )
    lab.forget()
    grown = SHOPS.replace("a.example}", "a.example}, {input: b.example}")
    assert {"shops": "ours"} == await taken(lab, grown)
    assert "created" == (await lab.apply(grown)).outcomes["shops"]
    assert 2 == len(lab.made()["rows"])
