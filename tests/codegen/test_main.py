"""The command line of the generator."""

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from codegen.__main__ import main


REPOSITORY = Path(__file__).parents[2]


def run(command: str, fragments: Any, tmp_path: Path) -> int:  # noqa: ANN401
    """Run *command* on the fragments; its exit code."""
    folder = fragments.write()
    return main([command, "--openapi", str(folder.parent), "--source", str(tmp_path / "source")])


def written(tmp_path: Path) -> dict[str, bytes]:
    """Name and content of each generated file."""
    folder = tmp_path / "source" / "things" / "_generated"
    return {path.name: path.read_bytes() for path in folder.iterdir()}


def test_lint_of_good_fragments(fragments: Any, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:  # noqa: ANN401
    """Good fragments pass in silence, and nothing is written."""
    assert 0 == run("lint", fragments, tmp_path)
    assert ("", "") == capsys.readouterr()
    assert not (tmp_path / "source").exists()


@pytest.mark.parametrize("command", ["lint", "generate", "check"])
def test_bad_fragments_stop_every_command(
    command: str,
    fragments: Any,  # noqa: ANN401
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
) -> None:
    """Code is never made of fragments that break a rule; the fault is told with file and line."""
    fragments.put("schemas/things.yaml", "Fault", "x-source", value="")

    assert 1 == run(command, fragments, tmp_path)
    assert "things.yaml:" in capsys.readouterr().err
    assert not (tmp_path / "source").exists()


def test_generate_writes_the_code(fragments: Any, tmp_path: Path) -> None:  # noqa: ANN401
    """The package of the service is written where the option says."""
    assert 0 == run("generate", fragments, tmp_path)
    assert {"__init__.py", "models.py", "operations.py"} == written(tmp_path).keys()


def test_fresh_code_passes_the_check(
    fragments: Any,  # noqa: ANN401
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
) -> None:
    """Code that was just generated is not stale, and nothing is said."""
    run("generate", fragments, tmp_path)

    assert 0 == run("check", fragments, tmp_path)
    assert ("", "") == capsys.readouterr()


def test_stale_code_is_shown(fragments: Any, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:  # noqa: ANN401
    """A fragment that was changed without generating is shown as the lines that are missing, and what to do."""
    run("generate", fragments, tmp_path)
    before = written(tmp_path)
    fragments.put("schemas/things.yaml", "Fault", "properties", "hint", value={"type": "string"})

    assert 1 == run("check", fragments, tmp_path)

    out, err = capsys.readouterr()
    assert "+    hint: str | None = None" in out.splitlines()
    assert f"--- {tmp_path.as_posix()}/source/things/_generated/models.py" in out.splitlines()
    assert "The committed code is not what the fragments say: run `make generate`.\n" == err
    assert before == written(tmp_path)


def test_what_cannot_be_generated_is_told(
    fragments: Any,  # noqa: ANN401
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
) -> None:
    """A shape that the rules allow and no descriptor can tell is an error with its place, not a traceback."""
    free = {"type": "object", "additionalProperties": {}}
    content = ("thing", "post", "responses", "200", "content", "application/json")
    fragments.put("paths/things.yaml", *content, "schema", value=free)
    fragments.drop("openapi.yaml", "components", "schemas", "Thing")
    fragments.drop("schemas/things.yaml", "Thing")

    assert 1 == run("generate", fragments, tmp_path)
    assert "a body is a named schema" in capsys.readouterr().err


def test_bundle_is_one_document(
    fragments: Any,  # noqa: ANN401
    capsys: pytest.CaptureFixture[str],
) -> None:
    """A service is printed as one JSON document that refers to nothing outside of it."""
    folder = fragments.write()

    assert 0 == main(["bundle", "things", "--openapi", str(folder.parent)])

    document = json.loads(capsys.readouterr().out)
    assert ["/things/{thing_id}"] == list(document["paths"])
    assert ".yaml" not in json.dumps(document)


def test_bad_fragments_are_not_bundled(
    fragments: Any,  # noqa: ANN401
    capsys: pytest.CaptureFixture[str],
) -> None:
    """Nobody is given a document that breaks a rule."""
    fragments.put("schemas/things.yaml", "Fault", "x-source", value="")
    folder = fragments.write()

    assert 1 == main(["bundle", "things", "--openapi", str(folder.parent)])
    assert "" == capsys.readouterr().out


def test_diff_of_folders(
    fragments: Any,  # noqa: ANN401
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
) -> None:
    """What changed between two folders is told to people, and as JSON."""
    new = str(fragments.write().parent)
    fragments.folder = tmp_path / "old" / "things"
    fragments.drop("schemas/things.yaml", "Fault", "properties", "detail")
    old = str(fragments.write().parent)

    assert 0 == main(["diff", old, new])
    assert [
        "things",
        "  + Fault.detail: any JSON, may be left out",
        "1 change, none breaks users of the Python API",
    ] == capsys.readouterr().out.splitlines()

    assert 0 == main(["diff", old, new, "--json"])
    assert [
        {
            "service": "things",
            "subject": "Fault.detail",
            "kind": "added",
            "what": "any JSON, may be left out",
            "breaks": "",
            "left_to_write": "",
        }
    ] == json.loads(capsys.readouterr().out)


def test_diff_to_what_is_there(capsys: pytest.CaptureFixture[str]) -> None:
    """Without a second state the fragments of this repository are compared, here with themselves."""
    assert 0 == main(["diff", str(REPOSITORY / "openapi")])
    assert "nothing changed\n" == capsys.readouterr().out


def test_diff_of_no_revision(capsys: pytest.CaptureFixture[str]) -> None:
    """What is neither a folder nor a revision is told, without a traceback."""
    assert 1 == main(["diff", "no such revision"])
    assert "'no such revision' is no folder and no revision of git\n" == capsys.readouterr().err


def test_own_code_is_fresh(capsys: pytest.CaptureFixture[str]) -> None:
    """The code in this repository is what its fragments say."""
    code = main(["check"])

    assert "" == capsys.readouterr().out
    assert 0 == code


def test_unknown_command_is_refused(capsys: pytest.CaptureFixture[str]) -> None:
    """A mistyped command is told with those there are."""
    with pytest.raises(SystemExit, match="2"):
        main(["generat"])

    assert "lint" in capsys.readouterr().err


def test_code_is_the_same_everywhere(fragments: Any, tmp_path: Path) -> None:  # noqa: ANN401
    """Hash seed and working directory leave no trace in the code, so that a comparison of bytes is fair."""
    folder = fragments.write()
    generated = []
    for seed in ("1", "2"):
        there = tmp_path / seed
        there.mkdir()
        command = [
            sys.executable,
            "-m",
            "codegen",
            "generate",
            "--openapi",
            folder.parent,
            "--source",
            there / "source",
        ]
        environment = os.environ | {"PYTHONHASHSEED": seed, "PYTHONPATH": str(REPOSITORY)}
        subprocess.run(command, cwd=there, env=environment, check=True)
        generated.append(written(there))

    assert generated[0] == generated[1]
