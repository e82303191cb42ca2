"""Make what reads or writes a type once, whatever refers to what and however many threads ask."""

import threading
from collections.abc import Callable

from aiotables.core.model_fields import Json, TypeExpr


AnyHook = Callable[..., Json]
Factory = Callable[[TypeExpr], AnyHook]


def memoised(factory: Factory) -> Factory:
    """
    *factory*, called once per type.

    A class that refers to itself gets, for its own field, a function that looks up the finished one when it is called.
    """
    done: dict[TypeExpr, AnyHook] = {}
    busy: set[TypeExpr] = set()
    lock = threading.RLock()

    def make(type_: TypeExpr) -> AnyHook:
        found = done.get(type_)
        if found is not None:
            return found

        with lock:
            if type_ in done:
                return done[type_]
            if type_ in busy:
                return _looked_up(done, type_)

            busy.add(type_)
            try:
                done[type_] = factory(type_)
            finally:
                busy.discard(type_)
            return done[type_]

    return make


def _looked_up(done: dict[TypeExpr, AnyHook], type_: TypeExpr) -> AnyHook:
    def hook(*args: object) -> Json:
        return done[type_](*args)

    return hook
