"""All generated files of a service, in memory; and how they differ from those on disk."""

import difflib
from collections.abc import Iterator
from pathlib import Path

from codegen.bundle import bundle
from codegen.models import generate_models
from codegen.operations import generate_operations, sent_schemas
from codegen.shapes import reachable
from codegen.source import header
from codegen.spec import load


def generated_files(folder: Path) -> dict[str, str]:
    """
    Names and contents of the files that are generated of the fragments in *folder*.

    Raises:
        SpecError: The fragments cannot be read, or hold what cannot be generated.
        UserWarning: The model generator could not do a schema justice.
    """
    service = folder.name
    spec = load(folder)
    document = bundle(spec)
    schemas = document["components"]["schemas"]
    models = generate_models(service, schemas, reachable(schemas, sent_schemas(document)))
    return {
        "__init__.py": _package(service),
        "models.py": models.source,
        "operations.py": generate_operations(service, spec, models.class_names),
    }


def _package(service: str) -> str:
    """A package whose modules are imported when they are first asked for."""
    about = f"What is generated of the fragments of {service}."
    return f"""{header(service, about, ["models", "operations"])}
from typing import TYPE_CHECKING

from aiotables._lazy import lazy


if TYPE_CHECKING:
    from aiotables.{service}._generated import models, operations

__getattr__ = lazy(__name__, dict.fromkeys(__all__, __name__))
"""


def write(files: dict[str, str], target: Path) -> None:
    """Make *target* hold *files* and no other Python file."""
    target.mkdir(parents=True, exist_ok=True)
    for name in _present(target) - files.keys():
        (target / name).unlink()
    for name, content in files.items():
        (target / name).write_text(content, encoding="utf-8", newline="\n")


def differences(files: dict[str, str], target: Path) -> Iterator[str]:
    """Lines of a unified diff from what *target* holds to *files*; none when they are the same."""
    for name in sorted(_present(target) | files.keys()):
        path = target / name
        # As bytes, since reading as text would hide other line ends.
        committed = path.read_bytes().decode("utf-8", "replace") if path.exists() else ""
        fresh = files.get(name, "")
        diff = difflib.unified_diff(
            committed.splitlines(keepends=True), fresh.splitlines(keepends=True), path.as_posix(), "generated"
        )
        yield from (line.rstrip("\n") for line in diff)


def _present(target: Path) -> set[str]:
    return {path.name for path in target.glob("*.py")}
