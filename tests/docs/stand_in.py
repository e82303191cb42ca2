"""
Stands in front of the emulator while the examples of the pages run: what the emulator does not know is answered here, the
rest is handed on.

Run as `python stand_in.py URL FILE`: the emulator's address, and where to write one's own.
"""

import asyncio
import re
import sys
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import aiohttp
import orjson
from aiohttp import web
from attrs import define
from yarl import URL


Answer = Callable[["StandIn", Mapping[str, str], Any], Any]
NOW = "2026-06-02T01:00:00Z"
MADE = {"id": "t1", "created_at": NOW, "updated_at": NOW}
COMPANIES = [
    {"id": "c1", "name": "Adyen", "domain": "adyen.com", "hq_country": "Netherlands"},
    {"id": "c2", "name": "Mollie", "domain": "mollie.com", "hq_country": "Netherlands"},
    {"id": "c3", "name": "Klarna", "domain": "klarna.com", "hq_country": "Sweden"},
]


@define
class StandIn:
    """The little that is remembered from one call to the next."""

    emulator: str
    looks: int = 0

    async def answer(self, request: web.Request) -> web.StreamResponse:
        """Answer a call, or hand it on."""
        body = await request.read()
        for pattern, answer in ANSWERS.items():
            if re.fullmatch(pattern, f"{request.method} {request.path}"):
                data = answer(self, request.query, orjson.loads(body) if body else None)
                return web.Response(body=orjson.dumps(data), content_type="application/json")
        return await self.hand_on(request, body)

    async def hand_on(self, request: web.Request, body: bytes) -> web.Response:
        """Let the emulator answer."""
        headers = {name: text for name, text in request.headers.items() if name.lower() not in OWN}
        url = URL(self.emulator + request.raw_path, encoded=True)
        async with (
            aiohttp.ClientSession() as session,
            session.request(request.method, url, headers=headers, data=body or None) as response,
        ):
            kept = {name: text for name, text in response.headers.items() if name.lower() not in OWN}
            return web.Response(body=await response.read(), status=response.status, headers=kept)


OWN = {"host", "content-length", "transfer-encoding", "server", "connection"}
"""Headers of one connection."""


def companies(_: StandIn, __: Mapping[str, str], body: Any) -> Any:  # noqa: ANN401 -- any JSON
    """A page of companies."""
    page = body["pagination"]
    wanted = body.get("filters", {}).get("include", {}).get("country", [])
    fitting = [each for each in COMPANIES if not wanted or each["hq_country"] in wanted]
    return {"results": fitting[page["offset"] :][: page["limit"]]}


def search_task(status: str) -> dict[str, Any]:
    """A Deep Search."""
    return {**MADE, "status": status, "query": "payments", "desired_num_results": 2, "num_results": 2}


def look(stand_in: StandIn, _: Mapping[str, str], __: Any) -> Any:  # noqa: ANN401 -- any JSON
    """A Deep Search that is done when it is looked at for the second time."""
    stand_in.looks += 1
    return search_task("in_progress" if stand_in.looks == 1 else "done")


def results(_: StandIn, query: Mapping[str, str], __: Any) -> Any:  # noqa: ANN401 -- any JSON
    """What a Deep Search found."""
    all_ = [
        {"id": each["id"], "task_id": "t1", "company_name": each["name"], "created_at": NOW}
        for each in COMPANIES[:2]
    ]
    return {**search_task("done"), "results": all_[int(query["offset"]) :]}


def research(_: StandIn, __: Mapping[str, str], ___: Any) -> Any:  # noqa: ANN401 -- any JSON
    """A Deep Research that is done."""
    report = {"kind": "markdown", "markdown": "# Payments in Europe", "sources": []}
    return {**MADE, "brief": "payments", "status": "done", "report": report}


def always(data: Any) -> Answer:  # noqa: ANN401 -- any JSON
    """An answer that is always the same."""
    return lambda _, __, ___: data


ANSWERS: Mapping[str, Answer] = {
    "POST /v1/companies/search": companies,
    "POST /v1/companies/[^/]+/similar": companies,
    "GET /v1/companies/[^/]+": always({"company_name": "Adyen", "domain": "adyen.com"}),
    "POST /v1/discovery_tasks": always(search_task("created")),
    "GET /v1/discovery_tasks/t1": look,
    "GET /v1/discovery_tasks/t1/results": results,
    "POST /v1/deep_research_tasks": always({**MADE, "brief": "payments", "status": "created"}),
    "GET /v1/deep_research_tasks/t1": research,
}


async def main(emulator: str, address: Path) -> None:
    """Listen until the process is ended."""
    app = web.Application()
    app.router.add_route("*", "/{path:.*}", StandIn(emulator).answer)
    runner = web.AppRunner(app)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0)
    await site.start()
    host, port = runner.addresses[0][:2]
    part = address.with_suffix(".part")
    part.write_text(f"http://{host}:{port}", encoding="utf-8")
    part.replace(address)
    await asyncio.Event().wait()


if __name__ == "__main__":
    asyncio.run(main(sys.argv[1], Path(sys.argv[2])))
