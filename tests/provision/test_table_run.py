"""One table: what is journalled before and after each call, and how the table ends."""

from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from contextlib import asynccontextmanager
from pathlib import Path
from types import SimpleNamespace
from typing import Any, cast

import pytest
from attrs import define, field

from aiotables.core.clock import SystemClock
from aiotables.core.errors import (
    BadRequest,
    Conflict,
    DecodeError,
    NotFound,
    OutcomeUnknown,
    ReplyNotUnderstood,
    RequestError,
    ServiceError,
)
from aiotables.core.operations import Operation
from aiotables.core.record import CallRecord
from aiotables.core.settle import Existed, Found, NotThere, Sent, Unclear, Verdict
from aiotables.provision.desired import Desired, TableKey, ZangTableSpec
from aiotables.provision.events import Event, RowsFailed, Settling
from aiotables.provision.journal import Intent, Journal, JournalError, Outcome, OutcomeKind, StepState
from aiotables.provision.problems import ManifestError
from aiotables.provision.steps import CREATE, Action, Service, Step, TablePlan
from aiotables.provision.table_run import TRIES, Ended, Surroundings, TableRun
from aiotables.zangtable._generated import operations


SPEC = ZangTableSpec(name="contacts", display_name="Contacts")
TABLE = Desired(
    target="crm", key="contacts", name="contacts", spec=SPEC, identity="1", digest="d1", origin="m.yaml:4"
)
RECORD = CallRecord(operation="fake")

Reply = Callable[[str], object]


async def test_create_is_journalled_around_its_call() -> None:
    """The intent is written before the call, with what settling needs; then the outcome, with the id; then it is told."""
    bench = Bench()

    ended = await bench.finish(plan(create()))

    assert Ended(OutcomeKind.CREATED, table_id=None) == ended
    assert ["intent create", "send create", "outcome create created"] == bench.log
    intent, outcome = bench.facts
    assert isinstance(intent, Intent)
    assert "contacts" == intent.detail["sent"]["body"]
    assert "d1" == intent.detail["digest"]
    assert {"display_name": "Contacts"} == intent.detail["settings"]
    assert isinstance(outcome, Outcome)
    assert ("17", "d1") == (outcome.remote_id, outcome.detail["digest"])
    done = bench.run.done(ended)
    assert ("crm", "contacts", 1, "m.yaml:4") == (done.target, done.key, done.steps, done.origin)


async def test_later_steps_know_the_id() -> None:
    """What comes after the table itself is sent with its id, and its facts name it."""
    bench = Bench()

    await bench.finish(plan(create(), Step(name="run", operation=operations.CREATE_COLUMN, path=ID)))

    assert {"table": "17"} == bench.paths[-1]
    assert "17" == bench.facts[-1].detail["table"]
    assert 2 == bench.run.steps


async def test_nothing_to_do_is_noted_once() -> None:
    """A table that is as desired is noted with its digest; where that stands already, nothing is written."""
    as_desired = TablePlan(desired=TABLE, action=Action.UNCHANGED, table_id="17")
    bench, again = Bench(), Bench()

    assert OutcomeKind.UNCHANGED is (await bench.finish(as_desired)).outcome
    known = {CREATE: state(OutcomeKind.UNCHANGED, remote_id="17", detail=bench.facts[0].detail)}
    assert OutcomeKind.UNCHANGED is (await again.finish(as_desired, known)).outcome

    assert ["outcome create unchanged"] == bench.log
    assert [] == again.log


async def test_note_keeps_who_made_it() -> None:
    """A table of ours whose manifest changed stays ours in the journal."""
    known = {CREATE: state(OutcomeKind.CREATED, remote_id="17", detail={"digest": "d0"})}
    bench = Bench()

    await bench.finish(TablePlan(desired=TABLE, action=Action.UNCHANGED, table_id="17"), known)

    assert ["outcome create created"] == bench.log


async def test_conflict() -> None:
    """A table that cannot be made as desired fails with the reason, and nothing is sent."""
    bench = Bench()

    ended = await bench.finish(TablePlan(desired=TABLE, action=Action.CONFLICT, reason="it is a view"))

    assert (OutcomeKind.FAILED, "it is a view") == (ended.outcome, ended.reason)
    assert [] == bench.log


@pytest.mark.parametrize(
    "error",
    [
        NotFound("gone", record=RECORD, status=404),
        ManifestError([]),
    ],
    ids=["call", "manifest"],
)
async def test_plan_that_cannot_be_made(error: Exception) -> None:
    """When what is there cannot be read, or what is wanted, the table fails."""
    bench = Bench(plan=error)

    assert Ended(OutcomeKind.FAILED, str(error)) == await bench.finish(None)


