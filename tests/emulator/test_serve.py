"""The emulator as a process."""

import asyncio
import os
import signal
from pathlib import Path

import aiohttp
import pytest

from aiotables.emulator import Emulator, Fault
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


class DeafLoop(asyncio.SelectorEventLoop):
    """A loop that hears of no signals by itself, as those of Windows."""

    def add_signal_handler(self, sig: int, callback: object, *args: object) -> None:
        """Say so."""
        raise NotImplementedError


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_it_hears_signals_where_its_loop_does_not(
    capsys: pytest.CaptureFixture[str], number: signal.Signals
) -> None:
    """Signals end it all the same, and then mean again what they meant before."""

    async def run() -> None:
        before = signal.getsignal(number)
        running, _ = await started(ServeOptions(), capsys)
        os.kill(os.getpid(), number)
        await asyncio.wait_for(running, 10)
        assert before == signal.getsignal(number)

    with asyncio.Runner(loop_factory=DeafLoop) as runner:
        runner.run(run())


async def test_it_begins_with_a_snapshot(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """What the snapshot holds is there before the address is told."""
    file = tmp_path / "s.zip"
    async with Emulator(projects={"shop": "pat_shop"}) as emulator:
        emulator.snapshot(file)

    running, printed = await started(ServeOptions(snapshot=file), capsys)
    url = printed.split()[-1]
    headers = {"Authorization": "Bearer pat_shop"}
    async with (
        aiohttp.ClientSession(url, headers=headers) as session,
        session.get("/projects/shop/auth/me") as response,
    ):
        assert 200 == response.status
    running.cancel()
    await asyncio.gather(running, return_exceptions=True)


async def test_it_can_be_exposed(
    capsys: pytest.CaptureFixture[str], caplog: pytest.LogCaptureFixture
) -> None:
    """When it is asked for; a warning says so."""
    running, printed = await started(ServeOptions(host="0.0.0.0", exposed=True), capsys)  # noqa: S104 - on purpose
    running.cancel()
    await asyncio.gather(running, return_exceptions=True)

    assert printed.startswith("aiotables emulator on http://0.0.0.0:")
    assert "can be reached by other machines" in caplog.text
