"""Snapshots: all databases of an emulator in one ZIP file, laid out as in a folder of its data."""

import sqlite3
import tempfile
import zipfile
from collections.abc import Iterable, Iterator, Mapping
from contextlib import ExitStack, closing, contextmanager
from pathlib import Path
from typing import Final


CATALOGUE: Final = "emulator.sqlite"

PROJECTS: Final = "zangtable/"

ENDING: Final = ".sqlite"


def project_file(slug: str) -> str:
    """Where the database of a project is."""
    return f"{PROJECTS}{slug}{ENDING}"


def write_snapshot(file: Path, databases: Iterable[tuple[str, sqlite3.Connection]]) -> None:
    """
    Write copies of open *databases*, each with where it is, to *file*, in place of what it held.

    Raises:
        OSError: The file cannot be written.
    """
    draft = file.with_name(f".{file.name}.part")
    try:
        with (
            tempfile.TemporaryDirectory() as folder,
            zipfile.ZipFile(draft, "w", zipfile.ZIP_DEFLATED) as archive,
        ):
            for number, (name, database) in enumerate(databases):
                copy = Path(folder, f"{number}")
                _copy_to(copy, database)
                archive.write(copy, name)
                copy.unlink()
        draft.replace(file)
    finally:
        draft.unlink(missing_ok=True)


@contextmanager
def read_snapshot(file: Path) -> Iterator[Mapping[str, sqlite3.Connection]]:
    """
    The databases in *file*, open as long as the block lasts.

    Raises:
        ValueError: It is no snapshot.
        OSError: It cannot be read.
    """
    with ExitStack() as opened:
        try:
            archive = opened.enter_context(zipfile.ZipFile(file))
            folder = Path(opened.enter_context(tempfile.TemporaryDirectory()))
            databases = {
                entry.filename: opened.enter_context(closing(_open(archive, entry, folder / f"{number}")))
                for number, entry in enumerate(archive.infolist())
            }
        except (zipfile.BadZipFile, sqlite3.DatabaseError) as error:
            msg = f"{file} is no snapshot of an emulator: {error}"
            raise ValueError(msg) from error

        yield databases


def _copy_to(file: Path, database: sqlite3.Connection) -> None:
    with closing(sqlite3.connect(file)) as copy:
        database.backup(copy)
        # A database in memory, into which it may go, cannot have a write-ahead log.
        copy.execute("PRAGMA journal_mode = DELETE")


def _open(archive: zipfile.ZipFile, entry: zipfile.ZipInfo, file: Path) -> sqlite3.Connection:
    # Never under the name that the archive gives.
    with archive.open(entry) as source, file.open("wb") as target:
        while block := source.read(1024 * 1024):
            target.write(block)
    database = sqlite3.connect(file)
    try:
        database.execute("PRAGMA quick_check").fetchall()
    except sqlite3.DatabaseError:
        database.close()
        raise
    return database
