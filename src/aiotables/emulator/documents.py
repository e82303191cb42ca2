"""Files that tell the emulator something: YAML, JSON, or JSON lines."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import orjson


YAML_ENDINGS = (".yaml", ".yml")

LINES_ENDINGS = (".jsonl", ".ndjson")

ENDINGS = (*YAML_ENDINGS, ".json", *LINES_ENDINGS)


def read_document(file: Path) -> Any:  # noqa: ANN401 - whatever the file holds
    """
    What *file* holds; of JSON lines, the list of them.

    Times in YAML stay texts, as they are in JSON.

    Raises:
        ValueError: It is no such file; the message names it.
        OSError: It cannot be read.
    """
    if file.suffix in LINES_ENDINGS:
        return [value for _, value in _lines(file)]

    if file.suffix in YAML_ENDINGS:
        return _yaml(file)

    if file.suffix == ".json":
        return _json(file.read_bytes(), f"{file}")

    msg = f"{file}: the name of the file ends in none of {', '.join(ENDINGS)}"
    raise ValueError(msg)


def read_entries(file: Path) -> Iterator[tuple[str, Any]]:
    """
    The entries of the list that *file* holds, each with where it stands.

    Raises:
        ValueError: It is no such file, or holds no list; the message names it.
        OSError: It cannot be read.
    """
    if file.suffix in LINES_ENDINGS:
        yield from _lines(file)
        return

    entries = read_document(file)
    if not isinstance(entries, list):
        msg = f"{file}: the file holds no list"
        raise ValueError(msg)  # noqa: TRY004 - one kind of error for all that can be wrong with a file

    for number, entry in enumerate(entries, 1):
        yield f"{file}, entry {number}", entry


def _lines(file: Path) -> Iterator[tuple[str, Any]]:
    for number, line in enumerate(file.read_bytes().splitlines(), 1):
        if line.strip():
            place = f"{file}, line {number}"
            yield place, _json(line, place)


def _json(text: bytes, place: str) -> Any:  # noqa: ANN401 - whatever the file holds
    try:
        return orjson.loads(text)
    except orjson.JSONDecodeError as error:
        msg = f"{place}: no JSON: {error}"
        raise ValueError(msg) from error


def _yaml(file: Path) -> Any:  # noqa: ANN401 - whatever the file holds
    try:
        import yaml
    except ImportError as error:
        msg = f"{file}: reading YAML needs PyYAML, which comes with aiotables[cli]; JSON does without"
        raise ValueError(msg) from error

    class Loader(yaml.SafeLoader):
        yaml_implicit_resolvers = {  # noqa: RUF012 - PyYAML's own way of declaring them
            first: [(tag, pattern) for tag, pattern in found if not tag.endswith(":timestamp")]
            for first, found in yaml.SafeLoader.yaml_implicit_resolvers.items()
        }

    try:
        return yaml.load(file.read_bytes(), Loader)  # noqa: S506 - a safe loader
    except (yaml.YAMLError, ValueError) as error:
        msg = f"{file}: no YAML: {error}"
        raise ValueError(msg) from error
