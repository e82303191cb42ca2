"""What belongs to one event loop."""

import asyncio
import gc
import weakref

from aiotables.core.loops import PerLoop


class Thing:
    """Something that refers to its loop, as sessions and semaphores do."""

    def __init__(self) -> None:
        self.loop = asyncio.get_running_loop()


async def test_one_for_a_loop() -> None:
    """In one loop the same thing is given again."""
    things: PerLoop[Thing] = PerLoop()

    assert things.get(Thing) is things.get(Thing)


async def test_giving_up() -> None:
    """What was given up is made anew; where there is nothing, nothing is given up."""
    things: PerLoop[Thing] = PerLoop()
    first = things.get(Thing)

    assert first is things.pop()
    assert things.pop() is None
    assert first is not things.get(Thing)


def test_each_loop_has_its_own() -> None:
    """Loops that are open at the same time have different things."""
    things: PerLoop[Thing] = PerLoop()

    async def get() -> Thing:
        return things.get(Thing)

    with asyncio.Runner() as one, asyncio.Runner() as other:
        first, second = one.run(get()), other.run(get())

        assert first is not second
        assert first is one.run(get())


async def test_finding() -> None:
    """What is not there is not found, and what is there is."""
    things: PerLoop[Thing] = PerLoop()

    assert things.find() is None
    assert things.get(Thing) is things.find()


def test_closed_loops() -> None:
    """What belonged to closed loops is given up when it is asked for, and nothing holds it then."""
    things: PerLoop[Thing] = PerLoop()

    async def get() -> "weakref.ref[Thing]":
        return weakref.ref(things.get(Thing))

    first = asyncio.run(get())
    with asyncio.Runner() as runner:
        second = runner.run(get())

        assert [first()] == things.pop_closed()
        gc.collect()
        assert (True, False) == (first() is None, second() is None)
