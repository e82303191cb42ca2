"""Workers carry out what was shared."""

import asyncio
from typing import TYPE_CHECKING

import pytest

from aiotables import ZangTable
from aiotables.core.errors import SettingsError
from aiotables.emulator import Emulator
from aiotables.provision.course import Rules, Tolerance
from aiotables.provision.engines.events import (
    ShardLeft,
    ShardTaken,
    SharedRunEnded,
    WorkerLacks,
    worker_json,
)
from aiotables.provision.engines.port import Ticket
from aiotables.provision.engines.sharing import Asked, RunGoesOn
from aiotables.provision.engines.worker import LACKING
from aiotables.provision.events import Settling, TableDone
from aiotables.provision.journal import OutcomeKind
from aiotables.provision.postgres import shared_runs
from aiotables.provision.postgres.shards import Shards
from aiotables.provision.problems import ManifestError
from aiotables.provision.selection import Selection
from aiotables.zangtable.models import TableCreate


if TYPE_CHECKING:
    from tests.provision.engines.conftest import Shop


NOTES = """
manifest: shop
targets:
  crm: {service: zangtable, project: acme, timeout: 1, grace: 1, rate: 500}
tables:
  - target: crm
    for_each: teams.csv
    name: "${team}_notes"
    columns: [{name: text}]
"""
SITES = """
manifest: shop
targets:
  research: {service: extruct, timeout: 1, grace: 1}
tables:
  - target: research
    name: Sites
    columns: [{kind: input, name: Company, key: input}]
    rows: {from: sites.csv, data: {input: "${site}"}}
"""
TEAMS = "team\n" + "".join(f"t{number}\n" for number in range(30))


async def test_all_tables_are_made(shop: "Shop") -> None:
    """A worker makes all tables, says so, and ends the run."""
    shared = await shop.share(NOTES, teams=TEAMS)
    await shop.work()

    assert (True, 30, 1, 1) == (shared.new, shared.run.total, shared.shards, shared.tickets)
    assert "done" == await shop.ending()
    (sums,) = await shop.sums()
    assert (30, 1, 30) == (sums.created, sums.done, sums.requests)
    assert 30 == len(shop.events(TableDone))
    assert (
        1 == len(shop.events(ShardTaken)) == len(shop.events(ShardLeft)) == len(shop.events(SharedRunEnded))
    )


async def test_second_run_finds_all_unchanged(shop: "Shop") -> None:
    """Shared again after its end, the manifest is a new run, which finds everything there."""
    first = await shop.share(NOTES, teams=TEAMS)
    await shop.work()
    second = await shop.share(NOTES, teams=TEAMS)
    await shop.work()

    assert second.new
    assert first.run.run_id != second.run.run_id
    (sums,) = await shop.sums()
    assert (30, 0) == (sums.unchanged, sums.created)


async def test_shared_again_while_it_goes_on(shop: "Shop") -> None:
    """The same manifest is the same run; another version of it is refused until that one has ended."""
    first = await shop.share(NOTES, teams=TEAMS)
    again = await shop.share(NOTES, teams=TEAMS)

    assert (False, first.run.run_id, 0) == (again.new, again.run.run_id, again.tickets)
    with pytest.raises(RunGoesOn, match=f"^{first.run.run_id} of another version of this manifest, or"):
        await shop.share(NOTES, teams="team\nother\n")
    with pytest.raises(RunGoesOn):
        await shop.share(NOTES, Asked(rules=Rules(max_requests=500)), teams=TEAMS)


async def test_shared_twice_at_the_same_time(shop: "Shop") -> None:
    """Of two who share a manifest at once one begins the run, and the other one finds it."""
    both = await asyncio.gather(shop.share(NOTES, teams=TEAMS), shop.share(NOTES, teams=TEAMS))

    assert {True, False} == {shared.new for shared in both}
    assert 1 == len({shared.run.run_id for shared in both})


