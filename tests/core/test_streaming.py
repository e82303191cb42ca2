"""Downloads, against a server on this machine that cuts and stalls as it is told."""

import asyncio
import gzip
import hashlib
from collections.abc import AsyncIterator
from pathlib import Path, PureWindowsPath
from typing import TYPE_CHECKING, Any, Unpack

import pytest
from hypothesis import given
from hypothesis import strategies as st

from aiotables.core.client import ApiClient
from aiotables.core.convert import Converter
from aiotables.core.errors import NoReply, NotFound, NotSent, ServerError
from aiotables.core.options import Options
from aiotables.core.retries import RetryPolicy
from aiotables.core.streaming import CHUNK, DownloadCut, Stream, file_name
from aiotables.core.transport import Timeouts


if TYPE_CHECKING:
    from tests.core.conftest import Server, Toy

TOKEN = "pat_never-shown"
BODY = bytes(range(256)) * 3000
"""Longer than what is held at once."""


class Files(ApiClient):
    """A client of the toy service, with a header of its own on every call."""

    _service = "toy"
    _token_variable = "TOY_TOKEN"
    _base_url_variable = "TOY_URL"
    default_base_url = "https://toy.example"

    def __init__(self, toy: "Toy", **options: Unpack[Options]) -> None:
        options["environ"], options["clock"] = {}, toy.clock
        super().__init__(token=TOKEN, dialect=toy.calls.dialect, rules={}, converter=Converter(), **options)
        self._headers["X-Group"] = "g1"


@pytest.fixture
async def files(toy: "Toy", server: "Server") -> AsyncIterator[Files]:
    """A client of the server."""
    async with Files(toy, base_url=str(server.url)) as client:
        yield client


@pytest.fixture
async def hasty(toy: "Toy", server: "Server") -> AsyncIterator[Files]:
    """A client that waits for nothing."""
    async with Files(toy, base_url=str(server.url), timeouts=Timeouts(answer=0.2)) as client:
        yield client


async def begin(toy: "Toy", client: ApiClient) -> Stream:
    """Begin a download."""
    return await client.stream(toy.download, path={"name": "it"})


def cut(body: bytes, size: int) -> bytes:
    """A reply that promises some bytes and sends fewer."""
    return f"HTTP/1.1 200 OK\r\nContent-Length: {size}\r\n\r\n".encode() + body


def left(folder: Path) -> list[str]:
    """What is in a folder."""
    return sorted(path.name for path in folder.iterdir())


# Reading


async def test_whole(toy: "Toy", server: "Server", files: Files) -> None:
    """The bytes come as they are, in pieces, with all that is known of them."""
    headers = {"Content-Type": "text/csv", "Content-Disposition": 'attachment; filename="a.csv"'}
    server.plays(server.answer(BODY, headers=headers))

    async with await begin(toy, files) as stream:
        assert (len(BODY), "a.csv", "text/csv", 0) == (
            stream.size,
            stream.name,
            stream.content_type,
            stream.received,
        )
        chunks = [chunk async for chunk in stream]

    assert b"".join(chunks) == BODY
    assert max(map(len, chunks)) <= CHUNK
    assert len(BODY) == stream.received
    assert hashlib.sha256(BODY).hexdigest() == stream.sha256


async def test_request(toy: "Toy", server: "Server", files: Files) -> None:
    """Token and grouping go along, and any form of content is welcome."""
    server.plays(server.answer(b"x"))

    async with await begin(toy, files):
        pass

    (heard,) = server.heard
    assert ("GET", "/things/it/file") == (heard.method, heard.target)
    assert (f"Bearer {TOKEN}", "g1", "*/*") == (
        heard.headers["Authorization"],
        heard.headers["X-Group"],
        heard.headers["Accept"],
    )


async def test_empty(toy: "Toy", server: "Server", files: Files) -> None:
    """A download may be empty."""
    server.plays(server.answer(b""))

    async with await begin(toy, files) as stream:
        assert [] == [chunk async for chunk in stream]

    assert (0, 0, None, None) == (stream.size, stream.received, stream.name, stream.content_type)


