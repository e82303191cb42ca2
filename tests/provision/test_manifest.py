"""Tests of `aiotables.provision.manifest`."""

from collections.abc import Callable, Mapping
from pathlib import Path

import pytest

from aiotables.provision.desired import ZangTableColumn
from aiotables.provision.manifest import (
    ExtructTemplate,
    Manifest,
    ZangTableTarget,
    ZangTableTemplate,
    load_manifest,
)
from aiotables.provision.problems import ManifestError


Load = Callable[[str], Manifest]

GOOD = """\
manifest: music
targets:
  crm: {service: zangtable, project: chinook}
  research: {service: extruct}
tables:
  - target: crm
    for_each: tenants.csv
    name: "${slug}_Artist"
    columns:
      - {name: ArtistId, type: INTEGER, primary: true}
  - target: research
    name: Accounts
"""


@pytest.fixture
def load(write: Callable[[str, str], Path], environ: Mapping[str, str]) -> Load:
    """Load a manifest of this text beside `tenants.csv`."""
    write("tenants.csv", "slug,company\nacme,Acme\n")
    return lambda text: load_manifest(write("manifest.yaml", text), environ=environ)


def _problems(load: Load, text: str) -> list[str]:
    with pytest.raises(ManifestError) as caught:
        load(text)
    return [
        f"{Path(each.file).name}:{each.line}:{each.column}: {each.path}: {each.message}"
        for each in caught.value.problems
    ]


def test_good_manifest(load: Load) -> None:
    """A good manifest is targets by name, and table templates in their order."""
    manifest = load(GOOD)

    assert "music" == manifest.name
    assert isinstance(manifest.targets["crm"], ZangTableTarget)
    assert ["crm", "research"] == list(manifest.targets)
    artist, accounts = manifest.tables
    assert isinstance(artist, ZangTableTemplate)
    assert isinstance(accounts, ExtructTemplate)
    assert (ZangTableColumn(name="ArtistId", type="INTEGER", primary=True),) == artist.shared_columns


def test_json_manifest(write: Callable[[str, str], Path], environ: Mapping[str, str]) -> None:
    """A manifest may be JSON, with a `$schema` for editors."""
    file = write(
        "manifest.json",
        '{"$schema": "manifest.schema.json",\n\t"manifest": "m", "targets": {"x": {"service": "extruct"}},'
        '"tables": [{"target": "x", "name": "\\ud83c\\udfb5 T"}]}',
    )

    (table,) = load_manifest(file, environ=environ).tables

    assert "\N{MUSICAL NOTE} T" == table.name.text


