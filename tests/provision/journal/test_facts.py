"""Records of the journal."""

from typing import Any

import pytest

from aiotables.provision.journal import Intent, Outcome, OutcomeKind, StepState


STEP: dict[str, Any] = {"run_id": "r", "target": "t", "key": "k", "step": "create", "at": 1.0}


@pytest.mark.parametrize(
    ("outcome", "is_open", "is_done"),
    [
        (None, True, False),
        (OutcomeKind.UNKNOWN, True, False),
        (OutcomeKind.CREATED, False, True),
        (OutcomeKind.ADOPTED, False, True),
        (OutcomeKind.UNCHANGED, False, True),
        (OutcomeKind.FAILED, False, False),
        (OutcomeKind.ABSENT, False, False),
        (OutcomeKind.DELETED, False, False),
    ],
)
def test_state_of_a_step(outcome: OutcomeKind | None, *, is_open: bool, is_done: bool) -> None:
    """A step is open while it may or may not have taken effect, and done when what it makes is there."""
    state = StepState(run_id="run_1", at=1.0, outcome=outcome)

    assert (is_open, is_done) == (state.is_open, state.is_done)


def test_reason_of_an_outcome() -> None:
    """The reason is read from the detail, as text, and is absent where none was given."""
    assert Outcome(**STEP, outcome=OutcomeKind.CREATED).reason is None
    assert "409" == Outcome(**STEP, outcome=OutcomeKind.FAILED, detail={"reason": 409}).reason


@pytest.mark.parametrize("name", ["target", "key", "step", "remote_id"])
def test_text_that_no_database_holds_is_refused(name: str) -> None:
    """NUL and lone surrogates are refused where the fact is made, not in the middle of others' commit."""
    with pytest.raises(ValueError, match=f"{name} holds a NUL character"):
        Outcome(**{**STEP, name: "a\0b"}, outcome=OutcomeKind.CREATED)
    with pytest.raises(UnicodeEncodeError):
        Outcome(**{**STEP, name: "caf\udce9"}, outcome=OutcomeKind.CREATED)


def test_detail_is_empty_unless_given() -> None:
    """A fact without detail has an empty one, its own."""
    assert {} == Intent(**STEP).detail
    assert Intent(**STEP).detail is not Intent(**STEP).detail
