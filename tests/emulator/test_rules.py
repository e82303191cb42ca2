"""What fault rules decide: which calls suffer, and that this repeats."""

from itertools import pairwise
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from aiotables.emulator import Fault
from aiotables.emulator.delays import Delay
from aiotables.emulator.rules import UNHARMED, Arrival, FaultRules, Verdict


CREATE = "zangtable.create_table"


def decide(rules: FaultRules, operation: str = CREATE, **facts: Any) -> Verdict:  # noqa: ANN401 - whatever a call has
    """What a call suffers."""
    return rules.decide(Arrival(operation=operation, **facts))


def fired(rules: FaultRules, calls: int, operation: str = CREATE) -> list[int]:
    """Which of so many calls suffer, counted from 1."""
    return [number for number in range(1, calls + 1) if decide(rules, operation).fault is not None]


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

    assert UNHARMED == decide(rules, "zangtable.get_table")
    assert [1] == fired(rules, 2)


def test_each_rule_counts_for_itself() -> None:
    """A call that another rule has taken counts all the same, but not among the times of a rule that it passed over."""
    first, second, third = drop(nth=1), drop(nth=2), drop(what="stall", times=1)
    rules = rules_of(first, second, third)

    assert [first, second, third, None] == [decide(rules).fault for _ in range(4)]


def test_a_pattern_matches_a_whole_service() -> None:
    """A star stands for any text."""
    rules = rules_of(drop(operation="extruct.*"))

    assert [1] == fired(rules, 1, "extruct.list_tables")
    assert [] == fired(rules, 1)


def test_the_first_rule_that_fires_decides() -> None:
    """Rules are asked in the order in which they were added."""
    first, second = drop(times=1), drop(what="stall")
    rules = rules_of(first, second)

    assert [first, second] == [decide(rules).fault, decide(rules).fault]
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
        decide(beside, "other")

    assert fired(alone, 50) == fired(beside, 50)


def test_a_share_is_about_its_probability() -> None:
    """One call in twenty suffers at 0.05."""
    assert 50 == pytest.approx(len(fired(rules_of(drop(probability=0.05), seed=1), 1000)), abs=25)


def test_a_service_stands_for_its_operations() -> None:
    """The name of a service alone is enough."""
    rules = rules_of(drop(operation="extruct"))

    assert [1] == fired(rules, 1, "extruct.list_tables")
    assert [] == fired(rules, 1)


def test_a_rule_for_a_path() -> None:
    """Calls of other paths are not counted."""
    rules = rules_of(drop(path="/projects/acme/*", nth=1))

    assert decide(rules, path="/projects/other/table").fault is None
    assert decide(rules, path="/projects/acme/table").fault is not None


@given(seed=st.integers(), others=st.lists(st.booleans(), max_size=60))
def test_calls_of_others_in_between_change_nothing(seed: int, others: list[bool]) -> None:
    """However calls of two operations interleave, the nth of each suffers or does not."""
    rule = drop(operation="*", probability=0.5)
    mixed, alone = rules_of(rule, seed=seed), rules_of(rule, seed=seed)

    of_one = [decide(mixed, "a.b" if other else CREATE).fault is not None for other in others]

    assert [hit for hit, other in zip(of_one, others, strict=True) if not other] == [
        decide(alone).fault is not None for other in others if not other
    ]


def test_delays_come_on_top() -> None:
    """All delays that are due add up, before and after, and the first other fault is suffered as well."""
    rules = rules_of(
        delay(delay=1),
        drop(),
        delay(delay=2.5),
        delay(when="after", delay=4, times=1),
    )

    assert [
        Verdict(drop(), before=3.5, after=4),
        Verdict(drop(), before=3.5),
    ] == [decide(rules) for _ in range(2)]


def delay(**options: Any) -> Fault:  # noqa: ANN401 - whatever a fault takes
    """A delay."""
    return drop(**{"when": "before", "what": "delay"} | options)


@given(seed=st.integers())
def test_delays_are_drawn_and_repeat(seed: int) -> None:
    """The same seed gives the same times; they differ from call to call."""
    rule = delay(delay=Delay("uniform", 1, 2))
    rules, again = rules_of(rule, seed=seed), rules_of(rule, seed=seed)

    times = [decide(rules).before for _ in range(9)]

    assert times == [decide(again).before for _ in range(9)]
    assert all(1 <= time <= 2 for time in times)
    assert all(one != other for one, other in pairwise(times))


def quota(**options: Any) -> Fault:  # noqa: ANN401 - whatever a fault takes
    """Two calls in ten seconds."""
    return drop(**{"when": "before", "what": "quota", "calls": 2, "window": 10} | options)


def test_a_quota_refuses_what_is_too_much() -> None:
    """So many calls go through, the rest hears when the window ends, in whole seconds, and is let through then."""
    rules = rules_of(quota())

    heard = [decide(rules, at=at).retry_after for at in (5.0, 6.0, 7.5, 14.9, 15.0, 24.0, 24.5)]

    assert [None, None, 8, 1, None, None, 1] == heard


@given(began=st.floats(0, 1e6), wait=st.floats(0, 9.9))
def test_who_waits_as_told_is_let_through(began: float, wait: float) -> None:
    """The Retry-After of a quota is right, whatever the time."""
    rules = rules_of(quota(calls=1))
    decide(rules, at=began)

    told = decide(rules, at=began + wait).retry_after

    assert told is not None
    assert UNHARMED == decide(rules, at=began + wait + told)


def test_each_token_has_its_own_quota() -> None:
    """What one token has used up is no matter to another, or to none."""
    rules = rules_of(quota(calls=1))

    assert [None, None, None, 10] == [
        decide(rules, token=token).retry_after for token in ("a", "b", None, "a")
    ]


def test_no_token_is_shown() -> None:
    """Neither by what is asked nor by what is kept."""
    rules = rules_of(quota())
    decide(rules, token="pat_secret")

    assert "pat_secret" not in repr(rules) + repr(Arrival(operation=CREATE, token="pat_secret"))


def test_a_throttle_says_what_its_rule_says() -> None:
    """Fractions included."""
    assert 0.5 == decide(rules_of(drop(when="before", what="throttle", retry_after=0.5))).retry_after
