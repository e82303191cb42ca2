"""`aiotables apply`: what it prints, and the code that it exits with."""

import asyncio
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from aiotables.cli.apply import apply
from aiotables.cli.options import ApplyOptions
from aiotables.provision.course import NO_RULES, Rules
from aiotables.provision.journal import SqliteJournal
from aiotables.provision.selection import Selection


if TYPE_CHECKING:
    from tests.cli.conftest import Person, Shell

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


def test_output_that_nobody_reads(shell: "Shell") -> None:
    """When the reader goes, as `head` does, the run ends without a traceback, and the same command goes on from there."""
    many = "".join(f"- {{target: crm, name: t{number}}}\n" for number in range(60))
    manifest = shell.manifest(many)
    process = shell.start("apply", manifest, "--json")
    assert process.stdout is not None
    assert process.stderr is not None
    assert "run_started" in process.stdout.readline()
    process.stdout.close()
    with process:
        told = process.stderr.read()

    again = shell.run("apply", manifest, "--json")

    assert (1, "") == (process.returncode, told)
    assert 0 == again.code
    assert 60 == sum(again.lines[-1]["counts"][kind] for kind in ("created", "adopted", "unchanged"))


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


# Asking first, saved plans, waves and limits

TEN = "".join(f"- {{target: crm, name: t{number}}}\n" for number in range(10))


def by_hand(
    shell: "Shell",
    monkeypatch: pytest.MonkeyPatch,
    person: "Person",
    tables: str,
    *,
    yes: bool = False,
    rules: Rules = NO_RULES,
) -> int:
    """The code of an apply in this process, whose input and standard error are a terminal."""
    for name, value in shell.environ.items():
        monkeypatch.setenv(name, value)
    monkeypatch.setattr(sys, "stderr", person.screen)
    manifest = Path(shell.manifest(tables))
    options = ApplyOptions(selection=Selection(), rules=rules, as_json=False, width=4, yes=yes)
    return asyncio.run(apply(manifest, shell.folder / "state", options, None))


@pytest.mark.parametrize(("answer", "code", "made"), [("y", 0, 1), ("n", 5, 0)])
def test_asked_first(
    shell: "Shell",
    monkeypatch: pytest.MonkeyPatch,
    person: "Person",
    capsys: pytest.CaptureFixture[str],
    answer: str,
    code: int,
    made: int,
) -> None:
    """On a terminal the plan is shown, and nothing is made without a yes."""
    person.answers = [answer]

    assert code == by_hand(shell, monkeypatch, person, CONTACTS)

    assert made == shell.calls.count("zangtable.create_table")
    assert "+ crm/contacts" in capsys.readouterr().out
    assert "Carry this out? [y/N]" in person.read


def test_not_asked(
    shell: "Shell", monkeypatch: pytest.MonkeyPatch, person: "Person", capsys: pytest.CaptureFixture[str]
) -> None:
    """With --yes nobody is asked; and where nothing is to be done, neither."""
    assert 0 == by_hand(shell, monkeypatch, person, CONTACTS, yes=True)
    assert 0 == by_hand(shell, monkeypatch, person, CONTACTS)
    assert "unchanged  1" in capsys.readouterr().out
    assert [] == person.answers


def test_conflicts_are_told_before_the_question(
    shell: "Shell", monkeypatch: pytest.MonkeyPatch, person: "Person", capsys: pytest.CaptureFixture[str]
) -> None:
    """Who is asked knows that a table in conflict will be reported as failed."""
    assert 0 == shell.run("apply", shell.manifest(CONTACTS), "--state", str(shell.folder / "state")).code
    person.answers = ["y"]

    code = by_hand(shell, monkeypatch, person, TEN + CONTACTS.replace("email}]", "email, type: REAL}]"))

    assert 1 == code
    assert "tables in conflict are left as they are, and reported as failed" in capsys.readouterr().out
    assert 11 == shell.calls.count("zangtable.create_table")


@pytest.mark.parametrize(("answer", "code", "made"), [("y", 0, 10), ("", 5, 3)])
def test_canary_on_a_terminal(
    shell: "Shell", monkeypatch: pytest.MonkeyPatch, person: "Person", answer: str, code: int, made: int
) -> None:
    """After the canary the person is asked once more."""
    person.answers = ["y", answer]

    assert code == by_hand(shell, monkeypatch, person, TEN, rules=Rules(canary=3))

    assert made == shell.calls.count("zangtable.create_table")
    assert "The canary of 3 tables is done. Make the others? [y/N]" in person.read


