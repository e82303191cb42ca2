"""The project, and new ones."""

from aiotables.core.client import Resource
from aiotables.zangtable._generated import operations
from aiotables.zangtable._generated.models import (
    Bootstrap,
    BootstrappedProject,
    DeletedProject,
    ProjectDelete,
    ProjectUpdate,
    UpdatedProject,
)


class Projects(Resource):
    """The project itself, and new ones."""

    async def bootstrap(self, project: Bootstrap) -> BootstrappedProject:
        """
        Create a project with its tables, indexes, first rows and tokens in one request.

        Args:
            project: Slug, name, first user, and what else it is to hold.

        Returns:
            The answer as it came, as no page shows one. It may hold secrets of tokens: keep it out of logs.

        Raises:
            OutcomeUnknown: The reply was lost. No documented call tells whether a project was made by this one.

        Source: docs page reference/service/bootstrap-project.
        """
        return await self._call(operations.BOOTSTRAP_PROJECT, body=project)

    async def delete(self, *, confirm: str) -> DeletedProject | None:
        """
        Delete the client's project with everything in it. It cannot be undone.

        Args:
            confirm: The project's slug once more; the service refuses another.

        Returns:
            What was deleted, or `None` when it is not told (an answer without a body), or when a reply was lost and
            the repeated call found it gone.

        Source: docs page reference/service/delete-project.
        """
        body = ProjectDelete(confirm_project_slug=confirm)
        return await self._call(operations.DELETE_PROJECT, body=body)

    async def update(self, *, project_name: str) -> UpdatedProject:
        """
        Change the project's name for people; its slug cannot be changed.

        Args:
            project_name: The new name, not empty.

        Source: docs page reference/service/update-project.
        """
        body = ProjectUpdate(project_name=project_name)
        return await self._call(operations.UPDATE_PROJECT, body=body)
