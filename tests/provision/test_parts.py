"""Tests of `aiotables.provision.parts`: manifests of several files, and defaults of tables."""

from collections.abc import Callable, Mapping
from pathlib import Path

import pytest

from aiotables.provision.desired import ExtructSpec, ZangTableSpec
from aiotables.provision.expand import expand, load
from aiotables.provision.manifest import load_manifest
from aiotables.provision.problems import ManifestError


Write = Callable[[str, str], Path]

MAIN = """
manifest: shop
include: [parts/tables.yaml, more.json]
targets: {crm: {service: zangtable, project: p}}
defaults: {zangtable: {columns: [{name: made_at}]}}
"""
TABLES = """
include: [deeper.yaml]
tables: [{target: crm, for_each: t.csv, name: "${slug}"}]
"""
DEEPER = "tables: [{target: research, name: B}]"
MORE = '{"targets": {"research": {"service": "extruct"}}, "defaults": {"extruct": {"kind": "people"}}}'


@pytest.fixture
def shop(write: Write, tmp_path: Path) -> Path:
    """A manifest of four files in two folders."""
    (tmp_path / "parts").mkdir()
    write("parts/t.csv", "slug\na\n")
    write("parts/tables.yaml", TABLES)
    write("parts/deeper.yaml", DEEPER)
    write("more.json", MORE)
    return write("m.yaml", MAIN)


def problems(path: Path, environ: Mapping[str, str]) -> list[str]:
    """The faults of a manifest, each with the name of its file, its line and its path."""
    with pytest.raises(ManifestError) as caught:
        load(path, environ=environ)
    return [
        f"{Path(each.file).name}:{each.line} {each.path}: {each.message}" for each in caught.value.problems
    ]


def test_files_are_read_as_one(shop: Path, environ: Mapping[str, str]) -> None:
    """Targets, defaults and tables of all files count everywhere; files of rows are found from the file that names them."""
    manifest = load(shop, environ=environ)
    zang, extruct = expand(manifest)

    assert ["m.yaml", "tables.yaml", "deeper.yaml", "more.json"] == [file.name for file in manifest.files]
    assert "shop" == manifest.name
    assert {"crm", "research"} == manifest.targets.keys()
    assert ("a", "t.csv:2") == (zang.name, zang.origin)
    assert isinstance(zang.spec, ZangTableSpec)
    assert ["made_at"] == [column.name for column in zang.spec.columns]
    assert isinstance(extruct.spec, ExtructSpec)
    assert "people" == extruct.spec.kind


@pytest.mark.parametrize(
    ("file", "text", "expected"),
    [
        (
            "more.json",
            '{"include": ["m.yaml"]}',
            "more.json:1 $.include[0]: files include each other: m.yaml → more.json → m.yaml",
        ),
        (
            "parts/deeper.yaml",
            "include: [deeper.yaml]",
            "deeper.yaml:1 $.include[0]: files include each other: deeper.yaml → deeper.yaml",
        ),
        (
            "more.json",
            '{"include": ["parts/deeper.yaml"]}',
            "more.json:1 $.include[0]: the file is included twice, first in {folder}/parts/tables.yaml:2",
        ),
        (
            "parts/deeper.yaml",
            "include: [../../m.yaml]",
            "deeper.yaml:1 $.include[0]: only files in the manifest's folder, {folder}, can be included",
        ),
        (
            "parts/deeper.yaml",
            "include: [/etc/hosts.yaml]",
            "deeper.yaml:1 $.include[0]: only files in the manifest's folder, {folder}, can be included",
        ),
        (
            "parts/deeper.yaml",
            "include: [nowhere.yaml]",
            "nowhere.yaml:1 : cannot be read: No such file or directory",
        ),
        (
            "parts/deeper.yaml",
            "include: [deeper.txt]",
            "deeper.yaml:1 $.include[0]: expected the name of a .yaml",
        ),
        ("parts/deeper.yaml", "include: ['']", "deeper.yaml:1 $.include[0]: expected the name of a .yaml"),
        ("parts/deeper.yaml", "include: x.yaml", "deeper.yaml:1 $.include: expected a list"),
        ("parts/deeper.yaml", "- a", "deeper.yaml:1 $: expected a mapping"),
        ("parts/deeper.yaml", "manifest: m", "deeper.yaml:1 $.manifest: only the manifest itself has a name"),
        (
            "parts/deeper.yaml",
            "targets: {crm: {service: extruct}}",
            'deeper.yaml:1 $.targets.crm: "crm" is there twice, first in {folder}/m.yaml:4',
        ),
        (
            "parts/deeper.yaml",
            "defaults: {zangtable: {}}",
            'deeper.yaml:1 $.defaults.zangtable: "zangtable" is there twice, first in {folder}/m.yaml:5',
        ),
        (
            "parts/deeper.yaml",
            "tables: [{target: crn, name: b}]",
            'deeper.yaml:1 $.tables[0].target: no target "crn" (did you mean crm?); there are crm, research',
        ),
    ],
)
def test_what_is_wrong_in_an_included_file(
    shop: Path, write: Write, environ: Mapping[str, str], file: str, text: str, expected: str
) -> None:
    """Each fault is told in the file and line where it is."""
    write(file, text)

    assert any(each.startswith(expected.format(folder=shop.parent)) for each in problems(shop, environ)), (
        problems(shop, environ)
    )


