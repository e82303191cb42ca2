"""`aiotables apply`: what it prints, and the code that it exits with."""

import asyncio
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from aiotables.provision.journal import SqliteJournal


if TYPE_CHECKING:
    from tests.cli.conftest import Shell

CONTACTS = "- {target: crm, name: contacts, columns: [{name: email}], indexes: [{columns: [email]}]}\n"
ACCOUNTS = "- {target: research, name: Accounts, rows: [{input: a.example}]}\n"


def test_fresh_and_again(shell: "Shell") -> None:
    """A first run makes everything and a second nothing; both say so and exit with 0."""
    manifest = shell.manifest(CONTACTS + ACCOUNTS)

    first = shell.run("apply", manifest)
    second = shell.run("apply", manifest)

    assert (0, 0) == (first.code, second.code)
    assert "created    2  made, or completed, by this run" in first.out
    assert "unchanged  2  there already, as desired" in second.out
    assert "2 tables on crm, research" in first.err
    assert "requests, " in first.out
    assert (shell.folder / ".aiotables" / "m" / "journal.sqlite").is_file()


def test_state_elsewhere(shell: "Shell") -> None:
    """The journal can be kept elsewhere."""
    state = shell.folder / "other place"

    assert 0 == shell.run("apply", shell.manifest(CONTACTS), "--state", str(state)).code
    assert (state / "journal.sqlite").is_file()
    assert not (shell.folder / ".aiotables").exists()


def test_json(shell: "Shell") -> None:
    """Each event is a line of JSON on standard output, the last one the end; nothing else is printed there."""
    result = shell.run("apply", shell.manifest(CONTACTS + ACCOUNTS), "--json")

    assert ["run_started", "refreshed", "refreshed"] == [line["event"] for line in result.lines[:3]]
    assert {"contacts", "Accounts"} == {line["key"] for line in result.lines[3:5]}
    assert {"created": 2, "adopted": 0, "unchanged": 0, "failed": 0, "unknown": 0} == result.lines[-1][
        "counts"
    ]
    assert "done" == result.lines[-1]["ending"]
    assert "" == result.err


def test_failed(shell: "Shell") -> None:
    """A table that cannot be made is named with the place that asks for it and the reason; the exit code is 1."""
    assert 0 == shell.run("apply", shell.manifest(CONTACTS)).code

    result = shell.run("apply", shell.manifest(CONTACTS.replace("email}]", "email, type: REAL}]")))

    assert 1 == result.code
    assert "failed     1" in result.out
    assert "failed: crm/contacts (m.yaml:7): column email is there as TEXT; REAL is desired" in result.out


def test_unknown(shell: "Shell") -> None:
    """An outcome that could not be settled exits with 4, and is settled by the next run."""
    assert shell.emulator is not None
    shell.emulator.fault("zangtable.create_table", when="after", what="drop", times=1)
    shell.emulator.fault("zangtable.get_table", when="before", what="status", status=403)
    manifest = shell.manifest(CONTACTS)

    first = shell.run("apply", manifest)
    shell.emulator.clear_faults()
    second = shell.run("apply", manifest)

    assert 4 == first.code
    assert "unknown    1  looking could not tell; run again to look again" in first.out
    assert "unknown: crm/contacts (m.yaml:7): create: " in first.out
    assert 0 == second.code
    assert "adopted    1  the reply was lost; found by looking, and not made again" in second.out


def test_locked(shell: "Shell") -> None:
    """While another run holds the journal nothing is sent; the exit code is 3."""
    manifest = shell.manifest(CONTACTS)

    async def beside() -> tuple[int, str]:
        async with SqliteJournal.open(shell.folder / "state"):
            result = await asyncio.to_thread(
                shell.run, "apply", manifest, "--state", str(shell.folder / "state")
            )
        return result.code, result.err

    code, complaint = asyncio.run(beside())

    assert 3 == code
    assert "is held by process" in complaint
    assert [] == shell.calls


def test_token_that_is_not_valid(shell: "Shell") -> None:
    """A token that the service refuses ends the run before anything is made; the exit code is 1."""
    result = shell.run("apply", shell.manifest(CONTACTS + ACCOUNTS), EXTRUCT_API_TOKEN="not-this-one")

    assert 1 == result.code
    assert "extruct.list_tables" in result.err
    assert not any("create" in call for call in shell.calls)
    assert "not-this-one" not in result.out + result.err


