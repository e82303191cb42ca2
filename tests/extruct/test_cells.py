"""What a cell holds, whatever it is wrapped in."""

import pytest

from aiotables.extruct.cells import bare


@pytest.mark.parametrize(
    ("value", "cell"),
    [
        (42, 42),
        (None, None),
        ({"other": 1}, {"other": 1}),
        ("a", {"value": "a"}),
        ("a", {"value": {"answer": "a", "sources": []}}),
        ({"name": "a"}, {"value": {"name": "a"}}),
    ],
)
def test_bare(value: object, cell: object) -> None:
    """A bare value stays as it is; one that is wrapped comes out, also of an answer."""
    assert value == bare(cell)
