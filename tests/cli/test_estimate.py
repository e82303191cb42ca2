"""Estimates in words, and the page with those of many runs."""

import re
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from aiotables.cli.estimate import estimate_json, estimate_text, size_text, time_text
from aiotables.provision.estimate import Estimate, Needs
from aiotables.provision.targets import ZangTableTarget


if TYPE_CHECKING:
    from tests.cli.conftest import Shell

PAGE = Path(__file__).parents[2] / "docs" / "workers.md"


def estimate_of(tables: int, *, calls: int, rate: float | None) -> Estimate:
    """The estimate of a run with one token."""
    needs = Needs({"crm": ZangTableTarget(name="crm", token_env="T", project="acme", rate=rate)})
    needs.add("crm", tables=tables, requests=tables * calls)
    return needs.estimate()


@pytest.mark.parametrize(
    ("seconds", "text"),
    [
        (0.4, "0 s"),
        (59, "59 s"),
        (60, "1 minute"),
        (1026, "17 minutes"),
        (5128, "1.4 hours"),
        (102_564, "1.2 days"),
        (86_400 * 189.9, "190 days"),
    ],
)
def test_time(seconds: float, text: str) -> None:
    """Times have two digits, in the largest unit that they fill."""
    assert text == time_text(seconds)


@pytest.mark.parametrize(
    ("size", "text"), [(60, "0.06 KB"), (1_060_000, "1.1 MB"), (40_600_000_000, "41 GB")]
)
def test_size(size: int, text: str) -> None:
    """So have sizes."""
    assert text == size_text(size)


def test_in_words() -> None:
    """Everything that was asked for is told: tables, calls, rate, time, workers and room."""
    assert (
        "1,000,000 tables with 4 requests each, 200 a second: 5.7 hours, 1 worker, and one more for when one dies, "
        "4.1 GB of journal"
    ) == estimate_text(estimate_of(1_000_000, calls=4, rate=200.0))
    assert " workers, and one more" in estimate_text(estimate_of(1000, calls=1, rate=5000.0))


def test_without_a_rate() -> None:
    """What cannot be told is said to be so."""
    assert (
        "1,000 tables with 1 request each: no estimate of the time, since a target has no rate; 1.1 MB of journal"
    ) == estimate_text(estimate_of(1000, calls=1, rate=None))


def test_as_json() -> None:
    """Programs get the numbers."""
    told = estimate_json(estimate_of(1000, calls=2, rate=100.0))["workers"]

    assert (1000, 2000, 2.0, 100.0) == (told["tables"], told["requests"], told["calls"], told["rate"])
    assert {"seconds", "workers", "sharing", "size"} < told.keys()


def rows_of(first: str) -> Iterator[list[str]]:
    """The rows of the tables of the page whose head begins like that, heads included."""
    inside = False
    for line in PAGE.read_text(encoding="utf-8").splitlines():
        cells = [cell.strip() for cell in line.strip("|").split("|")]
        inside = line.startswith("|") and (inside or re.fullmatch(first, cells[0]) is not None)
        if inside and not line.startswith("| ---"):
            yield cells


def test_times_on_the_page() -> None:
    """The times that the page shows are those that plan prints."""
    tables, rates, seen = 0, [0], 0
    for head, *cells in rows_of(r"[\d,]+ tables"):
        if head.endswith(" tables"):
            tables = int(head.removesuffix(" tables").replace(",", ""))
            rates = [int(cell.removeprefix("R = ").replace(",", "")) for cell in cells]
            continue
        calls = int(head.split()[0])
        times = [estimate_of(tables, calls=calls, rate=rate).seconds or 0.0 for rate in rates]
        assert [time_text(time) for time in times] == cells, head
        seen += 1

    assert (10_000_000, 6) == (tables, seen)


def test_room_on_the_page() -> None:
    """So are the time that sharing takes, and the room in the database."""
    _, *rows = rows_of("Tables")
    for head, sharing, *sizes in rows:
        estimates = [estimate_of(int(head.replace(",", "")), calls=calls, rate=1.0) for calls in (1, 4, 16)]
        assert [time_text(estimates[0].sharing), *(size_text(each.size) for each in estimates)] == [
            sharing,
            *sizes,
        ]

    assert "10,000,000" == rows[-1][0]


def test_workers_on_the_page() -> None:
    """And the workers."""
    (_, *rates), (_, *workers) = rows_of("Requests a second")

    assert [
        str(estimate_of(1, calls=1, rate=float(rate.replace(",", ""))).workers) for rate in rates
    ] == workers


def test_plan_for_workers(shell: "Shell", url: str) -> None:
    """With the database named, plan says what workers take for it, until there is nothing to do."""
    manifest = shell.manifest("- {target: crm, name: a}\n- {target: crm, name: b}\n")
    shell.write("m.yaml", Path(manifest).read_text(encoding="utf-8").replace("acme,", "acme, rate: 100,"))

    words = shell.run("plan", manifest, "--journal", url)
    (*_, told) = shell.run("plan", manifest, "--journal", url, "--json").lines
    alone = shell.run("plan", manifest)

    assert "\n2 tables with 1 request each, 100 a second: 0 s, 1 worker, " in words.out
    assert (2, 100.0) == (told["workers"]["tables"], told["workers"]["rate"])
    assert "request each" not in alone.out

    shell.run("apply", manifest, "--journal", url)
    shell.run("worker", "--journal", url, "--until-done")
    assert "request each" not in shell.run("plan", manifest, "--journal", url).out


@pytest.mark.parametrize(
    ("words", "reason"),
    [
        (("--max-requests", "2"), "need 3 requests; 2 are allowed"),
        (("--max-duration", "2"), "need 3 s; 2 s are allowed"),
    ],
)
def test_more_than_is_allowed(shell: "Shell", url: str, words: tuple[str, ...], reason: str) -> None:
    """Tables that need more than they may are not given to workers."""
    tables = "- {target: crm, name: a}\n- {target: crm, name: b}\n- {target: crm, name: c}\n"
    manifest = shell.manifest(tables)
    shell.write("m.yaml", Path(manifest).read_text(encoding="utf-8").replace("acme,", "acme, rate: 1,"))

    result = shell.run("apply", manifest, "--journal", url, *words)

    assert 1 == result.code
    assert f"the tables, when none of them is there yet, {reason}" in result.err
    assert 1 == shell.run("status", "--journal", url).code
