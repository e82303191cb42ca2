"""Each choice is in the documentation."""

from pathlib import Path

from aiotables.emulator import choices


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
