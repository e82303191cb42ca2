"""Applying without a plan, as a library: the clients, the loop and the journal are the caller's."""

import asyncio
import gc
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from aiotables import Extruct, ZangTable
from aiotables.core.errors import SettingsError
from aiotables.core.pacing import Pacer
from aiotables.provision import Job, RunEnded, Selection, TableDone, load
from aiotables.provision.events import Event
from aiotables.provision.journal import JournalLocked, SqliteJournal
from aiotables.provision.manifest import Manifest
from aiotables.zangtable import operations
from aiotables.zangtable.models import SqlQuery


if TYPE_CHECKING:
    from tests.conftest import Lab

TABLES = "- {target: crm, name: a}\n- {target: crm, name: b}\n- {target: research, name: C}\n"
HEAD = "manifest: job\ntargets: {crm: {service: zangtable, project: acme}, research: {service: extruct}}\ntables:\n"


def manifest_of(lab: "Lab", tables: str = TABLES) -> Manifest:
    """A manifest of a program that has no tokens in its environment."""
    return load(lab.write("job.yaml", HEAD + tables))


def clients_of(lab: "Lab") -> dict[str, ZangTable | Extruct]:
    """Clients of the program's own, with a pace that it gives."""
    return {
        "crm": ZangTable(
            token="pat_emulator", project="acme", base_url=lab.emulator.url, pacer=Pacer(rate=500)
        ),
        "research": Extruct(token="extruct-emulator", base_url=lab.emulator.url),
    }


async def closed(clients: dict[str, ZangTable | Extruct]) -> None:
    """Close them."""
    for client in clients.values():
        await client.aclose()


async def ended(job: Job) -> RunEnded:
    """The last event of a run."""
    *_, last = [event async for event in job.apply()]
    assert isinstance(last, RunEnded)
    return last


async def test_apply(lab: "Lab") -> None:
    """What is missing is made with the caller's clients, which stay open; again, nothing is."""
    clients = clients_of(lab)
    job = Job(manifest_of(lab), clients, state=lab.state)

    assert {"crm": 2, "research": 1} == job.totals
    assert 3 == (await ended(job)).counts["created"]
    assert 3 == (await ended(job)).counts["unchanged"]
    await clients["crm"].send(operations.QUERY_RECORDS, body=SqlQuery(sql="SELECT 1"))
    job.close()
    await closed(clients)


async def test_selection(lab: "Lab") -> None:
    """Only what is meant is made; a glob that means nothing is refused before anything is sent."""
    clients = clients_of(lab)
    with Job(manifest_of(lab), clients, state=lab.state, selection=Selection(only=["*/a"])) as job:
        assert {"crm": 1, "research": 0} == job.totals
        assert 1 == (await ended(job)).counts["created"]
    assert ["a"] == lab.made()["tables"]
    before = len(lab.emulator.calls)

    with (
        Job(manifest_of(lab), clients, state=lab.state, selection=Selection(only=["*/z"])) as job,
        pytest.raises(SettingsError, match="no table matches"),
    ):
        await ended(job)

    assert before == len(lab.emulator.calls)
    await closed(clients)


async def test_journal_of_the_callers(lab: "Lab") -> None:
    """A journal that is open is used as it is, and stays open."""
    clients = clients_of(lab)
    async with SqliteJournal.open(lab.state) as journal:
        with Job(manifest_of(lab), clients, state=journal) as job:
            run = await ended(job)
            async with job.reading() as reader:
                assert reader is journal
        last = await journal.last_run()
        assert last is not None
        assert run.run_id == last.run_id

        with Job(manifest_of(lab), clients, state=lab.state) as job, pytest.raises(JournalLocked):
            await ended(job)
    await closed(clients)


async def test_reading_a_folder(lab: "Lab") -> None:
    """Before the first run there is nothing to read, and no folder is made."""
    clients = clients_of(lab)
    with Job(manifest_of(lab), clients, state=lab.state) as job:
        async with job.reading() as reader:
            assert reader is None
        assert not lab.state.exists()
        await ended(job)
        async with job.reading() as reader:
            assert reader is not None
    await closed(clients)


@pytest.mark.parametrize("before", [True, False], ids=["before", "meanwhile"])
async def test_stop(lab: "Lab", before: bool) -> None:  # noqa: FBT001 -- a parameter of the test
    """Stopped before it begins, or meanwhile, a run begins nothing more and tells that it was interrupted."""
    clients = clients_of(lab)
    tables = "".join(f"- {{target: crm, name: t{number}}}\n" for number in range(100))
    events: list[Event] = []
    with Job(manifest_of(lab, tables), clients, state=lab.state) as job:
        if before:
            job.stop()
        async for event in job.apply(width=2):
            events.append(event)
            job.stop()

    last = events[-1]
    assert isinstance(last, RunEnded)
    assert "interrupted" == last.ending
    assert len([event for event in events if isinstance(event, TableDone)]) < 50
    await closed(clients)


