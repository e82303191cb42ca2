"""Parts that aiohttp is given in place of its own, which can do more, and so take longer for each call."""

from http.cookies import SimpleCookie
from typing import Any, Final

from aiohttp import DummyCookieJar, Payload
from aiohttp.abc import AbstractStreamWriter
from multidict import CIMultiDict
from yarl import URL

from aiotables.core.requests import JSON


PIECE: Final = 2**20
"""Bytes that are written in one go at the most: more would hold up the event loop."""

_NONE: Final[SimpleCookie] = SimpleCookie()
_HEADERS: Final = CIMultiDict({"Content-Type": JSON})


class JsonBody(Payload):
    """
    JSON that is ready to be sent. It can be sent again, as aiohttp does by itself, and leaves nothing open.

    Args:
        text: In UTF-8.
    """

    def __init__(self, text: bytes) -> None:
        self._text = text

    @property
    def headers(self) -> CIMultiDict[str]:
        """What the request says of it; the same of each, and aiohttp copies them."""
        return _HEADERS

    @property
    def size(self) -> int:
        """Bytes."""
        return len(self._text)

    @property
    def autoclose(self) -> bool:
        """There is nothing to close."""
        return True

    def decode(self, encoding: str = "utf-8", errors: str = "strict") -> str:
        """Give it as text."""
        return self._text.decode(encoding, errors)

    async def write(self, writer: AbstractStreamWriter) -> None:
        """Send it."""
        await self.write_with_length(writer, None)

    def write_with_length(self, writer: AbstractStreamWriter, content_length: int | None) -> Any:  # noqa: ANN401, ARG002 -- awaited; it is its own size
        """Send it, in pieces where it is long: no coroutine of its own where it is not."""
        text = self._text
        return writer.write(text) if len(text) <= PIECE else self._write_pieces(writer)

    async def _write_pieces(self, writer: AbstractStreamWriter) -> None:
        for start in range(0, len(self._text), PIECE):
            await writer.write(self._text[start : start + PIECE])


class NoCookies(DummyCookieJar):
    """Keeps no cookies, and sends none."""

    def filter_cookies(self, request_url: URL) -> SimpleCookie:  # noqa: ARG002 -- the same for all
        """None: always the same, where its parent makes new ones."""
        return _NONE
