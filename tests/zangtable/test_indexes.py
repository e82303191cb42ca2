"""Indexes: what is sent is what the docs show, and what they show as the answer is read."""

from typing import TYPE_CHECKING

import pytest

from aiotables.core import errors
from aiotables.zangtable import ZangTable
from aiotables.zangtable.models import IndexCreate


if TYPE_CHECKING:
    from tests.zangtable.conftest import Documented, Service


async def test_create(zang: ZangTable, service: "Service", documented: "Documented") -> None:
    """An index is posted to its table, as it was named."""
    service.answers(service.says(documented.cut_answer("create_index", end="e}}")))

    created = await zang.indexes.create(
        "contacts",
        IndexCreate(
            columns=["status", "created_at"], index_name="idx_contacts_status_created_at", unique=False
        ),
    )

    assert ["POST /projects/acme/indexes/contacts"] == service.calls
    assert documented.request("create_index") == service.heard[0].json
    assert ("idx_contacts_email", False, ["email"], True) == (
        created.index.name,
        created.index.unique,
        created.index.columns,
        created.index.managed,
    )


async def test_create_without_a_name(zang: ZangTable, service: "Service", documented: "Documented") -> None:
    """Without a name it gets the one that the service's example has, so that a lost reply can be settled."""
    answer = documented.cut_answer("create_index", end="e}}")
    service.answers(service.says(answer))

    await zang.indexes.create("contacts", IndexCreate(columns=["email"]))

    expected = {**documented.request("create_index", "basic"), "index_name": answer["data"]["index"]["name"]}
    assert expected == service.heard[0].json


async def test_create_what_exists(zang: ZangTable, service: "Service") -> None:
    """A code that ends in `_exists` is a conflict; that the service has one is inferred."""
    service.answers(service.fail("index_exists"))

    with pytest.raises(errors.Conflict):
        await zang.indexes.create("contacts", IndexCreate(columns=["email"]))
