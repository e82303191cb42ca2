"""Files of fault rules."""

from pathlib import Path

from aiotables.emulator.documents import read_entries
from aiotables.emulator.faults import Fault


def read_faults(file: Path) -> list[Fault]:
    """
    The rules that *file* lists, in YAML, JSON or JSON lines; each is what `Fault.of` reads.

    Raises:
        ValueError: It is no such file, or a rule of it is wrong; the message says where and what.
        OSError: It cannot be read.
    """
    return [_fault(place, rule) for place, rule in read_entries(file)]


def _fault(place: str, rule: object) -> Fault:
    try:
        return Fault.of(rule)
    except ValueError as error:
        msg = f"{place}: {error}"
        raise ValueError(msg) from None
