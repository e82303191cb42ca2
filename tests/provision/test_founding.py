"""What a new project begins with, and what the answer to its making tells."""

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from aiotables.core.convert import Converter
from aiotables.provision.desired import (
    Desired,
    TableKey,
    ZangTableColumn,
    ZangTableIndex,
    ZangTableSpec,
    digest,
)
from aiotables.provision.founding import (
    MOST_BYTES,
    MOST_TABLES,
    bootstrap_of,
    first_tables,
    table_ids,
    token_in,
    without_secrets,
)
from aiotables.provision.targets import ProjectToCreate, ZangTableTarget


TARGET = ZangTableTarget(
    name="crm",
    token_env="OWNER",
    project="acme",
    create_project=ProjectToCreate(
        name="Acme", username="server", password_env="PASSWORD", account_user_id=7, token_file=Path("t")
    ),
)


def desired(
    key: str, *, target: str = "crm", after: tuple[str, ...] = (), title: str | None = None
) -> Desired:
    """A table."""
    spec = ZangTableSpec(name=key, display_name=title)
    depends_on = tuple(TableKey(each.partition("/")[0], each.partition("/")[2], each) for each in after)
    return Desired(
        target=target,
        key=key,
        name=key,
        spec=spec,
        identity=key,
        digest=digest(spec),
        origin="m:1",
        depends_on=depends_on,
    )


def keys(tables: list[Desired]) -> list[str]:
    """Their keys."""
    return [each.key for each in tables]


def test_first_tables() -> None:
    """Tables of the target are taken in their order, and no others."""
    assert ["a", "b"] == keys(first_tables([desired("a"), desired("x", target="y"), desired("b")], "crm"))


def test_as_many_as_fit() -> None:
    """No more are taken, or even read, than one request should hold."""
    tables = iter([desired(f"t{number}") for number in range(MOST_TABLES + 5)])

    assert MOST_TABLES == len(first_tables(tables, "crm"))
    assert 5 == len(list(tables))
    assert ["a"] == keys(first_tables([desired("a"), desired("b")], "crm", most=1))


def test_as_long_as_there_is_room() -> None:
    """Large tables fill the request, and the first is taken however large it is."""
    large = "x" * MOST_BYTES

    assert ["a"] == keys(first_tables([desired("a", title=large), desired("b")], "crm"))
    assert ["a"] == keys(first_tables([desired("a"), desired("b", title=large), desired("c")], "crm"))


def test_order() -> None:
    """A table goes with those that it depends on, or is left for later."""
    tables = [
        desired("a"),
        desired("b", after=("crm/a",)),
        desired("c", after=("else/a",)),
        desired("d", after=("crm/c",)),
        desired("e", after=("crm/b", "crm/a")),
    ]

    assert ["a", "b", "e"] == keys(first_tables(tables, "crm"))


def test_request() -> None:
    """The request holds the tables with columns and indexes, and asks for a token."""
    spec = ZangTableSpec(
        name="orders",
        display_name="Orders",
        columns=(ZangTableColumn(name="number", type="INTEGER", nullable=False, default=None),),
        indexes=(ZangTableIndex(name="by_number", columns=("number",), unique=True),),
    )
    whole = Desired(
        target="crm", key="o", name="orders", spec=spec, identity="o", digest=digest(spec), origin="m:1"
    )

    body = bootstrap_of(TARGET, [whole, desired("plain")], password="s3cret")

    assert {
        "project_slug": "acme",
        "project_name": "Acme",
        "initial_project_user": {"username": "server", "password": "s3cret"},
        "tables": [
            {
                "table_name": "orders",
                "display_name": "Orders",
                "columns": [
                    {
                        "column_name": "number",
                        "column_type": "INTEGER",
                        "is_primary": False,
                        "is_nullable": False,
                        "is_unique": False,
                        "default_value": None,
                    }
                ],
                "indexes": [{"columns": ["number"], "index_name": "by_number", "unique": True}],
            },
            {"table_name": "plain"},
        ],
        "project_api_tokens": [{"account_user_id": 7, "token_name": "aiotables"}],
    } == Converter().to_wire(body)
    assert "tables" not in Converter().to_wire(bootstrap_of(TARGET, [], password="s3cret"))


@pytest.mark.parametrize(
    "answer",
    [
        {"project_api_tokens": [{"token": "pat_1", "token_id": 3}]},
        {"token": {"token": "pat_1"}, "tokens": [{"secret": "pat_1"}]},
        {"made": [[{"x": "pat_1"}], 1, None]},
    ],
)
def test_token(answer: object) -> None:
    """The token is found wherever the answer has it."""
    assert "pat_1" == token_in(answer)


@pytest.mark.parametrize("answer", [{}, {"a": "pat_1", "b": "pat_2"}, {"a": "see pat_1"}, ["pat_"], None])
def test_no_token(answer: object) -> None:
    """Where there is none, or more than one, nothing is guessed."""
    assert token_in(answer) is None


def test_table_ids() -> None:
    """Tables are told by name and number, as all answers show them; columns look alike, and are none."""
    answer = {
        "tables": [
            {"id": 3, "table_name": "Orders"},
            {
                "table": {"id": 4, "table_name": "shops"},
                "columns": [{"id": 9, "table_name": "x", "column_name": "c"}],
            },
            {"id": "5", "table_name": "text"},
            {"id": True, "table_name": "flag"},
            {"id": 6, "table_name": None},
            "noise",
        ]
    }

    assert {"orders": "3", "shops": "4"} == table_ids(answer)


@given(
    st.recursive(
        st.none() | st.text() | st.integers(),
        lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
    )
)
def test_any_answer(answer: object) -> None:
    """Whatever the answer is, it can be looked through."""
    assert token_in(answer) is None or isinstance(token_in(answer), str)
    assert all(number.lstrip("-").isdigit() for number in table_ids(answer).values())


def test_without_secrets() -> None:
    """Neither the password nor a token of the answer is kept."""
    assert "no [password] and no [token]" == without_secrets("no s3cret and no pat_123", "s3cret")
