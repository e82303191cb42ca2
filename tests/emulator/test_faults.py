"""Fault rules: what can be written, and what fires."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from aiotables.emulator import Fault
from aiotables.emulator.faults import FaultRules


CREATE = "zangtable.create_table"


@pytest.mark.parametrize(
    ("text", "fault"),
    [
        (f"{CREATE}:after:drop", Fault(operation=CREATE, when="after", what="drop")),
        (f"{CREATE}:after:drop:p=0.05", Fault(operation=CREATE, when="after", what="drop", probability=0.05)),
        (
            "extruct.*:before:stall:stall=2.5",
            Fault(operation="extruct.*", when="before", what="stall", stall_seconds=2.5),
        ),
        (
            "*:before:throttle:retry_after=3:nth=2",
            Fault(operation="*", when="before", what="throttle", retry_after=3, nth=2),
        ),
        (
            "*:before:status:status=503:times=4",
            Fault(operation="*", when="before", what="status", status=503, times=4),
        ),
    ],
)
def test_a_fault_is_read_from_text(text: str, fault: Fault) -> None:
    """Each part and each key of the text form has its place."""
    assert fault == Fault.parse(text)


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("zangtable.create_table", "is not OPERATION:WHEN:WHAT"),
        ("", "is not OPERATION:WHEN:WHAT"),
        (":after:drop", "operation"),
        ("x:during:drop", "when of a fault is one of before, after, not 'during'"),
        (
            "x:after:explode",
            "what of a fault is one of drop, stall, status, throttle, cut, garble, not 'explode'",
        ),
        ("x:after:drop:p", "'p' is not KEY=VALUE with one of the keys p, nth"),
        ("x:after:drop:odds=1", "'odds=1' is not KEY=VALUE"),
        ("x:after:drop:p=often", "p is not a number: 'often'"),
        ("x:after:drop:p=0.1:p=0.2", "p is given twice"),
        ("x:after:drop:p=1.5", "probability of a fault lies between 0 and 1, not at 1.5"),
        ("x:after:drop:p=nan", "probability of a fault lies between 0 and 1"),
        ("x:after:drop:nth=0", "nth of a fault lies between 1"),
        ("x:after:drop:times=1.5", "times is not a number"),
        ("x:after:status:status=200", "status of a fault lies between 400 and 599, not at 200"),
        ("x:before:throttle:retry_after=-1", "retry_after of a fault lies between 0"),
        ("x:after:throttle", "use before:throttle"),
    ],
)
def test_a_wrong_fault_is_told_clearly(text: str, says: str) -> None:
    """The message names the whole text and what is wrong with it."""
    with pytest.raises(ValueError, match="fault") as caught:
        Fault.parse(text)

    assert says in str(caught.value)
    assert repr(text) in str(caught.value)


def fired(rules: FaultRules, calls: int, operation: str = CREATE) -> list[int]:
    """Which of so many calls suffer, counted from 1."""
    return [number for number in range(1, calls + 1) if rules.decide(operation) is not None]


def rules_of(*faults: Fault, seed: int = 0) -> FaultRules:
    """The faults in force."""
    rules = FaultRules(seed)
    for fault in faults:
        rules.add(fault)
    return rules


def drop(**options: Any) -> Fault:  # noqa: ANN401 - whatever a fault takes
    """A fault with options."""
    facts: dict[str, Any] = {"operation": CREATE, "when": "after", "what": "drop"}
    return Fault(**facts | options)


def test_a_rule_without_conditions_fires_always() -> None:
    """Probability one means every call."""
    assert [1, 2, 3] == fired(rules_of(drop()), 3)


def test_the_nth_call_alone() -> None:
    """A rule with nth fires once, at that call."""
    assert [3] == fired(rules_of(drop(nth=3)), 9)


def test_no_more_than_so_many_times() -> None:
    """A rule with times stops firing after them."""
    assert [1, 2] == fired(rules_of(drop(times=2)), 9)


def test_other_operations_do_not_count() -> None:
    """What a rule does not match, it does not see."""
    rules = rules_of(drop(nth=1))

    assert rules.decide("zangtable.get_table") is None
    assert [1] == fired(rules, 2)


def test_each_rule_counts_for_itself() -> None:
    """A call that another rule has taken counts all the same, but not among the times of a rule that it passed over."""
    first, second, third = drop(nth=1), drop(nth=2), drop(what="stall", times=1)
    rules = rules_of(first, second, third)

    assert [first, second, third, None] == [rules.decide(CREATE) for _ in range(4)]


def test_a_pattern_matches_a_whole_service() -> None:
    """A star stands for any text."""
    rules = rules_of(drop(operation="extruct.*"))

    assert [1] == fired(rules, 1, "extruct.list_tables")
    assert [] == fired(rules, 1)


def test_the_first_rule_that_fires_decides() -> None:
    """Rules are asked in the order in which they were added."""
    first, second = drop(times=1), drop(what="stall")
    rules = rules_of(first, second)

    assert [first, second] == [rules.decide(CREATE), rules.decide(CREATE)]
    assert (first, second) == rules.faults


@given(seed=st.integers(), probability=st.floats(0, 1), calls=st.integers(0, 200))
def test_the_same_seed_repeats(seed: int, probability: float, calls: int) -> None:
    """The same seed and the same calls give the same faults, after clearing, too."""
    rules = rules_of(drop(probability=probability), seed=seed)
    first = fired(rules, calls)
    rules.clear()
    rules.add(drop(probability=probability))

    assert first == fired(rules, calls) == fired(rules_of(drop(probability=probability), seed=seed), calls)


@given(seed=st.integers())
def test_rules_draw_apart(seed: int) -> None:
    """A rule for other calls does not change which calls another rule hits."""
    alone = rules_of(drop(probability=0.5), seed=seed)
    beside = rules_of(drop(probability=0.5), drop(operation="other", probability=0.5), seed=seed)

    for _ in range(20):
        beside.decide("other")

    assert fired(alone, 50) == fired(beside, 50)


def test_a_share_is_about_its_probability() -> None:
    """One call in twenty suffers at 0.05."""
    assert 50 == pytest.approx(len(fired(rules_of(drop(probability=0.05), seed=1), 1000)), abs=25)


def test_a_fault_is_told_in_short() -> None:
    """The record of calls names a fault by its three parts."""
    assert f"{CREATE}:after:drop" == str(drop(probability=0.5))
