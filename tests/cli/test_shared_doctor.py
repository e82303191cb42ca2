"""`aiotables doctor --journal`."""

from typing import TYPE_CHECKING

import psycopg


if TYPE_CHECKING:
    from tests.cli.conftest import Shell

TABLES = "- {target: crm, name: a}\n- {target: crm, name: b}\n"


def test_whole(shell: "Shell", url: str) -> None:
    """Nothing is the matter with a run; before the first one there is no journal, which is harmless."""
    manifest = shell.manifest(TABLES)

    before = shell.run("doctor", "--journal", url)
    shell.run("apply", manifest, "--journal", url)
    after = shell.run("doctor", manifest, "--repair", "--journal", url)

    assert (0, "none_there: There is no journal. ") == (before.code, before.out[:33])
    assert (0, "nothing is the matter\n") == (after.code, after.out)


def test_repair(shell: "Shell", url: str) -> None:
    """What is wrong is told with code 1, and mended when that is asked for; then the run goes on."""
    manifest = shell.manifest(TABLES)
    shell.run("apply", manifest, "--journal", url)
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute("DROP SCHEMA aiotables_queue CASCADE")
        connection.execute(
            "INSERT INTO aiotables.steps (target, key, step, run_id, latest_seq) VALUES ('x', 'y', 'create', 'r', 1)"
        )

    told = shell.run("doctor", manifest, "--journal", url)
    done = shell.run("doctor", manifest, "--repair", "--journal", url)

    assert 1 == told.code
    assert "inconsistent: 1 state does not follow from the facts" in told.out
    assert "unticketed: 1 target has shards that are due" in told.out
    assert 0 == done.code
    assert "the states follow from the facts again; those before are in aiotables.kept_steps_" in done.out
    assert "0 runs ended, 1 ticket offered again" in done.out
    assert 0 == shell.run("worker", "--until-done", "--journal", url).code
    assert 0 == shell.run("verify", manifest, "--journal", url).code


def test_json(shell: "Shell", url: str) -> None:
    """As JSON, findings and what was done are events."""
    manifest = shell.manifest(TABLES)
    shell.run("apply", manifest, "--journal", url)
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute("UPDATE aiotables.shards SET state = 'done'")

    finding, done = shell.run("doctor", manifest, "--repair", "--json", "--journal", url).lines
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute("UPDATE aiotables.runs SET ended_at = NULL, ending = NULL")
    told = shell.run("doctor", manifest, "--repair", "--journal", url)

    assert ("finding", "unended", True) == (finding["event"], finding["trouble"], finding["harmless"])
    assert {"event": "repaired", "kept": None, "ended": 1, "tickets": 0} == done
    assert told.out.endswith("\n1 run ended, 0 tickets offered again\n")


def test_workers_live(shell: "Shell", url: str) -> None:
    """While workers live nothing is mended, which is said with code 3."""
    manifest = shell.manifest(TABLES)
    shell.run("apply", manifest, "--journal", url)
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute("INSERT INTO aiotables_queue.procrastinate_workers DEFAULT VALUES")

    looked = shell.run("doctor", manifest, "--journal", url)
    refused = shell.run("doctor", manifest, "--repair", "--journal", url)

    assert (0, 3) == (looked.code, refused.code)
    assert "held: Workers are at it: 1 gave a sign of life" in looked.out
    assert "cannot be mended while workers live" in refused.err


def test_another_manifest(shell: "Shell", url: str) -> None:
    """A database of another manifest is told with code 1, and is not touched."""
    shell.run("apply", shell.manifest(TABLES), "--journal", url)
    other = shell.write("other.json", '{"manifest": "labels"}')

    told = shell.run("doctor", str(other), "--journal", url)
    refused = shell.run("doctor", str(other), "--repair", "--journal", url)

    assert (1, 1) == (told.code, refused.code)
    assert 'foreign: It is the journal of the manifest "shell", and this one is "labels".' in told.out
    assert "name another database with --journal" in refused.err
