# Generated from openapi/extruct. Do not edit: run `make generate`.
"""Operations of extruct."""

__all__ = [
    "CLONE_TABLE",
    "CREATE_COLUMNS",
    "CREATE_DEEP_RESEARCH_TASK",
    "CREATE_DISCOVERY_TASK",
    "CREATE_ROWS",
    "CREATE_TABLE",
    "DELETE_COLUMN",
    "DELETE_ROWS",
    "DELETE_TABLE",
    "FIND_SIMILAR_COMPANIES",
    "FIND_SIMILAR_COMPANIES_GET",
    "GET_BILLING",
    "GET_COMPANY",
    "GET_DEEP_RESEARCH_TASK",
    "GET_DISCOVERY_RESULTS",
    "GET_DISCOVERY_TASK",
    "GET_HEALTHCHECK",
    "GET_ROW",
    "GET_TABLE",
    "GET_TABLE_DATA",
    "GET_USER",
    "LIST_DEEP_RESEARCH_TASKS",
    "LIST_DISCOVERY_TASKS",
    "LIST_TABLES",
    "OPERATIONS",
    "RESUME_DISCOVERY_TASK",
    "RUN_TABLE",
    "SEARCH_COMPANIES",
    "SEARCH_COMPANIES_GET",
    "UPDATE_COLUMN",
    "UPDATE_ROWS",
    "UPDATE_TABLE",
]


from typing import Any, Final, cast

from aiotables.core.operations import Effect, Operation, Parameter
from aiotables.extruct._generated import models


LIST_TABLES: Final[Operation[None, list[models.TableListItem]]] = Operation(
    name="extruct.list_tables",
    method="GET",
    path="/v1/tables",
    effect=Effect.READ,
    result=list[models.TableListItem],
    parameters=(
        Parameter(name="kind", location="query"),
        Parameter(name="scope", location="query"),
        Parameter(name="search", location="query"),
        Parameter(name="tags", location="query"),
        Parameter(name="sort", location="query"),
        Parameter(name="offset", location="query"),
        Parameter(name="limit", location="query"),
    ),
    source="api-reference/tables/list-tables",
    evidence="documented",
)
"""
List the root tables visible to the caller.

Child tables are left out. Paged by offset and limit; the totals are in the headers of the answer. The order
when `sort` is left out is not stated; an older page said newest first.
"""

CREATE_TABLE: Final[Operation[models.TableCreate, models.TableHeader]] = Operation(
    name="extruct.create_table",
    method="POST",
    path="/v1/tables",
    effect=Effect.CREATE,
    body=models.TableCreate,
    body_required=True,
    result=models.TableHeader,
    source="api-reference/tables/create-table",
    evidence="documented",
)
"""
Create a table.

Makes a table; sent again it makes another. On company and people tables the service adds columns of its
own. No rule about equal names is documented.
"""

GET_TABLE: Final[Operation[None, models.TableHeaderWithStatus]] = Operation(
    name="extruct.get_table",
    method="GET",
    path="/v1/tables/{table_id}",
    effect=Effect.READ,
    result=models.TableHeaderWithStatus,
    parameters=(Parameter(name="table_id", location="path", required=True),),
    source="api-reference/tables/get-table",
    evidence="documented",
)
"""
Get a table, its columns and how far it is.

Also the only way to list the columns of a table.
"""

DELETE_TABLE: Final[Operation[None, models.TableHeader]] = Operation(
    name="extruct.delete_table",
    method="DELETE",
    path="/v1/tables/{table_id}",
    effect=Effect.REPLACE,
    result=models.TableHeader,
    parameters=(Parameter(name="table_id", location="path", required=True),),
    gone_is_done=True,
    source="api-reference/tables/delete-table",
    evidence="documented",
)
"""
Delete a table.

Permanent. A second call answers 404. What happens to child tables is not stated.
"""

UPDATE_TABLE: Final[Operation[models.TableUpdate, models.TableHeader]] = Operation(
    name="extruct.update_table",
    method="PATCH",
    path="/v1/tables/{table_id}",
    effect=Effect.REPLACE,
    body=models.TableUpdate,
    body_required=True,
    result=models.TableHeader,
    parameters=(Parameter(name="table_id", location="path", required=True),),
    source="api-reference/tables/update-table",
    evidence="documented",
)
"""
Change a table's name, description or tags, or the order of its columns.

Fields that are left out stay as they are. Whether the order must name every column, and whether null clears
a field, is not stated. The kind cannot be changed.
"""

