"""Project API Tokens: made, tried, revoked."""

from collections.abc import Callable, Coroutine
from pathlib import Path
from typing import Any, TypeAlias

import pytest

from aiotables.core.convert import Converter
from aiotables.emulator import Emulator, ManualClock
from aiotables.zangtable._generated import operations


Ask: TypeAlias = Callable[..., Coroutine[Any, Any, Any]]
Connect: TypeAlias = Callable[[Emulator, str | None], Ask]

strict = Converter(forbid_unknown=True)

ME = "/projects/acme/auth/me"
TOKENS = "/projects/acme/auth/tokens"


@pytest.mark.parametrize(
    "body",
    [{"token_name": "production-api"}, {"token_type": "project_api_token", "token_name": "production-api"}],
)
async def test_create_token(zang: Ask, emulator: Emulator, connect: Connect, body: object) -> None:
    """Both examples of the page: the new token works, and the earlier one of the same account user does not."""
    answer = await zang("POST", TOKENS, body)
    made = answer.json["data"]["token"]
    me = await connect(emulator, made["token"])("GET", ME)
    before = await zang("GET", ME)

    assert 201 == answer.status
    assert (made["token_id"], "production-api") == (
        me.json["data"]["token"]["id"],
        me.json["data"]["token"]["token_name"],
    )
    assert ("project_api_token", None) == (made["token_type"], made["expires_at"])
    assert (401, "invalid_token") == (before.status, before.json["error"]["code"])
    strict.decode(answer.json["data"], operations.CREATE_TOKEN.result)


async def test_create_token_spares_other_account_users(
    zang: Ask, emulator: Emulator, connect: Connect
) -> None:
    """A token of another user of the account, made by a bootstrap, goes on working."""
    body = {
        "project_slug": "other",
        "project_name": "Other",
        "initial_project_user": {"username": "u", "password": "p"},
        "project_api_tokens": [{"account_user_id": 7}, {"account_user_id": 8}],
    }
    tokens = (await zang("POST", "/bootstrap", body)).json["data"]["project_api_tokens"]
    seven, eight = (connect(emulator, token["token"]) for token in tokens)
    await seven("POST", "/projects/other/auth/tokens", {})

    assert 401 == (await seven("GET", "/projects/other/auth/me")).status
    assert 200 == (await eight("GET", "/projects/other/auth/me")).status


async def test_a_revoked_token_makes_no_project(zang: Ask) -> None:
    """An account is shown by a token that works."""
    await zang("POST", TOKENS, {})
    body = {
        "project_slug": "other",
        "project_name": "Other",
        "initial_project_user": {"username": "u", "password": "p"},
    }

    assert 401 == (await zang("POST", "/bootstrap", body)).status


async def test_create_token_of_another_type(zang: Ask) -> None:
    """Only one type is accepted, and a refused call revokes nothing."""
    answer = await zang("POST", TOKENS, {"token_type": "session"})

    assert (400, "invalid_request") == (answer.status, answer.json["error"]["code"])
    assert 200 == (await zang("GET", ME)).status


async def test_test_token(zang: Ask, emulator: Emulator, connect: Connect) -> None:
    """The page's example: a temporary token that works, and a row of the table; no other token is revoked."""
    await zang(
        "POST", "/projects/acme/table", {"table_name": "contacts", "columns": [{"column_name": "email"}]}
    )
    emulator.add_records("acme", "contacts", [{"email": "ada@example.com"}])

    answer = await zang("POST", f"{TOKENS}/test", {"table_name": "CONTACTS"})
    temporary = connect(emulator, answer.json["data"]["token"]["token"])

    assert {
        "project": "acme",
        "table": "contacts",
        "sample_row": {"id": 1, "email": "ada@example.com"},
    } == answer.json["data"]["test"]
    assert "temporary-access-test" == answer.json["data"]["token"]["token_name"]
    assert [200, 200] == [(await ask("GET", ME)).status for ask in (zang, temporary)]
    strict.decode(answer.json["data"], operations.TEST_TOKEN.result)


async def test_test_token_without_a_row(zang: Ask) -> None:
    """No table, and an empty one, have no row; a missing one is refused and makes no token."""
    await zang("POST", "/projects/acme/table", {"table_name": "contacts"})

    none = await zang("POST", f"{TOKENS}/test", {"token_name": "mine"})
    empty = await zang("POST", f"{TOKENS}/test", {"table_name": "contacts"})
    missing = await zang("POST", f"{TOKENS}/test", {"table_name": "nope"})

    assert {"project": "acme", "table": None, "sample_row": None} == none.json["data"]["test"]
    assert "mine" == none.json["data"]["token"]["token_name"]
    assert {"project": "acme", "table": "contacts", "sample_row": None} == empty.json["data"]["test"]
    assert (404, "table_not_found") == (missing.status, missing.json["error"]["code"])


async def test_delete_token(zang: Ask, emulator: Emulator, connect: Connect) -> None:
    """A revoked token opens nothing any more, and is not there a second time."""
    made = (await zang("POST", f"{TOKENS}/test", {})).json["data"]["token"]

    answer = await zang("DELETE", f"{TOKENS}/{made['token_id']}")
    again = await zang("DELETE", f"{TOKENS}/{made['token_id']}")

    assert {"revoked": True, "token_id": made["token_id"]} == answer.json["data"]
    assert 401 == (await connect(emulator, made["token"])("GET", ME)).status
    assert (404, "token_not_found") == (again.status, again.json["error"]["code"])
    strict.decode(answer.json["data"], operations.DELETE_TOKEN.result)


@pytest.mark.parametrize("token_id", ["99", "x", "-1", "9" * 40])
async def test_tokens_that_are_not_there(zang: Ask, token_id: str) -> None:
    """Unknown numbers and what is no number give one answer."""
    answer = await zang("DELETE", f"{TOKENS}/{token_id}")

    assert (404, "token_not_found") == (answer.status, answer.json["error"]["code"])


async def test_tokens_of_another_project(zang: Ask, emulator: Emulator, connect: Connect) -> None:
    """A project revokes its own tokens alone."""
    emulator.add_project("other", "pat_other")
    other = connect(emulator, "pat_other")
    number = (await other("GET", "/projects/other/auth/me")).json["data"]["token"]["id"]

    assert 404 == (await zang("DELETE", f"{TOKENS}/{number}")).status
    assert 200 == (await other("GET", "/projects/other/auth/me")).status


async def test_a_new_start(tmp_path: Path, connect: Connect, clock: ManualClock) -> None:
    """Made tokens and revocations stay; the token that the emulator is given works again."""
    async with Emulator(data=tmp_path, clock=clock) as emulator:
        first = connect(emulator, "pat_emulator")
        kept = (await first("POST", TOKENS, {})).json["data"]["token"]["token"]
        gone = (await connect(emulator, kept)("POST", f"{TOKENS}/test", {})).json["data"]["token"]
        await connect(emulator, kept)("DELETE", f"{TOKENS}/{gone['token_id']}")

    async with Emulator(data=tmp_path, clock=clock) as emulator:
        statuses = [
            (await connect(emulator, token)("GET", ME)).status
            for token in (kept, gone["token"], "pat_emulator")
        ]

    assert [200, 401, 200] == statuses
