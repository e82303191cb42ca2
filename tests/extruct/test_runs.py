"""When the work on a table has ended."""

from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from aiotables.extruct.models import OwnerInfo, RunStatus, TableHeaderWithStatus, TableKind, TableStatus
from aiotables.extruct.runs import Finished, IdleRule, all_cells


IDLE, RUNNING = RunStatus.IDLE, RunStatus.RUNNING


def look(
    run: RunStatus = IDLE, *, busy: int = 0, done: int = 0, rows: int = 5, columns: int = 2
) -> TableStatus:
    """What one look shows."""
    return TableStatus(
        num_columns=columns + 1,
        run_status=run,
        num_rows=rows,
        num_output_columns=columns,
        num_cells_in_progress=busy,
        num_cells_completed=done,
    )


def said(
    *looks: TableStatus, expecting: bool = True, refills: bool = False, every: float = 1.0
) -> list[bool]:
    """What the rule says to looks at some seconds from each other, with a patience of 10."""
    times = iter(every * number for number in range(len(looks)))
    rule = IdleRule(expecting=expecting, refills=refills, patience=10.0, now=lambda: next(times))
    return [rule.is_idle(each) for each in looks]


def test_idle() -> None:
    """Idle is idle where no work is expected."""
    assert [True] == said(look(), expecting=False)


@pytest.mark.parametrize(
    "busy", [look(RUNNING), look(RUNNING, busy=3), look(IDLE, busy=1), look(RunStatus("paused"))]
)
def test_at_work(busy: TableStatus) -> None:
    """A table is at work when its status is not idle or a cell is in progress, also in a state that nobody knows."""
    assert [False] == said(busy, expecting=False)
    assert [False, True] == said(busy, look())


def test_first_idle_is_not_trusted() -> None:
    """Where work is expected, idle means nothing until there was some."""
    assert [False, False, False, True] == said(look(), look(), look(RUNNING), look())


def test_work_between_two_looks() -> None:
    """Work that nobody saw shows in the number of cells that have a value, whichever way it moves."""
    assert [False, True] == said(look(done=2), look(done=3))
    assert [False, True] == said(look(done=2), look(done=1))


def test_full_table() -> None:
    """When all cells have a value nothing is left to do, however soon that is."""
    assert [True] == said(look(done=10))
    assert [True] == said(look(done=11))


def test_full_table_that_is_run_again() -> None:
    """It says nothing when those cells were to be run again."""
    assert [False, False] == said(look(done=10), look(done=10), refills=True)


def test_table_without_counts() -> None:
    """A service that leaves the counts out does not make a table full."""
    assert [False] == said(TableStatus(num_columns=3, run_status=IDLE))


def test_patience() -> None:
    """Idle is believed once it has lasted for long enough."""
    assert [False, False, True] == said(look(), look(), look(), every=5.0)


def test_patience_while_at_work() -> None:
    """However long it takes, a table at work is not idle."""
    assert [False] * 5 == said(*[look(RUNNING)] * 5, every=50.0)


LOOKS = st.builds(
    look,
    st.sampled_from([IDLE, RUNNING]),
    busy=st.integers(0, 2),
    done=st.integers(0, 10),
    rows=st.integers(0, 5),
)


@given(st.lists(LOOKS, min_size=1), st.booleans(), st.booleans(), st.floats(0.1, 20.0))
def test_any_looks(looks: list[TableStatus], expecting: bool, refills: bool, every: float) -> None:  # noqa: FBT001 -- drawn
    """A table at work is never idle; one at rest is, once work was seen, none is expected, or time has passed."""
    answers = said(*looks, expecting=expecting, refills=refills, every=every)

    for number, (each, answer) in enumerate(zip(looks, answers, strict=True)):
        at_work = each.run_status is not IDLE or each.num_cells_in_progress > 0
        seen = any(one.run_status is not IDLE or one.num_cells_in_progress for one in looks[:number])
        if at_work:
            assert not answer
        elif seen or not expecting or every * number >= 10.0:
            assert answer


def test_finished() -> None:
    """What was done is counted; a cell without a value failed, or was not worked on."""
    status = look(done=7)
    table = TableHeaderWithStatus(
        id="t1",
        created_at=datetime(2026, 6, 2, tzinfo=UTC),
        name="A",
        kind=TableKind.COMPANY,
        columns=[],
        owner=OwnerInfo(id="u1", email="ann@acme.example"),
        status=status,
    )

    finished = Finished.of(table)

    assert (table, 7, 10, 3) == (
        finished.table,
        finished.cells_done,
        finished.cells,
        finished.cells_without_value,
    )


def test_more_than_all() -> None:
    """Counts that do not fit each other make nothing negative."""
    table = Finished(table=None, cells_done=3, cells=2)  # type: ignore[arg-type] # the table does not matter

    assert 0 == table.cells_without_value


@given(st.integers(0, 9), st.integers(0, 9))
def test_all_cells(rows: int, columns: int) -> None:
    """Each row has a cell in each column that is not an input."""
    assert rows * columns == all_cells(look(rows=rows, columns=columns))