async def test_tables_after_those_they_depend_on(shop: "Shop") -> None:
    """However many shards are worked on at once, a table is made when all that it depends on are there."""
    manifest = f"""{NOTES}
  - {{target: crm, name: last, depends_on: [middle]}}
  - {{target: crm, name: middle, depends_on: [t1_notes, t29_notes]}}
"""
    shared = await shop.share(manifest, teams=TEAMS)
    await shop.work()

    assert (32, 3) == (shared.run.total, shared.shards)
    assert "done" == await shop.ending()
    sent = await shop.session.fetch("SELECT key FROM aiotables.steps ORDER BY intent_seq")
    assert [("middle",), ("last",)] == sent[30:]


async def test_tables_after_those_of_another_target(shop: "Shop") -> None:
    """What depends on a table elsewhere waits for it alone, and nothing else waits."""
    manifest = NOTES.replace("tables:", "  research: {service: extruct, timeout: 1, grace: 1}\ntables:") + (
        "  - {target: research, name: First}\n"
        "  - {target: research, name: Last, depends_on: [{target: crm, key: t1_notes}]}\n"
    )
    shared = await shop.share(manifest, teams=TEAMS)
    shards = Shards(shop.session, owner="w")
    first = await shards.take(shared.run.run_id, "research")
    assert first is not None
    assert ["First"] == [table.name for table in first.tables]
    assert await shards.take(shared.run.run_id, "research") is None
    assert ["crm"] == [each.target for each in await shards.open_targets() if each.wait == 0.0]
    await shards.leave(first, {}, done=False)
    await shop.work()

    assert "done" == await shop.ending()
    assert [30, 2] == [sums.created for sums in await shop.sums()]


async def test_tables_whose_needs_failed(shop: "Shop", emulator: Emulator) -> None:
    """What depends on a table that could not be made is not made, and says why; other tables are."""
    manifest = f"""{NOTES}
  - {{target: crm, name: other, depends_on: [t2_notes]}}
  - {{target: crm, name: last, depends_on: [t1_notes]}}
  - {{target: crm, name: behind, depends_on: [last]}}
"""
    emulator.fault("zangtable.create_table", when="before", what="status", status=400, nth=2)
    await shop.share(manifest, teams=TEAMS.replace("t0\n", ""))
    async with shop.worker(width=1) as worker, asyncio.timeout(60):
        await worker.run(at_once=2, until_done=True)

    assert "failed" == await shop.ending()
    done = {event.key: event for event in shop.events(TableDone) if isinstance(event, TableDone)}
    bad = {key: event.reason for key, event in done.items() if event.outcome is OutcomeKind.FAILED}
    assert {"t2_notes", "other"} == set(bad)
    assert "depends on crm/t2_notes, which is not as desired" == bad["other"]
    assert OutcomeKind.CREATED == done["behind"].outcome


async def test_tables_that_are_meant(shop: "Shop") -> None:
    """Only what is selected is made, and a manifest of which no table is meant by a glob is not begun."""
    with pytest.raises(SettingsError, match="no table matches 'crm/x'"):
        await shop.share(NOTES, Asked(selection=Selection(only=["crm/t1_*", "crm/x"])), teams=TEAMS)
    assert await shared_runs.find(shop.session) is None

    some = Asked(selection=Selection(only=["crm/t1*"], without=["crm/t1_notes"]))
    shared = await shop.share(NOTES, some, teams=TEAMS)
    await shop.work()

    assert 10 == shared.run.total
    assert "done" == await shop.ending()


async def test_manifest_that_is_wrong(shop: "Shop") -> None:
    """All tables are checked before a run is there for workers to see."""
    with pytest.raises(ManifestError, match=r'the name "t1_notes" of the table from teams\.csv:32'):
        await shop.share(NOTES, teams=TEAMS + "t1\n")

    assert await shared_runs.find(shop.session) is None


