"""Files of fault rules."""

from pathlib import Path

import pytest

from aiotables.emulator import Fault
from aiotables.emulator.fault_files import read_faults


DROP = Fault(operation="zangtable.*", when="after", what="drop", probability=0.5)


@pytest.mark.parametrize(
    ("name", "text"),
    [
        (
            "f.yaml",
            "['zangtable.*:after:drop:p=0.5', {operation: zangtable.*, when: after, what: drop, p: 0.5}]",
        ),
        ("f.jsonl", '"zangtable.*:after:drop:p=0.5"\n' * 2),
    ],
)
def test_rules_are_read(tmp_path: Path, name: str, text: str) -> None:
    """A rule is a text or a mapping, in any of the formats."""
    file = tmp_path / name
    file.write_text(text)

    assert [DROP, DROP] == read_faults(file)


def test_a_wrong_rule_is_told_with_its_place(tmp_path: Path) -> None:
    """File, entry and what is wrong, with a suggestion."""
    file = tmp_path / "f.json"
    file.write_text('["*:after:drop", {"operation": "*", "when": "after", "what": "drop", "nht": 2}]')

    with pytest.raises(ValueError, match=r"f\.json, entry 2: a fault has no 'nht' \(did you mean nth\?\)"):
        read_faults(file)