async def test_left_early(lab: "Lab") -> None:
    """A program that leaves the loop ends the run, and the journal is free again."""
    clients = clients_of(lab)
    with Job(manifest_of(lab), clients, state=lab.state) as job:
        events = job.apply()
        await anext(events)
        await events.aclose()

        assert 3 == (await ended(job)).counts["created"]
    await closed(clients)


async def test_two_jobs_in_one_loop(lab: "Lab") -> None:
    """Two jobs with states of their own go on side by side, and count their own requests."""
    clients = clients_of(lab)
    first = Job(manifest_of(lab, "- {target: crm, name: a}\n"), clients, state=lab.folder / "first")
    lab.write("second.yaml", HEAD.replace("job", "second") + "- {target: crm, name: b}\n")
    second = Job(load(lab.folder / "second.yaml"), clients, state=lab.folder / "second")

    one, other = await asyncio.gather(ended(first), ended(second))

    assert 1 == one.counts["created"] == other.counts["created"]
    assert len(lab.emulator.calls) == one.requests + other.requests
    first.close()
    second.close()
    await closed(clients)


async def test_client_that_is_missing(lab: "Lab") -> None:
    """A target without a client is told of, and nothing is left open."""
    with pytest.raises(SettingsError, match="the target 'research' needs an Extruct client"):
        Job(manifest_of(lab), {"crm": clients_of(lab)["crm"]}, state=lab.state)


def test_forgotten(tmp_path: Path) -> None:
    """A job that is dropped without being closed closes its files."""
    manifest = tmp_path / "m.yaml"
    manifest.write_text(HEAD + "- {target: crm, name: a}\n")
    clients = {"crm": ZangTable(token="x", project="acme"), "research": Extruct(token="x")}
    close = Job(load(manifest), clients, state=tmp_path / "state").close

    gc.collect()

    assert not close.alive


async def test_a_first_run_that_was_stopped_at_once(lab: "Lab") -> None:
    """An empty file, as a run leaves that is killed before it has made its journal, is no journal yet."""
    lab.state.mkdir()
    (lab.state / "journal.sqlite").touch()
    clients = clients_of(lab)
    with Job(manifest_of(lab), clients, state=lab.state) as job:
        async with job.reading() as journal:
            assert journal is None
        assert "done" == (await ended(job)).ending
        async with job.reading() as journal:
            assert journal is not None
    await closed(clients)


TOKENS = {"ZANGTABLE_API_TOKEN": "pat_emulator", "EXTRUCT_API_TOKEN": "extruct-emulator"}
MEASURED = """
import asyncio
from opentelemetry import metrics
from opentelemetry.sdk.metrics import MeterProvider
from opentelemetry.sdk.metrics.export import InMemoryMetricReader
from aiotables.provision import Job, load, open_clients

async def apply():
    manifest = load(FOLDER / "job.yaml", environ=TOKENS)
    async with open_clients(manifest, environ=TOKENS) as clients:
        with Job(manifest, clients, state=FOLDER / "state") as job:
            async for _ in job.apply():
                pass

reader = InMemoryMetricReader()
metrics.set_meter_provider(MeterProvider([reader]))
asyncio.run(apply())
for metric in reader.get_metrics_data().resource_metrics[0].scope_metrics[0].metrics:
    if metric.name == "aiotables.tables":
        print([(dict(point.attributes), point.value) for point in metric.data.data_points if point.value])
"""


async def test_metrics(lab: "Lab") -> None:
    """In a program that uses OpenTelemetry's metrics, the tables of a run are counted."""
    manifest_of(lab)
    environ = {**TOKENS, "ZANGTABLE_BASE_URL": lab.emulator.url, "EXTRUCT_BASE_URL": lab.emulator.url}
    facts = f"from pathlib import Path\nTOKENS, FOLDER = {environ}, Path({str(lab.folder)!r})"
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-c", facts + MEASURED, stdout=subprocess.PIPE
    )
    told, _ = await process.communicate()

    assert "[({'aiotables.outcome': 'created'}, 3)]\n" == told.decode()


async def test_without_metrics(lab: "Lab", monkeypatch: pytest.MonkeyPatch) -> None:
    """A program that does not use OpenTelemetry has the same events, and nothing is imported for it."""
    monkeypatch.delitem(sys.modules, "opentelemetry.metrics", raising=False)
    clients = clients_of(lab)
    with Job(manifest_of(lab), clients, state=lab.state) as job:
        assert 3 == (await ended(job)).counts["created"]
    await closed(clients)

    assert "opentelemetry.metrics" not in sys.modules
