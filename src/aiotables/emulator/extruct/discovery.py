"""Discovery tasks: searches that go on for a while (docs pages api-reference/discover)."""

import hashlib
import sqlite3
from collections.abc import Sequence
from contextlib import suppress
from functools import cached_property
from typing import Any

import orjson
from attrs import define

from aiotables.emulator.bodies import Issue, Json, decode, given
from aiotables.emulator.choices import (
    DISCOVERY_DEFAULT,
    DISCOVERY_EXHAUSTED,
    DISCOVERY_MOST,
    DISCOVERY_MOST_EXCLUDED_TASKS,
    DISCOVERY_RESUME,
    DISCOVERY_STAGES,
    GOOD_GRADE,
    GOOD_SHARE,
    MOST_DOMAINS,
    TASK_UNKNOWN,
)
from aiotables.emulator.clock import Clock, stamp
from aiotables.emulator.extruct.account import Account
from aiotables.emulator.extruct.asked import criteria_issues, out_of_range, request_issues
from aiotables.emulator.extruct.companies import Company, companies, ranked, registered_domain, without
from aiotables.emulator.extruct.progress import share
from aiotables.emulator.extruct.refusal import Refusal, invalid_body
from aiotables.emulator.extruct.rows import Rows
from aiotables.emulator.extruct.search import domain_issues
from aiotables.emulator.extruct.tables import Tables
from aiotables.extruct._generated.models import DiscoveryTaskCreate, DiscoveryTaskResume


WEB_SEARCH = "web_search"


@define(slots=False)
class _Task:
    """A task at a time."""

    row: sqlite3.Row
    now: float
    unit: float

    @cached_property
    def request(self) -> dict[str, Any]:
        return dict(orjson.loads(self.row["request"]))

    @cached_property
    def excluded(self) -> list[str]:
        return list(orjson.loads(self.row["excluded"]))

    @cached_property
    def candidates(self) -> list[tuple[float, Company]]:
        return ranked(self.row["query"], without(companies(), frozenset(self.excluded)))

    @property
    def total(self) -> int:
        """How many results there will be."""
        return min(int(self.row["desired"]), len(self.candidates))

    @property
    def is_done(self) -> bool:
        return self.elapsed >= self.unit * DISCOVERY_STAGES

    @property
    def elapsed(self) -> float:
        return self.now - float(self.row["started"])

    @property
    def status(self) -> str:
        if self.is_done:
            return "done"

        return "created" if self.elapsed < self.unit else "in_progress"

    @property
    def is_exhausted(self) -> bool:
        return int(self.row["desired"]) >= len(self.candidates) and self.reached(1) == self.total

    def reached(self, stage: int) -> int:
        """How many candidates are past a stage."""
        before = min(int(self.row["found_before"]), self.total)
        return before + int((self.total - before) * share(self.elapsed, stage * self.unit, self.unit))

    def results(self) -> list[dict[str, Any]]:
        """What was graded by now, the most relevant first."""
        return [self._result(score, company) for score, company in self.candidates[: self.reached(3)]]

    def to_wire(self) -> dict[str, Any]:
        request = self.request
        return {
            "id": self.row["id"],
            "created_at": self.row["created_at"],
            "status": self.status,
            "query": self.row["query"],
            "desired_num_results": self.row["desired"],
            "is_exhausted": self.is_exhausted,
            "num_results_discovered": self.reached(1),
            "num_results_enriched": self.reached(2),
            "num_results_evaluated": self.reached(3),
            "num_results": sum(_is_good(result) for result in self.results()),
            "table_id": request["table"].get("id"),
            "auto_data_sources": request["auto_data_sources"],
            "data_sources": request["data_sources"],
            "criteria": request["criteria"],
            "exclude_domains": self.excluded,
        }

    def _result(self, score: float, company: Company) -> dict[str, Any]:
        scores = {
            criterion["key"]: _graded(company, criterion["key"]) for criterion in self.request["criteria"]
        }
        sources = self.request["data_sources"]
        return {
            "id": hashlib.sha256(f"{self.row['id']}:{company.domain}".encode()).hexdigest()[:32],
            "task_id": self.row["id"],
            "company_name": company.name,
            "company_description": company.description,
            "company_website": company.domain,
            "relevance": round(score * 100),
            "created_at": self.row["created_at"],
            "company_profile_id": company.id,
            "source": WEB_SEARCH if self.request["auto_data_sources"] or not sources else sources[0],
            "scores": scores,
            "founding_year": company.founded,
            "employee_count": company.size,
            "hq_country": company.country,
            "hq_state_province": None,
            "hq_city": company.city,
            "company_full_description": None,
        }


