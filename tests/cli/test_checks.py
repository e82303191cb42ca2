"""`aiotables drift` and `verify`: what they print, and the code that they exit with."""

import urllib.request
from typing import TYPE_CHECKING


if TYPE_CHECKING:
    from tests.cli.conftest import Shell

TABLES = "- {target: crm, name: a}\n- {target: crm, name: b}\n"


def test_good(shell: "Shell") -> None:
    """When all is as desired both say so, and exit with 0."""
    manifest = shell.manifest(TABLES)
    shell.run("apply", manifest)

    for command in ("verify", "drift"):
        result = shell.run(command, manifest)
        assert (0, "2 as_desired\n") == (result.code, result.out)


def test_verify_finds_something(shell: "Shell") -> None:
    """What is missing is named, and the exit code is 1."""
    result = shell.run("verify", shell.manifest(TABLES))

    assert (1, "- missing crm/a\n- missing crm/b\n2 missing\n") == (result.code, result.out)


def test_drift_finds_something(shell: "Shell") -> None:
    """What somebody changed is named with the reason, and the exit code is 2."""
    manifest = shell.manifest(TABLES)
    shell.run("apply", manifest)
    shell.run("apply", shell.manifest(TABLES.replace("name: b", "name: b, columns: [{name: c}]")))
    assert shell.emulator is not None
    reset = shell.emulator.url + "/_emulator/reset"
    post = urllib.request.Request(reset, b"{}", {"Content-Type": "application/json"})  # noqa: S310 -- loopback
    urllib.request.urlopen(post).close()  # noqa: S310 -- loopback

    result = shell.run("drift", manifest)

    assert (2, "- missing crm/a\n- missing crm/b\n2 missing\n") == (result.code, result.out)


def test_drift_before_the_first_run(shell: "Shell") -> None:
    """Without a journal there is nothing to compare with."""
    result = shell.run("drift", shell.manifest(TABLES))

    assert 1 == result.code
    assert "nothing was applied there yet" in result.err


def test_reasons_and_others(shell: "Shell") -> None:
    """A reason stands behind its table; where other tables cannot be listed, that is said."""
    assert shell.emulator is not None
    manifest = shell.manifest(TABLES)
    shell.run("apply", manifest)
    shell.emulator.fault("zangtable.query_records", when="before", what="status", status=403)

    result = shell.run("drift", shell.manifest("- {target: crm, name: a, columns: [{name: c}]}\n"))

    assert 0 == result.code
    assert "+ pending crm/a  (missing: column:c)\n" in result.out
    assert "o orphan crm/b  (made by run_" in result.out
    assert "crm: other tables cannot be listed: zangtable.query_records" in result.out


def test_many(shell: "Shell") -> None:
    """Of each condition twenty are named; `--json` names all."""
    manifest = shell.manifest("".join(f"- {{target: crm, name: t{n}}}\n" for n in range(23)))

    assert 20 == shell.run("verify", manifest).out.count("- missing")
    lines = shell.run("verify", manifest, "--json").lines
    assert 23 == sum(line["event"] == "checked" for line in lines)
    assert "check_ended" == lines[-1]["event"]
    assert lines[-1]["good"] is False


def test_no_table(shell: "Shell") -> None:
    """A manifest whose file has no rows asks for no table."""
    shell.write("none.csv", "slug\n")

    result = shell.run("verify", shell.manifest('- {target: crm, for_each: none.csv, name: "${slug}"}\n'))

    assert (0, "no table\n") == (result.code, result.out)
