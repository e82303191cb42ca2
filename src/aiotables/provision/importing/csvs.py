"""Tables from CSV files."""

import os
from pathlib import Path
from typing import Final

from attrs import evolve

from aiotables.provision.desired import ZangTableColumn
from aiotables.provision.importing.found import FoundTable
from aiotables.provision.importing.inference import TEXT, infer
from aiotables.provision.problems import Faults, ManifestError, Place, Problem
from aiotables.provision.sources import RowFile, find_row_file
from aiotables.provision.tree import Node


OTHERS: Final = (";", "\t", "|")
"""Separators that some programs write."""


def open_csv(path: Path, *, beside: Path) -> RowFile:
    """
    A CSV file, under the name by which a manifest in a folder would find it.

    Args:
        path: The file.
        beside: The folder of the manifest.

    Raises:
        ManifestError: It cannot be read, or has no header that fits.
    """
    faults = Faults()
    found = find_row_file(Node(path.name, Place(str(path), 1), ""), path.parent, faults)
    if found is None:
        raise ManifestError(faults.sorted())
    return evolve(found, name=os.path.relpath(path, beside))


def _check_separator(path: Path, header: tuple[str, ...]) -> None:
    """A file with another separator than commas looks like one with a single column of an odd name."""
    other = next((each for each in OTHERS if len(header) == 1 and each in header[0]), None)
    if other is not None:
        message = f"its only column is {header[0]!r}; is it separated by {other!r}? Expected commas"
        raise ManifestError([Problem.at(Place(str(path), 1), "", message)])


def csv_table(path: Path, *, beside: Path) -> FoundTable:
    """
    The table in a CSV file, its types inferred from all rows.

    Args:
        path: The file: UTF-8, with commas, and a header line.
        beside: The folder of the manifest that will name it.

    Raises:
        ManifestError: It cannot be read.
    """
    file = open_csv(path, beside=beside)
    header = file.columns or ()
    _check_separator(path, header)
    columns, count = infer(header, ([str(text) for text in row.values.values()] for row in file.rows()))
    return FoundTable(
        name=path.stem,
        columns=tuple(
            ZangTableColumn(
                name=name,
                type=column.type or TEXT,
                primary=name.lower() == "id" and column.distinct and not column.empty and count > 0,
            )
            for name, column in zip(header, columns, strict=True)
        ),
        rows=file.name,
        count=count,
    )
