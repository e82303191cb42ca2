"""Tests of `aiotables.provision.compose`."""

from collections.abc import Callable
from pathlib import Path

import pytest
import yaml

from aiotables.provision.compose import compose, place_of
from aiotables.provision.problems import Faults, Place
from aiotables.provision.texts import DEEPEST, MOST_BYTES


def _only(faults: Faults) -> tuple[int, str]:
    ((line, message),) = [(each.line, each.message) for each in faults]
    return line, message


@pytest.mark.parametrize(
    ("text", "tag"),
    [
        ("no", "str"),
        ("yes", "str"),
        ("12:30", "str"),
        ("2026-01-01", "str"),
        ("1_000", "str"),
        ("<<", "str"),
        ("+", "str"),
        ("true", "bool"),
        ("~", "null"),
        ("null", "null"),
        ("''", "str"),
        ("0x1f", "int"),
        ("-7", "int"),
        ("1e5", "float"),
        ("-.5", "float"),
        (".inf", "float"),
    ],
)
def test_plain_scalars_follow_yaml_1_2(
    write: Callable[[str, str], Path], faults: Faults, text: str, tag: str
) -> None:
    """Norway stays `no` and half past twelve is no number of seconds."""
    node = compose(write("m.yaml", text), faults)

    assert node is not None
    assert f"tag:yaml.org,2002:{tag}" == node.tag


def test_missing_file(tmp_path: Path, faults: Faults) -> None:
    """A file that is not there is a problem, no traceback."""
    assert compose(tmp_path / "m.yaml", faults) is None
    assert (1, "cannot be read: No such file or directory") == _only(faults)


def test_empty_file(write: Callable[[str, str], Path], faults: Faults) -> None:
    """An empty file, or one of comments alone, is said to be empty."""
    assert compose(write("m.yaml", "# nothing\n"), faults) is None
    assert (1, "is empty") == _only(faults)


def test_huge_file(write: Callable[[str, str], Path], faults: Faults) -> None:
    """A file beyond the bound is refused before it is parsed, with the way out."""
    assert compose(write("m.yaml", " " * (MOST_BYTES + 1)), faults) is None
    assert "for_each" in _only(faults)[1]


def test_not_utf8(tmp_path: Path, faults: Faults) -> None:
    """Bytes that are no UTF-8 are reported with their line."""
    file = tmp_path / "m.yaml"
    file.write_bytes(b"a: 1\nb: \xff\n")

    assert compose(file, faults) is None
    assert (2, "is not UTF-8 text") == _only(faults)


def test_byte_order_mark(tmp_path: Path, faults: Faults) -> None:
    """The mark that Windows editors put before a text is no part of it."""
    file = tmp_path / "m.yaml"
    file.write_bytes(b"\xef\xbb\xbfa")

    node = compose(file, faults)

    assert isinstance(node, yaml.ScalarNode)
    assert "a" == node.value


@pytest.mark.parametrize(
    ("text", "line", "message"),
    [
        ("a: 1\nb: [", 2, "is no YAML: "),
        ("a: 1\n--- \nb: 2", 2, "is no YAML: "),
        ("a: *nobody", 1, "is no YAML: found undefined alias"),
        ("a: 1\nb: \x01", 2, "holds the character U+0001"),
        (r'a: "\UFFFFFFFF"', 1, "out of range"),
        ("[" * (DEEPEST + 2) + "]" * (DEEPEST + 2), 1, "nested deeper than 50 levels"),
        ("[" * 100_000, 1, "nested deeper than 50 levels"),
    ],
)
def test_no_yaml(
    write: Callable[[str, str], Path], faults: Faults, text: str, line: int, message: str
) -> None:
    """Every way of being no YAML, hostile ones included, ends in one problem with its line."""
    assert compose(write("m.yaml", text), faults) is None
    found_line, found = _only(faults)
    assert line == found_line
    assert message in found


def test_place_of_counts_from_one() -> None:
    """PyYAML counts lines and columns from 0, people from 1; without a mark it is the start of the file."""
    mark = yaml.Mark("m", 0, 2, 4, None, 0)

    assert Place("m.yaml", 3, 5) == place_of("m.yaml", mark)
    assert Place("m.yaml", 1, 1) == place_of("m.yaml", None)
