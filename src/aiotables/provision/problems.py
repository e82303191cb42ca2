"""What is wrong with a manifest: every fault with its file, line, column and path, reported together."""

from collections.abc import Iterable, Iterator

from attrs import evolve

from aiotables.core.classes import frozen
from aiotables.core.errors import AiotablesError


SHOWN = 50
"""Problems that an error prints; the rest is counted."""


@frozen
class Place:
    """Where something stands: a file, and the line and column in it, both counted from 1."""

    file: str
    line: int
    column: int = 1


@frozen
class Problem:
    """One fault of a manifest or of a file of rows that it names."""

    file: str
    line: int
    column: int

    path: str
    """Path in the manifest, such as `$.tables[3].columns[0].type`; empty for a fault in a file of rows."""

    message: str

    @classmethod
    def at(cls, place: Place, path: str, message: str) -> "Problem":
        """A problem at a place."""
        return cls(place.file, place.line, place.column, path, message)

    def __str__(self) -> str:
        where = f"{self.file}:{self.line}:{self.column}"
        return f"{where}: {self.path}: {self.message}" if self.path else f"{where}: {self.message}"


class ManifestError(AiotablesError, ValueError):
    """
    A manifest that cannot be applied. Nothing was sent.

    `str()` prints a line for each problem, the first 50 of them.

    Attributes:
        problems: All problems that were found.
    """

    def __init__(self, problems: Iterable[Problem]) -> None:
        found = tuple(problems)
        super().__init__(found)
        self.problems = found

    def __str__(self) -> str:
        lines = [str(problem) for problem in self.problems[:SHOWN]]
        if len(self.problems) > SHOWN:
            lines.append(f"… and {len(self.problems) - SHOWN} more")
        return "\n".join(lines)


def in_row(error: ManifestError, origin: str) -> ManifestError:
    """The same error, saying which row it is about."""
    return ManifestError([evolve(each, message=f"{each.message} (from {origin})") for each in error.problems])


class Faults:
    """Gathers problems, each once, in the order in which they are found."""

    def __init__(self) -> None:
        self._found: dict[Problem, None] = {}

    def __len__(self) -> int:
        return len(self._found)

    def __iter__(self) -> Iterator[Problem]:
        return iter(self._found)

    def add(self, place: Place, path: str, message: str) -> None:
        """Note a problem."""
        self._found[Problem.at(place, path, message)] = None

    def inside(self, file: str, path: str) -> bool:
        """Whether there is a problem at a path of a file or below it."""
        below = (f"{path}.", f"{path}[")
        return any(
            each.file == file and (each.path == path or each.path.startswith(below)) for each in self._found
        )

    def sorted(self) -> list[Problem]:
        """The problems as one reads a file from top to bottom, those of the manifest first."""
        return sorted(self, key=lambda each: (not each.path, each.file, each.line, each.column))

    def take(self, problems: Iterable[Problem]) -> None:
        """Note problems that were found elsewhere."""
        self._found.update(dict.fromkeys(problems))
