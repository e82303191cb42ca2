"""What the pages of `docs/` list is what there is: no more, no less."""

import contextlib
import importlib
import pkgutil
import re
import sqlite3
from collections import Counter
from pathlib import Path
from typing import Any

import attrs
import click
import pytest
import typer.main
from opentelemetry.metrics import NoOpMeter

import aiotables
import aiotables.extruct.operations
import aiotables.zangtable.operations
from aiotables import AiotablesError, Extruct, RetryPolicy, SettlePolicy, Timeouts, ZangTable
from aiotables._lazy import LazyPart
from aiotables.cli import codes
from aiotables.cli.app import app
from aiotables.core.metrics import Metrics, outcome_of
from aiotables.core.operations import Effect
from aiotables.core.options import LEAST_GRACE
from aiotables.extruct import settling as extruct_settling
from aiotables.provision import events
from aiotables.provision.engines import events as worker_events
from aiotables.provision.engines.metrics import ATTEMPTS, ENDINGS, WorkerMetrics
from aiotables.provision.form import (
    EXTRUCT_TABLE,
    EXTRUCT_TARGET,
    ZANGTABLE_TABLE,
    ZANGTABLE_TARGET,
    manifest_form,
)
from aiotables.provision.journal import OutcomeKind, lease, schema
from aiotables.provision.journal.findings import Trouble
from aiotables.provision.metrics import OUTCOMES
from aiotables.provision.records import Either, Field, Items, Record
from aiotables.provision.shapes import Shape
from aiotables.zangtable import settling as zangtable_settling


ROOT = Path(__file__).parents[2]
SOURCE = ROOT / "src" / "aiotables"
OPERATIONS = [*aiotables.zangtable.operations.OPERATIONS, *aiotables.extruct.operations.OPERATIONS]
RULES = {**zangtable_settling.RULES, **extruct_settling.RULES}
MAIN = typer.main.get_command(app)


def section(page: str, heading: str) -> str:
    """What stands under a heading of a page, up to the next heading of its level or above."""
    text = (ROOT / "docs" / page).read_text()
    _, found, rest = f"\n{text}".partition(f"\n{heading}\n")
    assert found, f"{page} has no heading {heading}"
    level = len(heading.partition(" ")[0])
    return re.split(rf"^#{{1,{level}}} ", rest, maxsplit=1, flags=re.MULTILINE)[0]


def rows(text: str) -> list[list[str]]:
    """The cells of the tables in a text, without the heads."""
    lines = text.splitlines()
    return [
        [cell.strip() for cell in line.strip("|").split("|")]
        for line, below in zip(lines, [*lines[1:], ""], strict=True)
        if line.startswith("|") and "| ---" not in (line[:5], below[:5])
    ]


def first_words(text: str) -> list[str]:
    """The first word in backticks of each row of the tables in a text."""
    return [found[1] for row in rows(text) if (found := re.search(r"`([^` ]+)", row[0]))]


# clients.md


def test_methods() -> None:
    """The groups of both clients are listed with all of their methods, in their order."""
    table = rows(section("clients.md", "# The clients").partition("\n## ")[0])
    clients = {
        "extruct": Extruct(token="x", environ={}),
        "zang": ZangTable(token="x", project="x", environ={}),
    }

    assert {
        f"{name}.{group}": public(type(getattr(client, group)))
        for name, client in clients.items()
        for group, part in vars(type(client)).items()
        if isinstance(part, LazyPart)
    } | {name: public(type(client)) for name, client in clients.items()} == {
        group.strip("`"): re.findall(r"`(\w+)`", methods) for group, methods in table
    }


def public(class_: type) -> list[str]:
    """The public methods that a class defines."""
    return [name for name, each in vars(class_).items() if callable(each) and not name.startswith("_")]


def test_what_is_inferred() -> None:
    """Each operation that no docs page states is told of as such, by the name of its method."""
    told = " ".join(row[0] for row in rows(section("clients.md", "## What the services do not say")))
    methods = {
        "extruct.get_billing": "`extruct.billing`",
        "extruct.get_healthcheck": "`extruct.healthcheck`",
        "zangtable.update_records": "`zang.records.bulk_update`",
    }

    assert methods.keys() == {each.name for each in OPERATIONS if each.evidence != "documented"}
    assert all(method in told for method in methods.values())


