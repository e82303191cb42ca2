"""The ZangTable client: what the docs name, grouped as the docs group it."""

from collections.abc import Mapping
from typing import TypeVar, Unpack

from attrs import evolve
from multidict import CIMultiDict

from aiotables.core.client import ApiClient, Options, Resource
from aiotables.core.convert import Converter
from aiotables.core.errors import CallError, SettingsError
from aiotables.core.operations import Operation
from aiotables.core.record import CallRecord
from aiotables.core.sentinels import UNSET, Unset
from aiotables.core.wire import Reply
from aiotables.zangtable import settling
from aiotables.zangtable._generated import operations
from aiotables.zangtable._generated.models import (
    Bootstrap,
    BootstrappedProject,
    ColumnCreate,
    ColumnList,
    CreatedColumn,
    CreatedIndex,
    CreatedTable,
    CurrentAuth,
    DeletedProject,
    IndexCreate,
    ProjectDelete,
    QueryResult,
    SqlQuery,
    TableCreate,
    TableWithColumns,
)
from aiotables.zangtable.dialect import Envelope
from aiotables.zangtable.grouping import KEY_HEADER, RUN_HEADER, OperationRun, current_run


BodyT = TypeVar("BodyT")
ResultT = TypeVar("ResultT")


class Tables(Resource):
    """Tables of the project."""

    async def create(self, table: TableCreate) -> CreatedTable:
        """
        Create a table with its first columns.

        If the reply is lost, the table is looked up by its name before anything is sent again.

        Args:
            table: Name, display name and columns. Without a primary key the service prepends `id`.

        Raises:
            TableExists: A table with that name was there before the call.
            OutcomeUnknown: The reply was lost and the look-up could not settle it.

        Source: docs page reference/tables/create-table.
        """
        return await self._call(operations.CREATE_TABLE, body=table)

    async def get(self, table: int | str) -> TableWithColumns:
        """
        Get a table with its columns.

        Args:
            table: Its number or its name.

        Raises:
            NotFound: There is none.

        Source: docs page reference/tables/get-table.
        """
        return await self._call(operations.GET_TABLE, path={"table_id_or_name": table})


class Columns(Resource):
    """Columns of a table."""

    async def list(self, table: str) -> ColumnList:
        """
        List all columns of a table.

        Args:
            table: Its name.

        Source: docs page reference/columns/list-columns.
        """
        return await self._call(operations.LIST_COLUMNS, path={"table": table})

    async def create(self, table: str, column: ColumnCreate) -> CreatedColumn:
        """
        Add a column that is no primary key.

        If the reply is lost, the table's columns are listed before anything is sent again.

        Args:
            table: Its name.
            column: Name, type and rules of the new column.

        Raises:
            Conflict: A column with that name was there before the call.
            OutcomeUnknown: The reply was lost and the listing could not settle it.

        Source: docs page reference/columns/create-column.
        """
        return await self._call(operations.CREATE_COLUMN, path={"table": table}, body=column)


class Indexes(Resource):
    """Indexes of a table."""

    async def create(self, table: str, index: IndexCreate) -> CreatedIndex:
        """
        Create an index.

        An index that is not named is named here, `idx_<table>_<columns>` as the service's example has it: without a
        name a lost reply could not be settled.

        Args:
            table: Name of the table.
            index: Columns, and name and uniqueness if wanted.

        Raises:
            Conflict: An index with that name and another definition was there before the call.
            OutcomeUnknown: The reply was lost and reading the catalogue could not settle it.

        Source: docs page reference/query/create-index.
        """
        if index.index_name is UNSET:
            index = evolve(index, index_name="_".join(("idx", table, *index.columns)))
        return await self._call(operations.CREATE_INDEX, path={"table": table}, body=index)


class Auth(Resource):
    """The token."""

    async def me(self) -> CurrentAuth:
        """
        Say which token the calls are made with; its secret is not in the answer.

        Raises:
            AuthenticationFailed: The token is not valid.

        Source: docs page reference/auth/get-current-auth.
        """
        return await self._call(operations.GET_CURRENT_AUTH)


