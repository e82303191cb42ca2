"""`aiotables plan`: what apply would do, with nothing done."""

from typing import TYPE_CHECKING


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
        "0 create, 1 change, 1 unchanged, 1 conflict; 1 requests that change something",
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
