"""The durable record of a provisioning job: what was about to be sent, and how it ended."""

from aiotables.provision.journal.errors import (
    JournalError,
    JournalFenced,
    JournalForeign,
    JournalLocked,
    JournalMissing,
    JournalShared,
)
from aiotables.provision.journal.facts import Intent, Made, Outcome, OutcomeKind, Run, StepState
from aiotables.provision.journal.lock import Holder, holder
from aiotables.provision.journal.moved import JournalMoved
from aiotables.provision.journal.protocol import INTENT, Journal, JournalHistory, JournalReader, Record
from aiotables.provision.journal.sqlite import SqliteJournal


__all__ = [
    "INTENT",
    "Holder",
    "Intent",
    "Journal",
    "JournalError",
    "JournalFenced",
    "JournalForeign",
    "JournalHistory",
    "JournalLocked",
    "JournalMissing",
    "JournalMoved",
    "JournalReader",
    "JournalShared",
    "Made",
    "Outcome",
    "OutcomeKind",
    "Record",
    "Run",
    "SqliteJournal",
    "StepState",
    "holder",
]