async def test_missing_dependency() -> None:
    """A table is not made on top of one that is not as desired; one that is there already needs none."""
    needed = TableKey("crm", "artists", "2")
    made = Bench(needed=needed)
    there = Bench(needed=needed)

    ended = await made.finish(plan(create()))
    unchanged = await there.finish(TablePlan(desired=TABLE, action=Action.UNCHANGED, table_id="17"))

    assert Ended(OutcomeKind.FAILED, "depends on crm/artists, which is not as desired") == ended
    assert [] == made.log
    assert OutcomeKind.UNCHANGED is unchanged.outcome


@pytest.mark.parametrize(
    ("error", "refused"),
    [
        (BadRequest("no", record=RECORD, status=400), True),
        (ServiceError("no", record=RECORD, status=403), False),
        (RequestError("no path"), False),
    ],
)
async def test_refusal(error: Exception, *, refused: bool) -> None:
    """A refusal, or a request that cannot be made, is a definite end of the step and of the table."""
    bench = Bench(replies=[raising(error)])

    ended = await bench.finish(plan(create(), Step(name="run", operation=operations.CREATE_COLUMN, path=ID)))

    assert (OutcomeKind.FAILED, refused) == (ended.outcome, ended.refused)
    assert ["intent create", "send create", "outcome create failed"] == bench.log


async def test_what_may_exist() -> None:
    """Where presence could not be read before, "it is there" means done, and the table goes on."""
    bench = Bench(replies=[raising(Conflict("it is there", record=RECORD, status=409)), answered])
    index = Step(name="index:i", operation=operations.CREATE_INDEX, body="i", may_exist=True)

    assert OutcomeKind.CREATED is (await bench.finish(plan(index, create()))).outcome

    assert "outcome index:i unchanged" in bench.log


async def test_replacing_makes_nothing() -> None:
    """A step that only replaces something leaves nothing that a rollback could delete."""
    bench = Bench()

    await bench.finish(plan(Step(name="settings", operation=operations.UPDATE_TABLE, body="s")))

    assert ["intent settings", "send settings", "outcome settings unchanged"] == bench.log


async def test_lost_and_found() -> None:
    """A lost reply is settled, aside from the others; what is found is adopted, and the table goes on with its id."""
    bench = Bench(replies=[lost, answered], verdicts=[Found(SimpleNamespace(id="18"), "by its name")])

    ended = await bench.finish(plan(create(), Step(name="run", operation=operations.CREATE_COLUMN, path=ID)))

    assert Ended(OutcomeKind.ADOPTED, "reply lost; found: by its name") == ended
    assert [
        "intent create",
        "send create",
        "told settling",
        "aside",
        "settle create",
        "back",
        "outcome create adopted",
    ] == bench.log[:7]
    assert {"table": "18"} == bench.paths[-1]


async def test_lost_and_not_there_is_sent_again() -> None:
    """Only after it is settled that nothing was made is a step sent again, with an intent of its own; three times."""
    bench = Bench(replies=[lost] * TRIES, verdicts=[NotThere()] * TRIES)

    ended = await bench.finish(plan(create()))

    assert (OutcomeKind.FAILED, TRIES) == (ended.outcome, bench.run.steps)
    assert "sent 3 times" in ended.reason
    assert TRIES == bench.log.count("intent create") == bench.log.count("outcome create absent")


async def test_lost_and_unclear() -> None:
    """What cannot be settled is unknown, with all that the next run needs to look again, and is not sent again."""
    bench = Bench(replies=[lost], verdicts=[Unclear("two are there")])

    ended = await bench.finish(plan(create()))

    assert (OutcomeKind.UNKNOWN, 1) == (ended.outcome, bench.run.steps)
    assert "contacts" == bench.facts[-1].detail["sent"]["body"]


@pytest.mark.parametrize(
    ("verdict", "outcome"),
    [
        (Found(SimpleNamespace(id="18"), "by its name"), OutcomeKind.ADOPTED),
        (Unclear("two are there"), OutcomeKind.UNKNOWN),
        (Existed("it is older"), OutcomeKind.FAILED),
        (NotThere(), OutcomeKind.FAILED),
    ],
)
async def test_in_the_way_of_the_second_sending(verdict: Verdict, outcome: OutcomeKind) -> None:
    """What the second sending meets may be what the first one made too late: it is looked for since the first."""
    conflict = raising(Conflict("it is there", record=RECORD, status=409))
    bench = Bench(replies=[lost, conflict], verdicts=[NotThere(), verdict])

    ended = await bench.finish(plan(create()))

    assert outcome is ended.outcome
    assert [1.0, 1.0] == [sent.first_sent_at for sent in bench.looked]


