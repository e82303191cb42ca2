"""Settling ZangTable's creates, with looks that are made up here."""

import sqlite3
from collections.abc import Mapping
from contextlib import closing
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from aiotables.core.errors import Conflict, NotFound, ServerError
from aiotables.core.record import CallRecord
from aiotables.core.settle import Existed, Found, NotThere, Sent, SettlePolicy, Unclear, Verdict
from aiotables.zangtable import ZangTable, operations, settling
from aiotables.zangtable.errors import TableExists
from aiotables.zangtable.models import Bootstrap, BootstrapUser


if TYPE_CHECKING:
    from tests.zangtable.conftest import Facts, Service

RECORD = CallRecord(operation="zangtable.get_table")
MISSING = NotFound("no", record=RECORD, status=404)
EMAIL = {"column_name": "email", "column_type": "TEXT"}
UNSEEN = {"zangtable.bootstrap_project", "zangtable.create_token", "zangtable.test_token"}
names = st.from_regex(r"[A-Za-z][A-Za-z0-9_]{0,8}", fullmatch=True)


def sent(facts: "Facts", name: str, body: Mapping[str, Any], **path: str) -> Sent:
    """A call that was sent just now."""
    path = {"project": "acme", **path}
    return Sent(operation=name, path=path, body=body, first_sent_at=facts.now, last_sent_at=facts.now)


# Tables


def table(facts: "Facts", *answers: object, columns: object = (EMAIL,), at_skew: float = 5.0) -> Verdict:
    """The verdict on the table `contacts`."""
    body = {"table_name": "contacts"} | ({} if columns is None else {"columns": columns})
    rule = settling.created_table(sent(facts, operations.CREATE_TABLE.name, body), SettlePolicy(skew=at_skew))
    verdict, looks = facts.settle(rule, answers)
    assert [(operations.GET_TABLE, {"project": "acme", "table_id_or_name": "contacts"})] == [
        (look.operation, look.path) for look in looks
    ]
    return verdict


def test_table_is_found(facts: "Facts") -> None:
    """A table of that name and those columns, made since the call, is ours."""
    verdict = table(facts, facts.table(facts.id_column, facts.column("email"), at=1.0))

    assert isinstance(verdict, Found)
    assert ("contacts", ["id", "email"], "table 'contacts', read by its name") == (
        verdict.value.table.table_name,
        [column.column_name for column in verdict.value.columns],
        verdict.how,
    )


def test_table_is_not_there(facts: "Facts") -> None:
    """Where there is none, nothing was made."""
    assert NotThere() == table(facts, MISSING)


@pytest.mark.parametrize(("at", "ours"), [(-60.0, False), (-6.0, False), (0.0, True)])
def test_table_that_was_there(facts: "Facts", at: float, *, ours: bool) -> None:
    """One that was made before the call, by more than the clocks may differ, refused us."""
    verdict = table(facts, facts.table(facts.id_column, facts.column("email"), at=at))

    assert ours == isinstance(verdict, Found)
    assert ours or verdict == Existed("a table 'contacts' was made before the call", error=TableExists)


@pytest.mark.parametrize("at", [-5.0, -1.0])
def test_table_from_just_before_the_call(facts: "Facts", at: float) -> None:
    """One that the clocks do not tell from one that was there before is not ours for certain."""
    verdict = table(facts, facts.table(facts.id_column, facts.column("email"), at=at))

    assert Unclear("a table 'contacts' is there, but maybe from just before the call") == verdict


def test_table_with_other_columns(facts: "Facts") -> None:
    """One with other columns may be another's, or may not be complete yet."""
    why = "a table 'contacts' was made since the call, but with other columns"

    assert Unclear(why, may_change=True) == table(facts, facts.table(facts.id_column, facts.column("phone")))


def test_table_without_columns(facts: "Facts") -> None:
    """A table that was sent without columns has the service's own."""
    assert isinstance(table(facts, facts.table(facts.id_column), columns=None), Found)


# Columns of a table


