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
from attrs import define, field
from yarl import URL


Answer = Callable[["StandIn", Mapping[str, str], Any], Any]
NOW = "2026-06-02T01:00:00Z"
MADE = {"id": "t1", "created_at": NOW, "updated_at": NOW}
EXPORT = {"id": "exp_20260601_182345_a1b2c3d4e5", "download_name": "contacts.csv", "format": "csv"}
CSV = "id,email\r\n1,ada@example.com\r\n2,grace@example.com\r\n"
COMPANIES = [
    {"id": "c1", "name": "Adyen", "domain": "adyen.com", "hq_country": "Netherlands"},
    {"id": "c2", "name": "Mollie", "domain": "mollie.com", "hq_country": "Netherlands"},
    {"id": "c3", "name": "Klarna", "domain": "klarna.com", "hq_country": "Sweden"},
]
CONTACTS = [
    {"id": 1, "email": "ada@example.com", "status": "active"},
    {"id": 2, "email": "grace@example.com", "status": "draft"},
    {"id": 3, "email": "alan@example.com", "status": "active"},
    {"id": 4, "email": "edsger@example.com", "status": "spam"},
]


@define
class StandIn:
    """The little that is remembered from one call to the next."""

    emulator: str
    contacts: list[dict[str, Any]] = field(factory=lambda: [dict(each) for each in CONTACTS])
    looks: int = 0

    def found(self, where: Any) -> list[dict[str, Any]]:  # noqa: ANN401 -- any JSON
        """The contacts that fit, by equality alone."""
        pairs = (
            where.items() if isinstance(where, dict) else [(each["column"], each["value"]) for each in where]
        )
        return [row for row in self.contacts if all(row[name] == value for name, value in pairs)]

    async def answer(self, request: web.Request) -> web.StreamResponse:
        """Answer a call, or hand it on."""
        body = await request.read()
        for pattern, answer in ANSWERS.items():
            if re.fullmatch(pattern, f"{request.method} {request.path}"):
                given = answer(self, request.query, orjson.loads(body) if body else None)
                return given if isinstance(given, web.Response) else said(given, request.path)
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


def said(data: Any, path: str) -> web.Response:  # noqa: ANN401 -- any JSON
    """A success, in ZangTable's envelope where it is ZangTable's."""
    enveloped = {"ok": True, "data": data, "error": None, "request_id": "req_1"}
    body = orjson.dumps(data if path.startswith("/v1/") else enveloped)
    return web.Response(body=body, content_type="application/json")


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


def records(stand_in: StandIn, query: Mapping[str, str], _: Any) -> Any:  # noqa: ANN401 -- any JSON
    """A page of contacts."""
    start, limit = int(query["offset"]), int(query["limit"])
    rows = stand_in.found(orjson.loads(query.get("filters", "{}")))[start : start + limit]
    return {"table": "contacts", "rows": rows, "limit": limit, "offset": start, "returned": len(rows)}


def change(stand_in: StandIn, _: Mapping[str, str], body: Any) -> Any:  # noqa: ANN401 -- any JSON
    """Change contacts."""
    rows = stand_in.found(body["where"])
    for row in rows:
        row.update(body["data"])
    return {"table": "contacts", "affected_rows": len(rows)}


def change_one(stand_in: StandIn, _: Mapping[str, str], body: Any) -> Any:  # noqa: ANN401 -- any JSON
    """Change the first contact."""
    stand_in.contacts[0].update(body["data"])
    return {"table": "contacts", "row": stand_in.contacts[0]}


def remove(stand_in: StandIn, _: Mapping[str, str], body: Any) -> Any:  # noqa: ANN401 -- any JSON
    """Delete contacts."""
    rows = stand_in.found(body["where"])
    stand_in.contacts = [row for row in stand_in.contacts if row not in rows]
    return {"table": "contacts", "affected_rows": len(rows)}


def always(data: Any) -> Answer:  # noqa: ANN401 -- any JSON
    """An answer that is always the same."""
    return lambda _, __, ___: data


def file(_: StandIn, __: Mapping[str, str], ___: Any) -> web.Response:  # noqa: ANN401 -- any JSON
    """A file."""
    headers = {"Content-Disposition": 'attachment; filename="contacts.csv"', "Content-Type": "text/csv"}
    return web.Response(body=CSV.encode(), headers=headers)


TOKEN = {"token": "pat_NEW", "token_id": 9, "token_type": "project_api_token"}
RECORDS = "/projects/acme/records/contacts"

ANSWERS: Mapping[str, Answer] = {
    "POST /v1/companies/search": companies,
    "POST /v1/companies/[^/]+/similar": companies,
    "GET /v1/companies/[^/]+": always({"company_name": "Adyen", "domain": "adyen.com"}),
    "POST /v1/discovery_tasks": always(search_task("created")),
    "GET /v1/discovery_tasks/t1": look,
    "GET /v1/discovery_tasks/t1/results": results,
    "POST /v1/deep_research_tasks": always({**MADE, "brief": "payments", "status": "created"}),
    "GET /v1/deep_research_tasks/t1": research,
    f"GET {RECORDS}": records,
    f"PATCH {RECORDS}": change,
    f"DELETE {RECORDS}": remove,
    f"PATCH {RECORDS}/1": change_one,
    f"DELETE {RECORDS}/1": always({"deleted": True, "table": "contacts", "id": "1"}),
    "GET /projects/acme/exports": always({"exports": [EXPORT]}),
    "POST /projects/acme/export/(database|schema)": always({"export": EXPORT}),
    "GET /projects/acme/export/download/.*": file,
    "POST /projects/acme/auth/tokens": always({"token": TOKEN}),
    "DELETE /projects/acme/auth/tokens/9": always({"revoked": True, "token_id": 9}),
    "PATCH /projects/acme/table/contacts": always(
        {"table": {**MADE, "id": 1, "table_name": "contacts", "display_name": None}}
    ),
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
