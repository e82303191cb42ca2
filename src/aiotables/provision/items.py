"""What a plan says of each table, kept in a temporary file, so that memory does not grow with the tables."""

import tempfile
import weakref
from collections.abc import Iterator
from hashlib import blake2b
from typing import Any

import orjson
from attrs import asdict

from aiotables.core.classes import frozen
from aiotables.provision.steps import Action


@frozen(kw_only=True)
class PlannedTable:
    """What one table needs."""

    target: str
    key: str
    action: Action

    steps: tuple[str, ...] = ()
    """Names of the calls that make what is missing, in their order."""

    reason: str = ""
    """Why it is in conflict, what is missing, or what has to be settled first."""

    origin: str = ""
    """Where the manifest asks for it."""

    digest: str = ""
    """Hash of how it should be."""

    def to_json(self) -> dict[str, Any]:
        """As one JSON object."""
        return {**asdict(self), "action": self.action.value, "steps": list(self.steps)}

    @classmethod
    def from_json(cls, value: dict[str, Any]) -> "PlannedTable":
        """What `to_json` gave."""
        return cls(**{**value, "action": Action(value["action"]), "steps": tuple(value["steps"])})


class Items:
    """The tables of a plan, in the order of the manifest: written once, and read as often as wanted."""

    def __init__(self) -> None:
        self._file = tempfile.TemporaryFile()  # noqa: SIM115 -- it is open as long as this is
        self._hash = blake2b(digest_size=16)
        self.number = 0
        self.close = weakref.finalize(self, self._file.close)

    def add(self, item: PlannedTable) -> None:
        """Take the next one in."""
        self._file.write(orjson.dumps(item.to_json()) + b"\n")
        self._hash.update(essence(item))
        self.number += 1

    @property
    def digest(self) -> str:
        """Hash of what is to be done, wherever the manifest asks for it."""
        return self._hash.hexdigest()

    def __iter__(self) -> Iterator[PlannedTable]:
        at = 0
        while True:
            # Each reader has its own place, and several may read in turn.
            self._file.seek(at)
            line = self._file.readline()
            if not line:
                return
            at = self._file.tell()
            yield PlannedTable.from_json(orjson.loads(line))


def essence(item: PlannedTable) -> bytes:
    """What makes two plans of a table the same: all but the place that asks for it."""
    facts = [item.target, item.key, item.action.value, item.steps, item.reason, item.digest]
    return orjson.dumps(facts) + b"\n"