@pytest.mark.parametrize(
    ("old", "new", "problem"),
    [
        ("manifest: music", "", 'manifest.yaml:2:1: $: the key "manifest" is missing'),
        ("manifest: music", "manifest: a b", "manifest.yaml:1:11: $.manifest: expected a word of letters"),
        ("manifest: music", "manifest: music\nextra: 1", 'manifest.yaml:2:1: $.extra: unknown key "extra"'),
        (
            "{service: extruct}",
            "{service: extract}",
            (
                'manifest.yaml:4:23: $.targets.research.service: expected one of zangtable, extruct; got "extract" '
                "(did you mean extruct?)"
            ),
        ),
        ("{service: extruct}", "{}", 'manifest.yaml:4:13: $.targets.research: the key "service" is missing'),
        ("{service: extruct}", "x", 'manifest.yaml:4:13: $.targets.research: expected a mapping; got "x"'),
        (
            "project: chinook",
            "project: Chinook",
            "manifest.yaml:3:38: $.targets.crm.project: expected a project of lower-case letters",
        ),
        (
            "{service: extruct}",
            "{service: extruct}\n  my own: {service: extruct}",
            'manifest.yaml:5:3: $.targets["my own"]: expected a word of letters',
        ),
        (
            "{service: extruct}",
            "{service: extruct, token_env: NOWHERE}",
            "manifest.yaml:4:43: $.targets.research.token_env: the environment variable NOWHERE with the token",
        ),
        (
            "{service: extruct}",
            "{service: extruct, timeout: .inf}",
            "manifest.yaml:4:41: $.targets.research.timeout: expected a finite number",
        ),
        (
            "target: crm",
            "target: crn",
            'manifest.yaml:6:13: $.tables[0].target: no target "crn" (did you mean crm?)',
        ),
        ("target: crm\n", "\n", 'manifest.yaml:7:5: $.tables[0]: the key "target" is missing'),
        ("target: crm", "target: 5", "manifest.yaml:6:13: $.tables[0].target: expected text; got 5"),
        (
            "tenants.csv",
            "tenant.csv",
            "manifest.yaml:7:15: $.tables[0].for_each: the file",
        ),
        (
            "tenants.csv",
            "tenants.xls",
            "manifest.yaml:7:15: $.tables[0].for_each: expected the name of a .csv or",
        ),
        (
            "${slug}",
            "${slog}",
            'manifest.yaml:8:11: $.tables[0].name: no column "slog" (did you mean slug?); there are slug, company',
        ),
        ("${slug}", "${slug", "manifest.yaml:8:11: $.tables[0].name: expected a name of a letter"),
        ("${slug}_Artist", "1_Artist", "manifest.yaml:8:11: $.tables[0].name: expected a name of a letter"),
        (
            "INTEGER",
            "INTEGR",
            (
                "manifest.yaml:10:32: $.tables[0].columns[0].type: expected one of INTEGER, REAL, TEXT, BLOB, ANY; got "
                '"INTEGR" (did you mean INTEGER?)'
            ),
        ),
        (
            "primary: true",
            "primry: true",
            'manifest.yaml:10:41: $.tables[0].columns[0].primry: unknown key "primry"',
        ),
        (
            "primary: true",
            "primary: yes",
            "manifest.yaml:10:50: $.tables[0].columns[0].primary: expected true or",
        ),
        (
            "primary: true}",
            "primary: true}\n      - {name: artistid}",
            "manifest.yaml:11:16: $.tables[0].columns[1]",
        ),
        (
            "name: Accounts",
            "name: Accounts\n    display_name: A",
            'manifest.yaml:13:5: $.tables[1].display_name: unknown key "display_name"',
        ),
        (
            "target: crm",
            "target: crm\n    rows: [{a: 1}]",
            "manifest.yaml:7:5: $.tables[0].rows: ZangTable documents no call that creates records",
        ),
        (
            "target: crm",
            "target: crm\n    protect: 1",
            "manifest.yaml:7:14: $.tables[0].protect: expected true or false; got 1",
        ),
        (
            "target: crm",
            "target: crm\n    depends_on: [{target: crn, key: a}]",
            'manifest.yaml:7:27: $.tables[0].depends_on[0].target: no target "crn" (did you mean crm?)',
        ),
        (
            "target: crm",
            "target: crm\n    depends_on: [{taget: crm, key: a, target: crm}]",
            'manifest.yaml:7:19: $.tables[0].depends_on[0].taget: unknown key "taget" (did you mean target?)',
        ),
        (
            "target: crm",
            "target: crm\n    depends_on: [{target: crm, key: '${slg}'}]",
            'manifest.yaml:7:37: $.tables[0].depends_on[0].key: no column "slg" (did you mean slug?)',
        ),
        (
            "target: crm",
            "target: crm\n    depends_on: other",
            'manifest.yaml:7:17: $.tables[0].depends_on: expected a list; got "other"',
        ),
        (
            "name: Accounts",
            "name: Accounts\n    rows: 5",
            "manifest.yaml:13:11: $.tables[1].rows: expected a mapping; got 5",
        ),
        (
            "name: Accounts",
            "name: Accounts\n    columns: [{kind: agent, name: N, key: n, value: {prompt: 5}}]",
            "manifest.yaml:13:62: $.tables[1].columns[0].value.prompt: expected str, got int",
        ),
        (
            "name: Accounts",
            "name: Accounts\n    name: A",
            "manifest.yaml:13:5: $.tables[1].name: the key is there twice",
        ),
    ],
)
def test_one_fault_is_one_problem(load: Load, old: str, new: str, problem: str) -> None:
    """Each fault gives exactly one problem, at its line, column and path, in words that say what to do."""
    assert old in GOOD

    (found,) = _problems(load, GOOD.replace(old, new, 1))

    assert found.startswith(problem)


@pytest.mark.parametrize("key", ["token", "api_token", "api_key"])
def test_a_token_in_a_manifest_is_refused(load: Load, key: str) -> None:
    """A manifest is shared and committed; a token in it is refused, without being printed."""
    (found,) = _problems(
        load, GOOD.replace("{service: extruct}", f"{{service: extruct, {key}: pat_made_up}}")
    )

    assert found.endswith(
        "a manifest holds no token; set an environment variable and give its name as token_env"
    )
    assert "pat_made_up" not in found


def test_a_token_instead_of_its_name_is_not_printed(load: Load) -> None:
    """A token where the name of its variable belongs is refused, without being printed."""
    (found,) = _problems(
        load, GOOD.replace("{service: extruct}", "{service: extruct, token_env: pat_made_up}")
    )

    assert "the NAME of an environment variable" in found
    assert "pat_made_up" not in found


