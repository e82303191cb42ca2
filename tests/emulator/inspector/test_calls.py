"""The log of calls as the page shows it."""

import asyncio
from collections.abc import Callable, Coroutine
from typing import Any, TypeAlias

import orjson
import pytest

from aiotables.emulator import Emulator, Fault
from aiotables.emulator.calls import Call, Exchange
from aiotables.emulator.inspector import calls as module
from aiotables.emulator.inspector.calls import JOURNEYS, MOST_ON_A_LINE, PAGE, Ledger, fault
from aiotables.emulator.inspector.redaction import REDACTED, Redaction
from aiotables.emulator.log import CallLog


Ask: TypeAlias = Callable[..., Coroutine[Any, Any, Any]]

NOTHING = Redaction.of([])
OK: dict[str, Any] = {"operation": "extruct.get_user", "status": 200}
REFUSED: dict[str, Any] = {"operation": "zangtable.create_table", "status": 409}


def log_of(count: int, **facts: Any) -> CallLog:  # noqa: ANN401 - any attribute
    """A log of calls that are alike."""
    log = CallLog()
    for number in range(1, count + 1):
        call = Call(number=number, at=number, seconds=2, **{"method": "GET", "path": "/", **OK, **facts})
        log.add(call, Exchange())
    return log


def numbers(page: dict[str, Any]) -> list[int]:
    """Numbers of the calls of a page."""
    return [call["number"] for call in page["calls"]]


def test_pages() -> None:
    """Newest first, without a gap, to the end."""
    ledger = Ledger(log_of(PAGE + 2), NOTHING)

    first = ledger.page(before=None, search="", failed=False)
    second = ledger.page(before=first["before"], search="", failed=False)

    assert list(range(PAGE + 2, 2, -1)) == numbers(first)
    assert ([2, 1], None) == (numbers(second), second["before"])


def test_no_calls() -> None:
    """An empty page."""
    assert {"calls": [], "before": None} == Ledger(CallLog(), NOTHING).page(
        before=None, search="", failed=False
    )


@pytest.mark.parametrize(
    ("search", "failed", "found"),
    [
        ("", True, [2, 1]),
        ("CREATE_TABLE", False, [3, 2, 1]),
        ("409", False, [2]),
        ("after:status", False, [1]),
        ("/acme/", False, [3, 2, 1]),
        ("provision", False, [3]),
        ("run-1", False, [3]),
        ("post", False, [3, 2, 1]),
        ("zork", False, []),
    ],
)
async def test_search(
    emulator: Emulator,
    zang: Ask,
    search: str,
    failed: bool,  # noqa: FBT001 - a case
    found: list[int],
) -> None:
    """By what the list shows of a call."""
    emulator.add_fault(Fault.parse("zangtable.create_table:after:status:nth=1"))
    path = "/projects/acme/table"
    await zang("POST", path, {"table_name": "a"})
    await zang("POST", path, {"table_name": "a"})
    await zang("POST", path, {"table_name": "b"}, X_Operation_Key="provision-crm", X_Operation_Run_Id="run-1")

    page = Ledger(emulator.log, NOTHING).page(before=None, search=search, failed=failed)

    assert found == numbers(page)


def test_a_search_goes_on(monkeypatch: pytest.MonkeyPatch) -> None:
    """One looks at so many calls, and says where the next begins."""
    monkeypatch.setattr(module, "MOST_SEARCHED", 3)
    ledger = Ledger(log_of(5), NOTHING)

    page = ledger.page(before=None, search="zork", failed=False)

    assert {"calls": [], "before": 3} == page
    assert {"calls": [], "before": None} == ledger.page(before=3, search="zork", failed=False)


async def test_one_call(emulator: Emulator, zang: Ask) -> None:
    """With what went over the wire, and no token in any of it."""
    await zang("POST", "/projects/acme/auth/tokens?x=pat_emulator", {"token_name": "pat_emulator"})

    shown = Ledger(emulator.log, Redaction.of(["pat_emulator"])).call(1)

    assert shown is not None
    exchange = shown["exchange"]
    assert ("zangtable.create_token", 201, False) == (shown["operation"], shown["status"], shown["failed"])
    assert f"x={REDACTED}" == exchange["query"]
    assert ("Authorization", REDACTED) in exchange["request_headers"]
    assert f'{{\n  "token_name": "{REDACTED}"\n}}' == exchange["request"]["text"]
    assert f'"token": "{REDACTED}"' in exchange["reply"]["text"]
    assert "pat_" not in f"{shown}"


