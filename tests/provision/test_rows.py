"""Tests of `aiotables.provision.rows`."""

import json
import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from aiotables.provision.desired import Desired, ExtructSpec, RowSource, ZangTableSpec
from aiotables.provision.expand import expand
from aiotables.provision.manifest import Manifest
from aiotables.provision.problems import ManifestError
from aiotables.provision.rows import PAGE, RowReader, rows
from aiotables.provision.sources import RowFile


Make = Callable[[str], Manifest]
Write = Callable[[str, str], Path]
Read = Callable[[Desired], Iterator[dict[str, Any]]]

COMPANIES = (
    "segment,country,website\n"
    "Chips,US,https://a\nBanks,US,https://b\nChips,NL,https://c\n"
    '"Chips, tools",US,https://d\n'
)
TABLE = (
    "  - {target: research, for_each: s.csv, name: '${segment}', rows: {from: c.csv, "
    "where: {segment: '${segment}'}, data: {input: '${website}', note: '${country} ${each.segment}'}}}"
)


@pytest.fixture(params=["function", "reader"])
def read(request: pytest.FixtureRequest) -> Iterator[Read]:
    """Both ways of reading rows, which have to agree."""
    if request.param == "function":
        yield rows
    else:
        with RowReader() as reader:
            yield reader.read


def _desired(source: RowSource) -> Desired:
    return Desired(
        target="x",
        key="k",
        name="n",
        spec=ExtructSpec(name="n", rows=source),
        identity="",
        digest="",
        origin="",
    )


def test_rows_are_those_that_fit(manifest: Make, write: Write, read: Read) -> None:
    """Each table gets its rows of the file, in the file's order, with its values filled in."""
    write("s.csv", 'segment\nChips\n"Chips, tools"\nSteel\n')
    write("c.csv", COMPANIES)

    chips, tools, steel = (list(read(desired)) for desired in expand(manifest(TABLE)))

    assert [
        {"input": "https://a", "note": "US Chips"},
        {"input": "https://c", "note": "NL Chips"},
    ] == chips
    assert [{"input": "https://d", "note": "US Chips, tools"}] == tools
    assert [] == steel


def test_rows_are_read_again(manifest: Make, write: Write, read: Read) -> None:
    """Reading twice gives the same rows."""
    write("s.csv", "segment\nChips\n")
    write("c.csv", COMPANIES)
    (desired,) = expand(manifest(TABLE))

    assert list(read(desired)) == list(read(desired))


def test_all_rows_as_they_are(manifest: Make, write: Write, read: Read) -> None:
    """Without selection and templates, a table gets every row with the types it has."""
    write("c.jsonl", '{"a": [1, null]}\n{"b": 1.5}\n')
    (desired,) = expand(manifest("  - {target: research, name: T, rows: {from: c.jsonl}}"))

    assert [{"a": [1, None]}, {"b": 1.5}] == list(read(desired))


def test_inline_rows(manifest: Make, read: Read) -> None:
    """Rows in the manifest itself need no file."""
    (desired,) = expand(manifest("  - {target: research, name: T, rows: [{input: a}, {input: b}]}"))

    assert [{"input": "a"}, {"input": "b"}] == list(read(desired))


def test_zangtable_tables_have_no_rows(read: Read) -> None:
    """Rows of ZangTable tables are not part of the manifest."""
    desired = Desired(
        target="x", key="k", name="n", spec=ZangTableSpec(name="n"), identity="", digest="", origin=""
    )

    assert [] == list(read(desired))


def test_more_rows_than_a_page(write: Write, read: Read) -> None:
    """All rows come, each once and in order, however many there are."""
    count = 2 * PAGE + 1
    path = write("c.jsonl", "".join(f'{{"n": {n}}}\n' for n in range(count)))

    found = list(read(_desired(RowSource(file=RowFile(name="c.jsonl", path=path, columns=None)))))

    assert [{"n": n} for n in range(count)] == found


def test_bad_rows_raise(manifest: Make, write: Write, read: Read) -> None:
    """A file that went bad after the check raises; it is never read in part without a word."""
    write("c.csv", "a\nx\n")
    (desired,) = expand(manifest("  - {target: research, name: T, rows: {from: c.csv}}"))
    write("c.csv", "a\nx\ny,z\n")

    with pytest.raises(ManifestError, match="the row has 2 cells"):
        list(read(desired))


