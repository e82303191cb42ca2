"""`aiotables plan`: what apply would do, with nothing done."""

from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from aiotables.provision.unmanaged import MARKED, OURS


if TYPE_CHECKING:
    from tests.cli.conftest import Shell

THREE = "- {target: crm, name: a}\n- {target: crm, name: b, columns: [{name: x}]}\n- {target: crm, name: c}\n"


def test_before_the_first_run(shell: "Shell") -> None:
    """Before the first run each table is to be made; nothing is, and no journal is begun."""
    result = shell.run("plan", shell.manifest(THREE))

    assert 0 == result.code
    assert ["+ crm/a", "+ crm/b", "+ crm/c"] == result.out.splitlines()[:3]
    assert "3 create, 0 change, 0 unchanged, 0 conflict; 3 requests that change something" in result.out
    assert not any("create" in call for call in shell.calls)
    assert not (shell.folder / ".aiotables").exists()


def test_after_a_run(shell: "Shell") -> None:
    """After a run only what is missing is named, with why; a conflict exits with 1."""
    shell.run("apply", shell.manifest(THREE))
    changed = THREE.replace("name: a", "name: a, columns: [{name: y}]").replace(
        "name: x", "name: x, type: REAL"
    )

    result = shell.run("plan", shell.manifest(changed))

    assert 1 == result.code
    assert [
        "~ crm/a  (missing: column:y)",
        "! crm/b  (column x is there as TEXT; REAL is desired)",
        "0 create, 1 change, 1 unchanged, 1 conflict; 1 request that changes something",
    ] == result.out.splitlines()


def test_many(shell: "Shell") -> None:
    """Of many tables the first are named and the others counted."""
    tables = "".join(f"- {{target: crm, name: t{number}}}\n" for number in range(1203))

    result = shell.run("plan", shell.manifest(tables))

    assert 22 == len(result.out.splitlines())
    assert "  … and 1,183 more" == result.out.splitlines()[20]
    assert "1,203 create" in result.out


def test_json(shell: "Shell") -> None:
    """As JSON each table is named, the unchanged ones too, with its steps and where it is asked for."""
    shell.run("apply", shell.manifest("- {target: crm, name: c}\n"))

    result = shell.run("plan", shell.manifest(THREE), "--json")

    assert {
        "event": "table",
        "target": "crm",
        "key": "a",
        "action": "create",
        "steps": ["create"],
        "reason": "",
        "origin": "m.yaml:7",
    } == result.lines[0]
    assert ["create", "create", "unchanged"] == [line["action"] for line in result.lines[:3]]
    assert {
        "event": "summary",
        "create": 2,
        "change": 0,
        "unchanged": 1,
        "conflict": 0,
        "settle": 0,
        "requests": 2,
    }.items() <= result.lines[3].items()
    assert {"reads", "seconds"} <= result.lines[3].keys()


def test_wrong_manifest(shell: "Shell") -> None:
    """A wrong manifest exits with 2, and nothing is read from the services."""
    result = shell.run("plan", shell.manifest("- {target: crm, nam: a}\n"))

    assert 2 == result.code
    assert "$.tables[0].nam" in result.err
    assert [] == shell.calls


def test_service_that_is_down(alone: "Shell") -> None:
    """A service that cannot be read exits with 1 and the reason."""
    result = alone.run("plan", alone.manifest(THREE))

    assert 1 == result.code
    assert "never sent" in result.err


def test_some_tables(shell: "Shell") -> None:
    """Only some tables are planned; a glob that means none is bad usage, and nothing is read."""
    manifest = shell.manifest(THREE)

    some = shell.run("plan", manifest, "--only", "crm/*", "--except", "*/b")
    none = shell.run("plan", manifest, "--only", "crm/z*")

    assert ["+ crm/a", "+ crm/c"] == some.out.splitlines()[:2]
    assert (2, "") == (none.code, none.out)
    assert "no table matches 'crm/z*'; tables go by target/key" in none.err


def test_detailed_exit_code(shell: "Shell") -> None:
    """Asked for, the code tells whether there is something to do; a conflict stays 1."""
    manifest = shell.manifest(THREE)
    before = shell.run("plan", manifest, "--detailed-exitcode").code
    shell.run("apply", manifest)
    after = shell.run("plan", manifest, "--detailed-exitcode").code
    conflict = shell.manifest(THREE.replace("name: x", "name: x, type: REAL"))

    assert (2, 0, 1) == (before, after, shell.run("plan", conflict, "--detailed-exitcode").code)


@pytest.mark.parametrize(
    ("limit", "told"),
    [
        (("--max-requests", "2"), "the plan needs 3 requests; 2 are allowed"),
        (("--max-duration", "1s"), "s at least; 1 s are allowed"),
    ],
)
def test_more_than_is_allowed(shell: "Shell", limit: tuple[str, str], told: str) -> None:
    """A plan that needs more than is allowed is shown, and ends with 1."""
    manifest = shell.manifest(THREE)
    slow = Path(manifest)
    slow.write_text(slow.read_text().replace("grace: 1.5}", "grace: 1.5, rate: 1}"))

    result = shell.run("plan", manifest, *limit)

    assert 1 == result.code
    assert "3 create" in result.out
    assert "3 requests that change something, 3 s at least" in result.out
    assert told in result.err
    assert 0 == shell.run("plan", manifest, "--max-requests", "3", "--max-duration", "1h").code


