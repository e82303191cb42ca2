"""Settling Extruct's creates, with looks that are made up here."""

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import pytest

from aiotables.core.errors import NotFound, ServerError
from aiotables.core.record import CallRecord
from aiotables.core.settle import Existed, Found, Look, NotThere, Sent, SettlePolicy, Unclear, Verdict
from aiotables.extruct import Extruct, operations, settling
from aiotables.extruct.models import Row, TableHeader, TableHeaderWithStatus


if TYPE_CHECKING:
    from tests.extruct.conftest import Facts
    from tests.scripted import Service

RECORD = CallRecord(operation="extruct.get_table")
MISSING = NotFound("no", record=RECORD, status=404)
BROKEN = ServerError("no", record=RECORD, status=500)
TAG = "aiotables:m1"


def sent(facts: "Facts", name: str, body: Mapping[str, Any], **path: str) -> Sent:
    """A call that was sent just now."""
    return Sent(operation=name, path=path, body=body, first_sent_at=facts.now, last_sent_at=facts.now)


def table(facts: "Facts", body: Mapping[str, Any], *answers: object) -> tuple[Verdict, list[Look]]:
    """The verdict on a table."""
    rule = settling.created_table(sent(facts, operations.CREATE_TABLE.name, body), SettlePolicy())
    return facts.settle(rule, answers)


# Tables with a mark


def test_marked_table_is_found(facts: "Facts") -> None:
    """The one table with the mark is ours, whatever its name and its time are."""
    answers = [[facts.item(tags=["crm", TAG], at=-3600.0)], facts.table(facts.column("website"))]

    verdict, looks = table(facts, {"name": "Other", "tags": ["crm", TAG]}, *answers)

    assert isinstance(verdict, Found)
    assert ("t1", "table t1, by tag aiotables:m1") == (verdict.value.id, verdict.how)
    assert (True, False) == (
        isinstance(verdict.value, TableHeader),
        isinstance(verdict.value, TableHeaderWithStatus),
    )
    assert [
        (operations.LIST_TABLES, {}, {"tags": [TAG], "limit": 100}),
        (operations.GET_TABLE, {"table_id": "t1"}, {}),
    ] == [(look.operation, look.path, look.query) for look in looks]


@pytest.mark.parametrize("tags", [None, [], ["aiotables:m2"], ["aiotables:m11"]])
def test_marked_table_is_not_there(facts: "Facts", tags: list[str] | None) -> None:
    """Tables without the mark are others', even if the service lists them."""
    assert NotThere() == table(facts, {"tags": [TAG]}, [facts.item(tags=tags)])[0]
    assert NotThere() == table(facts, {"tags": [TAG]}, [])[0]


def test_two_tables_with_the_mark(facts: "Facts") -> None:
    """Two of them cannot be told apart."""
    both = [facts.item("t1", tags=[TAG]), facts.item("t2", tags=[TAG])]

    assert Unclear("2 tables are there by tag aiotables:m1") == table(facts, {"tags": [TAG]}, both)[0]


def test_table_that_is_gone_again(facts: "Facts") -> None:
    """One that was listed and is gone when it is read is not there."""
    assert NotThere() == table(facts, {"tags": [TAG]}, [facts.item(tags=[TAG])], MISSING)[0]


# Tables without a mark


def test_table_is_found_by_name(facts: "Facts") -> None:
    """One table of that name and owner, made since the call, is ours."""
    others = [
        facts.item("t2", "Accounts", email="bob@acme.example"),
        facts.item("t3", "Accounts (copy)"),
        facts.item("t4", "Accounts", at=-60.0),
    ]

    verdict, looks = table(
        facts, {"name": "Accounts"}, facts.user, [facts.item("t1"), *others], facts.table()
    )

    assert isinstance(verdict, Found)
    assert "table t1, by name 'Accounts', owner and time" == verdict.how
    assert [operations.GET_USER, operations.LIST_TABLES, operations.GET_TABLE] == [
        look.operation for look in looks
    ]
    assert {"search": "Accounts", "sort": "-created_at", "limit": 100, "offset": 0} == looks[1].query


