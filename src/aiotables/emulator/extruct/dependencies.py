"""Which columns wait for which. Pure."""

import re
from collections.abc import Mapping, Sequence
from graphlib import CycleError, TopologicalSorter
from typing import Any

from attrs import frozen


Config = Mapping[str, Any]

_REFERENCE = re.compile(r"\{([A-Za-z_][A-Za-z0-9_]*)\}")

# What agents see of a row without naming it, by the kind of the table (vendor's column guide).
_CONTEXT: Mapping[str, tuple[str, ...]] = {
    "generic": (),
    "company": ("company_profile", "company_name", "company_website"),
    "people": ("full_name", "role", "profile_url"),
}

# What lookups of somebody need (vendor's column guide).
_PERSON = ("full_name", "profile_url", "company_website")


@frozen
class Needs:
    """What the cells of a column wait for, as keys of columns."""

    named: frozenset[str]
    """These must be done first."""

    context: frozenset[str]
    """For these they wait only if they are being worked on."""


def referenced(prompt: str) -> list[str]:
    """The keys that a prompt names as `{key}`."""
    return _REFERENCE.findall(prompt)


def circle(configs: Sequence[Config]) -> list[str]:
    """Keys of columns that wait for one another, so that none could ever start; empty when there are none."""
    try:
        TopologicalSorter(_graph(configs)).prepare()
    except CycleError as error:
        return list(dict.fromkeys(error.args[1]))
    return []


def ordered(kind: str, configs: Sequence[Config]) -> list[tuple[str, Needs]]:
    """
    The keys of all columns, each after those that it waits for, with what that is.

    Args:
        kind: Kind of the table.
        configs: Its columns, without a circle.
    """
    graph = _graph(configs)
    context = frozenset(_CONTEXT[kind]) & graph.keys()
    # What the context itself is made of cannot wait for it.
    below = _all_below(context, graph)
    needs = {key: Needs(named, frozenset() if key in below else context) for key, named in graph.items()}
    order = TopologicalSorter({key: need.named | need.context for key, need in needs.items()}).static_order()
    return [(key, needs[key]) for key in order]


def _graph(configs: Sequence[Config]) -> dict[str, frozenset[str]]:
    keys = {config["key"] for config in configs}
    return {config["key"]: frozenset(_named(config)) & keys for config in configs}


def _named(config: Config) -> Sequence[str]:
    match config["kind"]:
        case "agent":
            value = config.get("value") or {}
            return [*referenced(value.get("prompt") or ""), *(value.get("extra_dependencies") or ())]
        case "reverse_email_lookup":
            return [config["email_column_key"]]
        case "email_finder" | "phone_finder":
            return _PERSON
        case "company_profile" | "company_name" | "company_website":
            return ["input"]
        case _:
            return ()


def _all_below(keys: frozenset[str], graph: Mapping[str, frozenset[str]]) -> frozenset[str]:
    found: frozenset[str] = frozenset()
    while keys - found:
        found |= keys
        keys = frozenset().union(*(graph[key] for key in keys))
    return found
