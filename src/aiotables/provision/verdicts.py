"""From what a look showed to what stands in the journal: how a step ended whose reply was lost."""

from collections.abc import Mapping
from typing import Any

from attrs import asdict, evolve

from aiotables.core.classes import frozen
from aiotables.core.settle import Existed, Found, NotThere, Sent, Verdict
from aiotables.provision.journal import OutcomeKind, StepState
from aiotables.provision.steps import Service


@frozen(kw_only=True)
class Left:
    """A step that an earlier run left open."""

    sent: Sent
    facts: Mapping[str, Any]
    """What the journal holds of it beside what settling needs."""


def left_open(state: StepState, *, opened_at: float) -> Left:
    """
    What has to be settled of a step.

    Args:
        state: Its state, which is open.
        opened_at: When this run took the journal over, unix seconds: whatever was under way ended before.
    """
    sent = Sent(**state.detail["sent"])
    if state.outcome is None:
        # That run ended between the intent and the outcome; when it really sent is not known.
        sent = evolve(sent, last_sent_at=max(opened_at, sent.last_sent_at))
    facts = {key: value for key, value in state.detail.items() if key not in {"sent", "reason"}}
    return Left(sent=sent, facts=facts)


@frozen(kw_only=True)
class Judged:
    """How a step ended."""

    outcome: OutcomeKind
    reason: str
    table_id: str | None = None
    detail: Mapping[str, Any]
    """For the journal."""


def judge(service: Service, step: str, verdict: Verdict, left: Left, *, why: str) -> Judged:
    """
    Say how a step ended.

    Args:
        service: Of its target.
        step: Its name.
        verdict: What looking showed.
        left: What was sent.
        why: Why it had to be settled.
    """
    outcome, reason, table_id = _ended(service, step, verdict)
    if outcome is OutcomeKind.ABSENT and left.facts.get("answered"):
        outcome, reason = OutcomeKind.UNKNOWN, f"{step}: answered with success, and not there: {why}"
    unsettled = {"sent": asdict(left.sent)} if outcome is OutcomeKind.UNKNOWN else {}
    return Judged(
        outcome=outcome,
        reason=reason,
        table_id=table_id,
        detail={**left.facts, **unsettled, "reason": reason},
    )


def _ended(service: Service, step: str, verdict: Verdict) -> tuple[OutcomeKind, str, str | None]:
    match verdict:
        case Found(value=value, how=how):
            return OutcomeKind.ADOPTED, f"reply lost; found: {how}", service.table_id(step, value)
        case NotThere():
            return OutcomeKind.ABSENT, "looked for until the grace had passed; nothing was made", None
        case Existed(how=how):
            return OutcomeKind.FAILED, f"{step}: the reply was lost, and {how}", None
    return OutcomeKind.UNKNOWN, f"{step}: {verdict.reason}", None
