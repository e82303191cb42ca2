"""Tests of `aiotables.provision.tree`."""

import json
import tempfile
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from aiotables.provision.problems import Faults, Place
from aiotables.provision.tree import BROKEN, Node, children, plain, read_tree


JSON = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-(2**63), 2**63 - 1)
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(max_size=20),
    lambda each: st.lists(each, max_size=4) | st.dictionaries(st.text(max_size=10), each, max_size=4),
    max_leaves=20,
)


def test_nodes_know_their_places(tree: Callable[[str], Node]) -> None:
    """A value knows its line, column and path, and where its key stands."""
    name = tree("tables:\n  - name: x\n").fields["tables"].items[0].fields["name"]

    assert "x" == name.text
    assert "$.tables[0].name" == name.path
    assert (2, 11) == (name.place.line, name.place.column)
    assert (2, 5) == (name.key_place.line, name.key_place.column)


def test_items_of_lists_have_no_key(tree: Callable[[str], Node]) -> None:
    """Where there is no key, the place to point to is the value's own."""
    item = tree("[a]").items[0]

    assert item.place == item.key_place


@given(JSON)
def test_json_reads_as_json(value: object) -> None:
    """Any JSON document that fits into 64-bit numbers reads as what `json` reads."""
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder, "m.json")
        for text in (
            json.dumps(value),
            json.dumps(value, indent="\t"),
            json.dumps(value, separators=(",", ":")),
        ):
            file.write_text(text, encoding="utf-8")
            faults = Faults()
            root = read_tree(file, faults)

            assert [] == list(faults)
            assert root is not None
            assert json.loads(text) == plain(root)


@given(st.text())
def test_no_text_breaks_the_reader(text: str) -> None:
    """Whatever the file holds, it is read or refused with a problem; nothing is raised."""
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder, "m.yaml")
        file.write_text(text, encoding="utf-8", errors="replace")
        faults = Faults()

        assert (read_tree(file, faults) is None) <= (len(faults) > 0)


@pytest.mark.parametrize(
    ("text", "path", "line", "message"),
    [
        ("a: 1\na: 2", "$.a", 2, "the key is there twice, first in line 1"),
        ("1: x", "$", 1, "a key must be text"),
        ("[a]: x", "$", 1, "a key must be text"),
        ("!!str [a]: x", "$", 1, "a key must be text"),
        (r'"\ud83d": x', "$", 1, "half of a surrogate pair"),
        ("a: .inf", "$.a", 1, "expected a finite number"),
        (
            "a: !!python/object/apply:os.system [ls]",
            "$.a",
            1,
            "tag:yaml.org,2002:python/object/apply:os.system",
        ),
        ("a: !custom x", "$.a", 1, "the tag !custom is not allowed here"),
        ("a: !!str [x]", "$.a", 1, "is not allowed here"),
        ("a: !!binary aGk=", "$.a", 1, "is not allowed here"),
    ],
)
def test_faults(
    write: Callable[[str, str], Path], faults: Faults, text: str, path: str, line: int, message: str
) -> None:
    """What YAML allows and a manifest does not is a problem at its place; nothing is ever constructed."""
    read_tree(write("m.yaml", text), faults)

    (fault,) = faults
    assert (path, line) == (fault.path, fault.line)
    assert message in fault.message


def test_a_broken_value_is_marked(write: Callable[[str, str], Path], faults: Faults) -> None:
    """A value that was reported is marked, so that nothing more is said about it."""
    root = read_tree(write("m.yaml", "a: !custom x"), faults)

    assert root is not None
    assert BROKEN == root.fields["a"].value


def test_aliases_are_followed(tree: Callable[[str], Node]) -> None:
    """An alias stands for a copy of what its anchor names."""
    assert {"a": [1], "b": [1]} == plain(tree("a: &x [1]\nb: *x"))


def test_an_alias_in_itself_ends(write: Callable[[str, str], Path], faults: Faults) -> None:
    """A value that contains itself is refused instead of followed for ever."""
    assert read_tree(write("m.yaml", "a: &x [*x]"), faults) is None
    assert ["nested deeper than 50 levels (an alias inside itself?)"] == [each.message for each in faults]


def test_an_alias_bomb_is_refused(write: Callable[[str, str], Path], faults: Faults) -> None:
    """Ten lines that stand for ten thousand million values are refused, in bounded time and memory."""
    lines = ["a0: &a0 [x]"]
    lines += [f"a{n}: &a{n} [{', '.join([f'*a{n - 1}'] * 10)}]" for n in range(1, 11)]

    assert read_tree(write("m.yaml", "\n".join(lines)), faults) is None
    assert ["its aliases stand for more than 200000 values"] == [each.message for each in faults]


def test_paths_quote_odd_keys(tree: Callable[[str], Node]) -> None:
    """A key that is no plain word is quoted in paths."""
    assert '$["a \\"b"]' == tree("'a \"b': 1").fields['a "b'].path


def test_children_are_the_values_below(tree: Callable[[str], Node]) -> None:
    """Mappings and lists have children, single values have none."""
    assert [1, 2] == [child.value for child in children(tree("{a: 1, b: 2}"))]
    assert [1, 2] == [child.value for child in children(tree("[1, 2]"))]
    assert () == children(Node("x", Place("m.yaml", 1), "$"))
