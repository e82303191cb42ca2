"""Column configs: what is refused, and what the service adds."""

from typing import Any

import pytest

from aiotables.core.convert import Converter
from aiotables.emulator.bodies import Place
from aiotables.emulator.extruct.configs import issues, with_automatic
from aiotables.extruct._generated.models import ColumnConfig, ColumnsCreate


INPUT = {"kind": "input", "name": "Company", "key": "input"}


def agent(key: str = "x", **value: object) -> dict[str, Any]:
    """An agent column."""
    return {
        "kind": "agent",
        "name": "X",
        "key": key,
        "value": {"agent_type": "llm", "prompt": "Do.", "output_format": "text"} | value,
    }


def finder(roles: list[str], **value: object) -> dict[str, Any]:
    """A people finder."""
    return {"kind": "company_people_finder", "name": "P", "key": "p", "value": {"roles": roles} | value}


def places(*configs: dict[str, Any], kind: str = "company", **known: list[str]) -> list[Place]:
    """Where the configs are wrong, below `column_configs`."""
    decoded: list[ColumnConfig] = (
        Converter().decode({"column_configs": list(configs)}, ColumnsCreate).column_configs
    )
    found = issues(decoded, configs, kind=kind, **known)
    assert {"column_configs"} >= {issue.place[0] for issue in found}
    return [issue.place[1:] for issue in found]


@pytest.mark.parametrize(
    ("kind", "keys"),
    [
        ("generic", []),
        ("company", ["input", "company_profile", "company_name", "company_website"]),
        ("people", ["input", "full_name", "role", "profile_url"]),
    ],
)
def test_the_services_own_columns(kind: str, keys: list[str]) -> None:
    """Each kind of table has the columns that the vendor names, and they are valid configs."""
    configs = with_automatic(kind, [])

    assert keys == [config["key"] for config in configs]
    assert [] == places(*configs, kind=kind)


def test_a_column_that_is_asked_for_takes_the_place_of_the_services_own() -> None:
    """No key is there twice, and the order stays."""
    configs = with_automatic("company", [agent("x"), INPUT])

    assert ["input", "company_profile", "company_name", "company_website", "x"] == [
        each["key"] for each in configs
    ]
    assert INPUT == configs[0]


@pytest.mark.parametrize(
    "config",
    [
        INPUT,
        agent(),
        agent(output_format="select", labels=["a"]),
        agent(output_format="json", output_schema={"type": "object"}),
        agent(prompt='Of {company_name}, as {"json": 1} and {}'),
        agent(agent_type="research_pro"),
        {"kind": "agent", "name": "X", "key": "x", "value": {"agent_type": "linkedin", "prompt": "{input}"}},
        {"kind": "company_people_finder", "name": "P", "key": "p", "value": {"roles": ["VP Sales"]}},
        {"kind": "criterion_grade", "name": "G", "key": "g", "value": {"criterion": "Is it good?"}},
        {"kind": "reverse_email_lookup", "name": "R", "key": "r", "email_column_key": "input"},
        {"kind": "company_profile", "name": "C", "key": "c", "whatever": [1]},
    ],
)
def test_configs_of_the_documentation_are_accepted(config: dict[str, Any]) -> None:
    """Every kind has a form that is taken."""
    assert [] == places(config, own=["input", "company_name"])


@pytest.mark.parametrize("kind", ["email_finder", "phone_finder"])
def test_lookups_of_people_are_for_tables_of_people(kind: str) -> None:
    """Elsewhere they have nobody to look up."""
    config = {"kind": kind, "name": "E", "key": "e"}

    assert [] == places(config, kind="people")
    assert [(0, "kind")] == places(config, kind="generic")


@pytest.mark.parametrize(
    ("config", "kind", "place"),
    [
        ({"kind": "zork", "name": "Z", "key": "z"}, "company", (0, "kind")),
        (INPUT | {"key": ""}, "company", (0, "key")),
        (agent(prompt="{nope}"), "company", (0, "value", "prompt")),
        (agent(agent_type="zork"), "company", (0, "value", "agent_type")),
        (agent(output_format="zork"), "company", (0, "value", "output_format")),
        (agent(output_format="multiselect"), "company", (0, "value", "labels")),
        (agent(output_format="select", labels=[]), "company", (0, "value", "labels")),
        (agent(output_format="json"), "company", (0, "value", "output_schema")),
        (agent(agent_type="research_pro"), "people", (0, "value", "agent_type")),
        (finder(["CEO"]), "people", (0, "kind")),
        (finder([]), "company", (0, "value", "roles")),
        (finder(["CEO"], max_results=0), "company", (0, "value", "max_results")),
        (
            {"kind": "reverse_email_lookup", "name": "R", "key": "r", "email_column_key": "nope"},
            "people",
            (0, "email_column_key"),
        ),
    ],
)
def test_configs_that_are_refused(config: dict[str, Any], kind: str, place: Place) -> None:
    """Each fault is told at its place."""
    assert [place] == places(config, kind=kind)


def test_an_agent_needs_type_and_prompt() -> None:
    """What is left out is told, too."""
    bare = {"kind": "agent", "name": "X", "key": "x", "value": {}}

    assert [(0, "value", "agent_type"), (0, "value", "prompt")] == places(bare)


def test_keys_are_there_once() -> None:
    """A key of the table, or of the same request, is refused the second time."""
    assert [(0, "key"), (2, "key")] == places(agent("a"), agent("b"), agent("b"), existing=["a"])


def test_columns_of_one_request_may_name_each_other() -> None:
    """A prompt may speak of a column that comes with it."""
    assert [] == places(agent("a", prompt="{b}"), agent("b"))


def test_a_kind_that_is_not_known_is_not_looked_into() -> None:
    """Unknown kinds have no other faults, with or without a key."""
    assert [(0, "kind"), (1, "kind")] == places({"kind": "zork"}, {"kind": "zork", "key": [{}]})
