"""Tests of `aiotables.provision.schema`: that editors and `load_manifest` say the same."""

import json
import tempfile
from copy import deepcopy
from pathlib import Path
from typing import Any, TypeAlias

import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st
from jsonschema import Draft202012Validator

from aiotables.provision.form import manifest_form
from aiotables.provision.manifest import load_manifest
from aiotables.provision.problems import Faults, ManifestError
from aiotables.provision.schema import manifest_schema
from aiotables.provision.tree import read_tree


Json: TypeAlias = Any

VALIDATOR = Draft202012Validator(manifest_schema())

# `$` of a regular expression means the end of the text to ECMAScript, and to Python also the place before a last line
# break, so texts of one line are compared.
LINE = st.text(st.characters(exclude_categories=["Cc", "Cs", "Zl", "Zp"]), max_size=6)
TEXTS = LINE | st.sampled_from(
    [
        "a",
        "a_1",
        "1",
        "${a}",
        "x${a}",
        "${",
        "$$",
        "t.csv",
        "TEXT",
        "zangtable",
        "extruct",
        "company",
        "A_TOKEN",
        "crm",
    ]
)
SCALARS = st.none() | st.booleans() | st.integers(-3, 3) | st.sampled_from([0.5, 2.0]) | TEXTS
VALUES = st.recursive(
    SCALARS, lambda each: st.lists(each, max_size=2) | st.dictionaries(TEXTS, each, max_size=2), max_leaves=4
)

GOOD: Json = {
    "$schema": "manifest.schema.json",
    "manifest": "m",
    "targets": {
        "crm": {
            "service": "zangtable",
            "project": "p",
            "in_flight": 4,
            "rate": 5.5,
            "timeout": 10,
            "grace": 10,
            "defaults": {"display_name": "${a}", "protect": True},
        },
        "research": {"service": "extruct", "token_env": "EXTRUCT_API_TOKEN", "base_url": "https://x.example"},
    },
    "defaults": {"zangtable": {"columns": [{"name": "d"}]}, "extruct": {"tags": ["x"], "run": True}},
    "tables": [
        {
            "target": "crm",
            "for_each": "t.csv",
            "key": "${a}/A",
            "name": "${a}_A",
            "display_name": "A",
            "columns": [
                {
                    "name": "a",
                    "type": "INTEGER",
                    "primary": True,
                    "nullable": False,
                    "unique": True,
                    "default": None,
                },
                {"name": "b", "default": "$$"},
            ],
            "indexes": [{"columns": ["b"], "name": "i_${a}", "unique": False}],
        },
        {
            "target": "research",
            "for_each": "t.csv",
            "name": "A: ${a}",
            "kind": "company",
            "description": "",
            "tags": ["x"],
            "columns": [
                {"kind": "input", "name": "C", "key": "input"},
                {"kind": "new", "name": "N", "key": "n", "value": {"more": [1, None, {"b": "${a}"}]}},
            ],
            "rows": {"from": "t.csv", "where": {"a": "${a}"}, "data": {"input": "${a} ${each.a}"}},
            "run": False,
        },
        {"target": "research", "name": "B", "rows": [{"input": "x"}]},
    ],
}


def _places(value: Json) -> list[tuple[Json, Json]]:
    """Every place in a JSON value, as a container and a key or index of it."""
    keys = (
        list(value) if isinstance(value, dict) else list(range(len(value))) if isinstance(value, list) else []
    )
    below = [place for key in keys for place in _places(value[key])]
    return [(value, key) for key in keys] + below


@st.composite
def manifests(draw: st.DrawFn) -> Json:
    """A good manifest, changed in a few places: a value replaced, a key removed or added."""
    manifest = deepcopy(GOOD)
    for _ in range(draw(st.integers(0, 2))):
        container, key = draw(st.sampled_from(_places(manifest)))
        change = draw(st.sampled_from(["replace", "remove", "add"]))
        if change == "replace":
            container[key] = draw(VALUES)
        elif change == "remove":
            del container[key]
        elif isinstance(container, dict):
            container[draw(TEXTS)] = draw(VALUES)
        else:
            container.append(draw(VALUES))
    return manifest


def _fits(file: Path) -> bool:
    faults = Faults()
    root = read_tree(file, faults)
    assert root is not None
    return manifest_form({}).fits(root, faults)


def _loads(file: Path) -> bool:
    environ = {"ZANGTABLE_API_TOKEN": "x", "EXTRUCT_API_TOKEN": "x", "A_TOKEN": "x"}
    try:
        load_manifest(file, environ=environ)
    except ManifestError:
        return False
    return True


@settings(max_examples=300, deadline=None)
@given(manifests())
def test_schema_and_validation_agree(manifest: Json) -> None:
    """An editor marks as wrong exactly what validation by shape refuses, and nothing it marks is ever loaded."""
    valid = VALIDATOR.is_valid(manifest)
    with tempfile.TemporaryDirectory() as folder:
        Path(folder, "t.csv").write_text("a\nx\n", encoding="utf-8")
        file = Path(folder, "m.json")
        file.write_text(json.dumps(manifest), encoding="utf-8")

        assert valid is _fits(file)
        assert _loads(file) <= valid


def test_the_good_manifest_is_good(tmp_path: Path) -> None:
    """What the comparison starts from is valid and loads."""
    (tmp_path / "t.csv").write_text("a\nx\n", encoding="utf-8")
    file = tmp_path / "m.json"
    file.write_text(json.dumps(GOOD), encoding="utf-8")

    assert VALIDATOR.is_valid(GOOD)
    assert _loads(file)


def test_schema_of_included_files() -> None:
    """What a manifest includes needs no name, targets or tables, and may not have a name; its schema stands beside."""
    definitions = manifest_schema()["$defs"]
    validator = Draft202012Validator({"$defs": definitions, **definitions["included"]})

    assert validator.is_valid({"tables": GOOD["tables"]})
    assert validator.is_valid({})
    assert not validator.is_valid({"manifest": "m"})
    assert VALIDATOR.is_valid({"manifest": "m", "include": ["a.yaml"]})
    assert not VALIDATOR.is_valid({"manifest": "m", "include": ["/a.yaml"]})
    assert not VALIDATOR.is_valid({"manifest": "m", "targets": GOOD["targets"]})


def test_schema_is_a_schema() -> None:
    """The schema itself follows its own standard."""
    Draft202012Validator.check_schema(manifest_schema())
    assert "https://json-schema.org/draft/2020-12/schema" == manifest_schema()["$schema"]


@pytest.mark.parametrize("service", ["zangtable", "extruct"])
def test_schema_knows_both_services(service: str) -> None:
    """Editors complete targets of both services."""
    assert service in json.dumps(manifest_schema())


def test_the_demo_is_valid_for_editors() -> None:
    """The manifest of the demo is one that editors find nothing wrong with."""
    demo = Path(__file__).parents[2] / "docs" / "demo" / "chinook.yaml"

    assert [] == list(VALIDATOR.iter_errors(yaml.safe_load(demo.read_text(encoding="utf-8"))))