# settling.md


def test_effects() -> None:
    """The effects are explained, and the operations that are named as examples have them."""
    table = rows(section("settling.md", "# What happens after each outcome"))[: len(Effect)]
    named = {effect.strip("`"): re.findall(r"`([\w.]+)`", operations) for effect, _, operations in table}
    effects = {operation.name: operation.effect for operation in OPERATIONS}

    assert {*Effect} == named.keys()
    assert all(effect == effects[name] for effect, names in named.items() for name in names)


def test_settling() -> None:
    """Of each settle rule the page tells what it looks at, and each call that has to be settled has one."""
    *table, others = rows(section("settling.md", "## What is looked at"))
    named = {row[0].split("`")[1] for row in table}

    assert RULES.keys() == named
    assert named == {operation.name for operation in OPERATIONS if operation.effect.must_be_settled}
    assert "nothing: it has no rule" == others[1]


def test_limits() -> None:
    """The numbers are the defaults."""
    page = " ".join((ROOT / "docs" / "settling.md").read_text().split())
    retries, settling, timeouts = RetryPolicy(), SettlePolicy(), Timeouts()

    assert f"at most {retries.attempts} times, and not again later than {retries.deadline:g} seconds" in page
    assert f"from zero to {retries.base:g} seconds, doubled each time, {retries.cap:g} at the most" in page
    assert f"A `Retry-After` over {retries.longest_wait:g} seconds" in page
    assert f"{LEAST_GRACE * timeouts.answer:g} seconds after the last sending" in page
    assert f"The grace is {settling.grace:g} by default" in page
    assert f"limit for an answer, which is {timeouts.answer:g}." in page
    assert f"with {settling.skew:g} seconds allowed" in page


# errors.md