class Discovery:
    """
    The tasks of the one workspace. Nothing is done in the background: how far a task is follows from the clock.

    Args:
        catalogue: The open catalogue.
        tables: The tables that results can go into.
        rows: Their rows.
        clock: Time of what is made, and of the work.
        account: Who pays.
        price: Credits of a result that is asked for.
        unit: How long each stage of a task takes, in seconds.
    """

    def __init__(
        self,
        catalogue: sqlite3.Connection,
        *,
        tables: Tables,
        rows: Rows,
        clock: Clock,
        account: Account,
        price: int,
        unit: float,
    ) -> None:
        self._catalogue = catalogue
        self._tables = tables
        self._rows = rows
        self._account = account
        self._price = price
        self._clock = clock
        self._unit = unit

    def create(self, raw: Json) -> dict[str, Any]:
        """
        Start a task.

        Raises:
            Refusal: The request is not valid, or the task cannot be paid.
        """
        body = decode(raw, DiscoveryTaskCreate)
        desired = raw.get("desired_num_results", DISCOVERY_DEFAULT)
        table_pk, table_issues = self._target(raw.get("table", {}))
        excluded, exclusion_issues = self._exclusions(raw)
        found = [
            *request_issues(raw, body, desired),
            *criteria_issues(given(body.criteria) or []),
            *table_issues,
            *exclusion_issues,
        ]
        if found:
            raise invalid_body(*found)

        request = {
            "table": raw.get("table", {}),
            "auto_data_sources": raw.get("auto_data_sources", True),
            "data_sources": raw.get("data_sources", []),
            "criteria": raw.get("criteria") or _inferred(body.query),
        }
        self._account.start(desired * self._price)
        task_id = self._tables.ids.uuid()
        self._catalogue.execute(
            """
            INSERT INTO extruct_discovery
            (id, created_at, query, request, excluded, desired, found_before, started, table_pk, imported)
            VALUES (?, ?, ?, ?, ?, ?, 0, ?, ?, 0)
            """,
            (
                task_id,
                stamp(self._clock),
                body.query,
                orjson.dumps(request).decode(),
                orjson.dumps(sorted(excluded)).decode(),
                desired,
                self._clock.now(),
                table_pk,
            ),
        )
        return self.get(task_id)

    def get(self, task_id: str) -> dict[str, Any]:
        """
        A task as it is now.

        Raises:
            Refusal: There is none.
        """
        return self._find(task_id).to_wire()

    def page(self, *, offset: int, limit: int | None) -> list[dict[str, Any]]:
        """Tasks, newest first."""
        rows = self._catalogue.execute(
            "SELECT * FROM extruct_discovery ORDER BY pk DESC LIMIT ? OFFSET ?",
            (-1 if limit is None else limit, offset),
        ).fetchall()
        return [self._task(row).to_wire() for row in rows]

    def results(self, task_id: str, *, offset: int, limit: int | None) -> dict[str, Any]:
        """
        A task with a page of its results.

        Raises:
            Refusal: There is none.
        """
        task = self._find(task_id)
        found = task.results()[offset:]
        return task.to_wire() | {"results": found if limit is None else found[:limit]}

    def resume(self, task_id: str, raw: Json) -> dict[str, Any]:
        """
        Ask for more results.

        Raises:
            Refusal: There is no such task, it is exhausted, the request is not valid, or it cannot be paid.
        """
        decode(raw, DiscoveryTaskResume)
        more = raw.get("desired_new_results", DISCOVERY_RESUME)
        task = self._find(task_id)
        if not 0 <= more <= DISCOVERY_MOST:
            raise invalid_body(out_of_range("desired_new_results", 0))

        if task.is_exhausted:
            raise Refusal(400, DISCOVERY_EXHAUSTED)

        desired = min(task.row["desired"] + more, DISCOVERY_MOST)
        self._account.start((desired - task.row["desired"]) * self._price)
        self._catalogue.execute(
            "UPDATE extruct_discovery SET desired = ?, found_before = ?, started = ? WHERE id = ?",
            (desired, task.reached(3), self._clock.now(), task_id),
        )
        return self.get(task_id)

    def of_table(self, table_pk: int) -> list[dict[str, Any]] | None:
        """The tasks whose results go into a table; None when there are none."""
        return [task.to_wire() for task in self._of_table(table_pk)] or None

    def import_into(self, table: sqlite3.Row) -> bool:
        """Append the results of tasks that are done to the *table* that they are for; whether there were any."""
        due = [
            task
            for task in self._of_table(table["pk"])
            if task.is_done and task.request["table"].get("auto_import") and task.row["imported"] < task.total
        ]
        for task in due:
            fresh = task.results()[task.row["imported"] :]
            self._catalogue.execute(
                "UPDATE extruct_discovery SET imported = ? WHERE pk = ?", (task.total, task.row["pk"])
            )
            made = [{"data": {"input": result["company_website"]}} for result in fresh]
            rows = self._rows.add(table, made, run=False)
            if task.request["table"].get("run"):
                self._run(table, [row["id"] for row in rows], task.request["table"].get("columns"))
        return bool(due)

    def _run(self, table: sqlite3.Row, row_ids: Sequence[str], column_ids: Sequence[str] | None) -> None:
        # Whoever looks at the table did not ask for the run, so is not refused when it cannot be paid or a column is gone.
        with suppress(Refusal):
            self._rows.run(table, mode="new", row_ids=row_ids, column_ids=column_ids)

    def _of_table(self, table_pk: int) -> list[_Task]:
        rows = self._catalogue.execute(
            "SELECT * FROM extruct_discovery WHERE table_pk = ? ORDER BY pk", (table_pk,)
        ).fetchall()
        return [self._task(row) for row in rows]

    def _find(self, task_id: str) -> _Task:
        row = self._catalogue.execute("SELECT * FROM extruct_discovery WHERE id = ?", (task_id,)).fetchone()
        if row is None:
            raise Refusal(404, TASK_UNKNOWN)

        return self._task(row)

    def _task(self, row: sqlite3.Row) -> _Task:
        return _Task(row, self._clock.now(), self._unit)

    def _target(self, wanted: dict[str, Any]) -> tuple[int | None, list[Issue]]:
        if not wanted:
            return None, []

        try:
            table = self._tables.find(wanted["id"])
        except Refusal as refusal:
            return None, [Issue(("table", "id"), refusal.detail)]

        known = {column["id"] for column in self._tables.columns(table["pk"])}
        unknown = [
            Issue(("table", "columns", place), "Not found in this table")
            for place, column in enumerate(wanted.get("columns", []))
            if column not in known
        ]
        return table["pk"], unknown

    def _exclusions(self, raw: dict[str, Any]) -> tuple[set[str], list[Issue]]:
        domains, tasks = raw.get("exclude_domains", []), raw.get("exclude_task_ids", [])
        found = [
            Issue(("exclude_domains", *issue.place), issue.message, issue.type)
            for issue in domain_issues(domains)
        ]
        excluded = {domain for domain in map(registered_domain, domains) if domain is not None}
        if len(tasks) > DISCOVERY_MOST_EXCLUDED_TASKS:
            msg = f"No more than {DISCOVERY_MOST_EXCLUDED_TASKS} tasks"
            return excluded, [*found, Issue(("exclude_task_ids",), msg, "too_long")]

        for place, task_id in enumerate(tasks):
            try:
                task = self._find(task_id)
            except Refusal as refusal:
                found.append(Issue(("exclude_task_ids", place), refusal.detail))
                continue

            if not task.is_done:
                found.append(Issue(("exclude_task_ids", place), "The task is not done"))
            excluded |= {str(registered_domain(result["company_website"])) for result in task.results()}
        if len(excluded) > MOST_DOMAINS and not found:
            found.append(Issue(("exclude_domains",), f"No more than {MOST_DOMAINS} domains", "too_long"))
        return excluded, found


def _inferred(query: str) -> list[dict[str, str]]:
    text = f"The company is what is looked for: {query}"
    return [{"key": "matches_query", "name": "Matches the query", "criterion": text[:500]}]


def _graded(company: Company, key: str) -> dict[str, Any]:
    grade = 1 + hashlib.sha256(f"{company.domain}:{key}".encode()).digest()[0] % 5
    return {
        "grade": grade,
        "explanation": "Made up by the emulator.",
        "sources": [f"https://{company.domain}/"],
    }


def _is_good(result: dict[str, Any]) -> bool:
    grades = [score["grade"] for score in result["scores"].values()]
    met = sum(1 for grade in grades if grade >= GOOD_GRADE)
    return met >= GOOD_SHARE * len(grades)
