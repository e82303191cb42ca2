"""
What to do once an attempt has ended: pure decisions, with no clock, no sleep and no session.

| outcome | read, replace | create, start |
| --- | --- | --- |
| never sent | again | again |
| refused: 429, or a status documented as "nothing was done" | again, after Retry-After | the same |
| unknown: 5xx, connection lost after sending, timed out, unreadable | again | settle |
| answered | finish | finish; a conflict after an unknown attempt: settle |
"""

import enum

from attrs.validators import ge, gt

from aiotables.core.classes import define, field, frozen
from aiotables.core.operations import Effect


class Kind(enum.StrEnum):
    """What can be known of one attempt."""

    ANSWERED = "answered"
    """The service gave a definite answer, good or bad."""

    REFUSED = "refused"
    """The service says that it did nothing, and that another time may do."""

    NOT_SENT = "not_sent"
    """The request never reached the service."""

    UNKNOWN = "unknown"
    """It was sent, or may have been, and nothing readable came back."""


@frozen(kw_only=True)
class Outcome:
    """How one attempt ended."""

    kind: Kind
    reason: str
    retry_after: float | None = None
    """Seconds that the service asks to wait."""

    conflict: bool = False
    """Answered with "it exists already"."""


@frozen(kw_only=True)
class RetryPolicy:
    """
    How often, and how long after, a call is sent again.

    Waits are drawn evenly from zero to a ceiling that doubles with each attempt ("full jitter"), so that many clients
    which failed together do not come back together.
    """

    attempts: int = field(default=3, validator=ge(1))
    """Sendings of one call at the most, the first included."""

    base: float = field(default=0.5, validator=ge(0))
    """Ceiling of the first wait, in seconds."""

    cap: float = field(default=20.0, validator=ge(0))
    """Highest ceiling, in seconds."""

    longest_wait: float = field(default=120.0, validator=ge(0))
    """A Retry-After over this many seconds raises at once: nobody wants a program that sleeps for hours."""

    deadline: float = field(default=120.0, validator=gt(0))
    """
    Seconds from the first sending, after which nothing more is sent, nor waited for its turn to be sent. What only reads
    ends then. Anything else that is under way has its whole time to connect and to be answered: to cut it short would
    leave unknown what was about to be answered. Looking for what a lost call did has the grace, beside the deadline.
    """

    def wait(self, attempt: int, *, jitter: float) -> float:
        """
        Seconds to wait after an attempt.

        Args:
            attempt: Its number, from 1.
            jitter: A draw from 0 to 1.
        """
        # Far beyond any cap, and short of what a float can hold.
        doublings = min(attempt - 1, 64)
        return jitter * min(self.cap, self.base * 2.0**doublings)


NO_RETRIES = RetryPolicy(attempts=1)
"""Each call is sent once."""


@frozen
class Finish:
    """Give the answer, good or bad, to the caller."""


@frozen
class SendAgain:
    """Send the same request again."""

    after: float
    """Seconds."""


@frozen
class Settle:
    """Look at the service to find out what the call did."""


@frozen
class GiveUp:
    """Raise what happened."""

    why: str


Decision = Finish | SendAgain | Settle | GiveUp


def after(
    outcome: Outcome,
    *,
    effect: Effect,
    attempt: int,
    elapsed: float,
    policy: RetryPolicy,
    affordable: bool,
    jitter: float,
    unsettled: bool = False,
) -> Decision:
    """
    What to do once an attempt has ended as *outcome*.

    Args:
        outcome: How it ended.
        effect: What the operation does to the service.
        attempt: The attempt's number, from 1.
        elapsed: Seconds since the first attempt began.
        policy: Limits and waits.
        affordable: Whether the client's retry budget has tokens for it.
        jitter: A draw from 0 to 1.
        unsettled: Whether an earlier attempt of this call ended unknown.
    """
    if outcome.kind is Kind.ANSWERED:
        return Settle() if outcome.conflict and unsettled and effect.must_be_settled else Finish()

    if outcome.kind is Kind.UNKNOWN and effect.must_be_settled:
        return Settle()

    return _again(
        outcome, attempt=attempt, elapsed=elapsed, policy=policy, affordable=affordable, jitter=jitter
    )


def _again(
    outcome: Outcome, *, attempt: int, elapsed: float, policy: RetryPolicy, affordable: bool, jitter: float
) -> Decision:
    hint = outcome.retry_after
    if hint is not None and hint > policy.longest_wait:
        asked = f"{round(hint, 1):.15g}"
        return GiveUp(
            f"the service asks to wait {asked} s, longer than the limit of {policy.longest_wait:g} s"
        )

    if attempt >= policy.attempts:
        # How many they were, every error says by itself.
        return GiveUp("no attempts are left")

    if not affordable:
        return GiveUp("the client's retry budget is used up: too many calls fail")

    wait = policy.wait(attempt, jitter=jitter) + (hint or 0.0)
    if elapsed + wait > policy.deadline:
        return GiveUp(f"the deadline of {policy.deadline:g} s leaves no time for another attempt")

    return SendAgain(wait)


@define
class Budget:
    """
    Tokens that all calls of one client pay their retries with, so that an outage is not met by a storm of retries.

    A retry costs 14, one after a refusal 5; a call that succeeds pays 1 back, or what its own retries cost.
    """

    size: int = 500
    tokens: int = 500

    def affords(self, outcome: Outcome) -> bool:
        """Whether there are tokens for a retry after *outcome*."""
        return self.tokens >= self.cost(outcome)

    def spend(self, outcome: Outcome) -> int:
        """Take the tokens for a retry after *outcome*, and say how many they were."""
        cost = self.cost(outcome)
        self.tokens -= cost
        return cost

    def refill(self, spent: int) -> None:
        """Give back what a call that succeeded has spent, or 1."""
        self.tokens = min(self.size, self.tokens + max(spent, 1))

    @staticmethod
    def cost(outcome: Outcome) -> int:
        """Tokens that a retry after *outcome* costs."""
        return 5 if outcome.kind is Kind.REFUSED else 14