async def test_success_that_is_not_understood() -> None:
    """What the service says is done is looked for, and is unknown when it is not found: never sent again."""
    bench = Bench(replies=[misunderstood], verdicts=[NotThere()])

    ended = await bench.finish(plan(create()))

    assert (OutcomeKind.UNKNOWN, 1) == (ended.outcome, bench.log.count("send create"))
    assert "answered with success, and not there" in ended.reason


async def test_left_open_by_an_earlier_run() -> None:
    """What an earlier run left open, maybe until this one began, is settled first; then it is seen what is missing."""
    left = state(None, detail={"sent": SENT, "digest": "d1"})
    bench = Bench(verdicts=[NotThere()])

    ended = await bench.finish(plan(create()), {CREATE: left})

    assert OutcomeKind.CREATED is ended.outcome
    assert ["told settling", "aside", "settle create", "back", "outcome create absent", "intent create"] == (
        bench.log[:6]
    )
    assert [1000.0] == [sent.last_sent_at for sent in bench.looked]


async def test_still_open() -> None:
    """As long as it cannot be settled what an earlier run did, nothing is sent."""
    bench = Bench(verdicts=[Unclear("two are there")])

    ended = await bench.finish(plan(create()), {CREATE: state(OutcomeKind.UNKNOWN, detail={"sent": SENT})})

    assert OutcomeKind.UNKNOWN is ended.outcome
    assert "send create" not in bench.log


async def test_refused_rows(tmp_path: Path) -> None:
    """Rows that are refused are kept and told; other batches are sent, what comes after them is not."""
    refusal = raising(BadRequest("row 1 is bad", record=RECORD, status=400))
    bench = Bench(replies=[answered, refusal, answered, refusal], failed_rows=tmp_path)
    rows = [
        Step(
            name=f"rows:{n}", operation=operations.CREATE_COLUMN, path=ID, body=SimpleNamespace(rows=[Row(n)])
        )
        for n in range(3)
    ]

    ended = await bench.finish(
        plan(create(), *rows, Step(name="run", operation=operations.CREATE_COLUMN, path=ID))
    )

    assert (OutcomeKind.FAILED, "rows were refused: fake: row 1 is bad, and 1 more") == (
        ended.outcome,
        ended.reason,
    )
    assert "send run" not in bench.log
    told = [event for event in bench.told if isinstance(event, RowsFailed)]
    assert ["rows:0", "rows:2"] == [event.step for event in told]
    assert [b'{"n":0}\n{"n":2}\n'] == [file.read_bytes() for file in (tmp_path / "run_1").iterdir()]


async def test_refused_rows_that_nobody_keeps() -> None:
    """Without a folder refused rows are told all the same, with no file."""
    bench = Bench(replies=[raising(BadRequest("no", record=RECORD, status=400))])
    body = SimpleNamespace(rows=[Row(1)])

    await bench.finish(plan(Step(name="rows:0", operation=operations.CREATE_COLUMN, path=ID, body=body)))

    (told,) = bench.told
    assert isinstance(told, RowsFailed)
    assert (1, None) == (told.rows, told.file)


async def test_journal_that_cannot_be_written() -> None:
    """Without its intent in the journal nothing is sent, and the error ends the run."""
    bench = Bench(broken=True)

    with pytest.raises(JournalError):
        await bench.finish(plan(create()))

    assert "send create" not in bench.log


ID = {"table": "{table_id}"}
SENT = {"operation": "fake", "body": "contacts", "first_sent_at": 1.0, "last_sent_at": 1.0}


def create() -> Step:
    """The step that makes the table."""
    return Step(name=CREATE, operation=operations.CREATE_TABLE, body="contacts")


def plan(*steps: Step) -> TablePlan:
    """A plan of these steps."""
    return TablePlan(desired=TABLE, action=Action.CREATE, steps=steps)


def state(
    outcome: OutcomeKind | None, *, remote_id: str | None = None, detail: Mapping[str, Any]
) -> StepState:
    """What the journal has of a step."""
    return StepState(run_id="run_0", at=1.0, outcome=outcome, remote_id=remote_id, detail=detail)


def answered(_: str) -> object:
    """A reply."""
    return SimpleNamespace(value=SimpleNamespace(id="17"))