CLONE_TABLE: Final[Operation[None, models.TableHeader]] = Operation(
    name="extruct.clone_table",
    method="POST",
    path="/v1/tables/{table_id}/clone",
    effect=Effect.CREATE,
    result=models.TableHeader,
    parameters=(
        Parameter(name="table_id", location="path", required=True),
        Parameter(name="schema_only", location="query"),
    ),
    source="api-reference/tables/clone-table",
    evidence="documented",
)
"""
Clone a table, with its parents and children.

Makes another table each time. Always copies the whole hierarchy; with `schema_only` the columns alone, else
data and the relations of rows, too. Allowed to admins, from admins' tables, and within one organization.
"""

GET_TABLE_DATA: Final[Operation[None, models.TableData]] = Operation(
    name="extruct.get_table_data",
    method="GET",
    path="/v1/tables/{table_id}/data",
    effect=Effect.READ,
    result=models.TableData,
    parameters=(
        Parameter(name="table_id", location="path", required=True),
        Parameter(name="offset", location="query"),
        Parameter(name="limit", location="query"),
    ),
    source="api-reference/tables/get-table-data",
    evidence="documented",
)
"""
Get a page of a table's rows, with its columns and status.

Streamed for large tables. A page with fewer rows than `limit` is the last one. That all rows come when no
limit is given is inferred.
"""

RUN_TABLE: Final[Operation[models.TableRunCreate, models.TableRun]] = Operation(
    name="extruct.run_table",
    method="POST",
    path="/v1/tables/{table_id}/run",
    effect=Effect.START,
    body=models.TableRunCreate,
    body_required=True,
    result=models.TableRun,
    parameters=(Parameter(name="table_id", location="path", required=True),),
    source="api-reference/tables/run-table",
    evidence="documented",
)
"""
Start a run, which fills cells.

Starts work and answers at once. No call stops a run or reads it again. With mode `new` only cells without a
value are worked on; what a second call does while cells are being worked on is not documented.
"""

CREATE_COLUMNS: Final[Operation[models.ColumnsCreate, list[models.ColumnOutput]]] = Operation(
    name="extruct.create_columns",
    method="POST",
    path="/v1/tables/{table_id}/columns",
    effect=Effect.CREATE,
    body=models.ColumnsCreate,
    body_required=True,
    result=list[models.ColumnOutput],
    parameters=(Parameter(name="table_id", location="path", required=True),),
    source="api-reference/tables/create-table-columns",
    evidence="documented",
)
"""
Add columns to a table.

Adds columns; does not start a run. A key that is there already is not spoken of. A prompt that names a
missing key, and a column that does not fit the kind of table, are refused; that the status is 422 or 400 is
inferred.
"""

DELETE_COLUMN: Final[Operation[None, models.ColumnOutput]] = Operation(
    name="extruct.delete_column",
    method="DELETE",
    path="/v1/tables/{table_id}/columns/{column_id}",
    effect=Effect.REPLACE,
    result=models.ColumnOutput,
    parameters=(
        Parameter(name="table_id", location="path", required=True),
        Parameter(name="column_id", location="path", required=True),
    ),
    gone_is_done=True,
    source="api-reference/tables/delete-table-column",
    evidence="documented",
)
"""
Delete a column.

A second call answers 404.
"""

UPDATE_COLUMN: Final[Operation[models.ColumnConfig, models.ColumnOutput]] = Operation(
    name="extruct.update_column",
    method="PATCH",
    path="/v1/tables/{table_id}/columns/{column_id}",
    effect=Effect.REPLACE,
    body=cast("type[models.ColumnConfig]", models.ColumnConfig),
    body_required=True,
    result=models.ColumnOutput,
    parameters=(
        Parameter(name="table_id", location="path", required=True),
        Parameter(name="column_id", location="path", required=True),
    ),
    source="api-reference/tables/update-table-column",
    evidence="documented",
)
"""
Replace the config of a column.

Takes a whole config, not a part of one, and replaces the old one by it. Whether kind and key may change,
and what becomes of cells that are there, is not stated.
"""

CREATE_ROWS: Final[Operation[models.RowsCreate, list[models.Row]]] = Operation(
    name="extruct.create_rows",
    method="POST",
    path="/v1/tables/{table_id}/rows",
    effect=Effect.CREATE,
    body=models.RowsCreate,
    body_required=True,
    result=list[models.Row],
    parameters=(Parameter(name="table_id", location="path", required=True),),
    source="api-reference/tables/create-table-rows",
    evidence="documented",
)
"""
Append rows to a table.

Appends rows, and starts work on them when `run` is true. Sent again it appends them again; no removal of
duplicates is documented.
"""

