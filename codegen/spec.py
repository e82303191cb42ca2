"""
The fragments of one service, read once: what lint and the generators stand on.

`load` reads the folder, `Spec.operations` and `Spec.schemas` go through what the root lists, `Spec.resolve` follows a
`$ref`. Nothing outside the folder is ever opened.
"""

import os
import posixpath
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final

from attrs import evolve, frozen

from codegen.documents import Document, Pointer, Problem, SpecError, dotted, read


__all__ = [
    "BYTES",
    "JSON",
    "METHODS",
    "ROOT",
    "Found",
    "Location",
    "OperationAt",
    "Problem",
    "RefError",
    "SchemaAt",
    "Spec",
    "SpecError",
    "is_ref",
    "load",
    "mapping",
]

ROOT: Final = "openapi.yaml"
"""Name of the file that lists everything else."""

METHODS: Final = ("get", "put", "post", "delete", "options", "head", "patch", "trace")

JSON: Final = "application/json"
"""What bodies are."""

BYTES: Final = "application/octet-stream"
"""What the answer of a download is."""

_REF: Final = re.compile(r"(?P<file>[A-Za-z0-9_./-]*)#(?P<pointer>(?:/[^/#]+)+)")


class RefError(Exception):
    """A `$ref` that leads nowhere, or where it may not."""


@frozen
class Location:
    """A place in the fragments."""

    file: str
    """Path from the service's folder, with forward slashes."""

    path: Pointer = ()

    def child(self, *keys: str | int) -> "Location":
        """The place that *keys* lead to from here."""
        return evolve(self, path=(*self.path, *keys))


@frozen
class Found:
    """A value and where it is."""

    value: Any
    at: Location


@frozen
class OperationAt:
    """An operation and where it is."""

    path: str
    """Template of the URL's path."""

    method: str
    """Lower case, as in the fragment."""

    operation: dict[str, Any]
    at: Location

    @property
    def file(self) -> str:
        """The file it is in, to resolve its references from."""
        return self.at.file


@frozen
class SchemaAt:
    """A named schema and where it is."""

    name: str
    schema: dict[str, Any]
    at: Location

    @property
    def file(self) -> str:
        """The file it is in, to resolve its references from."""
        return self.at.file


@frozen
class Spec:
    """All fragments of one service."""

    folder: Path
    documents: dict[str, Document]
    """Each file by its path from the folder."""

    @property
    def root(self) -> dict[str, Any]:
        """The content of `openapi.yaml`."""
        return mapping(self.documents[ROOT].data)

    def line(self, at: Location) -> int:
        """Line that *at* begins in."""
        return self.documents[at.file].line(at.path)

    def problem(self, at: Location, message: str) -> Problem:
        """*message* about *at*, ready to be shown."""
        file = (self.folder / at.file).as_posix()
        return Problem(file=file, line=self.line(at), path=dotted(at.path), message=message)

    def resolve(self, ref: str, from_file: str) -> Found:
        """
        What a `$ref` in *from_file* points at; a reference to a reference is followed to its end.

        Raises:
            RefError: It is no reference to a named part of a file of this folder, or there is no such part.
        """
        seen: set[Location] = set()
        while True:
            found = self._look_up(ref, from_file)
            if found.at in seen:
                message = f"{ref!r} goes in a circle"
                raise RefError(message)

            seen.add(found.at)
            if not is_ref(found.value):
                return found

            ref, from_file = found.value["$ref"], found.at.file

    def follow(self, found: Found) -> Found:
        """*found* itself, or what it points at when it is a `$ref`."""
        return self.resolve(found.value["$ref"], found.at.file) if is_ref(found.value) else found

    def operations(self) -> Iterator[OperationAt]:
        """Every operation, in the order of the root's paths."""
        for path, entry in mapping(self.root.get("paths")).items():
            item = self.follow(Found(entry, Location(ROOT, ("paths", path))))
            for method in METHODS:
                if method in mapping(item.value):
                    yield OperationAt(path, method, mapping(item.value[method]), item.at.child(method))

    def schemas(self) -> Iterator[SchemaAt]:
        """Every named schema, in the order of the root's components."""
        for name, found in self.components("schemas"):
            yield SchemaAt(name, mapping(found.value), found.at)

    def components(self, section: str) -> Iterator[tuple[str, Found]]:
        """Name and place of everything in a section of the root's components."""
        entries = mapping(mapping(self.root.get("components")).get(section))
        for name, entry in entries.items():
            yield name, self.follow(Found(entry, Location(ROOT, ("components", section, name))))

    def _look_up(self, ref: str, from_file: str) -> Found:
        match = _REF.fullmatch(ref)
        if match is None or match["file"].startswith("/"):
            message = f"{ref!r} is no reference to a named part of a local file"
            raise RefError(message)

        file = posixpath.normpath(posixpath.join(posixpath.dirname(from_file), match["file"]))
        at = Location(file if match["file"] else from_file)
        if at.file not in self.documents:
            message = f"{ref!r} leads to no file of this folder"
            raise RefError(message)

        value = self.documents[at.file].data
        for key in match["pointer"][1:].split("/"):
            name = key.replace("~1", "/").replace("~0", "~")
            if name not in mapping(value):
                message = f"{ref!r} leads to nothing: there is no {name!r}"
                raise RefError(message)

            value, at = mapping(value)[name], at.child(name)
        return Found(value, at)


def load(folder: Path) -> Spec:
    """
    Read all YAML files of a service's folder.

    Raises:
        SpecError: A file cannot be read, or there is no root; the problems of all files are told together.
    """
    documents: dict[str, Document] = {}
    problems: list[Problem] = []
    for name in sorted(_files(folder)):
        try:
            documents[name] = read(folder / name)
        except SpecError as error:
            problems.extend(error.problems)

    if not problems and ROOT not in documents:
        problems.append(Problem((folder / ROOT).as_posix(), 1, "", "there is no such file"))

    if problems:
        raise SpecError(problems)

    return Spec(folder=folder, documents=documents)


def mapping(value: object) -> dict[str, Any]:
    """*value* if it is an object, else an empty one: a fragment may hold anything where an object is expected."""
    return value if isinstance(value, dict) else {}


def is_ref(value: object) -> bool:
    """Whether *value* is an object with a `$ref`."""
    return isinstance(mapping(value).get("$ref"), str)


def _files(folder: Path) -> Iterator[str]:
    """Names of the YAML files in *folder*; links are left out, since they may lead anywhere."""
    for parent, _, names in os.walk(folder):
        for name in names:
            file = Path(parent, name)
            if file.suffix == ".yaml" and not file.is_symlink():
                yield file.relative_to(folder).as_posix()