@pytest.mark.parametrize(
    ("rules", "reason"),
    [
        (Rules(max_failures=Tolerance(2)), "3 tables failed, and 2 may"),
        (Rules(max_failures=Tolerance(share=0.1)), "4 tables failed, and 3 may"),
    ],
)
async def test_too_many_failures(shop: "Shop", emulator: Emulator, rules: Rules, reason: str) -> None:
    """When more tables fail than may, no table is begun any more, though a shard is worked on."""
    emulator.fault("zangtable.create_table", when="before", what="status", status=400)
    await shop.share(NOTES, Asked(rules=rules), teams=TEAMS)
    async with shop.worker(width=1) as worker, asyncio.timeout(60):
        await worker.run(at_once=2, until_done=True)

    run = await shared_runs.find(shop.session)
    assert run is not None
    assert ("failed", reason) == (run.ending, run.stopped)
    assert len(shop.events(TableDone)) < 10


async def test_too_many_requests(shop: "Shop") -> None:
    """The shard that takes more than is allowed, with what others sent before, is the last one."""
    shared = await shop.share(
        NOTES.replace("rate: 500", "rate: 1"), Asked(rules=Rules(max_requests=30)), teams=TEAMS
    )
    await shop.session.execute("UPDATE aiotables.shards SET requests = 25 WHERE number = 2")
    async with shop.worker() as worker, asyncio.timeout(60):
        await worker.run(at_once=1, until_done=True)

    run = await shared_runs.find(shop.session)
    assert run is not None
    assert 3 == shared.shards
    assert ("stopped", "35 requests were sent; 30 are allowed") == (run.ending, run.stopped)
    assert 10 == len(shop.events(TableDone))


async def test_too_long(shop: "Shop") -> None:
    """Workers look now and then whether the time is over."""
    await shop.share(NOTES.replace("rate: 500", "rate: 2"), Asked(rules=Rules(max_seconds=20)), teams=TEAMS)
    await shop.session.execute("UPDATE aiotables.runs SET started_at = started_at - interval '20 seconds'")
    async with shop.worker(width=1) as worker, asyncio.timeout(60):
        await worker.run(at_once=1, until_done=True)

    run = await shared_runs.find(shop.session)
    assert run is not None
    assert "stopped" == run.ending
    assert len(shop.events(TableDone)) < 30


async def test_new_project_is_refused(shop: "Shop") -> None:
    """Workers make no project, so a manifest that asks for one is not begun."""
    created = "{name: A, username: u, password_env: P, account_user_id: 1, token_file: crm.token}"
    shop.environ["P"] = "x"
    manifest = NOTES.replace("project: acme", f"project: new, create_project: {created}")
    assert manifest != NOTES

    with pytest.raises(
        SettingsError, match="the target crm asks for a project to be made, and workers make none"
    ):
        await shop.share(manifest, teams=TEAMS)
    assert await shared_runs.find(shop.session) is None


async def test_lost_replies_are_settled(shop: "Shop", emulator: Emulator) -> None:
    """A table whose reply was lost is found, and counted as such."""
    emulator.add_fault("zangtable.create_table:after:drop:nth=3")
    await shop.share(NOTES, teams=TEAMS)
    await shop.work()

    (sums,) = await shop.sums()
    assert (29, 1) == (sums.created, sums.adopted)
    assert 1 == len(shop.events(Settling))


async def test_worker_without_the_token(shop: "Shop") -> None:
    """A worker that lacks a token says so once and leaves the work to one that has it."""
    await shop.share(NOTES, teams=TEAMS)
    async with shop.worker({}) as poor:
        task = asyncio.create_task(poor.run(at_once=2))
        await shop.until(WorkerLacks)
        poor.stop()
        await task

    (lacks,) = shop.events(WorkerLacks)
    assert isinstance(lacks, WorkerLacks)
    assert "the environment variable ZANGTABLE_API_TOKEN with the token is not set here" == lacks.reason
    await shop.in_queue("UPDATE aiotables_queue.procrastinate_jobs SET scheduled_at = NULL")
    await shop.work()
    assert "done" == await shop.ending()