def test_a_reader_forgets_what_it_read_in_part(manifest: Make, write: Write) -> None:
    """After a file was mended it can be read, and no row of the first try is there twice."""
    write("c.csv", "a\nx\n")
    (desired,) = expand(manifest("  - {target: research, name: T, rows: {from: c.csv}}"))
    with RowReader() as reader:
        write("c.csv", "a\nx\ny,z\n")
        with pytest.raises(ManifestError):
            list(reader.read(desired))
        write("c.csv", "a\nx\ny\n")

        assert [{"a": "x"}, {"a": "y"}] == list(reader.read(desired))


def test_rows_without_a_column_raise(manifest: Make, write: Write, read: Read) -> None:
    """A JSONL row that lacks what a template names raises with its line."""
    write("c.jsonl", '{"a": 1}\n{"b": 1}\n')
    (desired,) = expand(manifest("  - {target: research, name: T, rows: {from: c.jsonl, data: {x: '${a}'}}}"))

    with pytest.raises(ManifestError, match=r'no column "a"; there are b \(from c.jsonl:2\)'):
        list(read(desired))


def test_a_reader_reads_each_file_once(manifest: Make, write: Write) -> None:
    """Of many tables from one file, the first use reads it, and the others need it no more."""
    write("s.csv", "segment\nChips\nBanks\n")
    file = write("c.csv", COMPANIES)
    chips, banks = expand(manifest(TABLE))

    with RowReader() as reader:
        assert 2 == len(list(reader.read(chips)))
        file.unlink()

        assert 1 == len(list(reader.read(banks)))


def test_a_reader_keeps_selections_by_other_columns_apart(manifest: Make, write: Write, read: Read) -> None:
    """Tables may select from one file by different columns."""
    write("c.csv", COMPANIES)
    by_segment, by_country, by_both = expand(
        manifest(
            "  - {target: research, name: A, rows: {from: c.csv, where: {segment: Chips}}}\n"
            "  - {target: research, name: B, rows: {from: c.csv, where: {country: US}}}\n"
            "  - {target: research, name: C, rows: {from: c.csv, where: {country: US, segment: Chips}}}\n"
        )
    )

    assert ["https://a", "https://c"] == [row["website"] for row in read(by_segment)]
    assert ["https://a", "https://b", "https://d"] == [row["website"] for row in read(by_country)]
    assert ["https://a"] == [row["website"] for row in read(by_both)]


def test_threads_share_a_reader(manifest: Make, write: Write) -> None:
    """Several threads may read through one reader at a time."""
    write("s.csv", "segment\n" + "".join(f"s{n}\n" for n in range(8)))
    write("c.csv", "segment,website,country\n" + "".join(f"s{n % 8},w{n},US\n" for n in range(8_000)))
    tables = list(expand(manifest(TABLE)))
    found: dict[str, int] = {}

    with RowReader() as reader:

        def count(desired: Desired) -> None:
            found[desired.name] = sum(1 for _ in reader.read(desired))

        threads = [threading.Thread(target=count, args=(desired,)) for desired in tables]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()

    assert {f"s{n}": 1000 for n in range(8)} == found


VALUES = st.sampled_from(["x", "X", "", " x", "1", 1, 1.0, True, "true", None, [1]])


@given(
    st.lists(st.dictionaries(st.sampled_from("ab"), VALUES)), st.sampled_from(["x", "", "1", "1.0", "true"])
)
def test_a_reader_agrees_with_a_scan(
    tmp_path_factory: pytest.TempPathFactory, values: list[dict[str, object]], wanted: str
) -> None:
    """The index finds what reading the whole file finds."""
    path = tmp_path_factory.getbasetemp() / "agree.jsonl"
    path.write_text("".join(f"{json.dumps(each)}\n" for each in values), encoding="utf-8")
    desired = _desired(
        RowSource(file=RowFile(name="c.jsonl", path=path, columns=None), where=(("a", wanted),))
    )

    with RowReader() as reader:
        assert list(rows(desired)) == list(reader.read(desired))
