"""Tests of `aiotables.provision.expand`."""

import sys
from collections import Counter
from collections.abc import Callable, Mapping
from pathlib import Path

import pytest

from aiotables.provision.desired import ExtructSpec, ZangTableSpec, digest, identity
from aiotables.provision.expand import check, count, expand, expand_checked, load
from aiotables.provision.manifest import Manifest
from aiotables.provision.problems import ManifestError


Make = Callable[[str], Manifest]
Write = Callable[[str, str], Path]


def _messages(manifest: Manifest) -> list[str]:
    return [f"{Path(each.file).name}:{each.line} {each.path}: {each.message}" for each in check(manifest)]


def test_one_table_for_each_row(manifest: Make, write: Write) -> None:
    """Tables come in the order of the manifest and of the rows, each with its key, identity, digest and origin."""
    write("t.csv", "slug\nacme\n\nglobex\n")

    acme, globex, single = expand(
        manifest(
            "  - {target: crm, for_each: t.csv, key: '${slug}/A', name: '${slug}_A'}\n  - {target: crm, name: B}"
        )
    )

    assert ("crm", "acme/A", "acme_A", "t.csv:2") == (acme.target, acme.key, acme.name, acme.origin)
    assert ("globex/A", "t.csv:4") == (globex.key, globex.origin)
    assert ("B", "B", "m.yaml:5") == (single.key, single.name, single.origin)
    assert identity("test", "crm", "acme/A") == acme.identity
    assert digest(ZangTableSpec(name="acme_A")) == acme.digest


def test_count(manifest: Make, write: Write) -> None:
    """Tables are counted by target without making them: as many as `expand` gives."""
    write("t.csv", "slug\nacme\n\nglobex\n")
    found = manifest(
        "  - {target: crm, for_each: t.csv, name: '${slug}'}\n  - {target: crm, name: B}\n"
        "  - {target: research, name: C}\n"
    )

    assert {"crm": 3, "research": 1} == count(found) == Counter(each.target for each in expand(found))


def test_count_of_rows_that_cannot_be_read(manifest: Make, write: Write) -> None:
    """A row that is no row is named, and not counted."""
    file = write("t.csv", "slug\nacme\n")
    found = manifest("  - {target: crm, for_each: t.csv, name: '${slug}'}")
    file.write_text("slug\nacme,globex\n")

    with pytest.raises(ManifestError, match="the row has 2 cells, the header 1"):
        count(found)


def test_both_services(manifest: Make) -> None:
    """A manifest may have tables of both services."""
    zang, extruct = expand(manifest("  - {target: crm, name: a}\n  - {target: research, name: b}"))

    assert (ZangTableSpec, ExtructSpec) == (type(zang.spec), type(extruct.spec))


def test_shared_columns_are_one_object(manifest: Make, write: Write) -> None:
    """Columns that are the same for every row are made once, however many tables have them."""
    write("t.csv", "slug\nacme\nglobex\n")

    one, two = expand(manifest("  - {target: crm, for_each: t.csv, name: '${slug}', columns: [{name: a}]}"))

    assert isinstance(one.spec, ZangTableSpec)
    assert isinstance(two.spec, ZangTableSpec)
    assert one.spec.columns is two.spec.columns


def test_expand_raises_at_the_first_bad_row(manifest: Make, write: Write) -> None:
    """Tables before a bad row are given, then the row is named."""
    write("t.csv", "slug\nacme\n1bad\n")
    tables = expand(manifest("  - {target: crm, for_each: t.csv, name: '${slug}'}"))

    assert "acme" == next(tables).name
    with pytest.raises(ManifestError, match=r'got "1bad" from t\.csv:3'):
        next(tables)


def test_expansion_is_a_stream(manifest: Make, write: Write) -> None:
    """The first table is there before the second row is read."""
    file = write("t.csv", "slug\n" + "".join(f"t{n}\n" for n in range(100_000)))
    tables = expand(manifest("  - {target: crm, for_each: t.csv, name: '${slug}'}"))

    first = next(tables)
    file.unlink()

    assert "t0" == first.name
    assert "t1" == next(tables).name