def same(facts: "Facts", requested: list[dict[str, Any]], *found: dict[str, Any]) -> bool:
    """Whether these columns are those that were asked for."""
    answer = facts.table(*found)
    verdict, _ = facts.settle(
        settling.created_table(
            sent(facts, operations.CREATE_TABLE.name, {"table_name": "contacts", "columns": requested}),
            SettlePolicy(),
        ),
        [answer],
    )
    return isinstance(verdict, Found)


def test_same_columns(facts: "Facts") -> None:
    """Names, types and order count; case does not; an omitted type is TEXT; `id` is the service's."""
    name, age = facts.column("name"), facts.column("age", "INTEGER")
    wanted = [{"column_name": "Name"}, {"column_name": "age", "column_type": "INTEGER"}]

    assert same(facts, wanted, facts.id_column, name, age)
    assert same(facts, wanted, name, age)
    assert not same(facts, wanted, facts.id_column, age, name)
    assert not same(facts, wanted, facts.id_column, name)
    assert not same(facts, wanted, facts.id_column, name, age, facts.column("more"))
    assert not same(facts, wanted, facts.id_column, name, facts.column("age", "REAL"))
    assert not same(facts, wanted)


def test_own_primary_key(facts: "Facts") -> None:
    """With a primary key of the caller's the service puts nothing before it."""
    code = facts.column("code", is_primary=1)
    wanted = [{"column_name": "code", "is_primary": True}]

    assert same(facts, wanted, code)
    assert not same(facts, wanted, facts.id_column, code)


def test_unknown_types(facts: "Facts") -> None:
    """A type that the spec does not list is compared by its text."""
    wanted = [{"column_name": "at", "column_type": "MOMENT"}]

    assert same(facts, wanted, facts.id_column, facts.column("at", "MOMENT"))
    assert not same(facts, wanted, facts.id_column, facts.column("at", "INSTANT"))


# Added columns


def column(facts: "Facts", *answers: object, body: Mapping[str, Any] = EMAIL) -> Verdict:
    """The verdict on the column `email`."""
    rule = settling.created_column(
        sent(facts, operations.CREATE_COLUMN.name, body, table="contacts"), SettlePolicy()
    )
    verdict, looks = facts.settle(rule, answers)
    assert [(operations.LIST_COLUMNS, {"project": "acme", "table": "contacts"})] == [
        (look.operation, look.path) for look in looks
    ]
    return verdict


def listed(*columns: Mapping[str, Any]) -> dict[str, Any]:
    """A list of columns."""
    return {"table": "contacts", "columns": [*columns]}


def test_column_is_found(facts: "Facts") -> None:
    """A column of that name and type, made since the call, is ours."""
    verdict = column(facts, listed(facts.id_column, facts.column("Email", default_value="x")))

    assert isinstance(verdict, Found)
    assert "column 'email', by listing" == verdict.how
    assert ("contacts", "Email", "x", True) == (
        verdict.value.table,
        verdict.value.column.column_name,
        verdict.value.column.default_value,
        verdict.value.column.is_nullable,
    )


def test_column_is_not_there(facts: "Facts") -> None:
    """Where there is none, nothing was made."""
    assert NotThere() == column(facts, listed(facts.id_column))


def test_column_of_no_table(facts: "Facts") -> None:
    """Without its table there can be no column."""
    assert Existed("there is no table 'contacts'", error=NotFound) == column(facts, MISSING)


def test_column_that_was_there(facts: "Facts") -> None:
    """One that was made before the call refused us."""
    expected = Existed("a column 'email' was made before the call", error=Conflict)

    assert expected == column(facts, listed(facts.column("email", at=-60.0)))


def test_column_from_just_before_the_call(facts: "Facts") -> None:
    """One that the clocks do not tell from one that was there before is not ours for certain."""
    expected = Unclear("a column 'email' is there, but maybe from just before the call")

    assert expected == column(facts, listed(facts.column("email", at=-3.0)))


def test_column_of_another_type(facts: "Facts") -> None:
    """One of another type is another's."""
    expected = Unclear("a column 'email' was made since the call, but of another type")

    assert expected == column(facts, listed(facts.column("email", "BLOB")))


