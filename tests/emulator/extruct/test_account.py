"""Plan, credits and quota."""

from collections.abc import Callable, Coroutine
from typing import Any, TypeAlias

import pytest

from aiotables import Extruct
from aiotables.core.errors import PaymentRequired, RateLimited
from aiotables.emulator import Choices, Emulator, ManualClock
from aiotables.extruct.models import TableCreate


Ask: TypeAlias = Callable[..., Coroutine[Any, Any, Any]]
Connect: TypeAlias = Callable[[Emulator, str | None], Ask]

AGENT = {"kind": "agent", "name": "a", "key": "a", "value": {"agent_type": "llm", "prompt": "{input}"}}
TABLE = {"kind": "generic", "column_configs": [{"kind": "input", "name": "Input", "key": "input"}, AGENT]}
ROWS = {"rows": [{"data": {"input": f"{n}.com"}} for n in range(3)]}
RESEARCH, DISCOVERY = "/v1/deep_research_tasks", "/v1/discovery_tasks"


async def credits_of(extruct: Ask) -> int:
    """What the user has left."""
    return int((await extruct("GET", "/v1/user")).json["available_credits"])


def refused(answer: Any) -> tuple[int, Any]:  # noqa: ANN401 - an answer of the fixture's
    """Status and detail."""
    return answer.status, answer.json["detail"]


async def test_runs_use_up_credits(connect: Connect, clock: ManualClock) -> None:
    """A cell costs what was chosen; a run that cannot be paid is refused whole, rows that came with it included."""
    async with Emulator(clock=clock, choices=Choices(credits=20, cell_credits=5)) as emulator:
        extruct = connect(emulator, "extruct-emulator")
        table = (await extruct("POST", "/v1/tables", TABLE)).json["id"]
        left = [await credits_of(extruct)]
        await extruct("POST", f"/v1/tables/{table}/rows", ROWS | {"run": True})
        left.append(await credits_of(extruct))
        again = await extruct("POST", f"/v1/tables/{table}/rows", ROWS | {"run": True})
        run = await extruct("POST", f"/v1/tables/{table}/run", {"mode": "all"})
        nothing = await extruct("POST", f"/v1/tables/{table}/run", {"mode": "new"})
        billing = (await extruct("GET", "/v1/billing")).json

        assert [20, 5] == left
        assert [(402, {"error": "insufficient_credits"})] * 2 == [refused(again), refused(run)]
        assert (200, 0) == (nothing.status, nothing.json["num_requested_cells"])
        assert 3 == emulator.count_rows(table)
        assert (5, "pro") == (billing["user"]["available_credits"], billing["subscription"]["plan_tier"])

        emulator.reset()
        assert 20 == await credits_of(extruct)


async def test_tasks_use_up_credits(connect: Connect, clock: ManualClock) -> None:
    """A discovery costs its results, a research its whole depth from the start; a research that failed is given back."""
    async with Emulator(clock=clock, choices=Choices(credits=60)) as emulator:
        extruct = connect(emulator, "extruct-emulator")
        left = []
        for path, body in (
            (DISCOVERY, {"query": "software", "desired_num_results": 4}),
            (RESEARCH, {"brief": "..."}),
            (RESEARCH, {"brief": "robots"}),
        ):
            task = (await extruct("POST", path, body)).json["id"]
            left.append(await credits_of(extruct))
            if path == DISCOVERY:
                await extruct("POST", f"{path}/{task}/resume", {"desired_new_results": 2})
        deeper = await extruct("POST", RESEARCH, {"brief": "robots", "depth": "medium"})
        clock.advance(60)

        assert [56, 29, 4] == left
        assert (402, {"error": "insufficient_credits"}) == refused(deeper)
        assert 29 == await credits_of(extruct)


async def test_a_quota_ends_with_the_day(connect: Connect, clock: ManualClock) -> None:
    """Runs and tasks together are counted; the refusal names no time, and the next day lets in again."""
    async with Emulator(clock=clock, choices=Choices(quota=2)) as emulator:
        extruct = connect(emulator, "extruct-emulator")
        table = (await extruct("POST", "/v1/tables", TABLE)).json["id"]
        answers = [
            await extruct("POST", path, body)
            for path, body in (
                (f"/v1/tables/{table}/run", {}),
                (DISCOVERY, {"query": "x"}),
                (f"/v1/tables/{table}/run", {}),
                (RESEARCH, {"brief": "x"}),
            )
        ]
        clock.advance(86_400)
        later = await extruct("POST", f"/v1/tables/{table}/run", {})

    assert [200, 200, 429, 429] == [answer.status for answer in answers]
    assert "Retry-After" not in answers[2].headers
    assert 200 == later.status