@pytest.mark.parametrize(
    ("tables", "complaint"),
    [
        ("- {target: crm, name: a, colums: []}\n", ":7:26: $.tables[0].colums: "),
        ("- {target: crm, name: 5}\n", ":7:23: $.tables[0].name: "),
        ("- {target: crm, name: a}\n- {target: crm, name: a}\n", ":8:23: $.tables[1].name: "),
        ("- {target: crm, for_each: rows.csv, name: '${slog}'}\n", ":7:43: $.tables[0].name: "),
        ("- {target: crm, for_each: none.csv, name: '${slug}'}\n", ":7:27: $.tables[0].for_each: "),
        ("- {target: crm, name: [}\n", ":7:24: "),
    ],
)
def test_wrong_manifest(shell: "Shell", tables: str, complaint: str) -> None:
    """What is wrong is told with its file, line and column in one line; nothing is sent, and the exit code is 2."""
    shell.write("rows.csv", "slug\na\n")
    manifest = shell.manifest(tables)

    result = shell.run("apply", manifest)

    assert 2 == result.code
    assert f"{manifest}{complaint}" in result.err
    assert 1 == len(result.err.splitlines())
    assert "" == result.out
    assert [] == shell.calls


def test_all_faults_together(shell: "Shell") -> None:
    """Many faults are told together, each in a line."""
    manifest = shell.manifest(
        "- {target: crm, name: a, colums: []}\n- {target: nowhere, name: b}\n- {name: c}\n"
    )

    result = shell.run("apply", manifest, ZANGTABLE_API_TOKEN="")

    assert 2 == result.code
    assert len(result.err.splitlines()) >= 4
    assert "the environment variable ZANGTABLE_API_TOKEN with the token is not set" in result.err
    assert [] == shell.calls


def test_token_with_a_line_break(shell: "Shell") -> None:
    """A token that cannot be sent is refused before anything is sent, and is not printed."""
    result = shell.run("apply", shell.manifest(CONTACTS), ZANGTABLE_API_TOKEN="secret\nheader: x")

    assert 2 == result.code
    assert "secret" not in result.out + result.err
    assert [] == shell.calls


@pytest.mark.parametrize("flags", [[], ["--json"]])
def test_token_is_nowhere(shell: "Shell", flags: list[str]) -> None:
    """The tokens are in no output and in no file that a run leaves, however it goes."""
    assert shell.emulator is not None
    shell.emulator.fault("*.create_*", when="after", what="drop", nth=1)
    shell.emulator.fault("zangtable.create_index", when="before", what="status", status=422)

    result = shell.run("apply", shell.manifest(CONTACTS + ACCOUNTS), *flags)

    assert 1 == result.code
    left = [file for file in (shell.folder / ".aiotables").rglob("*") if file.is_file()]
    assert left
    for token in ("pat_emulator", "extruct-emulator"):
        assert token not in result.out + result.err
        assert not any(token.encode() in file.read_bytes() for file in left)


def test_state_folder_that_is_a_file(shell: "Shell") -> None:
    """A state folder that cannot be one is told in one message; nothing is sent."""
    state = shell.write("state", "")

    result = shell.run("apply", shell.manifest(CONTACTS), "--state", str(state))

    assert 1 == result.code
    assert f"The journal in {state} cannot be used" in result.err
    assert [] == shell.calls


def test_service_that_is_down(alone: "Shell") -> None:
    """A service that nobody answers for is told in one message; the exit code is 1."""
    result = alone.run("apply", alone.manifest(CONTACTS))

    assert 1 == result.code
    assert "never sent" in result.err
    assert 1 == len(result.err.splitlines()) - 1


def test_no_colours(shell: "Shell") -> None:
    """With NO_COLOR set, nothing is coloured, whatever the terminal."""
    result = shell.run("apply", shell.manifest("- {target: crm, name: 5}\n"), FORCE_COLOR="1", NO_COLOR="1")

    assert "\x1b[3" not in result.err
    assert 2 == result.code


def test_terminal_is_safe(shell: "Shell") -> None:
    """Text of a manifest or a service cannot control the terminal."""
    manifest = shell.manifest('- {target: crm, name: "a\\e[2J"}\n')

    result = shell.run("apply", manifest)

    assert 2 == result.code
    assert "\x1b" not in result.err
    assert Path(manifest).name in result.err
