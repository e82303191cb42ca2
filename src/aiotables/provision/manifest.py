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

from aiotables.core.classes import frozen
from aiotables.core.slips import did_you_mean
from aiotables.provision.form import included_form, manifest_form, service_of
from aiotables.provision.parts import faulty, gathered, read_parts, with_defaults
from aiotables.provision.problems import Faults, ManifestError
from aiotables.provision.references import check_references
from aiotables.provision.tables import AnyTemplate, ExtructTemplate, ZangTableTemplate, read_table
from aiotables.provision.targets import AnyTarget, ExtructTarget, Target, ZangTableTarget, read_target
from aiotables.provision.tree import Node


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

    files: tuple[Path, ...]
    """The manifest's own file, and those that it includes."""

    name: str
    """What the manifest calls itself: part of each table's identity."""

    targets: Mapping[str, AnyTarget]
    """Targets by name."""

    tables: tuple[AnyTemplate, ...]


def load_manifest(path: Path, *, environ: Mapping[str, str] | None) -> Manifest:
    """
    Read and check a manifest without expanding it.

    Files of rows are opened for their headers alone; what only their rows can show, such as two tables with
    one name, is found by `load` and `expand_checked` of `aiotables.provision.expand`.

    Args:
        path: The file, YAML or JSON.
        environ: The environment, which has to hold the tokens that the targets name; `None` looks for no token.

    Raises:
        ManifestError: With every problem that was found.
    """
    faults = Faults()
    manifest = read_manifest(path, environ=environ, faults=faults)
    if manifest is None or faults:
        raise ManifestError(faults.sorted())
    return manifest


def read_manifest(path: Path, *, environ: Mapping[str, str] | None, faults: Faults) -> Manifest | None:
    """What could be read of a manifest, without the tables that are wrong; what is wrong goes to *faults*."""
    parts = read_parts(path, faults)
    if not parts:
        return None

    targets = gathered(parts, "targets", faults)
    services = {name: service for name, node in targets.items() if (service := service_of(node)) is not None}
    for part in parts:
        form = manifest_form(services) if part is parts[0] else included_form(services)
        form.fits(part.root, faults)

    defaults = gathered(parts, "defaults", faults)
    tables = _Tables(targets, services, defaults, faults)
    read = {
        name: read_target(name, node, environ=environ, faults=faults)
        for name, node in targets.items()
        if not faulty(node, faults)
    }
    _check_projects(read, targets, faults)
    return Manifest(
        path=path,
        files=tuple(part.file for part in parts),
        name=_text(parts[0].root, "manifest"),
        targets=read,
        tables=tuple(table for part in parts for table in tables.read(part.root)),
    )


def _check_projects(targets: Mapping[str, AnyTarget], nodes: Mapping[str, Node], faults: Faults) -> None:
    """A project that is to be made has one target, which begins with its tables, and a file for its token."""
    zangtable = [target for target in targets.values() if isinstance(target, ZangTableTarget)]
    for target in zangtable:
        if target.create_project is None:
            continue
        others = [other for other in zangtable if other is not target and other.base_url == target.base_url]
        node = nodes[target.name].fields["create_project"]
        if any(other.project == target.project for other in others):
            message = (
                f"another target leads to the project {target.project}; one that is to be made has one target"
            )
            faults.add(node.place, node.path, message)
        files = [other.create_project.token_file for other in others if other.create_project is not None]
        if target.create_project.token_file in files:
            place = node.fields["token_file"]
            faults.add(place.place, place.path, "each project needs a file of its own for its token")


@frozen
class _Tables:
    """What the tables of all files need to be read."""

    targets: Mapping[str, Node]
    services: Mapping[str, str]
    defaults: Mapping[str, Node]
    faults: Faults

    def read(self, root: Node) -> Iterator[AnyTemplate]:
        """The tables of one file, without those that are wrong."""
        tables = _field(root, "tables")
        for node in tables.items if tables is not None and isinstance(tables.value, tuple) else ():
            table = self._table(node)
            if table is not None:
                yield table

    def _table(self, node: Node) -> AnyTemplate | None:
        self._check_targets(node)
        target = _text(node, "target")
        service = self.services.get(target, "")
        whole = with_defaults(node, _field(self.targets.get(target), "defaults"), self.defaults.get(service))
        files = check_references(whole, self.faults)
        if faulty(whole, self.faults) or not files.complete or not service:
            return None
        table = read_table(whole, files, service=service, faults=self.faults)
        return None if faulty(whole, self.faults) else table

    def _check_targets(self, table: Node) -> None:
        depends_on = _field(table, "depends_on")
        others = depends_on.value if depends_on is not None and isinstance(depends_on.value, tuple) else ()
        for node in (table, *others):
            target = _field(node, "target")
            if target is not None and isinstance(target.value, str) and target.value not in self.targets:
                known = ", ".join(self.targets) or "none"
                meant = did_you_mean(target.value, tuple(self.targets))
                message = f'no target "{target.value}"{meant}; there are {known}'
                self.faults.add(target.place, target.path, message)


def _field(node: Node | None, key: str) -> Node | None:
    return node.value.get(key) if node is not None and isinstance(node.value, dict) else None


def _text(node: Node, key: str) -> str:
    field = _field(node, key)
    return field.value if field is not None and isinstance(field.value, str) else ""
