"""What can be the matter with a journal, in whatever database its tables are, and how that is told."""

import enum
from typing import ClassVar, Final

from aiotables.core.classes import frozen
from aiotables.core.counting import counted


class Trouble(enum.StrEnum):
    """What can be the matter."""

    NONE_THERE = "none_there"
    """There is no journal."""

    TORN = "torn"
    """The file is damaged."""

    FOREIGN_FILE = "foreign_file"
    """The file is another program's."""

    FOREIGN = "foreign"
    """The journal is that of another manifest."""

    NEWER = "newer"
    """A later aiotables wrote it."""

    OLDER = "older"
    """An older aiotables wrote it."""

    INCONSISTENT = "inconsistent"
    """The states of steps are not those that follow from the facts, or facts are of runs that are not there."""

    HELD = "held"
    """A run is going on."""

    OPEN = "open"
    """What some calls did is not known."""

    INCOMPLETE = "incomplete"
    """Tables of a database are missing."""

    EXPIRED = "expired"
    """Workers that had shards are silent for too long."""

    STALLED = "stalled"
    """Tickets are with workers that are gone."""

    UNTICKETED = "unticketed"
    """There is work that no worker will be told of."""

    UNENDED = "unended"
    """A run has nothing left to do, and was not ended."""


_HARMFUL: Final = frozenset(
    {
        Trouble.TORN,
        Trouble.FOREIGN_FILE,
        Trouble.FOREIGN,
        Trouble.NEWER,
        Trouble.INCONSISTENT,
        Trouble.INCOMPLETE,
    }
)


@frozen(kw_only=True)
class Finding:
    """One thing that is to be said of a journal."""

    event: ClassVar = "finding"

    trouble: Trouble
    text: str
    advice: str

    @property
    def harmless(self) -> bool:
        """Whether the journal works all the same."""
        return self.trouble not in _HARMFUL


_FOLLOWS: Final = """
    SELECT target, key, step, max(seq), max(CASE kind WHEN 'intent' THEN seq END) FROM aiotables.facts
    GROUP BY target, key, step
"""
_STANDS: Final = "SELECT target, key, step, latest_seq, intent_seq FROM aiotables.steps"

WRONG_STATES: Final = f"""
    SELECT count(*) FROM (
        SELECT target, key, step FROM ({_FOLLOWS} EXCEPT {_STANDS}) AS missing
        UNION ALL SELECT target, key, step FROM ({_STANDS} EXCEPT {_FOLLOWS}) AS stray
        UNION ALL
        SELECT s.target, s.key, s.step FROM aiotables.steps AS s JOIN aiotables.facts AS f ON f.seq = s.latest_seq
        WHERE coalesce(s.outcome, 'intent') <> coalesce(f.outcome, 'intent') OR s.run_id <> f.run_id
    ) AS wrong
"""  # noqa: S608 -- of constants alone
"""How many states of steps are not those that follow from the facts, as PostgreSQL is asked."""

OPEN_STEPS: Final = "SELECT count(*) FROM aiotables.steps WHERE outcome IS NULL OR outcome = 'unknown'"
"""How many steps were sent and have no outcome, or one that is not known."""

NONE_THERE: Final = Finding(
    trouble=Trouble.NONE_THERE,
    text="There is no journal.",
    advice="`apply` begins one. When tables were made before, `state adopt` builds it anew from the services.",
)


def inconsistent(wrong: int, strays: int = 0) -> Finding:
    """Of states that do not follow from the facts, and facts of no run."""
    states, facts = counted(wrong, "state does", "states do"), counted(strays, "fact is", "facts are")
    return Finding(
        trouble=Trouble.INCONSISTENT,
        text=f"{states} not follow from the facts; {facts} of runs that are not there.",
        advice="`--repair` derives the states from the facts again.",
    )


def unsettled(number: int) -> Finding:
    """Of steps that nobody knows the outcome of."""
    return Finding(
        trouble=Trouble.OPEN,
        text=f"What {counted(number, 'call')} did is not known: the reply was lost, or the run was killed.",
        advice="`apply` and `settle` find out.",
    )


def older(version: int, newest: int) -> Finding:
    """Of a journal that an older aiotables wrote."""
    text = f"It has version {version}; this aiotables writes version {newest}."
    return Finding(trouble=Trouble.OLDER, text=text, advice="It is brought up when it is next opened.")


def foreign(owner: str, manifest: str, advice: str) -> Finding:
    """Of a journal that is another manifest's."""
    text = f'It is the journal of the manifest "{owner}", and this one is "{manifest}".'
    return Finding(trouble=Trouble.FOREIGN, text=text, advice=advice)


def held(who: str) -> Finding:
    """Of a journal that somebody writes at this moment."""
    return Finding(trouble=Trouble.HELD, text=f"{who}.", advice="Wait for it, or stop it.")
