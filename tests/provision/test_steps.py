"""Steps as data: their paths, and what a journal knows of them."""

from collections.abc import Mapping

from aiotables.provision.desired import Desired, ZangTableSpec
from aiotables.provision.journal import OutcomeKind, StepState
from aiotables.provision.steps import CREATE, TABLE_ID, Step, made, on_table, same_digest
from aiotables.zangtable._generated import operations


DESIRED = Desired(
    target="crm", key="a", name="a", spec=ZangTableSpec(name="a"), identity="1", digest="2", origin="lab:1"
)


def state(outcome: OutcomeKind | None, **detail: object) -> StepState:
    """What a journal has of a step."""
    return StepState(run_id="run", at=1.0, outcome=outcome, detail=detail)


def test_path_takes_the_id_of_its_table() -> None:
    """The id of the table takes its place in the path; other parameters stay as they are."""
    step = Step(name="x", operation=operations.CREATE_INDEX, path={"table": TABLE_ID, "project": "acme"})

    assert {"table": "t1", "project": "acme"} == step.path_with("t1")
    assert {"table": "", "project": "acme"} == step.path_with(None)


def test_made() -> None:
    """A step is made when its latest state is a good outcome; an intent, a failure or nothing at all is none."""
    done = {OutcomeKind.CREATED, OutcomeKind.ADOPTED, OutcomeKind.UNCHANGED}

    assert [kind in done for kind in OutcomeKind] == [made({"x": state(kind)}, "x") for kind in OutcomeKind]
    assert not made({"x": state(None)}, "x")
    assert not made({}, "x")


def test_same_digest() -> None:
    """A table is known to be as desired when the journal has it as made with the digest that it has now."""
    assert same_digest({CREATE: state(OutcomeKind.CREATED, digest="2")}, DESIRED)
    assert not same_digest({CREATE: state(OutcomeKind.CREATED, digest="1")}, DESIRED)
    assert not same_digest({CREATE: state(OutcomeKind.FAILED, digest="2")}, DESIRED)
    assert not same_digest({}, DESIRED)


def test_steps_on_one_table() -> None:
    """Steps on a table that is gone do not count for the one made in its place."""
    old, new, other = (state(OutcomeKind.CREATED, table=table) for table in ("t1", "t2", None))
    known: Mapping[str, StepState] = {"rows:0": new, "rows:1": old, CREATE: other}

    assert {"rows:0": new} == on_table(known, "t2")