def test_spaces_around_a_name(facts: "Facts") -> None:
    """The service may have cut them off."""
    verdict, looks = table(facts, {"name": " Accounts "}, facts.user, [facts.item("t1")], facts.table())

    assert isinstance(verdict, Found)
    assert "Accounts" == looks[1].query["search"]


def test_table_is_not_there_by_name(facts: "Facts") -> None:
    """Older ones of that name are not ours."""
    assert NotThere() == table(facts, {"name": "Accounts"}, facts.user, [facts.item(at=-60.0)])[0]


def test_two_tables_of_the_name(facts: "Facts") -> None:
    """Two that were made since cannot be told apart."""
    verdict, _ = table(facts, {"name": "Accounts"}, facts.user, [facts.item("t1"), facts.item("t2")])

    assert Unclear("2 tables are there by name 'Accounts', owner and time") == verdict


def test_table_from_just_before_the_call(facts: "Facts") -> None:
    """One that the clocks do not tell from one that was there before is not ours for certain."""
    verdict, _ = table(facts, {"name": "Accounts"}, facts.user, [facts.item("t1", at=-3.0)])

    assert (
        Unclear("table t1 is there by name 'Accounts', owner and time, but maybe from just before the call")
        == verdict
    )


def test_many_new_tables(facts: "Facts") -> None:
    """As long as a page is full of new tables, the next is read; a table that is seen twice is one."""
    first = [facts.item("t1"), *[facts.item(f"x{number}", "Accounts 2") for number in range(99)]]
    second = [facts.item("t1"), facts.item("old", at=-60.0)]

    verdict, looks = table(facts, {"name": "Accounts"}, facts.user, first, second, facts.table())

    assert isinstance(verdict, Found)
    assert [0, 100] == [look.query["offset"] for look in looks[1:3]]


def test_table_without_name_and_mark(facts: "Facts") -> None:
    """One that was sent without both cannot be looked for."""
    expected = Unclear(
        "the table was sent without a name and without a mark, so it cannot be told from others"
    )

    assert (expected, []) == table(facts, {"kind": "company", "tags": None})


# Columns


def columns(facts: "Facts", *answers: object) -> Verdict:
    """The verdict on the columns `a` and `b`."""
    configs = [{"kind": "input", "name": key, "key": key} for key in "ab"]
    rule = settling.created_columns(
        sent(facts, operations.CREATE_COLUMNS.name, {"column_configs": configs}, table_id="t1"),
        SettlePolicy(),
    )
    verdict, looks = facts.settle(rule, answers)
    assert [(operations.GET_TABLE, {"table_id": "t1"})] == [(look.operation, look.path) for look in looks]
    return verdict


def test_columns_are_found(facts: "Facts") -> None:
    """Columns of all keys, made since the call, are ours, in the order that they were sent in."""
    verdict = columns(facts, facts.table(facts.column("b"), facts.column("c"), facts.column("a")))

    assert isinstance(verdict, Found)
    assert (["c-a", "c-b"], "2 columns of table t1, by their keys") == (
        [column.id for column in verdict.value],
        verdict.how,
    )


def test_columns_are_not_there(facts: "Facts") -> None:
    """Columns of other keys, and older ones, are not ours."""
    assert NotThere() == columns(facts, facts.table(facts.column("c"), facts.column("a", at=-60.0)))


def test_columns_from_just_before_the_call(facts: "Facts") -> None:
    """Columns that the clocks do not tell from those that were there before are not ours for certain."""
    verdict = columns(facts, facts.table(facts.column("a"), facts.column("b", at=-3.0)))

    assert Unclear("the columns are there, but maybe from just before the call") == verdict


def test_some_columns_are_there(facts: "Facts") -> None:
    """Some of them may be all, or the service may still be at work."""
    expected = Unclear("1 of 2 columns are there", may_change=True)

    assert expected == columns(facts, facts.table(facts.column("a")))


