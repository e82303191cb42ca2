"""Each documented example request, sent as plain bytes, is answered in the documented shape."""

from collections.abc import AsyncIterator, Iterator, Mapping
from pathlib import Path
from typing import Any

import aiohttp
import jsonschema
import orjson
import pytest
from attrs import frozen

from aiotables.emulator import Emulator, ManualClock
from codegen.bundle import published
from codegen.spec import JSON, METHODS, load


ROOT = Path(__file__).parents[2] / "openapi"
TOKENS = {"extruct": "extruct-emulator", "zangtable": "pat_example"}
DOCUMENTS: Mapping[str, dict[str, Any]] = {service: published(load(ROOT / service)) for service in TOKENS}

# What stands for something else in the examples.
PLACEHOLDERS = {"<string>": "sap.com"}

# The page shows no request.
BODIES = {"create_deep_research_task": {"brief": "Who makes robots?"}}

# An older form of a table's data shows these, newer ones do not; and a request is told as it was sent.
NOT_ANSWERED = ("$.notify", "$.settings", "$.request.filters.")

INPUT = {"kind": "input", "name": "Company", "key": "input"}
TABLES = {
    "contacts": ("email", "age", "status", "created_at", "updated_at"),
    "companies": ("name",),
    "books": ("title", "status"),
    "loans": ("member_id", "book_id", "due_date", "returned_at"),
    "members": ("email", "name"),
}


@frozen
class Example:
    """One request of the docs."""

    service: str
    path: str
    method: str
    fragment: dict[str, Any]
    name: str = ""
    body: Any = None
    query: Mapping[str, str] = {}

    def __str__(self) -> str:
        return f"{self.service}.{self.fragment['operationId']} {self.name}".strip()

    @property
    def project(self) -> str:
        """The project that it goes to: the tables that it makes must not be there."""
        makes = self.fragment["operationId"] == "create_table"
        return "empty_project" if makes else "example_project"


def examples() -> Iterator[Example]:
    """Each operation once for every example of its body or its parameters, or once without one."""
    for service, document in DOCUMENTS.items():
        for path, item in document["paths"].items():
            # In an order of their own: processes that share the tests out have to name them alike.
            for method in sorted(METHODS & item.keys()):
                yield from examples_of(Example(service, path, method, item[method]))


def examples_of(plain: Example) -> Iterator[Example]:
    """The examples of one operation."""
    call = (plain.service, plain.path, plain.method, plain.fragment)
    media = plain.fragment.get("requestBody", {}).get("content", {}).get(JSON, {})
    found = [Example(*call, name, each["value"]) for name, each in media.get("examples", {}).items()]
    queries: dict[str, dict[str, str]] = {}
    for parameter in plain.fragment.get("parameters", []):
        for name, each in parameter.get("examples", {}).items():
            value = each["value"]
            queries.setdefault(name, {})[parameter["name"]] = (
                value if isinstance(value, str) else str(value).lower()
            )
    found += [Example(*call, name, None, query) for name, query in queries.items()]
    return iter(found or [Example(*call, "", BODIES.get(plain.fragment["operationId"]))])