@pytest.mark.parametrize(
    ("options", "code", "made"),
    [
        (("--canary", "3"), 5, 3),
        (("--canary", "3", "--yes"), 0, 10),
        (("--canary", "3", "--json"), 5, 3),
        (("--wave", "4"), 0, 10),
    ],
)
def test_waves(shell: "Shell", options: tuple[str, ...], code: int, made: int) -> None:
    """Where nobody can be asked the run stops after the canary, unless --yes says to go on."""
    result = shell.run("apply", shell.manifest(TEN), *options)

    assert code == result.code
    assert made == shell.calls.count("zangtable.create_table")


@pytest.mark.parametrize(
    "options",
    [
        ("--on-error", "stop"),
        ("--max-failures", "0", "--width", "1"),
        ("--wave", "1", "--max-failures", "50%"),
    ],
)
def test_failures(shell: "Shell", options: tuple[str, ...]) -> None:
    """When more fail than may, the run says why it began no more."""
    assert shell.emulator is not None
    shell.emulator.fault("zangtable.create_table", when="before", what="status", status=422)

    result = shell.run("apply", shell.manifest(TEN), *options)

    assert 1 == result.code
    assert "no more were begun: " in result.out
    assert "and 0 may" in result.out


def test_limits(shell: "Shell") -> None:
    """What needs more than is allowed is refused before anything is made; enough is enough."""
    manifest = shell.manifest(TEN)

    refused = shell.run("apply", manifest, "--max-requests", "9")
    before = shell.calls.count("zangtable.create_table")
    enough = shell.run("apply", manifest, "--max-requests", "100", "--max-duration", "10m")

    assert (1, 0) == (refused.code, before)
    assert "the plan needs 10 requests; 9 are allowed" in refused.err
    assert 0 == enough.code


def test_some_tables(shell: "Shell") -> None:
    """Only some tables are made."""
    result = shell.run("apply", shell.manifest(TEN), "--only", "crm/t[0-4]", "--except", "*/t0")

    assert 0 == result.code
    assert "created    4" in result.out


@pytest.mark.parametrize(
    ("options", "told"),
    [
        (("--on-error", "stop", "--max-failures", "2"), "--on-error stop is --max-failures 0"),
        (("--max-failures", "many"), "expected a number such as 5"),
        (("--max-duration", "soon"), "such as 15m or 2h"),
        (("--on-error", "panic"), "'panic'"),
        (("--canary", "0"), "--canary"),
    ],
)
def test_bad_usage(shell: "Shell", options: tuple[str, ...], told: str) -> None:
    """Bad usage exits with 2, and nothing is sent."""
    result = shell.run("apply", shell.manifest(TEN), *options)

    assert 2 == result.code
    assert told in result.err
    assert [] == shell.calls


def test_saved_plan(shell: "Shell") -> None:
    """A saved plan names its manifest, state and tables itself; a broken one is refused."""
    manifest, file = shell.manifest(TEN), shell.folder / "plan.json"
    assert 0 == shell.run("plan", manifest, "-o", str(file), "--state", str(shell.folder / "elsewhere")).code

    globs = shell.run("apply", str(file), "--only", "*")
    applied = shell.run("apply", str(file), "--json")
    file.write_text('{"aiotables_plan":0}')
    broken = shell.run("apply", str(file))

    assert (2, 0, 1) == (globs.code, applied.code, broken.code)
    assert "--only and --except belong to the plan command" in globs.err
    assert 10 == applied.lines[-1]["counts"]["created"]
    assert 1 == shell.calls.count("zangtable.query_records") - 1
    assert (shell.folder / "elsewhere" / "journal.sqlite").exists()
    assert "is no plan that this version of aiotables wrote" in broken.err


def test_refused_rows(shell: "Shell") -> None:
    """Rows that are refused are in a file of the state folder, which the report names."""
    assert shell.emulator is not None
    shell.emulator.fault("extruct.create_rows", when="before", what="status", status=422)

    result = shell.run("apply", shell.manifest(ACCOUNTS))

    assert 1 == result.code
    (file,) = (shell.folder / ".aiotables" / "m" / "failed-rows").rglob("*.jsonl")
    assert f"1 row of research/Accounts refused, to be found in {file}" in result.out
    assert '{"input":"a.example"}\n' == file.read_text()
