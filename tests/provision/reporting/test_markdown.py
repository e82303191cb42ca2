"""Reports as Markdown."""

from collections.abc import Callable
from typing import Any

from aiotables.provision.journal import OutcomeKind
from aiotables.provision.reporting.markdown import markdown


Reported = Callable[..., Any]


async def test_whole_report(reported: Reported) -> None:
    """Facts, outcomes, times, the slowest and the problems stand in tables."""
    text = markdown(
        await reported(
            [("a", 0, 1, OutcomeKind.CREATED), ("b", 0, 2, OutcomeKind.FAILED)], ended_at=2, reason="because"
        )
    )

    assert text.startswith("# Run run\\_")
    assert "| Ending | done |\n" in text
    assert "| Target | created | failed |\n| --- | --- | --- |\n| crm | 1 | 1 |\n| all | 1 | 1 |\n" in text
    assert "| 2.0 s | crm | b | create |\n| 1.0 s | crm | a | create |\n" in text
    assert "| failed | crm | b | create | because |\n" in text


async def test_empty_report(reported: Reported) -> None:
    """What there is nothing of has no heading."""
    text = markdown(await reported([], ended_at=0))

    assert "Nothing was sent.\n" in text
    assert "## Slowest" not in text
    assert "## Problems" not in text


async def test_hostile_names(reported: Reported) -> None:
    """A name cannot end its cell, begin a line, or be read as markup or HTML."""
    steps = [("a|b\n# c <script>`*x*`", 0, 1, OutcomeKind.FAILED)]

    text = markdown(await reported(steps, ended_at=2, reason="[x](javascript:y) &lt;"))

    assert r"a\|b \# c \<script\>\`\*x\*\`" in text
    assert r"\[x\](javascript:y) \&lt;" in text
    assert "\n# c" not in text
