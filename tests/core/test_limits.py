"""The rules of pacing."""

from hypothesis import given
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule

from aiotables.core.limits import LATE, Concurrency, Rate


def test_begins_at_the_ceiling() -> None:
    """Nobody has said of a limit, so all places are there from the beginning."""
    rules = Concurrency(ceiling=3)

    assert (True, False) == (rules.allows(2), rules.allows(3))


def test_refusals_halve() -> None:
    """Each refusal of a call that went out since the last halving halves the limit, down to one call at a time."""
    rules = Concurrency(ceiling=16)
    limits = []
    for time in range(1, 7):
        rules.refused(sent_at=time, now=time)
        limits.append(rules.limit)

    assert [8.0, 4.0, 2.0, 1.0, 1.0, 1.0] == limits
    assert rules.allows(0)


def test_calls_of_one_round_halve_once() -> None:
    """All that were out when the limit was halved are refused for the same reason."""
    rules = Concurrency(ceiling=16)

    for _ in range(16):
        rules.refused(sent_at=1.0, now=2.0)

    assert 8.0 == rules.limit


def test_answers_grow() -> None:
    """A round of answers lets about one call more out, up to the ceiling."""
    rules = Concurrency(ceiling=5, limit=2.0)
    limits = []
    for _ in range(20):
        rules.answered(1.0, in_flight=int(rules.limit))
        limits.append(int(rules.limit))

    assert 2 == limits[0]
    assert 3 == limits[2]
    assert 5.0 == rules.limit


def test_what_is_not_used_does_not_grow() -> None:
    """A limit that is not reached is not known to hold."""
    rules = Concurrency(ceiling=16, limit=4.0)

    rules.answered(1.0, in_flight=3)

    assert 4.0 == rules.limit


def test_slow_answers_do_not_grow() -> None:
    """When answers take longer than usual, more calls at once would only wait longer; once it is usual they would not."""
    rules = Concurrency(ceiling=16, limit=4.0)
    for _ in range(4):
        rules.answered(0.1, in_flight=1)

    for _ in range(5):
        rules.answered(1.0, in_flight=4)
    slow = rules.limit
    for _ in range(200):
        rules.answered(1.0, in_flight=int(rules.limit))

    assert (4.0, 16.0) == (slow - slow % 1, rules.limit)


class Pacing(RuleBasedStateMachine):
    """Calls that come and go, against a service with a limit of its own."""

    def __init__(self) -> None:
        super().__init__()
        self.limits = Concurrency(ceiling=16)
        self.now = 0.0
        self.out: list[float] = []

    @precondition(lambda self: self.limits.allows(len(self.out)))
    @rule()
    def go(self) -> None:
        """One more goes out."""
        self.now += 0.01
        self.out.append(self.now)

    @precondition(lambda self: self.out)
    @rule(elapsed=st.floats(0, 1000))
    def answer(self, elapsed: float) -> None:
        """The first is answered: the limit holds or grows, by less than one call a round."""
        before = self.limits.limit
        self.limits.answered(elapsed, in_flight=len(self.out))
        self.out.pop(0)

        assert before <= self.limits.limit <= before + 1 / before

    @precondition(lambda self: self.out)
    @rule(passed=st.floats(0, 10))
    def refuse(self, passed: float) -> None:
        """The first is refused: the limit halves when it was sent since the last time, and else stays."""
        before, halved_at = self.limits.limit, self.limits.halved_at
        self.now += passed
        sent_at = self.out.pop(0)
        self.limits.refused(sent_at=sent_at, now=self.now)

        assert (max(1.0, before / 2) if sent_at > halved_at else before) == self.limits.limit

    @precondition(lambda self: self.out)
    @rule()
    def lose(self) -> None:
        """The first goes without an answer, which says nothing of a limit."""
        self.out.pop(0)

    @invariant()
    def limits_hold(self) -> None:
        """One call may always go out when none is, and never more than the ceiling."""
        assert 1.0 <= self.limits.limit <= 16.0
        assert self.limits.allows(0)
        assert not self.limits.allows(16)
        assert len(self.out) <= 16


TestPacing = Pacing.TestCase


