"""What `drift` and `verify` print."""

from collections.abc import AsyncIterator, Mapping
from typing import Final

from aiotables.cli.console import out, plain, print_json
from aiotables.provision.checking import CheckEnded, CheckEvent, Condition, NotSeen
from aiotables.provision.results import as_json as to_json


SHOWN: Final = 20
"""Tables of each condition that are named; `--json` names all."""

_SIGNS: Final[Mapping[Condition, str]] = {
    Condition.MISSING: "-",
    Condition.CHANGED: "!",
    Condition.PENDING: "+",
    Condition.ORPHAN: "o",
    Condition.UNMANAGED: "?",
}


async def show(events: AsyncIterator[CheckEvent], *, as_json: bool) -> bool:
    """Print what was seen; say whether it was good."""
    good = False
    shown: dict[Condition, int] = {}
    async for event in events:
        if isinstance(event, CheckEnded):
            good = event.good
        if as_json:
            print_json(to_json(event))
        else:
            _tell(event, shown)
    return good


def _tell(event: CheckEvent, shown: dict[Condition, int]) -> None:
    if isinstance(event, NotSeen):
        out().print(plain(f"{event.target}: other tables cannot be listed: {event.reason}"))
        return
    if isinstance(event, CheckEnded):
        out().print(
            ", ".join(f"{count:,} {name}" for name, count in event.counts.items() if count) or "no table"
        )
        return
    if event.condition is Condition.AS_DESIRED:
        return
    shown[event.condition] = shown.get(event.condition, 0) + 1
    if shown[event.condition] <= SHOWN:
        reason = f"  ({event.reason})" if event.reason else ""
        out().print(plain(f"{_SIGNS[event.condition]} {event.condition} {event.target}/{event.key}{reason}"))