def test_column_without_a_time(facts: "Facts") -> None:
    """One without the time it was made at may be anybody's."""
    expected = Unclear("a column 'email' is there, without the time it was made at")

    assert expected == column(facts, listed(facts.column("email", at=None)))


# Indexes


def index(facts: "Facts", *answers: object, **body: object) -> Verdict:
    """The verdict on an index of `contacts`."""
    rule = settling.created_index(
        sent(facts, operations.CREATE_INDEX.name, {"columns": ["Email", "phone"], **body}, table="contacts"),
        SettlePolicy(),
    )
    return facts.settle(rule, answers)[0]


def catalogue(sql: str | None, table: str = "contacts") -> dict[str, Any]:
    """What `sqlite_master` says of an index."""
    return {"rows": [{"name": "idx", "tbl_name": table, "sql": sql}], "row_count": 1}


NO_ROWS = {"rows": [], "row_count": 0}


def test_index_is_found(facts: "Facts") -> None:
    """An index of that name on those columns is what was wanted."""
    verdict = index(facts, catalogue('CREATE INDEX "idx" ON "Contacts" ("email", "PHONE")'), index_name="idx")

    assert isinstance(verdict, Found)
    assert ("idx", ["Email", "phone"], False, "index 'idx', read from sqlite_master") == (
        verdict.value.index.name,
        verdict.value.index.columns,
        verdict.value.index.unique,
        verdict.how,
    )


def test_unique_index_is_found(facts: "Facts") -> None:
    """So is one whose values must differ."""
    row = catalogue("CREATE UNIQUE INDEX idx ON contacts(email,phone)")

    assert isinstance(index(facts, row, index_name="idx", unique=True), Found)


def test_index_is_looked_for_by_sql(facts: "Facts") -> None:
    """The look is a read-only query with the name as a parameter."""
    rule = settling.created_index(
        sent(facts, operations.CREATE_INDEX.name, {"columns": ["a"], "index_name": "idx"}, table="contacts"),
        SettlePolicy(),
    )

    verdict, looks = facts.settle(rule, [NO_ROWS])

    assert NotThere() == verdict
    assert [(operations.QUERY_RECORDS, {"project": "acme"}, ["idx"])] == [
        (look.operation, look.path, look.body.params) for look in looks
    ]


def test_the_query_works(facts: "Facts") -> None:
    """SQLite understands the query, whatever the case of the name, and answers as the rule reads it."""
    rule = settling.created_index(
        sent(facts, operations.CREATE_INDEX.name, {"columns": ["a"], "index_name": "IDX"}, table="contacts"),
        SettlePolicy(),
    )
    look = next(rule)
    with closing(sqlite3.connect(":memory:")) as database:
        database.row_factory = sqlite3.Row
        database.execute("CREATE TABLE contacts (a, b)")
        database.execute('CREATE INDEX "idx" ON "contacts" ("a")')
        rows = [dict(row) for row in database.execute(look.body.sql, look.body.params)]

    with pytest.raises(StopIteration) as stop:
        rule.send(facts.reply(look, {"rows": rows, "row_count": 1}))

    assert isinstance(stop.value.value, Found)


@pytest.mark.parametrize(
    ("sql", "table", "unique"),
    [
        ("CREATE INDEX idx ON contacts (email)", "contacts", False),
        ("CREATE INDEX idx ON contacts (phone, email)", "contacts", False),
        ("CREATE INDEX idx ON others (email, phone)", "others", False),
        ("CREATE UNIQUE INDEX idx ON contacts (email, phone)", "contacts", False),
        ("CREATE INDEX idx ON contacts (email, phone)", "contacts", True),
    ],
)
def test_index_with_another_definition(facts: "Facts", sql: str, table: str, *, unique: bool) -> None:
    """One of that name with another definition refused us."""
    verdict = index(facts, catalogue(sql, table), index_name="idx", unique=unique)

    assert Existed("an index 'idx' with another definition is there") == verdict