@given(
    interval=st.floats(0.002, 0.5),
    waiting=st.integers(1, 80),
    stalls=st.lists(st.floats(0, 0.5), min_size=1, max_size=40),
)
def test_standstill_makes_no_burst(interval: float, waiting: int, stalls: list[float]) -> None:
    """When the process stands still, those whose slots have passed go out one by one, and nobody overtakes."""
    rules, now, gone = Rate(interval=interval), 0.0, []
    slots = [rules.reserve(now) for _ in range(waiting)]
    for turn in range(100 * waiting):
        if not slots:
            break
        while slots and not rules.left(slots[0], now):
            gone.append((now, slots.pop(0)))
        # Sleeps end late, each in another way.
        now += max(rules.left(slots[0], now) if slots else 0.0, 0.001) + stalls[turn % len(stalls)]

    assert [] == slots
    assert sorted(slot for _, slot in gone) == [slot for _, slot in gone]
    for (first, _), (second, _), (third, _) in zip(gone, gone[1:], gone[2:], strict=False):
        assert third - first >= interval - 2 * LATE, (first, second, third)


def test_a_little_late_is_made_up() -> None:
    """Who is late by a moment holds nobody up: the rate is kept."""
    rules = Rate(interval=1.0)
    first, second = rules.reserve(5.0), rules.reserve(5.0)

    assert 0.0 == rules.left(first, 5.0 + LATE / 2)
    assert 6.0 == second
    assert 0.0 == rules.left(second, 6.0)


def test_much_too_late_moves_the_others() -> None:
    """Who is late by more than that takes the time from nobody: all later slots are later."""
    rules = Rate(interval=1.0)
    first, second = rules.reserve(5.0), rules.reserve(5.0)

    assert 0.0 == rules.left(first, 9.0)
    assert 1.0 == rules.left(second, 9.0)
    assert 2.0 == rules.left(rules.reserve(9.0), 9.0)


def test_burst_is_made_up() -> None:
    """Where several may go out at once, as many may do so late."""
    rules = Rate(interval=1.0, burst=3)
    slots = [rules.reserve(5.0) for _ in range(6)]

    assert [5.0, 5.0, 5.0, 6.0, 7.0, 8.0] == slots
    assert [0.0, 0.0, 1.0] == [rules.left(slot, 8.0) for slot in (6.0, 8.0, 9.0)]
    assert [0.0, 1.0] == [rules.left(slot, 9.0) for slot in (6.0, 7.0)]


def test_pause_beyond_a_slot() -> None:
    """A slot before the end of a pause is not to be used, also when the process stood still before."""
    rules = Rate(interval=1.0)
    late, slot = rules.reserve(0.0), rules.reserve(0.0)
    rules.left(late, 10.0)
    rules.pause(20.0)

    assert not rules.good(slot)
    again = rules.reserve(11.0)
    assert (9.0, True) == (rules.left(again, 11.0), rules.good(again))


def test_no_rate() -> None:
    """Without a rate each slot is now."""
    rules = Rate()

    assert [5.0, 5.0, 3.0] == [rules.reserve(5.0), rules.reserve(5.0), Rate().reserve(3.0)]


def test_pauses_move_slots() -> None:
    """After a pause slots begin at its end; a shorter one does not end a longer one."""
    rules = Rate(interval=2.0)
    rules.pause(10.0)
    rules.pause(5.0)

    assert [10.0, 12.0] == [rules.reserve(1.0), rules.reserve(1.0)]


@given(
    interval=st.floats(0.01, 10),
    burst=st.integers(1, 5),
    quiet=st.lists(st.floats(0, 30), min_size=1, max_size=30),
)
def test_never_faster_than_the_rate(interval: float, burst: int, quiet: list[float]) -> None:
    """In any stretch of time there are no more slots than the rate and the burst allow."""
    rules, now, slots = Rate(interval=interval, burst=burst), 0.0, []
    for pause in quiet:
        now += pause
        slots.append(rules.reserve(now))

    assert sorted(slots) == slots
    for first, begin in enumerate(slots):
        for count, end in enumerate(slots[first:], start=1):
            assert count <= (end - begin) / interval + burst + 1e-6