async def test_worker_without_the_files(shop: "Shop") -> None:
    """The same of a file that rows are read from; that the shard was looked at counts for nothing."""
    await shop.share(SITES, sites="site\nacme.example\n")
    file = shop.folder / "sites.csv"
    text = file.read_text(encoding="utf-8")
    file.unlink()
    async with shop.worker() as poor:
        task = asyncio.create_task(poor.run(at_once=2))
        await shop.until(WorkerLacks)
        poor.stop()
        await task
    (lacks,) = shop.events(WorkerLacks)
    assert isinstance(lacks, WorkerLacks)
    assert f"the files of rows are not here: {file}" == lacks.reason

    file.write_text(text, encoding="utf-8")
    await shop.in_queue("UPDATE aiotables_queue.procrastinate_jobs SET scheduled_at = NULL")
    await shop.work()
    assert "done" == await shop.ending()
    (taken,) = shop.events(ShardTaken)
    assert isinstance(taken, ShardTaken)
    assert 1 == taken.tries


async def test_target_that_cannot_be_read(shop: "Shop") -> None:
    """A token that is not valid is tried a few times; then the tables count as failed, and the run ends."""
    await shop.share(NOTES, teams=TEAMS)
    await shop.work({**shop.environ, "ZANGTABLE_API_TOKEN": "pat_wrong"})

    assert "failed" == await shop.ending()
    (sums,) = await shop.sums()
    assert 30 == sums.failed
    left = shop.events(ShardLeft)
    assert ["again"] * 4 + ["done"] == [event.ending for event in left if isinstance(event, ShardLeft)]


async def test_conflicts_fail(shop: "Shop") -> None:
    """A table that is there otherwise is reported as failed, and the others are made."""
    async with ZangTable(
        token="pat_emulator", project="acme", base_url=shop.environ["ZANGTABLE_BASE_URL"]
    ) as zang:
        await zang.tables.create(TableCreate(table_name="t3_notes"))
        await zang.tables.create(TableCreate(table_name="t4_notes"))
    manifest = NOTES.replace("{name: text}", "{name: id, type: TEXT, primary: true, nullable: false}")
    await shop.share(manifest, teams=TEAMS)
    await shop.work()

    assert "failed" == await shop.ending()
    outcomes = [event.outcome for event in shop.events(TableDone) if isinstance(event, TableDone)]
    assert (28, 2) == (outcomes.count(OutcomeKind.CREATED), outcomes.count(OutcomeKind.FAILED))


async def test_cancelled_run_ends(shop: "Shop") -> None:
    """A run that is cancelled while it is carried out ends as interrupted, and can be shared anew."""
    await shop.share(NOTES.replace("rate: 500", "rate: 5"), teams=TEAMS)
    async with shop.worker(width=2) as worker, asyncio.timeout(60):
        task = asyncio.create_task(worker.run(at_once=2))
        await shop.until(TableDone, 3)
        run = await shared_runs.find(shop.session)
        assert run is not None
        await shared_runs.cancel(shop.session, run.run_id)
        await shop.until(SharedRunEnded)
        worker.stop()
        await task

    assert "interrupted" == await shop.ending()
    assert len(shop.events(TableDone)) < 30
    assert (await shop.share(NOTES, teams=TEAMS)).new


async def test_stopped_worker_gives_its_shard_back(shop: "Shop") -> None:
    """What a worker leaves when it is stopped is taken up by the next, and nothing is made twice."""
    await shop.share(NOTES.replace("rate: 500", "rate: 20"), teams=TEAMS)
    async with shop.worker(width=2) as worker, asyncio.timeout(60):
        task = asyncio.create_task(worker.run(at_once=2))
        await shop.until(TableDone, 3)
        worker.stop()
        await task
    assert await shop.ending() is None
    await shop.work()

    assert "done" == await shop.ending()
    (sums,) = await shop.sums()
    assert (30, 0) == (sums.created, sums.unchanged)


