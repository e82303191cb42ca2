"""Bodies of requests, and no cookies."""

import pytest
from aiohttp.abc import AbstractStreamWriter
from yarl import URL

from aiotables.core.session_parts import PIECE, JsonBody, NoCookies


class Written(AbstractStreamWriter):
    """Keeps what is written."""

    def __init__(self) -> None:
        self.chunks: list[bytes] = []

    async def write(self, chunk: "bytes | bytearray | memoryview") -> None:
        """Keep it."""
        self.chunks.append(bytes(chunk))

    async def write_eof(self, chunk: bytes = b"") -> None:
        """Nothing more comes."""

    async def drain(self) -> None:
        """Nothing is held back."""

    def enable_compression(self, encoding: str = "deflate", strategy: int | None = None) -> None:
        """Bodies are sent as they are."""

    def enable_chunking(self) -> None:
        """The length is known."""

    async def write_headers(self, status_line: str, headers: object) -> None:
        """A body writes none."""


@pytest.mark.parametrize(
    ("size", "expected"), [(0, [0]), (2, [2]), (PIECE, [PIECE]), (2 * PIECE + 1, [PIECE, PIECE, 1])]
)
async def test_pieces(size: int, expected: list[int]) -> None:
    """What is long is written in pieces, in order, and so it is when it is sent again."""
    text = bytes(number % 251 for number in range(size))
    body = JsonBody(text)

    for _ in range(2):
        written = Written()
        await body.write(written)
        assert expected == [len(chunk) for chunk in written.chunks]
        assert text == b"".join(written.chunks)


def test_what_it_says() -> None:
    """A body says its type and size, shows its text, and leaves nothing to close or used up."""
    body = JsonBody('{"name":"Café"}'.encode())

    assert {"Content-Type": "application/json"} == dict(body.headers)
    assert 16 == body.size
    assert '{"name":"Café"}' == body.decode()
    assert (True, False) == (body.autoclose, body.consumed)


async def test_no_cookies() -> None:
    """A cookie that a server sets is neither kept nor sent."""
    cookies, url = NoCookies(), URL("https://api.example")

    cookies.update_cookies({"session": "1"}, url)

    assert {} == cookies.filter_cookies(url)
    assert [] == list(cookies)
