"""Each choice is in the documentation."""

from collections.abc import Callable, Coroutine
from pathlib import Path
from typing import Any, TypeAlias

import attrs
import pytest

from aiotables.emulator import CellFailure, Choices, Emulator, choices


Ask: TypeAlias = Callable[..., Coroutine[Any, Any, Any]]
Connect: TypeAlias = Callable[[Emulator, str | None], Ask]


PAGE = Path(__file__).parents[2] / "docs" / "emulator.md"


def test_each_choice_is_explained() -> None:
    """Every constant of the module is named on the page, and the codes of refusals with their statuses."""
    page = PAGE.read_text()
    names = [name for name in vars(choices) if name.isupper()]

    assert names
    assert [] == [name for name in names if f"`{name}`" not in page]


def test_codes_differ() -> None:
    """No two refusals share a code, or a program could not tell them apart."""
    codes = [problem.code for problem in vars(choices).values() if isinstance(problem, choices.Problem)]

    assert sorted(set(codes)) == sorted(codes)


def test_a_problem_can_say_more() -> None:
    """A message about the case at hand leaves status and code as they are."""
    said = choices.TABLE_EXISTS.saying("It is there.")

    assert (409, "table_exists", "It is there.") == (said.status, said.code, said.message)


def test_each_field_is_explained() -> None:
    """What can be chosen is a row of the page's table."""
    page = PAGE.read_text()

    assert [] == [each.name for each in attrs.fields(Choices) if f"`{each.name}`" not in page]


def test_choices_can_be_written_as_texts() -> None:
    """As the command line gives them; files may bring values as they are."""
    written = Choices.of(
        {
            "credits": "5",
            "quota": "0",
            "payment_failed": "yes",
            "failing_cells": "a,b:p=0.5",
            "created_status": "200",
        }
    )
    rules = (CellFailure(column="a"), CellFailure(column="b", probability=0.5))

    assert (
        Choices(credits=5, quota=0, payment_failed=True, failing_cells=rules, created_status=200) == written
    )
    assert written == Choices.of(attrs.asdict(written, recurse=False))
    assert Choices() == Choices.of({})


@pytest.mark.parametrize(
    ("name", "value", "message"),
    [
        ("credit", "5", "did you mean credits"),
        ("credits", "many", "the choice credits cannot be 'many'"),
        ("credits", "-1", "the choice credits"),
        ("credits", [], "the choice credits"),
        ("created_status", "204", "created_status is one of 200, 201, not 204"),
        ("payment_failed", "perhaps", "perhaps"),
        ("after_failure", "zork", "fail, wait"),
        ("failing_cells", "a:p=7", "a:p=7"),
        ("failing_cells", 7, "the choice failing_cells"),
    ],
)
def test_what_cannot_be_chosen(name: str, value: object, message: str) -> None:
    """A slip is told with what there is instead."""
    with pytest.raises(ValueError, match=message):
        Choices.of({name: value})


async def test_statuses_of_zangtable_can_be_chosen(connect: Connect) -> None:
    """The docs tell neither, so programs must work with either."""
    async with Emulator(choices=Choices(created_status=200, exists_status=400)) as emulator:
        zang = connect(emulator, "pat_emulator")
        answers = [await zang("POST", "/projects/acme/table", {"table_name": "t"}) for _ in range(2)]

    assert [200, 400] == [answer.status for answer in answers]
    assert "table_exists" == answers[1].json["error"]["code"]
