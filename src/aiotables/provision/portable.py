"""Desired tables and targets as JSON, to be carried to the workers that make them. Tokens are in neither."""

from collections.abc import Callable, Iterable, Mapping
from functools import partial
from operator import eq
from pathlib import Path
from typing import Any, Final, Union

import cattrs
import orjson
from attrs import asdict
from cattrs.strategies import configure_tagged_union

from aiotables.core.sentinels import Unset
from aiotables.provision.desired import Desired, ExtructSpec, RowSource, Spec
from aiotables.provision.problems import Place
from aiotables.provision.targets import AnyTarget, ExtructTarget, ZangTableTarget
from aiotables.provision.template import Reference, Template, Templated


Rows = RowSource | tuple[dict[str, Any], ...]
"""What an Extruct table has as its rows."""

Default = str | int | float | bool | Unset | None
"""What a ZangTable column has as its default."""


def desired_json(tables: Iterable[Desired]) -> bytes:
    """Desired tables, as JSON."""
    return orjson.dumps([_converter.unstructure(table) for table in tables])


def desired_of(data: bytes) -> list[Desired]:
    """The desired tables that `desired_json` wrote."""
    return _converter.structure(orjson.loads(data), list[Desired])


def targets_json(targets: Mapping[str, AnyTarget]) -> dict[str, Any]:
    """Targets by name, as JSON: where the token is found, and never the token."""
    return {name: {"service": target.service, **asdict(target)} for name, target in targets.items()}


def targets_of(data: Mapping[str, Mapping[str, Any]]) -> dict[str, AnyTarget]:
    """The targets that `targets_json` wrote."""
    return {name: _target(**facts) for name, facts in data.items()}


def _target(*, service: str, **facts: Any) -> AnyTarget:  # noqa: ANN401 -- the fields of a target
    return ZangTableTarget(**facts) if service == ZangTableTarget.service else ExtructTarget(**facts)


def row_files(tables: Iterable[Desired]) -> set[Path]:
    """The files that the rows of these tables are read from: a worker needs them, too."""
    specs = (table.spec for table in tables)
    sources = (spec.rows for spec in specs if isinstance(spec, ExtructSpec))
    return {source.file.path for source in sources if isinstance(source, RowSource)}


def _parts(template: Template) -> dict[str, Any]:
    parts = [{"column": part.column} if isinstance(part, Reference) else part for part in template.parts]
    return {"parts": parts, "place": asdict(template.place), "path": template.path}


def _template(data: Mapping[str, Any]) -> Template:
    parts = [part if isinstance(part, str) else Reference(part["column"]) for part in data["parts"]]
    return Template(tuple(parts), Place(**data["place"]), data["path"])


def _templated_json(value: Templated) -> Any:  # noqa: ANN401 -- JSON
    """Each list, mapping and template stands in a list that says which of them it is."""
    if isinstance(value, Template):
        return ["template", _parts(value)]
    if isinstance(value, list):
        return ["list", [_templated_json(item) for item in value]]
    if isinstance(value, dict):
        return ["map", {key: _templated_json(item) for key, item in value.items()}]
    return value


def _templated(value: Any) -> Templated:  # noqa: ANN401 -- JSON
    if not isinstance(value, list):
        plain: Templated = value
        return plain
    kind, inner = value
    if kind == "template":
        return _template(inner)
    if kind == "list":
        return [_templated(item) for item in inner]
    return {key: _templated(item) for key, item in inner.items()}


def _make() -> cattrs.Converter:
    converter = cattrs.Converter(omit_if_default=True)
    hooks: list[tuple[Any, Callable[[Any], Any], Callable[[Any, Any], Any]]] = [
        (Path, str, lambda value, _: Path(value)),
        # Left out where it is not set, so it is never met.
        (Default, lambda value: value, lambda value, _: value),
        (Rows, _rows_json, _rows),
        (Union[dict[str, Templated], None], _data_json, _data),  # noqa: UP007 -- a text in a union needs the long form
    ]
    for kind, there, back in hooks:
        converter.register_unstructure_hook_func(partial(eq, kind), there)
        converter.register_structure_hook_func(partial(eq, kind), back)
    configure_tagged_union(Spec, converter, tag_name="service", tag_generator=lambda kind: kind.__name__)
    return converter


def _rows_json(rows: Rows) -> Any:  # noqa: ANN401 -- JSON
    return _converter.unstructure(rows, RowSource) if isinstance(rows, RowSource) else list(rows)


def _rows(value: Any, _: object) -> Rows:  # noqa: ANN401 -- JSON
    return _converter.structure(value, RowSource) if isinstance(value, dict) else tuple(value)


def _data_json(data: dict[str, Templated] | None) -> Any:  # noqa: ANN401 -- JSON
    return None if data is None else {key: _templated_json(value) for key, value in data.items()}


def _data(value: Any, _: object) -> dict[str, Templated] | None:  # noqa: ANN401 -- JSON
    return None if value is None else {key: _templated(item) for key, item in value.items()}


_converter: Final = _make()
