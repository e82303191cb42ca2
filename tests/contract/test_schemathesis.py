"""The emulator keeps the fragments, whatever it is sent, says schemathesis."""

import asyncio
import json
import sys
from collections.abc import AsyncIterator, Mapping
from pathlib import Path
from typing import Any

import aiohttp
import pytest

from aiotables.emulator import Emulator
from codegen.bundle import published
from codegen.spec import load


ROOT = Path(__file__).parents[2]
TOKEN = "pat_contract"
# The last is the project of the documented examples, one of which deletes it.
PROJECTS: dict[str, str] = dict.fromkeys(("acme", "tokens", "example_project"), TOKEN)
# Those that the documented examples speak of, and one to lose.
COLUMNS = ("email", "status", "created_at", "updated_at", "doomed")
COMMAND = Path(sys.executable).with_name("schemathesis")
SEED = "1"

# Requests that fit their schemas may break rules that no schema can tell: keys that are there twice, prompts that name
# columns which are not there, a slug that confirms nothing.
NO_SUCH_CHECK = "positive_data_acceptance"

# What the fragments cannot say: a word in the place of an id makes a path of its own, which is also one of the template
# beside it; any value counts as false where a boolean is asked for (documented); files come as what they are (documented);
# and a project that was deleted is not there whoever asks (chosen).
EXCEPTIONS = """
[[operations]]
include-path = "/projects/{project}/auth/tokens/test"
checks.allow_header_conformance.enabled = false
checks.unsupported_method.enabled = false

[[operations]]
include-operation-id = ["list_records", "delete_records", "update_records"]
checks.negative_data_rejection.enabled = false

[[operations]]
include-operation-id = "download_export"
checks.content_type_conformance.enabled = false

[[operations]]
include-operation-id = "delete_project"
checks.ignored_auth.enabled = false
"""

# What is deleted, and whose token is revoked, must not be what the other calls are about.
CONFIG: Mapping[str, str] = {
    "zangtable": """
[parameters]
"path.project" = "acme"
"path.table" = "t"
"path.table_id_or_name" = "t"
"path.column_id_or_name" = "email"
"path.id" = "1"
"path.export_id" = "%(export)s"

[[operations]]
include-operation-id = "delete_project"
parameters = { "path.project" = "example_project" }

[[operations]]
include-operation-id = "create_token"
parameters = { "path.project" = "tokens" }

[[operations]]
include-operation-id = "delete_token"
parameters = { "path.project" = "acme", "path.token_id" = "%(token)s" }

[[operations]]
include-operation-id = "delete_column"
parameters = { "path.project" = "acme", "path.table" = "t", "path.column_id_or_name" = "doomed" }

[[operations]]
include-operation-id = "delete_records"
parameters = { "path.project" = "acme", "path.table" = "lost" }

[[operations]]
include-operation-id = "delete_record"
parameters = { "path.project" = "acme", "path.table" = "t", "path.id" = "2" }
""",
    "extruct": """
[parameters]
"path.table_id" = "%(table)s"
"path.row_id" = "%(row)s"
"path.column_id" = "%(column)s"
"path.company_identifier" = "sap.com"

[[operations]]
include-operation-id = "delete_table"
parameters = { "path.table_id" = "%(doomed)s" }

[[operations]]
include-operation-id = "delete_column"
parameters = { "path.table_id" = "%(table)s", "path.column_id" = "%(last)s" }

[[operations]]
include-path-regex = "^/v1/discovery_tasks/.*"
parameters = { "path.task_id" = "%(discovery)s" }

[[operations]]
include-path-regex = "^/v1/deep_research_tasks/.*"
parameters = { "path.task_id" = "%(research)s" }
""",
}


@pytest.fixture
async def emulator(request: pytest.FixtureRequest) -> AsyncIterator[Emulator]:
    """An emulator, if `make contract` asks."""
    if not request.config.getoption("--schemathesis", default=False):
        pytest.skip("needs schemathesis: run `make contract`")

    async with Emulator(projects=PROJECTS, extruct_token=TOKEN, run_seconds=0.5) as emulator:
        yield emulator


