"""Expands a manifest into desired tables, as a stream: nothing here grows with the number of tables."""

from collections import Counter, deque
from collections.abc import Generator, Iterable, Iterator, Mapping
from contextlib import closing
from pathlib import Path

from aiotables.provision.desired import Desired
from aiotables.provision.examination import Examination
from aiotables.provision.expansion import expansion, from_source, source_of
from aiotables.provision.manifest import Manifest, read_manifest
from aiotables.provision.ordering import Ordering
from aiotables.provision.problems import SHOWN, Faults, ManifestError, Problem


def load(path: Path, *, environ: Mapping[str, str] | None = None) -> Manifest:
    """
    Read a manifest, and check it and every table that it expands to.

    `load_manifest` is for those who read all tables anyway, with `expand_checked`.

    Args:
        path: The file, YAML or JSON.
        environ: The environment, which has to hold the tokens that the targets name; `None`, where clients are at hand,
            looks for no token and for no URL.

    Raises:
        ManifestError: With the problems of the manifest and, at most 50, of its expansion together.
    """
    faults = Faults()
    manifest = read_manifest(path, environ=environ, faults=faults)
    if manifest is not None:
        faults.take(check(manifest))
    if manifest is None or faults:
        raise ManifestError(faults.sorted())
    return manifest


def expand(manifest: Manifest) -> Iterator[Desired]:
    """
    Every table that should exist, after those it depends on, and otherwise in the order of the manifest and of its
    files' rows.

    Duplicates and dependencies that cannot be are not looked for: `load`, `check` and `expand_checked` do.

    Raises:
        ManifestError: At the first table that cannot be made.
    """
    if any(table.depends_on for table in manifest.tables):
        yield from _ordered(manifest)
        return
    for each in expansion(manifest):
        if isinstance(each.found, Problem):
            raise ManifestError([each.found])
        yield each.found


def count(manifest: Manifest) -> Counter[str]:
    """
    How many tables should exist, by target: from the rows alone, without making them.

    Raises:
        ManifestError: At the first row that cannot be read.
    """
    tables: Counter[str] = Counter()
    for table in manifest.tables:
        tables[table.target] += 1 if table.for_each is None else sum(1 for _ in table.for_each.rows())
    return tables


def _ordered(manifest: Manifest) -> Iterator[Desired]:
    with Ordering() as ordering:
        for each in expansion(manifest):
            if isinstance(each.found, Problem):
                raise ManifestError([each.found])
            ordering.add(each.found, source_of(each, each.found))
        yield from (desired for _, desired in _ranked(manifest, ordering))


def _ranked(manifest: Manifest, ordering: Ordering) -> Iterator[tuple[int, Desired]]:
    for level, source in ordering.ranked():
        yield level, from_source(manifest, source)


def check(manifest: Manifest, *, limit: int = SHOWN) -> list[Problem]:
    """
    What is wrong with the tables that a manifest expands to, found in one pass over them and their rows.

    Args:
        manifest: The manifest.
        limit: Stop after so many problems.
    """
    faults = Faults()
    with Examination(manifest) as examination:
        deque(_examined(manifest, examination, faults, limit), maxlen=0)
    return list(faults)


def expand_checked(manifest: Manifest) -> Iterator[tuple[int, Desired]]:
    """
    Every table that should exist with its level, and all that `check` looks for, in one pass.

    A table of level 0 depends on no other one; those of level *n* depend on one of *n* - 1, and on none above. Levels rise.
    What was given before it raises is of no use.

    Raises:
        ManifestError: With the problems that `check` finds; with tables that depend on others, before the first table.
    """
    faults = Faults()
    with Examination(manifest) as examination:
        with closing(_examined(manifest, examination, faults, SHOWN)) as tables:
            for desired in tables:
                if not examination.ordered:
                    yield 0, desired
        if faults:
            raise ManifestError(faults.sorted())
        yield from _ranked(manifest, examination.ordering)


def _examined(
    manifest: Manifest, examination: Examination, faults: Faults, limit: int
) -> Generator[Desired, None, None]:
    """The tables as far as nothing is wrong; what is goes to *faults*."""
    for each in expansion(manifest):
        if _full(faults, examination.look(each), limit):
            return
        if not faults and isinstance(each.found, Desired):
            yield each.found
    _full(faults, examination.rest(), limit)


def _full(faults: Faults, problems: Iterable[Problem], limit: int) -> bool:
    """Take problems until there are so many."""
    for problem in problems:
        faults.take([problem])
        if len(faults) >= limit:
            return True
    return False
