"""Runs: what waits for what, what fails, and what is requested again."""

from collections.abc import AsyncIterator, Callable, Coroutine
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from typing import Any, TypeAlias

import pytest
from attrs import frozen

from aiotables import Extruct
from aiotables.emulator import CellFailure, Choices, Emulator, ManualClock


Ask: TypeAlias = Callable[..., Coroutine[Any, Any, Any]]
Connect: TypeAlias = Callable[[Emulator, str | None], Ask]


def agent(key: str, prompt: str = "{input}") -> dict[str, Any]:
    """An agent column."""
    return {"kind": "agent", "name": key, "key": key, "value": {"agent_type": "llm", "prompt": prompt}}


INPUT = {"kind": "input", "name": "Input", "key": "input"}
CHAIN = [INPUT, agent("a"), agent("b", "{a}"), agent("c", "{b}"), agent("x")]


@frozen
class Bench:
    """A table, and what is asked about it."""

    extruct: Ask
    path: str
    columns: dict[str, str]
    """Ids by keys."""

    async def run(self, *columns: str, mode: str = "new") -> int:
        """Run columns, or all of them; how many cells were requested."""
        scope = {"columns": [self.columns[key] for key in columns]} if columns else {}
        return int(
            (await self.extruct("POST", f"{self.path}/run", {"mode": mode} | scope)).json[
                "num_requested_cells"
            ]
        )

    async def states(self, row: int = 0) -> dict[str, str]:
        """The states of the cells of a row."""
        data = (await self.extruct("GET", f"{self.path}/data")).json["rows"][row]["data"]
        return {key: cell["status"] for key, cell in data.items() if isinstance(cell, dict)}

    async def status(self) -> tuple[str, int, int]:
        """Run status, cells in progress, cells completed."""
        status = (await self.extruct("GET", self.path)).json["status"]
        return status["run_status"], status["num_cells_in_progress"], status["num_cells_completed"]


Opens: TypeAlias = Callable[..., AbstractAsyncContextManager[Bench]]


@pytest.fixture
def bench(connect: Connect, clock: ManualClock) -> Opens:
    """Opens a table of the columns of `CHAIN`, with rows of these inputs."""

    @asynccontextmanager
    async def opened(
        *inputs: str,
        kind: str = "generic",
        configs: list[dict[str, Any]] = CHAIN,
        **choices: Any,  # noqa: ANN401 - as `Choices` takes them
    ) -> AsyncIterator[Bench]:
        async with Emulator(clock=clock, choices=Choices(**choices)) as emulator:
            extruct = connect(emulator, "extruct-emulator")
            made = (
                await extruct("POST", "/v1/tables", {"name": "T", "kind": kind, "column_configs": configs})
            ).json
            path = f"/v1/tables/{made['id']}"
            await extruct("POST", f"{path}/rows", {"rows": [{"data": {"input": text}} for text in inputs]})
            yield Bench(extruct, path, {each["config"]["key"]: each["id"] for each in made["columns"]})

    return opened


async def test_cells_go_by_what_they_need(bench: Opens, clock: ManualClock) -> None:
    """A chain takes a second for each of its cells, and what needs nothing goes beside it."""
    async with bench("s.com") as table:
        await table.run()
        seen = []
        for _ in range(4):
            seen.append(" ".join((await table.states()).values()))
            clock.advance(1)

    assert [
        "pending requested requested pending",
        "done pending requested done",
        "done done pending done",
        "done done done done",
    ] == seen


async def test_cells_wait_for_what_nobody_requested(bench: Opens, clock: ManualClock) -> None:
    """A cell never starts before those that it needs are done, however long that takes."""
    async with bench("s.com") as table:
        await table.run("b", "c")
        clock.advance(1000)
        waiting = await table.states(), await table.status()
        await table.run("a")
        clock.advance(2)
        going = await table.states()
        clock.advance(1)
        ended = await table.status()

    assert ({"b": "requested", "c": "requested"}, ("running", 2, 0)) == waiting
    assert {"a": "done", "b": "done", "c": "pending"} == going
    assert ("idle", 0, 3) == ended


@pytest.mark.parametrize("way", ["value", "delete", "replace"])
async def test_what_a_cell_waits_for_may_come_otherwise(bench: Opens, clock: ManualClock, way: str) -> None:
    """A value that is sent is as good as one that was worked on; without its column nothing is waited for."""
    async with bench("s.com") as table:
        await table.run("b")
        row = (await table.extruct("GET", f"{table.path}/data")).json["rows"][0]["id"]
        column = f"{table.path}/columns/{table.columns['a']}"
        match way:
            case "value":
                await table.extruct("PATCH", f"{table.path}/rows", {"rows": [{"id": row, "data": {"a": 1}}]})
            case "delete":
                await table.extruct("DELETE", column)
            case _:
                await table.extruct("PATCH", column, INPUT | {"key": "a"})
        clock.advance(1)
        found = await table.states()

    assert "done" == found["b"]


