"""Deep Search: tasks that look for companies."""

from collections.abc import Callable
from typing import Final

from aiotables.core.client import Resource
from aiotables.core.paging import Listing, Page
from aiotables.core.polling import WaitPolicy, wait_for
from aiotables.core.sentinels import UNSET
from aiotables.extruct._generated import operations
from aiotables.extruct._generated.models import (
    DiscoveryResult,
    DiscoveryTask,
    DiscoveryTaskCreate,
    DiscoveryTaskResume,
    TaskStatus,
)


PAGE = 100
"""Tasks or results in one request. The docs name no maximum."""

FINAL: Final = frozenset({TaskStatus.DONE, TaskStatus.FAILED})


class DeepSearch(Resource):
    """Tasks that look for companies and grade them."""

    async def create(self, task: DiscoveryTaskCreate) -> DiscoveryTask:
        """
        Start a task, and return at once.

        Args:
            task: What to look for, how many, and where.

        Raises:
            OutcomeUnknown: The reply was lost, and no one task could be told to be this one; it may run.

        Source: docs page api-reference/discover/create-company-discovery-task.
        """
        return await self._call(operations.CREATE_DISCOVERY_TASK, body=task)

    def list(
        self, *, offset: int = 0, page_size: int = PAGE, most: int | None = None, prefetch: int = 0
    ) -> Listing[DiscoveryTask]:
        """
        List tasks, as an async iterator; their order is not stated.

        Args:
            offset: Tasks to pass over.
            page_size: Tasks in one request.
            most: Tasks to give at the most.
            prefetch: Pages to read ahead.

        Source: docs page api-reference/discover/list-company-discovery-tasks.
        """

        async def fetch(start: int, limit: int) -> Page[DiscoveryTask]:
            query = {"offset": start, "limit": limit}
            tasks = await self._call(operations.LIST_DISCOVERY_TASKS, query=query)
            return Page(items=tasks, offset=start, limit=limit)

        return Listing(
            fetch,
            offset=offset,
            page_size=page_size,
            most=most,
            prefetch=prefetch,
            identity=lambda task: task.id,
        )

    async def get(self, task_id: str) -> DiscoveryTask:
        """
        Get a task and its progress.

        Args:
            task_id: Id of the task.

        Source: docs page api-reference/discover/get-company-discovery-task.
        """
        return await self._call(operations.GET_DISCOVERY_TASK, path={"task_id": task_id})

    def results(
        self,
        task_id: str,
        *,
        offset: int = 0,
        page_size: int = PAGE,
        most: int | None = None,
        prefetch: int = 0,
    ) -> Listing[DiscoveryResult]:
        """
        Read the results of a task, most relevant first, as an async iterator.

        While the task runs, the order changes with the scores: what comes twice is left out, and results may be
        missing. Read after `wait` to have all.

        Args:
            task_id: Id of the task.
            offset: Results to pass over.
            page_size: Results in one request.
            most: Results to give at the most.
            prefetch: Pages to read ahead.

        Source: docs page api-reference/discover/get-company-discovery-task-results.
        """

        async def fetch(start: int, limit: int) -> Page[DiscoveryResult]:
            found = await self._call(
                operations.GET_DISCOVERY_RESULTS,
                path={"task_id": task_id},
                query={"offset": start, "limit": limit},
            )
            # The docs name no maximum, so a page may be cut; then the task's count says that there is more.
            return Page(items=found.results, offset=start, limit=limit, total=found.num_results or None)

        return Listing(
            fetch,
            offset=offset,
            page_size=page_size,
            most=most,
            prefetch=prefetch,
            identity=lambda result: result.id,
        )

    async def resume(self, task_id: str, *, desired_new_results: int | None = None) -> DiscoveryTask:
        """
        Ask a task for more results.

        Args:
            task_id: Id of the task.
            desired_new_results: 0 to 250; the service takes 25 when it is left out.

        Raises:
            BadRequest: The task is exhausted.
            OutcomeUnknown: The reply was lost; the task may go on, and the error says how it is.

        Source: docs page api-reference/discover/resume-company-discovery-task.
        """
        more = UNSET if desired_new_results is None else desired_new_results
        body = DiscoveryTaskResume(desired_new_results=more)
        return await self._call(operations.RESUME_DISCOVERY_TASK, path={"task_id": task_id}, body=body)

    async def wait(
        self,
        task_id: str,
        *,
        policy: WaitPolicy | None = None,
        progress: Callable[[DiscoveryTask], None] | None = None,
    ) -> DiscoveryTask:
        """
        Wait until a task has ended, and return it: its `status` is `done` or `failed`.

        An exhausted task may still be grading (the vendor's public skills), so only the status counts.

        Args:
            task_id: Id of the task.
            policy: How often to look, and for how long.
            progress: Called with each state seen.

        Raises:
            WaitTimedOut: It had not ended by the policy's deadline.

        Source: docs page api-reference/discover/get-company-discovery-task.
        """
        return await wait_for(
            lambda: self.get(task_id),
            done=lambda task: task.status in FINAL,
            what=f"Deep Search {task_id}",
            policy=policy or WaitPolicy(first=5.0, longest=30.0),
            clock=self._client.clock,
            progress=progress,
        )
