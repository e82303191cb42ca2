"""What the page is made of, and what it asks for. Nothing here changes anything."""

import os
import re
from collections.abc import Callable, Mapping, Sequence
from functools import cache
from importlib.resources import files
from typing import Any, TypeAlias

import orjson
from aiohttp import web
from attrs import field, frozen

from aiotables.emulator import inspector
from aiotables.emulator.clock import Clock
from aiotables.emulator.dispatch import OwnRoute
from aiotables.emulator.faults import Fault
from aiotables.emulator.inspector.calls import Ledger, fault
from aiotables.emulator.inspector.tables import Missing, Shelf
from aiotables.emulator.log import CallLog


PAGE_POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'; "
    "base-uri 'none'; form-action 'none'; frame-ancestors 'none'; require-trusted-types-for 'script'"
)

_TYPES = {"html": "text/html", "css": "text/css", "js": "text/javascript", "svg": "image/svg+xml"}

# As large as SQLite can count.
_NUMBER = re.compile(r"[0-9]{1,18}")

Query: TypeAlias = Mapping[str, str]


class WrongQuery(ValueError):
    """A parameter of the query is not what it must be."""


@frozen(kw_only=True)
class Inspector:
    """
    The endpoints of the page.

    Args:
        shelf: What the emulator holds.
        ledger: What was called.
        clock: The emulator's.
        log: The log of calls.
        fault_rules: Tells the rules in force.
        operations: Names of all operations.
    """

    shelf: Shelf
    ledger: Ledger
    clock: Clock
    log: CallLog
    fault_rules: Callable[[], Sequence[Fault]]
    operations: Sequence[str]
    # By it the page knows when it talks to another emulator than before.
    _instance: str = field(factory=lambda: os.urandom(6).hex(), init=False)

    def routes(self) -> list[OwnRoute]:
        """What is served."""
        return [
            ("GET", "", _file("index.html")),
            *(("GET", name, _file(name)) for name in ("inspector.css", "inspector.js", "inspector.svg")),
            ("GET", "inspector/summary", _json(self.summary)),
            ("GET", "inspector/tables", _json(self.tables)),
            ("GET", "inspector/rows", _json(self.rows)),
            ("GET", "inspector/calls", _json(self.calls)),
            ("GET", "inspector/call", _json(self.call)),
            ("GET", "inspector/journeys", _json(self.journeys)),
            ("GET", "inspector/faults", _json(self.faults)),
        ]

    def summary(self, _: Query) -> dict[str, Any]:
        """What changes when anything does."""
        return {
            "instance": self._instance,
            "now": self.clock.now(),
            "calls": self.log.count,
            "clearings": self.log.clearings,
            "faults": len(self.fault_rules()),
            **self.shelf.counts(),
        }

    def tables(self, query: Query) -> dict[str, Any]:
        """Projects and tables whose names hold `search`."""
        return self.shelf.names(query.get("search", ""))

    def rows(self, query: Query) -> dict[str, Any]:
        """
        Rows from `offset` on: of `project` and `table`, or of the Extruct table `id`.

        Raises:
            Missing: There is no such project or table.
        """
        offset = _number(query.get("offset", "0"))
        if "id" in query:
            return self.shelf.extruct_rows(query["id"], offset)

        return self.shelf.rows(query.get("project", ""), query.get("table", ""), offset)

    def calls(self, query: Query) -> dict[str, Any]:
        """Calls before the number `before` that hold `search`; with `failed`, failures alone."""
        before = _number(query["before"]) if "before" in query else None
        return self.ledger.page(before=before, search=query.get("search", ""), failed="failed" in query)

    def call(self, query: Query) -> dict[str, Any]:
        """
        The call of that `number`.

        Raises:
            Missing: It is not kept.
        """
        call = self.ledger.call(_number(query.get("number", "")))
        if call is None:
            raise Missing

        return call

    def journeys(self, query: Query) -> dict[str, Any]:
        """Journeys whose key or run holds `search`."""
        return self.ledger.journeys(query.get("search", ""))

    def faults(self, _: Query) -> dict[str, Any]:
        """The rules in force, and the operations that there are."""
        return {"faults": list(map(fault, self.fault_rules())), "operations": list(self.operations)}


def _json(answer: Callable[[Query], dict[str, Any]]) -> Callable[[web.BaseRequest], Any]:
    async def handle(request: web.BaseRequest) -> web.Response:
        try:
            status, value = 200, answer(request.query)
        except Missing:
            status, value = 404, {"error": "it is not there, or no longer"}
        except WrongQuery as error:
            status, value = 400, {"error": str(error)}
        return web.Response(status=status, body=orjson.dumps(value), content_type="application/json")

    return handle


def _number(text: str) -> int:
    if not _NUMBER.fullmatch(text):
        msg = f"{text[:20]!r} is no number"
        raise WrongQuery(msg)

    return int(text)


def _file(name: str) -> Callable[[web.BaseRequest], Any]:
    kind = _TYPES[name.rpartition(".")[2]]

    async def handle(_: web.BaseRequest) -> web.Response:
        headers = {"Content-Security-Policy": PAGE_POLICY} if kind == "text/html" else None
        return web.Response(body=_content(name), content_type=kind, charset="utf-8", headers=headers)

    return handle


@cache
def _content(name: str) -> bytes:
    return files(inspector).joinpath("static", name).read_bytes()