async def test_size_that_is_not_told(toy: "Toy", server: "Server", files: Files) -> None:
    """A service need not say how much will come."""
    server.plays(server.say(b"HTTP/1.1 200 OK\r\nConnection: close\r\n\r\nabc"))

    async with await begin(toy, files) as stream:
        assert b"abc" == b"".join([chunk async for chunk in stream])

    assert (None, 3) == (stream.size, stream.received)


async def test_compressed_on_its_way(toy: "Toy", server: "Server", files: Files) -> None:
    """What is compressed on its way is given as it was before, and the length of the other form is no size."""
    server.plays(server.answer(gzip.compress(BODY), headers={"Content-Encoding": "gzip"}))

    async with await begin(toy, files) as stream:
        assert b"".join([chunk async for chunk in stream]) == BODY

    assert (None, len(BODY)) == (stream.size, stream.received)


async def test_cut_in_the_middle(toy: "Toy", server: "Server", files: Files) -> None:
    """A connection that ends too early is an error that tells how much came, and shows no token."""
    server.plays(server.say(cut(b"abc", 1000)))

    async with await begin(toy, files) as stream:
        with pytest.raises(DownloadCut) as caught:
            [chunk async for chunk in stream]

    assert "the download was cut after 3 of 1,000 bytes: the connection was lost (ClientPayloadError)" == str(
        caught.value
    )
    assert 3 == caught.value.received
    assert caught.value.__context__ is None


