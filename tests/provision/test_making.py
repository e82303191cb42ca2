"""Projects that are made with their first tables: what is sent, kept, told, and done after a lost reply."""

from typing import TYPE_CHECKING, Any, cast

import pytest
from attrs import evolve

from aiotables.core.errors import CallError, SettingsError
from aiotables.core.wire import Reply
from aiotables.provision.course import Rules
from aiotables.provision.journal import SqliteJournal
from aiotables.provision.ledger import forget
from aiotables.zangtable import ZangTable
from aiotables.zangtable._generated import operations


if TYPE_CHECKING:
    from tests.provision.conftest import Founding

SHOPS = """
- {target: crm, name: shops, columns: [{name: title}], indexes: [{columns: [title]}]}
- {target: crm, name: orders, columns: [{name: number, type: INTEGER}]}
"""
MORE = "- {target: crm, name: notes, depends_on: [last]}\n- {target: crm, name: last}\n"


class Silent(ZangTable):
    """A client whose service answers a bootstrap as no docs page says that it does not: with less."""

    keeps: tuple[str, ...] = ()

    async def send(self, operation: Any, **options: Any) -> Reply[Any]:  # noqa: ANN401 -- as of the client
        """Make a call."""
        reply = await super().send(operation, **options)
        if operation is not operations.BOOTSTRAP_PROJECT:
            return reply
        return evolve(reply, value={key: reply.value[key] for key in self.keeps})


class WithoutTables(Silent):
    """Tells the token alone."""

    keeps = ("project_api_tokens",)


class WithoutToken(Silent):
    """Tells no token."""

    keeps = ("tables",)


async def test_made(founding: "Founding") -> None:
    """One request makes the project with its tables and indexes, and each is journalled as made by the run."""
    told = await founding.apply(SHOPS)

    assert ("created", 2, "") == (told.project.outcome, told.project.tables, told.project.reason)
    assert {"shops": "created", "orders": "created"} == told.outcomes
    assert ("done", 1, ["orders", "shops"]) == (told.ending, founding.bootstraps, founding.tables)
    assert 0 == founding.lab.calls("zangtable.create_table") + founding.lab.calls("zangtable.create_index")
    assert {"project": "created"} == await founding.states("")
    assert {"create": "created"} == await founding.states("shops")
    again = await founding.apply(SHOPS)
    assert {"shops": "unchanged", "orders": "unchanged"} == again.outcomes
    assert 1 == founding.bootstraps


async def test_no_secret_is_kept(founding: "Founding") -> None:
    """Neither the password nor the token gets into the journal."""
    await founding.apply(SHOPS)

    token = founding.token_file.read_text(encoding="ascii").strip()
    kept = b"".join(file.read_bytes() for file in founding.lab.state.iterdir() if file.is_file())
    assert token.startswith("pat_")
    assert b"acme-crm" in kept
    assert token.encode() not in kept
    assert b"s3cret" not in kept


async def test_beyond_the_first(founding: "Founding") -> None:
    """What does not go into the request is made as usual, in its order; a canary holds no more than it should."""
    told = await founding.apply(SHOPS + MORE, rules=Rules(canary=1, wave=2))
    assert ("stopped", 1, ["shops"]) == (told.ending, told.project.tables, founding.tables)

    rest = await founding.apply(SHOPS + MORE)

    others = dict.fromkeys(["orders", "notes", "last"], "created")
    assert {"shops": "unchanged", **others} == rest.outcomes
    assert (1, 3) == (founding.bootstraps, founding.lab.calls("zangtable.create_table"))