async def test_companies_are_looked_up_first(bench: Opens, clock: ManualClock) -> None:
    """Agents of company tables wait for the columns that the service makes, if these are being worked on."""
    async with bench("nvidia.com", kind="company", configs=[agent("a")]) as table:
        await table.run("a")
        alone = (await table.states())["a"]
        await table.run(mode="all")
        together = (await table.states())["a"]
        clock.advance(1)
        row = (await table.extruct("GET", f"{table.path}/data")).json["rows"][0]

    assert ("pending", "requested") == (alone, together)
    assert "NVIDIA" == row["data"]["company_name"]["value"]["answer"]
    assert row["company_profile_id"]


async def test_values_stay_as_they_were_made(bench: Opens, clock: ManualClock) -> None:
    """A finished cell tells of the row as it was when the cell was requested, until it is requested again."""
    async with bench("s.com") as table:
        await table.run("a")
        clock.advance(1)
        row = (await table.extruct("GET", f"{table.path}/data")).json["rows"][0]
        answers = [row["data"]["a"]["value"]["answer"]]
        change = {"rows": [{"id": row["id"], "data": {"input": "t.com"}}]}
        (changed,) = (await table.extruct("PATCH", f"{table.path}/rows", change)).json
        answers.append(changed["data"]["a"]["value"]["answer"])
        await table.run("a", mode="all")
        clock.advance(1)
        (again,) = (await table.extruct("GET", f"{table.path}/data")).json["rows"]
        answers.append(again["data"]["a"]["value"]["answer"])

    assert ["a of s.com", "a of s.com", "a of t.com"] == answers


async def test_cells_that_fail(bench: Opens, clock: ManualClock) -> None:
    """They have no value, count neither as done nor as going on, and take with them what needs them."""
    async with bench("s.com", "t.com", failing_cells=["a:row=s.com"]) as table:
        await table.run()
        clock.advance(10)

        assert {"a": "failed", "b": "failed", "c": "failed", "x": "done"} == await table.states()
        assert {"done"} == set((await table.states(1)).values())
        assert ("idle", 0, 5) == await table.status()
        data = (await table.extruct("GET", f"{table.path}/data")).json["rows"][0]["data"]
        assert {"status": "failed", "value": None} == data["a"]


async def test_failed_cells_are_tried_again(bench: Opens, clock: ManualClock) -> None:
    """Mode `new` passes over them, mode `failed` finds them alone, and a rule may let a later attempt succeed."""
    async with bench("s.com", failing_cells="a:times=2") as table:
        requested = [await table.run()]
        clock.advance(10)
        requested.append(await table.run())
        requested.append(await table.run(mode="failed"))
        requested.append(await table.run(mode="failed"))
        clock.advance(10)
        states = [await table.states()]
        requested.append(await table.run(mode="failed"))
        clock.advance(10)
        states.append(await table.states())
        requested.append(await table.run(mode="failed"))

    assert [4, 0, 3, 0, 3, 0] == requested
    assert ["failed", "done"] == [each["c"] for each in states]


async def test_cells_may_wait_for_one_that_failed(bench: Opens, clock: ManualClock) -> None:
    """The other choice: what needs a failed cell stays requested until that is done."""
    async with bench(
        "s.com", failing_cells=[CellFailure(column="a", times=1)], after_failure="wait"
    ) as table:
        await table.run()
        clock.advance(10)
        waiting = await table.states()
        await table.run(mode="failed")
        clock.advance(10)
        ended = await table.states()

    assert {"a": "failed", "b": "requested", "c": "requested", "x": "done"} == waiting
    assert {"done"} == set(ended.values())


async def test_the_client_counts_what_has_no_value() -> None:
    """A run of the real client ends, and tells how many cells are empty."""
    async with (
        Emulator(run_seconds=0, choices=Choices(failing_cells=["a"])) as emulator,
        Extruct(token="extruct-emulator", base_url=emulator.url) as extruct,
    ):
        made = await extruct.send_raw("POST", "/v1/tables", body={"kind": "generic", "column_configs": CHAIN})
        table = made.value["id"]
        rows = {"rows": [{"data": {"input": "s.com"}}], "run": True}
        await extruct.send_raw("POST", f"/v1/tables/{table}/rows", body=rows)
        finished = await extruct.tables.wait_until_idle(table)

    assert (1, 3) == (finished.cells_done, finished.cells_without_value)


@pytest.mark.parametrize("key", ["a", "input"])
async def test_columns_that_wait_for_one_another(bench: Opens, key: str) -> None:
    """Such columns are refused however they come: no cell of them could ever start."""
    loop = [agent("p", "{q}"), agent("q", "{p}")]
    async with bench("s.com") as table:
        made = await table.extruct("POST", "/v1/tables", {"column_configs": loop})
        added = await table.extruct("POST", f"{table.path}/columns", {"column_configs": loop})
        column = f"{table.path}/columns/{table.columns[key]}"
        changed = await table.extruct("PATCH", column, agent(key, "{c}"))

    assert (422, ["body", "column_configs"]) == (made.status, made.json["detail"][0]["loc"])
    assert (422, ["body", "column_configs"]) == (added.status, added.json["detail"][0]["loc"])
    # The input is needed by all: as an agent it would need the last of them.
    assert (422, ["body"]) == (changed.status, changed.json["detail"][0]["loc"])
