"""The emulator's own endpoints, under `/_emulator/`: what it holds, what was called, which faults are in force."""

from collections.abc import Sequence
from typing import Protocol

import attrs
import orjson
from aiohttp import web
from attrs import frozen

from aiotables.emulator.bodies import Json
from aiotables.emulator.dispatch import OwnRoute
from aiotables.emulator.faults import Fault
from aiotables.emulator.log import CallLog


MOST_SHOWN = 1000


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
            ("POST", "faults", self.add_fault),
            ("DELETE", "faults", self.clear_faults),
            ("POST", "reset", self.reset),
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

    async def add_fault(self, request: web.BaseRequest) -> web.Response:
        """Put `{"fault": "zangtable.create_table:after:drop:p=0.05"}` in force, or a mapping in place of the text."""
        try:
            fault = Fault.of(_value_of(await _sent(request), "fault"))
            self._emulator.add_fault(fault)
        except ValueError as error:
            return _json({"error": str(error)}, 400)

        return _json(fault.to_mapping(), 201)

    async def clear_faults(self, _: web.BaseRequest) -> web.Response:
        """Put no rule in force."""
        self._emulator.clear_faults()
        return _json({})

    async def reset(self, request: web.BaseRequest) -> web.Response:
        """Start afresh; the body is `{}`."""
        try:
            await _sent(request)
        except ValueError as error:
            return _json({"error": str(error)}, 400)

        self._emulator.reset()
        return _json({})


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
