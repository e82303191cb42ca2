"""ZangTable, behind its operations: who may call, what is asked, what is done, how it is answered."""

import sqlite3
from collections.abc import Callable, Mapping
from typing import Any

from attrs import evolve

from aiotables.core.operations import Operation
from aiotables.core.sentinels import Unset
from aiotables.emulator.bodies import BodyError, Json, decode, given, parse
from aiotables.emulator.calls import Incoming, Reply, bearer
from aiotables.emulator.choices import (
    CONFIRMATION_MISMATCH,
    CONSTRAINT_VIOLATED,
    CREATED,
    INVALID_REQUEST,
    QUERY_TIMEOUT,
    SCHEMA_REFUSED,
    STORAGE_UNAVAILABLE,
    TABLE_EXISTS,
    Choices,
    Problem,
)
from aiotables.emulator.clock import Clock
from aiotables.emulator.sqlite import is_trouble
from aiotables.emulator.zangtable import alterations, exports, records, tokens
from aiotables.emulator.zangtable.asked import Asked
from aiotables.emulator.zangtable.bootstrap import bootstrap, plain_bootstrap
from aiotables.emulator.zangtable.columns import plain_columns, plain_flags, plan_columns
from aiotables.emulator.zangtable.envelope import general_problem, refused, success
from aiotables.emulator.zangtable.groups import OperationRuns
from aiotables.emulator.zangtable.names import checked_identifier
from aiotables.emulator.zangtable.projects import Projects
from aiotables.emulator.zangtable.query import run_query
from aiotables.emulator.zangtable.refusal import Refusal
from aiotables.zangtable._generated import operations
from aiotables.zangtable._generated.models import (
    Bootstrap,
    ColumnCreate,
    IndexCreate,
    ProjectDelete,
    ProjectUpdate,
    SqlQuery,
    TableCreate,
    TableUpdate,
)


OK = 200


