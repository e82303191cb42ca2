"""Operation runs: which calls belong together, and when a run is over (docs page operation-groups)."""

import re
from collections import OrderedDict
from collections.abc import Mapping
from typing import Any

from attrs import define, field, frozen

from aiotables.emulator.choices import (
    ACCEPTED_RUN,
    GENERATED_RUN,
    IDLE_SECONDS,
    LONGEST_GROUPING_HEADER,
    MOST_RUNS,
)
from aiotables.emulator.clock import Clock
from aiotables.emulator.ids import Ids
from aiotables.emulator.zangtable.ids import new_id


KEY_HEADER = "X-Operation-Key"
RUN_HEADER = "X-Operation-Run-Id"

_PLAIN = re.compile(r"[\x20-\x7e]+")


@frozen
class Grouping:
    """Where a call was put."""

    key: str | None
    run_id: str
    status: str

    def to_wire(self) -> dict[str, Any]:
        """The three keys of the envelope."""
        return {
            "operation_key": self.key,
            "operation_run_id": self.run_id,
            "operation_grouping_status": self.status,
        }


@define
class _Run:
    id: str
    last_call: float


_Identity = tuple[str, str | None, str | None]


@define
class OperationRuns:
    """The runs of all projects, and when each was last called."""

    _clock: Clock
    _ids: Ids
    _runs: OrderedDict[_Identity, _Run] = field(factory=OrderedDict)

    def group(self, project: str, headers: Mapping[str, str]) -> Grouping | None:
        """
        Put a call of *project* into a run; None when it names neither an operation nor a run.

        A run that nobody called for `IDLE_SECONDS` is over: its next call starts another, under a new id that the
        server makes, and goes on in that one whichever of the two ids is sent.
        """
        key, run_id = grouping_header(headers, KEY_HEADER), grouping_header(headers, RUN_HEADER)
        if key is None and run_id is None:
            return None

        run = self._run((project, key, run_id))
        run.last_call = self._clock.monotonic()
        return Grouping(key, run.id, ACCEPTED_RUN if run.id == run_id else GENERATED_RUN)

    def _run(self, identity: _Identity) -> _Run:
        project, key, run_id = identity
        run = self._runs.get(identity)
        if run is None:
            return self._start(identity, run_id or self._new_id())

        if self._clock.monotonic() - run.last_call <= IDLE_SECONDS:
            self._runs.move_to_end(identity)
            return run

        fresh = self._start(identity, self._new_id())
        self._runs[project, key, fresh.id] = fresh
        return fresh

    def _start(self, identity: _Identity, run_id: str) -> _Run:
        run = self._runs[identity] = _Run(run_id, self._clock.monotonic())
        self._runs.move_to_end(identity)
        while len(self._runs) > MOST_RUNS:
            self._runs.popitem(last=False)
        return run

    def _new_id(self) -> str:
        return new_id("oprun", self._clock, self._ids)

    def clear(self) -> None:
        """Forget all runs."""
        self._runs.clear()


def grouping_header(headers: Mapping[str, str], name: str) -> str | None:
    """What the header *name* holds; None when it is not there, or is nothing that an id or a label could be."""
    value = headers.get(name)
    if value is None or len(value) > LONGEST_GROUPING_HEADER or not _PLAIN.fullmatch(value):
        return None

    return value