async def test_what_a_client_wrote_is_no_text(emulator: Emulator) -> None:
    """Bytes in headers and paths that are no UTF-8 do no harm."""
    reader, writer = await asyncio.open_connection("127.0.0.1", int(emulator.url.rpartition(":")[2]))
    writer.write(b"GET /caf%E9?%E9 HTTP/1.1\r\nHost: x\r\nX-Odd: caf\xe9\r\nConnection: close\r\n\r\n")
    await reader.read()
    writer.close()

    shown = Ledger(emulator.log, NOTHING).call(1)

    assert shown is not None
    assert ("X-Odd", "caf?") in shown["exchange"]["request_headers"]
    assert orjson.dumps(shown)
    assert orjson.dumps(Ledger(emulator.log, NOTHING).page(before=None, search="caf", failed=False))


def test_a_call_whose_bodies_are_not_kept(monkeypatch: pytest.MonkeyPatch) -> None:
    """Its facts are shown all the same; one that is not kept at all is none."""
    monkeypatch.setattr("aiotables.emulator.log.MOST_EXCHANGES", 1)
    ledger = Ledger(log_of(2), NOTHING)

    first = ledger.call(1)

    assert first is not None
    assert (1, None) == (first["number"], first["exchange"])
    assert ledger.call(3) is None


def test_journeys() -> None:
    """Calls with the lines on which they stand, and how many of them failed."""
    log = log_of(2, operation_key="a", operation_run_id="r")
    log.add(
        Call(
            number=3, at=9, seconds=1, method="GET", path="/", operation_key="a", sent_run_id="r", **REFUSED
        ),
        Exchange(),
    )

    shown = Ledger(log, NOTHING).journeys("")

    (journey,) = shown["journeys"]
    assert (1, 3, 3) == (shown["total"], shown["grouped"], shown["calls"])
    assert ("a", "r", 1, 10, 3, 1) == tuple(
        journey[name] for name in ("key", "run_id", "starts", "ends", "total", "failures")
    )
    assert [(1, 0, False), (2, 1, False), (3, 0, True)] == [
        (call["number"], call["lane"], call["failed"]) for call in journey["calls"]
    ]


@pytest.mark.parametrize(("search", "found"), [("", 2), ("CRM", 1), ("r2", 1), ("zork", 0)])
def test_search_of_journeys(search: str, found: int) -> None:
    """By key or run."""
    log = CallLog()
    for number, key in enumerate(("crm", None), 1):
        call = Call(
            number=number,
            at=0,
            seconds=0,
            method="GET",
            path="/",
            operation_key=key,
            sent_run_id=f"r{number}",
            **OK,
        )
        log.add(call, Exchange())

    assert found == Ledger(log, NOTHING).journeys(search)["total"]


def test_a_long_journey() -> None:
    """Its last calls are drawn, and all are counted."""
    (journey,) = Ledger(log_of(MOST_ON_A_LINE + 5, operation_key="a"), NOTHING).journeys("")["journeys"]

    assert (MOST_ON_A_LINE + 5, MOST_ON_A_LINE, 6) == (
        journey["total"],
        len(journey["calls"]),
        journey["starts"],
    )


def test_many_journeys() -> None:
    """Those that were called last."""
    log = CallLog()
    for number in range(1, JOURNEYS + 2):
        call = Call(
            number=number, at=0, seconds=0, method="GET", path="/", operation_key=f"key {number}", **OK
        )
        log.add(call, Exchange())

    shown = Ledger(log, NOTHING).journeys("")

    assert (JOURNEYS, JOURNEYS + 1) == (len(shown["journeys"]), shown["total"])
    assert f"key {JOURNEYS + 1}" == shown["journeys"][0]["key"]


def test_a_fault_with_a_long_body() -> None:
    """What a rule replies with is cut."""
    rule = Fault(operation="*", when="before", what="status", status=418, body="x" * 1000)

    assert {
        "operation": "*",
        "when": "before",
        "what": "status",
        "options": {"status": "418", "body": "x" * 80 + "…"},
    } == fault(rule)
