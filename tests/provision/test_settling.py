"""Settling what earlier runs left open."""

from collections.abc import AsyncIterator
from typing import TYPE_CHECKING, Any, cast

import pytest

from aiotables.provision.journal import JournalError, OutcomeKind, Record
from aiotables.provision.removing.events import Removed
from aiotables.provision.removing.run import Removal
from aiotables.provision.settling import Settle, Settled, SettleEnded, SettleEvent


if TYPE_CHECKING:
    from tests.conftest import Lab

CONTACTS = "- {target: crm, name: contacts}\n"
DEALS = "- {target: crm, name: deals}\n"
SHOPS = "- {target: research, key: shops, name: Shops}\n"


async def settle(lab: "Lab", *targets: str) -> AsyncIterator[SettleEvent]:
    """Settle all, with some of the targets."""
    async with lab.journal() as journal, lab.services() as services:
        some = {name: service for name, service in services.items() if name in targets or not targets}
        async for event in Settle(some, journal, clock=lab.clock).run(manifest="lab.yaml", digest="0"):
            yield event


async def settled(lab: "Lab", *targets: str) -> dict[str, str]:
    """The outcome of each step that was open."""
    events = [event async for event in settle(lab, *targets)]
    last = events[-1]
    assert isinstance(last, SettleEnded)
    found = {
        f"{event.key} {event.step}": event.outcome.value for event in events if isinstance(event, Settled)
    }
    assert len(found) == sum(last.counts.values())
    assert ("unknown" if "unknown" in found.values() else "done") == last.ending
    return found


def lose(lab: "Lab", when: Any = "after") -> None:  # noqa: ANN401 -- before or after
    """The next creation's reply is lost, and no look tells."""
    lab.emulator.fault("zangtable.create_table", when=when, what="drop", times=1)
    lab.emulator.fault("zangtable.get_table", when="before", what="status", status=403)


async def test_nothing_is_open(lab: "Lab") -> None:
    """When nothing is open nothing is asked."""
    await lab.apply(CONTACTS)
    before = len(lab.emulator.calls)

    assert {} == await settled(lab)
    assert before == len(lab.emulator.calls)


@pytest.mark.parametrize(("when", "outcome"), [("after", "adopted"), ("before", "absent")])
async def test_lost_reply(lab: "Lab", when: str, outcome: str) -> None:
    """What took effect is adopted, what did not is as good as never sent; nothing is made. Also of a table that left."""
    lose(lab, when)
    await lab.apply(CONTACTS)
    lab.emulator.clear_faults()
    there = lab.made()["tables"]

    assert {"contacts create": outcome} == await settled(lab)
    assert there == lab.made()["tables"]
    assert [] == await lab.still_open()
    assert {} == await settled(lab)
    assert "done" == (await lab.apply(DEALS)).ended.ending


async def test_still_unknown(lab: "Lab") -> None:
    """What cannot be told yet stays open, and can be settled later."""
    lose(lab)
    await lab.apply(CONTACTS)

    assert {"contacts create": "unknown"} == await settled(lab)
    lab.emulator.clear_faults()
    assert {"contacts create": "adopted"} == await settled(lab)


async def test_target_that_left(lab: "Lab") -> None:
    """A step of a target that the manifest has no more stays open, with the reason."""
    lose(lab)
    await lab.apply(CONTACTS)
    lab.emulator.clear_faults()

    events = [event async for event in settle(lab, "research")]

    assert isinstance(events[0], Settled)
    assert "the manifest has no target crm any more" == events[0].reason
    assert ["contacts create"] == await lab.still_open()


async def test_killed_between_intent_and_outcome(lab: "Lab") -> None:
    """An intent without an outcome is settled, too."""

    class Full:
        def __init__(self, journal: Any) -> None:  # noqa: ANN401 -- a journal
            self._journal = journal

        def __getattr__(self, name: str) -> Any:  # noqa: ANN401 -- whatever it has
            return getattr(self._journal, name)

        async def outcome(self, _: object) -> None:
            message = "was not written: the disk is full"
            raise JournalError(message, where="lab")

    with pytest.raises(JournalError):
        await lab.apply(CONTACTS, around=lambda journal: cast("Any", Full(journal)))

    assert {"contacts create": "adopted"} == await settled(lab)


async def test_deletion(lab: "Lab") -> None:
    """A deletion that was begun is finished, or stays unknown."""
    await lab.apply(SHOPS)
    lab.emulator.fault("extruct.delete_table", when="before", what="drop")
    async with lab.journal() as journal, lab.services() as services:
        run = Removal(services, cast("Record", journal), lab.manifest(SHOPS), clock=lab.clock)
        assert ["unknown"] == [e.fate.value async for e in run.destroy(digest="0") if isinstance(e, Removed)]
    assert {"shops delete:create": "unknown"} == await settled(lab)
    lab.emulator.clear_faults()

    assert {"shops delete:create": OutcomeKind.DELETED.value} == await settled(lab)
    assert [] == lab.made()["extruct"]
