"""A service that says what it is told to, and facts in Extruct's form."""

from collections.abc import AsyncIterator, Mapping, Sequence
from typing import Any

import pytest

from aiotables.core.convert import Converter
from aiotables.extruct import Extruct
from tests.scripted import FakeClock, Service, Telling, fragments


@pytest.fixture
def clock() -> FakeClock:
    """A clock that jumps."""
    return FakeClock()


@pytest.fixture
async def service(clock: FakeClock) -> AsyncIterator[Service]:
    """A service that listens, on the clock of the test."""
    async with Service.listening(clock) as told:
        yield told


@pytest.fixture
async def extruct(service: Service, clock: FakeClock) -> AsyncIterator[Extruct]:
    """A client of it."""
    async with Extruct(token="secret", base_url=service.url, clock=clock, environ={}) as client:
        yield client


class Facts(Telling):
    """Things as Extruct writes them."""

    user: Mapping[str, Any] = {
        "user_id": "user_1",
        "email": "ann@acme.example",
        "available_credits": 5,
        "organization_id": None,
        "organization_name": None,
        "organization_slug": None,
    }

    def item(
        self,
        table_id: str = "t1",
        name: str = "Accounts",
        *,
        at: float = 0.0,
        email: str = "ann@acme.example",
        tags: Sequence[str] | None = None,
    ) -> dict[str, Any]:
        """A table in a list, made some seconds from now."""
        return {
            "id": table_id,
            "created_at": self.time(at),
            "updated_at": self.time(at),
            "name": name,
            "kind": "company",
            "scope": "personal",
            "owner": {"id": "user_1", "email": email},
            "num_rows": 0,
            "tags": tags,
        }

    def column(self, key: str, *, at: float = 0.0, **config: object) -> dict[str, Any]:
        """A column, made some seconds from now."""
        config = {"kind": "input", "name": key, "key": key, **config}
        return {"id": f"c-{key}", "created_at": self.time(at), "config": config}

    def table(self, *columns: Mapping[str, Any], table_id: str = "t1", num_rows: int = 0) -> dict[str, Any]:
        """A table with its columns and its status."""
        return {
            "id": table_id,
            "created_at": self.time(0),
            "name": "Accounts",
            "kind": "company",
            "columns": [*columns],
            "owner": {"id": "user_1", "email": "ann@acme.example"},
            "status": {"num_columns": len(columns), "run_status": "idle", "num_rows": num_rows},
        }

    def row(
        self,
        row_id: str,
        data: Mapping[str, object] | None = None,
        *,
        at: float = 0.0,
        mark: str | None = None,
        **more: object,
    ) -> dict[str, Any]:
        """A row, made some seconds from now."""
        metadata = {} if mark is None else {"metadata": {"aiotables": mark}}
        return {"id": row_id, "created_at": self.time(at), "data": {**(data or {}), **more}, **metadata}

    def data(self, *rows: Mapping[str, Any], num_rows: int | None = None) -> dict[str, Any]:
        """A table with a page of its rows."""
        return {**self.table(num_rows=len(rows) if num_rows is None else num_rows), "rows": [*rows]}


@pytest.fixture
def facts() -> Facts:
    """Makes facts."""
    return Facts()


class Documented:
    """What the docs show of each operation."""

    def request(self, operation: str) -> Any:  # noqa: ANN401 -- any JSON
        """The body of a request: the first example."""
        (media,) = fragments("extruct")[operation]["requestBody"]["content"].values()
        return next(iter(media["examples"].values()))["value"]

    def query(self, operation: str) -> dict[str, str]:
        """The query of a request, as text."""
        named = (each for each in fragments("extruct")[operation]["parameters"] if each.get("in") == "query")
        values = {
            each["name"]: next(iter(each["examples"].values()))["value"]
            for each in named
            if "examples" in each
        }
        return {name: str(value) for name, value in values.items()}

    def answer(self, operation: str) -> Any:  # noqa: ANN401 -- any JSON
        """An answer: the first example."""
        (media,) = fragments("extruct")[operation]["responses"]["200"]["content"].values()
        return next(iter(media["examples"].values()))["value"]

    def read(self, payload: object, type_: Any) -> Any:  # noqa: ANN401 -- any type, and a value of it
        """An example as a model, with no key left over."""
        return Converter(forbid_unknown=True).decode(payload, type_)


@pytest.fixture
def documented() -> Documented:
    """Shows what the docs show."""
    return Documented()
