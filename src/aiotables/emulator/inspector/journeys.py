"""Journeys: the calls of one operation key and run, on a time line. Pure."""

from collections.abc import Iterable, Sequence
from heapq import heappop, heappush
from http import HTTPStatus

from attrs import define, field

from aiotables.emulator.calls import Call


@define
class Journey:
    """Calls that belong together."""

    key: str | None
    run_id: str | None
    calls: list[Call] = field(factory=list)
    """In the order in which they came in."""

    @property
    def starts(self) -> float:
        """Unix time at which the first came in."""
        return min(call.at for call in self.calls)

    @property
    def ends(self) -> float:
        """Unix time at which the last one was done."""
        return max(call.at + call.seconds for call in self.calls)

    @property
    def failures(self) -> int:
        """How many of the calls failed."""
        return sum(map(has_failed, self.calls))


def has_failed(call: Call) -> bool:
    """Whether the caller of *call* got no good answer; one that was merely late is good."""
    if call.lost or call.status is None or call.status >= HTTPStatus.BAD_REQUEST:
        return True

    return call.fault is not None and call.fault.endswith((":cut", ":garble"))


def journeys(calls: Iterable[Call]) -> list[Journey]:
    """
    The journeys that *calls* make, the one that was last called first.

    A refusal does not tell its run, so the one that was sent counts; a call that names a key alone belongs to the run
    that the key was last in.
    """
    found: dict[tuple[str | None, str | None], Journey] = {}
    current: dict[str | None, str | None] = {}
    for call in calls:
        key, run_id = call.operation_key, call.operation_run_id or call.sent_run_id
        if key is None and run_id is None:
            continue

        run_id = current[key] = run_id or current.get(key)
        # Taken out and put in again: the last one called is the last.
        journey = found.pop((key, run_id), None) or Journey(key, run_id)
        journey.calls.append(call)
        found[key, run_id] = journey
    for journey in found.values():
        journey.calls.sort(key=lambda call: (call.at, call.number))
    return list(reversed(found.values()))


def lanes(calls: Sequence[Call]) -> list[int]:
    """For each of *calls*, in the order in which they came in, the first line that is free while it lasts."""
    free: list[int] = []
    busy: list[tuple[float, int]] = []
    chosen = []
    for call in calls:
        while busy and busy[0][0] <= call.at:
            heappush(free, heappop(busy)[1])
        lane = heappop(free) if free else len(busy)
        heappush(busy, (call.at + call.seconds, lane))
        chosen.append(lane)
    return chosen
