"""Projects: what is sent is what the docs show, and what they show as the answer is read."""

from datetime import UTC, datetime
from typing import TYPE_CHECKING

import pytest

from aiotables.core import errors
from aiotables.zangtable import ZangTable
from aiotables.zangtable.models import (
    Bootstrap,
    BootstrapTable,
    BootstrapToken,
    BootstrapUser,
    ColumnCreate,
    ColumnType,
)


if TYPE_CHECKING:
    from tests.zangtable.conftest import Documented, Service

USER = BootstrapUser(username="server", password="replace-with-a-long-password")


async def test_bootstrap(zang: ZangTable, service: "Service", documented: "Documented") -> None:
    """A project with a table and a row is posted, outside of the client's own project."""
    service.answers(service.ok({}))
    columns = [
        ColumnCreate(column_name="id", column_type=ColumnType.INTEGER, is_primary=True, is_nullable=False),
        ColumnCreate(column_name="subject", column_type=ColumnType.TEXT, is_nullable=False),
        ColumnCreate(column_name="status", column_type=ColumnType.TEXT, default_value="open"),
    ]
    tickets = BootstrapTable(
        table_name="tickets",
        columns=columns,
        seed=[{"subject": "First ticket", "status": "open"}],
    )

    await zang.projects.bootstrap(
        Bootstrap(
            project_slug="support_app",
            project_name="Support App",
            initial_project_user=USER,
            tables=[tickets],
        )
    )

    assert ["POST /bootstrap"] == service.calls
    assert documented.request("bootstrap_project", "guide") == service.heard[0].json


async def test_bootstrap_with_a_token(zang: ZangTable, service: "Service", documented: "Documented") -> None:
    """Tokens may be asked for; the answer, which no page shows, comes as it is."""
    service.answers(service.ok({"project_api_tokens": [{"token": "pat_NEW"}]}))
    token = BootstrapToken(account_user_id=123, token_name="support-app-server")

    answer = await zang.projects.bootstrap(
        Bootstrap(
            project_slug="support_app",
            project_name="Support App",
            initial_project_user=USER,
            project_api_tokens=[token],
        )
    )

    assert documented.request("bootstrap_project", "guide_token") == service.heard[0].json
    assert {"project_api_tokens": [{"token": "pat_NEW"}]} == answer
    assert "replace-with" not in repr(USER)


async def test_update(zang: ZangTable, service: "Service", documented: "Documented") -> None:
    """The name of the client's project is patched; the answer is the example's, whatever was sent."""
    service.answers(service.says(documented.answer("update_project")))

    project = (await zang.projects.update(project_name="Example CRM Production")).project

    assert ["PATCH /projects/acme"] == service.calls
    assert documented.request("update_project") == service.heard[0].json
    assert ("example_project", "Example CRM") == (project.project_slug, project.project_name)
    assert datetime(2026, 6, 2, 1, 23, 45, tzinfo=UTC) == project.updated_at


async def test_delete(zang: ZangTable, service: "Service", documented: "Documented") -> None:
    """The project is deleted with its slug in a body."""
    service.answers(service.says(documented.answer("delete_project")))

    deleted = await zang.projects.delete(confirm="example_project")

    assert ["DELETE /projects/acme"] == service.calls
    assert documented.request("delete_project", "basic") == service.heard[0].json
    assert "application/json" == service.heard[0].headers["Content-Type"]
    assert deleted is not None
    assert (True, "example_project") == (deleted.deleted, deleted.project_slug)


async def test_delete_twice(zang: ZangTable, service: "Service") -> None:
    """When the reply is lost and the repeated call finds nothing, it is done."""
    service.answers(None, service.fail("project_not_found", status=404))

    assert await zang.projects.delete(confirm="acme") is None


async def test_delete_with_another_slug(zang: ZangTable, service: "Service") -> None:
    """A refusal of which only the status is known is the error of that status."""
    service.answers(service.fail("confirmation_mismatch", status=400))

    with pytest.raises(errors.BadRequest) as caught:
        await zang.projects.delete(confirm="other")
    assert "confirmation_mismatch" == caught.value.code