@pytest.mark.parametrize("what", ["drop", "cut", "garble"])
async def test_lost_after_the_effect(founding: "Founding", what: str) -> None:
    """A project whose token is lost is unknown, whatever is tried, until somebody has found the token."""
    founding.lab.emulator.add_fault(f"zangtable.bootstrap_project:after:{what}:nth=1")

    for _ in range(2):
        told = await founding.apply(SHOPS)
        assert "make a token in it and write that into" in told.project.reason
        assert ("unknown", {"shops": "unknown", "orders": "unknown"}) == (told.ending, told.outcomes)
        assert {"create: no token of the project acme-crm is known"} == told.reasons
        assert "pat_" not in told.project.reason
    founding.mint()
    found = await founding.apply(SHOPS)

    assert ("adopted", {"shops": "adopted", "orders": "adopted"}) == (found.project.outcome, found.outcomes)
    assert (1, ["orders", "shops"]) == (founding.bootstraps, founding.tables)
    assert {"adopted"} == {*(await founding.states("")).values(), *(await founding.states("shops")).values()}


async def test_lost_before_the_effect(founding: "Founding") -> None:
    """Once somebody has seen that there is no project, and had it forgotten, it is made."""
    founding.lab.emulator.add_fault("zangtable.bootstrap_project:before:drop:nth=1")
    assert "unknown" == (await founding.apply(SHOPS)).ending
    async with SqliteJournal.open(founding.lab.state) as journal:
        await forget(journal, [("crm", "")], manifest="m", clock=founding.lab.clock)

    told = await founding.apply(SHOPS)

    assert {"shops": "created", "orders": "created"} == told.outcomes
    assert ["orders", "shops"] == founding.tables


async def test_tables_that_were_not_made(founding: "Founding") -> None:
    """Of a project that is there with less than was asked for, the rest is made."""
    founding.lab.emulator.add_fault("zangtable.bootstrap_project:before:drop:nth=1")
    await founding.apply(SHOPS)
    founding.lab.emulator.add_project("acme-crm", "pat_by_hand")
    founding.mint()

    told = await founding.apply(SHOPS)

    assert {"shops": "created", "orders": "created"} == told.outcomes
    assert (["orders", "shops"], 1) == (founding.tables, founding.bootstraps)


async def test_there_already(founding: "Founding") -> None:
    """A project of that name that is there is nobody's to take: it is told what to do, and the rest is not begun."""
    founding.lab.emulator.add_project("acme-crm", "pat_theirs")

    told = await founding.apply(SHOPS)

    assert "failed" == told.project.outcome
    assert "If it is yours, make a token in it" in told.project.reason
    assert {"shops": "failed", "orders": "failed"} == told.outcomes
    assert [] == founding.tables
    assert not founding.token_file.exists()
    founding.mint()
    assert {"shops": "created", "orders": "created"} == (await founding.apply(SHOPS)).outcomes


async def test_refused(founding: "Founding") -> None:
    """What the service refuses is told without the password, and tried again by the next run."""
    founding.lab.emulator.add_fault(
        "zangtable.bootstrap_project:before:status:status=400:nth=1:body="
        '{"ok":false,"data":null,"error":{"code":"weak","message":"bad s3cret-long, pat_1"},"request_id":"r"}'
    )

    told = await founding.apply(SHOPS)

    assert ("failed", "failed") == (told.project.outcome, told.ending)
    assert "bad [password], [token]" in told.project.reason
    kept = b"".join(file.read_bytes() for file in founding.lab.state.iterdir() if file.is_file())
    assert not any(secret in kept + repr(told).encode() for secret in (b"s3cret", b"pat_1"))
    assert "done" == (await founding.apply(SHOPS)).ending


async def test_answer_without_tables(founding: "Founding") -> None:
    """Tables that the answer does not tell of are looked at, and count as made."""
    founding.client_class = WithoutTables

    told = await founding.apply(SHOPS)

    assert {"shops": "created", "orders": "created"} == told.outcomes
    async with SqliteJournal.read(founding.lab.state) as journal:
        ids = [made.table_id async for made in journal.made_tables()]
    assert ["2", "1"] == ids


