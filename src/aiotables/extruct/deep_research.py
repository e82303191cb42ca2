"""Deep Research: tasks that write a report."""

from collections.abc import Callable

from aiotables.core.client import Resource
from aiotables.core.paging import Listing, Page
from aiotables.core.polling import WaitPolicy, wait_for
from aiotables.extruct._generated import operations
from aiotables.extruct._generated.models import DeepResearchTask, DeepResearchTaskCreate
from aiotables.extruct.deep_search import FINAL


PAGE = 50
"""Tasks in one request, as the service has it when nothing is said."""


class DeepResearch(Resource):
    """Tasks that write a report."""

    async def create(self, task: DeepResearchTaskCreate) -> DeepResearchTask:
        """
        Start a task, and return at once.

        A 503 means that nothing was made, and is tried again.

        Args:
            task: The brief, how far to go, and the form of the report.

        Raises:
            OutcomeUnknown: The reply was lost, and no one task could be told to be this one; it may run.

        Source: docs page api-reference/deep-research/create-deep-research-task.
        """
        return await self._call(operations.CREATE_DEEP_RESEARCH_TASK, body=task)

    def list(
        self, *, offset: int = 0, page_size: int = PAGE, most: int | None = None, prefetch: int = 0
    ) -> Listing[DeepResearchTask]:
        """
        List tasks with their reports, newest first, as an async iterator.

        Args:
            offset: Tasks to pass over.
            page_size: Tasks in one request.
            most: Tasks to give at the most.
            prefetch: Pages to read ahead.

        Source: docs page api-reference/deep-research/list-deep-research-tasks.
        """

        async def fetch(start: int, limit: int) -> Page[DeepResearchTask]:
            query = {"offset": start, "limit": limit}
            tasks = await self._call(operations.LIST_DEEP_RESEARCH_TASKS, query=query)
            return Page(items=tasks, offset=start, limit=limit)

        return Listing(
            fetch,
            offset=offset,
            page_size=page_size,
            most=most,
            prefetch=prefetch,
            identity=lambda task: task.id,
        )

    async def get(self, task_id: str) -> DeepResearchTask:
        """
        Get a task, its progress, and its report when it is done.

        Args:
            task_id: Id of the task.

        Raises:
            PermissionDenied: The task belongs to someone outside of the organization.

        Source: docs page api-reference/deep-research/get-deep-research-task.
        """
        return await self._call(operations.GET_DEEP_RESEARCH_TASK, path={"task_id": task_id})

    async def wait(
        self,
        task_id: str,
        *,
        policy: WaitPolicy | None = None,
        progress: Callable[[DeepResearchTask], None] | None = None,
    ) -> DeepResearchTask:
        """
        Wait until a task has ended, and return it: `report` when it is done, `failure_reason` when it failed.

        Args:
            task_id: Id of the task.
            policy: How often to look, and for how long; the docs advise every 10 to 15 seconds.
            progress: Called with each state seen.

        Raises:
            WaitTimedOut: It had not ended by the policy's deadline.

        Source: docs page api-reference/deep-research/get-deep-research-task.
        """
        return await wait_for(
            lambda: self.get(task_id),
            done=lambda task: task.status in FINAL,
            what=f"Deep Research {task_id}",
            policy=policy or WaitPolicy(first=10.0, factor=1.1, longest=15.0),
            clock=self._client.clock,
            progress=progress,
        )
