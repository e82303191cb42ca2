"""Errors of the journal."""

import pickle

from aiotables.core.errors import AiotablesError
from aiotables.provision.journal import JournalError, JournalFenced, JournalForeign, JournalLocked


def test_message_names_the_journal() -> None:
    """The message is a sentence that says which journal and what about it."""
    error = JournalError("is closed", where="jobs/crm")

    assert "The journal in jobs/crm is closed" == str(error)
    assert isinstance(error, AiotablesError)


def test_locked_names_its_holder() -> None:
    """Who holds the journal, where and since when is in the message and in the facts."""
    error = JournalLocked(where="jobs", pid=77, host="build-3", since=0.25)

    assert (
        "The journal in jobs is held by process 77 on build-3 since 1970-01-01T00:00:00+00:00: "
        "wait for it, or stop it"
    ) == str(error)
    assert (77, "build-3", 0.25) == (error.pid, error.host, error.since)


def test_locked_by_nobody_known() -> None:
    """Without a note of the holder the message says what is known."""
    message = str(JournalLocked(where="jobs"))

    assert "The journal in jobs is held by another process: wait for it, or stop it" == message


def test_errors_survive_pickle() -> None:
    """An error that crosses a process boundary keeps its class, its message and its facts."""
    foreign = JournalForeign(where="jobs", owner="shop", manifest="labels")
    again = pickle.loads(pickle.dumps(foreign))  # noqa: S301 - made one line above
    assert (str(foreign), "shop", "labels") == (str(again), again.owner, again.manifest)
    fenced = JournalFenced(where="jobs")
    assert str(fenced) == str(pickle.loads(pickle.dumps(fenced)))  # noqa: S301 - made one line above

    error = JournalLocked(where="jobs", pid=77, host="build-3", since=0.0)

    copy = pickle.loads(pickle.dumps(error))  # noqa: S301 - made one line above

    assert JournalLocked is type(copy)
    assert (str(error), 77, "jobs") == (str(copy), copy.pid, copy.where)
