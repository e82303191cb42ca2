"""
The manifest: what tables should exist, and where.

```yaml
manifest: music-saas
targets:
  crm: {service: zangtable, project: music}
tables:
  - target: crm
    for_each: tenants.csv          # one table for each row
    name: "${slug}_Artist"         # ${column} of the row; $$ is a plain $
    columns:
      - {name: ArtistId, type: INTEGER, primary: true, nullable: false}
      - {name: Name}
```

Every field is described by `aiotables.provision.form`, and by the JSON Schema that `aiotables schema` prints.
"""

from collections.abc import Iterator, Mapping
from pathlib import Path

from attrs import frozen

from aiotables.provision.form import manifest_form, service_of
from aiotables.provision.problems import Faults, ManifestError, did_you_mean
from aiotables.provision.references import check_references
from aiotables.provision.tables import AnyTemplate, ExtructTemplate, ZangTableTemplate, read_table
from aiotables.provision.targets import AnyTarget, ExtructTarget, Target, ZangTableTarget, read_target
from aiotables.provision.tree import Node, read_tree


__all__ = [
    "AnyTarget",
    "AnyTemplate",
    "ExtructTarget",
    "ExtructTemplate",
    "Manifest",
    "Target",
    "ZangTableTarget",
    "ZangTableTemplate",
    "load_manifest",
    "read_manifest",
]


@frozen(kw_only=True)
class Manifest:
    """A manifest, its tables still templates: `aiotables.provision.expand` makes tables of them."""

    path: Path

    name: str
    """What the manifest calls itself: part of each table's identity."""

    targets: Mapping[str, AnyTarget]
    """Targets by name."""

    tables: tuple[AnyTemplate, ...]


def load_manifest(path: Path, *, environ: Mapping[str, str]) -> Manifest:
    """
    Read and check a manifest without expanding it.

    Files of rows are opened for their headers alone; what only their rows can show, such as two tables with
    one name, is found by `aiotables.provision.expand.load`.

    Args:
        path: The file, YAML or JSON.
        environ: The environment, which has to hold the tokens that the targets name.

    Raises:
        ManifestError: With every problem that was found.
    """
    faults = Faults()
    manifest = read_manifest(path, environ=environ, faults=faults)
    if manifest is None or faults:
        raise ManifestError(faults.sorted())
    return manifest


def read_manifest(path: Path, *, environ: Mapping[str, str], faults: Faults) -> Manifest | None:
    """What could be read of a manifest, without the tables that are wrong; what is wrong goes to *faults*."""
    root = read_tree(path, faults)
    if root is None:
        return None

    targets = _entries(root, "targets")
    services = {name: service for name, node in targets.items() if (service := service_of(node)) is not None}
    manifest_form(services).fits(root, faults)

    name = _entries(root).get("manifest")
    return Manifest(
        path=path,
        name=name.value if name is not None and isinstance(name.value, str) else "",
        targets={
            name: read_target(name, node, environ=environ, faults=faults)
            for name, node in targets.items()
            if not faults.inside(node.path)
        },
        tables=tuple(_tables(root, services, path.parent, faults)),
    )


def _entries(node: Node, key: str | None = None) -> Mapping[str, Node]:
    """The values of a mapping, or of the mapping under a key of it; none when it is something else."""
    fields = node.value if isinstance(node.value, dict) else {}
    if key is None:
        return fields
    return _entries(fields[key]) if key in fields else {}


def _tables(root: Node, services: Mapping[str, str], folder: Path, faults: Faults) -> Iterator[AnyTemplate]:
    tables = _entries(root).get("tables")
    for node in tables.items if tables is not None and isinstance(tables.value, tuple) else ():
        _check_target(node, tuple(_entries(root, "targets")), faults)
        files = check_references(node, folder, faults)
        if faults.inside(node.path) or not files.complete:
            continue
        service = services.get(node.fields["target"].text)
        if service is not None:
            table = read_table(node, files, service=service, faults=faults)
            if not faults.inside(node.path):
                yield table


def _check_target(table: Node, targets: tuple[str, ...], faults: Faults) -> None:
    depends_on = _entries(table).get("depends_on")
    others = depends_on.value if depends_on is not None and isinstance(depends_on.value, tuple) else ()
    for node in (table, *others):
        _check_name(_entries(node).get("target"), targets, faults)


def _check_name(target: Node | None, targets: tuple[str, ...], faults: Faults) -> None:
    if target is not None and isinstance(target.value, str) and target.value not in targets:
        known = ", ".join(targets) or "none"
        message = f'no target "{target.value}"{did_you_mean(target.value, targets)}; there are {known}'
        faults.add(target.place, target.path, message)
