"""Which error ends in which exit code."""

import pytest
import typer

from aiotables.cli.codes import BY_ENDING, exit_codes, finish
from aiotables.core.errors import AiotablesError, ClosedError, SettingsError
from aiotables.provision.journal import JournalError, JournalLocked
from aiotables.provision.problems import ManifestError, Problem


@pytest.mark.parametrize(
    ("error", "code"),
    [
        (ManifestError([Problem("m.yaml", 1, 1, "", "wrong")]), 2),
        (SettingsError("wrong"), 2),
        (JournalLocked(where="lab"), 3),
        (JournalError("wrong", where="lab"), 1),
        (ClosedError("wrong"), 1),
    ],
)
def test_errors(error: AiotablesError, code: int, capsys: pytest.CaptureFixture[str]) -> None:
    """Each error of ours is one message, and an exit code."""
    with pytest.raises(typer.Exit) as stop, exit_codes():
        raise error

    assert code == stop.value.exit_code
    assert f"{error}\n" == capsys.readouterr().err


def test_bug() -> None:
    """A bug keeps its traceback."""
    with pytest.raises(ZeroDivisionError), exit_codes():
        _ = 1 / 0


@pytest.mark.parametrize("code", [0, 5])
def test_code_of_the_work(code: int) -> None:
    """What a command's work returns is the exit code."""

    async def work() -> int:
        return code

    with pytest.raises(typer.Exit) as stop:
        finish(work())

    assert code == stop.value.exit_code


def test_nothing_wrong() -> None:
    """Without an error nothing happens."""
    with exit_codes():
        pass


def test_endings() -> None:
    """Each ending of a run has its own code."""
    assert {"done": 0, "failed": 1, "unknown": 4, "stopped": 5, "interrupted": 130} == BY_ENDING