def test_columns_of_unknown_kinds(facts: "Facts") -> None:
    """Columns of kinds that the spec does not list are looked at like others, with a key or without one."""
    strange = facts.column("a", kind="new_kind")
    keyless = {**strange, "config": {"kind": "new_kind"}}

    assert isinstance(columns(facts, facts.table(strange, facts.column("b"), keyless)), Found)


def test_columns_of_no_table(facts: "Facts") -> None:
    """Without their table there can be no columns."""
    assert Existed("there is no table t1", error=NotFound) == columns(facts, MISSING)


# Rows


def rows(
    facts: "Facts", wanted: list[dict[str, Any]], *answers: object, mark: str | None = None
) -> tuple[Verdict, list[Look]]:
    """The verdict on rows with these data."""
    metadata = {} if mark is None else {"metadata": {"aiotables": mark}}
    body = {"rows": [{"data": data, **metadata} for data in wanted]}
    rule = settling.created_rows(
        sent(facts, operations.CREATE_ROWS.name, body, table_id="t1"), SettlePolicy()
    )
    return facts.settle(rule, answers)


def ids(verdict: Verdict) -> list[str]:
    """Ids of the rows that were found."""
    assert isinstance(verdict, Found)
    found: list[Row] = verdict.value
    return [row.id for row in found]


A, B = {"input": "a.example"}, {"input": "b.example"}


def test_marked_rows_are_found(facts: "Facts") -> None:
    """Rows with the mark are ours, whatever became of their data."""
    there = facts.data(
        facts.row("r1", mark="m1", input="A"), facts.row("r2", A, mark="m2"), facts.row("r3", mark="m1")
    )

    verdict, looks = rows(facts, [A, B], there, mark="m1")

    assert ["r1", "r3"] == ids(verdict)
    assert isinstance(verdict, Found)
    assert "2 rows, by the mark m1" == verdict.how
    assert [(operations.GET_TABLE_DATA, {"table_id": "t1"}, {"offset": 0, "limit": 500})] == [
        (look.operation, look.path, look.query) for look in looks
    ]


def test_marked_rows_are_not_there(facts: "Facts") -> None:
    """Where the service keeps marks, equal rows without ours are others'."""
    there = facts.data(facts.row("r1", A, mark="m2"), facts.row("r2", A))

    assert NotThere() == rows(facts, [A], there, mark="m1")[0]


def test_some_marked_rows_are_there(facts: "Facts") -> None:
    """Some of them may be all, or the service may still be at work; too many will not become fewer."""
    one = facts.data(facts.row("r1", mark="m1"))
    three = facts.data(*[facts.row(f"r{number}", mark="m1") for number in range(3)])

    assert (
        Unclear("1 row is there by the mark m1, but not the 2 that were sent", may_change=True)
        == rows(facts, [A, B], one, mark="m1")[0]
    )
    assert (
        Unclear("3 rows are there by the mark m1, but not the 2 that were sent")
        == rows(facts, [A, B], three, mark="m1")[0]
    )


@pytest.mark.parametrize("mark", [None, "m1"])
def test_rows_are_found_by_their_data(facts: "Facts", mark: str | None) -> None:
    """Rows that were sent without a mark, or whose marks the service drops, are found by their data, in their order."""
    there = facts.data(
        facts.row("old", A, at=-60.0),
        facts.row("r1", B),
        facts.row("r2", input="c"),
        facts.row("r3", A),
    )

    verdict, _ = rows(facts, [A, B], there, mark=mark)

    assert ["r3", "r1"] == ids(verdict)
    assert isinstance(verdict, Found)
    assert "2 rows, by their data and time" == verdict.how


@pytest.mark.parametrize("mark", [None, "m1"])
@pytest.mark.parametrize("at", [-4.0, -1.0])
def test_rows_from_just_before_the_call(facts: "Facts", mark: str | None, at: float) -> None:
    """
    Rows of others with the same data that were added in the seconds before are not ours for certain, though one alone is of
    that time; nor is "not there", which would be sent again.
    """
    there = facts.data(facts.row("r1", A), facts.row("r2", B, at=at))

    assert (
        Unclear("2 rows are there by their data, but maybe from just before the call")
        == rows(facts, [A, B], there, mark=mark)[0]
    )


