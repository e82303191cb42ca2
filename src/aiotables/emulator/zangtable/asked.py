"""A call to a project that was let in: what its operation works with."""

import sqlite3
from collections.abc import Mapping

from attrs import frozen
from multidict import MultiMapping

from aiotables.emulator.bodies import Json
from aiotables.emulator.clock import Clock
from aiotables.emulator.zangtable.projects import Project, Projects
from aiotables.emulator.zangtable.tables import Tables


@frozen(kw_only=True)
class Asked:
    """A call that was let in."""

    project: Project
    """The project, and the token that opened it."""
    projects: Projects
    path: Mapping[str, str]
    query: MultiMapping[str]
    json: Json
    """The body; None when the operation has none."""
    seconds: float
    """How long a statement may run."""

    @property
    def clock(self) -> Clock:
        """Time of what is made."""
        return self.projects.clock

    @property
    def tables(self) -> Tables:
        """The tables of the project."""
        return Tables(self.projects, self.project.id, self.project.slug)

    @property
    def database(self) -> sqlite3.Connection:
        """The database of the project."""
        return self.projects.database(self.project.id, self.project.slug)
