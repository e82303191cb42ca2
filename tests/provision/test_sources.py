"""Tests of `aiotables.provision.sources`."""

from collections.abc import Callable
from pathlib import Path

import pytest

from aiotables.provision.problems import Faults, ManifestError, Place, Problem
from aiotables.provision.sources import Row, RowFile, find_row_file
from aiotables.provision.tree import Node


def _find(file: Path, faults: Faults) -> RowFile | None:
    return find_row_file(Node(file.name, Place("m.yaml", 4, 9), "$.for_each"), file.parent, faults)


def _read(file: Path) -> list[Row | Problem]:
    found = _find(file, Faults())
    assert found is not None
    return list(found.read())


def test_csv_rows_know_their_lines(write: Callable[[str, str], Path]) -> None:
    """Each row has the line on which it starts, also after empty lines and cells of several lines."""
    file = write("t.csv", 'slug,company\nacme,"Acme\nCorp"\n\nglobex,"Globex, Inc"\n')

    assert [
        Row(2, {"slug": "acme", "company": "Acme\nCorp"}),
        Row(5, {"slug": "globex", "company": "Globex, Inc"}),
    ] == _read(file)


def test_csv_columns_are_its_header(write: Callable[[str, str], Path], faults: Faults) -> None:
    """The header gives the columns, without the byte order mark that spreadsheets write."""
    found = _find(write("t.csv", "\ufeffslug,company\n"), faults)

    assert found is not None
    assert ("slug", "company") == found.columns
    assert "t.csv" == found.name


def test_csv_without_rows_is_empty(write: Callable[[str, str], Path]) -> None:
    """A header alone makes no rows."""
    assert [] == _read(write("t.csv", "slug\n"))


@pytest.mark.parametrize(
    ("text", "line", "message"),
    [
        ("", 1, "is empty; expected a header line"),
        ("slug,\nacme,x", 1, "column 2 of the header has no name"),
        ("slug,city,slug\n", 1, "the header has the column slug twice"),
        ('"slug', 1, "is no CSV"),
    ],
)
def test_bad_headers(
    write: Callable[[str, str], Path], faults: Faults, text: str, line: int, message: str
) -> None:
    """A header that cannot name columns is told in the file's own line."""
    file = write("t.csv", text)

    assert _find(file, faults) is None
    (fault,) = faults
    assert (str(file), line, "") == (fault.file, fault.line, fault.path)
    assert message in fault.message


def test_missing_file(tmp_path: Path, faults: Faults) -> None:
    """A file that is not there is told where the manifest names it."""
    assert _find(tmp_path / "t.csv", faults) is None
    (fault,) = faults
    assert ("m.yaml", 4, 9, "$.for_each") == (fault.file, fault.line, fault.column, fault.path)
    assert fault.message.endswith("t.csv cannot be read: No such file or directory")


def test_missing_jsonl_file(tmp_path: Path, faults: Faults) -> None:
    """JSONL files are looked for, too, although they have no header to read."""
    assert _find(tmp_path / "t.jsonl", faults) is None
    assert 1 == len(faults)


def test_bad_rows_do_not_hide_the_others(write: Callable[[str, str], Path]) -> None:
    """A row of the wrong length is a problem, and the rows after it are read."""
    file = write("t.csv", "a,b\n1\n2,3\n4,5,6\n")

    assert [
        Problem(str(file), 2, 1, "", "the row has 1 cell, the header 2"),
        Row(3, {"a": "2", "b": "3"}),
        Problem(str(file), 4, 1, "", "the row has 3 cells, the header 2"),
    ] == _read(file)


def test_broken_csv_ends_the_rows(write: Callable[[str, str], Path]) -> None:
    """After a quote that is never closed nothing can be told apart, so reading ends with a problem."""
    file = write("t.csv", 'a\n1\n"2\n3\n')

    row, problem = _read(file)

    assert Row(2, {"a": "1"}) == row
    assert isinstance(problem, Problem)
    assert (3, "is no CSV: unexpected end of data") == (problem.line, problem.message)


def test_csv_that_is_no_utf8(tmp_path: Path) -> None:
    """Bytes in another encoding are a problem, no traceback."""
    file = tmp_path / "t.csv"
    file.write_bytes(b"a\n" + b"x\n" * 10_000 + b"\xe9\n")

    problem = _read(file)[-1]

    assert isinstance(problem, Problem)
    assert problem.message.startswith("is not UTF-8 text")


def test_header_may_change_after_the_check(write: Callable[[str, str], Path]) -> None:
    """A file that is changed between checking and reading is read by the header it has then, if it has one."""
    file = write("t.csv", "a\n1\n")
    found = _find(file, Faults())
    assert found is not None

    write("t.csv", "b\n2\n")
    assert [Row(2, {"b": "2"})] == list(found.read())

    write("t.csv", "b,b\n2,3\n")
    assert [Problem(str(file), 1, 1, "", "the header has the column b twice")] == list(found.read())

    file.unlink()
    assert [Problem(str(file), 1, 1, "", "cannot be read: No such file or directory")] == list(found.read())


def test_jsonl_rows_keep_their_types(write: Callable[[str, str], Path]) -> None:
    """Each line is an object with keys and types of its own; empty lines are passed over."""
    file = write("t.jsonl", '{"a": 1}\n\n{"b": [true, null]}\n')

    assert [Row(1, {"a": 1}), Row(3, {"b": [True, None]})] == _read(file)


def test_jsonl_has_no_columns_of_its_own(write: Callable[[str, str], Path], faults: Faults) -> None:
    """Nobody knows the columns of a JSONL file before its rows are read."""
    found = _find(write("t.jsonl", ""), faults)

    assert found is not None
    assert found.columns is None


@pytest.mark.parametrize(("text", "message"), [("{a: 1}", "is no JSON: "), ("[1]", "expected a JSON object")])
def test_bad_jsonl_lines(write: Callable[[str, str], Path], text: str, message: str) -> None:
    """A line that is no object is a problem, and the lines after it are read."""
    problem, row = _read(write("t.jsonl", f'{text}\n{{"a": 1}}\n'))

    assert isinstance(problem, Problem)
    assert 1 == problem.line
    assert message in problem.message
    assert Row(2, {"a": 1}) == row


def test_jsonl_that_is_no_utf8(tmp_path: Path) -> None:
    """Bytes in another encoding are a problem, no traceback."""
    file = tmp_path / "t.jsonl"
    file.write_bytes(b'{"a": "\xe9"}\n')

    (problem,) = _read(file)

    assert isinstance(problem, Problem)
    assert (1, "is not UTF-8 text from about here on") == (problem.line, problem.message)


def test_rows_raise_at_the_first_bad_one(write: Callable[[str, str], Path]) -> None:
    """Where only good rows are of use, the first bad one raises."""
    found = _find(write("t.csv", "a,b\n1,2\n3\n"), Faults())
    assert found is not None
    rows = found.rows()

    assert Row(2, {"a": "1", "b": "2"}) == next(rows)
    with pytest.raises(ManifestError, match="the row has 1 cell"):
        next(rows)
