"""The tables of a plan, on the disk."""

from attrs import evolve

from aiotables.provision.items import Items, PlannedTable
from aiotables.provision.steps import Action


TABLE = PlannedTable(
    target="crm",
    key="ключ",
    action=Action.CHANGE,
    steps=("column:a", "index:b"),
    reason="missing: column:a, index:b",
    origin="m.yaml:3",
    digest="d",
)
OTHER = PlannedTable(target="crm", key="b", action=Action.CREATE, steps=("create",))


def items_of(*tables: PlannedTable) -> Items:
    """The items of a plan of these tables."""
    items = Items()
    for table in tables:
        items.add(table)
    return items


def test_read_again() -> None:
    """What was written is read, as often as wanted and in turn."""
    items = items_of(TABLE, OTHER)

    first, second = iter(items), iter(items)

    assert TABLE == next(first)
    assert TABLE == next(second)
    assert OTHER == next(first)
    assert [OTHER] == [*second]
    assert [] == [*first]
    items.close()


def test_as_json() -> None:
    """A table comes back from JSON as it was."""
    assert {"action": "change", "steps": ["column:a", "index:b"]}.items() <= TABLE.to_json().items()
    assert TABLE == PlannedTable.from_json(TABLE.to_json())


def test_digest() -> None:
    """Equal plans have equal hashes, whatever line asks for the tables; others have others."""
    items = [
        items_of(TABLE, OTHER),
        items_of(evolve(TABLE, origin="m.yaml:9"), OTHER),
        items_of(OTHER, TABLE),
        items_of(TABLE),
        items_of(evolve(TABLE, digest="e"), OTHER),
        items_of(evolve(TABLE, steps=("column:a",)), OTHER),
    ]
    one, same, *others = [each.digest for each in items]

    assert one == same
    assert len({one, *others}) == 1 + len(others)
    for each in items:
        each.close()
