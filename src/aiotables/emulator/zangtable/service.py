"""ZangTable, behind its operations: who may call, what is asked, what is done, how it is answered."""

import sqlite3
from collections.abc import Callable, Mapping
from typing import Any

from attrs import frozen

from aiotables.core.operations import Operation
from aiotables.emulator.bodies import BodyError, Json, decode, given, parse
from aiotables.emulator.calls import Incoming, Reply, bearer
from aiotables.emulator.choices import (
    CONFIRMATION_MISMATCH,
    CONSTRAINT_VIOLATED,
    CREATED,
    INVALID_REQUEST,
    SCHEMA_REFUSED,
    STORAGE_UNAVAILABLE,
    Problem,
)
from aiotables.emulator.clock import Clock, stamp
from aiotables.emulator.sqlite import is_trouble
from aiotables.emulator.zangtable.bootstrap import bootstrap, plain_bootstrap
from aiotables.emulator.zangtable.columns import plain_columns, plain_flags, plan_columns
from aiotables.emulator.zangtable.envelope import general_problem, refused, success
from aiotables.emulator.zangtable.groups import OperationRuns
from aiotables.emulator.zangtable.names import checked_identifier
from aiotables.emulator.zangtable.projects import Project, Projects
from aiotables.emulator.zangtable.query import run_query
from aiotables.emulator.zangtable.refusal import Refusal
from aiotables.emulator.zangtable.tables import Tables
from aiotables.zangtable._generated import operations
from aiotables.zangtable._generated.models import (
    Bootstrap,
    ColumnCreate,
    IndexCreate,
    ProjectDelete,
    SqlQuery,
    TableCreate,
)


OK = 200


@frozen
class _Asked:
    """A call that was let in."""

    project: Project
    tables: Tables
    path: Mapping[str, str]
    json: Json


class ZangTableService:
    """
    Answers the operations of ZangTable.

    Args:
        projects: The databases.
        clock: Time of ids and answers, and of operation runs.
        query_seconds: How long one SQL statement may run.
    """

    def __init__(self, projects: Projects, clock: Clock, query_seconds: float) -> None:
        self._projects = projects
        self._clock = clock
        self._query_seconds = query_seconds
        self._runs = OperationRuns(clock)
        self._handlers: Mapping[str, tuple[int, Callable[[_Asked], object]]] = {
            operations.CREATE_COLUMN.name: (CREATED, self._create_column),
            operations.CREATE_INDEX.name: (CREATED, self._create_index),
            operations.CREATE_TABLE.name: (CREATED, self._create_table),
            operations.DELETE_PROJECT.name: (OK, self._delete_project),
            operations.GET_CURRENT_AUTH.name: (OK, self._get_current_auth),
            operations.GET_TABLE.name: (OK, self._get_table),
            operations.LIST_COLUMNS.name: (OK, self._list_columns),
            operations.QUERY_RECORDS.name: (OK, self._query_records),
        }

    @property
    def operations(self) -> tuple[Operation[Any, Any], ...]:
        """The operations that exist here."""
        return tuple(
            operation
            for operation in operations.OPERATIONS
            if operation.name in self._handlers or operation is operations.BOOTSTRAP_PROJECT
        )

    def answer(self, incoming: Incoming) -> Reply:
        """Do what was called; a refusal is an answer, too."""
        try:
            return self._answer(incoming)
        except Refusal as refusal:
            return refused(refusal.problem, self._clock)
        except BodyError as error:
            return refused(INVALID_REQUEST.saying(str(error)), self._clock)
        except OverflowError:
            return refused(INVALID_REQUEST.saying("A number does not fit 64 bits."), self._clock)
        except sqlite3.Error as error:
            return refused(_storage_problem(error), self._clock)

    def failure(self, status: int) -> Reply:
        """An envelope with an error of *status*."""
        return refused(general_problem(status), self._clock)

    def forget_runs(self) -> None:
        """Start without any operation run."""
        self._runs.clear()

    def _answer(self, incoming: Incoming) -> Reply:
        token = bearer(incoming.headers)
        if incoming.operation is operations.BOOTSTRAP_PROJECT:
            self._projects.check_account(token)
            wanted = decode(plain_bootstrap(_json(incoming)), Bootstrap)
            return self._success(CREATED, bootstrap(self._projects, wanted), wanted.project_slug, incoming)

        project = self._projects.admit(incoming.path["project"], token)
        status, handler = self._handlers[incoming.operation.name]
        tables = Tables(self._projects, project.id, project.slug)
        data = handler(_Asked(project, tables, incoming.path, _json(incoming)))
        return self._success(status, data, project.slug, incoming)

    def _success(self, status: int, data: object, project: str, incoming: Incoming) -> Reply:
        grouping = self._runs.group(project, incoming.headers)
        return success(data, status=status, clock=self._clock, grouping=grouping)

    def _create_table(self, asked: _Asked) -> object:
        body = decode(plain_columns(asked.json), TableCreate)
        name = checked_identifier(body.table_name, "table_name")
        return asked.tables.create(name, given(body.display_name), plan_columns(body.columns or ()))

    def _get_table(self, asked: _Asked) -> object:
        return asked.tables.describe(asked.tables.number(asked.path["table_id_or_name"]))

    def _list_columns(self, asked: _Asked) -> object:
        number, name = asked.tables.named(asked.path["table"])
        return {"table": name, "columns": asked.tables.columns(number, name)}

    def _create_column(self, asked: _Asked) -> object:
        body = decode(plain_flags(asked.json), ColumnCreate)
        return asked.tables.add_column(asked.path["table"], body)

    def _create_index(self, asked: _Asked) -> object:
        body = decode(plain_flags(asked.json), IndexCreate)
        return asked.tables.create_index(
            asked.path["table"], body.columns, given(body.index_name), unique=body.unique is True
        )

    def _get_current_auth(self, asked: _Asked) -> object:
        project = asked.project
        return {
            "token": {
                "id": project.token_id,
                "token_type": "project_api_token",
                "token_name": project.token_name,
                "expires_at": None,
                "revoked_at": None,
                "last_used_at": stamp(self._clock),
                "created_at": project.token_created_at,
            }
        }

    def _delete_project(self, asked: _Asked) -> object:
        body = decode(asked.json, ProjectDelete)
        if body.confirm_project_slug != asked.project.slug:
            raise Refusal(CONFIRMATION_MISMATCH)

        self._projects.delete(asked.project.id, asked.project.slug)
        return {"deleted": True, "project_slug": asked.project.slug}

    def _query_records(self, asked: _Asked) -> object:
        body = decode(asked.json, SqlQuery)
        database = self._projects.database(asked.project.id, asked.project.slug)
        return run_query(database, body, self._query_seconds)


def _json(incoming: Incoming) -> Json:
    return None if incoming.operation.body is None else parse(incoming.body, incoming.operation)


def _storage_problem(error: sqlite3.Error) -> Problem:
    if is_trouble(error):
        return STORAGE_UNAVAILABLE

    if isinstance(error, sqlite3.IntegrityError):
        return CONSTRAINT_VIOLATED.saying(f"The data breaks a constraint: {error}.")

    return SCHEMA_REFUSED.saying(f"The database refused the change: {error}.")