class Losing(WithoutTables):
    """A service that says that all is made, and made one table less."""

    async def send(self, operation: Any, **options: Any) -> Reply[Any]:  # noqa: ANN401 -- as of the client
        """Make a call."""
        if operation is operations.BOOTSTRAP_PROJECT:
            body = options["body"]
            options["body"] = evolve(body, tables=body.tables[:1])
        return await super().send(operation, **options)


async def test_answer_that_promises_too_much(founding: "Founding") -> None:
    """A table that is not there after the grace is made as usual."""
    founding.client_class = Losing

    told = await founding.apply(SHOPS)

    assert {"shops": "created", "orders": "created"} == told.outcomes
    assert (["orders", "shops"], 1) == (founding.tables, founding.lab.calls("zangtable.create_table"))


async def test_answer_without_token(founding: "Founding") -> None:
    """A project that is made with no token to be seen waits for somebody to make one."""
    founding.client_class = WithoutToken

    told = await founding.apply(SHOPS)

    assert "created" == told.project.outcome
    assert "told no token that could be recognised" in told.project.reason
    assert {"shops": "unknown", "orders": "unknown"} == told.outcomes
    assert "was made, and its token is not known" in (await founding.apply(SHOPS)).project.reason
    founding.mint()
    assert {"shops": "adopted", "orders": "adopted"} == (await founding.apply(SHOPS)).outcomes
    assert 1 == founding.bootstraps


class Slow(ZangTable):
    """A client before whose answer something gets into the place of the token."""

    async def send(self, operation: Any, **options: Any) -> Reply[Any]:  # noqa: ANN401 -- as of the client
        """Make a call."""
        reply = await super().send(operation, **options)
        if operation is operations.BOOTSTRAP_PROJECT:
            (cast("Any", self)).in_the_way.touch()
        return reply


async def test_token_that_cannot_be_kept(founding: "Founding") -> None:
    """The run that got the token goes on with it, and says that it is lost afterwards."""
    cast("Any", Slow).in_the_way = founding.token_file
    founding.client_class = Slow

    told = await founding.apply(SHOPS)

    assert {"shops": "created", "orders": "created"} == told.outcomes
    assert "could not be written" in told.project.reason
    assert "File exists" in told.project.reason
    assert "" == founding.token_file.read_text(encoding="ascii")


async def test_nothing_to_make_it_with(founding: "Founding") -> None:
    """Without the password, or a place for the token, nothing is sent, and the run has failed."""
    del founding.environ["ACME_PASSWORD"]
    with pytest.raises(SettingsError, match="ACME_PASSWORD with the password is not set"):
        await founding.apply(SHOPS)
    founding.environ["ACME_PASSWORD"] = "x"
    founding.token_file.touch()
    with pytest.raises(SettingsError, match="is there, and holds no token"):
        await founding.apply(SHOPS)

    assert 0 == founding.bootstraps
    async with SqliteJournal.read(founding.lab.state) as journal:
        assert ["failed", "failed"] == [run.ending for run in await journal.runs()]


async def test_wrong_token(founding: "Founding") -> None:
    """A token that does not open the project is told of, and settles nothing."""
    founding.lab.emulator.add_fault("zangtable.bootstrap_project:after:drop:nth=1")
    await founding.apply(SHOPS)
    founding.token_file.write_text("pat_wrong", encoding="ascii")

    with pytest.raises(CallError, match="invalid_token"):
        await founding.apply(SHOPS)

    assert {"project": "unknown"} == await founding.states("")


async def test_no_request_is_allowed(founding: "Founding") -> None:
    """A run that may send nothing, or is to stop, makes no project."""
    assert "stopped" == (await founding.apply(SHOPS, rules=Rules(max_requests=0))).ending
    async with founding.job(SHOPS) as job:
        job.stop()
        assert "interrupted" == cast("Any", [event async for event in job.apply()][-1]).ending

    assert 0 == founding.bootstraps
