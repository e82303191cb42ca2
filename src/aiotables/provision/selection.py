"""Which tables of a manifest are meant, by globs on `target/key`."""

import re
from collections.abc import Callable, Iterable, Iterator
from fnmatch import translate
from functools import cached_property
from typing import TypeVar

from aiotables.core.classes import define, field
from aiotables.core.errors import SettingsError
from aiotables.provision.desired import Desired


T = TypeVar("T")


def _tuple(globs: Iterable[str]) -> tuple[str, ...]:
    return tuple(globs)


@define(kw_only=True, slots=False)
class Selection:
    """
    The tables whose `target/key` matches, by case; a `*` stands for any text, slashes included.

    Args:
        only: Globs of which a table has to match one; when there are none, every table is taken.
        without: Globs of which a table may match none.
    """

    only: tuple[str, ...] = field(default=(), converter=_tuple)
    without: tuple[str, ...] = field(default=(), converter=_tuple)

    @property
    def is_everything(self) -> bool:
        """Whether every table is meant."""
        return not (self.only or self.without)

    def takes(self, desired: Desired) -> bool:
        """Whether a table is meant."""
        name = f"{desired.target}/{desired.key}"
        return (not self.only or _any(self._only, name)) and not _any(self._without, name)

    def of(self, tables: Iterable[Desired]) -> Iterator[Desired]:
        """Those that are meant."""
        return iter(tables) if self.is_everything else (each for each in tables if self.takes(each))

    def check(self, tables: Iterable[Desired]) -> Iterator[Desired]:
        """
        Those that are meant.

        Raises:
            SettingsError: At the end, when a glob matched no table: it is most likely misspelt.
        """
        return self.check_in(tables, lambda desired: desired)

    def check_in(self, items: Iterable[T], of: Callable[[T], Desired]) -> Iterator[T]:
        """
        The same of what has a table.

        Args:
            items: What has one.
            of: The table of each.

        Raises:
            SettingsError: As `check` does.
        """
        idle = dict(zip(self._globs, self._patterns, strict=True))
        for item in items:
            desired = of(item)
            name = f"{desired.target}/{desired.key}"
            idle = (
                {glob: pattern for glob, pattern in idle.items() if not pattern.match(name)} if idle else idle
            )
            if self.takes(desired):
                yield item
        if idle:
            message = (
                f"no table matches {', '.join(map(repr, idle))}; tables go by target/key, such as 'crm/*'"
            )
            raise SettingsError(message)

    @property
    def _globs(self) -> tuple[str, ...]:
        return (*self.only, *self.without)

    @property
    def _patterns(self) -> tuple[re.Pattern[str], ...]:
        return (*self._only, *self._without)

    @cached_property
    def _only(self) -> tuple[re.Pattern[str], ...]:
        return _compiled(self.only)

    @cached_property
    def _without(self) -> tuple[re.Pattern[str], ...]:
        return _compiled(self.without)


def _compiled(globs: Iterable[str]) -> tuple[re.Pattern[str], ...]:
    return tuple(re.compile(translate(glob)) for glob in globs)


def _any(patterns: Iterable[re.Pattern[str]], name: str) -> bool:
    return any(pattern.match(name) for pattern in patterns)


EVERYTHING = Selection()
