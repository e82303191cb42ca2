"""Writes a manifest as YAML with comments; one that is too large for a file in several, which it includes."""

import json
import re
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any, Final

from aiotables.provision.importing.found import Entry


MOST_BYTES: Final = 1024 * 1024
"""Bytes of tables in one file. What reads manifests takes four times as many."""

MOST_NODES: Final = 50_000
"""Values in one file. What reads manifests takes four times as many."""

LONGEST: Final = 100
"""Characters of a mapping or list that is written in one line."""

NOT_CARRIED: Final = "not carried over:"

_PLAIN = re.compile(r"[A-Za-z_](?:[A-Za-z0-9_./ -]*[A-Za-z0-9_])?")
_WORDS = frozenset({"true", "false", "null", "yes", "no", "on", "off", "y", "n"})
"""Of these some readers of YAML make something else than text."""


class ManifestText:
    """
    The text of a manifest, made while tables come in.

    Args:
        name: What the manifest calls itself.
        targets: Its targets.

    Attributes:
        tables: How many tables came in.
    """

    def __init__(self, name: str, targets: Mapping[str, Any]) -> None:
        self._head = [f"manifest: {scalar(name)}", "targets:", *block(targets, 2)]
        self._full: list[str] = []
        self._lines: list[str] = []
        self._bytes = self._nodes = 0
        self.tables = 0

    def add(self, entries: Iterable[Entry]) -> None:
        """Take entries in."""
        for entry in entries:
            lines = [*_comments(entry), *(_item(entry.fields) if entry.fields else ())]
            size, nodes = sum(len(line.encode()) + 1 for line in lines), count(entry.fields)
            if self._lines and (self._bytes + size > MOST_BYTES or self._nodes + nodes > MOST_NODES):
                self._close()
            self._lines += lines
            self.tables += bool(entry.fields)
            self._bytes += size
            self._nodes += nodes

    def _close(self) -> None:
        self._full.append(_text(["tables:", *self._lines]))
        self._lines = []
        self._bytes = self._nodes = 0

    def files(self, file: Path) -> Iterator[tuple[Path, str]]:
        """
        Name and text of each file, the manifest last.

        Args:
            file: The manifest; the others stand beside it.
        """
        if not self._full:
            yield file, _text([*self._head, "tables:", *self._lines])
            return
        self._close()
        names = [f"{file.stem}-{number}.yaml" for number in range(1, len(self._full) + 1)]
        for name, text in zip(names, self._full, strict=True):
            yield file.with_name(name), text
        yield file, _text([*self._head, "include:", *(f"  - {scalar(name)}" for name in names)])


def _text(lines: Iterable[str]) -> str:
    return "".join(f"{line}\n" for line in lines)


def _comments(entry: Entry) -> Iterator[str]:
    if not entry.notes:
        return
    yield f"  # {NOT_CARRIED}" if entry.fields else "  # left out:"
    # A line break of any kind would end the comment.
    yield from (f"  # - {' '.join(note.split())}" for note in map(_shown, entry.notes))


def _shown(note: str) -> str:
    return "".join(char if char.isprintable() else " " for char in note)


def _item(fields: Mapping[str, Any]) -> Iterator[str]:
    first, *rest = block(fields, 4)
    yield f"  - {first.lstrip()}"
    yield from rest


def count(value: Any) -> int:  # noqa: ANN401 - JSON
    """How many values there are in JSON, keys included."""
    if isinstance(value, Mapping):
        return 1 + sum(1 + count(item) for item in value.values())
    return 1 + sum(map(count, value)) if isinstance(value, list | tuple) else 1


def block(value: Mapping[str, Any], indent: int) -> Iterator[str]:
    """The lines of a mapping, each key on its own."""
    margin = " " * indent
    for key, item in value.items():
        line = f"{margin}{scalar(key)}:"
        short = flow(item)
        if not _has_parts(item) or (len(line) + len(short) < LONGEST and not _is_records(item)):
            yield f"{line} {short}"
        elif isinstance(item, Mapping):
            yield line
            yield from block(item, indent + 2)
        else:
            yield line
            yield from _list(item, indent + 2)


def _has_parts(value: object) -> bool:
    return bool(value) and isinstance(value, Mapping | list | tuple)


def _is_records(value: object) -> bool:
    """Whether it is a list of several mappings, which are read more easily one below the other."""
    return (
        isinstance(value, list | tuple)
        and len(value) > 1
        and all(isinstance(each, Mapping) for each in value)
    )


def _list(items: Iterable[Any], indent: int) -> Iterator[str]:
    margin = " " * indent
    for item in items:
        short = flow(item)
        if not isinstance(item, Mapping) or len(short) + indent < LONGEST:
            yield f"{margin}- {short}"
            continue
        first, *rest = block(item, indent + 2)
        yield f"{margin}- {first.lstrip()}"
        yield from rest


def flow(value: Any) -> str:  # noqa: ANN401 - JSON
    """JSON in one line of YAML."""
    if isinstance(value, Mapping):
        return "{" + ", ".join(f"{scalar(key)}: {flow(item)}" for key, item in value.items()) + "}"
    if isinstance(value, list | tuple):
        return "[" + ", ".join(map(flow, value)) + "]"
    return scalar(value)


def scalar(value: Any) -> str:  # noqa: ANN401 - JSON
    """A single value of YAML: text without quotes where no reader can take it for something else."""
    if isinstance(value, str) and _PLAIN.fullmatch(value) and value.lower() not in _WORDS:
        return value
    # JSON is YAML, too.
    return json.dumps(value, ensure_ascii=not (isinstance(value, str) and value.isprintable()))