@pytest.mark.parametrize("draining", [False, True], ids=["at once", "while it finishes"])
async def test_cancelled_worker_finishes_nothing(shop: "Shop", emulator: Emulator, draining: bool) -> None:  # noqa: FBT001 -- a case
    """Cancelled, also while it finishes what is under way, a worker leaves its shard at once; the next one goes on."""
    emulator.fault("zangtable.create_table", when="before", what="stall", stall_seconds=600, nth=5)
    notes = NOTES.replace("timeout: 1, grace: 1", "timeout: 300, grace: 300")
    await shop.share(notes, teams=TEAMS)
    async with shop.worker(width=2) as worker, asyncio.timeout(60):
        task = asyncio.create_task(worker.run(at_once=2))
        await shop.until(TableDone, 4)
        if draining:
            worker.stop()
            await asyncio.sleep(0.1)
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task
        (left,) = shop.events(ShardLeft)

    assert isinstance(left, ShardLeft)
    assert ("lost", "the worker was stopped") == (left.ending, left.reason)
    assert await shop.ending() is None


async def test_lost_shard_is_left_to_the_other_worker(shop: "Shop") -> None:
    """A worker whose shard was given away stops at once, and says that it lost it."""
    await shop.share(NOTES.replace("rate: 500", "rate: 20"), teams=TEAMS)
    async with shop.worker(width=2) as worker, asyncio.timeout(60):
        task = asyncio.create_task(worker.run(at_once=2))
        await shop.until(TableDone, 3)
        await shop.session.execute("UPDATE aiotables.shards SET epoch = epoch + 1")
        await shop.until(ShardLeft)
        worker.stop()
        await task

    left = shop.events(ShardLeft)[0]
    assert isinstance(left, ShardLeft)
    assert "lost" == left.ending


async def test_worker_ends_with_a_run_that_another_one_ended(shop: "Shop") -> None:
    """A worker that has nothing to do, and is to stop when no run is left, notices when another one ended it."""
    await shop.share(NOTES, teams=TEAMS)
    async with shop.worker({}) as idle, asyncio.timeout(60):
        task = asyncio.create_task(idle.run(until_done=True))
        await shop.until(WorkerLacks)
        await shop.in_queue("UPDATE procrastinate_jobs SET scheduled_at = NULL")
        await shop.work()
        await task

    assert "done" == await shop.ending()
    assert 1 == len(shop.events(SharedRunEnded))


async def test_forgotten_ticket_is_offered_again(shop: "Shop") -> None:
    """A shard that is due and has no ticket gets one: the journal knows what is left, not the queue."""
    await shop.share(NOTES, teams=TEAMS)
    await shop.in_queue("DELETE FROM aiotables_queue.procrastinate_jobs")
    await shop.work()

    assert "done" == await shop.ending()


async def test_ticket_that_comes_to_a_stopped_worker(shop: "Shop") -> None:
    """It is for others, at once."""
    run_id = (await shop.share(NOTES, teams=TEAMS)).run.run_id
    async with shop.worker() as worker:
        worker.stop()

        assert await worker._carry(Ticket(run_id, "crm", 0)) == 0.0
    assert [] == shop.events(ShardTaken)


async def test_what_is_lacking_is_said_once(shop: "Shop") -> None:
    """A worker that cannot use tickets leaves each for a while, and says so at the first."""
    run_id = (await shop.share(NOTES, teams=TEAMS)).run.run_id
    async with shop.worker({}) as poor:
        waits = [await poor._carry(Ticket(run_id, "crm", number)) for number in range(2)]

    assert [LACKING, LACKING] == waits
    assert 1 == len(shop.events(WorkerLacks))


def test_events_as_json() -> None:
    """An event is an object with its kind and the name of the worker."""
    event = SharedRunEnded(run_id="run_1")

    assert {"event": "run_ended", "worker": "w", "run_id": "run_1"} == worker_json(event, worker="w")
