"""The commands do the same whether the journal is in a folder or in the database of workers."""

from collections.abc import Callable
from typing import TYPE_CHECKING

import pytest


if TYPE_CHECKING:
    from tests.cli.conftest import Result, Shell

TABLES = (
    "- {target: crm, name: a, columns: [{name: n}]}\n- {target: research, name: B, rows: [{input: b.com}]}\n"
)

Command = Callable[..., "Result"]


@pytest.fixture(params=["folder", "database"])
def command(request: pytest.FixtureRequest, shell: "Shell") -> Command:
    """Runs a command with a journal of each kind; `apply` is carried out in either case."""
    options = (
        ["--state", str(shell.folder / "state")]
        if request.param == "folder"
        else ["--journal", request.getfixturevalue("url")]
    )

    def run(*args: str) -> "Result":
        result = shell.run(*args, *options)
        if args[0] == "apply" and request.param == "database" and result.code == 0:
            assert 0 == shell.run("worker", "--until-done", *options).code
            return shell.run("status", *options)
        return result

    return run


READING = [
    ["status"],
    ["report"],
    ["settle"],
    ["drift"],
    ["state", "list"],
    ["state", "runs"],
    ["destroy", "--yes"],
]


@pytest.mark.parametrize("args", READING, ids=" ".join)
def test_before_the_first_run(shell: "Shell", command: Command, args: list[str]) -> None:
    """Where nothing was applied yet, that is said with code 1, and no journal is made."""
    manifest = shell.manifest(TABLES)

    results = [command(*args, manifest), command(*args, manifest)]

    assert [1, 1] == [result.code for result in results]
    assert all("does not exist: nothing was applied there yet" in result.err for result in results)


def test_looking_before_the_first_run(shell: "Shell", command: Command) -> None:
    """A plan and a check need no journal."""
    manifest = shell.manifest(TABLES)

    planned, checked = command("plan", manifest), command("verify", manifest)

    assert (0, 1) == (planned.code, checked.code)
    assert "2 create, 0 change" in planned.out
    assert "2 missing" in checked.out


@pytest.mark.parametrize("args", [*READING, ["apply"], ["plan"]], ids=" ".join)
def test_another_manifest(shell: "Shell", command: Command, args: list[str]) -> None:
    """The journal of another manifest is refused, and nothing is sent."""
    assert 0 == command("apply", shell.manifest(TABLES)).code
    head = "manifest: other\ntargets: {crm: {service: zangtable, project: acme}}\n"
    other = shell.write("other.yaml", f"{head}tables: [{{target: crm, name: a}}]\n")
    before = [call for call in shell.calls if "create" in call]

    result = command(*args, str(other))

    assert 1 == result.code
    assert 'is that of the manifest "shell", not of "other": name another ' in result.err
    assert before == [call for call in shell.calls if "create" in call]


def test_after_a_run(shell: "Shell", command: Command) -> None:
    """What was made is as desired, nothing is open, nothing is to be done, and the journal has all of it."""
    manifest = shell.manifest(TABLES)
    assert 0 == command("apply", manifest).code

    results = [command(*args, manifest) for args in (["verify"], ["drift"], ["settle"])]
    plan, listed = command("plan", manifest), command("state", "list", manifest)
    report, shown = (
        command("report", manifest, "--format", "json"),
        command("state", "show", manifest, "crm/a"),
    )

    assert [0, 0, 0] == [result.code for result in results]
    assert ["2 as_desired\n", "nothing is open\n"] == [results[0].out, results[2].out]
    assert "0 create, 0 change, 2 unchanged" in plan.out
    assert ["created    crm/a  1", "created    research/B"] == [
        line[:22].rstrip() for line in listed.out.splitlines()
    ]
    # The last run is that of `settle`.
    assert "settle" == report.lines[0]["command"]
    assert ["create intent", "create created 1"] == [line.split("  ")[1] for line in shown.out.splitlines()]


@pytest.mark.parametrize("form", ["markdown", "json", "html"])
def test_report(shell: "Shell", command: Command, form: str) -> None:
    """The report of a run is by its facts, in each form, also by the id of the run."""
    manifest = shell.manifest(TABLES)
    command("apply", manifest)
    (run,) = command("state", "runs", manifest, "--json").lines

    result = command("report", manifest, "--format", form, "--run", run["run_id"])

    assert 0 == result.code
    if form == "json":
        (line,) = result.lines
        assert ({"created": 3}, {"created": 2}) == (line["outcomes"], line["tables"])
        assert (3, 0, "done") == (line["latency"]["steps"], line["open"], line["ending"])
    else:
        assert run["run_id"].rpartition("_")[2] in result.out
    unknown = command("report", manifest, "--run", "run_x")
    assert (1, True) == (unknown.code, "run_x" in unknown.err)


