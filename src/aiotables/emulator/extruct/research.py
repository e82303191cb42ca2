"""Deep research tasks: a brief, work that goes on for a while, a report (docs pages api-reference/deep-research)."""

import sqlite3
from typing import Any

import orjson

from aiotables.emulator.bodies import Issue, Json, decode, given
from aiotables.emulator.choices import (
    LONGEST_BRIEF,
    RESEARCH_AGENTS,
    RESEARCH_FAILURE,
    RESEARCH_ITERATIONS,
    RESEARCH_LEVELS,
    RESEARCH_PROPERTIES,
    RESEARCH_SOURCES,
    RESEARCH_STAGES,
    TASK_UNKNOWN,
)
from aiotables.emulator.clock import Clock, stamp, stamp_of
from aiotables.emulator.extruct.account import Account
from aiotables.emulator.extruct.progress import share
from aiotables.emulator.extruct.refusal import Refusal, invalid_body
from aiotables.emulator.extruct.samples import measure, sample
from aiotables.emulator.extruct.tables import OWNER
from aiotables.emulator.ids import Ids
from aiotables.extruct._generated.models import DeepResearchTaskCreate


DEFAULT_DEPTH = "medium"

FAILS_AFTER = 2
"""Units after which a brief that nothing can be made of has failed."""


class Research:
    """
    The tasks of the one workspace. Nothing is done in the background: how far a task is follows from the clock.

    Args:
        catalogue: The open catalogue.
        clock: Time of what is made, and of the work.
        account: Who pays.
        unit: How long each stage of a task takes, in seconds.
        ids: Source of ids.
    """

    def __init__(
        self, catalogue: sqlite3.Connection, clock: Clock, account: Account, unit: float, ids: Ids
    ) -> None:
        self._catalogue = catalogue
        self._ids = ids
        self._account = account
        self._clock = clock
        self._unit = unit

    def create(self, raw: Json) -> dict[str, Any]:
        """
        Start a task.

        Raises:
            Refusal: The request is not valid, or the credits do not suffice for the whole depth.
        """
        body = decode(raw, DeepResearchTaskCreate)
        depth, schema = raw.get("depth", DEFAULT_DEPTH), given(body.output_schema)
        found = [*_brief_issues(body.brief), *_schema_issues(schema)]
        if depth not in RESEARCH_AGENTS:
            found.append(Issue(("depth",), f"Input should be one of {', '.join(RESEARCH_AGENTS)}", "enum"))
        if found:
            raise invalid_body(*found)

        budget = RESEARCH_AGENTS[depth]
        self._account.start(budget)
        task_id, now = self._ids.uuid(), self._clock.now()
        self._catalogue.execute(
            """
            INSERT INTO extruct_research
            (id, created_at, started, brief, depth, output_schema, credits, refund_at)
            VALUES (?, ?, ?, ?, ?, ?, ?, ?)
            """,
            (
                task_id,
                stamp(self._clock),
                now,
                body.brief,
                depth,
                orjson.dumps(schema).decode(),
                budget,
                now + self._unit * FAILS_AFTER if _is_useless(body.brief) else None,
            ),
        )
        return self.get(task_id)

    def get(self, task_id: str) -> dict[str, Any]:
        """
        A task as it is now.

        Raises:
            Refusal: There is none.
        """
        row = self._catalogue.execute("SELECT * FROM extruct_research WHERE id = ?", (task_id,)).fetchone()
        if row is None:
            raise Refusal(404, TASK_UNKNOWN)

        return self._describe(row)

    def page(self, *, offset: int, limit: int) -> list[dict[str, Any]]:
        """Tasks, newest first."""
        rows = self._catalogue.execute(
            "SELECT * FROM extruct_research ORDER BY pk DESC LIMIT ? OFFSET ?", (limit, offset)
        ).fetchall()
        return [self._describe(row) for row in rows]

    def _describe(self, row: sqlite3.Row) -> dict[str, Any]:
        fails = row["refund_at"] is not None
        whole = self._unit * (FAILS_AFTER if fails else RESEARCH_STAGES)
        elapsed = min(self._clock.now() - row["started"], whole)
        status = _status(elapsed, whole, self._unit, fails=fails)
        done = 0.0 if fails else share(elapsed, self._unit, whole - self._unit)
        schema = orjson.loads(row["output_schema"])
        return {
            "id": row["id"],
            "created_at": row["created_at"],
            "updated_at": stamp_of(row["started"] + elapsed),
            "status": status,
            "brief": row["brief"],
            "depth": row["depth"],
            "iterations": int(done * RESEARCH_ITERATIONS),
            "agents": int(done * RESEARCH_AGENTS[row["depth"]]),
            "sources": int(done * RESEARCH_SOURCES),
            "owner": OWNER,
            "output_schema": schema,
            "failure_reason": RESEARCH_FAILURE if status == "failed" else None,
            "report": _report(row["brief"], schema) if status == "done" else None,
        }


def _is_useless(brief: str) -> bool:
    return not any(letter.isalpha() for letter in brief)


def _status(elapsed: float, whole: float, unit: float, *, fails: bool) -> str:
    if elapsed >= whole:
        return "failed" if fails else "done"

    return "created" if elapsed < unit else "in_progress"


def _report(brief: str, schema: dict[str, Any] | None) -> dict[str, Any]:
    sources = [
        {"id": number, "url": f"https://example.com/{number}"} for number in range(1, RESEARCH_SOURCES + 1)
    ]
    if schema is None:
        text = f"# Report\n\n{brief}\n\nMade up by the emulator [1], [2], [3].\n"
        return {"kind": "markdown", "markdown": text, "sources": sources, "degradation_reasons": []}

    fields = sample(schema)
    basis = {name: [1] for name in fields} if isinstance(fields, dict) else {}
    return {"kind": "schema", "fields": fields, "basis": basis, "sources": sources, "degradation_reasons": []}


def _brief_issues(brief: str) -> list[Issue]:
    if not brief:
        return [Issue(("brief",), "String should have at least 1 character", "string_too_short")]

    if len(brief) > LONGEST_BRIEF:
        msg = f"String should have at most {LONGEST_BRIEF} characters"
        return [Issue(("brief",), msg, "string_too_long")]

    return []


def _schema_issues(schema: dict[str, Any] | None) -> list[Issue]:
    if schema is None:
        return []

    if schema.get("type") != "object":
        return [Issue(("output_schema", "type"), "Input should be 'object'", "literal_error")]

    levels, properties = measure(schema)
    if levels > RESEARCH_LEVELS or properties > RESEARCH_PROPERTIES:
        msg = f"No more than {RESEARCH_LEVELS} levels and {RESEARCH_PROPERTIES} properties"
        return [Issue(("output_schema",), msg)]

    return []