def test_marked_rows_by_a_clock_that_is_behind(facts: "Facts") -> None:
    """A mark is ours, whatever the service's clock says."""
    there = facts.data(facts.row("r1", A, at=-4.0, mark="m1"))

    assert ["r1"] == ids(rows(facts, [A], there, mark="m1")[0])


def test_unmarked_rows_among_marked_ones(facts: "Facts") -> None:
    """Rows with marks are those of other calls, and hide no row without one."""
    there = facts.data(facts.row("r1", A, mark="m2"), facts.row("r2", A))

    assert ["r2"] == ids(rows(facts, [A], there)[0])


@pytest.mark.parametrize(
    "cell",
    [
        "a.example",
        {"value": "a.example"},
        {"value": {"answer": "a.example", "explanation": "so"}, "status": "done"},
    ],
)
def test_forms_of_cells(facts: "Facts", cell: object) -> None:
    """A value may come back bare or wrapped, and may have been sent wrapped."""
    there = facts.data(facts.row("r1", input=cell, more=1))

    assert ["r1"] == ids(rows(facts, [A], there)[0])
    assert ["r1"] == ids(rows(facts, [{"input": {"value": "a.example"}}], there)[0])


def test_wrapped_value_without_an_answer(facts: "Facts") -> None:
    """A value that is an object itself is compared as it is."""
    there = facts.data(facts.row("r1", input={"value": {"street": "x"}}))

    assert ["r1"] == ids(rows(facts, [{"input": {"street": "x"}}], there)[0])
    assert isinstance(rows(facts, [{"input": {"street": "y"}}], there)[0], Unclear)


def test_rows_with_other_data(facts: "Facts") -> None:
    """As many new rows as were sent may be ours, if the service writes values in its own way; fewer are not."""
    there = facts.data(facts.row("r1", input="https://a.example/"))
    why = "1 row was made since the call, but with other data: they may be others'"

    assert Unclear(why, may_change=True) == rows(facts, [A], there)[0]
    assert NotThere() == rows(facts, [A, B], there)[0]


def test_empty_cells(facts: "Facts") -> None:
    """A cell that was sent empty may not be there at all, nor may a row's data."""
    there = facts.data(facts.row("r1", input="a.example"), {"id": "r2", "created_at": facts.time(0)})

    assert ["r1", "r2"] == ids(rows(facts, [{"input": "a.example", "note": None}, {}], there)[0])


def test_equal_rows(facts: "Facts") -> None:
    """As many equal rows as were sent must be there."""
    one, two = facts.row("r1", A), facts.row("r2", A)

    assert ["r1", "r2"] == ids(rows(facts, [A, A], facts.data(one, two))[0])
    assert (
        Unclear("1 row is there by their data and time, but not the 2 that were sent", may_change=True)
        == rows(facts, [A, A], facts.data(one))[0]
    )
    assert (
        Unclear("2 rows are there by their data and time, but not the 1 that were sent")
        == rows(facts, [A], facts.data(one, two))[0]
    )


def test_as_many_rows_but_others(facts: "Facts") -> None:
    """The number alone does not make them ours: each that was sent must be there."""
    there = facts.data(facts.row("r1", A), facts.row("r2", A))

    assert (
        Unclear("2 rows are there by their data and time, but not the 2 that were sent")
        == rows(facts, [A, B], there)[0]
    )


def test_vague_rows(facts: "Facts") -> None:
    """A row of which little was sent does not take the place of one of which more was."""
    there = facts.data(facts.row("r1", a=1, b=2), facts.row("r2", a=1))

    assert ["r2", "r1"] == ids(rows(facts, [{"a": 1}, {"a": 1, "b": 2}], there)[0])


