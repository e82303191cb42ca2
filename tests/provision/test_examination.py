"""Tests of `aiotables.provision.examination`; what it finds is tested with `expand`, which asks it."""

from collections.abc import Callable
from pathlib import Path

import pytest

from aiotables.provision.examination import Examination
from aiotables.provision.expansion import expansion
from aiotables.provision.manifest import Manifest


Make = Callable[[str], Manifest]
Write = Callable[[str, str], Path]


def told(manifest: Manifest) -> list[str]:
    """What is wrong, table by table and in the end."""
    with Examination(manifest) as examination:
        found = [problem.message for each in expansion(manifest) for problem in examination.look(each)]
        return [*found, *(problem.message for problem in examination.rest())]


@pytest.mark.parametrize("key", ["", ", key: '${slug}'", ", key: 'other ${slug}'"])
def test_one_table_twice(manifest: Make, write: Write, key: str) -> None:
    """A table that is there twice is told once, whether it goes by its name or by a key of its own."""
    write("t.csv", "slug\nacme\nglobex\nacme\n")

    (message,) = told(manifest(f"  - {{target: crm, for_each: t.csv, name: '${{slug}}'{key}}}"))

    what = 'key "other acme"' if "other" in key else 'key "acme"' if key else 'name "acme" of the table'
    assert message.startswith(f"the {what} from t.csv:4 ($.tables[0]) is already used by t.csv:2")


def test_key_that_is_another_ones_name(manifest: Make) -> None:
    """Where one table has a key of its own, those of the others count, too."""
    (message,) = told(
        manifest("  - {target: crm, name: a}\n  - {target: crm, name: b, key: a}\n  - {target: crm, name: c}")
    )

    assert message.startswith('the key "a" from m.yaml:5 ($.tables[1]) is already used by m.yaml:4')


def test_order_is_kept_for_those_who_ask(manifest: Make) -> None:
    """With tables that depend on others the order is there in the end; without them nothing is kept of it."""
    ordered = manifest("  - {target: crm, name: a, depends_on: [b]}\n  - {target: crm, name: b}")
    with Examination(ordered) as examination:
        assert [] == [problem for each in expansion(ordered) for problem in examination.look(each)]
        assert [0, 1] == [level for level, _ in examination.ordering.ranked()]

    plain = manifest("  - {target: crm, name: a}")
    with Examination(plain) as examination:
        assert [] == [problem for each in expansion(plain) for problem in examination.look(each)]
        assert (False, []) == (examination.ordered, list(examination.ordering.ranked()))
