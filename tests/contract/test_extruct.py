"""Every call of the Extruct client keeps the fragments, says a server that somebody else wrote."""

from collections.abc import Awaitable, Callable, Mapping
from typing import TYPE_CHECKING, Any

import pytest

from aiotables import Extruct, ReplyNotUnderstood, ValidationFailed
from aiotables.core.paging import Listing
from aiotables.core.sentinels import UNSET
from aiotables.extruct.models import CompanyInclusion, DeepResearchTaskCreate, ResearchDepth, SearchFilters
from aiotables.extruct.operations import OPERATIONS


if TYPE_CHECKING:
    from tests.contract.conftest import Example, Heard

SERVICE = "extruct"
TABLE, ROW, COLUMN, TASK = "tbl-1", "row-1", "col-1", "task-1"
RESEARCH = DeepResearchTaskCreate(brief="Who makes robots?", depth=ResearchDepth.HIGH)
FILTERS = SearchFilters(include=CompanyInclusion(country=["United States"]))


def given(value: Any) -> Any:  # noqa: ANN401 -- a field of any model
    """What a method takes for a field: `None` where it is not there."""
    return None if value is UNSET else value


async def first(listing: Listing[Any]) -> None:
    """Read the first page of a listing, which is every page that Prism has."""
    async for _ in listing.pages():
        return


CALLS: Mapping[str, Callable[[Extruct, Any], Awaitable[object]]] = {
    "list_tables": lambda x, _: first(
        x.tables.list(kind="company", scope="personal", search="acme", tags=["a", "b"], sort="-created_at")
    ),
    "create_table": lambda x, body: x.tables.create(body, mark=True),
    "get_table": lambda x, _: x.tables.get(TABLE),
    "delete_table": lambda x, _: x.tables.delete(TABLE),
    "update_table": lambda x, body: x.tables.update(TABLE, body),
    "clone_table": lambda x, _: x.tables.clone(TABLE, schema_only=True),
    "get_table_data": lambda x, _: first(x.rows.list(TABLE)),
    "run_table": lambda x, body: x.tables.run(
        TABLE, mode=given(body.mode) or "new", rows=given(body.rows), columns=given(body.columns)
    ),
    "create_columns": lambda x, body: x.columns.create(TABLE, body),
    "delete_column": lambda x, _: x.columns.delete(TABLE, COLUMN),
    "update_column": lambda x, body: x.columns.update(TABLE, COLUMN, body),
    "create_rows": lambda x, body: x.rows.create(TABLE, body, mark=True),
    "delete_rows": lambda x, body: x.rows.delete(TABLE, body.rows),
    "update_rows": lambda x, body: x.rows.update(TABLE, body),
    "get_row": lambda x, _: x.rows.get(TABLE, ROW),
    "search_companies": lambda x, body: first(x.companies.search(body.q, filters=given(body.filters))),
    "search_companies_get": lambda x, _: first(
        x.companies.search("robots", filters=FILTERS, deprecated_get=True)
    ),
    "find_similar_companies": lambda x, body: first(
        x.companies.similar("acme.com", filters=given(body.filters))
    ),
    "find_similar_companies_get": lambda x, _: first(
        x.companies.similar("acme.com", filters=FILTERS, deprecated_get=True)
    ),
    "get_company": lambda x, _: x.companies.get("acme.com"),
    "list_discovery_tasks": lambda x, _: first(x.deep_search.list()),
    "create_discovery_task": lambda x, body: x.deep_search.create(body),
    "get_discovery_task": lambda x, _: x.deep_search.get(TASK),
    "get_discovery_results": lambda x, _: first(x.deep_search.results(TASK)),
    "resume_discovery_task": lambda x, body: x.deep_search.resume(
        TASK, desired_new_results=given(body.desired_new_results)
    ),
    "list_deep_research_tasks": lambda x, _: first(x.deep_research.list()),
    # Its page shows no whole example of a body.
    "create_deep_research_task": lambda x, _: x.deep_research.create(RESEARCH),
    "get_deep_research_task": lambda x, _: x.deep_research.get(TASK),
    "get_user": lambda x, _: x.user(),
    "get_billing": lambda x, _: x.billing(),
    "get_healthcheck": lambda x, _: x.healthcheck(),
}


def test_every_operation_is_called() -> None:
    """No operation is passed over."""
    assert {operation.name for operation in OPERATIONS} == {f"extruct.{name}" for name in CALLS}


async def test_call_keeps_the_fragments(
    example: "Example",
    prism: str,
    heard: "Heard",
) -> None:
    """The method sends the documented body without breaking the fragments, and reads the answer."""
    call = CALLS[example.operation.name.removeprefix("extruct.")]
    async with Extruct(
        token="t", base_url=prism, session=heard.session, observers=[heard.note_call]
    ) as extruct:
        await call(extruct, example.body)

    assert [] == heard.violations
    assert [example.operation.name] == heard.called


async def test_prism_refuses_what_breaks_the_fragments(prism: str, heard: "Heard") -> None:
    """The other tests would notice a fault: Prism tells one, and refuses the call."""
    async with Extruct(token="t", base_url=prism, session=heard.session) as extruct:
        with pytest.raises((ValidationFailed, ReplyNotUnderstood)):
            await extruct.send_raw("POST", "/v1/tables", body={"name": 5})

    assert [] != heard.violations
