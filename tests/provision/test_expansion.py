"""Tests of `aiotables.provision.expansion`."""

from collections.abc import Callable
from pathlib import Path

from aiotables.provision.desired import Desired
from aiotables.provision.expansion import expansion, from_source, source_of
from aiotables.provision.manifest import Manifest
from aiotables.provision.problems import Problem


Make = Callable[[str], Manifest]
Write = Callable[[str, str], Path]


def test_each_with_its_template_and_row(manifest: Make, write: Write) -> None:
    """A table comes with what it was made of, and one that cannot be made with why not, in its place."""
    write("t.csv", "slug\nacme\n1bad\n")
    single, acme, bad = expansion(
        manifest("  - {target: crm, name: B}\n  - {target: crm, for_each: t.csv, name: '${slug}'}")
    )

    assert (0, {}) == (single.number, single.row)
    assert (1, {"slug": "acme"}) == (acme.number, acme.row)
    assert isinstance(acme.found, Desired)
    assert ("acme", "t.csv:2") == (acme.found.name, acme.found.origin)
    assert isinstance(bad.found, Problem)


def test_made_again(manifest: Make, write: Write) -> None:
    """What is kept of a table is enough to make it again."""
    write("t.jsonl", '{"slug": "acme", "n": 1}\n')
    made_of = manifest(
        "  - {target: crm, for_each: t.jsonl, name: '${slug}_${n}', depends_on: [B]}\n  - {target: crm, name: B}"
    )

    for each in expansion(made_of):
        assert isinstance(each.found, Desired)
        assert each.found == from_source(made_of, source_of(each, each.found))