def test_nothing_wrong(manifest: Make, write: Write) -> None:
    """A good manifest has no problems."""
    write("t.csv", "slug\nacme\nglobex\n")

    assert [] == _messages(
        manifest(
            "  - {target: crm, for_each: t.csv, name: '${slug}_A', columns: [{name: a}], indexes: [{columns: [a]}]}\n"
            "  - {target: crm, for_each: t.csv, name: '${slug}_B', columns: [{name: a}], indexes: [{columns: [a]}]}\n"
            "  - {target: research, for_each: t.csv, key: '${slug}_A', name: same}\n"
        )
    )


def test_duplicate_keys(manifest: Make, write: Write) -> None:
    """A key that is used twice in a target is told with both places."""
    write("t.csv", "slug\nacme\nglobex\nacme\n")

    assert [
        (
            'm.yaml:4 $.tables[0].name: the key "acme" from t.csv:4 ($.tables[0]) is already used by '
            "t.csv:2 ($.tables[0]) in target research"
        ),
        (
            'm.yaml:5 $.tables[1].key: the key "globex" from m.yaml:5 ($.tables[1]) is already used by '
            "t.csv:3 ($.tables[0]) in target research"
        ),
    ] == _messages(
        manifest(
            "  - {target: research, for_each: t.csv, name: '${slug}'}\n"
            "  - {target: research, name: x, key: globex}\n"
        )
    )


def test_extruct_keys_differ_by_case_and_names_need_not_differ(manifest: Make) -> None:
    """Extruct has no rule that names are unique; keys are compared as they are written."""
    assert [] == _messages(
        manifest("  - {target: research, name: Same, key: a}\n  - {target: research, name: Same, key: A}\n")
    )


def test_names_that_differ_by_case_alone(manifest: Make) -> None:
    """SQLite does not tell `Users` from `users`, so the second would fail or be taken for the first."""
    (found,) = _messages(manifest("  - {target: crm, name: Users}\n  - {target: crm, name: users}\n"))

    assert found.startswith(
        'm.yaml:5 $.tables[1].name: the name "users" of the table from m.yaml:5 ($.tables[1]) is already used by '
        "m.yaml:4 ($.tables[0])"
    )


@pytest.mark.parametrize(
    ("first", "second", "path"),
    [
        (
            "name: a, columns: [{name: x}], indexes: [{columns: [x], name: i}]",
            "name: b, columns: [{name: x}], indexes: [{columns: [x], name: I}]",
            "$.tables[1].indexes[0]",
        ),
        ("name: a, columns: [{name: x}], indexes: [{columns: [x], name: b}]", "name: B", "$.tables[1].name"),
        (
            "name: a",
            "name: b, columns: [{name: x}], indexes: [{columns: [x]}, {columns: [x]}]",
            "$.tables[1].indexes[1]",
        ),
    ],
)
def test_names_of_indexes(manifest: Make, first: str, second: str, path: str) -> None:
    """In SQLite a database's tables and indexes share one set of names."""
    (found,) = _messages(manifest(f"  - {{target: crm, {first}}}\n  - {{target: crm, {second}}}\n"))

    assert path in found


def test_two_targets_of_one_project(write: Write, environ: Mapping[str, str]) -> None:
    """Two targets may lead to one project; its tables still need different names."""
    file = write(
        "m.yaml",
        "manifest: m\n"
        "targets:\n"
        "  a: {service: zangtable, project: p}\n"
        "  b: {service: zangtable, project: p}\n"
        "  c: {service: zangtable, project: q}\n"
        "tables:\n"
        "  - {target: a, name: t}\n"
        "  - {target: b, name: t}\n"
        "  - {target: c, name: t}\n",
    )

    with pytest.raises(ManifestError) as caught:
        load(file, environ=environ)

    assert ["$.tables[1].name"] == [each.path for each in caught.value.problems]


def test_bad_rows_are_told_once(manifest: Make, write: Write) -> None:
    """A row that two templates cannot read is one problem, in its own file."""
    write("t.csv", "slug,city\nacme\n")

    assert ["t.csv:2 : the row has 1 cell, the header 2"] == _messages(
        manifest(
            "  - {target: crm, for_each: t.csv, name: '${slug}_A'}\n  - {target: crm, for_each: t.csv, name: '${slug}_B'}\n"
        )
    )