def test_no_rows(facts: "Facts") -> None:
    """Where nothing was made since the call, nothing was; so it is where nothing was sent."""
    assert NotThere() == rows(facts, [A], facts.data())[0]
    assert NotThere() == rows(facts, [A], facts.data(facts.row("old", A, at=-60.0)))[0]
    assert NotThere() == rows(facts, [], facts.data(facts.row("r1", A)))[0]


def test_rows_of_no_table(facts: "Facts") -> None:
    """Without their table there can be no rows."""
    assert Existed("there is no table t1", error=NotFound) == rows(facts, [A], MISSING)[0]


def test_rows_of_large_tables(facts: "Facts") -> None:
    """All pages are read, also where the service gives fewer rows than were asked for, or does not count them."""
    old = [facts.row(f"old{number}", at=-60.0) for number in range(500)]

    for first, total in [(old, 501), (old[:100], 101), (old, 0)]:
        pages = [
            facts.data(*first, num_rows=total),
            facts.data(facts.row("new", A), num_rows=total),
        ]
        verdict, looks = rows(facts, [A], *pages)

        assert ["new"] == ids(verdict)
        assert [0, len(first)] == [look.query["offset"] for look in looks]


def test_rows_that_go_while_they_are_read(facts: "Facts") -> None:
    """A page without rows is the end, whatever the count says."""
    pages = [facts.data(facts.row("r1", A), num_rows=9), facts.data(num_rows=9)]

    assert ["r1"] == ids(rows(facts, [A], *pages)[0])


# Rows that are changed


def updated(facts: "Facts", wanted: list[dict[str, Any]], *answers: object, run: bool = False) -> Verdict:
    """The verdict on rows that were to be changed or made."""
    body = {"rows": wanted, "run": run}
    rule = settling.updated_rows(
        sent(facts, operations.UPDATE_ROWS.name, body, table_id="t1"), SettlePolicy()
    )
    return facts.settle(rule, answers)[0]


CHANGE = {"id": "old", "data": A}
MAKE = {"data": B}


def test_changed_rows_are_found(facts: "Facts") -> None:
    """Rows that hold what was sent are found, in the order of the request, and however old they are."""
    there = facts.data(
        facts.row("o2", B, at=-60.0), facts.row("x", B, at=-60.0), facts.row("old", A, at=-60.0)
    )

    verdict = updated(facts, [CHANGE, {"id": "o2", "data": B}], there)

    assert ["old", "o2"] == ids(verdict)


@pytest.mark.parametrize("mark", [None, "m1"])
def test_changed_rows_hold_their_metadata(facts: "Facts", mark: str | None) -> None:
    """Metadata that were sent must be there, too."""
    there = facts.data(facts.row("old", A, at=-60.0, mark=mark))

    verdict = updated(facts, [{**CHANGE, "metadata": {"aiotables": "m1"}}], there)

    assert (mark is not None) == isinstance(verdict, Found)


def test_changed_rows_that_differ(facts: "Facts") -> None:
    """Rows that hold something else are sent again, which does nothing twice."""
    there = facts.data(facts.row("old", B, at=-60.0), facts.row("o2", B, at=-60.0))

    assert NotThere() == updated(facts, [CHANGE], there)
    assert NotThere() == updated(facts, [CHANGE, {"id": "o2", "data": B}], there)


def test_changed_rows_that_were_to_run(facts: "Facts") -> None:
    """What they hold they may have held before, so a run stays unknown; holding nothing of it shows that there was none."""
    held, other = facts.data(facts.row("old", A, at=-60.0)), facts.data(facts.row("old", B, at=-60.0))
    why = "1 of 1 rows hold what was sent, but whether a run was started cannot be read"

    assert Unclear(why) == updated(facts, [CHANGE], held, run=True)
    assert NotThere() == updated(facts, [CHANGE], other, run=True)
    assert isinstance(updated(facts, [], other, run=True), Unclear)


def test_changed_rows_that_are_gone(facts: "Facts") -> None:
    """A row that is not there may have been the reason to refuse the call, or was deleted since."""
    verdict = updated(facts, [CHANGE], facts.data())

    assert isinstance(verdict, Unclear)
    assert verdict.reason.startswith("row old is not there")


