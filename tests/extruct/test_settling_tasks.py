"""Settling the calls that start tasks of Extruct, with looks that are made up here."""

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import pytest

from aiotables.core.errors import NotFound
from aiotables.core.record import CallRecord
from aiotables.core.settle import Existed, Found, Look, NotThere, Rule, Sent, SettlePolicy, Unclear, Verdict
from aiotables.extruct import settling_tasks


if TYPE_CHECKING:
    from tests.extruct.conftest import Facts

MISSING = NotFound("no", record=CallRecord(operation="extruct.get_discovery_task"), status=404)


def settled(
    facts: "Facts", rule: Rule, body: Mapping[str, Any], *answers: object, **path: str
) -> tuple[Verdict, list[Look]]:
    """The verdict on a call that was sent just now."""
    sent = Sent(operation="any", path=path, body=body, first_sent_at=facts.now, last_sent_at=facts.now)
    return facts.settle(rule(sent, SettlePolicy()), answers)


# Discovery


def task(facts: "Facts", task_id: str, query: str = "freight", *, at: float = 0.0, **more: object) -> Any:  # noqa: ANN401
    """A discovery task, made some seconds from now."""
    return {
        "id": task_id,
        "created_at": facts.time(at),
        "status": "created",
        "query": query,
        "desired_num_results": 100,
        **more,
    }


def discovered(facts: "Facts", *pages: object, **more: object) -> tuple[Verdict, list[Look]]:
    """The verdict on a search for `freight`."""
    return settled(facts, settling_tasks.created_discovery_task, {"query": "freight", **more}, *pages)


def test_search_is_found(facts: "Facts") -> None:
    """The one task of that query since the call is ours; all pages are read, and what comes twice counts once."""
    first = [task(facts, "d1", "trucks"), task(facts, "d0", at=-60.0)]
    second = [task(facts, "d2", " freight\n"), task(facts, "d1", "trucks")]

    verdict, looks = discovered(facts, first, second, [task(facts, "d2")])

    assert isinstance(verdict, Found)
    assert ("d2", "task d2, by query and time") == (verdict.value.id, verdict.how)
    assert [0, 2, 3] == [look.query["offset"] for look in looks]


def test_search_is_not_there(facts: "Facts") -> None:
    """Older tasks, and those for something else, are not ours."""
    others = [
        task(facts, "d1", at=-60.0),
        task(facts, "d2", "trucks"),
        task(facts, "d3", desired_num_results=20),
        task(facts, "d4", table_id="t2"),
    ]
    wanted = {"desired_num_results": 100, "table": {"id": "t1"}}

    assert NotThere() == discovered(facts, others, [], **wanted)[0]
    assert NotThere() == discovered(facts, [])[0]


def test_search_into_a_table_is_found(facts: "Facts") -> None:
    """A search that was sent with a number and a table is known by them, too."""
    there = [task(facts, "d1", desired_num_results=20, table_id="t1")]

    assert isinstance(discovered(facts, there, [], desired_num_results=20, table={"id": "t1"})[0], Found)


def test_searches_that_cannot_be_told_apart(facts: "Facts") -> None:
    """Two of them, or one from just before the call, leave it open."""
    assert (
        Unclear("2 tasks are there by query and time: d1, d2")
        == discovered(facts, [task(facts, "d1"), task(facts, "d2")], [])[0]
    )
    assert (
        Unclear("task d1 is there by query and time, but maybe from just before the call")
        == discovered(facts, [task(facts, "d1", at=-3.0)], [])[0]
    )


def test_resumption_stays_unknown(facts: "Facts") -> None:
    """A task does not tell what it was asked for before; the reason says what it is asked for now."""
    verdict, _ = settled(facts, settling_tasks.resumed_discovery_task, {}, task(facts, "d1"), task_id="d1")

    assert isinstance(verdict, Unclear)
    assert verdict.reason.startswith("task d1 is created and asked for 100 results in all")


def test_resumption_of_no_task(facts: "Facts") -> None:
    """Without its task nothing is resumed."""
    verdict, _ = settled(facts, settling_tasks.resumed_discovery_task, {}, MISSING, task_id="d1")

    assert Existed("there is no task d1", error=NotFound) == verdict


# Deep research


def research(
    facts: "Facts", task_id: str, brief: str = "Who sells?", *, at: float = 0.0, **more: object
) -> Any:  # noqa: ANN401
    """A research task, made some seconds from now."""
    return {
        "id": task_id,
        "created_at": facts.time(at),
        "updated_at": facts.time(at),
        "brief": brief,
        "status": "created",
        **more,
    }


def researched(facts: "Facts", *pages: object, **more: object) -> tuple[Verdict, list[Look]]:
    """The verdict on the research `Who sells?`."""
    body = {"brief": "Who sells?", **more}
    return settled(facts, settling_tasks.created_research_task, body, facts.user, *pages)


ANN, BOB = ({"id": name, "email": f"{name}@acme.example"} for name in ("ann", "bob"))


def test_research_is_found(facts: "Facts") -> None:
    """The one of our tasks with that brief since the call is ours; spaces and line ends do not matter."""
    there = [
        research(facts, "p4", owner=BOB),
        research(facts, "p3", "Who\nsells?", owner=ANN, depth="high"),
        research(facts, "p2", depth="medium"),
        research(facts, "p1", at=-60.0),
    ]

    verdict, _ = researched(facts, there, depth="high")

    assert isinstance(verdict, Found)
    assert ("p3", "task p3, by brief, owner and time") == (verdict.value.id, verdict.how)


def test_research_without_owner_and_depth(facts: "Facts") -> None:
    """A task that does not show whose it is, nor how deep, may be ours."""
    assert isinstance(researched(facts, [research(facts, "p1")], [], depth="high")[0], Found)


def test_research_is_not_there(facts: "Facts") -> None:
    """Older tasks, and those for something else, are not ours; as long as all are new, the next page is read."""
    first = [research(facts, f"p{number}", "Who buys?") for number in range(50)]

    verdict, looks = researched(facts, first, [research(facts, "p50", at=-60.0)])

    assert NotThere() == verdict
    assert [0, 50] == [look.query["offset"] for look in looks[1:]]


@pytest.mark.parametrize(("at", "says"), [((0.0, 0.0), "2 tasks are there"), ((-3.0,), "task p0 is there")])
def test_research_that_cannot_be_told_apart(facts: "Facts", at: tuple[float, ...], says: str) -> None:
    """Two of them, or one from just before the call, leave it open."""
    there = [research(facts, f"p{number}", at=seconds) for number, seconds in enumerate(at)]

    verdict, _ = researched(facts, there, [])

    assert isinstance(verdict, Unclear)
    assert verdict.reason.startswith(says)
