"""The account behind the token: plan, credits, quota, and what they let through."""

import sqlite3
from typing import Any

from aiotables.emulator.choices import (
    FREE_TIER,
    ORGANIZATION_ID,
    OUT_OF_CREDITS,
    OWNER_EMAIL,
    OWNER_ID,
    PAID_TIERS,
    PAYMENT_FAILED,
    PLAN_REQUIRED,
    SEARCH_DEPTH,
    SEARCH_DEPTH_FREE,
    Choices,
)
from aiotables.emulator.clock import Clock, stamp
from aiotables.emulator.extruct.refusal import Refusal
from aiotables.emulator.extruct.replies import PAYMENT_REQUIRED, TOO_MANY_REQUESTS, general_detail


_DATE = len("2026-06-02")


class Account:
    """
    The one account.

    Args:
        catalogue: The open catalogue.
        clock: Time of refunds, and the day of the quota.
        choices: The plan, and how much there is of everything.
    """

    def __init__(self, catalogue: sqlite3.Connection, clock: Clock, choices: Choices) -> None:
        self._catalogue = catalogue
        self._clock = clock
        self._choices = choices

    @property
    def search_depth(self) -> int:
        """Results of a query over all of its pages."""
        return SEARCH_DEPTH_FREE if self._choices.plan_tier == FREE_TIER else SEARCH_DEPTH

    @property
    def available(self) -> int:
        """Credits that are left; those of a research that failed are given back."""
        (spent,) = self._catalogue.execute(
            """
            SELECT (SELECT coalesce(sum(credits), 0) FROM extruct_spending)
                 - (SELECT coalesce(sum(credits), 0) FROM extruct_research WHERE refund_at <= ?)
            """,
            (self._clock.now(),),
        ).fetchone()
        return self._choices.credits - int(spent)

    def check_plan(self) -> None:
        """
        Let through what needs a plan.

        Raises:
            Refusal: A payment is owed, or the plan does not have it.
        """
        chosen = self._choices
        if chosen.payment_failed:
            raise Refusal(PAYMENT_REQUIRED, {"error": PAYMENT_FAILED})

        if chosen.requires_subscription and chosen.plan_tier not in PAID_TIERS and not chosen.organization:
            raise Refusal(PAYMENT_REQUIRED, {"error": PLAN_REQUIRED})

    def start(self, cost: int) -> None:
        """
        Pay for a run or task that starts now.

        Args:
            cost: Its credits.

        Raises:
            Refusal: There are too few credits, or too many were started on this day.
        """
        day = stamp(self._clock)[:_DATE]
        if self._choices.quota is not None and self._started(day) >= self._choices.quota:
            raise Refusal(TOO_MANY_REQUESTS, general_detail(TOO_MANY_REQUESTS))

        if cost > 0 and cost > self.available:
            raise Refusal(PAYMENT_REQUIRED, {"error": OUT_OF_CREDITS})

        self._catalogue.execute(
            """
            INSERT INTO extruct_spending VALUES (?, 1, ?)
            ON CONFLICT DO UPDATE SET starts = starts + 1, credits = credits + excluded.credits
            """,
            (day, cost),
        )

    def user(self) -> dict[str, Any]:
        """The user, as the page shows it."""
        name = self._choices.organization
        return {
            "user_id": OWNER_ID,
            "email": OWNER_EMAIL,
            "available_credits": self.available,
            "organization_id": ORGANIZATION_ID if name else None,
            "organization_name": name,
            "organization_slug": name,
            "organization_is_active": True if name else None,
        }

    def billing(self) -> dict[str, Any]:
        """The user and the subscription."""
        chosen = self._choices
        subscription = {"requires_subscription": chosen.requires_subscription, "plan_tier": chosen.plan_tier}
        return {"user": self.user(), "subscription": subscription}

    def _started(self, day: str) -> int:
        found = self._catalogue.execute(
            "SELECT starts FROM extruct_spending WHERE day = ?", (day,)
        ).fetchone()
        return int(found["starts"]) if found else 0
