"""Columns: what is sent is what the docs show, and what they show as the answer is read."""

from typing import TYPE_CHECKING

import pytest

from aiotables.core import errors
from aiotables.core.convert import Converter
from aiotables.core.sentinels import UnknownVariant
from aiotables.extruct import Extruct
from aiotables.extruct.models import ColumnConfig, ColumnOutput, ColumnsCreate, InputColumnConfig


if TYPE_CHECKING:
    from tests.extruct.conftest import Documented, Facts
    from tests.scripted import Service


async def test_create(extruct: Extruct, service: "Service", documented: "Documented") -> None:
    """Columns are posted with their configs; the answer has the columns that were made."""
    body, answer = documented.request("create_columns"), documented.answer("create_columns")
    service.answers(service.says(answer))

    created = await extruct.columns.create("t1", documented.read(body, ColumnsCreate))

    assert ["POST /v1/tables/t1/columns"] == service.calls
    assert body == service.heard[0].json
    assert documented.read(answer, list[ColumnOutput]) == created


async def test_update(extruct: Extruct, service: "Service", documented: "Documented", facts: "Facts") -> None:
    """The whole config is sent, without anything around it."""
    body = documented.request("update_column")
    service.answers(service.says(facts.column("input", name="Company")))

    updated = await extruct.columns.update("t1", "c-input", documented.read(body, ColumnConfig))

    assert ["PATCH /v1/tables/t1/columns/c-input"] == service.calls
    assert body == service.heard[0].json
    assert InputColumnConfig(name="Company", key="input") == updated.config


async def test_update_keeps_what_it_does_not_know(
    extruct: Extruct, service: "Service", facts: "Facts"
) -> None:
    """A config that was read and is sent back has all that it had, its unknown keys and kinds included."""
    known = facts.column("a", colour="red")
    unknown = facts.column("b", kind="new_kind", depth={"levels": [1]})
    service.answers(service.says(facts.table(known, unknown)), service.says(known), service.says(unknown))

    for column in (await extruct.tables.get("t1")).columns:
        await extruct.columns.update("t1", column.id, column.config)

    assert [known["config"], unknown["config"]] == [heard.json for heard in service.heard[1:]]


async def test_update_with_a_kind_of_tomorrow(extruct: Extruct, service: "Service", facts: "Facts") -> None:
    """A kind that the fragments do not tell of yet can be sent, and is read."""
    config = {"kind": "new_kind", "name": "N", "key": "n"}
    service.answers(service.says({**facts.column("n"), "config": config}))

    updated = await extruct.columns.update("t1", "c-n", UnknownVariant("new_kind", config))

    assert config == service.heard[0].json
    assert config == Converter().to_wire(updated.config)


async def test_delete(extruct: Extruct, service: "Service", facts: "Facts") -> None:
    """A column is deleted by its id, and comes back as it was."""
    service.answers(service.says(facts.column("a")))

    deleted = await extruct.columns.delete("t1", "c-a")

    assert ["DELETE /v1/tables/t1/columns/c-a"] == service.calls
    assert service.heard[0].json is None
    assert deleted is not None
    assert "c-a" == deleted.id


async def test_delete_whose_reply_is_lost(extruct: Extruct, service: "Service") -> None:
    """A column that the repeated call finds gone was deleted; one that was gone before was not."""
    gone = service.says({"detail": "Column not found"}, status=404)
    service.answers(None, gone)
    assert await extruct.columns.delete("t1", "c-a") is None

    service.answers(service.says({"detail": "Column not found"}, status=404))
    with pytest.raises(errors.NotFound):
        await extruct.columns.delete("t1", "c-a")
