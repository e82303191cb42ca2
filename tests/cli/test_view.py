"""The events of a run as JSON lines."""

import asyncio
import io
import json

import pytest

from aiotables.cli.view import JsonView
from aiotables.provision.events import RunStarted, TableDone
from aiotables.provision.journal import OutcomeKind


STARTED = RunStarted(run_id="run_1", tables=25, targets={"crm": 20, "research": 5})


def done(number: int) -> TableDone:
    """The end of a table."""
    return TableDone(target="crm", key=f"t{number}", outcome=OutcomeKind.CREATED, origin=f"m.yaml:{number}")


async def test_json(capsys: pytest.CaptureFixture[str]) -> None:
    """As JSON each event is a line."""
    with JsonView() as view:
        view.show(STARTED)
        view.show(done(1))

    first, second = capsys.readouterr().out.splitlines()
    assert '{"event":"run_started","run_id":"run_1","tables":25,"targets":{"crm":20,"research":5}}' == first
    assert second.startswith('{"event":"table_done"')


class Pipe(io.StringIO):
    """An output whose reader may be gone; it notes that something came, and what."""

    def __init__(self, *, broken: bool = False) -> None:
        super().__init__()
        self.tried = asyncio.Event()
        self._broken = broken

    def write(self, text: str, /) -> int:
        """Take it, unless nobody reads."""
        self.tried.set()
        if self._broken:
            raise BrokenPipeError
        return super().write(text)

    def keys(self) -> list[str | None]:
        """The tables of its lines."""
        return [json.loads(line).get("key") for line in self.getvalue().splitlines()]


async def test_json_is_not_kept_back(monkeypatch: pytest.MonkeyPatch) -> None:
    """The ends of tables are printed together, soon, or before whatever is told next."""
    pipe = Pipe()
    monkeypatch.setattr("sys.stdout", pipe)
    with JsonView() as view:
        view.show(done(1))
        view.show(done(2))
        assert [] == pipe.keys()
        view.show(STARTED)
        assert ["t1", "t2", None] == pipe.keys()

        pipe.tried.clear()
        view.show(done(3))
        await pipe.tried.wait()
        assert ["t1", "t2", None, "t3"] == pipe.keys()

        view.show(done(4))
    assert ["t1", "t2", None, "t3", "t4"] == pipe.keys()


async def test_json_that_nobody_reads(monkeypatch: pytest.MonkeyPatch) -> None:
    """When the reader is gone, the next event says so, however late that was found."""
    pipe = Pipe(broken=True)
    monkeypatch.setattr("sys.stdout", pipe)
    with JsonView() as view:
        view.show(done(1))
        await pipe.tried.wait()

        with pytest.raises(BrokenPipeError):
            view.show(done(2))


def test_paused() -> None:
    """Nothing is drawn, so that anybody can be asked at any time."""
    with JsonView() as view, view.paused():
        pass
