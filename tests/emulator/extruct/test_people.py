"""People that are made up."""

from hypothesis import given, settings
from hypothesis import strategies as st

from aiotables.emulator.choices import PEOPLE_FOUND, PEOPLE_MOST
from aiotables.emulator.extruct.people import people, row_of


@settings(deadline=None)
@given(
    subject=st.text(max_size=9),
    roles=st.lists(st.text(min_size=1), min_size=1, max_size=4),
    most=st.integers(1, 2**70) | st.none(),
)
def test_people_of_a_company(subject: str, roles: list[str], most: int | None) -> None:
    """As many as are asked for, up to a bound, each with one of the roles in turn, and the same each time."""
    config = {"value": {"roles": roles, "max_results": most}}
    found = people(config, subject)

    assert min(PEOPLE_FOUND if most is None else most, PEOPLE_MOST) == len(found)
    assert [roles[place % len(roles)] for place in range(len(found))] == [each["role"] for each in found]
    assert found == people(config, subject)


def test_a_row_of_somebody() -> None:
    """The advised input, and finished cells as the vendor's software reads them."""
    (person,) = people({"value": {"roles": ["CEO"], "max_results": 1}}, "stripe.com")
    row = row_of(person)

    assert f"{person['full_name']}, CEO, {person['profile_url']}" == row["input"]
    assert person["full_name"] == row["full_name"]["value"]["answer"]
    assert "done" == row["profile_url"]["status"]
