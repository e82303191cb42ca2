"""From a look to an outcome."""

from typing import Any, cast

import pytest

from aiotables.core.settle import Existed, Found, NotThere, Sent, Unclear, Verdict
from aiotables.provision.journal import OutcomeKind, StepState
from aiotables.provision.steps import Service
from aiotables.provision.verdicts import Left, judge, left_open


SENT = Sent(operation="zangtable.create_table", first_sent_at=1.0, last_sent_at=2.0)
PLAIN: dict[str, Any] = {
    "operation": "zangtable.create_table",
    "path": {},
    "body": None,
    "first_sent_at": 1.0,
    "last_sent_at": 2.0,
}


class Named:
    """A service whose tables have numbers."""

    def table_id(self, step: str, value: Any) -> str:  # noqa: ANN401 -- anything
        """The number."""
        return f"{step} {value}"


@pytest.mark.parametrize(
    ("verdict", "outcome", "reason", "table_id"),
    [
        (Found(7, "by its name"), OutcomeKind.ADOPTED, "reply lost; found: by its name", "create 7"),
        (NotThere(), OutcomeKind.ABSENT, "looked for until the grace had passed; nothing was made", None),
        (Existed("it was there"), OutcomeKind.FAILED, "create: the reply was lost, and it was there", None),
        (Unclear("no leave"), OutcomeKind.UNKNOWN, "create: no leave", None),
    ],
)
def test_verdicts(verdict: Verdict, outcome: OutcomeKind, reason: str, table_id: str | None) -> None:
    """Each verdict has its outcome; only what stays unknown keeps what was sent."""
    left = Left(sent=SENT, facts={"digest": "d"})

    judged = judge(cast("Service", Named()), "create", verdict, left, why="lost")

    assert (outcome, reason, table_id) == (judged.outcome, judged.reason, judged.table_id)
    kept = {"sent": PLAIN} if outcome is OutcomeKind.UNKNOWN else {}
    assert {"digest": "d", "reason": reason, **kept} == judged.detail


def test_answered_and_not_there() -> None:
    """What the service called done is never sent again because it is not seen."""
    left = Left(sent=SENT, facts={"answered": True})

    judged = judge(cast("Service", Named()), "create", NotThere(), left, why="no JSON")

    assert OutcomeKind.UNKNOWN is judged.outcome
    assert "create: answered with success, and not there: no JSON" == judged.reason


def test_left_open() -> None:
    """The grace of an intent without an outcome counts from when its run was known to be over."""
    detail = {"sent": PLAIN, "digest": "d", "reason": "r"}
    intent = StepState(run_id="r", at=1.0, outcome=None, detail=detail)
    unknown = StepState(run_id="r", at=1.0, outcome=OutcomeKind.UNKNOWN, detail=detail)

    assert {"digest": "d"} == left_open(intent, opened_at=9.0).facts
    assert 9.0 == left_open(intent, opened_at=9.0).sent.last_sent_at
    assert left_open(unknown, opened_at=9.0).sent == SENT
