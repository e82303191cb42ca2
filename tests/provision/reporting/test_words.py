"""How a report says things."""

from collections.abc import Callable
from typing import Any

import pytest

from aiotables.provision.journal import OutcomeKind
from aiotables.provision.reporting.words import facts, latencies, moment, span


Reported = Callable[..., Any]


@pytest.mark.parametrize(
    ("seconds", "said"),
    [
        (0.0, "0 ms"),
        (0.25, "250 ms"),
        (1.0, "1.0 s"),
        (59.9, "59.9 s"),
        (61.0, "1 min 1 s"),
        (7384.0, "2 h 3 min"),
    ],
)
def test_span(seconds: float, said: str) -> None:
    """A length of time is said in the units that fit it."""
    assert said == span(seconds)


def test_moment() -> None:
    """A time is that of Greenwich."""
    assert "1970-01-01 00:00:01 UTC" == moment(1.0)


async def test_facts(reported: Reported) -> None:
    """What is open is said only when something is, and a rate only when there was time."""
    done = dict(facts(await reported([("a", 0, 1, OutcomeKind.CREATED)], ended_at=2)))
    killed = dict(facts(await reported([("b", 0, None, OutcomeKind.CREATED)])))

    assert ("1, 0.5 per second", "done", "1") == (done["Steps"], done["Ending"], done["Tables made"])
    assert "Open" not in done
    assert ("under way, or killed", "under way, or killed") == (killed["Ended"], killed["Ending"])
    assert ("0, -", "1 sent, without an outcome") == (killed["Steps"], killed["Open"])


async def test_latencies(reported: Reported) -> None:
    """Percentiles are said when there are any."""
    assert [] == latencies(await reported([], ended_at=1))
    told = dict(latencies(await reported([("a", 0, 1, OutcomeKind.CREATED)], ended_at=2)))
    assert "1.0 s" == told["Longest"] == told["Half within"]
