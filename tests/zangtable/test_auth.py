"""Tokens: what is sent is what the docs show, none is made twice, and no secret is shown."""

import logging
import pickle
from datetime import UTC, datetime
from typing import TYPE_CHECKING

import pytest

from aiotables.core import errors
from aiotables.zangtable import ZangTable, operations
from aiotables.zangtable.models import TokenCreate, TokenType


if TYPE_CHECKING:
    from aiohttp import web

    from tests.zangtable.conftest import Documented, Service

TOKENS = "POST /projects/acme/auth/tokens"
TRIES = "POST /projects/acme/auth/tokens/test"


async def test_me(zang: ZangTable, service: "Service", documented: "Documented") -> None:
    """The token is described."""
    service.answers(service.says(documented.answer("get_current_auth")))

    token = (await zang.auth.me()).token

    assert ["GET /projects/acme/auth/me"] == service.calls
    assert (11, TokenType.PROJECT_API_TOKEN, "production-api") == (
        token.id,
        token.token_type,
        token.token_name,
    )
    assert (None, datetime(2026, 6, 2, 1, 23, 45, tzinfo=UTC)) == (token.expires_at, token.last_used_at)


async def test_me_with_a_wrong_token(zang: ZangTable, service: "Service") -> None:
    """Both codes of the docs say that the token is at fault."""
    service.answers(
        service.fail("missing_authorization", status=401), service.fail("invalid_token", status=401)
    )

    for _ in range(2):
        with pytest.raises(errors.AuthenticationFailed):
            await zang.auth.me()


# Making a token


def new_token(service: "Service", documented: "Documented") -> "web.Response":
    """The documented answer with a new token, `pat_PROJECT_TOKEN`."""
    return service.says(documented.cut_answer("create_token", end="ll}}"))


async def test_create_token(zang: ZangTable, service: "Service", documented: "Documented") -> None:
    """A token is posted; its secret is in the answer, once."""
    service.answers(new_token(service, documented))

    created = await zang.auth.create_token(token_name="production-api")

    assert [TOKENS] == service.calls
    assert documented.request("create_token", "basic") == service.heard[0].json
    assert ("pat_PROJECT_TOKEN", 9) == (created.token.token, created.token.token_id)


async def test_create_token_without_a_name(
    zang: ZangTable, service: "Service", documented: "Documented"
) -> None:
    """Without a name an empty object is sent, as no field is required."""
    service.answers(new_token(service, documented))

    await zang.auth.create_token()

    assert {} == service.heard[0].json


async def test_create_token_with_every_field(
    zang: ZangTable, service: "Service", documented: "Documented"
) -> None:
    """The kind of the token, of which there is one, can be sent by `send`."""
    service.answers(new_token(service, documented))
    body = TokenCreate(token_type=TokenType.PROJECT_API_TOKEN, token_name="production-api")

    await zang.send(operations.CREATE_TOKEN, body=body)

    assert documented.request("create_token") == service.heard[0].json


@pytest.mark.parametrize("how", ["lost", "failed", "not JSON"])
async def test_token_is_never_made_twice(zang: ZangTable, service: "Service", how: str) -> None:
    """When it is not known whether a token was made, none is asked for again: it would revoke the first."""
    answers = {
        "lost": None,
        "failed": service.fail(None, status=503),
        "not JSON": service.says("no envelope"),
    }
    service.answers(answers[how])

    with pytest.raises(errors.OutcomeUnknown):
        await zang.auth.create_token()
    assert [TOKENS] == service.calls


async def test_secret_is_not_shown(
    zang: ZangTable,
    service: "Service",
    documented: "Documented",
    caplog: pytest.LogCaptureFixture,
) -> None:
    """The secret of a new token is in no `repr` and in no line of the log."""
    caplog.set_level(logging.DEBUG)
    service.answers(new_token(service, documented))

    reply = await zang.send(operations.CREATE_TOKEN, body=TokenCreate())

    assert "pat_PROJECT_TOKEN" == reply.value.token.token
    shown = [repr(reply), repr(reply.value), repr(reply.value.token), repr(reply.record), caplog.text]
    assert not any("pat_" in each for each in shown)


async def test_secret_in_an_answer_that_is_not_understood(zang: ZangTable, service: "Service") -> None:
    """An answer of another shape is an error that shows no secret; the body is there, where one asks for it."""
    service.answers(service.ok({"token": {"token": "pat_PROJECT_TOKEN", "token_id": "nine"}}))

    with pytest.raises(errors.ReplyNotUnderstood) as caught:
        await zang.auth.create_token()

    error = caught.value
    shown = [str(error), repr(error), repr(error.__cause__), repr(error.record), *error.problems]
    assert not any("pat_" in each for each in shown)
    assert b"pat_PROJECT_TOKEN" in error.raw
    assert [TOKENS] == service.calls


async def test_lost_token_holds_no_secret(zang: ZangTable, service: "Service") -> None:
    """What is kept of a lost call holds what was sent, and neither the client's token nor any other."""
    service.answers(None)

    with pytest.raises(errors.OutcomeUnknown) as caught:
        await zang.auth.create_token(token_name="production-api")

    assert {"token_name": "production-api"} == caught.value.sent.body
    assert b"pat_" not in pickle.dumps(caught.value)


# Trying a token


async def test_test_token(zang: ZangTable, service: "Service", documented: "Documented") -> None:
    """A temporary token is asked for; what it could read is told, and its secret is not shown."""
    service.answers(service.says(documented.cut_answer("test_token", end="}}")))

    tried = await zang.auth.test_token(table_name="contacts", token_name="temporary-access-test")

    assert [TRIES] == service.calls
    assert documented.request("test_token") == service.heard[0].json
    assert ("pat_TEMP_TOKEN", 30, None) == (
        tried.token.token,
        tried.token.token_id,
        tried.token.token_name,
    )
    assert ("example_project", "contacts", {"id": 1, "email": "ada@example.com"}) == (
        tried.test.project,
        tried.test.table,
        tried.test.sample_row,
    )
    assert "pat_" not in repr(tried)


async def test_test_token_of_nothing(zang: ZangTable, service: "Service") -> None:
    """Both fields may be left out, and then the answer may lack a table and a row."""
    token = {"token": "pat_TEMP_TOKEN", "token_id": 30, "token_type": "project_api_token"}
    service.answers(service.ok({"token": token, "test": {"project": "acme"}}))

    tried = await zang.auth.test_token()

    assert {} == service.heard[0].json
    assert (None, None) == (tried.test.table, tried.test.sample_row)


async def test_test_token_is_not_repeated(zang: ZangTable, service: "Service") -> None:
    """It makes a token, so that it is not sent again when its reply is lost."""
    service.answers(None)

    with pytest.raises(errors.OutcomeUnknown):
        await zang.auth.test_token(table_name="contacts")
    assert [TRIES] == service.calls


# Revoking a token


async def test_delete_token(zang: ZangTable, service: "Service", documented: "Documented") -> None:
    """A token is revoked by its number."""
    service.answers(service.says(documented.answer("delete_token")))

    revoked = await zang.auth.delete_token(9)

    assert ["DELETE /projects/acme/auth/tokens/9"] == service.calls
    assert revoked is not None
    assert (True, 9) == (revoked.revoked, revoked.token_id)


async def test_delete_token_twice(zang: ZangTable, service: "Service") -> None:
    """When the reply is lost and the repeated call finds nothing, it is done."""
    service.answers(None, service.fail("token_not_found", status=404))

    assert await zang.auth.delete_token(9) is None
    assert ["DELETE /projects/acme/auth/tokens/9"] * 2 == service.calls