def test_the_check_ends_when_there_is_enough(manifest: Make, write: Write) -> None:
    """Of ten thousand bad rows, fifty are told."""
    write("t.csv", "slug\n" + "".join(f"{n}\n" for n in range(10_000)))
    made = manifest("  - {target: crm, for_each: t.csv, name: '${slug}'}")

    assert 50 == len(check(made))
    assert 3 == len(check(made, limit=3))


def test_the_check_ends_when_there_is_enough_in_rows(manifest: Make, write: Write) -> None:
    """Bad rows of Extruct tables are bounded, too."""
    write("c.csv", "a,b\n" + "x\n" * 10_000)

    assert 50 == len(check(manifest("  - {target: research, name: T, rows: {from: c.csv}}")))


def test_rows_of_tables_are_checked(manifest: Make, write: Write) -> None:
    """What is wrong in a file of rows is told before anything is sent, not when the table is filled."""
    write("s.csv", "segment\nChips\nBanks\n")
    write("c.jsonl", '{"website": "https://x"}\n{"web": 1}\n[]\n{"website": ["x"]}\n')

    assert [
        (
            'm.yaml:4 $.tables[0].rows.data.input: no column "website" (did you mean web?); '
            "there are web, each.segment (from c.jsonl:2)"
        ),
        "c.jsonl:3 : expected a JSON object on each line",
        (
            "m.yaml:4 $.tables[0].rows.data.input: ${website} is a list or a mapping; only single values can stand in "
            "a text (from c.jsonl:4)"
        ),
    ] == _messages(
        manifest(
            "  - {target: research, for_each: s.csv, name: '${segment}',"
            " rows: {from: c.jsonl, data: {input: '${website} ${each.segment}'}}}\n"
            "  - {target: research, name: inline, rows: [{input: x}]}\n"
        )
    )


def test_load_tells_everything_together(write: Write, environ: Mapping[str, str]) -> None:
    """Faults of the manifest and of what the good part of it expands to come in one error, manifest first."""
    write("t.csv", "slug,x\nacme,1\nacme,2\nshort\n")
    file = write(
        "m.yaml",
        "manifest: m\n"
        "targets:\n"
        "  crm: {service: zangtable, project: p, timeout: fast}\n"
        "tables:\n"
        "  - {target: crm, name: '1'}\n"
        "  - {target: crm, for_each: t.csv, name: '${slug}', key: '${x}'}\n",
    )

    with pytest.raises(ManifestError) as caught:
        load(file, environ=environ)

    assert [
        (3, "$.targets.crm.timeout"),
        (5, "$.tables[0].name"),
        (6, "$.tables[1].name"),
        (4, ""),
    ] == [(each.line, each.path) for each in caught.value.problems]


def test_load_gives_the_manifest(write: Write, environ: Mapping[str, str]) -> None:
    """A good manifest is returned, ready to be expanded as often as one likes."""
    file = write("m.yaml", "{manifest: m, targets: {x: {service: extruct}}, tables: [{target: x, name: T}]}")

    manifest = load(file, environ=environ)

    assert ["T"] == [desired.name for desired in expand(manifest)] == [each.name for each in expand(manifest)]


def test_load_of_no_manifest(tmp_path: Path) -> None:
    """A file that is not there is a problem like others."""
    with pytest.raises(ManifestError, match="No such file"):
        load(tmp_path / "m.yaml", environ={})


@pytest.mark.slow
@pytest.mark.skipif(sys.platform != "linux", reason="peaks are in other units, or not known, elsewhere")
def test_memory_does_not_grow_with_the_tables(manifest: Make, write: Write) -> None:
    """Expanding and checking ten times as many tables takes no more memory."""
    import resource

    template = (
        "  - {target: crm, for_each: t.csv, name: '${slug}', columns: [{name: a}], indexes: [{columns: [a]}]}"
    )
    peaks = []
    for tables in (5_000, 50_000):
        write("t.csv", "slug\n" + "".join(f"t{n}\n" for n in range(tables)))
        made = manifest(template)
        assert [] == check(made)
        assert tables == sum(1 for _ in expand(made))
        peaks.append(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss)

    # Fifty thousand tables held would be more than 50 MB.
    assert peaks[1] - peaks[0] < 20_000


# Dependencies


