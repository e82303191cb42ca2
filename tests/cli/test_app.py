"""The command line as a whole: help, version, options, and the schema for editors."""

import gc
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import jsonschema
import orjson
import pytest
import yaml

from aiotables import __version__
from aiotables.cli import main
from aiotables.emulator.choices import EXTRUCT_TOKEN, PROJECTS


if TYPE_CHECKING:
    from tests.cli.conftest import Shell

DEMO = Path(__file__).parents[2] / "docs" / "demo" / "chinook.yaml"
COMMANDS = (
    *("plan", "apply", "import", "schema"),
    *("status", "verify", "drift", "report", "doctor", "settle"),
    *("destroy", "rollback"),
    *("worker", "cancel", "move"),
    *("state", "emulator"),
)


def test_help(alone: "Shell") -> None:
    """Help names each command with what it does, by what they are for, in lines that fit a terminal."""
    result = alone.run("--help")

    assert 0 == result.code
    assert list(COMMANDS) == [line.split()[0] for line in result.out.partition("Commands:\n")[2].splitlines()]
    assert "never twice, and never lost" in " ".join(result.out.split())
    assert all(len(line) <= 80 for line in result.out.splitlines())


@pytest.mark.parametrize("command", COMMANDS)
def test_help_of_a_command(alone: "Shell", command: str) -> None:
    """Each command and each of its options says what it is for."""
    result = alone.run(command, "--help")

    assert 0 == result.code
    assert f"Usage: aiotables {command} [OPTIONS]" in result.out
    options = [line.split(maxsplit=2) for line in result.out.splitlines() if line.startswith("  --")]
    assert all(3 == len(option) for option in options)
    assert "Args:" not in result.out
    assert "Raises:" not in result.out


def test_exit_codes_are_in_the_help(alone: "Shell") -> None:
    """The help of apply lists its exit codes."""
    text = " ".join(alone.run("apply", "--help").out.split())

    assert "0 done, 1 something failed, 2 bad usage or a wrong manifest, 3 another run is going on" in text
    assert "4 the outcome of some call is unknown, 5 stopped as asked, 130 interrupted" in text


def test_defaults_of_the_emulator(alone: "Shell") -> None:
    """The help of the emulator names the project and the tokens that it has by itself."""
    text = "".join(alone.run("emulator", "--help").out.split())

    assert all(f"[default:{slug}={token}]" in text for slug, token in PROJECTS.items())
    assert f"[default:{EXTRUCT_TOKEN}]" in text


def test_no_command(alone: "Shell") -> None:
    """Without a command the help is shown."""
    result = alone.run()

    assert 2 == result.code
    assert "Usage:" in result.out + result.err


def test_version(alone: "Shell") -> None:
    """The version is printed, and nothing else is done."""
    result = alone.run("--version")

    assert (0, f"aiotables {__version__}\n") == (result.code, result.out)


def test_quick_start_and_end() -> None:
    """Only garbage of the command's own is looked for, none at the end; what draws is not loaded before it draws."""
    code = """
import atexit, gc, sys
import aiotables.cli.app
from aiotables.cli import main

def tell(*more):
    print(gc.isenabled(), gc.get_freeze_count() > 1000, *more)

aiotables.cli.app.app = lambda: tell("rich" in sys.modules)
atexit.register(lambda: tell(len(gc.get_objects()) < 1000))
main()
"""
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)

    assert ["True True False", "True True True"] == done.stdout.splitlines()


@pytest.mark.parametrize(
    ("args", "complaint"),
    [
        (["aply"], "aply"),
        (["apply"], "MANIFEST"),
        (["apply", "none.yaml"], "none.yaml"),
        (["plan", "none.yaml"], "none.yaml"),
        (["status", "none.yaml"], "none.yaml"),
        (["apply", "."], "directory"),
        (["apply", "m.yaml", "--width", "0"], "--width"),
        (["apply", "m.yaml", "--wide"], "--wide"),
        (["emulator", "--port", "70000"], "--port"),
    ],
)
def test_bad_usage(alone: "Shell", args: list[str], complaint: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """A wrong command, option or file exits with 2 and says which."""
    alone.manifest("- {target: crm, name: a}\n")
    monkeypatch.chdir(alone.folder)

    result = alone.run(*args)

    assert 2 == result.code
    assert complaint in result.err
    assert "Traceback" not in result.err


def test_schema_fits_the_demo(alone: "Shell") -> None:
    """The schema that is printed for editors is one, and the demo's manifest fits it; a wrong one does not."""
    result = alone.run("schema")
    schema = orjson.loads(result.out)
    manifest = yaml.safe_load(DEMO.read_text())

    jsonschema.Draft202012Validator.check_schema(schema)
    jsonschema.validate(manifest, schema, jsonschema.Draft202012Validator)
    manifest["tables"][0]["colums"] = []
    with pytest.raises(jsonschema.ValidationError):
        jsonschema.validate(manifest, schema, jsonschema.Draft202012Validator)


def test_module_runs() -> None:
    """`python -m aiotables` is the command line, too."""
    done = subprocess.run(
        [sys.executable, "-m", "aiotables", "--help"], capture_output=True, text=True, check=True
    )

    assert "Usage: python -m aiotables [OPTIONS] COMMAND" in done.stdout


def test_without_the_extra(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    """Without what the command line needs, it says what to install."""
    monkeypatch.setitem(sys.modules, "aiotables.cli.app", None)

    with pytest.raises(SystemExit) as stop:
        main()

    assert 2 == stop.value.code
    assert "pip install 'aiotables[cli]'" in capsys.readouterr().err


def test_main(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    """The installed command is the same command line."""
    monkeypatch.setattr(sys, "argv", ["aiotables", "--version"])

    with pytest.raises(SystemExit) as stop:
        main()
    # Here the process goes on.
    gc.unfreeze()

    assert 0 == stop.value.code
    assert f"aiotables {__version__}\n" == capsys.readouterr().out
