"""From what somebody names to the text of a manifest."""

from collections.abc import AsyncIterator, Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any, Final

from aiotables.core.classes import frozen
from aiotables.core.errors import SettingsError
from aiotables.extruct import Extruct
from aiotables.provision.form import EXTRUCT, ZANGTABLE
from aiotables.provision.importing.csvs import csv_table
from aiotables.provision.importing.datapackage import in_datapackage
from aiotables.provision.importing.extruct import in_extruct
from aiotables.provision.importing.found import Entry, Found, extruct_entries, zangtable_entries
from aiotables.provision.importing.sqlite import in_sqlite
from aiotables.provision.importing.writing import ManifestText
from aiotables.provision.importing.zangtable import in_zangtable
from aiotables.zangtable import ZangTable


SQLITE: Final = (".sqlite", ".sqlite3", ".db", ".db3")
"""How the names of SQLite files end."""

_SERVICES: Final = (ZANGTABLE, EXTRUCT)


@frozen(kw_only=True)
class Importer:
    """What to import, and for whom. Services and files are only read."""

    sources: Sequence[str]
    """`zangtable`, `extruct`, or files: SQLite, CSV, a Frictionless `datapackage.json`."""

    folder: Path
    """Of the manifest: files of rows are named from there."""

    name: str
    """What the manifest calls itself."""

    environ: Mapping[str, str]
    """The environment, with tokens and addresses."""

    service: str = ZANGTABLE
    """The service that is to get what is in files."""

    project: str | None = None
    """Of ZangTable; by default `ZANGTABLE_PROJECT` of the environment."""

    async def draft(self) -> ManifestText:
        """
        The manifest. Its targets have the names of their services.

        Raises:
            SettingsError: A source is none or not there, or a project or a token is missing.
            ManifestError: A file is not what its name says.
            CallError: A service cannot be read.
        """
        files = [_file(source) for source in self.sources if source not in _SERVICES]
        services = {each for each in _SERVICES if each in self.sources} | ({self.service} if files else set())
        text = ManifestText(self.name, {service: self._target(service) for service in sorted(services)})
        for source in self.sources:
            if source in _SERVICES:
                async for entries in self._in_service(source):
                    text.add(entries)
        text.add(self._in_files(files))
        return text

    def _target(self, service: str) -> dict[str, Any]:
        if service == EXTRUCT:
            return {"service": service}
        return {"service": service, "project": self._project}

    @property
    def _project(self) -> str:
        project = self.project or self.environ.get("ZANGTABLE_PROJECT")
        if not project:
            message = "no project: name one, or set ZANGTABLE_PROJECT"
            raise SettingsError(message)
        return project

    async def _in_service(self, service: str) -> AsyncIterator[Iterable[Entry]]:
        if service == EXTRUCT:
            async with Extruct(environ=self.environ) as extruct:
                async for entries in in_extruct(extruct, service):
                    yield entries
            return
        async with ZangTable(project=self._project, environ=self.environ) as zang:
            async for found in in_zangtable(zang):
                yield _entries([found], service)

    def _in_files(self, files: Iterable[Path]) -> Iterable[Entry]:
        return _entries([self._in_file(file) for file in files], self.service)

    def _in_file(self, file: Path) -> Found:
        if file.suffix in SQLITE:
            return in_sqlite(file)
        if file.suffix == ".csv":
            return Found(tables=(csv_table(file, beside=self.folder),))
        return in_datapackage(file, beside=self.folder)


def _file(source: str) -> Path:
    file, known = Path(source), (".csv", *SQLITE, ".json")
    if file.suffix not in known:
        ends = f"{', '.join(known[:-1])} or {known[-1]}"
        message = f"{source} is no source: expected {ZANGTABLE}, {EXTRUCT} or a file that ends in {ends}"
        raise SettingsError(message)
    try:
        # A slip in its name is told before anything else that is missing.
        file.open("rb").close()
    except OSError as error:
        message = f"{source} cannot be read: {error.strerror}"
        raise SettingsError(message) from None
    return file


def _entries(found: Sequence[Found], service: str) -> list[Entry]:
    tables = [table for each in found for table in each.tables]
    entries = extruct_entries(tables, service) if service == EXTRUCT else zangtable_entries(tables, service)
    notes = tuple(note for each in found for note in each.notes)
    return [*entries, Entry(notes=notes)] if notes else entries
