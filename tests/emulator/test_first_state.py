"""What an emulator holds at first."""

from collections.abc import Callable, Coroutine
from pathlib import Path
from typing import Any, TypeAlias

import pytest

from aiotables.emulator import Emulator, ManualClock


Ask: TypeAlias = Callable[..., Coroutine[Any, Any, Any]]
Connect: TypeAlias = Callable[[Emulator, str | None], Ask]

STATE = {
    "zangtable": {
        "acme": {
            "tables": [
                {
                    "table_name": "contacts",
                    "columns": [{"column_name": "email", "is_unique": True}],
                    "indexes": [{"columns": ["email"]}],
                    "rows": [{"email": "a@example.com"}, {"email": "b@example.com"}],
                },
                {"table_name": "deals"},
            ]
        },
        "shop": {"token": "pat_shop"},
    },
    "extruct": {
        "tables": [
            {"name": "Accounts", "kind": "company", "rows": [{"input": "stripe.com"}]},
            {"name": "Empty", "kind": "generic"},
        ]
    },
}

YAML = """
zangtable:
  acme:
    tables:
      - table_name: contacts
        columns: [{column_name: email}]
"""


async def test_tables_and_rows_are_there(connect: Connect) -> None:
    """Projects with their tokens, tables with columns, indexes and rows; no call of it is in the log."""
    async with Emulator(state=STATE) as emulator:
        zang, shop = connect(emulator, "pat_emulator"), connect(emulator, "pat_shop")
        found = (await zang("GET", "/projects/acme/records/contacts")).json["data"]

        assert [] == emulator.calls[:-1]
        assert ["contacts", "deals"] == emulator.table_names("acme")
        assert ["a@example.com", "b@example.com"] == [row["email"] for row in found["rows"]]
        assert 200 == (await shop("GET", "/projects/shop/auth/me")).status
        names = {name: emulator.count_rows(table_id) for table_id, name, _ in emulator.extruct_tables()}
        assert {"Accounts": 1, "Empty": 0} == names


async def test_it_is_there_again_after_a_reset(connect: Connect) -> None:
    """With the same ids, and without what came later."""
    async with Emulator(state=STATE) as emulator:
        before = emulator.extruct_tables()
        await connect(emulator, "pat_emulator")("POST", "/projects/acme/table", {"table_name": "later"})

        emulator.reset()

        assert ["contacts", "deals"] == emulator.table_names("acme")
        assert before == emulator.extruct_tables()


async def test_a_folder_keeps_what_it_has(tmp_path: Path, connect: Connect) -> None:
    """What a folder holds already is not made again."""
    file = tmp_path / "state.yaml"
    file.write_text(YAML)
    for _ in range(2):
        async with Emulator(data=tmp_path / "data", state=file) as emulator:
            assert ["contacts"] == emulator.table_names("acme")
            assert [] == emulator.extruct_tables()


@pytest.mark.parametrize(
    ("state", "says"),
    [
        ([], "the state is not a mapping"),
        ({"zangtabel": {}}, "the state has no 'zangtabel' (did you mean zangtable?)"),
        ({"zangtable": {5: {}}}, "zangtable is not a mapping"),
        ({"zangtable": {"acme": []}}, "zangtable.acme is not a mapping"),
        ({"zangtable": {"acme": {"token": 5}}}, "zangtable.acme.token is not a text"),
        ({"zangtable": {"acme": {"tables": {}}}}, "zangtable.acme.tables is not a list"),
        ({"zangtable": {"acme": {"tables": ["a"]}}}, "zangtable.acme.tables[0] is not a mapping"),
        ({"zangtable": {"a b": {}}}, "'a b' is not a valid project slug"),
        (
            {"zangtable": {"acme": {"tables": [{"table_name": "a b"}]}}},
            "zangtable.acme.tables[0] is refused: table_name",
        ),
        (
            {"zangtable": {"acme": {"tables": [{"table_name": "a", "rows": [{"x": 1}]}]}}},
            "rows cannot be put into a",
        ),
        (
            {"zangtable": {"acme": {"tables": [{"table_name": "a", "rows": ["x"]}]}}},
            "zangtable.acme.tables[0].rows[0] is not a mapping",
        ),
        (
            {"zangtable": {"acme": {"tables": [{"table_name": "a", "indexes": [{"columns": ["x"]}]}]}}},
            "zangtable.acme.tables[0] is refused",
        ),
        ({"extruct": {"tables": [{"kind": 5}]}}, "extruct.tables[0] is refused: "),
    ],
)
async def test_a_state_that_is_wrong(tmp_path: Path, state: Any, says: str) -> None:  # noqa: ANN401 - anything
    """The message says where and what; a folder is left as if nothing had been tried."""
    for _ in range(2):
        with pytest.raises(ValueError, match=r"zangtable|extruct|rows|slug|state") as caught:
            async with Emulator(data=tmp_path, state=state):
                pass
        assert says in str(caught.value)


async def test_a_wrong_file_is_named(tmp_path: Path) -> None:
    """Whether it cannot be read or tells nothing that can be there."""
    unread, wrong = tmp_path / "a.json", tmp_path / "b.json"
    unread.write_text("{")
    wrong.write_text('{"acme": {}}')

    with pytest.raises(ValueError, match=r"^[^:]*a\.json: no JSON"):
        Emulator(state=unread)
    with pytest.raises(ValueError, match=r"b\.json: the state has no 'acme'"):
        Emulator(state=wrong)


async def test_tokens_are_not_shown(clock: ManualClock) -> None:
    """The state can be printed."""
    async with Emulator(state=STATE, clock=clock) as emulator:
        assert "pat_shop" not in repr(vars(emulator))
