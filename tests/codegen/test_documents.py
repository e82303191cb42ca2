"""Reading one file: what is JSON comes through with its lines, all else is refused with the line of it."""

import json
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from codegen.documents import Problem, SpecError, dotted, read


PRINTABLE = st.text(st.characters(categories=["L", "M", "N", "P", "S"]))
JSON = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**60), 2**60) | PRINTABLE,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(PRINTABLE, inner, max_size=3),
    max_leaves=12,
)


def refusal(file: Path, text: str) -> str:
    """What `read` says of *text*, without the name of the file."""
    file.write_text(text, encoding="utf-8")
    with pytest.raises(SpecError) as raised:
        read(file)

    return str(raised.value).replace(file.as_posix(), "")


def test_data_and_lines(tmp_path: Path) -> None:
    """Plain YAML becomes JSON data, and each key and item knows its line."""
    file = tmp_path / "a.yaml"
    file.write_text('# why\nname: Ann\nages: [1, 2.5,\n  null]\n"401":\n  ok: true\n', encoding="utf-8")

    document = read(file)

    assert {"name": "Ann", "ages": [1, 2.5, None], "401": {"ok": True}} == document.data
    assert [2, 2, 3, 4, 6] == [
        document.line(path) for path in [(), ("name",), ("ages", 0), ("ages", 2), ("401", "ok")]
    ]


def test_line_of_what_is_not_there(tmp_path: Path) -> None:
    """What is missing is told at the line of what it is missing from."""
    file = tmp_path / "a.yaml"
    file.write_text("a: 1\nb:\n  c: 2\n", encoding="utf-8")

    assert 2 == read(file).line(("b", "d", 0))


@given(data=JSON)
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_all_json_comes_through(tmp_path: Path, data: object) -> None:
    """Any JSON of visible characters is read as what it is, numbers and words included."""
    file = tmp_path / "a.yaml"
    file.write_text(json.dumps(data, ensure_ascii=False), encoding="utf-8")

    assert data == read(file).data


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("a: &x 1\nb: *x\n", ":1: anchors and aliases are refused: write it out"),
        ("a: 1\na: 2\n", ":2: a: is there twice"),
        ("401: x\n", ":1: key '401' is no string: put it in quotes"),
        ("<<: {}\n", ":1: key '<<' is no string: put it in quotes"),
        ("on: x\n", ":1: key 'on' is no string: put it in quotes"),
        ("{[a]: 1}\n", "is no string: put it in quotes"),
        ("a:\n  b: 2026-01-01\n", ":2: a.b: '2026-01-01' is no JSON value"),
        ("a: no\n", ":1: a: 'no' is no JSON value"),
        ("a:\n", ":1: a: '' is no JSON value"),
        ("a: 0x1F\n", ":1: a: '0x1F' is no JSON value"),
        ("a: 010\n", ":1: a: '010' is no JSON value"),
        ("a: .nan\n", ":1: a: '.nan' is no JSON value"),
        ("a: !!binary aGk=\n", ":1: a: 'aGk=' is no JSON value"),
        (
            "a: !!python/object:os.system {}\n",
            ":1: a: tag 'tag:yaml.org,2002:python/object:os.system' is refused",
        ),
        ("a: !!set {b, c}\n", ":1: a: tag 'tag:yaml.org,2002:set' is refused"),
        ("a: !!omap [b: 1]\n", ":1: a: tag 'tag:yaml.org,2002:omap' is refused"),
        ("", ":1: the file holds nothing"),
        ("a: [\n", ":2: is not YAML: "),
        ("a: 1\n---\nb: 2\n", ":2: is not YAML: but found another document"),
        ("a: 1\nb: \x00\n", ":2: holds U+0000, which cannot be seen"),
        ("a: \u202eabc\n", ":1: holds U+202E, which cannot be seen"),
        ("a: \uffff\n", ":1: holds U+FFFF, which cannot be seen"),
        ("# \u200b\na: 1\n", ":1: holds U+200B, which cannot be seen"),
        ("a: \ufeff\n", ":1: holds U+FEFF, which cannot be seen"),
        ('a:\n  b: "\\u202e"\n', ":2: a.b: holds U+202E, which cannot be seen"),
        ('"\\u0000": 1\n', ":1: holds U+0000, which cannot be seen"),
        ("a: 1\r\n", ":1: holds U+000D, which cannot be seen"),
        ('a: "\\t"\n', ":1: a: holds U+0009, which cannot be seen"),
    ],
)
def test_what_is_refused(tmp_path: Path, text: str, message: str) -> None:
    """What JSON does not have, what is there twice, and what cannot be seen is refused at its line."""
    assert message in refusal(tmp_path / "a.yaml", text)


def test_no_utf8(tmp_path: Path) -> None:
    """A file in another encoding is refused."""
    file = tmp_path / "a.yaml"
    file.write_bytes(b"a: \xff\n")

    with pytest.raises(SpecError, match=r"a\.yaml:1: is not UTF-8"):
        read(file)


def test_nested_too_deeply(tmp_path: Path) -> None:
    """A file that would exhaust the stack is refused, not fatal."""
    assert ":1: is nested too deeply" == refusal(tmp_path / "a.yaml", "[" * 900 + "]" * 900)


def test_all_problems_of_a_file(tmp_path: Path) -> None:
    """All that is wrong in a readable file is told at once, by line."""
    file = tmp_path / "a.yaml"
    file.write_text("a: yes\nb: 2026-01-01\nb: 1\n", encoding="utf-8")

    with pytest.raises(SpecError) as raised:
        read(file)

    assert [1, 2, 3] == [problem.line for problem in raised.value.problems]


def test_printed_without_a_path() -> None:
    """A problem of a whole file names the file and the line alone."""
    assert "a.yaml:1: is not UTF-8" == str(Problem("a.yaml", 1, "", "is not UTF-8"))


def test_dotted_is_escaped() -> None:
    """Hostile keys do not reach the terminal as they are."""
    assert r"a.\x1b[31m.0" == dotted(("a", "\x1b[31m", 0))
