"""The ZangTable client: what the docs name, grouped as the docs group it."""

from collections.abc import Awaitable
from typing import TYPE_CHECKING, Self, TypeVar, Unpack

from multidict import CIMultiDict

from aiotables._lazy import LazyMapping, LazyPart
from aiotables.core.call import Call
from aiotables.core.client import ApiClient
from aiotables.core.convert import Converter
from aiotables.core.errors import SettingsError
from aiotables.core.options import Options
from aiotables.zangtable import _generated
from aiotables.zangtable.dialect import Envelope
from aiotables.zangtable.grouping import KEY_HEADER, RUN_HEADER, OperationRun, current_run


if TYPE_CHECKING:
    from aiotables.core.settle import Rule
    from aiotables.zangtable.auth import Auth
    from aiotables.zangtable.columns import Columns
    from aiotables.zangtable.exports import Exports
    from aiotables.zangtable.indexes import Indexes
    from aiotables.zangtable.projects import Projects
    from aiotables.zangtable.records import Records
    from aiotables.zangtable.tables import Tables


ResultT = TypeVar("ResultT")


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
    default_base_url = "https://api-zangtable.com"

    tables: "LazyPart[Tables]" = LazyPart("aiotables.zangtable.tables", "Tables")
    columns: "LazyPart[Columns]" = LazyPart("aiotables.zangtable.columns", "Columns")
    records: "LazyPart[Records]" = LazyPart("aiotables.zangtable.records", "Records")
    indexes: "LazyPart[Indexes]" = LazyPart("aiotables.zangtable.indexes", "Indexes")
    exports: "LazyPart[Exports]" = LazyPart("aiotables.zangtable.exports", "Exports")
    auth: "LazyPart[Auth]" = LazyPart("aiotables.zangtable.auth", "Auth")
    projects: "LazyPart[Projects]" = LazyPart("aiotables.zangtable.projects", "Projects")

    def __init__(
        self, *, token: str | None = None, project: str | None = None, **options: Unpack[Options]
    ) -> None:
        super().__init__(token=token, dialect=Envelope(), rules=_RULES, converter=_CONVERTER, **options)
        self._project = project or self._environ.get("ZANGTABLE_PROJECT") or ""
        if not self._project:
            msg = "no project: pass project=… or set ZANGTABLE_PROJECT"
            raise SettingsError(msg)
        self._own_path = (("project", self._project),)
        # Whose calls an operation groups: those of this client and of all its siblings.
        self._family = object()
        self._run: OperationRun | None = None

    def sibling(self, *, token: str, project: str) -> Self:
        """
        A client of another project, which has this one's settings, connections, limits and operation groups.

        Closing either closes the connections of both.

        Args:
            token: Project API Token of the other project.
            project: Its slug.

        Raises:
            SettingsError: The token cannot stand in a header.
        """
        other = self._with_token(token)
        other._project = project  # noqa: SLF001 -- its own class
        other._own_path = (("project", project),)  # noqa: SLF001 -- its own class
        return other

    async def query(self, query: "_generated.models.SqlQuery") -> "_generated.models.QueryResult":
        """
        Run one read-only SQL statement: SELECT, WITH or EXPLAIN QUERY PLAN.

        Args:
            query: The statement, its parameters, and the most rows to answer with (1 to 1000, else 500).

        Source: docs page reference/query/query-records.
        """
        return (await self.send(_generated.operations.QUERY_RECORDS, body=query)).value

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
        return OperationRun(key, run_id=run_id, owner=self._family)

    def within(self, run: OperationRun) -> Self:
        """
        This client, with each of its calls in one run, whatever block is around: for a single call, or where no block
        reaches, such as in a callback.

        ```python
        await zang.within(zang.operation("provision-crm")).tables.create(table)
        ```

        Closing either closes the connections of both.

        Args:
            run: From `operation`.

        Source: docs page operation-groups.
        """
        other = self._copied()
        other._run = run  # noqa: SLF001 -- its own class
        return other

    @property
    def project(self) -> str:
        """Slug of the project that the client works in."""
        return self._project

    def _make(self, call: Call[ResultT]) -> Awaitable[ResultT]:
        run = self._run or current_run(self._family)
        return self._calls.make(call) if run is None else self._follow(call, run)

    async def _follow(self, call: Call[ResultT], run: OperationRun) -> ResultT:
        call.headers = _in_run(call.headers, run)
        try:
            return await self._calls.make(call)
        finally:
            run.follow(call.operation_run)

    def _grouped(self) -> CIMultiDict[str]:
        run = self._run or current_run(self._family)
        return self._headers if run is None else _in_run(self._headers, run)


def _in_run(headers: CIMultiDict[str], run: OperationRun) -> CIMultiDict[str]:
    headers = headers.copy()
    headers[KEY_HEADER] = run.key
    headers[RUN_HEADER] = run.run_id
    return headers


_CONVERTER = Converter()
_RULES: "LazyMapping[str, Rule]" = LazyMapping("aiotables.zangtable.settling", "RULES")
