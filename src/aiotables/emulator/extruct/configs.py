"""Column configs: which are refused, and which the service adds by itself. Pure."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

from aiotables.core.sentinels import StrEnum, UnknownVariant
from aiotables.emulator.bodies import Issue, given
from aiotables.emulator.extruct.dependencies import referenced
from aiotables.extruct._generated.models import AgentColumnConfig, PeopleFinderColumnConfig


Config = dict[str, Any]

# On which tables alone a kind of column makes sense (vendor's column guide).
_ONLY_ON = {"company_people_finder": "company", "email_finder": "people", "phone_finder": "people"}

_WITH_LABELS = frozenset({"select", "multiselect", "label"})


def _agent(name: str, key: str, output_format: str) -> Config:
    return {
        "kind": "agent",
        "name": name,
        "key": key,
        "value": {
            "agent_type": "research_reasoning",
            "prompt": f"What is the {name.lower()} of this person?\n\n{{input}}",
            "output_format": output_format,
        },
    }


# Keys by the vendor's column guide; names and prompts are made up.
_AUTOMATIC: Mapping[str, tuple[Config, ...]] = {
    "generic": (),
    "company": (
        {"kind": "input", "name": "Input", "key": "input"},
        {"kind": "company_profile", "name": "Company Profile", "key": "company_profile"},
        {"kind": "company_name", "name": "Company Name", "key": "company_name"},
        {"kind": "company_website", "name": "Company Website", "key": "company_website"},
    ),
    "people": (
        {"kind": "input", "name": "Input", "key": "input"},
        _agent("Full Name", "full_name", "text"),
        _agent("Role", "role", "text"),
        _agent("Profile URL", "profile_url", "url"),
    ),
}


def with_automatic(kind: str, configs: Sequence[Config]) -> list[Config]:
    """
    All columns of a new table: the service's own first, then those asked for.

    A column asked for under the key of one of the service's own stands in its place.
    """
    asked = {config["key"]: config for config in configs}
    own = [asked.pop(config["key"], config) for config in _AUTOMATIC[kind]]
    return own + list(asked.values())


def issues(
    decoded: Sequence[object],
    configs: Sequence[Config],
    *,
    kind: str,
    existing: Iterable[str] = (),
    own: Iterable[str] = (),
) -> list[Issue]:
    """
    What is wrong with *configs*, beyond their shape.

    Args:
        decoded: The configs as models.
        configs: The same as they came.
        kind: Kind of the table.
        existing: Keys of the columns that the table has.
        own: Keys that the service adds by itself; a config may take the place of one.
    """
    keys = set(existing)
    models = list(zip(decoded, configs, strict=True))
    known = keys | set(own) | {config["key"] for model, config in models if _is_known(model)}
    found: list[Issue] = []
    for place, (model, config) in enumerate(models):
        found += (
            Issue(("column_configs", place, *issue.place), issue.message, issue.type)
            for issue in _issues_of(model, config, kind, known, keys)
        )
        if _is_known(model):
            keys.add(config["key"])
    return found


def _is_known(model: object) -> bool:
    # A config of a kind that is not known was not decoded: whatever it holds is unchecked.
    return not isinstance(model, UnknownVariant)


def _issues_of(model: object, config: Config, kind: str, known: set[str], taken: set[str]) -> Iterator[Issue]:
    if not _is_known(model):
        yield Issue(("kind",), "Input tag does not match any of the expected tags", "union_tag_invalid")
        return

    if config["key"] in taken:
        yield Issue(("key",), f"Duplicate column key: {config['key']}")
    if not config["key"]:
        yield Issue(("key",), "String should have at least 1 character", "string_too_short")
    if _ONLY_ON.get(config["kind"], kind) != kind:
        yield Issue(("kind",), "Column is not compatible with table kind")
    if isinstance(model, PeopleFinderColumnConfig):
        yield from _issues_of_finder(model)
    if config["kind"] == "reverse_email_lookup" and config["email_column_key"] not in known:
        yield Issue(("email_column_key",), f"Unresolved column reference: {config['email_column_key']}")
    if isinstance(model, AgentColumnConfig):
        yield from _issues_of_agent(model, config["value"], kind, known)


def _issues_of_finder(model: PeopleFinderColumnConfig) -> Iterator[Issue]:
    if not model.value.roles:
        yield Issue(("value", "roles"), "List should have at least 1 item", "too_short")
    most = given(model.value.max_results)
    if most is not None and most < 1:
        yield Issue(
            ("value", "max_results"), "Input should be greater than or equal to 1", "greater_than_equal"
        )


def _issues_of_agent(model: AgentColumnConfig, value: Config, kind: str, known: set[str]) -> Iterator[Issue]:
    for name in ("agent_type", "prompt"):
        if name not in value:
            yield Issue(("value", name), "Field required", "missing")
    for name in ("agent_type", "output_format"):
        chosen = getattr(model.value, name)
        if isinstance(chosen, StrEnum) and chosen.is_unknown:
            yield Issue(("value", name), "Input should be one of the documented values", "enum")
    if value.get("agent_type") == "research_pro" and kind == "people":
        yield Issue(("value", "agent_type"), "Column is not compatible with table kind")
    if value.get("output_format") in _WITH_LABELS and not value.get("labels"):
        yield Issue(("value", "labels"), "Field required", "missing")
    if value.get("output_format") == "json" and not value.get("output_schema"):
        yield Issue(("value", "output_schema"), "Field required", "missing")
    for key in referenced(value.get("prompt") or ""):
        if key not in known:
            yield Issue(("value", "prompt"), f"Unresolved column reference: {key}")
