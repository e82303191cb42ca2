"""The log of calls as the page shows it: searched in pages, and one call with its bodies."""

from itertools import islice
from typing import Any

import attrs
from attrs import frozen

from aiotables.emulator.calls import Call
from aiotables.emulator.faults import Fault
from aiotables.emulator.inspector.journeys import Journey, has_failed, journeys, lanes
from aiotables.emulator.inspector.redaction import Redaction
from aiotables.emulator.inspector.texts import body, cut
from aiotables.emulator.log import CallLog


PAGE = 100
"""Calls of a page."""
MOST_SEARCHED = 20_000
"""Calls that one search looks at; the next page goes on."""
MOST_GROUPED = 20_000
"""The last calls, which journeys are made of."""
JOURNEYS = 20
"""Journeys of a page."""
MOST_ON_A_LINE = 400
"""Calls of a journey that are drawn: the last."""


@frozen
class Ledger:
    """The calls so far."""

    _log: CallLog
    _redaction: Redaction

    def page(self, *, before: int | None, search: str, failed: bool) -> dict[str, Any]:
        """
        Calls, newest first.

        Args:
            before: Number of the call that they were before; None for the last ones.
            search: Part of what the list shows of a call; empty for all.
            failed: Whether to show those alone that failed.
        """
        found: list[Call] = []
        number = self._log.count + 1 if before is None else before
        looked_at = 0
        while len(found) < PAGE and looked_at < MOST_SEARCHED:
            number -= 1
            looked_at += 1
            call = self._log.call(number)
            if call is None:
                number = 0
                break
            if (not failed or has_failed(call)) and _contains(call, search.lower()):
                found.append(call)
        return {"calls": [self._line(call) for call in found], "before": number if number > 1 else None}

    def call(self, number: int) -> dict[str, Any] | None:
        """A call with what went over the wire; None when it is not kept."""
        call = self._log.call(number)
        if call is None:
            return None

        exchange = self._log.exchange(number)
        line = self._line(call) | {"path": cut(self._redaction.text(call.path), 2000)}
        if exchange is None:
            return line | {"exchange": None}

        redaction = self._redaction
        return line | {
            "exchange": {
                "query": cut(redaction.text(exchange.query), 2000),
                "request_headers": _short(redaction.headers(exchange.request_headers)),
                "request": body(exchange.request_body, exchange.request_size, redaction),
                "reply_headers": _short(redaction.headers(exchange.reply_headers)),
                "reply": body(exchange.reply_body, exchange.reply_size, redaction),
            }
        }

    def journeys(self, search: str) -> dict[str, Any]:
        """
        The journeys that were called last.

        Args:
            search: Part of the key or of the id of the run; empty for all.
        """
        found = [
            journey
            for journey in journeys(self._log.last(MOST_GROUPED))
            if search.lower() in f"{journey.key or ''}\n{journey.run_id or ''}".lower()
        ]
        return {
            "journeys": list(map(self._journey, islice(found, JOURNEYS))),
            "total": len(found),
            "grouped": min(self._log.count, MOST_GROUPED),
            "calls": self._log.count,
        }

    def _journey(self, journey: Journey) -> dict[str, Any]:
        shown = journey.calls[-MOST_ON_A_LINE:]
        return {
            "key": journey.key,
            "run_id": journey.run_id,
            "starts": shown[0].at,
            "ends": journey.ends,
            "total": len(journey.calls),
            "failures": journey.failures,
            "calls": [
                self._line(call) | {"lane": lane} for call, lane in zip(shown, lanes(shown), strict=True)
            ],
        }

    def _line(self, call: Call) -> dict[str, Any]:
        line = attrs.asdict(call) | {"failed": has_failed(call)}
        return line | {"path": cut(self._redaction.text(call.path))}


def fault(rule: Fault) -> dict[str, Any]:
    """A rule of faults: where and what, and all that it says beside."""
    options = rule.to_mapping()
    return {
        **{name: options.pop(name) for name in ("operation", "when", "what")},
        "options": {name: cut(f"{value}", 80) for name, value in options.items()},
    }


def _contains(call: Call, search: str) -> bool:
    if not search:
        return True

    texts = (
        call.operation,
        call.method,
        call.path,
        call.fault,
        call.operation_key,
        call.operation_run_id,
        call.request_id,
    )
    return f"{call.status}" == search or any(search in text.lower() for text in texts if text)


def _short(headers: list[tuple[str, str]]) -> list[tuple[str, str]]:
    return [(cut(name), cut(value)) for name, value in headers]
