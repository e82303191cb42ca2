"""Globs on `target/key`."""

from collections.abc import Iterator

import pytest

from aiotables.core.errors import SettingsError
from aiotables.provision.desired import Desired, ZangTableSpec
from aiotables.provision.selection import EVERYTHING, Selection


def tables() -> Iterator[Desired]:
    """Some tables of two targets."""
    for target, key in (
        ("crm", "north/albums"),
        ("crm", "north/labels"),
        ("crm", "South"),
        ("research", "north"),
    ):
        spec = ZangTableSpec(name="x")
        yield Desired(
            target=target, key=key, name="x", spec=spec, identity="1", digest="2", origin="m.yaml:1"
        )


def taken(selection: Selection) -> list[str]:
    """The tables that are meant."""
    return [f"{desired.target}/{desired.key}" for desired in selection.of(tables())]


@pytest.mark.parametrize(
    ("only", "without", "names"),
    [
        ((), (), ["crm/north/albums", "crm/north/labels", "crm/South", "research/north"]),
        (("crm/*",), (), ["crm/north/albums", "crm/north/labels", "crm/South"]),
        (("*north*",), ("*/labels",), ["crm/north/albums", "research/north"]),
        (("crm/south",), (), []),
        (("crm/S*", "research/*"), (), ["crm/South", "research/north"]),
        ((), ("crm/*",), ["research/north"]),
        (("crm/[a-z]*",), (), ["crm/north/albums", "crm/north/labels"]),
    ],
)
def test_globs(only: tuple[str, ...], without: tuple[str, ...], names: list[str]) -> None:
    """A table is meant when one of the first matches, or there are none, and none of the second; case counts."""
    assert names == taken(Selection(only=only, without=without))


def test_checked() -> None:
    """Checking gives the same tables when each glob matches something."""
    selection = Selection(only=["crm/*"], without=["*/labels"])

    assert [*selection.of(tables())] == [*selection.check(tables())]
    assert [*tables()] == [*EVERYTHING.check(tables())]


@pytest.mark.parametrize(("only", "without"), [(("crm/*", "crm/x*"), ()), (("crm/*",), ("crm/x*",))])
def test_idle_glob(only: tuple[str, ...], without: tuple[str, ...]) -> None:
    """A glob that matches no table is refused, by name, and the others are not named."""
    with pytest.raises(SettingsError, match=r"no table matches 'crm/x\*'; tables go by target/key"):
        _ = [*Selection(only=only, without=without).check(tables())]