@pytest.mark.parametrize("moved", [False, True], ids=["folder", "database"])
def test_lost_reply_is_settled(shell: "Shell", empty_database: Callable[[], str], moved: bool) -> None:  # noqa: FBT001 -- a case
    """What one machine left unknown is settled by the command, also after a move to where workers are."""
    assert shell.emulator is not None
    shell.emulator.fault("extruct.create_rows", when="after", what="drop", nth=1)
    shell.emulator.fault("extruct.get_table_data", when="before", what="status", status=403)
    manifest = shell.manifest(TABLES.splitlines()[1])
    state = str(shell.folder / "state")
    assert 4 == shell.run("apply", manifest, "--state", state).code
    shell.emulator.clear_faults()
    place = ["--state", state]
    if moved:
        place = ["--journal", empty_database()]
        assert 0 == shell.run("move", state, place[1]).code
        assert 4 == shell.run("status", *place).code

    settled = shell.run("settle", manifest, "--json", *place)

    first, last = settled.lines
    assert ("settled", "rows:0", "adopted") == (first["event"], first["step"], first["outcome"])
    assert ("settle_ended", "done") == (last["event"], last["ending"])
    assert 0 == shell.run("verify", manifest, *place).code


def test_forget_and_adopt(shell: "Shell", command: Command) -> None:
    """What is forgotten counts as found, and what is adopted as made."""
    manifest = shell.manifest(TABLES)
    command("apply", manifest)

    forgotten = command("state", "forget", manifest, "crm/a", "research/B")
    unknown = command("state", "forget", manifest, "crm/x")
    adopted = command("state", "adopt", manifest, "--ours", "--json")
    again = command("state", "adopt", manifest)

    assert (0, "2 forgotten; the tables are as they were\n") == (forgotten.code, forgotten.out)
    assert 1 == unknown.code
    assert ["ours", "ours"] == [line["taken"] for line in adopted.lines]
    assert ["known", "known"] == [line.split()[0] for line in again.out.splitlines()]
    runs = command("state", "runs", manifest, "--json").lines
    assert ["adopt", "adopt", "forget", "apply"] == [run["command"] for run in runs]


def test_drift(shell: "Shell", command: Command) -> None:
    """A table that is not in the manifest any more is an orphan; one that somebody deleted is missing."""
    command("apply", shell.manifest(TABLES))
    fewer = shell.manifest(TABLES.splitlines()[0])

    result = command("drift", fewer)

    assert 0 == result.code
    assert "o orphan research/B" in result.out


def test_rollback_and_destroy(shell: "Shell", command: Command) -> None:
    """A rollback takes away what one run added, and destroy what all runs made."""
    manifest = shell.manifest(TABLES)
    command("apply", manifest)
    shell.manifest(TABLES.replace("[{input: b.com}]", "[{input: b.com}, {input: c.com}]"))
    assert 0 == command("apply", manifest).code
    last = command("state", "runs", manifest, "--json").lines[0]

    back = command("rollback", manifest, last["run_id"], "--yes")
    unknown = command("rollback", manifest, "run_x", "--yes")
    destroyed = command("destroy", manifest, "--yes", "--json")

    assert 0 == back.code
    assert "1 deleted, 0 gone, 0 left" in back.out
    assert 1 == unknown.code
    # ZangTable documents no call that deletes a table.
    assert 1 == destroyed.code
    fates = {line["key"]: line["fate"] for line in destroyed.lines if line["event"] == "removed"}
    assert {"a": "left", "B": "deleted"} == fates
    assert ["destroy", "rollback", "apply", "apply"] == [
        run["command"] for run in command("state", "runs", manifest, "--json").lines
    ]


@pytest.mark.parametrize("args", [["settle"], ["state", "adopt"]], ids=" ".join)
def test_workers_come_first(shell: "Shell", url: str, args: list[str]) -> None:
    """While workers carry a run out, what would change the journal waits for its end, which is said with code 3."""
    manifest = shell.manifest(TABLES)
    run_id = shell.run("apply", manifest, "--journal", url, "--json").lines[0]["run_id"]

    held = shell.run(*args, manifest, "--journal", url)
    shell.run("cancel", "--journal", url)
    after = shell.run(*args, manifest, "--journal", url)

    assert 3 == held.code
    assert f"is that of workers: {run_id} goes on; wait for its end, or `aiotables cancel` it" in held.err
    assert after.code in {0, 1}


def test_environment(shell: "Shell", url: str) -> None:
    """The database may be named in the environment; then neither it nor the manifest has to be on the command line."""
    shell.run("apply", shell.manifest(TABLES), AIOTABLES_JOURNAL=url)

    results = [shell.run(command, AIOTABLES_JOURNAL=url) for command in ("status", "report")]

    assert [0, 0] == [result.code for result in results]
