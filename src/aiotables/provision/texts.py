"""Reads a manifest's file as text, within bounds that hold for each language that it may be written in."""

import codecs
from pathlib import Path
from typing import Final

from aiotables.provision.problems import Faults, Place


MOST_BYTES: Final = 4 * 1024 * 1024
"""Many tables are made by `for_each`, not by a long manifest, and a YAML parser in Python is slow."""

DEEPEST: Final = 50
"""Levels of nesting."""

TOO_DEEP: Final = f"nested deeper than {DEEPEST} levels"


def read_text(file: Path, faults: Faults) -> str | None:
    """What a file holds, or `None` when it is too large, no UTF-8, or cannot be read, which goes to *faults*."""
    start = Place(str(file), 1)
    try:
        with file.open("rb") as stream:
            data = stream.read(MOST_BYTES + 1)
    except OSError as error:
        faults.add(start, "", f"cannot be read: {error.strerror}")
        return None

    if len(data) > MOST_BYTES:
        message = f"is larger than {MOST_BYTES} bytes; make many tables from a CSV file with for_each"
        faults.add(start, "", message)
        return None

    data = data.removeprefix(codecs.BOM_UTF8)
    try:
        return data.decode()
    except UnicodeDecodeError as error:
        faults.add(Place(str(file), data.count(b"\n", 0, error.start) + 1), "", "is not UTF-8 text")
        return None
