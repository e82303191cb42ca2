"""Refused rows can be fed in again."""

from pathlib import Path

import orjson

from aiotables.extruct._generated.models import RowCreate, RowsCreate
from aiotables.provision.desired import Desired, ExtructSpec
from aiotables.provision.failed_rows import FailedRows, file_name


def table(key: str) -> Desired:
    """A table of that key."""
    return Desired(
        target="research",
        key=key,
        name="A",
        spec=ExtructSpec(name="A"),
        identity="0123456789abcdef",
        digest="d",
        origin="m:1",
    )


def rows(*names: str) -> RowsCreate:
    """Rows as they are sent."""
    return RowsCreate(rows=[RowCreate(data={"input": name}, metadata={"aiotables": "x"}) for name in names])


def test_written(tmp_path: Path) -> None:
    """Each row is a line of JSON with its data alone; a second batch comes after the first, another table elsewhere."""
    failed = FailedRows(tmp_path / "new" / "folder")

    first, again = failed.add(table("a"), rows("x", "y")), failed.add(table("a"), rows("ž"))
    other = failed.add(table("b"), rows("z"))

    assert first == again != other
    assert [{"input": "x"}, {"input": "y"}, {"input": "ž"}] == [
        orjson.loads(line) for line in first.read_bytes().splitlines()
    ]


def test_names() -> None:
    """The name of a file can be read and is one, whatever the key holds."""
    assert "research-north-albums-0123456789abcdef.jsonl" == file_name(table("north/albums"))
    assert "research-0123456789abcdef.jsonl" == file_name(table("../../.."))
    assert len(file_name(table("x" * 1000))) < 120
