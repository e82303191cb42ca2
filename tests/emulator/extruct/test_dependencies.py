"""Which columns wait for which."""

from typing import Any

import pytest

from aiotables.emulator.extruct.configs import with_automatic
from aiotables.emulator.extruct.dependencies import Needs, circle, ordered


def agent(key: str, prompt: str | None = None, **value: object) -> dict[str, Any]:
    """An agent column."""
    return {"kind": "agent", "key": key, "value": {"prompt": prompt} | value}


def needs(kind: str, *configs: dict[str, Any]) -> dict[str, Needs]:
    """What each of the columns waits for."""
    return dict(ordered(kind, configs))


def test_prompts_and_extra_dependencies_name_columns() -> None:
    """Both ways of the guide; what is not there is passed over."""
    found = needs("generic", agent("a", "{b} {gone}", extra_dependencies=["c"]), agent("b"), agent("c"))

    assert {"b", "c"} == found["a"].named
    assert not found["b"].named


@pytest.mark.parametrize(
    ("config", "named"),
    [
        ({"kind": "reverse_email_lookup", "key": "r", "email_column_key": "mail"}, {"mail"}),
        ({"kind": "email_finder", "key": "r"}, {"full_name", "profile_url"}),
        ({"kind": "phone_finder", "key": "r"}, {"full_name", "profile_url"}),
        ({"kind": "company_name", "key": "r"}, {"input"}),
        ({"kind": "criterion_grade", "key": "r"}, set()),
    ],
)
def test_what_other_kinds_need(config: dict[str, Any], named: set[str]) -> None:
    """Lookups need what the guide says, as far as it is there."""
    configs = [*with_automatic("people", []), agent("mail"), config]

    assert named == needs("people", *configs)["r"].named


def test_agents_see_the_company() -> None:
    """The columns made by the service are waited for without being named, and wait for their input alone."""
    found = needs("company", *with_automatic("company", []), agent("a"))

    assert {"company_profile", "company_name", "company_website"} == found["a"].context
    assert Needs(frozenset({"input"}), frozenset()) == found["company_name"]


def test_the_order_keeps_what_is_needed_first() -> None:
    """Also where the context is made of other columns, which then do not wait for it."""
    own = agent("company_name", "{a}")
    found = ordered("company", [*with_automatic("company", [own]), agent("b"), agent("a")])
    order = [key for key, _ in found]

    assert order.index("a") < order.index("company_name") < order.index("b")
    assert not dict(found)["a"].context


@pytest.mark.parametrize(
    ("configs", "keys"),
    [
        ([agent("a", "{b}"), agent("b", "{a}"), agent("c")], {"a", "b"}),
        ([agent("a", "{a}")], {"a"}),
        ([agent("a", "{b}"), agent("b")], set()),
    ],
)
def test_circles_are_found(configs: list[dict[str, Any]], keys: set[str]) -> None:
    """Columns that wait for one another, or for themselves."""
    assert keys == set(circle(configs))
