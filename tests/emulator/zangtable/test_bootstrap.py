"""Projects made in one request."""

import re
from collections.abc import Callable, Coroutine
from pathlib import Path
from typing import Any, TypeAlias

import pytest

from aiotables.emulator import Emulator
from aiotables.emulator.zangtable.bootstrap import plain_bootstrap


Ask: TypeAlias = Callable[..., Coroutine[Any, Any, Any]]
Connect: TypeAlias = Callable[[Emulator, str | None], Ask]

GUIDE: dict[str, Any] = {
    "project_slug": "support_app",
    "project_name": "Support App",
    "initial_project_user": {"username": "server", "password": "replace-with-a-long-password"},
    "tables": [
        {
            "table_name": "tickets",
            "columns": [
                {"column_name": "id", "column_type": "INTEGER", "is_primary": True, "is_nullable": False},
                {"column_name": "subject", "column_type": "TEXT", "is_nullable": False},
                {"column_name": "status", "column_type": "TEXT", "default_value": "open"},
            ],
            "seed": [{"subject": "First ticket", "status": "open"}],
        }
    ],
}
TOKEN = {"project_api_tokens": [{"account_user_id": 123, "token_name": "support-app-server"}]}


async def test_the_guides_example(zang: Ask, emulator: Emulator, connect: Connect) -> None:
    """The project, its table, its row and its token are there."""
    answer = await zang("POST", "/bootstrap", GUIDE | TOKEN)

    data = answer.json["data"]
    assert 201 == answer.status
    assert ("support_app", "Support App") == (
        data["project"]["project_slug"],
        data["project"]["project_name"],
    )
    assert ["tickets"] == [table["table"]["table_name"] for table in data["tables"]]
    assert ["tickets"] == emulator.table_names("support_app")
    (token,) = data["project_api_tokens"]
    assert re.fullmatch(r"pat_[A-Za-z0-9_-]{32}", token["token"])
    assert "support-app-server" == token["token_name"]

    support = connect(emulator, token["token"])
    found = await support("POST", "/projects/support_app/query", {"sql": "SELECT * FROM tickets"})
    me = await support("GET", "/projects/support_app/auth/me")
    assert [{"id": 1, "subject": "First ticket", "status": "open"}] == found.json["data"]["rows"]
    assert token["token_id"] == me.json["data"]["token"]["id"]


async def test_short_names_and_indexes(zang: Ask, emulator: Emulator) -> None:
    """Aliases of column fields work here, and indexes are made in both places."""
    answer = await zang(
        "POST",
        "/bootstrap",
        GUIDE
        | {
            "tables": [
                {
                    "table_name": "a",
                    "columns": [{"name": "x", "type": "REAL", "nullable": "no", "default": 1.5}],
                    "seed": [{}],
                    "indexes": [{"columns": ["x"], "unique": "yes"}],
                }
            ],
            "indexes": [{"table_name": "a", "columns": ["id"], "index_name": "mine"}],
        },
    )

    (table,) = answer.json["data"]["tables"]
    assert ("x", "REAL", 0, 1.5) == tuple(
        table["columns"][1][key] for key in ("column_name", "column_type", "is_nullable", "default_value")
    )
    assert [("idx_a_x", True), ("mine", False)] == [
        (index["name"], index["unique"]) for index in answer.json["data"]["indexes"]
    ]
    assert ["acme", "support_app"] == emulator.projects


@pytest.mark.parametrize(
    ("part", "status", "code"),
    [
        ({"project_slug": "acme"}, 409, "project_exists"),
        ({"project_slug": "../x"}, 400, "invalid_identifier"),
        ({"project_slug": "Support"}, 400, "invalid_identifier"),
        ({"tables": [{"table_name": "a"}, {"table_name": "A"}]}, 409, "table_exists"),
        ({"tables": [{"table_name": "a b"}]}, 400, "invalid_identifier"),
        ({"tables": [{"table_name": "a", "seed": [{"x": 1}]}]}, 400, "column_not_found"),
        ({"tables": [{"table_name": "a", "seed": [{"id": [1]}]}]}, 400, "invalid_request"),
        ({"tables": [{"table_name": "a", "seed": [{"id": 9223372036854775808}]}]}, 400, "invalid_request"),
        ({"tables": [{"table_name": "a", "seed": [{"id": "x"}]}]}, 409, "constraint_violated"),
        ({"tables": [{"table_name": "a", "seed": [{"id": 1}, {"id": 1}]}]}, 409, "constraint_violated"),
        ({"indexes": [{"table_name": "nope", "columns": ["x"]}]}, 404, "table_not_found"),
        ({"initial_project_user": {}}, 400, "invalid_request"),
        ({"tables": 5}, 400, "invalid_request"),
    ],
)
async def test_a_bootstrap_is_whole_or_nothing(
    tmp_path: Path, connect: Connect, part: dict[str, Any], status: int, code: str
) -> None:
    """A refused part leaves no project, no file, and the slug free."""
    async with Emulator(data=tmp_path) as emulator:
        zang = connect(emulator, "pat_emulator")

        refused = await zang("POST", "/bootstrap", GUIDE | part)
        files = sorted(file.name for file in (tmp_path / "zangtable").glob("*.sqlite"))
        taken = await zang("POST", "/bootstrap", GUIDE)

    assert (status, code) == (refused.status, refused.json["error"]["code"])
    assert ["acme.sqlite"] == files
    assert 201 == taken.status


async def test_a_file_that_was_left_behind_is_no_obstacle(tmp_path: Path, connect: Connect) -> None:
    """What a bootstrap that was cut short left on the disk is not part of the next project."""
    (tmp_path / "zangtable").mkdir()
    (tmp_path / "zangtable" / "support_app.sqlite").write_text("half of a file")
    async with Emulator(data=tmp_path) as emulator:
        answer = await connect(emulator, "pat_emulator")("POST", "/bootstrap", GUIDE)

    assert 201 == answer.status


@pytest.mark.parametrize(("token", "code"), [(None, "missing_authorization"), ("pat_nope", "invalid_token")])
async def test_a_bootstrap_needs_a_token_of_any_project(
    emulator: Emulator, connect: Connect, token: str | None, code: str
) -> None:
    """Without one that opens a project nothing is made."""
    answer = await connect(emulator, token)("POST", "/bootstrap", GUIDE)

    assert (401, code) == (answer.status, answer.json["error"]["code"])
    assert ["acme"] == emulator.projects


@pytest.mark.parametrize(
    "value", [None, 5, [], {"tables": 5, "indexes": {}}, {"tables": [5], "indexes": [5]}]
)
def test_making_plain_is_not_checking(value: object) -> None:
    """What has another shape stays for the converter to refuse."""
    assert value == plain_bootstrap(value)