class ZangTableService:
    """
    Answers the operations of ZangTable.

    Args:
        projects: The databases.
        clock: Time of ids and answers, and of operation runs.
        query_seconds: How long one SQL statement may run, one of the service itself included.
        choices: The statuses that may be chosen.
    """

    def __init__(self, projects: Projects, clock: Clock, query_seconds: float, choices: Choices) -> None:
        self._choices = choices
        self._projects = projects
        self._clock = clock
        self._query_seconds = query_seconds
        self._runs = OperationRuns(clock, projects.ids)
        self._handlers: Mapping[str, tuple[int, Callable[[Asked], object]]] = {
            operations.CREATE_COLUMN.name: (CREATED, _create_column),
            operations.CREATE_DATABASE_EXPORT.name: (CREATED, exports.create_database_export),
            operations.CREATE_INDEX.name: (CREATED, _create_index),
            operations.CREATE_SCHEMA_EXPORT.name: (CREATED, exports.create_schema_export),
            operations.CREATE_TABLE.name: (CREATED, _create_table),
            operations.CREATE_TOKEN.name: (CREATED, tokens.create_token),
            operations.DELETE_COLUMN.name: (OK, alterations.delete_column),
            operations.DELETE_PROJECT.name: (OK, _delete_project),
            operations.DELETE_RECORD.name: (OK, records.delete_record),
            operations.DELETE_RECORDS.name: (OK, records.delete_records),
            operations.DELETE_TOKEN.name: (OK, tokens.delete_token),
            operations.DOWNLOAD_EXPORT.name: (OK, exports.download_export),
            operations.GET_CURRENT_AUTH.name: (OK, tokens.get_current_auth),
            operations.GET_TABLE.name: (OK, _get_table),
            operations.LIST_COLUMNS.name: (OK, _list_columns),
            operations.LIST_EXPORTS.name: (OK, exports.list_exports),
            operations.LIST_RECORDS.name: (OK, records.list_records),
            operations.QUERY_RECORDS.name: (OK, _query_records),
            operations.TEST_TOKEN.name: (CREATED, tokens.test_token),
            operations.UPDATE_COLUMN.name: (OK, alterations.update_column),
            operations.UPDATE_COLUMNS.name: (OK, alterations.update_columns),
            operations.UPDATE_PROJECT.name: (OK, _update_project),
            operations.UPDATE_RECORD.name: (OK, records.update_record),
            operations.UPDATE_RECORDS.name: (OK, records.update_records),
            operations.UPDATE_TABLE.name: (OK, _update_table),
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
            return self._refused(self._chosen(refusal.problem))
        except BodyError as error:
            return self._refused(INVALID_REQUEST.saying(str(error)))
        except OverflowError:
            return self._refused(INVALID_REQUEST.saying("A number does not fit 64 bits."))
        except sqlite3.Error as error:
            return self._refused(_storage_problem(error))

    def failure(self, status: int) -> Reply:
        """An envelope with an error of *status*."""
        return self._refused(general_problem(status))

    def _refused(self, problem: Problem) -> Reply:
        return refused(problem, self._clock, self._projects.ids)

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
        data = handler(
            Asked(
                project=project,
                projects=self._projects,
                path=incoming.path,
                query=incoming.query,
                json=_json(incoming),
                seconds=self._query_seconds,
            )
        )
        return self._success(status, data, project.slug, incoming)

    def _success(self, status: int, data: object, project: str, incoming: Incoming) -> Reply:
        grouping = self._runs.group(project, incoming.headers)
        if isinstance(data, Reply):
            # A file, which is not wrapped.
            return evolve(data, operation_run_id=None if grouping is None else grouping.run_id)

        answered = self._choices.created_status if status == CREATED else status
        return success(data, status=answered, clock=self._clock, ids=self._projects.ids, grouping=grouping)

    def _chosen(self, problem: Problem) -> Problem:
        return problem.at(self._choices.exists_status) if problem.code == TABLE_EXISTS.code else problem


def _create_table(asked: Asked) -> object:
    body = decode(plain_columns(asked.json), TableCreate)
    name = checked_identifier(body.table_name, "table_name")
    return asked.tables.create(name, given(body.display_name), plan_columns(body.columns or ()))


def _get_table(asked: Asked) -> object:
    return asked.tables.describe(asked.tables.number(asked.path["table_id_or_name"]))


def _update_table(asked: Asked) -> object:
    body = decode(asked.json, TableUpdate)
    number = asked.tables.number(asked.path["table_id_or_name"])
    if not isinstance(body.display_name, Unset):
        asked.tables.rename(number, body.display_name)
    return {"table": asked.tables.describe(number)["table"]}


def _list_columns(asked: Asked) -> object:
    number, name = asked.tables.named(asked.path["table"])
    return {"table": name, "columns": asked.tables.columns(number, name)}


def _create_column(asked: Asked) -> object:
    body = decode(plain_flags(asked.json), ColumnCreate)
    return asked.tables.add_column(asked.path["table"], body)


def _create_index(asked: Asked) -> object:
    body = decode(plain_flags(asked.json), IndexCreate)
    return asked.tables.create_index(
        asked.path["table"], body.columns, given(body.index_name), unique=body.unique is True
    )


def _update_project(asked: Asked) -> object:
    body = decode(asked.json, ProjectUpdate)
    if not body.project_name:
        raise Refusal(INVALID_REQUEST.saying("project_name: must not be empty"))

    asked.projects.rename(asked.project.id, body.project_name)
    return {"project": asked.projects.describe(asked.project.id)}


def _delete_project(asked: Asked) -> object:
    body = decode(asked.json, ProjectDelete)
    if body.confirm_project_slug != asked.project.slug:
        raise Refusal(CONFIRMATION_MISMATCH)

    asked.projects.delete(asked.project.id, asked.project.slug)
    return {"deleted": True, "project_slug": asked.project.slug}


def _query_records(asked: Asked) -> object:
    return run_query(asked.database, decode(asked.json, SqlQuery), asked.seconds, asked.clock)


def _json(incoming: Incoming) -> Json:
    return None if incoming.operation.body is None else parse(incoming.body, incoming.operation)


def _storage_problem(error: sqlite3.Error) -> Problem:
    if is_trouble(error):
        return STORAGE_UNAVAILABLE

    if getattr(error, "sqlite_errorcode", None) == sqlite3.SQLITE_INTERRUPT:
        return QUERY_TIMEOUT

    if isinstance(error, sqlite3.IntegrityError):
        return CONSTRAINT_VIOLATED.saying(f"The data breaks a constraint: {error}.")

    return SCHEMA_REFUSED.saying(f"The database refused the change: {error}.")