class World:
    """An emulator in which the examples make sense, and a plain client."""

    def __init__(self, emulator: Emulator, session: aiohttp.ClientSession) -> None:
        self.emulator = emulator
        self.session = session
        self.ids: dict[str, str] = {}

    async def send(
        self,
        service: str,
        method: str,
        path: str,
        body: Any = None,  # noqa: ANN401 - JSON
        query: Mapping[str, str] | None = None,
    ) -> tuple[int, str, bytes]:
        """Status, media type and bytes of an answer."""
        headers = {"Authorization": f"Bearer {TOKENS[service]}", "Content-Type": "application/json"}
        if service == "zangtable":
            headers["X-Operation-Key"] = "examples"
        data = None if body is None else orjson.dumps(body)
        async with self.session.request(method, path, data=data, params=query, headers=headers) as response:
            return response.status, response.content_type, await response.read()

    async def made(self, service: str, path: str, body: Any) -> Any:  # noqa: ANN401 - JSON
        """What a call that has to succeed answers."""
        status, _, content = await self.send(service, "POST", path, body)
        assert 200 <= status < 300, content
        return orjson.loads(content)

    async def prepare(self) -> None:
        """Have what the paths and bodies of the examples speak of."""
        root = "/projects/example_project"
        for name, columns in TABLES.items():
            listed = [
                {"column_name": column, "column_type": "INTEGER" if column == "age" else "TEXT"}
                for column in columns
            ]
            await self.made("zangtable", f"{root}/table", {"table_name": name, "columns": listed})
        self.emulator.add_records(
            "example_project", "contacts", [{"email": "a@b.example", "status": "active"}]
        )
        export = await self.made("zangtable", f"{root}/export/schema", {})
        token = await self.made("zangtable", f"{root}/auth/tokens/test", {"table_name": "contacts"})
        table = await self.made("extruct", "/v1/tables", {"kind": "company", "column_configs": [INPUT]})
        (row,) = await self.made(
            "extruct", f"/v1/tables/{table['id']}/rows", {"rows": [{"data": {"input": "sap.com"}}]}
        )
        search = {"query": "software", "desired_num_results": 1}
        self.ids = {
            "table": "contacts",
            "table_id_or_name": "contacts",
            "column_id_or_name": "email",
            "id": "1",
            "export_id": export["data"]["export"]["id"],
            "token_id": str(token["data"]["token"]["token_id"]),
            "table_id": table["id"],
            "column_id": table["columns"][0]["id"],
            "row_id": row["id"],
            "company_identifier": "sap.com",
            "discovery_tasks": (await self.made("extruct", "/v1/discovery_tasks", search))["id"],
            "deep_research_tasks": (await self.made("extruct", "/v1/deep_research_tasks", {"brief": "x"}))[
                "id"
            ],
        }

    def path_of(self, example: Example) -> str:
        """Its path with what is there."""
        tasks = next((kind for kind in self.ids if kind in example.path.split("/")), "table")
        return example.path.format_map(self.ids | {"project": example.project, "task_id": self.ids[tasks]})

    def body_of(self, example: Example) -> Any:  # noqa: ANN401 - JSON
        """Its body, with what is there in place of placeholders."""
        replaced = {"YOUR_ROW_ID": self.ids["row_id"]} | PLACEHOLDERS
        return replace(example.body, replaced)


def replace(value: Any, replaced: Mapping[str, str]) -> Any:  # noqa: ANN401 - JSON
    """*value* with other texts in it."""
    if isinstance(value, dict):
        return {key: replace(part, replaced) for key, part in value.items()}

    if isinstance(value, list):
        return [replace(part, replaced) for part in value]

    return replaced.get(value, value) if isinstance(value, str) else value


@pytest.fixture
async def world() -> AsyncIterator[World]:
    """An emulator in which the examples make sense."""
    projects: dict[str, str] = dict.fromkeys(("example_project", "empty_project"), TOKENS["zangtable"])
    async with (
        Emulator(clock=ManualClock(), projects=projects) as emulator,
        aiohttp.ClientSession(emulator.url) as session,
    ):
        world = World(emulator, session)
        await world.prepare()
        yield world


def documented(example: Example) -> tuple[str, dict[str, Any]]:
    """The one documented success, and its content by media types."""
    ((status, response),) = (
        (status, response)
        for status, response in example.fragment["responses"].items()
        if status.startswith("2")
    )
    return status, response["content"]


def misses(shown: Any, answer: Any, place: str = "$") -> Iterator[str]:  # noqa: ANN401 - JSON
    """Keys that a documented example shows and an answer has not."""
    if isinstance(shown, dict) and isinstance(answer, dict):
        for key, part in shown.items():
            if key in answer:
                yield from misses(part, answer[key], f"{place}.{key}")
            else:
                yield f"{place}.{key}"
    elif isinstance(shown, list) and isinstance(answer, list) and shown and answer:
        yield from misses(shown[0], answer[0], f"{place}[0]")


def test_every_operation_has_an_example() -> None:
    """The tests that follow leave no operation out."""
    assert 57 == len({(each.service, each.path, each.method) for each in examples()})


@pytest.mark.parametrize("example", [*examples()], ids=str)
async def test_an_example_has_the_documented_answer(world: World, example: Example) -> None:
    """Status, media type and body are those of the fragments, and no key of a documented answer is left out."""
    path, query = world.path_of(example), example.query
    status, media_type, content = await world.send(
        example.service, example.method.upper(), path, world.body_of(example), query
    )

    expected, media = documented(example)
    assert f"{status}" == expected or (expected == "2XX" and 200 <= status < 300), content
    if JSON not in media:
        assert media_type not in media or content
        return

    assert JSON == media_type
    answer = orjson.loads(content)
    schema = media[JSON]["schema"] | {"components": DOCUMENTS[example.service]["components"]}
    jsonschema.Draft202012Validator(
        schema, format_checker=jsonschema.Draft202012Validator.FORMAT_CHECKER
    ).validate(answer)
    shown = [each["value"] for each in media[JSON].get("examples", {}).values()]
    assert [] == [
        place for each in shown for place in misses(each, answer) if not place.startswith(NOT_ANSWERED)
    ]