def test_changed_and_new_rows_are_found(facts: "Facts") -> None:
    """Both are, in the order of the request."""
    there = facts.data(facts.row("old", A, at=-60.0), facts.row("new", B))

    assert ["new", "old"] == ids(updated(facts, [MAKE, CHANGE], there, run=True))


def test_new_rows_alone(facts: "Facts") -> None:
    """Where none is changed, it is as for rows that are made."""
    assert ["new"] == ids(updated(facts, [MAKE], facts.data(facts.row("new", B))))
    assert NotThere() == updated(facts, [MAKE], facts.data())


def test_changed_rows_and_rows_from_just_before_the_call(facts: "Facts") -> None:
    """Rows that may be others' make unknown whether the new ones were added."""
    there = facts.data(facts.row("old", A, at=-60.0), facts.row("new", B, at=-3.0))

    verdict = updated(facts, [CHANGE, MAKE], there)

    assert Unclear("1 row is there by their data, but maybe from just before the call") == verdict


def test_changed_and_new_rows_in_part(facts: "Facts") -> None:
    """What is there in part may be all, or the service may still be at work, or it was so before."""
    old, new = facts.row("old", A, at=-60.0), facts.row("new", B)
    other = facts.row("old", B, at=-60.0)
    told = "{} of 1 rows hold what was sent, and of 1 new ones {} there"

    assert Unclear(told.format(1, "none is"), may_change=True) == updated(
        facts, [CHANGE, MAKE], facts.data(old)
    )
    assert Unclear(told.format(0, "all are"), may_change=True) == updated(
        facts, [CHANGE, MAKE], facts.data(other, new)
    )
    assert isinstance(updated(facts, [CHANGE, MAKE], facts.data(old, new, facts.row("n2", B))), Unclear)
    assert NotThere() == updated(facts, [CHANGE, MAKE], facts.data(other))


def test_changed_rows_of_no_table(facts: "Facts") -> None:
    """Without their table there can be no rows."""
    assert Existed("there is no table t1", error=NotFound) == updated(facts, [CHANGE], MISSING)


# Clones


def cloned(facts: "Facts", *answers: object) -> tuple[Verdict, list[Look]]:
    """The verdict on a clone of the table `t1`, which is called `Accounts`."""
    rule = settling.cloned_table(
        Sent(
            operation=operations.CLONE_TABLE.name,
            path={"table_id": "t1"},
            first_sent_at=facts.now,
            last_sent_at=facts.now,
        ),
        SettlePolicy(),
    )
    return facts.settle(rule, answers)


def test_clone_is_found(facts: "Facts") -> None:
    """The one new table of the source's kind, name and columns is the clone."""
    source, clone = facts.table(facts.column("a")), facts.table(facts.column("a"), table_id="t2")
    listed = [facts.item("t2", "Accounts (copy)"), facts.item("t1")]

    verdict, looks = cloned(facts, facts.user, source, listed, clone)

    assert isinstance(verdict, Found)
    assert ("t2", "table t2, by the source's name and kind, owner and time") == (
        verdict.value.id,
        verdict.how,
    )
    assert {"kind": "company", "sort": "-created_at", "limit": 100, "offset": 0} == looks[2].query


def test_clone_is_not_there(facts: "Facts") -> None:
    """Where no table of its kind is new but the source itself, nothing was made."""
    listed = [facts.item("t1"), facts.item("t2", at=-60.0)]

    assert NotThere() == cloned(facts, facts.user, facts.table(), listed)[0]


@pytest.mark.parametrize(("name", "email"), [("Firms", "ann@acme.example"), ("Accounts", "bob@acme.example")])
def test_clone_by_another_name(facts: "Facts", name: str, email: str) -> None:
    """The docs say neither what a clone is called nor whose it is, so a new table of its kind leaves it open."""
    verdict, _ = cloned(facts, facts.user, facts.table(), [facts.item("t2", name, email=email)])

    assert (
        Unclear("tables of its kind were made since the call under other names or by others: t2") == verdict
    )


