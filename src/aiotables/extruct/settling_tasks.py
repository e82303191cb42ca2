"""How a lost reply of each Extruct call that starts a task is settled; the table of all rules is in `settling.py`."""

from collections.abc import Generator, Mapping, Sequence
from typing import Any

from aiotables.core.errors import NotFound
from aiotables.core.settle import (
    Existed,
    Found,
    Look,
    NotThere,
    Rule,
    Sent,
    SettlePolicy,
    Settling,
    Unclear,
    Verdict,
    earliest_there,
    surely_since,
)
from aiotables.core.wire import Reply
from aiotables.extruct._generated import operations
from aiotables.extruct._generated.models import DeepResearchTask, DiscoveryTask


TASKS_PAGE = 50
"""Tasks read in one look: the default of deep research. The docs give no most."""


def created_discovery_task(sent: Sent, policy: SettlePolicy) -> Settling:
    """By its query and time. The docs show no owner of a task, so two cannot be told apart."""
    tasks, reply = yield from _all_tasks()
    earliest = earliest_there(sent, reply, policy)
    ours = [t for t in tasks if t.created_at.timestamp() >= earliest and _is_wanted(sent.body, t)]
    return _only(ours, "query and time", surely_since(sent, reply, policy))


def _all_tasks() -> Generator[Look, Any, tuple[list[DiscoveryTask], Reply[Any]]]:
    """Every page is read, since the docs tell neither the order nor the size of a page."""
    read: dict[str, DiscoveryTask] = {}
    while True:
        query = {"limit": TASKS_PAGE, "offset": len(read)}
        reply: Reply[Any] = yield Look(operation=operations.LIST_DISCOVERY_TASKS, query=query)
        new = {task.id: task for task in reply.value if task.id not in read}
        if not new:
            return [*read.values()], reply
        read |= new


def _is_wanted(body: Mapping[str, Any], task: DiscoveryTask) -> bool:
    target = (body.get("table") or {}).get("id")
    wanted = body.get("desired_num_results", task.desired_num_results)
    return (
        _words(task.query) == _words(body["query"])
        and task.desired_num_results == wanted
        and target in {None, task.table_id}
    )


def resumed_discovery_task(sent: Sent, policy: SettlePolicy) -> Settling:  # noqa: ARG001 -- the form of a rule
    """A task tells how many results it is to find, and not how many it was to find before: that is for the caller."""
    task_id = sent.path["task_id"]
    try:
        reply = yield Look(operation=operations.GET_DISCOVERY_TASK, path={"task_id": task_id})
    except NotFound:
        return Existed(f"there is no task {task_id}", error=NotFound)
    task: DiscoveryTask = reply.value
    return Unclear(
        f"task {task_id} is {task.status} and asked for {task.desired_num_results} results in all; "
        "the docs show no resumption, so compare that with what it was asked for before"
    )


def created_research_task(sent: Sent, policy: SettlePolicy) -> Settling:
    """By its brief, owner and time; tasks are listed newest first (docs page deep-research/list-deep-research-tasks)."""
    user = yield Look(operation=operations.GET_USER)
    earliest = earliest_there(sent, user, policy)
    # By id, since a task made meanwhile shifts the pages, so that one is seen twice.
    ours: dict[str, DeepResearchTask] = {}
    offset = 0
    while True:
        query = {"limit": TASKS_PAGE, "offset": offset}
        page = (yield Look(operation=operations.LIST_DEEP_RESEARCH_TASKS, query=query)).value
        recent = [task for task in page if task.created_at.timestamp() >= earliest]
        ours |= {t.id: t for t in recent if _is_research(sent.body, t) and _is_of(user.value.email, t)}
        offset += len(page)
        if not page or len(recent) < len(page):
            sure = surely_since(sent, user, policy)
            return _only([*ours.values()], "brief, owner and time", sure)


def _is_research(body: Mapping[str, Any], task: DeepResearchTask) -> bool:
    depth = body.get("depth", task.depth)
    return _words(task.brief) == _words(body["brief"]) and task.depth in {None, depth}


def _is_of(email: str, task: DeepResearchTask) -> bool:
    return task.owner is None or task.owner.email == email


def _words(text: str) -> list[str]:
    # The docs do not say whether the service keeps spaces and line ends as they were sent.
    return text.split()


def _only(tasks: Sequence[DiscoveryTask | DeepResearchTask], by: str, sure: float) -> Verdict:
    if not tasks:
        return NotThere()
    if len(tasks) > 1:
        return Unclear(f"{len(tasks)} tasks are there by {by}: {', '.join(task.id for task in tasks)}")
    if tasks[0].created_at.timestamp() < sure:
        return Unclear(f"task {tasks[0].id} is there by {by}, but maybe from just before the call")
    return Found(tasks[0], f"task {tasks[0].id}, by {by}")


RULES: Mapping[str, Rule] = {
    operations.CREATE_DEEP_RESEARCH_TASK.name: created_research_task,
    operations.CREATE_DISCOVERY_TASK.name: created_discovery_task,
    operations.RESUME_DISCOVERY_TASK.name: resumed_discovery_task,
}
