"""Operation runs and their idle window."""

import re

import pytest

from aiotables.emulator import ManualClock
from aiotables.emulator.ids import Ids
from aiotables.emulator.zangtable import groups
from aiotables.emulator.zangtable.groups import Grouping, OperationRuns


def sent(key: str | None = None, run_id: str | None = None) -> dict[str, str]:
    """The headers of a call."""
    headers = {"X-Operation-Key": key, "X-Operation-Run-Id": run_id}
    return {name: value for name, value in headers.items() if value is not None}


@pytest.fixture
def runs(clock: ManualClock) -> OperationRuns:
    """No runs yet."""
    return OperationRuns(clock, Ids())


def test_calls_without_headers_are_not_grouped(runs: OperationRuns) -> None:
    """No header, no grouping."""
    assert runs.group("acme", {}) is None


def test_a_run_that_was_sent_is_accepted(runs: OperationRuns) -> None:
    """The id that was sent is answered, with the documented status."""
    expected = Grouping("edit-profile-email", "oprun_client_20260602_001", "accepted_provided_run")

    assert expected == runs.group("acme", sent("edit-profile-email", "oprun_client_20260602_001"))
    assert {
        "operation_key": "edit-profile-email",
        "operation_run_id": "oprun_client_20260602_001",
        "operation_grouping_status": "accepted_provided_run",
    } == expected.to_wire()


def test_a_key_alone_gets_a_run(runs: OperationRuns) -> None:
    """The server makes an id of the documented form, and keeps to it."""
    first, again = runs.group("acme", sent("k")), runs.group("acme", sent("k"))

    assert first is not None
    assert first == again
    assert "generated_run" == first.status
    assert re.fullmatch(r"oprun_\d{8}T\d{6}_\d{6}Z_[0-9a-z]{12}", first.run_id)


def test_projects_and_keys_have_their_own_runs(runs: OperationRuns) -> None:
    """The identity of a run is project, key and id."""
    ids = {
        grouping.run_id
        for grouping in (runs.group("a", sent("k")), runs.group("b", sent("k")), runs.group("a", sent("l")))
        if grouping is not None
    }

    assert 3 == len(ids)


def test_a_run_goes_on_while_it_is_called(runs: OperationRuns, clock: ManualClock) -> None:
    """Each call opens the window anew; at its very end a run still is alive."""
    for _ in range(5):
        assert Grouping("k", "r", "accepted_provided_run") == runs.group("acme", sent("k", "r"))
        clock.advance(420)


def test_an_idle_run_is_replaced(runs: OperationRuns, clock: ManualClock) -> None:
    """After the window a new id is answered, to the old id and to the new one."""
    runs.group("acme", sent("k", "r"))
    clock.advance(420.5)

    fresh = runs.group("acme", sent("k", "r"))

    assert fresh is not None
    assert "r" != fresh.run_id
    assert "generated_run" == fresh.status
    assert fresh == runs.group("acme", sent("k", "r"))
    assert Grouping("k", fresh.run_id, "accepted_provided_run") == runs.group("acme", sent("k", fresh.run_id))


def test_old_and_new_id_are_one_run(runs: OperationRuns, clock: ManualClock) -> None:
    """A call under either id keeps the run alive for both."""
    runs.group("acme", sent("k", "r"))
    clock.advance(421)
    fresh = runs.group("acme", sent("k", "r"))
    assert fresh is not None
    clock.advance(300)
    runs.group("acme", sent("k", fresh.run_id))
    clock.advance(300)

    assert fresh == runs.group("acme", sent("k", "r"))


@pytest.mark.parametrize("value", ["", "a\nb", "ä", "\udcff", "x" * 201])
def test_headers_that_are_no_label_count_as_not_sent(runs: OperationRuns, value: str) -> None:
    """Nothing that could not be shown in an envelope is taken."""
    assert runs.group("acme", sent(value, value)) is None


def test_runs_can_be_forgotten(runs: OperationRuns, clock: ManualClock) -> None:
    """A run that was forgotten is a new one to the server."""
    runs.group("acme", sent("k", "r"))
    clock.advance(1000)

    runs.clear()

    assert Grouping("k", "r", "accepted_provided_run") == runs.group("acme", sent("k", "r"))


def test_memory_is_bounded(runs: OperationRuns, monkeypatch: pytest.MonkeyPatch) -> None:
    """Of very many runs the ones not called for longest are forgotten."""
    monkeypatch.setattr(groups, "MOST_RUNS", 3)
    first = runs.group("acme", sent("1"))
    for key in "234":
        runs.group("acme", sent(key))

    assert first != runs.group("acme", sent("1"))