@pytest.mark.parametrize(
    "sql",
    [
        None,
        "CREATE INDEX idx ON contacts (lower(email), phone)",
        "CREATE INDEX idx ON contacts (email DESC, phone)",
        "CREATE INDEX idx ON contacts (email COLLATE NOCASE, phone)",
        "CREATE INDEX idx ON contacts (email, phone) WHERE email > 5",
        "CREATE TABLE idx (email, phone)",
    ],
)
def test_index_that_cannot_be_read(facts: "Facts", sql: str | None) -> None:
    """One that is more than columns leaves it open."""
    expected = Unclear("an index 'idx' is there, whose definition cannot be read")

    assert expected == index(facts, catalogue(sql), index_name="idx")


def test_index_without_a_name(facts: "Facts") -> None:
    """One that was sent without a name cannot be looked for."""
    assert Unclear("the index was sent without a name, so it cannot be looked for") == index(facts)


@given(
    columns=st.lists(names, min_size=1, max_size=4),
    quotes=st.sampled_from(["", '""', "``", "[]"]),
    order=st.sampled_from(["", " ASC", " asc "]),
    space=st.sampled_from(["", " ", "\n\t"]),
    unique=st.booleans(),
)
def test_reading_indexes(columns: list[str], quotes: str, order: str, space: str, *, unique: bool) -> None:
    """Whatever way SQLite allows to write an index of whole columns, it is read."""
    parts = [f"{space}{quotes[:1]}{name}{quotes[1:]}{order}{space}" for name in columns]
    sql = f"CREATE {'UNIQUE ' if unique else ''}INDEX idx ON t{space}({','.join(parts)})"

    found = settling.parse_index({"tbl_name": "t", "sql": sql})

    assert found is not None
    assert ([name.lower() for name in columns], unique, "t") == (found.columns, found.unique, found.table)


# What cannot be looked at


@pytest.mark.parametrize(
    ("operation", "says"),
    [
        (operations.BOOTSTRAP_PROJECT, "whether 'support' is there"),
        (operations.CREATE_TOKEN, "earlier tokens of this account in 'acme'"),
        (operations.TEST_TOKEN, "the secret of a token is told once"),
    ],
    ids=str,
)
def test_what_stays_unknown(facts: "Facts", operation: Any, says: str) -> None:  # noqa: ANN401 -- any operation
    """Nothing is looked at where nothing is evidence, and the reason says what a person is to look at."""
    rule = settling.RULES[operation.name]

    verdict, looks = facts.settle(
        rule(sent(facts, operation.name, {"project_slug": "support"}), SettlePolicy()), []
    )

    assert isinstance(verdict, Unclear)
    assert (False, []) == (verdict.may_change, looks)
    assert says in verdict.reason


async def test_no_password_is_kept(zang: ZangTable) -> None:
    """What is kept of a bootstrap, to settle it, is the project's name alone."""
    user = BootstrapUser(username="server", password="never-shown")
    body = Bootstrap(project_slug="support", project_name="Support", initial_project_user=user)

    kept = zang.describe(operations.BOOTSTRAP_PROJECT, body=body, at=0.0)

    assert {"project_slug": "support"} == kept.body


# All


@pytest.mark.parametrize("name", sorted(settling.RULES.keys() - UNSEEN))
def test_looks_that_fail(facts: "Facts", name: str) -> None:
    """A failed look is not judged by a rule: it goes to whoever drives it."""
    body = {"table_name": "a", "column_name": "a", "index_name": "a", "columns": []}
    broken = ServerError("no", record=RECORD, status=500)

    with pytest.raises(ServerError):
        facts.settle(settling.RULES[name](sent(facts, "any", body, table="t"), SettlePolicy()), [broken])


def test_everything_is_settled() -> None:
    """Each operation that makes something has its rule."""
    assert {o.name for o in operations.OPERATIONS if o.effect.must_be_settled} == set(settling.RULES)


@pytest.mark.parametrize("operation", settling.RULES)
async def test_damaged_notes(zang: ZangTable, service: "Service", facts: "Facts", operation: str) -> None:
    """A note that has lost what was sent is unclear, by every rule, and no error of ours."""
    service.answers_by(lambda _: service.fail("table_not_found", status=404))

    verdict = await zang.settle(Sent(operation=operation, first_sent_at=facts.now, last_sent_at=facts.now))

    assert isinstance(verdict, Unclear)