DELETE_ROWS: Final[Operation[models.RowsDelete, list[str]]] = Operation(
    name="extruct.delete_rows",
    method="DELETE",
    path="/v1/tables/{table_id}/rows",
    effect=Effect.REPLACE,
    body=models.RowsDelete,
    body_required=True,
    result=list[str],
    parameters=(Parameter(name="table_id", location="path", required=True),),
    source="api-reference/tables/delete-table-rows",
    evidence="documented",
)
"""
Delete rows.

Permanent. Takes the ids in a body, unlike other deletes. What a second call answers is not documented, so
that a 404 is not taken for done.
"""

UPDATE_ROWS: Final[Operation[models.RowsUpdate, list[models.Row]]] = Operation(
    name="extruct.update_rows",
    method="PATCH",
    path="/v1/tables/{table_id}/rows",
    effect=Effect.CREATE,
    body=models.RowsUpdate,
    body_required=True,
    result=list[models.Row],
    parameters=(Parameter(name="table_id", location="path", required=True),),
    source="api-reference/tables/update-table-rows",
    evidence="documented",
)
"""
Update rows, and append those without an id.

A row with an `id` is updated, one without is created: so the call sent again may append the same rows
again. Where every row has its id, repeating it does no harm to the data, though with `run` it may start
another run. Whether the data of a row is merged or replaced is not stated.
"""

GET_ROW: Final[Operation[None, models.RowDetail]] = Operation(
    name="extruct.get_row",
    method="GET",
    path="/v1/tables/{table_id}/rows/{row_id}",
    effect=Effect.READ,
    result=models.RowDetail,
    parameters=(
        Parameter(name="table_id", location="path", required=True),
        Parameter(name="row_id", location="path", required=True),
    ),
    source="api-reference/tables/get-table-row",
    evidence="documented",
)
"""
Get a row, its cells, and whether work on it goes on.

Answers with the columns of the table, too.
"""

SEARCH_COMPANIES_GET: Final[Operation[None, models.CompanySearchResults]] = Operation(
    name="extruct.search_companies_get",
    method="GET",
    path="/v1/companies/search",
    effect=Effect.READ,
    result=models.CompanySearchResults,
    parameters=(
        Parameter(name="q", location="query", required=True),
        Parameter(name="filters", location="query"),
        Parameter(name="offset", location="query"),
        Parameter(name="limit", location="query"),
    ),
    source="api-reference/search",
    evidence="documented",
)
"""
Search companies by meaning, in the deprecated form.

Deprecated, but still works, with the ranking and the results of search_companies. Unsupported keys of the
filters, and filters that are no JSON, are refused with 422.
"""

SEARCH_COMPANIES: Final[Operation[models.CompanySearch, models.CompanySearchResults]] = Operation(
    name="extruct.search_companies",
    method="POST",
    path="/v1/companies/search",
    effect=Effect.READ,
    body=models.CompanySearch,
    body_required=True,
    result=models.CompanySearchResults,
    source="api-reference/search-post",
    evidence="documented",
)
"""
Search companies by meaning.

The recommended form of the search; changes nothing, though it is a POST. A page with fewer results than
`limit` is the last one. Paid plans can page to 2,000 results of a query, the free one to 25.
"""

FIND_SIMILAR_COMPANIES_GET: Final[Operation[None, models.SimilarCompanies]] = Operation(
    name="extruct.find_similar_companies_get",
    method="GET",
    path="/v1/companies/{company_identifier}/similar",
    effect=Effect.READ,
    result=models.SimilarCompanies,
    parameters=(
        Parameter(name="company_identifier", location="path", required=True),
        Parameter(name="filters", location="query"),
        Parameter(name="offset", location="query"),
        Parameter(name="limit", location="query"),
    ),
    source="api-reference/lookalike-search",
    evidence="documented",
)
"""
Find companies like a given one, in the deprecated form.

Deprecated, but still works, with the results of find_similar_companies. A company that is not in the index
is answered with 404.
"""

