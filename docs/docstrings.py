"""
A Sphinx extension for the pages in `reference/`, which are made from the docstrings.

Docstrings here are Markdown with Google's sections, and autodoc wants reStructuredText. To each operation and each model
is added where it is documented, and how sure that is.
"""

import re
import sys
from collections.abc import Iterator, Mapping, MutableSequence
from functools import cache
from pathlib import Path
from textwrap import indent

from sphinx.application import Sphinx
from sphinx.pycode import ModuleAnalyzer


ROOT = Path(__file__).parents[1]
SERVICES = ("extruct", "zangtable")
DATA = {
    "aiotables.NO_RETRIES": "aiotables.core.retries",
    "aiotables.UNSET": "aiotables.core.sentinels",
    "aiotables.__version__": "aiotables._version",
    "aiotables.provision.Event": "aiotables.provision.events",
    "aiotables.provision.journal.INTENT": "aiotables.provision.journal.protocol",
}
"""Where public names are from that are neither classes nor functions."""

BEFORE_NAPOLEON = 100

PART = re.compile(
    r"^(?P<margin> *)```(?P<language>\w*)\n(?P<fenced>.*?)^ *```$"
    r"|(?P<table>(?:^ *\|.*\|$\n?)+)"
    r"|(?P<code>(?<!`)`[^`]+`(?!`))(?P<after>\w?)",
    re.MULTILINE | re.DOTALL,
)


def to_rest(text: str) -> str:
    """The Markdown of a docstring, as far as it is used here, as reStructuredText: fences, tables, code."""
    return PART.sub(_part, text)


def _part(found: re.Match[str]) -> str:
    if found["fenced"] is not None:
        directive = f"{found['margin']}.. code-block:: {found['language'] or 'text'}"
        return f"{directive}\n\n{indent(found['fenced'], '   ')}"
    if found["table"] is not None:
        return _table(found["table"])
    # A letter right after it would keep the code from ending there.
    return f"`{found['code']}`" + (rf"\ {found['after']}" if found["after"] else "")


def _table(text: str) -> str:
    head, _, *body = text.splitlines()
    lines = [".. list-table::", "   :header-rows: 1", ""]
    for line in (head, *body):
        first, *others = (to_rest(cell.strip()) for cell in line.strip().strip("|").split("|"))
        lines += [f"   * - {first}", *(f"     - {each}" for each in others)]
    return "\n".join([*lines, ""])


def sources(name: str, thing: object) -> Iterator[str]:
    """Where an operation or a model is documented, as a line to add; nothing for anything else."""
    from aiotables.core.operations import Operation

    if isinstance(thing, Operation):
        yield f"``{thing.method} {thing.path}``, effect ``{thing.effect}``."
        yield ""
        yield f"Source: {page(thing.source)} ({thing.evidence})."
    source, evidence = schemas().get(name, ("", ""))
    if source:
        yield f"Source: {page(source)} ({evidence})."


def page(source: str) -> str:
    """A source in words: a docs page of the service, or an address."""
    return source if "://" in source else f"docs page {source}"


@cache
def schemas() -> Mapping[str, tuple[str, str]]:
    """Source and evidence of each model, by its full name."""
    from codegen.spec import load

    return {
        f"aiotables.{service}.models.{each.name}": (each.schema["x-source"], each.schema["x-evidence"])
        for service in SERVICES
        for each in load(ROOT / "openapi" / service).schemas()
    }


def process(
    _app: Sphinx, what: str, name: str, thing: object, _options: object, lines: MutableSequence[str]
) -> None:
    """Rewrite one docstring, before Napoleon reads its sections."""
    # Napoleon takes what stands in front of an attribute's first colon for its type. Here types are annotations; an empty
    # comment in front keeps the sentence whole.
    front = ["..", ""] if what in {"attribute", "data", "property"} else []
    lines[:] = [*front, *to_rest("\n".join(lines)).splitlines(), "", *sources(name, thing), ""]


def shorten(
    _app: Sphinx,
    _what: str,
    _name: str,
    _thing: object,
    _options: object,
    signature: str | None,
    returns: str | None,
) -> tuple[str | None, str | None]:
    """Rewrite one signature: attrs has a word of its own for a default that is made anew each time."""
    return signature and signature.replace("= NOTHING", "= ..."), returns


def show_public_names() -> None:
    """Let autodoc find docstrings of data under the public modules, not only under those that the data are defined in."""
    for service in SERVICES:
        for kind in ("models", "operations"):
            generated = analyzed(f"aiotables.{service}._generated.{kind}")
            ModuleAnalyzer.cache["module", f"aiotables.{service}.{kind}"] = generated
            if kind == "operations":
                for lines in generated.attr_docs.values():
                    lines.append(":meta hide-value:")
    for full, home in DATA.items():
        public, _, name = full.rpartition(".")
        analyzed(public).attr_docs["", name] = analyzed(home).attr_docs["", name]


def analyzed(module: str) -> ModuleAnalyzer:
    """What Sphinx found in the source of a module; it keeps it, so that changing it has an effect."""
    analyzer = ModuleAnalyzer.for_module(module)
    analyzer.analyze()
    return analyzer


def setup(app: Sphinx) -> dict[str, bool]:
    """Called by Sphinx."""
    sys.path.append(str(ROOT))
    show_public_names()
    app.connect("autodoc-process-docstring", process, priority=BEFORE_NAPOLEON)
    app.connect("autodoc-process-signature", shorten)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