def test_a_link_does_not_lead_out(shop: Path, environ: Mapping[str, str], tmp_path: Path) -> None:
    """A symbolic link to a file elsewhere is followed before it is judged."""
    inner = tmp_path / "inner"
    inner.mkdir()
    (inner / "m.yaml").write_text("manifest: m\ninclude: [link.json]\n", encoding="utf-8")
    (inner / "link.json").symlink_to(tmp_path / "more.json")

    assert [
        f"m.yaml:2 $.include[0]: only files in the manifest's folder, {inner}, can be included"
    ] == problems(inner / "m.yaml", environ)


def test_the_same_path_in_two_files(shop: Path, write: Write, environ: Mapping[str, str]) -> None:
    """A fault in the first table of one file does not hide one in the first table of another."""
    write("parts/tables.yaml", 'include: [deeper.yaml]\ntables: [{target: crm, name: "1"}]\n')
    write("parts/deeper.yaml", "tables: [{target: crm, name: t, columns: [{name: a}, {name: A}]}]\n")

    assert ["deeper.yaml:1", "tables.yaml:2"] == [each.split()[0] for each in problems(shop, environ)]


# Defaults

DEFAULTS = """
manifest: m
targets:
  one: {service: zangtable, project: p, defaults: {display_name: "One", protect: true}}
  two: {service: zangtable, project: q}
defaults:
  zangtable: {display_name: Service, columns: [{name: a}], for_each: t.csv}
tables:
  - {target: one, name: "${slug}_1"}
  - {target: one, name: "${slug}_2", display_name: Own, protect: false}
  - {target: two, name: "${slug}_3", columns: []}
"""


def test_what_gives_a_field(write: Write, environ: Mapping[str, str]) -> None:
    """A table's own field goes before that of its target, and this one before that of the service; none is merged."""
    write("t.csv", "slug\nx\n")

    tables = {each.name: each for each in expand(load(write("m.yaml", DEFAULTS), environ=environ))}
    specs = {name: each.spec for name, each in tables.items() if isinstance(each.spec, ZangTableSpec)}

    assert {"x_1": "One", "x_2": "Own", "x_3": "Service"} == {
        n: each.display_name for n, each in specs.items()
    }
    assert {"x_1": True, "x_2": False, "x_3": False} == {n: each.protect for n, each in tables.items()}
    assert {"x_1": 1, "x_2": 1, "x_3": 0} == {n: len(each.columns) for n, each in specs.items()}


@pytest.mark.parametrize(
    ("old", "new", "expected"),
    [
        (
            "{name: a}",
            "{nam: a}",
            '$.defaults.zangtable.columns[0].nam: unknown key "nam" (did you mean name?)',
        ),
        (
            "{name: a}",
            "{name: a}, {name: A}",
            '$.defaults.zangtable.columns[1].name: the name "A" is that of',
        ),
        ("display_name: Service", "name: t", "$.defaults.zangtable.name: each table gives its own"),
        ("display_name: Service", "rows: []", "$.defaults.zangtable.rows: ZangTable documents no call"),
        ("t.csv", "u.csv", "$.defaults.zangtable.for_each: the file"),
        ('"One"', '"${slag}"', '$.targets.one.defaults.display_name: no column "slag" (did you mean slug?)'),
        (
            "  zangtable:",
            "  zangtabel:",
            '$.defaults.zangtabel: unknown key "zangtabel" (did you mean zangtable?)',
        ),
        ("zangtable: {display_name: Service, ", "zangtable: [{display_name: Service, ", ""),
    ],
)
def test_what_is_wrong_in_defaults(
    write: Write, environ: Mapping[str, str], old: str, new: str, expected: str
) -> None:
    """A fault of a default is told once, where the default is, however many tables take it."""
    write("t.csv", "slug\nx\n")
    text = DEFAULTS.replace(old, new)
    if not expected:
        text, expected = text.replace("t.csv}", "t.csv}]"), "$.defaults.zangtable: expected a mapping"

    with pytest.raises(ManifestError) as caught:
        load_manifest(write("m.yaml", text), environ=environ)

    found = [f"{each.path}: {each.message}" for each in caught.value.problems]
    assert 1 == sum(each.startswith(expected) for each in found), found


def test_defaults_of_a_table_that_is_none(write: Write, environ: Mapping[str, str]) -> None:
    """What is no table at all is told as that."""
    text = DEFAULTS.replace('  - {target: two, name: "${slug}_3", columns: []}', "  - text")

    assert ['m.yaml:11 $.tables[2]: expected a mapping; got "text"'] == [
        each for each in problems(write("m.yaml", text), environ) if "tables[2]" in each
    ]