def test_clones_that_cannot_be_told_apart(facts: "Facts") -> None:
    """Two of them, or one from just before the call, cannot be told from it."""
    both = [facts.item("t2"), facts.item("t3")]
    by = "by the source's name and kind, owner and time"

    assert Unclear(f"2 tables are there {by}") == cloned(facts, facts.user, facts.table(), both)[0]
    assert (
        Unclear(f"table t2 is there {by}, but maybe from just before the call")
        == cloned(facts, facts.user, facts.table(), [facts.item("t2", at=-2.0)])[0]
    )


def test_clone_with_other_columns(facts: "Facts") -> None:
    """One with other columns may be another's, or may not be complete yet."""
    source, other = facts.table(facts.column("a")), facts.table(table_id="t2")

    verdict, _ = cloned(facts, facts.user, source, [facts.item("t2")], other)

    why = "table t2 was made since the call, but its columns are not those of t1"
    assert Unclear(why, may_change=True) == verdict


def test_clone_that_cannot_be_looked_for(facts: "Facts") -> None:
    """No list shows clones of child tables, and a source that is gone tells nothing."""
    child = {
        **facts.table(),
        "parent_relationships": [{"table_id": "t0", "relationship_type": "company_people"}],
    }

    assert isinstance(cloned(facts, facts.user, child)[0], Unclear)
    assert (
        Unclear("table t1 is gone, so a clone of it cannot be recognised")
        == cloned(facts, facts.user, MISSING)[0]
    )


# Runs


@pytest.mark.parametrize(
    ("status", "says"),
    [
        ({"run_status": "running"}, "is at work on 0 cells"),
        ({"run_status": "idle", "num_cells_in_progress": 3}, "is at work on 3 cells"),
        ({"run_status": "idle"}, "is idle"),
    ],
)
def test_run_stays_unknown(facts: "Facts", status: dict[str, Any], says: str) -> None:
    """Whatever the table is at, it may be for another run; the reason says what was seen."""
    there = {**facts.table(), "status": {"num_columns": 1, **status}}
    rule = settling.started_run(sent(facts, operations.RUN_TABLE.name, {}, table_id="t1"), SettlePolicy())

    verdict, _ = facts.settle(rule, [there])

    assert isinstance(verdict, Unclear)
    assert (False, True) == (verdict.may_change, says in verdict.reason)


def test_run_of_no_table(facts: "Facts") -> None:
    """Without its table there can be no run."""
    rule = settling.started_run(sent(facts, operations.RUN_TABLE.name, {}, table_id="t1"), SettlePolicy())

    assert Existed("there is no table t1", error=NotFound) == facts.settle(rule, [MISSING])[0]


# All


@pytest.mark.parametrize("rule", settling.RULES.values())
def test_looks_that_fail(facts: "Facts", rule: Any) -> None:  # noqa: ANN401 -- a rule
    """A failed look is not judged by a rule: it goes to whoever drives it."""
    body = {"name": "Accounts", "column_configs": [], "rows": [], "query": "q", "brief": "b"}

    with pytest.raises(ServerError):
        facts.settle(rule(sent(facts, "any", body, table_id="t1", task_id="d1"), SettlePolicy()), [BROKEN])


def test_everything_is_settled() -> None:
    """Each operation that makes or starts something has its rule."""
    assert {o.name for o in operations.OPERATIONS if o.effect.must_be_settled} == set(settling.RULES)


@pytest.mark.parametrize("operation", settling.RULES)
async def test_damaged_notes(extruct: Extruct, service: "Service", facts: "Facts", operation: str) -> None:
    """A note that has lost what was sent is unclear, by every rule, and no error of ours."""
    service.answers_by(lambda _: service.says({"detail": "Not found"}, status=404))

    verdict = await extruct.settle(Sent(operation=operation, first_sent_at=facts.now, last_sent_at=facts.now))

    assert isinstance(verdict, Unclear)
