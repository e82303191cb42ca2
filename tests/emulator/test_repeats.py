"""The same seed and the same calls make the same log, byte for byte."""

import aiohttp
import pytest

from aiotables.emulator import Emulator, VirtualClock


FAULTS = (
    "*:before:delay:delay=lognormal,0.2,0.5",
    "*:before:throttle:retry_after=2:p=0.2",
    "*:after:drop:p=0.2",
    "extruct:before:quota:calls=6:window=9",
)

AGENT = {"kind": "agent", "name": "A", "key": "a", "value": {"agent_type": "llm", "prompt": "x"}}

CALLS = [
    ("POST", "/projects/acme/table", {"table_name": "contacts", "columns": [{"column_name": "email"}]}),
    ("POST", "/projects/acme/table", {"table_name": "contacts"}),
    ("POST", "/projects/acme/export/schema", {}),
    ("POST", "/projects/acme/auth/tokens/test", {}),
    ("GET", "/projects/acme/exports", None),
    ("POST", "/v1/tables", {"kind": "generic", "name": "a", "column_configs": [AGENT]}),
    ("POST", "/v1/tables/{table}/rows", {"rows": [{"data": {}}], "run": True}),
    ("GET", "/v1/tables/{table}/data", None),
    ("POST", "/v1/tables/{table}/clone", {}),
    ("POST", "/v1/discovery_tasks", {"query": "banks"}),
    ("POST", "/v1/deep_research_tasks", {"brief": "What is a bank?"}),
    ("GET", "/nowhere", None),
]


async def log_of(clock: VirtualClock, seed: int) -> tuple[bytes, int]:
    """Make the calls a few times; the log as it is shown, and how many calls it holds."""
    async with (
        Emulator(clock=clock, seed=seed, faults=FAULTS) as emulator,
        aiohttp.ClientSession(emulator.url, connector=aiohttp.TCPConnector(force_close=True)) as session,
    ):
        for number in range(3):
            for method, path, body in CALLS:
                tables = emulator.extruct_tables()
                where = path.format(table=tables[-1][0] if tables else "none")
                token = "extruct-emulator" if path.startswith("/v1") else "pat_emulator"
                headers = {"Authorization": f"Bearer {token}", "X-Operation-Key": f"op{number}"}
                try:
                    async with session.request(method, where, json=body, headers=headers) as response:
                        await response.read()
                except aiohttp.ServerDisconnectedError:
                    pass
                await clock.sleep(1)
        async with session.get("/_emulator/calls") as response:
            return await response.read(), len(emulator.calls)


@pytest.mark.parametrize("seed", [0, 7])
def test_two_runs_make_the_same_log(seed: int) -> None:
    """Ids, request ids, times and faults included."""
    runs = [(clock := VirtualClock()).run(log_of(clock, seed)) for _ in range(2)]

    assert 3 * len(CALLS) <= runs[0][1]
    assert runs[0] == runs[1]


def test_another_seed_makes_another_log() -> None:
    """So that what repeats is no accident."""
    one, other = ((clock := VirtualClock()).run(log_of(clock, seed)) for seed in (1, 2))

    assert one != other
