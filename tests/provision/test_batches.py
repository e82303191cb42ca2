"""Batches: each row is sent once, whatever its file gains and however often it is read."""

import itertools
from collections import Counter
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from aiotables.core.convert import Converter
from aiotables.extruct._generated.models import Row
from aiotables.provision import batches
from aiotables.provision.desired import Desired, ExtructSpec
from aiotables.provision.journal import OutcomeKind, StepState


DESIRED = Desired(
    target="crm", key="a", name="a", spec=ExtructSpec(name="a"), identity="1f", digest="2", origin="lab:1"
)
ROW = st.dictionaries(st.sampled_from("abc"), st.sampled_from(["x", "y", 1, None, True]), min_size=1)


def row(data: dict[str, Any], metadata: dict[str, Any] | None = None) -> Row:
    """A row that is there."""
    fact = {"id": "r", "created_at": "2026-01-01T00:00:00Z", "data": data, "metadata": metadata or {}}
    return Converter().decode(fact, Row)


def state(*rows: str, outcome: OutcomeKind | None = OutcomeKind.CREATED) -> StepState:
    """What a journal has of a batch."""
    return StepState(run_id="r", at=1.0, outcome=outcome, detail={"rows": [*rows]})


def test_row_id() -> None:
    """A row goes by its data, in whatever order and wrapping it comes."""
    assert batches.row_id({"a": 1, "b": "x"}) == batches.row_id(
        {"b": {"value": {"answer": "x"}}, "a": {"value": 1}}
    )
    assert batches.row_id({"a": 1}) != batches.row_id({"a": "1"})
    assert 16 == len(batches.row_id({}))


def test_steps() -> None:
    """Each batch has its number, its mark, and the hashes of its rows for the journal."""
    rows = [{"a": number} for number in range(120)]

    first, second, third = batches.steps(DESIRED, rows, iter([0, 3, 4]))

    assert ["rows:0", "rows:3", "rows:4"] == [first.name, second.name, third.name]
    assert rows == [each.data for step in (first, second, third) for each in step.body.rows]
    assert [batches.row_id(each) for each in rows[100:]] == third.facts["rows"]
    assert {"aiotables_row": batches.row_id(rows[50]), "aiotables": "1f/3"} == second.body.rows[0].metadata


def test_no_rows() -> None:
    """Without rows there is nothing to send."""
    assert [] == [*batches.steps(DESIRED, [], itertools.count())]


def test_journalled() -> None:
    """Rows count as added when the outcome of their batch is known and good."""
    known = {
        "rows:0": state("x", "y"),
        "rows:1": state("x", outcome=OutcomeKind.ADOPTED),
        "rows:2": state("z", outcome=OutcomeKind.FAILED),
        "rows:3": state("z", outcome=None),
        "run": StepState(run_id="r", at=1.0, outcome=OutcomeKind.CREATED),
    }

    assert Counter(x=2, y=1) == batches.journalled(known)
    assert [0, 1] == [*batches.numbers(known)]


def test_recognised() -> None:
    """Rows are known by the hash that they carry, else by their data; a row that is not wanted does no harm."""
    wanted = {batches.row_id({"a": "x"}), batches.row_id({"a": "y", "b": None})}
    keys = [frozenset("a"), frozenset("ab")]
    there = [
        row({"a": "changed"}, {"aiotables_row": "1234"}),
        row({"a": "x", "c": {"value": "of an agent"}}),
        row({"a": {"value": "y"}}),
        row({"a": "z"}),
        row({"a": "x"}, {"aiotables_row": 5}),
    ]

    assert [
        "1234",
        batches.row_id({"a": "x"}),
        batches.row_id({"a": "y", "b": None}),
        batches.row_id({"a": "x"}),
    ] == [*batches.recognised(there, wanted, keys)]


def test_marked() -> None:
    """Numbers are read from the marks of this table's batches, and from no other mark."""
    marks = ["1f/0", "1f/12", "2f/7", "1f/x", "other", None]

    assert [0, 12] == [*batches.marked([row({}, {"aiotables": mark}) for mark in marks], "1f")]


@given(st.lists(ROW, max_size=12), st.data())
def test_each_row_once(rows: list[dict[str, Any]], data: st.DataObject) -> None:
    """Whichever rows are there already, picking sends the others, equal ones as often as they are missing."""
    there = [each for each in rows if data.draw(st.booleans())]
    missing = Counter(map(batches.row_id, rows)) - Counter(map(batches.row_id, there))

    picked = [*batches.pick(rows, missing)]

    assert Counter(map(batches.row_id, rows)) == Counter(map(batches.row_id, [*there, *picked]))
    assert [] == [*batches.pick(rows, Counter())]
