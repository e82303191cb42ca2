"""A reply that is read as it comes: for downloads, which are never held whole in memory."""

import asyncio
import hashlib
from collections.abc import AsyncIterator
from email.message import EmailMessage
from pathlib import Path
from typing import TYPE_CHECKING, Self

from attrs import frozen

from aiotables.core.errors import AiotablesError


if TYPE_CHECKING:
    import aiohttp


CHUNK = 2**18
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
        size: Bytes that the service says will come, or `None`.
        name: File name that the service proposes, without any folder, or `None`.
        content_type: What the service says it is.
        received: Bytes that have come.
    """

    def __init__(self, response: "aiohttp.ClientResponse") -> None:
        self._response = response
        self._hash = hashlib.sha256()
        self.size = response.content_length
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

    async def __aiter__(self) -> AsyncIterator[bytes]:
        import aiohttp

        reason = ""
        try:
            async for chunk in self._response.content.iter_chunked(CHUNK):
                self.received += len(chunk)
                self._hash.update(chunk)
                yield chunk
        except (aiohttp.ClientError, OSError) as error:
            reason = str(error) or type(error).__name__
        if reason:
            msg = f"the download was cut after {self.received:,} bytes: {reason}"
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
        part = path.with_name(path.name + ".part")
        try:
            with part.open("wb") as file:
                async for chunk in self:
                    await asyncio.to_thread(file.write, chunk)
            part.replace(path)
        finally:
            part.unlink(missing_ok=True)
        return Saved(path=path, size=self.received, sha256=self.sha256)


def file_name(disposition: str | None) -> str | None:
    """The file name of a Content-Disposition header; a folder in it is dropped, as it is not ours to choose."""
    if disposition is None:
        return None
    message = EmailMessage()
    message["Content-Disposition"] = disposition
    name = message.get_filename()
    plain = name.replace("\\", "/").rpartition("/")[2] if name else ""
    return plain if plain not in {"", ".", ".."} else None