class Projects(Resource):
    """The project itself, and new ones."""

    async def bootstrap(self, project: Bootstrap) -> BootstrappedProject:
        """
        Create a project with its tables, indexes, first rows and tokens in one request.

        Args:
            project: Slug, name, first user, and what else it is to hold.

        Raises:
            OutcomeUnknown: The reply was lost. No documented call tells whether a project was made by this one.

        Source: docs page reference/service/bootstrap-project.
        """
        return await self._call(operations.BOOTSTRAP_PROJECT, body=project)

    async def delete(self, *, confirm: str) -> DeletedProject | None:
        """
        Delete the client's project with everything in it. It cannot be undone.

        Args:
            confirm: The project's slug once more; the service refuses another.

        Returns:
            What was deleted, or `None` when a reply was lost and the repeated call found it gone.

        Source: docs page reference/service/delete-project.
        """
        body = ProjectDelete(confirm_project_slug=confirm)
        return await self._call(operations.DELETE_PROJECT, body=body)


class ZangTable(ApiClient):
    """
    A client of one ZangTable project.

    ```python
    async with ZangTable(token="pat_…", project="acme") as zang:
        created = await zang.tables.create(TableCreate(table_name="contacts"))
    ```

    Args:
        token: Project API Token; else `ZANGTABLE_API_TOKEN` of the environment.
        project: Project slug; else `ZANGTABLE_PROJECT` of the environment.
        options: See `Options`. The base URL may come from `ZANGTABLE_BASE_URL`.

    Raises:
        SettingsError: A setting is missing or wrong.
    """

    _service = "zangtable"
    _token_variable = "ZANGTABLE_API_TOKEN"  # noqa: S105 -- the variable's name
    _base_url_variable = "ZANGTABLE_BASE_URL"
    _default_base_url = "https://api-zangtable.com"

    def __init__(
        self, *, token: str | None = None, project: str | None = None, **options: Unpack[Options]
    ) -> None:
        super().__init__(
            token=token, dialect=Envelope(), rules=settling.RULES, converter=_CONVERTER, **options
        )
        self.project = project or self._environ.get("ZANGTABLE_PROJECT") or ""
        if not self.project:
            msg = "no project: pass project=… or set ZANGTABLE_PROJECT"
            raise SettingsError(msg)
        self.tables = Tables(self)
        self.columns = Columns(self)
        self.indexes = Indexes(self)
        self.auth = Auth(self)
        self.projects = Projects(self)

    async def query(self, query: SqlQuery) -> QueryResult:
        """
        Run one read-only SQL statement: SELECT, WITH or EXPLAIN QUERY PLAN.

        Args:
            query: The statement, its parameters, and the most rows to answer with (1 to 1000, else 500).

        Source: docs page reference/query/query-records.
        """
        return (await self.send(operations.QUERY_RECORDS, body=query)).value

    def operation(self, key: str, *, run_id: str | None = None) -> OperationRun:
        """
        Group calls: every call of this client inside of `async with` carries the key and the run id.

        Args:
            key: Human-readable label, such as `provision-crm`.
            run_id: Id of this run; made when it is not given.

        Raises:
            RequestError: The key or the id cannot stand in a header.

        Source: docs page operation-groups.
        """
        return OperationRun(key, run_id=run_id, owner=self)

    async def send(
        self,
        operation: Operation[BodyT, ResultT],
        *,
        body: BodyT | Unset = UNSET,
        path: Mapping[str, str | int] | None = None,
        query: Mapping[str, object] | None = None,
        settle: bool = True,
    ) -> Reply[ResultT]:
        """Make one call, with the client's project filled in; see `ApiClient.send`."""
        run = current_run(self)
        try:
            reply = await super().send(operation, body=body, path=path, query=query, settle=settle)
        except CallError as error:
            _follow(run, error.record)
            raise
        _follow(run, reply.record)
        return reply

    def _full_path(self, path: Mapping[str, str | int] | None) -> dict[str, str]:
        return {"project": self.project, **super()._full_path(path)}

    def _call_headers(self) -> CIMultiDict[str]:
        run = current_run(self)
        if run is None:
            return self._headers
        headers = self._headers.copy()
        headers[KEY_HEADER] = run.key
        headers[RUN_HEADER] = run.run_id
        return headers


def _follow(run: OperationRun | None, record: CallRecord) -> None:
    if run is not None:
        run.follow(record.operation_run)


_CONVERTER = Converter()