FIND_SIMILAR_COMPANIES: Final[Operation[models.SimilarCompaniesSearch, models.SimilarCompanies]] = Operation(
    name="extruct.find_similar_companies",
    method="POST",
    path="/v1/companies/{company_identifier}/similar",
    effect=Effect.READ,
    body=models.SimilarCompaniesSearch,
    body_required=True,
    result=models.SimilarCompanies,
    parameters=(Parameter(name="company_identifier", location="path", required=True),),
    source="api-reference/lookalike-search-post",
    evidence="documented",
)
"""
Find companies like a given one.

The recommended form of the lookalike search; changes nothing, though it is a POST. The company itself is
never among the results. A company that is not in the index is answered with 404. The page's own JSON could
not be read; the shapes are those of search_companies and find_similar_companies_get.
"""

GET_COMPANY: Final[Operation[None, models.CompanyProfile]] = Operation(
    name="extruct.get_company",
    method="GET",
    path="/v1/companies/{company_identifier}",
    effect=Effect.READ,
    result=models.CompanyProfile,
    parameters=(Parameter(name="company_identifier", location="path", required=True),),
    source="api-reference/company-lookup",
    evidence="documented",
)
"""
Get the full profile of a company.

Two guides name the call as the way to a company's profile; its page could not be read, so that the shape of
the answer is inferred from third-party code.
"""

LIST_DISCOVERY_TASKS: Final[Operation[None, list[models.DiscoveryTask]]] = Operation(
    name="extruct.list_discovery_tasks",
    method="GET",
    path="/v1/discovery_tasks",
    effect=Effect.READ,
    result=list[models.DiscoveryTask],
    parameters=(
        Parameter(name="offset", location="query"),
        Parameter(name="limit", location="query"),
    ),
    source="api-reference/discover/list-company-discovery-tasks",
    evidence="documented",
)
"""
List Deep Searches.

The order is not stated. That a page with fewer tasks than `limit` is the last one is inferred.
"""

CREATE_DISCOVERY_TASK: Final[Operation[models.DiscoveryTaskCreate, models.DiscoveryTask]] = Operation(
    name="extruct.create_discovery_task",
    method="POST",
    path="/v1/discovery_tasks",
    effect=Effect.START,
    body=models.DiscoveryTaskCreate,
    body_required=True,
    result=models.DiscoveryTask,
    source="api-reference/discover/create-company-discovery-task",
    evidence="documented",
)
"""
Start a Deep Search for companies.

Starts work and answers at once; sent again it starts another search. Needs the Pro plan. Progress is read
from the task.
"""

GET_DISCOVERY_TASK: Final[Operation[None, models.DiscoveryTask]] = Operation(
    name="extruct.get_discovery_task",
    method="GET",
    path="/v1/discovery_tasks/{task_id}",
    effect=Effect.READ,
    result=models.DiscoveryTask,
    parameters=(Parameter(name="task_id", location="path", required=True),),
    source="api-reference/discover/get-company-discovery-task",
    evidence="documented",
)
"""
Get a Deep Search and how far it is.

Only the states done and failed end it. The page also names `is_exhausted`, but the vendor's public skills
say that scoring may still go on then.
"""

GET_DISCOVERY_RESULTS: Final[Operation[None, models.DiscoveryTaskResults]] = Operation(
    name="extruct.get_discovery_results",
    method="GET",
    path="/v1/discovery_tasks/{task_id}/results",
    effect=Effect.READ,
    result=models.DiscoveryTaskResults,
    parameters=(
        Parameter(name="task_id", location="path", required=True),
        Parameter(name="offset", location="query"),
        Parameter(name="limit", location="query"),
    ),
    source="api-reference/discover/get-company-discovery-task-results",
    evidence="documented",
)
"""
Get a page of a Deep Search's results, with the task.

May be read while the task runs. The most relevant come first, so that pages can shift until the task has
ended (inferred), as is that a page with fewer results than `limit` is the last one.
"""

RESUME_DISCOVERY_TASK: Final[Operation[models.DiscoveryTaskResume, models.DiscoveryTask]] = Operation(
    name="extruct.resume_discovery_task",
    method="POST",
    path="/v1/discovery_tasks/{task_id}/resume",
    effect=Effect.START,
    body=models.DiscoveryTaskResume,
    body_required=True,
    result=models.DiscoveryTask,
    parameters=(Parameter(name="task_id", location="path", required=True),),
    source="api-reference/discover/resume-company-discovery-task",
    evidence="documented",
)
"""
Ask a Deep Search for more results.

Starts work and answers at once; sent again it asks for more again. A task has 250 results at most. Needs
the Pro plan.
"""

