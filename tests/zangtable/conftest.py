"""A service that says what it is told to, facts in ZangTable's form, and what its docs show."""

from collections.abc import AsyncIterator, Mapping
from typing import Any

import orjson
import pytest
from aiohttp import web

from aiotables.zangtable import ZangTable
from tests.scripted import FakeClock, Telling, fragments
from tests.scripted import Service as Scripted


@pytest.fixture
def clock() -> FakeClock:
    """A clock that jumps."""
    return FakeClock()


class Service(Scripted):
    """A local server that answers in ZangTable's envelope."""

    def ok(self, data: object, **more: object) -> web.Response:
        """A success in its envelope."""
        return self.says({"ok": True, "data": data, "error": None, "request_id": "req_1", **more})

    def fail(self, code: str | None, *, status: int = 400, **more: object) -> web.Response:
        """An error in its envelope."""
        error = {"message": "it is so"} if code is None else {"code": code, "message": "it is so"}
        return self.says(
            {"ok": False, "data": None, "error": error, "request_id": "req_2", **more}, status=status
        )


@pytest.fixture
async def service(clock: FakeClock) -> AsyncIterator[Service]:
    """A service that listens, on the clock of the test."""
    async with Service.listening(clock) as told:
        yield told


@pytest.fixture
async def zang(service: Service, clock: FakeClock) -> AsyncIterator[ZangTable]:
    """A client of it."""
    async with ZangTable(
        token="pat_secret", project="acme", base_url=service.url, clock=clock, environ={}
    ) as client:
        yield client


class Facts(Telling):
    """Things as ZangTable writes them."""

    def column(
        self, name: str, kind: str = "TEXT", *, at: float | None = 0.0, **more: object
    ) -> dict[str, Any]:
        """A column, made some seconds from now."""
        times = {} if at is None else {"created_at": self.time(at), "updated_at": self.time(at)}
        return {
            "id": 7,
            "table_name": "contacts",
            "column_name": name,
            "column_type": kind,
            "is_nullable": 1,
            "default_value": None,
            "is_primary": 0,
            "is_unique": 0,
            **times,
            **more,
        }

    @property
    def id_column(self) -> dict[str, Any]:
        """The column that the service puts first."""
        return self.column("id", "INTEGER", is_primary=1, is_nullable=0)

    def table(self, *columns: Mapping[str, Any], at: float = 0.0, name: str = "contacts") -> dict[str, Any]:
        """A table with its columns, made some seconds from now."""
        about = {
            "id": 3,
            "table_name": name,
            "display_name": None,
            "created_at": self.time(at),
            "updated_at": self.time(at),
        }
        return {"table": about, "columns": [*columns]}


@pytest.fixture
def facts() -> Facts:
    """Makes facts."""
    return Facts()


TAIL = (
    ', "error": null, "request_id": "req_20260602T012345_123456Z_abc123def456"'
    ', "meta": {"generated_at": "2026-06-02T01:23:45Z"}}'
)


class Documented:
    """What the docs show of each operation."""

    def request(self, operation: str, example: str = "full") -> Any:  # noqa: ANN401 -- any JSON
        """The body of a request."""
        (media,) = fragments("zangtable")[operation]["requestBody"]["content"].values()
        return media["examples"][example]["value"]

    def query(self, operation: str, example: str = "full") -> dict[str, str]:
        """The query of a request, as text."""
        named = (
            each for each in fragments("zangtable")[operation]["parameters"] if each.get("in") == "query"
        )
        values = {each["name"]: each.get("examples", {}).get(example, {}).get("value") for each in named}
        return {
            name: value if isinstance(value, str) else orjson.dumps(value).decode()
            for name, value in values.items()
            if value is not None
        }

    def answer(self, operation: str, example: str = "success") -> Any:  # noqa: ANN401 -- any JSON
        """An answer, whole."""
        return self._media(operation)["examples"][example]["value"]

    def cut_answer(self, operation: str, *, end: str) -> Any:  # noqa: ANN401 -- any JSON
        """
        An answer that the docs show the beginning of.

        Args:
            operation: Its id.
            end: A made-up end of its `data`.
        """
        return orjson.loads(self._media(operation)["x-cut-example"] + end + TAIL)

    def _media(self, operation: str) -> dict[str, Any]:
        (media,) = fragments("zangtable")[operation]["responses"]["2XX"]["content"].values()
        found: dict[str, Any] = media
        return found


@pytest.fixture
def documented() -> Documented:
    """Shows what the docs show."""
    return Documented()
