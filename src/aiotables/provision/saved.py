"""
Plans in files, to be looked at by somebody and carried out later: but only as long as they still say what would be done.

The file is JSON, with each table on a line of its own, so that it is written and read as a stream.
"""

import itertools
from collections.abc import Iterator
from hashlib import blake2b
from pathlib import Path
from typing import Any, Final, TextIO

import orjson

from aiotables.core.classes import frozen
from aiotables.core.errors import AiotablesError, SettingsError
from aiotables.provision.items import Items, PlannedTable, essence
from aiotables.provision.job import files_digest
from aiotables.provision.manifest import ExtructTemplate, Manifest
from aiotables.provision.plan import Plan
from aiotables.provision.selection import Selection
from aiotables.provision.tables import RowsTemplate


VERSION: Final = 1
START: Final = '{"aiotables_plan":'
LIST: Final = ',"tables":['
END: Final = "]}"

NAMED: Final = 3
"""Differences that are named."""


class PlanError(AiotablesError):
    """A plan cannot be carried out: its file is broken or stale, or it needs more than is allowed. Nothing was changed."""


@frozen(kw_only=True)
class SavedPlan:
    """A plan in a file."""

    path: Path
    manifest: str
    """The manifest, as it was given."""

    state: str
    """The folder of the journal."""

    sources: str
    """Hash of the manifest, of every file that it names, and of where its targets lead."""

    digest: str
    """Hash of what is to be done."""

    only: tuple[str, ...]
    without: tuple[str, ...]

    @property
    def selection(self) -> Selection:
        """The tables that were meant."""
        return Selection(only=self.only, without=self.without)

    def tables(self) -> Iterator[PlannedTable]:
        """
        The tables, as a stream.

        Raises:
            PlanError: The file is not as it was written.
        """
        items = Items()
        try:
            with _opened(self.path) as stream:
                stream.readline()
                for line in itertools.takewhile(lambda text: text.rstrip() != END, stream):
                    items.add(_table(line, self.path))
            if items.digest != self.digest:
                raise _broken(self.path)
            yield from items
        finally:
            items.close()

    def check(self, plan: Plan) -> None:
        """
        See that a plan that was made anew says the same.

        Raises:
            PlanError: It does not, with what is different.
        """
        if sources_of(plan.job.manifest) != self.sources:
            message = (
                f"the plan in {self.path} is stale: {self.manifest}, a file that it names, or where a target leads has "
                "changed since; plan again"
            )
            raise PlanError(message)
        if plan.digest != self.digest:
            found = itertools.islice(_differences(self.tables(), plan.tables()), NAMED)
            message = f"the plan in {self.path} is stale: what is there has changed since; plan again. {'; '.join(found)}"
            raise PlanError(message)


def save(plan: Plan, path: Path, *, manifest: Path, state: Path) -> None:
    """
    Write a plan into a file.

    Args:
        plan: The plan.
        path: The file; it is put in the place of one that is there.
        manifest: As it was given: the plan is carried out from the same folder.
        state: Folder of the journal.

    Raises:
        SettingsError: The file cannot be written.
    """
    new = path.with_name(f"{path.name}.new")
    try:
        with new.open("w", encoding="utf-8", newline="\n") as stream:
            stream.writelines(_lines(plan, manifest=manifest, state=state))
        new.replace(path)
    except OSError as error:
        message = f"the plan cannot be saved in {path}: {error.strerror}"
        raise SettingsError(message) from error


def _lines(plan: Plan, *, manifest: Path, state: Path) -> Iterator[str]:
    head = {
        "aiotables_plan": VERSION,
        "manifest": str(manifest),
        "state": str(state),
        "sources": sources_of(plan.job.manifest),
        "digest": plan.digest,
        "only": plan.job.selection.only,
        "without": plan.job.selection.without,
        "counts": {action.value: number for action, number in plan.counts.items()},
        "requests": plan.requests,
        "seconds": plan.seconds,
    }
    yield orjson.dumps(head).decode().removesuffix("}") + LIST + "\n"
    comma = ""
    for table in plan.tables():
        yield comma + orjson.dumps(table.to_json()).decode()
        comma = ",\n"
    yield ("\n" if comma else "") + END + "\n"


def read_saved(path: Path) -> SavedPlan | None:
    """
    The plan in a file; `None` when the file is none, but a manifest perhaps.

    Raises:
        PlanError: It is one that cannot be read.
    """
    with _opened(path) as stream:
        if stream.read(len(START)) != START:
            return None
        line = START + stream.readline().rstrip()
    try:
        return _head(path, orjson.loads(line.removesuffix(LIST) + "}"))
    except (ValueError, KeyError, TypeError):
        raise _broken(path) from None


def _head(path: Path, head: dict[str, Any]) -> SavedPlan:
    if head["aiotables_plan"] != VERSION:
        raise _broken(path)
    return SavedPlan(
        path=path,
        manifest=head["manifest"],
        state=head["state"],
        sources=head["sources"],
        digest=head["digest"],
        only=tuple(head["only"]),
        without=tuple(head["without"]),
    )


def sources_of(manifest: Manifest) -> str:
    """A hash of a manifest, of every file that it names, and of where its targets lead."""
    files = dict.fromkeys([*manifest.files, *_row_files(manifest)])
    targets = {name: [each.service, each.place, each.base_url] for name, each in manifest.targets.items()}
    return blake2b(files_digest(files).encode() + orjson.dumps(targets), digest_size=16).hexdigest()


def _row_files(manifest: Manifest) -> Iterator[Path]:
    for table in manifest.tables:
        if table.for_each is not None:
            yield table.for_each.path
        if isinstance(table, ExtructTemplate) and isinstance(table.rows, RowsTemplate):
            yield table.rows.file.path


def _opened(path: Path) -> TextIO:
    # Not every manifest is UTF-8; that is told where it is read as one.
    return path.open(encoding="utf-8", errors="replace")


def _table(line: str, path: Path) -> PlannedTable:
    try:
        return PlannedTable.from_json(orjson.loads(line.rstrip().removesuffix(",")))
    except (ValueError, KeyError, TypeError):
        raise _broken(path) from None


def _broken(path: Path) -> PlanError:
    message = f"{path} is no plan that this version of aiotables wrote, or was changed since"
    return PlanError(message)


def _differences(saved: Iterator[PlannedTable], now: Iterator[PlannedTable]) -> Iterator[str]:
    """What two plans of the same files say otherwise; they have the same tables in the same order."""
    for was, now_is in zip(saved, now, strict=False):
        if essence(was) != essence(now_is):
            yield f"{was.target}/{was.key}: {_told(was)} was planned, now {_told(now_is)}"


def _told(table: PlannedTable) -> str:
    return f"{table.action}" + (f" ({table.reason})" if table.reason else "")