LIST_DEEP_RESEARCH_TASKS: Final[Operation[None, list[models.DeepResearchTask]]] = Operation(
    name="extruct.list_deep_research_tasks",
    method="GET",
    path="/v1/deep_research_tasks",
    effect=Effect.READ,
    result=list[models.DeepResearchTask],
    parameters=(
        Parameter(name="offset", location="query"),
        Parameter(name="limit", location="query"),
    ),
    source="api-reference/deep-research/list-deep-research-tasks",
    evidence="documented",
)
"""
List Deep Researches, newest first.

Reports of finished tasks are included. That a page with fewer tasks than `limit` is the last one is
inferred.
"""

CREATE_DEEP_RESEARCH_TASK: Final[Operation[models.DeepResearchTaskCreate, models.DeepResearchTask]] = (
    Operation(
        name="extruct.create_deep_research_task",
        method="POST",
        path="/v1/deep_research_tasks",
        effect=Effect.START,
        body=models.DeepResearchTaskCreate,
        body_required=True,
        result=models.DeepResearchTask,
        nothing_done=frozenset([503]),
        source="api-reference/deep-research/create-deep-research-task",
        evidence="documented",
    )
)
"""
Start a Deep Research.

Starts work and answers at once; sent again it starts another. Needs the Pro plan and credits for the whole
depth. A brief that is of no use is refused later: the task then ends as failed, and its credits are given
back. 503 means that nothing was created. That 402, 422 and 429 are among the refusals is inferred, as the
end of the page's list could not be read.
"""

GET_DEEP_RESEARCH_TASK: Final[Operation[None, models.DeepResearchTask]] = Operation(
    name="extruct.get_deep_research_task",
    method="GET",
    path="/v1/deep_research_tasks/{task_id}",
    effect=Effect.READ,
    result=models.DeepResearchTask,
    parameters=(Parameter(name="task_id", location="path", required=True),),
    source="api-reference/deep-research/get-deep-research-task",
    evidence="documented",
)
"""
Get a Deep Research, how far it is, and its report.

To be asked every 10 to 15 seconds; a task takes minutes. The vendor's public skills warn that the text of
`brief` may hold raw line breaks, which strict readers of JSON refuse.
"""

GET_USER: Final[Operation[None, models.User]] = Operation(
    name="extruct.get_user",
    method="GET",
    path="/v1/user",
    effect=Effect.READ,
    result=models.User,
    source="api-reference/user",
    evidence="documented",
)
"""
Get the authenticated user and the credits left.

The usual first call, to try a token.
"""

GET_BILLING: Final[Operation[None, models.Billing]] = Operation(
    name="extruct.get_billing",
    method="GET",
    path="/v1/billing",
    effect=Effect.READ,
    result=models.Billing,
    source="https://github.com/extruct-ai/skills",
    evidence="inferred",
)
"""
Get the caller and the subscription.

No docs page was found; the vendor's public command line makes this call first, to see whether what is gated
by plan may be used.
"""

GET_HEALTHCHECK: Final[Operation[None, models.Health]] = Operation(
    name="extruct.get_healthcheck",
    method="GET",
    path="/v1/healthcheck",
    effect=Effect.READ,
    result=models.Health,
    source="api-reference/healthcheck",
    evidence="inferred",
)
"""
Tell whether the service is well.

Needs no token. The page could not be read; what is known of the answer is from third-party code.
"""


OPERATIONS: Final[tuple[Operation[Any, Any], ...]] = (
    LIST_TABLES,
    CREATE_TABLE,
    GET_TABLE,
    DELETE_TABLE,
    UPDATE_TABLE,
    CLONE_TABLE,
    GET_TABLE_DATA,
    RUN_TABLE,
    CREATE_COLUMNS,
    DELETE_COLUMN,
    UPDATE_COLUMN,
    CREATE_ROWS,
    DELETE_ROWS,
    UPDATE_ROWS,
    GET_ROW,
    SEARCH_COMPANIES_GET,
    SEARCH_COMPANIES,
    FIND_SIMILAR_COMPANIES_GET,
    FIND_SIMILAR_COMPANIES,
    GET_COMPANY,
    LIST_DISCOVERY_TASKS,
    CREATE_DISCOVERY_TASK,
    GET_DISCOVERY_TASK,
    GET_DISCOVERY_RESULTS,
    RESUME_DISCOVERY_TASK,
    LIST_DEEP_RESEARCH_TASKS,
    CREATE_DEEP_RESEARCH_TASK,
    GET_DEEP_RESEARCH_TASK,
    GET_USER,
    GET_BILLING,
    GET_HEALTHCHECK,
)
"""All of them, in the order of the fragments."""
