"""Runs to report."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from aiotables.provision.journal import Intent, Outcome, OutcomeKind, SqliteJournal
from aiotables.provision.reporting.report import Report, report


Steps = list[tuple[str, float, float | None, OutcomeKind]]


@pytest.fixture
def reported(tmp_path: Path) -> Callable[..., Any]:
    """Reports a run from 1000 s on: steps by key, when they were sent and ended, and how."""

    async def of(
        steps: Steps, *, ended_at: float | None = None, target: str = "crm", reason: str = ""
    ) -> Report:
        now = 1000.0
        async with SqliteJournal.open(tmp_path, clock=lambda: now) as journal:
            run = await journal.begin_run("m.yaml", "0")
            for key, sent_at, at, kind in steps:
                names: dict[str, Any] = {"run_id": run.run_id, "target": target, "key": key, "step": "create"}
                await journal.intent(Intent(**names, at=1000.0 + sent_at))
                if at is not None:
                    detail = {"reason": reason} if reason else {}
                    await journal.outcome(Outcome(**names, at=1000.0 + at, outcome=kind, detail=detail))
            if ended_at is not None:
                now = 1000.0 + ended_at
                await journal.end_run(run.run_id, "done")
            return await report(journal)

    return of
