"""What a service's models list, such as the types of columns, for those who need no model."""

from collections.abc import Callable, Iterable, Sequence
from functools import cached_property
from typing import overload


class Listed(Sequence[str]):
    """
    Texts that are read when they are first asked for: who has tables of one service alone imports no model of the other.

    Args:
        read: Gives the texts.
    """

    def __init__(self, read: Callable[[], Iterable[str]]) -> None:
        self._read = read

    @cached_property
    def _texts(self) -> tuple[str, ...]:
        return tuple(self._read())

    def __len__(self) -> int:
        return len(self._texts)

    @overload
    def __getitem__(self, index: int) -> str: ...

    @overload
    def __getitem__(self, index: slice) -> Sequence[str]: ...

    def __getitem__(self, index: int | slice) -> str | Sequence[str]:
        return self._texts[index]
