"""Files of rows that a manifest names, read as streams: CSV with a header line, or JSONL."""

import csv
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Final, TextIO

import orjson

from aiotables.core.classes import frozen
from aiotables.core.counting import counted
from aiotables.provision.problems import Faults, ManifestError, Place, Problem
from aiotables.provision.tree import Node


ROW_FILE: Final = r"[^\x00]+\.(?:csv|jsonl)"
"""What the name of a file of rows has to match."""


@frozen
class Row:
    """One row of a file."""

    line: int
    """The line of the file on which it starts, counted from 1."""

    values: Mapping[str, object]
    """Values by column: texts from CSV, any JSON from JSONL."""


@frozen(kw_only=True)
class RowFile:
    """A file of rows, named by a manifest and opened only while it is read."""

    name: str
    """As the manifest names it: relative to the folder of the file that does."""

    path: Path

    columns: tuple[str, ...] | None
    """The header of a CSV file; `None` for JSONL, where each line has its own keys."""

    def read(self) -> Iterator[Row | Problem]:
        """Rows in their order, and a problem in place of each one that cannot be read."""
        lines = _csv_rows if self.columns is not None else _jsonl_rows
        try:
            with self.path.open(encoding="utf-8-sig", newline="") as stream:
                yield from lines(stream, str(self.path))
        except OSError as error:
            yield _problem(str(self.path), 1, f"cannot be read: {error.strerror}")

    def rows(self) -> Iterator[Row]:
        """
        Rows in their order.

        Raises:
            ManifestError: At the first row that cannot be read.
        """
        for row in self.read():
            if isinstance(row, Problem):
                raise ManifestError([row])
            yield row


def find_row_file(node: Node, folder: Path, faults: Faults) -> RowFile | None:
    """
    The file of rows that a node names, if it is there and has a header where it needs one.

    Args:
        node: Holds the file's name.
        folder: The folder of the file that the node is of.
        faults: Told what is wrong.
    """
    path = folder / node.text
    try:
        with path.open(encoding="utf-8-sig", newline="") as stream:
            header = None if path.suffix == ".jsonl" else _header(stream, str(path))
    except OSError as error:
        faults.add(node.place, node.path, f"the file {path} cannot be read: {error.strerror}")
        return None

    if isinstance(header, Problem):
        faults.take([header])
        return None
    return RowFile(name=node.text, path=path, columns=header)


def _problem(file: str, line: int, message: str) -> Problem:
    return Problem.at(Place(file, line), "", message)


def _header(stream: TextIO, file: str) -> tuple[str, ...] | Problem:
    for row in _cells(stream, file):
        return row if isinstance(row, Problem) else _checked_header(row[1], file)
    return _problem(file, 1, "is empty; expected a header line with the names of the columns")


def _checked_header(header: list[str], file: str) -> tuple[str, ...] | Problem:
    if "" in header:
        return _problem(file, 1, f"column {header.index('') + 1} of the header has no name")
    twice = sorted({name for name in header if header.count(name) > 1})
    if twice:
        return _problem(file, 1, f"the header has the column {twice[0]} twice")
    return tuple(header)


def _cells(stream: TextIO, file: str) -> Iterator[tuple[int, list[str]] | Problem]:
    reader = csv.reader(stream, strict=True)
    line = 1
    try:
        for cells in reader:
            if cells:
                yield line, cells
            line = reader.line_num + 1
    except csv.Error as error:
        yield _problem(file, line, f"is no CSV: {error}")
    except UnicodeDecodeError:
        yield _problem(file, line, "is not UTF-8 text from about here on")


def _csv_rows(stream: TextIO, file: str) -> Iterator[Row | Problem]:
    rows = _cells(stream, file)
    header: tuple[str, ...] | None = None
    for row in rows:
        if isinstance(row, Problem):
            yield row
            continue
        line, cells = row
        if header is None:
            checked = _checked_header(cells, file)
            if isinstance(checked, Problem):
                yield checked
                return
            header = checked
        elif len(cells) != len(header):
            yield _problem(file, line, f"the row has {counted(len(cells), 'cell')}, the header {len(header)}")
        else:
            yield Row(line, dict(zip(header, cells, strict=True)))


def _jsonl_rows(stream: TextIO, file: str) -> Iterator[Row | Problem]:
    line = 0
    try:
        for line, text in enumerate(stream, 1):
            if text.strip():
                yield _jsonl_row(line, text, file)
    except UnicodeDecodeError:
        yield _problem(file, line + 1, "is not UTF-8 text from about here on")


def _jsonl_row(line: int, text: str, file: str) -> Row | Problem:
    try:
        values = orjson.loads(text)
    except orjson.JSONDecodeError as error:
        return _problem(file, line, f"is no JSON: {error.msg}")
    if not isinstance(values, dict):
        return _problem(file, line, "expected a JSON object on each line")
    return Row(line, values)
