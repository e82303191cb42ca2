"""Events: what embedding programs and `--json` see."""

import orjson

from aiotables.provision.events import (
    Event,
    Progress,
    ProjectMade,
    Refreshed,
    RowsFailed,
    RunEnded,
    RunStarted,
    Settling,
    TableDone,
    WaveDone,
    to_json,
)
from aiotables.provision.journal import OutcomeKind


def shown(event: Event) -> object:
    """The event as the reader of a JSON line sees it."""
    return orjson.loads(orjson.dumps(to_json(event)))


def test_each_event_as_json() -> None:
    """Each event is one flat JSON object that says what it is."""
    assert {"event": "run_started", "run_id": "r", "tables": 3, "targets": {"crm": 3}} == shown(
        RunStarted(run_id="r", tables=3, targets={"crm": 3})
    )
    assert {"event": "refreshed", "target": "crm"} == shown(Refreshed(target="crm"))
    assert {"event": "settling", "target": "crm", "key": "a", "step": "create", "reason": "lost"} == shown(
        Settling(target="crm", key="a", step="create", reason="lost")
    )


def test_table_as_json() -> None:
    """The end of a table tells its outcome as a word."""
    done = TableDone(
        target="crm", key="a", outcome=OutcomeKind.ADOPTED, steps=2, reason="found", origin="m:1"
    )

    assert {
        "event": "table_done",
        "target": "crm",
        "key": "a",
        "outcome": "adopted",
        "steps": 2,
        "reason": "found",
        "origin": "m:1",
    } == shown(done)


def test_end_as_json() -> None:
    """The end of a run counts the tables by outcome."""
    ended = RunEnded(run_id="r", ending="done", counts={"created": 1}, requests=2, seconds=0.5)

    assert {
        "event": "run_ended",
        "run_id": "r",
        "ending": "done",
        "counts": {"created": 1},
        "requests": 2,
        "seconds": 0.5,
        "reason": "",
    } == shown(ended)


def test_progress_as_json() -> None:
    """Refused rows, the end of a wave, and how far a target is, are objects, too."""
    rows = RowsFailed(target="r", key="a", step="rows:0", rows=2, file="f.jsonl", reason="refused")
    wave = WaveDone(wave=1, canary=True, tables=3, failed=0)
    progress = Progress(target="r", done=1, tables=2, requests=3, seconds_left=None)

    assert ["rows_failed", "wave_done", "progress"] == [to_json(e)["event"] for e in (rows, wave, progress)]
    assert {
        "event": "progress",
        "target": "r",
        "done": 1,
        "tables": 2,
        "requests": 3,
        "seconds_left": None,
    } == shown(progress)


def test_project_as_json() -> None:
    """What became of a project is told before its tables."""
    made = ProjectMade(target="crm", project="acme", outcome=OutcomeKind.CREATED, tables=2)

    assert {
        "event": "project_made",
        "target": "crm",
        "project": "acme",
        "outcome": "created",
        "tables": 2,
        "reason": "",
    } == shown(made)
