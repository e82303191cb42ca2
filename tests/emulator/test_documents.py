"""Files that tell the emulator something."""

import sys
from pathlib import Path

import pytest

from aiotables.emulator.documents import read_document, read_entries


@pytest.mark.parametrize(
    ("name", "text", "value"),
    [
        ("a.yaml", "- {a: 1, at: 2026-01-02}\n- b", [{"a": 1, "at": "2026-01-02"}, "b"]),
        ("a.yml", "a: [true, null, 1.5]", {"a": [True, None, 1.5]}),
        ("a.json", '{"a": ["b"]}', {"a": ["b"]}),
        ("a.jsonl", '{"a": 1}\n\n"b"\n', [{"a": 1}, "b"]),
        ("a.ndjson", "", []),
    ],
)
def test_a_file_is_read(tmp_path: Path, name: str, text: str, value: object) -> None:
    """The ending tells the format; YAML has no types that JSON has not."""
    file = tmp_path / name
    file.write_text(text)

    assert value == read_document(file)


@pytest.mark.parametrize(
    ("name", "text", "says"),
    [
        ("a.txt", "[]", "ends in none of .yaml, .yml, .json, .jsonl"),
        ("a.json", "[", "a.json: no JSON"),
        ("a.jsonl", '{}\n{"a"\n', "a.jsonl, line 2: no JSON"),
        ("a.yaml", "[", "a.yaml: no YAML"),
        ("a.yaml", "\0", "a.yaml: no YAML"),
        ("a.yaml", "!!python/name:os.system x", "a.yaml: no YAML"),
        ("a.json", "{}", "a.json: the file holds no list"),
    ],
)
def test_a_file_that_is_wrong(tmp_path: Path, name: str, text: str, says: str) -> None:
    """The message names the file, the line where there is one, and what is wrong."""
    file = tmp_path / name
    file.write_text(text)

    with pytest.raises(ValueError, match=r"a") as caught:
        list(read_entries(file))

    assert says in str(caught.value)


def test_entries_say_where_they_stand(tmp_path: Path) -> None:
    """By the number of the entry, or of the line."""
    listed, lines = tmp_path / "a.json", tmp_path / "a.jsonl"
    listed.write_text('["a", "b"]')
    lines.write_text('"a"\n\n"b"\n')

    assert [(f"{listed}, entry 1", "a"), (f"{listed}, entry 2", "b")] == list(read_entries(listed))
    assert [(f"{lines}, line 1", "a"), (f"{lines}, line 3", "b")] == list(read_entries(lines))


def test_without_a_yaml_library(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The message says what to install, and what does without."""
    monkeypatch.setitem(sys.modules, "yaml", None)
    file = tmp_path / "a.yaml"
    file.write_text("[]")

    with pytest.raises(ValueError, match=r"comes with aiotables\[cli\]; JSON does without"):
        read_document(file)
