"""What provisioning asks of a journal, wherever it keeps its facts."""

from collections.abc import AsyncIterator, Sequence
from typing import Protocol

from aiotables.provision.journal.facts import Fact, Intent, Made, Outcome, Run, StepState


INTENT = "intent"
"""The name, beside the outcomes, under which `counts` gives the steps that have an intent and no outcome."""


class JournalReader(Protocol):
    """The reading half: also for a look from outside while a run is going on."""

    def open_intents(self) -> AsyncIterator[Intent]:
        """
        The intents to settle, oldest first: of steps whose latest fact is an intent or the outcome `unknown`.

        The steps are those that were open when the iteration began; one that is settled meanwhile may be left
        out. Of a step with several intents the latest is given. Memory does not grow with their number.
        """
        ...

    async def steps(self, target: str, key: str) -> dict[str, StepState]:
        """The latest state of each step of one table, by its text, in the order of the latest facts."""
        ...

    async def steps_of_many(self, target: str, keys: Sequence[str]) -> dict[str, dict[str, StepState]]:
        """The same for many tables of one target at once, by key; a table without steps has an empty mapping."""
        ...

    async def counts(self, run_id: str | None = None, *, step: str | None = None) -> dict[str, int]:
        """
        How many steps are in each state: every outcome by its name, and `intent` for those without one.

        Args:
            run_id: Only steps whose latest fact is of this run.
            step: Only steps of this text: `create` counts tables.
        """
        ...

    async def last_run(self) -> Run | None:
        """The run that began last; `None` before the first."""
        ...

    async def problems(self, run_id: str | None = None, *, limit: int = 100) -> list[Outcome]:
        """
        The steps that ended as `failed` or `unknown`, oldest first.

        Args:
            run_id: Only those of this run.
            limit: The most to return.
        """
        ...


class JournalHistory(JournalReader, Protocol):
    """All that the journal holds. Memory does not grow with its length."""

    async def runs(self, *, limit: int = 20) -> list[Run]:
        """The last runs, the latest first."""
        ...

    async def find_run(self, run_id: str) -> Run | None:
        """A run by its id; `None` when there is none."""
        ...

    def made_tables(self) -> AsyncIterator[Made]:
        """The tables that runs made, by target and key; not those that are known to be gone."""
        ...

    def made_by(self, run_id: str) -> AsyncIterator[Made]:
        """What a run made, in the order of its sendings; not what is known to be gone."""
        ...

    def tables(self) -> AsyncIterator[tuple[str, str, dict[str, StepState]]]:
        """Target and key of each table that there are facts about, with the latest state of its steps."""
        ...

    async def history(self, target: str, key: str) -> list[Fact]:
        """All facts about a table, oldest first. Reads the whole journal."""
        ...

    def facts(self, run_id: str) -> AsyncIterator[Fact]:
        """All facts that a run wrote, oldest first, without their details."""
        ...


class Journal(JournalReader, Protocol):
    """
    The durable record of a provisioning job: by the time a call returns, what it wrote survives a crash.

    A cancelled call may have written its fact all the same. After a failure to write, every later write is
    refused.
    """

    async def begin_run(self, manifest: str, digest: str, *, command: str = "apply") -> Run:
        """
        Begin a run.

        Args:
            manifest: Where the manifest was read from.
            digest: Hash of the manifest.
            command: What the run is to do, such as `apply` or `destroy`.

        Raises:
            JournalError: It could not be written.
        """
        ...

    async def end_run(self, run_id: str, ending: str) -> None:
        """
        Say how a run ended.

        Args:
            run_id: The run.
            ending: A word such as `done` or `interrupted`.

        Raises:
            JournalError: It could not be written, or there is no such run.
        """
        ...

    async def intent(self, intent: Intent) -> None:
        """
        Write that a step is about to be sent; send it only after this has returned.

        Raises:
            JournalError: It could not be written: do not send.
        """
        ...

    async def outcome(self, outcome: Outcome) -> None:
        """
        Write how a step ended.

        Raises:
            JournalError: It could not be written: the step stays open, to be settled by the next run.
        """
        ...


class Record(Journal, JournalHistory, Protocol):
    """A journal that is written and read as a whole."""
