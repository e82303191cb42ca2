"""What a run of workers takes."""

from collections.abc import Callable
from pathlib import Path
from typing import TypeAlias

import pytest

from aiotables.provision.desired import Desired, ExtructSpec, Spec, ZangTableIndex, ZangTableSpec
from aiotables.provision.estimate import Needs, requests_of
from aiotables.provision.expand import expand
from aiotables.provision.manifest import Manifest
from aiotables.provision.targets import AnyTarget, ExtructTarget, ZangTableTarget


Make: TypeAlias = Callable[[str], Manifest]


def crm(name: str, *, rate: float | None, variable: str = "T") -> AnyTarget:
    """A target, with its token in a variable of the environment."""
    return ZangTableTarget(name=name, token_env=variable, project=name, rate=rate)


def test_time_of_one_token() -> None:
    """Tables times calls, by 97.5 % of the rate; and what the database gets: shards and journal."""
    needs = Needs({"crm": crm("crm", rate=200.0)})
    needs.add("crm", tables=1_000_000, requests=4_000_000)
    estimate = needs.estimate()

    assert pytest.approx(4_000_000 / 195) == estimate.seconds
    assert (1_000_000, 4_000_000, 4.0, 200.0) == (
        estimate.tables,
        estimate.requests,
        estimate.calls,
        estimate.rate,
    )
    assert 4_060_000_000 == estimate.size


def test_targets_of_one_token_share_its_rate() -> None:
    """The rate is that of the slowest of them, and their requests wait for each other."""
    needs = Needs({"a": crm("a", rate=None), "b": crm("b", rate=100.0), "c": crm("c", rate=200.0)})
    for target in "abc":
        needs.add(target, tables=10, requests=975)
    estimate = needs.estimate()

    assert 100.0 == estimate.rate
    assert pytest.approx(30.0) == estimate.seconds


def test_tokens_work_side_by_side() -> None:
    """The slowest token is what a run waits for; their rates together say how many workers are of use."""
    needs = Needs(
        {
            "a": crm("a", rate=1000.0, variable="A"),
            "b": crm("b", rate=100.0, variable="B"),
            "idle": ExtructTarget(name="idle", token_env="T"),
        }
    )
    needs.add("a", tables=10, requests=975)
    needs.add("b", tables=10, requests=975)
    estimate = needs.estimate()

    assert 1100.0 == estimate.rate
    assert pytest.approx(10.0) == estimate.seconds
    assert estimate.workers is not None
    assert estimate.workers > 1


def test_without_a_rate_nobody_can_tell() -> None:
    """The time is not known when a token that is needed has no limit; the room is."""
    needs = Needs({"a": crm("a", rate=None), "b": crm("b", rate=100.0, variable="B")})
    needs.add("a", tables=1, requests=1)
    estimate = needs.estimate()

    assert (None, None, None) == (estimate.rate, estimate.seconds, estimate.workers)
    assert 1060 == estimate.size


def test_nothing_to_do() -> None:
    """No tables take no time; what was counted can be forgotten."""
    needs = Needs({"crm": crm("crm", rate=1.0)})
    needs.add("crm", tables=5, requests=5)
    needs.clear()
    estimate = needs.estimate()

    assert (0, 0, 0.0, 0.0, 1) == (
        estimate.tables,
        estimate.requests,
        estimate.calls,
        estimate.seconds,
        estimate.workers,
    )


ROWS = tuple({"input": f"s{n}.example"} for n in range(101))


@pytest.mark.parametrize(
    ("spec", "requests"),
    [
        (ZangTableSpec(name="a"), 1),
        (ZangTableSpec(name="a", indexes=(ZangTableIndex(name="i", columns=("x",)),)), 2),
        (ExtructSpec(name="a"), 1),
        (ExtructSpec(name="a", rows=ROWS, run=True), 5),
        (ExtructSpec(name="a", id="t1", rows=ROWS), 3),
    ],
)
def test_requests_of_a_table(spec: Spec, requests: int) -> None:
    """One for the table, one for each index, one for fifty rows, and one to start the agents."""
    desired = Desired(
        target="t", key="a", name="a", spec=spec, identity="0" * 16, digest="0" * 32, origin="m.yaml:1"
    )

    assert requests == requests_of(desired)


def test_rows_of_files_are_not_counted(manifest: Make, write: Callable[[str, str], Path]) -> None:
    """A file may hold any number of rows, and is not read for an estimate."""
    write("sites.csv", "site\nacme.example\n")
    (desired,) = expand(manifest("  - {target: research, name: A, rows: {from: sites.csv}}"))

    assert 1 == requests_of(desired)