@pytest.mark.parametrize(
    ("choices", "expected"),
    [
        (Choices(plan_tier="free"), (402, {"error": "plan_required"})),
        (Choices(payment_failed=True), (402, {"error": "payment_failed"})),
        (Choices(plan_tier="legacy"), None),
        (Choices(plan_tier="starter", requires_subscription=False), None),
        (Choices(plan_tier="starter", organization="acme"), None),
    ],
)
async def test_what_needs_a_plan(
    connect: Connect, choices: Choices, expected: tuple[int, object] | None
) -> None:
    """Whatever changes tables or starts a task; reading, and what is let through by another rule, goes on."""
    async with Emulator(choices=choices) as emulator:
        extruct = connect(emulator, "extruct-emulator")
        calls = [
            await extruct("POST", "/v1/tables", TABLE),
            await extruct("POST", DISCOVERY, {"query": "x"}),
            await extruct("POST", RESEARCH, {"brief": "x"}),
        ]
        nowhere = await extruct("DELETE", "/v1/tables/nope")
        reads = [(await extruct("GET", path)).status for path in ("/v1/tables", "/v1/billing", DISCOVERY)]
        user = (await extruct("GET", "/v1/user")).json

    assert [expected or (200, None)] * 3 == [
        (each.status, expected and each.json["detail"]) for each in calls
    ]
    assert (expected[0] if expected else 404) == nowhere.status
    assert [200, 200, 200] == reads
    assert (choices.organization, choices.organization and True) == (
        user["organization_name"],
        user["organization_is_active"],
    )


@pytest.mark.parametrize(("tier", "seen"), [("free", 25), ("starter", 96)])
async def test_a_plan_bounds_a_search(connect: Connect, tier: str, seen: int) -> None:
    """The free tier sees 25 results over all pages, others as many as there are here; both forms, and likeness."""
    async with Emulator(choices=Choices(plan_tier=tier)) as emulator:
        extruct = connect(emulator, "extruct-emulator")
        body = {"pagination": {"offset": 20, "limit": 100}}
        found = [
            await extruct("POST", "/v1/companies/search", {"q": "x"} | body),
            await extruct("GET", "/v1/companies/search?q=x&offset=20"),
            await extruct("POST", "/v1/companies/sap.com/similar", body),
            await extruct("GET", "/v1/companies/sap.com/similar?offset=20"),
        ]

    # The reference company is not in its own results.
    alike = seen - 20 if tier == "free" else seen - 21
    assert [seen - 20, seen - 20, alike, alike] == [len(answer.json["results"]) for answer in found]


async def test_an_import_that_cannot_be_paid(connect: Connect, clock: ManualClock) -> None:
    """Rows of a task come into its table, but no run of them starts, and who looks at the table is not refused."""
    async with Emulator(clock=clock, choices=Choices(credits=2)) as emulator:
        extruct = connect(emulator, "extruct-emulator")
        table = (await extruct("POST", "/v1/tables", TABLE)).json["id"]
        target = {"id": table, "auto_import": True, "run": True}
        await extruct("POST", DISCOVERY, {"query": "x", "desired_num_results": 2, "table": target})
        clock.advance(10)
        found = await extruct("GET", f"/v1/tables/{table}")

    assert (200, 2, 0) == (
        found.status,
        found.json["status"]["num_rows"],
        found.json["status"]["num_cells_in_progress"],
    )


async def test_the_client_tells_which_gate_was_shut() -> None:
    """A plan that is missing is no quota that is used up, and neither is tried again."""
    async with (
        Emulator(choices=Choices(plan_tier="free")) as poor,
        Emulator(choices=Choices(quota=0)) as busy,
        Extruct(token="extruct-emulator", base_url=poor.url) as one,
        Extruct(token="extruct-emulator", base_url=busy.url) as other,
    ):
        with pytest.raises(PaymentRequired):
            await one.tables.create(TableCreate(name="n"))
        table = await other.tables.create(TableCreate(name="n"))
        with pytest.raises(RateLimited):
            await other.tables.run(table.id)

    assert 1 == len(poor.calls)
    assert 2 == len(busy.calls)
