"""Tests of `aiotables.provision.template`."""

import re
from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from aiotables.provision.problems import ManifestError, Place
from aiotables.provision.template import (
    TEMPLATE,
    Template,
    as_text,
    each_template,
    fill,
    templated,
    templates_in,
)
from aiotables.provision.tree import BROKEN, Node


PLACE = Place("m.yaml", 3, 7)


def _template(text: str) -> Template:
    return Template.parse(Node(text, PLACE, "$.name"))


@pytest.mark.parametrize(
    ("text", "filled"),
    [
        ("plain", "plain"),
        ("${slug}_Artist", "acme_Artist"),
        ("${slug}${slug}", "acmeacme"),
        ("Costs $5, {input}", "Costs $5, {input}"),
        ("$${slug} $$", "${slug} $"),
        ("$$${slug}", "$acme"),
        ("${company name}", "Acme Corp"),
        ("", ""),
        ("ends in $", "ends in $"),
    ],
)
def test_fill(text: str, filled: str) -> None:
    """`${column}` is replaced, `$$` is a dollar, and the braces of prompts stay."""
    assert filled == _template(text).fill({"slug": "acme", "company name": "Acme Corp"})


@pytest.mark.parametrize("text", ["${", "${slug", "a ${} b", "$${} ${"])
def test_unclosed_references_do_not_match(text: str) -> None:
    """A `${` that is not closed, or names nothing, is no template."""
    assert re.fullmatch(TEMPLATE, text) is None


@given(st.text())
def test_a_text_can_be_written_as_a_template(text: str) -> None:
    """Any text can be said: with each `$` doubled it comes out as it was."""
    doubled = text.replace("$", "$$")

    assert re.fullmatch(TEMPLATE, doubled)
    assert text == _template(doubled).fill({})


@given(st.lists(st.text(max_size=5) | st.sampled_from(["${a}", "${b}", "$$", "$"])).map("".join))
def test_text_means_the_same(text: str) -> None:
    """What `text` writes is a template with the same parts."""
    if re.fullmatch(TEMPLATE, text):
        template = _template(text)

        assert template == _template(template.text)


def test_columns_are_those_named() -> None:
    """The columns that a template names are known before any row is there."""
    assert ("a", "b", "a") == _template("${a}-${b}-${a} {c} $${d}").columns


def test_unknown_column() -> None:
    """A row without the column gives a problem at the template, with the columns that there are."""
    with pytest.raises(ManifestError) as caught:
        _template("${slgu}").fill({"slug": "acme", "company": "Acme"})

    assert 'm.yaml:3:7: $.name: no column "slgu" (did you mean slug?); there are slug, company' == str(
        caught.value
    )


def test_a_list_cannot_stand_in_a_text() -> None:
    """A list of a JSONL row has no text."""
    with pytest.raises(ManifestError, match=r"\$\{tags\} is a list or a mapping"):
        _template("${tags}").fill({"tags": ["a"]})


def test_bind_fills_a_part() -> None:
    """References with the prefix are filled in, the others left for later; a filled-in `$` stays a plain one."""
    bound = _template("${each.a}/${b}").bind({"a": "${b}"}, "each.")

    assert ("b",) == bound.columns
    assert "$${b}/${b}" == bound.text
    assert "${b}/x" == bound.fill({"b": "x"})


@pytest.mark.parametrize(
    ("value", "text"),
    [("a", "a"), (None, ""), (True, "true"), (False, "false"), (7, "7"), (1.5, "1.5")],
)
def test_as_text(value: object, text: str) -> None:
    """Single values are written as JSON writes them, null as nothing."""
    assert text == as_text(value)


def test_templated_json(tree: Callable[[str], Node]) -> None:
    """Texts anywhere in JSON are templates; other values and keys stay."""
    value = templated(tree("{a: ['${x}', 1, null], '${x}': true, b: 1.5}"))

    assert {"a": ["filled", 1, None], "${x}": True, "b": 1.5} == fill(value, {"x": "filled"})
    assert ["${x}"] == [template.text for template in templates_in(value)]


def test_each_template_changes_only_templates(tree: Callable[[str], Node]) -> None:
    """Whatever is put in place of templates, the rest of the JSON stays."""
    assert {"a": [0, 1]} == each_template(templated(tree("{a: [x, 1]}")), lambda _: 0)


def test_broken_values_are_not_read() -> None:
    """A value that was reported as unreadable never becomes a table."""
    with pytest.raises(TypeError, match="reported as broken"):
        templated(Node(BROKEN, PLACE, "$.a"))
