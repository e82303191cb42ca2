"""Rows that a service refused, written to files that a manifest can name to have them added later."""

import re
from pathlib import Path
from typing import TYPE_CHECKING

import orjson

from aiotables.provision.desired import Desired


if TYPE_CHECKING:
    from aiotables.extruct._generated.models import RowsCreate


class FailedRows:
    """
    Writes refused rows, one JSON object on a line, into a file for each table.

    Args:
        folder: Where the files go; made when the first row is refused.
    """

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def add(self, desired: Desired, rows: "RowsCreate") -> Path:
        """
        Add the rows of one call that was refused.

        Args:
            desired: Their table.
            rows: What was sent.

        Returns:
            The file.
        """
        self._folder.mkdir(parents=True, exist_ok=True)
        file = self._folder / file_name(desired)
        with file.open("ab") as stream:
            stream.writelines(orjson.dumps(row.data) + b"\n" for row in rows.rows)
        return file


def file_name(desired: Desired) -> str:
    """A name that can be read and that no other table has, whatever the key holds."""
    readable = re.sub(r"[^A-Za-z0-9_-]+", "-", f"{desired.target}-{desired.key}")[:80].strip("-")
    return f"{readable}-{desired.identity}.jsonl"
