"""Tests of `aiotables.provision.waiting`."""

import asyncio

from aiotables.provision.desired import Desired, TableKey, ZangTableSpec
from aiotables.provision.waiting import Dependencies


A = TableKey("t", "a", "1")


def _desired(name: str, identity: str, *needs: TableKey) -> Desired:
    return Desired(
        target="t",
        key=name,
        name=name,
        spec=ZangTableSpec(name=name),
        identity=identity,
        digest="",
        origin="",
        depends_on=needs,
    )


async def test_waits_for_what_is_under_way() -> None:
    """A table waits until what it depends on has ended, and then knows whether that went well."""
    a, b = _desired("a", "1"), _desired("b", "2", A)
    dependencies = Dependencies()
    dependencies.begin(a)
    waiting = asyncio.create_task(dependencies.wait(b))
    await asyncio.sleep(0)
    assert not waiting.done()

    dependencies.end(a, well=True)
    await waiting

    assert dependencies.missing(b) is None


async def test_tells_what_ended_badly() -> None:
    """A table that depends on one that failed is told which."""
    a, b = _desired("a", "1"), _desired("b", "2", A)
    dependencies = Dependencies()
    dependencies.begin(a)
    dependencies.end(a, well=False)
    await dependencies.wait(b)

    missing = dependencies.missing(b)

    assert A == missing
    assert "t/a" == str(missing)


async def test_what_does_not_come_is_not_waited_for() -> None:
    """A table that no run has begun holds nobody up."""
    b = _desired("b", "2", A)
    dependencies = Dependencies()

    await dependencies.wait(b)

    assert dependencies.missing(b) is None
