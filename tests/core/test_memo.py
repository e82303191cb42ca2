"""What is made once."""

import threading
from collections.abc import Callable

import pytest

from aiotables.core.memo import memoised
from aiotables.core.model_fields import TypeExpr


def test_hook_is_made_once() -> None:
    """Asking twice for the hook of a type gives the same one, made once."""
    made = []

    def factory(type_: TypeExpr) -> Callable[..., object]:
        made.append(type_)
        return lambda: type_

    make = memoised(factory)

    assert make(int) is make(int)
    assert [int] == made


def test_hook_of_a_type_that_refers_to_itself_is_looked_up() -> None:
    """While the hook of a type is made, asking for it gives one that calls the finished one."""
    inner: list[Callable[..., object]] = []

    def factory(type_: TypeExpr) -> Callable[..., object]:
        inner.append(make(type_))
        return lambda value: [value]

    make = memoised(factory)
    make(int)

    assert [3] == inner[0](3)


def test_factory_that_fails_is_asked_again() -> None:
    """A failure leaves nothing behind that would hide the next one."""

    def factory(_: TypeExpr) -> Callable[..., object]:
        message = "no hook"
        raise TypeError(message)

    make = memoised(factory)

    for _ in range(2):
        with pytest.raises(TypeError, match="no hook"):
            make(int)


def test_threads_share_one_hook() -> None:
    """Threads that ask at the same time get one hook, finished."""
    made = []

    def factory(type_: TypeExpr) -> Callable[..., object]:
        made.append(type_)
        go.wait(timeout=10)
        return lambda: type_

    go = threading.Event()
    make = memoised(factory)
    found: list[object] = []
    threads = [threading.Thread(target=lambda: found.append(make(int)())) for _ in range(4)]
    for thread in threads:
        thread.start()
    go.set()
    for thread in threads:
        thread.join()

    assert [int] * 4 == found
    assert [int] == made
