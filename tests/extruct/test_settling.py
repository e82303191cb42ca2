"""Settling Extruct's creates, with looks that are made up here."""

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import pytest

from aiotables.core.errors import NotFound, ServerError
from aiotables.core.record import CallRecord
from aiotables.core.settle import Existed, Found, Look, NotThere, Sent, SettlePolicy, Unclear, Verdict
from aiotables.extruct import operations, settling
from aiotables.extruct.models import Row, TableHeader, TableHeaderWithStatus


if TYPE_CHECKING:
    from tests.extruct.conftest import Facts

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
        Unclear("1 rows are there by the mark m1, but not the 2 that were sent", may_change=True)
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
    assert NotThere() == rows(facts, [{"input": {"street": "y"}}], there)[0]


def test_empty_cells(facts: "Facts") -> None:
    """A cell that was sent empty may not be there at all, nor may a row's data."""
    there = facts.data(facts.row("r1", input="a.example"), {"id": "r2", "created_at": facts.time(0)})

    assert ["r1", "r2"] == ids(rows(facts, [{"input": "a.example", "note": None}, {}], there)[0])


def test_equal_rows(facts: "Facts") -> None:
    """As many equal rows as were sent must be there."""
    one, two = facts.row("r1", A), facts.row("r2", A)

    assert ["r1", "r2"] == ids(rows(facts, [A, A], facts.data(one, two))[0])
    assert (
        Unclear("1 rows are there by their data and time, but not the 2 that were sent", may_change=True)
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


# All


@pytest.mark.parametrize("rule", settling.RULES.values())
def test_looks_that_fail(facts: "Facts", rule: Any) -> None:  # noqa: ANN401 -- a rule
    """A failed look is not judged by a rule: it goes to whoever drives it."""
    body = {"name": "Accounts", "column_configs": [], "rows": []}

    with pytest.raises(ServerError):
        facts.settle(rule(sent(facts, "any", body, table_id="t1"), SettlePolicy()), [BROKEN])


def test_which_creates_are_settled() -> None:
    """The rules are for the creates that leave something to look at; a run leaves nothing."""
    assert {"extruct.create_table", "extruct.create_columns", "extruct.create_rows"} == set(settling.RULES)
