"""Manifests in JSON: every value knows its place, and what is wrong is told with it."""

import json
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from aiotables.provision.json_tree import read_json
from aiotables.provision.problems import Faults
from aiotables.provision.texts import DEEPEST
from aiotables.provision.tree import BROKEN, MOST_NODES, plain


def test_places(write: Callable[[str, str], Path], faults: Faults) -> None:
    """Values and keys know their line and column, and their path; tabs may indent."""
    root = read_json(write("m.json", '{\n\t"a": [1,\n "x"], "b c": {"d": -1.5e2}}'), faults)

    assert root is not None
    assert [] == list(faults)
    item = root.fields["a"].items[1]
    inner = root.fields["b c"].fields["d"]
    assert ("$.a[1]", 3, 2) == (item.path, item.place.line, item.place.column)
    assert ('$["b c"].d', 3, 21, 3, 16) == (
        inner.path,
        inner.place.line,
        inner.place.column,
        inner.key_place.line,
        inner.key_place.column,
    )
    assert {"a": [1, "x"], "b c": {"d": -150.0}} == plain(root)


@pytest.mark.parametrize(
    ("text", "at", "told"),
    [
        ("", (1, 1), "is no JSON: it ends too early"),
        ("[1, 2", (1, 6), "is no JSON: expected , or ]"),
        ("[1,\n ]", (2, 2), "is no JSON: expected a value"),
        ('{"a": 1,}', (1, 9), "is no JSON: expected a key in double quotes"),
        ('{"a" 1}', (1, 6), "is no JSON: expected :"),
        ("{a: 1}", (1, 2), "is no JSON: expected a key in double quotes"),
        ("# words\n{}", (1, 1), "is no JSON: expected a value"),
        ("01", (1, 2), "is no JSON: something follows after its end"),
        ("[] []", (1, 4), "is no JSON: something follows after its end"),
        ('"a\nb"', (1, 1), "is no JSON: a text without its end, or with a line break in it"),
        ('["\\x"]', (1, 2), "is no JSON: a text with an escape that there is not"),
        ("NaN", (1, 1), "is no JSON: expected a value"),
        ("[" * (DEEPEST + 2), (1, DEEPEST + 2), f"is no JSON: nested deeper than {DEEPEST} levels"),
        ("[" + "1," * MOST_NODES, (1, 2 * MOST_NODES), f"is no JSON: it holds more than {MOST_NODES} values"),
    ],
    ids=range(14),
)
def test_no_json(
    write: Callable[[str, str], Path], faults: Faults, text: str, at: tuple[int, int], told: str
) -> None:
    """What is no JSON, or too much of it, is told once, with its place."""
    assert read_json(write("m.json", text), faults) is None
    assert [(*at, told)] == [(fault.line, fault.column, fault.message) for fault in faults]


def test_missing(tmp_path: Path, faults: Faults) -> None:
    """A file that is not there is a problem."""
    assert read_json(tmp_path / "m.json", faults) is None
    assert ["cannot be read: No such file or directory"] == [fault.message for fault in faults]


@pytest.mark.parametrize(
    ("text", "path", "told"),
    [
        ('{"a": 1,\n"a": 2}', "$.a", "the key is there twice, first in line 1"),
        ('{"a": 1e999}', "$.a", "expected a finite number"),
        ('{"a": 123456789012345678901234567890}', "$.a", "the integer does not fit into 64 bits"),
        ('{"a": "\\ud800"}', "$.a", "the text holds half of a surrogate pair"),
        ('{"\\ud800": 1, "a": 2}', "$", "the text holds half of a surrogate pair"),
    ],
)
def test_values_that_are_wrong(
    write: Callable[[str, str], Path], faults: Faults, text: str, path: str, told: str
) -> None:
    """A value that no service could be sent is told with its path, and the rest is read."""
    root = read_json(write("m.json", text), faults)

    assert root is not None
    assert [(path, told)] == [(fault.path, fault.message) for fault in faults]
    assert all(node.value in {1, 2} or node.value is BROKEN for node in root.fields.values())


def test_pairs_of_surrogates(write: Callable[[str, str], Path], faults: Faults) -> None:
    """A character that is escaped as two surrogates is one."""
    root = read_json(write("m.json", '"\\ud83d\\ude00"'), faults)

    assert root is not None
    assert "\N{GRINNING FACE}" == root.value


@given(st.text(alphabet='{}[]",:\\ntrue1.e- '))
def test_reads_what_python_reads(tmp_path_factory: pytest.TempPathFactory, text: str) -> None:
    """Whatever the text is, it is read as Python reads it, or refused as Python refuses it."""
    file = tmp_path_factory.getbasetemp() / "any.json"
    file.write_text(text, encoding="utf-8")
    faults = Faults()

    root = read_json(file, faults)

    try:
        value = json.loads(text)
    except ValueError:
        value = BROKEN
    if value is BROKEN:
        assert root is None
    elif not faults:  # keys that are there twice, and numbers that no service takes, are refused here alone
        assert root is not None
        assert value == plain(root)