def test_tables_come_after_what_they_depend_on(manifest: Make, write: Write) -> None:
    """With `depends_on` the order is that of the dependencies; rows stay rows, and tables of other targets count."""
    write("t.csv", "slug,parent\nleaf,twig\ntwig,root\nroot,root0\n")
    tables = (
        "  - {target: crm, for_each: t.csv, name: '${slug}', depends_on: ['${parent}'], protect: true}\n"
        "  - {target: crm, name: root0, depends_on: [{target: research, key: first}]}\n"
        "  - {target: research, name: A, key: first}\n"
    )
    found = manifest(tables)

    assert [] == check(found)
    assert ["A", "root0", "root", "twig", "leaf"] == [each.name for each in expand(found)]
    assert [False, False, True, True, True] == [each.protect for each in expand(found)]
    assert ["t.csv:2"] == [each.origin for each in expand(found) if each.name == "leaf"]
    assert identity("test", "research", "first") == next(
        each.depends_on[0].identity for each in expand(found) if each.name == "root0"
    )


def test_protect_and_dependencies_are_no_part_of_the_digest(manifest: Make) -> None:
    """Protecting a table, or ordering it, changes nothing in the service."""
    plain, guarded = (
        digest(next(each.spec for each in expand(manifest(tables)) if each.name == "a"))
        for tables in (
            "  - {target: crm, name: a}",
            "  - {target: crm, name: a, protect: true, depends_on: [b]}\n  - {target: crm, name: b}",
        )
    )

    assert plain == guarded


def test_missing_dependencies_and_circles(manifest: Make) -> None:
    """A dependency on what is not there, and tables that depend on each other, are told with their place and path."""
    found = manifest(
        "  - {target: crm, name: albums, depends_on: [artist]}\n"
        "  - {target: crm, name: artists}\n"
        "  - {target: crm, name: a, depends_on: [b]}\n"
        "  - {target: crm, name: b, depends_on: [a]}\n"
    )

    assert [
        (
            "m.yaml:4 $.tables[0].depends_on[0]: the manifest has no table crm/artist (did you mean crm/artists?) "
            "(from m.yaml:4)"
        ),
        "m.yaml:6 $.tables[2].depends_on[0]: tables depend on each other: crm/a → crm/b → crm/a (from m.yaml:6)",
    ] == _messages(found)


def test_expand_of_dependencies_raises_at_a_bad_row(manifest: Make, write: Write) -> None:
    """Where tables are ordered, a row that gives none is named before the first table."""
    write("t.csv", "slug\nacme\n1bad\n")
    found = manifest(
        "  - {target: crm, for_each: t.csv, name: '${slug}', depends_on: [b]}\n  - {target: crm, name: b}"
    )

    with pytest.raises(ManifestError, match=r'got "1bad" from t\.csv:3'):
        next(expand(found))


def test_checked_in_one_pass(manifest: Make, write: Write) -> None:
    """The tables are those of `expand`, with levels that rise; what is wrong is told as `check` does."""
    write("t.csv", "slug\nacme\nglobex\n")
    good = manifest(
        "  - {target: crm, name: last, depends_on: [acme]}\n  - {target: crm, for_each: t.csv, name: '${slug}'}"
    )
    plain = manifest("  - {target: crm, for_each: t.csv, name: '${slug}'}\n  - {target: crm, name: x}")

    assert [*zip([0, 0, 1], expand(good), strict=True)] == [*expand_checked(good)]
    assert [*zip([0, 0, 0], expand(plain), strict=True)] == [*expand_checked(plain)]


def test_checked_in_one_pass_and_wrong(manifest: Make, write: Write) -> None:
    """Nothing comes after the first problem; in the end all are told. With an order nothing comes at all."""
    write("t.csv", "slug\nacme\n1bad\nglobex\nAcme\n")
    plain = manifest("  - {target: crm, for_each: t.csv, name: '${slug}'}")
    tables = expand_checked(plain)

    assert "acme" == next(tables)[1].name
    with pytest.raises(ManifestError) as told:
        next(tables)
    assert set(check(plain)) == set(told.value.problems)
    assert 2 == len(told.value.problems)

    with pytest.raises(ManifestError, match="the manifest has no table crm/nobody"):
        next(expand_checked(manifest("  - {target: crm, name: a, depends_on: [nobody]}")))