def lost(body: str) -> object:
    """No reply."""
    sent = Sent(operation="fake", body=body, first_sent_at=1.0, last_sent_at=1.0)
    message = "no answer"
    raise OutcomeUnknown(message, record=RECORD, reason="made up", sent=sent)


def misunderstood(_: str) -> object:
    """A reply in another shape."""
    cause = DecodeError("made up", problems=["$.table: missing"])
    message = "answered 200, but not in the documented shape"
    raise ReplyNotUnderstood(message, record=RECORD, cause=cause, raw=b"{}")


def raising(error: Exception) -> Reply:
    """What raises it."""

    def reply(_: str) -> object:
        raise error

    return reply


@define
class Row:
    """A row of a body."""

    n: int

    @property
    def data(self) -> dict[str, int]:
        """Its values."""
        return {"n": self.n}


@define
class Bench:
    """One table with a service, a client and a journal that note what is asked of them, in one order."""

    replies: Sequence[Reply] = (answered,)
    verdicts: Sequence[Verdict] = ()
    plan: Exception | None = None
    needed: TableKey | None = None
    failed_rows: Path | None = None
    broken: bool = False

    log: list[str] = field(factory=list[str])
    facts: list[Intent | Outcome] = field(factory=list["Intent | Outcome"])
    paths: list[Mapping[str, str]] = field(factory=list[Mapping[str, str]])
    told: list[Event] = field(factory=list[Event])
    looked: list[Sent] = field(factory=list[Sent])
    run: TableRun = field(init=False)

    async def finish(self, found: TablePlan | None, known: Mapping[str, StepState] | None = None) -> Ended:
        """Carry the table out, of which the journal knows this, and which needs that."""
        fake = Fake(self, found)
        surroundings = Surroundings(
            run_id="run_1",
            journal=cast("Journal", fake),
            clock=SystemClock(),
            opened_at=1000.0,
            tell=fake.tell,
            aside=fake.aside,
            failed_rows=self.failed_rows,
        )
        self.run = TableRun(TABLE, cast("Service", fake), surroundings, self.needed)
        return await self.run.finish(known or {})


class Fake:
    """The service, its client and the journal."""

    def __init__(self, bench: Bench, found: TablePlan | None) -> None:
        self.client = self
        self._bench = bench
        self._found = found
        self._replies = [*bench.replies]
        self._verdicts = [*bench.verdicts]
        self._step = ""

    async def plan(self, _: Desired, __: Mapping[str, StepState]) -> TablePlan | None:
        """What it needs."""
        if self._bench.plan is not None:
            raise self._bench.plan
        return self._found

    async def steps(self, _: str, __: str) -> dict[str, StepState]:
        """Nothing is open any more."""
        return {}

    async def intent(self, intent: Intent) -> None:
        """Note it."""
        if self._bench.broken:
            message = "is full"
            raise JournalError(message, where="jobs")
        self._step = intent.step
        self._bench.log.append(f"intent {intent.step}")
        self._bench.facts.append(intent)

    async def outcome(self, outcome: Outcome) -> None:
        """Note it."""
        self._bench.log.append(f"outcome {outcome.step} {outcome.outcome}")
        self._bench.facts.append(outcome)

    def describe(self, _: Operation[Any, Any], *, body: Any, path: Mapping[str, str], at: float) -> Sent:  # noqa: ANN401 -- any body
        """What settling needs."""
        self._bench.paths.append(path)
        return Sent(operation="fake", path=path, body=str(body), first_sent_at=at, last_sent_at=at)

    async def send(self, _: Operation[Any, Any], *, body: Any, **__: object) -> object:  # noqa: ANN401 -- any body
        """Reply as told; the last reply stands for all further ones."""
        self._bench.log.append(f"send {self._step}")
        reply = self._replies.pop(0) if len(self._replies) > 1 else self._replies[0]
        return reply(str(body))

    async def settle(self, step: str, sent: Sent) -> Verdict:
        """Look as told."""
        self._bench.log.append(f"settle {step}")
        self._bench.looked.append(sent)
        return self._verdicts.pop(0)

    def table_id(self, step: str, value: Any) -> str | None:  # noqa: ANN401 -- any result
        """The id, which creation tells."""
        return str(value.id) if step == CREATE else None

    async def tell(self, event: Event) -> None:
        """Note it."""
        self._bench.told.append(event)
        if isinstance(event, Settling):
            self._bench.log.append("told settling")

    @asynccontextmanager
    async def aside(self) -> AsyncIterator[None]:
        """Note that the place is another table's meanwhile."""
        self._bench.log.append("aside")
        yield
        self._bench.log.append("back")