def test_not_in_the_manifest(shell: "Shell") -> None:
    """Tables that are there and not in the manifest are named, with whose they may be, and counted."""
    old = "".join(f"- {{target: crm, name: old{number}}}\n" for number in range(7))
    shell.run("apply", shell.manifest(THREE + old + "- {target: research, name: Left}\n"))
    manifest = shell.manifest(THREE)

    text, lines = shell.run("plan", manifest), shell.run("plan", manifest, "--json").lines

    assert f". crm/old0  ({OURS})" == text.out.splitlines()[0]
    assert "  … and 3 more that are not in the manifest" in text.out.splitlines()
    assert "3 unchanged, 0 conflict, 8 not in the manifest; 0 requests" in text.out
    others = [line for line in lines if line["event"] == "unmanaged"]
    assert {"event": "unmanaged", "target": "crm", "name": "old0", "reason": OURS} == others[0]
    assert {OURS} == {other["reason"] for other in others}
    afresh = shell.run("plan", manifest, "--state", str(shell.folder / "elsewhere"), "--json")
    assert {"", MARKED} == {line["reason"] for line in afresh.lines if line["event"] == "unmanaged"}
    assert 8 == lines[-1]["unmanaged"]
    assert 7 == lines[-1]["targets"]["crm"]["unmanaged"]


def test_work_of_agents(shell: "Shell") -> None:
    """The cells that agents will work on are counted, as far as the plan knows."""
    table = """
- target: research
  name: A
  columns:
    - {kind: input, name: Company, key: input}
    - {kind: agent, name: P, key: p, value: {agent_type: llm, prompt: Describe., output_format: text}}
  rows: [{input: a.example}, {input: b.example}]
  run: true
"""
    manifest = shell.manifest(table)

    assert "3 requests that change something; agents work on 2 cells" in shell.run("plan", manifest).out
    summary = shell.run("plan", manifest, "--json").lines[-1]
    assert {"rows": 2, "cells": 2}.items() <= summary["targets"]["research"].items()


def test_saved(shell: "Shell") -> None:
    """A plan is saved for apply, which refuses it once something has changed."""
    manifest, file = shell.manifest(THREE), str(shell.folder / "plan.json")

    saved = shell.run("plan", manifest, "--only", "*/a", "-o", file)
    applied = shell.run("apply", file)
    stale = shell.run("apply", file)

    assert (0, 0, 1) == (saved.code, applied.code, stale.code)
    assert f"saved; carry it out with: aiotables apply {file}" in saved.err
    assert "created    1" in applied.out
    assert "is stale: what is there has changed since; plan again. crm/a: create was planned" in stale.err
    assert 1 == shell.calls.count("zangtable.create_table")


def test_folder_that_is_missing(shell: "Shell") -> None:
    """A plan that cannot be saved is bad usage, told in one line."""
    file = str(shell.folder / "missing" / "plan.json")

    done = shell.run("plan", shell.manifest(THREE), "-o", file)

    assert 2 == done.code
    assert f"the plan cannot be saved in {file}: No such file or directory\n" == done.err


def test_settling_first(shell: "Shell") -> None:
    """A table with a call that has no outcome yet is marked, and told of in the sums."""
    assert shell.emulator is not None
    shell.emulator.fault("zangtable.create_table", when="after", what="drop", times=1)
    shell.emulator.fault("zangtable.get_table", when="before", what="status", status=403)
    manifest = shell.manifest("- {target: crm, name: a}\n")
    assert 4 == shell.run("apply", manifest).code

    result = shell.run("plan", manifest)

    assert result.out.startswith("? crm/a  (no outcome yet: create of run_")
    assert "0 conflict, 1 settle; 0 requests" in result.out


def test_new_project(shell: "Shell") -> None:
    """A project that is to be made is named before its tables; without its token nothing is planned for it."""
    manifest = shell.founding(THREE)
    assert shell.emulator is not None
    shell.emulator.add_fault("zangtable.bootstrap_project:after:drop:nth=1")

    result = shell.run("plan", manifest, ACME_PASSWORD="x")
    summary = shell.run("plan", manifest, "--json", ACME_PASSWORD="x").lines[-1]
    lost = shell.run("apply", manifest, "--yes", ACME_PASSWORD="x")
    afterwards = shell.run("plan", manifest, ACME_PASSWORD="x")

    assert "+ crm: the project acme-crm, with 3 tables, by one request" == result.out.splitlines()[0]
    assert {"new_project": "acme-crm", "with_project": 3, "why_not": ""}.items() <= summary["targets"][
        "crm"
    ].items()
    assert 4 == lost.code
    assert (1, True) == (
        afterwards.code,
        afterwards.out.startswith("! crm: whether the project acme-crm was made"),
    )
