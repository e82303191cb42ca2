"""Make each hook of a converter once, whatever refers to what and however many threads ask."""

import threading
from collections.abc import Callable

import cattrs

from aiotables.core.model_fields import Json, TypeExpr


AnyHook = Callable[..., Json]
Factory = Callable[[TypeExpr, cattrs.Converter], AnyHook]


def memoised(factory: Factory) -> Factory:
    """
    *factory*, called once per type.

    cattrs asks for the hook of a field's class anew at every field, which doubles the work with every level
    of nesting. A class that refers to itself gets, for its own field, a hook that is looked up when called.
    """
    done: dict[TypeExpr, AnyHook] = {}
    busy: set[TypeExpr] = set()
    lock = threading.RLock()

    def make(type_: TypeExpr, converter: cattrs.Converter) -> AnyHook:
        with lock:
            if type_ in done:
                return done[type_]
            if type_ in busy:
                return _looked_up(done, type_)

            busy.add(type_)
            try:
                done[type_] = factory(type_, converter)
            finally:
                busy.discard(type_)
            return done[type_]

    return make


def _looked_up(done: dict[TypeExpr, AnyHook], type_: TypeExpr) -> AnyHook:
    def hook(*args: object) -> Json:
        return done[type_](*args)

    return hook