def test_error_tree() -> None:
    """The tree holds every error there is, each under its base."""
    drawn: dict[str, str | None] = {}
    path: list[str] = []
    tree = section("errors.md", "# Errors").partition("```text\n")[2].partition("```")[0]
    for line in tree.splitlines():
        if found := re.match(r"((?:[│ ]   )*(?:[├└]── )?)([A-Z]\w+)", line):
            del path[len(found[1]) // 4 :]
            drawn[found[2]] = path[-1] if path else None
            path.append(found[2])

    assert {error.__name__: base for error, base in errors_there_are()} == drawn


def errors_there_are() -> list[tuple[type[AiotablesError], str | None]]:
    """Every error class of the package, with the name of its base."""
    for module in pkgutil.walk_packages(aiotables.__path__, "aiotables."):
        if module.name != "aiotables.__main__":
            importlib.import_module(module.name)
    found: list[tuple[type[AiotablesError], str | None]] = [(AiotablesError, None)]
    for error, _ in found:
        ours = [each for each in error.__subclasses__() if each.__module__.startswith("aiotables.")]
        found += [(each, error.__name__) for each in ours]
    return found


# manifest.md


def item(shape: Shape) -> Record:
    """The record that a list is of."""
    assert isinstance(shape, Items)
    assert isinstance(shape.item, Record)
    return shape.item


def rows_of_a_file() -> Record:
    """What stands under `rows` when they come from a file."""
    shape = EXTRUCT_TABLE.fields["rows"].shape
    assert isinstance(shape, Either)
    assert isinstance(shape.options[0], Record)
    return shape.options[0]


@pytest.mark.parametrize(
    ("heading", "fields"),
    [
        ("The whole", manifest_form({}).fields),
        ("A target", {**ZANGTABLE_TARGET.fields, **EXTRUCT_TARGET.fields}),
        ("A ZangTable table", ZANGTABLE_TABLE.fields),
        ("A ZangTable column", item(ZANGTABLE_TABLE.fields["columns"].shape).fields),
        ("A ZangTable index", item(ZANGTABLE_TABLE.fields["indexes"].shape).fields),
        ("An Extruct table", EXTRUCT_TABLE.fields),
        ("An Extruct column", item(EXTRUCT_TABLE.fields["columns"].shape).fields),
        ("Rows of a file", rows_of_a_file().fields),
    ],
)
def test_manifest_fields(heading: str, fields: dict[str, Field]) -> None:
    """Every field of the manifest is explained, and those that are required are in bold."""
    cells = [cell for row in rows(section("manifest.md", f"### {heading}")) for cell in row[0].split(", ")]

    assert sorted(
        f"**`{name}`**" if each.required else f"`{name}`" for name, each in fields.items()
    ) == sorted(cells)


# commands.md


def test_commands() -> None:
    """Every command has its section, and its options are explained there."""
    for name, command in MAIN.commands.items():  # type: ignore[attr-defined] # it is a group
        text = section("commands.md", f"## aiotables {name}")
        inner = getattr(command, "commands", {})
        for each, within in inner.items():
            assert options_of(within) == listed(section("commands.md", f"### aiotables {name} {each}"))
        own = text.partition(f"\n### aiotables {name} ")[0] if inner else text
        assert options_of(command) == listed(own)


def options_of(command: click.Command) -> list[str]:
    """The options of a command, sorted."""
    return sorted(option for each in command.params for option in each.opts if option.startswith("--"))


def listed(text: str) -> list[str]:
    """The options that a text explains, sorted."""
    return sorted(word for word in first_words(text) if word.startswith("--"))


def test_common_options() -> None:
    """The options of `aiotables` itself are explained."""
    text = section("commands.md", "# The commands").partition("\n## ")[0]
    options = {option for each in MAIN.params for option in each.opts}

    assert {*options, "--help"} == set(re.findall(r"`(--[a-z-]+)`", text))


def test_exit_codes() -> None:
    """The exit codes are those that the command line ends with."""
    numbers = [value for name, value in vars(codes).items() if name.isupper() and isinstance(value, int)]

    assert sorted(numbers) == [int(row[0]) for row in rows(section("commands.md", "## Exit codes"))]


def test_json_lines() -> None:
    """Each event of a run is explained, with all of its fields."""
    table = rows(section("commands.md", "### JSON lines"))
    named = {row[0].strip("`"): set(re.findall(r"`(\w+)`", row[1])) for row in table}

    assert {
        name: {field.name for field in attrs.fields(event)} for event, name in events._NAMES.items()
    } == named


# monitoring.md


def instruments() -> list[tuple[str, str]]:
    """Name, and kind and unit as the page writes them, of all metrics that there are."""
    kinds = {"up_down_counter": "up-down counter"}
    made: list[tuple[str, str]] = []

    class Noting(NoOpMeter):
        def __getattribute__(self, attribute: str) -> Any:  # noqa: ANN401 -- whatever a meter has
            kind = attribute.removeprefix("create_")
            if kind == attribute:
                return super().__getattribute__(attribute)

            def create(name: str, *, unit: str, **_: object) -> object:
                made.append((f"`{name}`", f"{kinds.get(kind, kind)}, `{unit}`"))
                return getattr(NoOpMeter("test"), attribute)(name, unit=unit)

            return create

    for metrics in (Metrics, WorkerMetrics):
        metrics(Noting("test"))
    return made


def test_metrics() -> None:
    """Every metric is explained, with its type and unit."""
    listed_there = [(row[0], row[1]) for row in rows(section("monitoring.md", "## Metrics")) if len(row) == 4]

    assert sorted(instruments()) == sorted(listed_there)


def test_values_of_attributes() -> None:
    """The outcomes of tables are those that there are, and those of calls those that a call can have; so are the others."""
    table = [row for row in rows(section("monitoring.md", "## Metrics")) if len(row) == 2]
    told = {row[0]: set(re.findall(r"`(\w+)`", row[1])) for row in table}
    words = re.findall(r"`(\w+)`", outcome_of.__doc__ or "")

    deletions = {OutcomeKind.DELETED, OutcomeKind.ABSENT}
    assert {*OUTCOMES} == {*OutcomeKind} - deletions == told["`aiotables.outcome` of tables"]
    assert {*ATTEMPTS} == told["`aiotables.attempt`"]
    assert {*ENDINGS} == told["`aiotables.ending`"]
    assert {*words} == told["`aiotables.outcome` of calls"]


def test_json_lines_of_workers() -> None:
    """Each event of a worker is explained, with all of its fields."""
    table = rows(section("monitoring.md", "## JSON lines of workers"))
    named = {row[0].strip("`"): set(re.findall(r"`(\w+)`", row[1])) for row in table}

    assert {
        name: {field.name for field in attrs.fields(event)} for event, name in worker_events._NAMES.items()
    } == named


# journal.md


def test_journal_columns() -> None:
    """Every column of the journal's tables, and of its view, is explained."""
    page = (ROOT / "docs" / "journal.md").read_text()
    with contextlib.closing(sqlite3.connect(":memory:", isolation_level=None)) as journal:
        schema.create(journal)
        query = "SELECT name FROM sqlite_master WHERE type IN ('table', 'view') AND name NOT LIKE 'sqlite_%'"
        there = {
            table: {name for (name,) in journal.execute("SELECT name FROM pragma_table_info(?)", (table,))}
            for (table,) in journal.execute(query).fetchall()
        }
    told = {
        heading: set(re.findall(r"`(\w+)`", " ".join(row[0] for row in rows(text))))
        for heading, text in re.findall(r"^\| Column of `(\w+)` .*\n((?:\|.*\n)+)", page, re.MULTILINE)
    }

    assert there == told
    assert f"now {schema.VERSION})" in page
    assert f"every {lease.BEAT_S:g} seconds" in " ".join(page.split())
    assert f"until {lease.LEASE_S:g} seconds after" in " ".join(page.split())


def test_journal_troubles() -> None:
    """All that can be the matter with a journal is explained."""
    told = first_words(section("journal.md", "## When it is damaged"))

    assert sorted(Trouble) == sorted(told)


# architecture.md


@pytest.mark.parametrize(
    ("heading", "folders"),
    [
        ("`codegen/`", [ROOT / "codegen"]),
        ("`core/`", [SOURCE / "core"]),
        ("`extruct/`, `zangtable/`", [SOURCE / "extruct", SOURCE / "zangtable"]),
        ("`provision/`", [SOURCE / "provision"]),
        ("`emulator/`", [SOURCE / "emulator"]),
        ("`cli/`", [SOURCE / "cli"]),
    ],
)
def test_map_names_every_file(heading: str, folders: list[Path]) -> None:
    """The map says of every module what it is for, and names none that is not there."""
    named = set(re.findall(r"`([\w/]+\.py)`", section("architecture.md", f"### {heading}")))
    there = {
        file.relative_to(folder).as_posix()
        for folder in folders
        for file in folder.rglob("*.py")
        if file.name != "__init__.py" and "_generated" not in file.parts
    }

    assert set() == there - named, "say in docs/architecture.md what these are for"
    assert set() == named - there, "take these out of docs/architecture.md"


@pytest.mark.parametrize("heading", ["`codegen/`", "`core/`", "`provision/`", "`emulator/`", "`cli/`"])
def test_map_names_each_file_once(heading: str) -> None:
    """No module has two lines, of which one would grow old."""
    rows = re.findall(r"^\|(.*?)\|", section("architecture.md", f"### {heading}"), re.MULTILINE)
    named = Counter(file for row in rows for file in re.findall(r"`([\w/]+\.py)`", row))

    assert named
    assert [] == [file for file, times in named.items() if times > 1]


def test_map_names_every_folder() -> None:
    """Whatever has code is in the map: the packages, and the modules beside them."""
    modules = re.findall(r"`([\w/]+\.py)`", section("architecture.md", "### `src/aiotables/`"))
    folders = re.findall(r"`src/aiotables/(\w+)/`", section("architecture.md", "## The map"))

    assert sorted(file.name for file in SOURCE.glob("*.py")) == sorted(modules)
    assert sorted(file.parent.name for file in SOURCE.glob("*/__init__.py")) == sorted(folders)


ARROWS = {
    "core": {"core"},
    "extruct": {"core", "extruct"},
    "zangtable": {"core", "zangtable"},
    "provision": {"core", "extruct", "zangtable", "provision"},
    "emulator": {"core", "extruct._generated", "zangtable._generated", "emulator"},
    "cli": {"core", "provision", "emulator", "cli"},
}


@pytest.mark.parametrize("package", ARROWS)
def test_arrows(package: str) -> None:
    """Imports go the way of the map's arrows, and no other."""
    private = {"_lazy", "_version"}
    for file in (SOURCE / package).rglob("*.py"):
        for module in re.findall(r"^\s*(?:from|import) aiotables\.([\w.]+)", file.read_text(), re.MULTILINE):
            allowed = ARROWS[package] | private
            assert any(module == each or module.startswith(f"{each}.") for each in allowed), (
                f"{file}: {module}"
            )
