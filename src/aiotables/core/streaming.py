"""A reply that is read as it comes: for downloads, which are never held whole in memory."""

import asyncio
import hashlib
import re
import secrets
from collections.abc import AsyncGenerator
from pathlib import Path
from typing import TYPE_CHECKING, Final, Self
from urllib.parse import unquote

from aiotables.core.classes import frozen
from aiotables.core.errors import AiotablesError


if TYPE_CHECKING:
    import aiohttp


CHUNK: Final = 2**18
"""Most bytes that are held at once."""


@frozen(kw_only=True)
class Saved:
    """A file that was downloaded whole."""

    path: Path
    size: int
    """Bytes."""

    sha256: str
    """Hex digits of the content's checksum."""


class DownloadCut(AiotablesError):
    """
    A download ended before its end. Nothing was left at the path to save to; start it again.

    Attributes:
        received: Bytes that came.
    """

    def __init__(self, message: str, *, received: int) -> None:
        super().__init__(message)
        self.received = received


class Stream:
    """
    The bytes of a reply, once: an async iterator, and an async context manager that lets the connection go.

    Attributes:
        size: Bytes that the service says will come, or `None` where it does not say. Without it, a service that closes
            the connection early cannot be told from one that has sent everything.
        name: File name that the service proposes, without any folder, or `None`.
        content_type: What the service says it is.
        received: Bytes that have come.
    """

    def __init__(self, response: "aiohttp.ClientResponse") -> None:
        self._response = response
        self._hash = hashlib.sha256()
        self._begun = False
        # Of what is compressed on its way, the length is that of the compressed form.
        self.size = None if "Content-Encoding" in response.headers else response.content_length
        self.name = file_name(response.headers.get("Content-Disposition"))
        self.content_type = response.headers.get("Content-Type")
        self.received = 0

    @property
    def sha256(self) -> str:
        """Hex digits of the checksum of what has come."""
        return self._hash.hexdigest()

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """Let the connection go; what has not come will not."""
        self._response.close()

    async def __aiter__(self) -> AsyncGenerator[bytes, None]:
        import aiohttp

        if self._begun:
            msg = "a download can be read once; start another"
            raise RuntimeError(msg)
        self._begun = True
        reason = ""
        try:
            async for chunk in self._response.content.iter_chunked(CHUNK):
                self.received += len(chunk)
                self._hash.update(chunk)
                yield chunk
        except (aiohttp.ClientError, OSError) as error:
            reason = _reason(error)
        # Out here, so that it is not chained to aiohttp's error: that one may refer to the request, token included.
        if reason:
            whole = "" if self.size is None else f" of {self.size:,}"
            msg = f"the download was cut after {self.received:,}{whole} bytes: {reason}"
            raise DownloadCut(msg, received=self.received)

    async def save(self, path: Path) -> Saved:
        """
        Write everything to a file, which appears only when it is whole.

        Args:
            path: The file; one that is there is replaced.

        Raises:
            DownloadCut: The connection was lost.
            OSError: The file cannot be written.
        """
        part = path.with_name(f".{secrets.token_hex(8)}.part")
        try:
            with part.open("xb") as file:
                async for chunk in self:
                    await asyncio.to_thread(file.write, chunk)
            part.replace(path)
        finally:
            part.unlink(missing_ok=True)
        return Saved(path=path, size=self.received, sha256=self.sha256)


def _reason(error: Exception) -> str:
    if isinstance(error, TimeoutError):
        return "nothing came any more"
    return f"the connection was lost ({type(error).__name__})"


_PLAIN: Final = re.compile(r';\s*filename\s*=\s*(?:"((?:[^"\\]|\\.)*+)"|([^;"\s]++))', re.IGNORECASE)
_ENCODED: Final = re.compile(r";\s*filename\*\s*=\s*(utf-8|iso-8859-1)'[^';]*'([^;\s]++)", re.IGNORECASE)
# A backslash before anything else is taken for one of Windows' folders, which many services do not escape.
_ESCAPED: Final = re.compile(r"\\([\"\\])")
_SEPARATORS: Final = re.compile(r"[/\\:]")


def file_name(disposition: str | None) -> str | None:
    """
    The file name of a Content-Disposition header (RFC 6266): the encoded form, else the plain one.

    A folder or drive in it is dropped, as it is not ours to choose, and so is what cannot be seen, such as control
    characters and those that turn the direction of writing.
    """
    text = disposition or ""
    encoded, plain = _ENCODED.search(text), _PLAIN.search(text)
    if encoded is not None:
        name = unquote(encoded[2], encoded[1])
    elif plain is not None:
        name = _ESCAPED.sub(r"\1", plain[1]) if plain[2] is None else plain[2]
    else:
        return None
    seen = "".join(character for character in name if character.isprintable())
    last = _SEPARATORS.split(seen)[-1].strip()
    return last if last not in {"", ".", ".."} else None
