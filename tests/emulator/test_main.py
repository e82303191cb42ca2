"""`python -m aiotables.emulator`."""

import os
import signal
import subprocess
import sys
from pathlib import Path
from urllib.request import urlopen

import pytest

from aiotables.emulator.__main__ import main
from aiotables.emulator.options import OPTIONS


# As in an environment without the extra `cli`.
WITHOUT = """
import runpy, sys
sys.modules.update({"typer": None, "rich": None, "yaml": None})
sys.argv = ["aiotables.emulator", "--port", "0", "--seed", "7", "--fault", "extruct:after:drop", "--still"]
runpy.run_module("aiotables.emulator", run_name="__main__")
"""


def test_it_runs_without_the_command_line() -> None:
    """The first line tells the address, it answers, and SIGTERM ends it with 0."""
    process = subprocess.Popen([sys.executable, "-c", WITHOUT], stdout=subprocess.PIPE, text=True)
    assert process.stdout is not None
    with process.stdout:
        url = process.stdout.readline().removeprefix("aiotables emulator on ").strip()
        with urlopen(f"{url}/_emulator/clock") as answer:  # noqa: S310 - our own
            assert b"2026-06-02T01:23:45Z" in answer.read()
        process.send_signal(signal.SIGTERM)
        assert 0 == process.wait(30)


def test_what_makes_no_sense(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """One message, and code 2."""
    assert 2 == main(["--faults", os.fspath(tmp_path / "none.yaml")])

    complaint = capsys.readouterr().err
    assert complaint.startswith("aiotables emulator: ")
    assert "none.yaml" in complaint
    assert 1 == complaint.count("\n")


@pytest.mark.parametrize("arguments", [["--prot", "1"], ["--port", "many"], ["extra"]])
def test_what_is_no_option(arguments: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    """Usage, and code 2."""
    with pytest.raises(SystemExit) as caught:
        main(arguments)

    assert 2 == caught.value.code
    assert "usage: python -m aiotables.emulator" in capsys.readouterr().err


def test_help(capsys: pytest.CaptureFixture[str]) -> None:
    """It names each option, and what it is by default."""
    with pytest.raises(SystemExit) as caught:
        main(["--help"])

    told = " ".join(capsys.readouterr().out.split())
    assert 0 == caught.value.code
    assert all(option.flag in told for option in OPTIONS)
    assert "[default: 8787]" in told
