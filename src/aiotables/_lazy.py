"""Names of a package that are imported when they are first used, so that importing the package costs nothing."""

from collections.abc import Callable, Mapping
from importlib import import_module
from typing import Any


def lazy(package: str, homes: Mapping[str, str]) -> Callable[[str], Any]:
    """
    A module's `__getattr__` (PEP 562).

    Args:
        package: The module's `__name__`.
        homes: The module that each public name comes from.
    """

    def __getattr__(name: str) -> Any:  # noqa: ANN401, N807 -- what a module attribute may be, and its hook's name
        home = homes.get(name)
        if home is None:
            msg = f"module {package!r} has no attribute {name!r}"
            raise AttributeError(msg)
        return getattr(import_module(home), name)

    return __getattr__
