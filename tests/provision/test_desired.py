"""Tests of `aiotables.provision.desired`."""

import pickle
from pathlib import Path
from typing import Any

import pytest
from attrs import evolve

from aiotables.core.sentinels import UNSET
from aiotables.provision.desired import (
    Desired,
    ExtructSpec,
    RowSource,
    Spec,
    ZangTableColumn,
    ZangTableIndex,
    ZangTableSpec,
    digest,
    identity,
    spec_json,
)
from aiotables.provision.problems import Place
from aiotables.provision.sources import Row, RowFile
from aiotables.provision.template import Template
from aiotables.provision.tree import Node


FILE = RowFile(name="c.csv", path=Path("c.csv"), columns=("a",))


def _template(text: str) -> Template:
    return Template.parse(Node(text, Place("m.yaml", 1), "$"))


ZANGTABLE = ZangTableSpec(
    name="t",
    columns=(ZangTableColumn(name="a"), ZangTableColumn(name="b", default=None)),
    indexes=(ZangTableIndex(name="i", columns=("a",)),),
)
EXTRUCT = ExtructSpec(
    name="t",
    columns=({"kind": "input", "name": "C", "key": "input"},),
    rows=RowSource(file=FILE, where=(("a", "x"),), data={"input": _template("${a}")}),
)


def test_identity_is_stable() -> None:
    """The identity is written into other people's services, so it must be the same in every release."""
    assert "91d5b941923546b8" == identity("m", "crm", "acme/Artist")


def test_identity_tells_its_parts_apart() -> None:
    """Moving a character from one part to the next makes another identity."""
    assert identity("a", "bc", "d") != identity("ab", "c", "d")


def test_digest_is_stable() -> None:
    """Digests are kept between runs, so a release that changes them makes every table look changed."""
    assert "35cf4d2adedf7fcc3aa83c22b2f11a40" == digest(ZANGTABLE)
    assert "f99274c5375c9be2c8679457537aa64f" == digest(EXTRUCT)


def test_digest_ignores_the_order_of_keys() -> None:
    """A column config is an object: the order of its keys does not count."""
    columns = ({"key": "input", "name": "C", "kind": "input"},)

    assert digest(EXTRUCT) == digest(evolve(EXTRUCT, columns=columns))


@pytest.mark.parametrize(
    "other",
    [
        evolve(ZANGTABLE, name="u"),
        evolve(ZANGTABLE, display_name=""),
        evolve(ZANGTABLE, indexes=()),
        evolve(ZANGTABLE, columns=(ZangTableColumn(name="a"), ZangTableColumn(name="b"))),
        evolve(ZANGTABLE, columns=ZANGTABLE.columns[::-1]),
        ExtructSpec(name="t"),
        EXTRUCT,
        evolve(EXTRUCT, run=True),
        evolve(EXTRUCT, rows=()),
        evolve(EXTRUCT, rows=({"input": "x"},)),
        evolve(EXTRUCT, rows=RowSource(file=FILE)),
        evolve(EXTRUCT, rows=RowSource(file=FILE, where=(("a", "x"),), data={"input": _template("$${a}")})),
    ],
)
def test_digest_changes_with_the_spec(other: Spec) -> None:
    """Whatever is different makes another digest; no default and null are different, too."""
    specs: list[Spec] = [ZANGTABLE, EXTRUCT, other]

    assert len({repr(spec) for spec in specs}) == len({digest(spec) for spec in specs})


def test_spec_json_of_a_zangtable_table() -> None:
    """A spec is written in the words of the manifest; a default that is not given is not there."""
    written: dict[str, Any] = spec_json(ZANGTABLE)

    assert "default" not in written["columns"][0]
    assert written["columns"][1] == {
        "name": "b",
        "type": "TEXT",
        "primary": False,
        "unique": False,
        "nullable": True,
        "default": None,
    }
    assert [{"name": "i", "columns": ["a"], "unique": False}] == written["indexes"]


def test_spec_json_of_an_extruct_table() -> None:
    """Rows of a file are written as where they are from."""
    assert {"from": "c.csv", "where": {"a": "x"}, "data": {"input": "${a}"}} == spec_json(EXTRUCT)["rows"]


def test_desired_pickles() -> None:
    """Desired tables can be handed to other processes, an absent default included."""
    desired = Desired(
        target="crm", key="k", name="t", spec=ZANGTABLE, identity="0" * 16, digest="0" * 32, origin="t.csv:2"
    )

    again = pickle.loads(pickle.dumps(desired))  # noqa: S301 - made on the line itself

    assert desired == again
    assert UNSET is again.spec.columns[0].default


def test_marker_is_the_tag_of_an_extruct_table() -> None:
    """The tag that marks a table as ours holds its identity."""
    desired = Desired(
        target="crm", key="k", name="t", spec=EXTRUCT, identity="0123456789abcdef", digest="", origin=""
    )

    assert "aiotables:0123456789abcdef" == desired.marker


@pytest.mark.parametrize(
    ("values", "matches"),
    [
        ({"a": "x", "b": "1"}, True),
        ({"a": "x", "b": 1}, True),
        ({"a": "y", "b": "1"}, False),
        ({"a": "x"}, False),
        ({"a": ["x"], "b": "1"}, False),
    ],
)
def test_rows_match_by_text(values: dict[str, object], matches: bool) -> None:  # noqa: FBT001 - pytest passes it
    """A row is taken when its values, written as text, are equal; a missing column and a list are not."""
    source = RowSource(file=FILE, where=(("a", "x"), ("b", "1")))

    assert matches is (source.match == source.match_of(Row(1, values)))


def test_rows_without_a_template_are_taken_as_they_are() -> None:
    """Without `data`, every column of the row is a value."""
    assert {"a": [1]} == RowSource(file=FILE).data_of(Row(1, {"a": [1]}))
