"""Tests of `aiotables.provision.importing.writing`."""

from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from aiotables.provision.importing.found import Entry
from aiotables.provision.importing.writing import ManifestText, count
from aiotables.provision.problems import Faults
from aiotables.provision.tree import Node, plain, read_tree


TEXTS = st.text(st.characters(exclude_categories=["Cs"]), max_size=60) | st.sampled_from(
    ["true", "No", "1e5", "0x1", "~", "a: b", "a #b", "- a", "a\nb", "12:30", "x" * 120]
)
SCALARS = (
    st.none()
    | st.booleans()
    | st.integers(-(2**63), 2**63 - 1)
    | st.floats(allow_nan=False, allow_infinity=False)
    | TEXTS
)
VALUES = st.recursive(
    SCALARS, lambda each: st.lists(each, max_size=3) | st.dictionaries(TEXTS, each, max_size=3), max_leaves=12
)


def tree(text: str, folder: Path) -> Node:
    """The tree of a text."""
    file, faults = folder / "m.yaml", Faults()
    file.write_text(text, encoding="utf-8")
    root = read_tree(file, faults)
    assert [] == list(faults), text
    assert root is not None
    return root


@given(st.lists(st.dictionaries(TEXTS, VALUES, min_size=1, max_size=4), min_size=1, max_size=3), TEXTS)
def test_what_is_written_is_read(
    tmp_path_factory: pytest.TempPathFactory, tables: list[Any], note: str
) -> None:
    """Any tables, whatever their texts look like, and whatever stands in comments, are read back as they were."""
    text = ManifestText("m", {"t": {"service": "extruct"}})
    text.add(Entry(fields=table, notes=(note,)) for table in tables)

    ((_, written),) = text.files(Path("m.yaml"))

    root = tree(written, tmp_path_factory.getbasetemp())
    assert {"manifest": "m", "targets": {"t": {"service": "extruct"}}, "tables": tables} == plain(root)


def test_notes_are_comments() -> None:
    """What could not be carried over stands above its table; notes without a table stand alone."""
    text = ManifestText("m", {"t": {"service": "extruct"}})
    text.add([Entry(fields={"name": "a"}, notes=("its\nrows",)), Entry(notes=("the view v",))])

    ((_, written),) = text.files(Path("m.yaml"))

    assert [
        "tables:",
        "  # not carried over:",
        "  # - its rows",
        "  - name: a",
        "  # left out:",
        "  # - the view v",
    ] == written.splitlines()[3:]


@pytest.mark.parametrize("size", [{"name": "x" * 300_000}, {"names": ["x"] * 20_000}])
def test_a_large_manifest_is_several_files(size: dict[str, Any], tmp_path: Path) -> None:
    """Tables that are too many for one file, by size or number, go to others, all of which the manifest includes."""
    text = ManifestText("m", {"t": {"service": "extruct"}})
    text.add(Entry(fields={"number": number, **size}) for number in range(7))

    *parts, (main, written) = text.files(tmp_path / "big.yaml")

    names = [file.name for file, _ in parts]
    assert len(names) > 1
    assert "big-1.yaml" == names[0]
    assert "big.yaml" == main.name
    assert names == plain(tree(written, tmp_path))["include"]
    assert all(part.startswith("tables:\n  - number: ") for _, part in parts)
    numbers = [line for _, part in parts for line in part.splitlines() if "number: " in line]
    assert [f"  - number: {number}" for number in range(7)] == numbers


def test_count() -> None:
    """Values are counted with their keys."""
    assert 7 == count({"a": [1, {"b": None}]})
    assert 1 == count("text")