def test_many_faults_are_told_together(load: Load) -> None:
    """Faults of targets, tables and files are all told at once, from top to bottom."""
    text = GOOD.replace("project: chinook", "prject: chinook").replace("INTEGER", "INT")
    text = text.replace("${slug}", "${slog}").replace("target: research", "target: reserch")

    assert [
        'manifest.yaml:3:8: $.targets.crm: the key "project" is missing',
        'manifest.yaml:3:29: $.targets.crm.prject: unknown key "prject" (did you mean project?)',
        'manifest.yaml:8:11: $.tables[0].name: no column "slog" (did you mean slug?); there are slug, company',
        (
            "manifest.yaml:10:32: $.tables[0].columns[0].type: expected one of INTEGER, REAL, TEXT, BLOB, ANY; got "
            '"INT" (did you mean INTEGER?)'
        ),
        (
            'manifest.yaml:11:13: $.tables[1].target: no target "reserch" (did you mean research?); there are '
            "crm, research"
        ),
    ] == _problems(load, text)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("[]", ["manifest.yaml:1:1: $: expected a mapping; got a list"]),
        (
            "{manifest: [], targets: [], tables: {}}",
            [
                "manifest.yaml:1:12: $.manifest: expected text; got a list",
                "manifest.yaml:1:25: $.targets: expected a mapping; got a list",
                "manifest.yaml:1:37: $.tables: expected a list; got a mapping",
            ],
        ),
        (
            "{manifest: m, targets: {}, tables: [5]}",
            [
                "manifest.yaml:1:24: $.targets: expected a mapping with at least one entry; got an empty one",
                "manifest.yaml:1:37: $.tables[0]: expected a mapping; got 5",
            ],
        ),
        (
            "{manifest: m, targets: {}, tables: [{target: x, name: y}]}",
            [
                "manifest.yaml:1:24: $.targets: expected a mapping with at least one entry; got an empty one",
                'manifest.yaml:1:46: $.tables[0].target: no target "x"; there are none',
            ],
        ),
        ("a: [", ["manifest.yaml:1:5: : is no YAML: did not find expected node content"]),
        ("", ["manifest.yaml:1:1: : is empty"]),
    ],
)
def test_something_else_than_a_manifest(load: Load, text: str, expected: list[str]) -> None:
    """Whatever the file holds, the answer is problems with places."""
    found = _problems(load, text)

    assert len(expected) == len(found)
    assert all(line.startswith(each.split("did not")[0]) for line, each in zip(found, expected, strict=True))


def test_a_table_of_a_broken_target_is_not_told_twice(load: Load) -> None:
    """What is wrong with a target is told once, and not again for each of its tables."""
    (found,) = _problems(load, GOOD.replace("{service: extruct}", "{service: nothing}"))

    assert "$.targets.research.service" in found


def test_a_bad_file_of_rows_is_told_in_its_own_line(load: Load, write: Callable[[str, str], Path]) -> None:
    """A header that cannot be read is told once, in the CSV file, and its tables are left alone."""
    write("tenants.csv", "slug,slug\n")

    assert ["tenants.csv:1:1: : the header has the column slug twice"] == _problems(load, GOOD)


def created(project: str, token_file: str) -> str:
    """A target whose project is to be made."""
    return (
        f"{{service: zangtable, project: {project}, create_project: {{name: A, username: u, password_env: P, "
        f"account_user_id: 1, token_file: {token_file}}}}}"
    )


@pytest.mark.parametrize(
    ("other", "problem"),
    [
        (
            "{service: zangtable, project: a}",
            "another target leads to the project a; one that is to be made has one target",
        ),
        (created("b", "a.token"), "each project needs a file of its own for its token"),
        ("{service: zangtable, project: b}", None),
        (created("b", "b.token"), None),
    ],
)
def test_projects_to_be_made(load: Load, other: str, problem: str | None) -> None:
    """A project that is to be made has a target and a token file of its own."""
    targets = f"{{crm: {created('a', 'a.token')}, other: {other}}}"

    found = _problems(load, f"manifest: m\ntargets: {targets}\ntables: [{{target: crm, name: t}}]\n")

    told = {each.rpartition(": ")[2] for each in found}
    assert {problem} - {None} == told - {"the environment variable P with the password is not set"}


def test_a_password_in_a_manifest_is_refused(load: Load) -> None:
    """A password is as little for a manifest as a token, and not printed either."""
    wrong = created("a", "a.token").replace("password_env: P", "password: s3cret")

    found = _problems(load, f"manifest: m\ntargets: {{crm: {wrong}}}\ntables: [{{target: crm, name: t}}]\n")

    assert any("a manifest holds no password" in each for each in found)
    assert not any("s3cret" in each for each in found)
