"""How a run goes on: waves, the canary, tolerance, limits."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from aiotables.provision.course import NO_RULES, Course, Next, Rules, Tolerance
from aiotables.provision.journal import OutcomeKind


CREATED, UNCHANGED = OutcomeKind.CREATED, OutcomeKind.UNCHANGED
FAILED, UNKNOWN = OutcomeKind.FAILED, OutcomeKind.UNKNOWN


def next_of(course: Course, *, requests: int = 0, seconds: float = 0.0) -> Next:
    """What comes next."""
    return course.next(requests=requests, seconds=seconds)


def finish(course: Course, *outcomes: OutcomeKind | None) -> None:
    """Begin and end tables."""
    for outcome in outcomes:
        course.begin()
        course.end(outcome)


@pytest.mark.parametrize(
    ("text", "tolerance", "of_200"),
    [
        ("0", Tolerance(0), 0),
        ("5", Tolerance(5), 5),
        (" 2% ", Tolerance(share=0.02), 4),
        ("0.6%", Tolerance(share=0.006), 1),
        ("100%", Tolerance(share=1.0), 200),
    ],
)
def test_tolerance(text: str, tolerance: Tolerance, of_200: int) -> None:
    """A number is a number, and a share that of the tables, rounded down."""
    assert tolerance == Tolerance.parse(text)
    assert of_200 == tolerance.of(200)


@pytest.mark.parametrize("text", ["", "x", "-1", "1.5", "101%", "%", "5 %"])
def test_no_tolerance(text: str) -> None:
    """Anything else is refused, and named."""
    with pytest.raises(ValueError, match=f"expected a number such as 5, or a share such as 2%; got {text!r}"):
        Tolerance.parse(text)


def test_without_rules() -> None:
    """Without rules everything is begun at once, whatever fails."""
    course = Course(NO_RULES, total=3)
    finish(course, FAILED, UNKNOWN, None)

    assert Next.BEGIN is next_of(course, requests=10**9, seconds=10**9)
    assert course.size is None


def test_waves() -> None:
    """A wave takes so many tables that need something, and the next begins when all of them are finished."""
    course = Course(Rules(wave=2), total=10)
    seen = []
    finish(course, UNCHANGED, UNCHANGED, UNCHANGED)
    course.begin()
    seen.append(next_of(course))
    course.begin()
    seen.append(next_of(course))
    course.end(CREATED)
    seen.append(next_of(course))
    course.end(FAILED)
    seen.append(next_of(course))
    counted = (course.wave, course.done, course.failed)
    course.next_wave()

    assert [Next.BEGIN, Next.WAIT, Next.WAIT, Next.WAVE_OVER] == seen
    assert (1, 2, 1) == counted
    assert (2, 0, 0, Next.BEGIN) == (course.wave, course.done, course.failed, next_of(course))


def test_a_table_that_needs_nothing_frees_its_place() -> None:
    """A table that turns out to need nothing lets another one into the wave."""
    course = Course(Rules(wave=1), total=10)
    course.begin()
    before = next_of(course)
    course.end(UNCHANGED)

    assert (Next.WAIT, Next.BEGIN) == (before, next_of(course))


def test_canary() -> None:
    """The first wave is the canary, of its own size; a failure in it ends the run, whatever may fail later."""
    course = Course(Rules(canary=1, wave=5, max_failures=Tolerance(3)), total=10)
    finish(course, CREATED)
    first = (course.is_canary, course.size, next_of(course))
    course.next_wave()

    assert (True, 1, Next.WAVE_OVER) == first
    assert (False, 5, Next.BEGIN) == (course.is_canary, course.size, next_of(course))

    failing = Course(Rules(canary=1, max_failures=Tolerance(3)), total=10)
    finish(failing, UNKNOWN)

    assert Next.STOP is next_of(failing)
    assert "1 table of the canary failed, and 0 may" == failing.stopped


@pytest.mark.parametrize(
    ("rules", "reason"),
    [
        (Rules(max_failures=Tolerance(1)), "2 tables of the run failed, and 1 may"),
        (Rules(max_failures=Tolerance(share=0.1)), "2 tables of the run failed, and 1 may"),
        (Rules(max_failures=Tolerance(share=0.25), wave=4), "2 tables of wave 1 failed, and 1 may"),
    ],
)
def test_too_many_failures(rules: Rules, reason: str) -> None:
    """As soon as more fail than may, no table is begun any more."""
    course = Course(rules, total=10)
    finish(course, FAILED, CREATED)
    before = next_of(course)
    finish(course, UNKNOWN)

    assert (Next.BEGIN, Next.STOP, reason) == (before, next_of(course), course.stopped)


def test_failures_of_each_wave() -> None:
    """Each wave begins to count anew."""
    course = Course(Rules(max_failures=Tolerance(1), wave=2), total=10)
    for _ in range(3):
        finish(course, FAILED, CREATED)
        assert Next.WAVE_OVER is next_of(course)
        course.next_wave()


@pytest.mark.parametrize(
    ("rules", "reason"),
    [
        (Rules(max_requests=100), "100 requests were sent; 100 are allowed"),
        (Rules(max_seconds=60), "60.0 s are over; 60 s are allowed"),
    ],
)
def test_limits(rules: Rules, reason: str) -> None:
    """At the limit no table is begun any more; the first reason counts."""
    course = Course(rules, total=10)

    assert Next.BEGIN is next_of(course, requests=99, seconds=59.9)
    assert Next.STOP is next_of(course, requests=100, seconds=60.0)
    course.stop("another reason")
    assert reason == course.stopped


@given(
    size=st.integers(1, 5),
    canary=st.none() | st.integers(1, 5),
    outcomes=st.lists(st.sampled_from([CREATED, UNCHANGED, FAILED]), max_size=40),
)
def test_everything_is_done_in_the_end(size: int, canary: int | None, outcomes: list[OutcomeKind]) -> None:
    """Whatever the sizes are, every table gets its turn, and no wave has more than its tables."""
    course = Course(Rules(wave=size, canary=canary), total=len(outcomes))
    under_way: list[OutcomeKind] = []
    left = [*outcomes]
    while left and course.stopped is None:
        match next_of(course):
            case Next.BEGIN:
                course.begin()
                under_way.append(left.pop())
            case Next.WAIT:
                course.end(under_way.pop())
            case Next.WAVE_OVER:
                assert course.done == course.size
                course.next_wave()

    # A canary that failed is the only thing that keeps tables back.
    assert not left or (canary is not None and course.is_canary)
