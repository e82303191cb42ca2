"""The emulator as a process."""

import asyncio
import os
import signal
from pathlib import Path

import aiohttp
import pytest

from aiotables.emulator import Fault
from aiotables.emulator.serve import ServeOptions, serve


async def started(
    options: ServeOptions, capsys: pytest.CaptureFixture[str]
) -> tuple["asyncio.Task[None]", str]:
    """The running emulator, and what it printed."""
    running, printed = asyncio.create_task(serve(options)), ""
    async with asyncio.timeout(10):
        while not printed:
            await asyncio.sleep(0.001)
            printed = capsys.readouterr().out
    return running, printed


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
async def test_it_runs_until_it_is_told_to_stop(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], number: signal.Signals
) -> None:
    """The first line is the address; the file holds it as long as it is true; both signals end it cleanly."""
    file = tmp_path / "address"
    options = ServeOptions(
        data=tmp_path / "data",
        address_file=file,
        faults=[Fault.parse("extruct.get_user:before:throttle")],
        projects={"a": "pat_a"},
    )

    running, printed = await started(options, capsys)
    url = file.read_text().strip()
    async with aiohttp.ClientSession(url) as session:
        async with session.get("/projects/a/auth/me", headers={"Authorization": "Bearer pat_a"}) as response:
            assert 200 == response.status
        async with session.get("/v1/user", headers={"Authorization": "Bearer extruct-emulator"}) as response:
            assert 429 == response.status
    os.kill(os.getpid(), number)
    await asyncio.wait_for(running, 10)

    assert f"aiotables emulator on {url}\n" == printed
    assert [] == list(tmp_path.glob("address*"))  # noqa: ASYNC240 - a test may block


async def test_no_address_file_is_needed(capsys: pytest.CaptureFixture[str]) -> None:
    """The printed line is enough, and a cancelled emulator is closed, too."""
    running, printed = await started(ServeOptions(), capsys)
    running.cancel()
    await asyncio.gather(running, return_exceptions=True)

    assert printed.startswith("aiotables emulator on http://127.0.0.1:")
    assert running.cancelled()


async def test_an_option_that_makes_no_sense() -> None:
    """The error of the emulator is what is seen."""
    with pytest.raises(ValueError, match="this machine alone"):
        await serve(ServeOptions(host="0.0.0.0"))  # noqa: S104 - it is refused


def test_tokens_are_not_shown() -> None:
    """The options can be printed."""
    assert "pat_" not in repr(ServeOptions(projects={"a": "pat_a"}, extruct_token="pat_b"))
