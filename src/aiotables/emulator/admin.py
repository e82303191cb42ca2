"""The emulator's own endpoints, under `/_emulator/`: what it holds, what was called, which faults are in force."""

import tempfile
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Protocol

import attrs
import orjson
from aiohttp import web
from attrs import frozen

from aiotables.emulator.bodies import Json
from aiotables.emulator.clock import MovableClock, stamp
from aiotables.emulator.dispatch import OwnHandler, OwnRoute
from aiotables.emulator.faults import Fault
from aiotables.emulator.log import CallLog


MOST_SHOWN = 1000

ZIP = "application/zip"


class Inspected(Protocol):
    """What the endpoints need of the emulator."""

    @property
    def projects(self) -> Sequence[str]:
        """Slugs of the ZangTable projects."""
        ...

    @property
    def log(self) -> CallLog:
        """The calls so far."""
        ...

    @property
    def faults(self) -> Sequence[Fault]:
        """The rules in force."""
        ...

    @property
    def clock(self) -> MovableClock:
        """The emulator's time."""
        ...

    def count_tables(self, project: str) -> int:
        """Tables of a ZangTable project."""
        ...

    def extruct_tables(self) -> Sequence[tuple[str, str, Sequence[str]]]:
        """Id, name and tags of every Extruct table."""
        ...

    def add_fault(self, fault: Fault) -> None:
        """Put a rule in force."""
        ...

    def clear_faults(self) -> None:
        """Put no rule in force."""
        ...

    def reset(self) -> None:
        """Start afresh."""
        ...

    def snapshot(self, file: Path) -> None:
        """Write all that the services keep."""
        ...

    def restore(self, file: Path) -> None:
        """Have what was written."""
        ...


@frozen
class Admin:
    """
    The endpoints. They ask for no token, since only this machine can reach them.

    A change must be sent as JSON, which a page of another site that is open in a browser here cannot do.
    """

    _emulator: Inspected

    def routes(self) -> list[OwnRoute]:
        """What is served under the prefix."""
        return [
            ("GET", "state", self.state),
            ("GET", "calls", self.calls),
            ("GET", "faults", self.faults),
            ("POST", "faults", _changing(self._add_fault, 201)),
            ("DELETE", "faults", self.clear_faults),
            ("GET", "clock", self.clock),
            ("POST", "clock", _changing(self._advance)),
            ("POST", "reset", _changing(self._reset)),
            ("GET", "snapshot", self.snapshot),
            ("POST", "restore", self.restore),
        ]

    async def state(self, _: web.BaseRequest) -> web.Response:
        """Counts of the tables in each project, the Extruct tables, and the number of calls."""
        emulator = self._emulator
        return _json(
            {
                "projects": {slug: emulator.count_tables(slug) for slug in emulator.projects},
                "extruct_tables": [
                    {"id": table_id, "name": name, "tags": tags}
                    for table_id, name, tags in emulator.extruct_tables()
                ],
                "calls": emulator.log.count,
            }
        )

    async def calls(self, _: web.BaseRequest) -> web.Response:
        """The last calls, oldest first."""
        return _json([attrs.asdict(call) for call in self._emulator.log.last(MOST_SHOWN)])

    async def faults(self, _: web.BaseRequest) -> web.Response:
        """The rules in force."""
        return _json([fault.to_mapping() for fault in self._emulator.faults])

    async def clear_faults(self, _: web.BaseRequest) -> web.Response:
        """Put no rule in force."""
        self._emulator.clear_faults()
        return _json({})

    async def clock(self, _: web.BaseRequest) -> web.Response:
        """The time, as Unix time in seconds and as the services write it."""
        return _json(self._time())

    async def snapshot(self, _: web.BaseRequest) -> web.Response:
        """All that the services keep, as one file."""
        return web.Response(body=self._packed(), content_type=ZIP)

    async def restore(self, request: web.BaseRequest) -> web.Response:
        """Have a snapshot, sent as `application/zip`, in place of all that the services keep."""
        if request.content_type != ZIP:
            return _json({"error": f"send a snapshot, as {ZIP}"}, 400)

        # However large: what was written can be sent back.
        sent = await request.content.read()
        try:
            self._unpack(sent)
        except ValueError as error:
            return _json({"error": str(error)}, 400)

        return _json({})

    def _packed(self) -> bytes:
        with _place() as file:
            self._emulator.snapshot(file)
            return file.read_bytes()

    def _unpack(self, sent: bytes) -> None:
        with _place() as file:
            file.write_bytes(sent)
            self._emulator.restore(file)

    def _time(self) -> Json:
        clock = self._emulator.clock
        return {"now": clock.now(), "utc": stamp(clock)}

    def _add_fault(self, sent: Json) -> Json:
        """Put `{"fault": "zangtable.create_table:after:drop:p=0.05"}` in force, or a mapping in place of the text."""
        fault = Fault.of(_value_of(sent, "fault"))
        self._emulator.add_fault(fault)
        return fault.to_mapping()

    def _advance(self, sent: Json) -> Json:
        """Let `{"advance": 600}` seconds pass."""
        seconds = _value_of(sent, "advance")
        if isinstance(seconds, bool) or not isinstance(seconds, int | float):
            msg = f"advance is a number of seconds, not {seconds!r}"
            raise ValueError(msg)  # noqa: TRY004 - one kind of error for all that can be wrong with a body

        self._emulator.clock.advance(seconds)
        return self._time()

    def _reset(self, _: Json) -> Json:
        """Start afresh; the body is `{}`."""
        self._emulator.reset()
        return {}


@contextmanager
def _place() -> Iterator[Path]:
    with tempfile.TemporaryDirectory() as folder:
        yield Path(folder, "snapshot.zip")


def _changing(change: Callable[[Json], Json], status: int = 200) -> OwnHandler:
    async def answer(request: web.BaseRequest) -> web.Response:
        try:
            return _json(change(await _sent(request)), status)
        except ValueError as error:
            return _json({"error": str(error)}, 400)

    return answer


async def _sent(request: web.BaseRequest) -> Json:
    if request.content_type != "application/json":
        msg = "send JSON, as application/json"
        raise ValueError(msg)

    return orjson.loads(await request.read())


def _value_of(sent: Json, key: str) -> Json:
    if not isinstance(sent, dict) or key not in sent:
        msg = f'send {{"{key}": ...}}'
        raise ValueError(msg)

    return sent[key]


def _json(value: object, status: int = 200) -> web.Response:
    return web.Response(status=status, body=orjson.dumps(value), content_type="application/json")
