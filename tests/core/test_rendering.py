"""Requests in text: without the token, and as commands that a shell takes apart again into what was meant."""

import asyncio
import os
import shlex
import shutil
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from multidict import CIMultiDict
from yarl import URL

from aiotables.core.errors import RequestError
from aiotables.core.rendering import Rendered, rendered
from aiotables.core.requests import Request
from aiotables.emulator import Emulator
from aiotables.extruct import Extruct
from aiotables.extruct.operations import GET_USER
from aiotables.zangtable import ZangTable
from aiotables.zangtable.models import SqlQuery, TableCreate
from aiotables.zangtable.operations import CREATE_TABLE, GET_TABLE, QUERY_RECORDS


TOKEN = "pat_never-shown"
SAID = st.text(st.characters(exclude_characters="\x00", exclude_categories=["Cs"]))
PRINTABLE = st.text(st.characters(min_codepoint=33, max_codepoint=126), min_size=1)


def zangtable(**options: Any) -> ZangTable:  # noqa: ANN401 -- options of any type
    """A client that is not used for calls."""
    return ZangTable(token=TOKEN, project="acme", environ={}, **options)


def test_a_create() -> None:
    """A request is shown as it would go out, with the variable in the place of the token."""
    shown = zangtable().render(CREATE_TABLE, body=TableCreate(table_name="o'clock"))

    assert ("POST", "https://api-zangtable.com/projects/acme/table") == (shown.method, shown.url)
    assert '{"table_name":"o\'clock"}' == shown.body
    assert "Bearer $ZANGTABLE_API_TOKEN" == shown.headers["Authorization"]
    assert "application/json" == shown.headers["Content-Type"]
    assert TOKEN not in repr(shown) + shown.curl()


def test_a_read() -> None:
    """A read has no body, and the variable is that of its service."""
    shown = Extruct(token=TOKEN, environ={}).render(GET_USER)

    assert shown.body is None
    assert shown.curl().startswith(
        "curl -g -X GET https://api.extruct.ai/v1/user -H 'Accept: application/json' "
    )
    assert '-H "Authorization: Bearer $EXTRUCT_API_TOKEN"' in shown.curl()


async def test_a_call_of_an_operation() -> None:
    """The headers of the operation that the call would be grouped under are shown, too."""
    zang = zangtable()
    async with zang.operation("it's $HOME", run_id="run-1"):
        shown = zang.render(GET_TABLE, path={"table_id_or_name": "a b"})

    words = shlex.split(shown.curl())
    assert {"X-Operation-Key: it's $HOME", "X-Operation-Run-Id: run-1"} < set(words)


def test_wrong_arguments() -> None:
    """What cannot be sent cannot be shown."""
    with pytest.raises(RequestError):
        zangtable().render(GET_TABLE, path={})


@given(body=st.none() | SAID, header=PRINTABLE, query=SAID)
def test_a_shell_takes_it_apart(body: str | None, header: str, query: str) -> None:
    """Whatever is sent, a shell gives curl exactly that, and expands nothing but the token's variable."""
    request = Request(
        method="POST",
        url=URL("https://toy.example/things").with_query({"q": query}),
        headers=CIMultiDict({"Authorization": f"Bearer {TOKEN}", "X-It": header}),
        body=None if body is None else body.encode(),
    )

    shown = rendered(request, token_variable="TOY_TOKEN")

    data = [] if body is None else ["-H", "Content-Type: application/json", "--data-raw", body]
    assert [
        *("curl", "-g", "-X", "POST", str(request.url)),
        *("-H", "Authorization: Bearer $TOY_TOKEN", "-H", f"X-It: {header}"),
        *data,
    ] == shlex.split(shown.curl())
    assert TOKEN not in shown.curl()


async def run(command: str) -> str:
    """What a shell prints."""
    environ = {**os.environ, "ZANGTABLE_API_TOKEN": "pat_emulator"}
    process = await asyncio.create_subprocess_exec(
        "sh", "-c", command, env=environ, stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.DEVNULL
    )
    printed, _ = await process.communicate()
    return printed.decode()


@pytest.mark.skipif(shutil.which("curl") is None, reason="curl is not installed")
async def test_curl() -> None:
    """The command does what the call would do, whatever its body holds for a shell."""
    said = 'it\'s "$HOME" `id` \\ \n @é'
    async with Emulator() as emulator:
        zang = zangtable(base_url=emulator.url)
        created = await run(zang.render(CREATE_TABLE, body=TableCreate(table_name="contacts")).curl())
        query = SqlQuery(sql="SELECT ? AS said", params=[said])
        answered = await run(zang.render(QUERY_RECORDS, body=query).curl())

        assert ["contacts"] == emulator.table_names("acme")

    assert '"ok":true' in created.replace(" ", "")
    assert said in _values(answered)


def _values(answer: str) -> list[object]:
    import orjson

    return [value for row in orjson.loads(answer)["data"]["rows"] for value in row.values()]


def test_equal_by_value() -> None:
    """What is shown is data."""
    assert Rendered(method="GET", url="u", headers={}) == Rendered(method="GET", url="u", headers={})