async def test_cut_without_a_size(toy: "Toy", server: "Server", files: Files) -> None:
    """Where the service does not say how much will come, it is told how much came."""
    server.plays(server.say(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n"))

    async with await begin(toy, files) as stream:
        with pytest.raises(DownloadCut, match="cut after 3 bytes: the connection was lost"):
            [chunk async for chunk in stream]


async def test_stalled(toy: "Toy", server: "Server", hasty: Files) -> None:
    """A connection on which nothing comes any more is given up."""
    server.plays(server.say(cut(b"abc", 1000), then_wait=True))

    async with await begin(toy, hasty) as stream:
        with pytest.raises(DownloadCut, match="cut after 3 of 1,000 bytes: nothing came any more"):
            [chunk async for chunk in stream]


async def test_longer_than_the_timeout(toy: "Toy", server: "Server", hasty: Files) -> None:
    """A download may take longer than a call may, as long as something comes."""

    async def trickle(server: "Server", connection: Any) -> bool:  # noqa: ANN401 -- a class of the conftest
        await connection.read()
        await connection.write(cut(b"", 8))
        for _ in range(8):
            # The timeout is aiohttp's, and goes by the machine's clock.
            await asyncio.sleep(0.05)
            await connection.write(b"x")
        return False

    server.plays(trickle)

    async with await begin(toy, hasty) as stream:
        assert b"xxxxxxxx" == b"".join([chunk async for chunk in stream])


async def test_closed_while_reading(toy: "Toy", server: "Server", files: Files) -> None:
    """What is closed before its end is not taken for whole."""
    server.plays(server.say(cut(BODY, 2 * len(BODY)), then_wait=True))
    stream = await begin(toy, files)

    async def close_at_once() -> None:
        async for _ in stream:
            stream.close()

    with pytest.raises(DownloadCut):
        await close_at_once()


async def test_reading_twice(toy: "Toy", server: "Server", files: Files, tmp_path: Path) -> None:
    """A download can be read once, lest a part of it is taken for the whole."""
    server.plays(server.answer(BODY))

    async with await begin(toy, files) as stream:
        async for _ in stream:
            break
        with pytest.raises(RuntimeError, match="read once"):
            await stream.save(tmp_path / "a.csv")

    assert [] == left(tmp_path)


# Connections


async def test_closing_early_lets_the_connection_go(toy: "Toy", server: "Server", files: Files) -> None:
    """A download that nobody reads to its end holds no connection."""
    server.plays(server.say(cut(b"abc", 1000), then_wait=True))

    async with await begin(toy, files):
        assert 1 == server.open_connections

    await server.quiet()
    assert 0 == server.open_connections


async def test_connections_are_used_again(toy: "Toy", server: "Server", files: Files) -> None:
    """A download that was read whole leaves its connection to the next call."""
    server.plays(server.answer(BODY), server.answer(b"x"))

    for _ in range(2):
        async with await begin(toy, files) as stream:
            [chunk async for chunk in stream]

    assert 1 == server.connections


# Beginning


async def test_errors(toy: "Toy", server: "Server", files: Files) -> None:
    """An error is read whole and raised as that of any call."""
    server.plays(server.answer(b'{"error":"gone"}', status=404))

    with pytest.raises(NotFound) as caught:
        await begin(toy, files)

    assert ({"error": "gone"}, 404) == (caught.value.detail, caught.value.status)


async def test_tried_again(toy: "Toy", server: "Server", files: Files) -> None:
    """What fails before the first byte is tried again, as reading changes nothing."""
    server.plays(server.hang_up(), server.answer(status=503), server.answer(b"x"))

    async with await begin(toy, files) as stream:
        assert [b"x"] == [chunk async for chunk in stream]

    assert 3 == len(server.heard)


async def test_failing_for_good(toy: "Toy", server: "Server", files: Files) -> None:
    """What goes on failing is an error of the call."""
    server.plays(*[server.hang_up()] * 3)
    with pytest.raises(NoReply):
        await begin(toy, files)

    server.plays(*[server.answer(status=500)] * 3)
    with pytest.raises(ServerError):
        await begin(toy, files)


async def test_error_that_is_cut(toy: "Toy", server: "Server", files: Files) -> None:
    """An error whose text does not come whole is a lost reply."""
    error = b"HTTP/1.1 404 Not Found\r\nContent-Length: 100\r\n\r\n{"
    server.plays(*[server.say(error)] * 3)

    with pytest.raises(NoReply, match="cut short"):
        await begin(toy, files)


async def test_nobody_there(toy: "Toy", closed_port: int) -> None:
    """A service that cannot be reached was sent nothing."""
    async with Files(toy, base_url=f"http://127.0.0.1:{closed_port}") as client:
        with pytest.raises(NotSent):
            await begin(toy, client)


# Files


async def test_saving(toy: "Toy", server: "Server", files: Files, tmp_path: Path) -> None:
    """A file is written whole, with size and checksum in hand, and replaces what was there."""
    path = tmp_path / "a.csv"
    path.write_bytes(b"old")
    server.plays(server.answer(BODY))

    async with await begin(toy, files) as stream:
        saved = await stream.save(path)

    assert path.read_bytes() == BODY
    assert (path, len(BODY), hashlib.sha256(BODY).hexdigest()) == (saved.path, saved.size, saved.sha256)
    assert ["a.csv"] == left(tmp_path)


async def test_the_old_file_stays_until_the_new_one_is_whole(
    toy: "Toy", server: "Server", files: Files, tmp_path: Path
) -> None:
    """Whoever reads the path meanwhile sees the old file, and after a failure it is still there."""
    path = tmp_path / "a.csv"
    path.write_bytes(b"old")
    server.plays(server.say(cut(BODY, 2 * len(BODY))))

    async with await begin(toy, files) as stream:
        with pytest.raises(DownloadCut):
            await stream.save(path)

    assert b"old" == path.read_bytes()
    assert ["a.csv"] == left(tmp_path)


async def test_files_of_others_are_left_alone(
    toy: "Toy", server: "Server", files: Files, tmp_path: Path
) -> None:
    """A file that looks like a part of ours is not touched."""
    (tmp_path / "a.csv.part").write_bytes(b"theirs")
    server.plays(server.answer(b"x"))

    async with await begin(toy, files) as stream:
        await stream.save(tmp_path / "a.csv")

    assert b"theirs" == (tmp_path / "a.csv.part").read_bytes()
    assert ["a.csv", "a.csv.part"] == left(tmp_path)


async def test_no_folder(toy: "Toy", server: "Server", files: Files, tmp_path: Path) -> None:
    """A file that cannot be written is the error that it is."""
    server.plays(server.answer(b"x"))

    async with await begin(toy, files) as stream:
        with pytest.raises(FileNotFoundError):
            await stream.save(tmp_path / "not there" / "a.csv")


async def test_folder_in_the_way(toy: "Toy", server: "Server", files: Files, tmp_path: Path) -> None:
    """A file that cannot be put in its place leaves nothing behind."""
    (tmp_path / "a.csv").mkdir()
    server.plays(server.answer(b"x"))

    async with await begin(toy, files) as stream:
        with pytest.raises(OSError, match="directory"):
            await stream.save(tmp_path / "a.csv")

    assert ["a.csv"] == left(tmp_path)


# Names


@pytest.mark.parametrize(
    ("disposition", "expected"),
    [
        (None, None),
        ("inline", None),
        ("attachment", None),
        ('attachment; filename="a b.csv"', "a b.csv"),
        ("attachment; filename=a.csv", "a.csv"),
        ("attachment;FileName = a.csv ; size=3", "a.csv"),
        ('attachment; filename="a;b.csv"', "a;b.csv"),
        (r'attachment; filename="a\"b.csv"', 'a"b.csv'),
        ("attachment; filename*=UTF-8''na%C3%AFve%20%E2%82%AC.csv", "naïve €.csv"),
        ("attachment; filename*=iso-8859-1'en'na%EFve.csv", "naïve.csv"),
        ("attachment; filename=x.csv; filename*=utf-8''y.csv", "y.csv"),
        ("attachment; filename=x.csv; filename*=klingon''y.csv", "x.csv"),
        ("attachment; filename*=UTF-8''%FF.csv", "\N{REPLACEMENT CHARACTER}.csv"),
        ('attachment; filename=""', None),
        ('attachment; filename="a', None),
        ('form-data; name="filename=a.csv"', None),
    ],
)
def test_names(disposition: str | None, expected: str | None) -> None:
    """The name is found in either form, the encoded one first."""
    assert expected == file_name(disposition)


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("../../etc/passwd", "passwd"),
        ("/etc/passwd", "passwd"),
        (r"..\..\windows\win.ini", "win.ini"),
        (r"C:\windows\win.ini", "win.ini"),
        ("C:win.ini", "win.ini"),
        ("..", None),
        (".", None),
        ("a/..", None),
        ("a/", None),
        ("   ", None),
        ("a\x00.csv", "a.csv"),
        ("a\x0c\x85\u2028.csv", "a.csv"),
        ("gpj\u202e.exe", "gpj.exe"),
        ("a\udcff.csv", "a.csv"),
    ],
)
def test_hostile_names(name: str, expected: str | None) -> None:
    """A name leads into no other folder, and shows what it is."""
    assert expected == file_name(f'attachment; filename="{name}"')


PIECES = [
    "attachment; ",
    "filename",
    "*",
    "=",
    '"',
    "'",
    "utf-8",
    "%",
    "%2F",
    "%00",
    "..",
    "/",
    "\\",
    ":",
    "a",
    " ",
]


@given(st.lists(st.sampled_from(PIECES), max_size=14).map("".join) | st.text(max_size=30))
def test_any_name(text: str) -> None:
    """Whatever the header says, the name is one name, on every system."""
    name = file_name(f"attachment; filename{text}")

    assert name is None or (name == Path(name).name and name == PureWindowsPath(name).name)
    assert name is None or name.isprintable()


async def test_a_download_begins_before_the_deadline(toy: "Toy", server: "Server", files: Files) -> None:
    """A download that has not begun by then ends."""
    server.plays(server.say(b"HTTP/1.1 200 OK\r\n", then_wait=True))

    with pytest.raises(NoReply, match=r"no answer within the 0\.1 s"):
        await files.stream(toy.download, path={"name": "it"}, retries=RetryPolicy(attempts=1, deadline=0.1))

    await server.quiet()