async def made_things(emulator: Emulator) -> dict[str, str]:
    """Have things that calls can be about; their ids."""
    authorization = {"Authorization": f"Bearer {TOKEN}"}
    async with aiohttp.ClientSession(emulator.url, headers=authorization, raise_for_status=True) as session:

        async def made(path: str, body: object) -> Any:  # noqa: ANN401 - JSON
            async with session.post(path, json=body) as response:
                return await response.json()

        columns = [{"column_name": name, "column_type": "ANY"} for name in COLUMNS]
        for name in ("t", "lost"):
            await made("/projects/acme/table", {"table_name": name, "columns": columns})
        emulator.add_records("acme", "t", [{"email": "a@b.example"}, {"status": "active"}])
        export = await made("/projects/acme/export/schema", {})
        token = await made("/projects/acme/auth/tokens/test", {})
        agent = {"agent_type": "llm", "prompt": "{input}", "output_format": "text"}
        configs = [
            {"kind": "company_people_finder", "name": "P", "key": "p", "value": {"roles": ["CEO"]}},
            {"kind": "agent", "name": "Z", "key": "z", "value": agent},
        ]
        table, doomed = [await made("/v1/tables", {"column_configs": configs}) for _ in range(2)]
        (row,) = await made(
            f"/v1/tables/{table['id']}/rows", {"rows": [{"data": {"input": "sap.com"}}], "run": True}
        )
        discovery = await made("/v1/discovery_tasks", {"query": "x", "desired_num_results": 5})
        research = await made("/v1/deep_research_tasks", {"brief": "x"})
    return {
        "export": export["data"]["export"]["id"],
        "token": token["data"]["token"]["token_id"],
        "table": table["id"],
        "doomed": doomed["id"],
        "column": table["columns"][0]["id"],
        "last": table["columns"][-1]["id"],
        "row": row["id"],
        "discovery": discovery["id"],
        "research": research["id"],
    }


async def findings(emulator: Emulator, service: str, config: str, folder: Path, *options: str) -> str | None:
    """What schemathesis finds wrong, with the requests that show it; None when it finds nothing."""
    document = folder / "openapi.json"
    document.write_text(json.dumps(published(load(ROOT / "openapi" / service))))
    (folder / "schemathesis.toml").write_text(config)
    process = await asyncio.create_subprocess_exec(
        *(COMMAND, "run", document, "--url", emulator.url, "--header", f"Authorization: Bearer {TOKEN}"),
        *("--seed", SEED, "--exclude-checks", NO_SUCH_CHECK, "--no-color", *options),
        cwd=folder,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.STDOUT,
    )
    printed, _ = await process.communicate()
    return printed.decode() if process.returncode else None


def failures(emulator: Emulator) -> list[str]:
    """Calls that the emulator could not answer properly."""
    return [
        f"{call.method} {call.path}: {call.status}" for call in emulator.calls if (call.status or 500) >= 500
    ]


def never_succeeded(emulator: Emulator, service: str) -> set[str]:
    """Operations that were only ever refused."""
    called = [call for call in emulator.calls if call.operation and call.operation.startswith(f"{service}.")]
    return {f"{call.operation}" for call in called} - {
        f"{call.operation}" for call in called if call.status and call.status < 300
    }


@pytest.mark.parametrize("service", CONFIG)
async def test_calls_about_what_is_there(emulator: Emulator, service: str, tmp_path: Path) -> None:
    """Statuses, headers and bodies are those of the fragments, what breaks them is refused, and nothing is a 500."""
    config = CONFIG[service] % await made_things(emulator) + EXCEPTIONS
    phases = ("--phases", "examples,coverage,fuzzing", "--max-examples", "10")

    found = await findings(emulator, service, config, tmp_path, *phases)

    assert found is None, found
    assert [] == failures(emulator)
    assert set() == never_succeeded(emulator, service)


@pytest.mark.parametrize("service", CONFIG)
async def test_calls_about_anything(emulator: Emulator, service: str, tmp_path: Path) -> None:
    """The same holds for any identifiers."""
    phases = ("--phases", "fuzzing", "--max-examples", "10")

    found = await findings(emulator, service, EXCEPTIONS, tmp_path, *phases)

    assert found is None, found
    assert [] == failures(emulator)
