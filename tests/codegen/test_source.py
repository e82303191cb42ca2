"""Generated source text."""

import ast
import subprocess

import pytest
from hypothesis import given
from hypothesis import strategies as st

from codegen.source import docstring, formatted, header


def test_header_says_where_it_is_from() -> None:
    """Whoever opens a generated file reads first where to make the change instead."""
    first, second, *rest = header("zangtable", "Models.").splitlines()

    assert "# Generated from openapi/zangtable. Do not edit: run `make generate`." == first
    assert '"""Models."""' == second
    assert [] == rest


def test_header_names_what_is_public() -> None:
    """Importing all of a module gives the names it is for, sorted."""
    tree = ast.parse(header("zangtable", "Models.", {"B", "A"}))

    assert "__all__ = ['A', 'B']" == ast.unparse(tree.body[1])


def test_source_is_formatted_and_unused_imports_are_gone() -> None:
    """The generator need not know which imports a service uses, nor how lines are broken."""
    assert "import os\n\n\nx = os.sep\n" == formatted("import sys\nimport os\nx=os.sep")


def test_source_that_is_no_python_is_an_error() -> None:
    """A template that goes wrong is noticed here, not when the package is imported."""
    with pytest.raises(subprocess.CalledProcessError):
        formatted("class :")


@given(st.text(alphabet=st.one_of(st.sampled_from("\"'\\\n {}#\x00\u202e"), st.characters())))
def test_docstring_holds_its_text_and_no_code(text: str) -> None:
    """Whatever a description holds, its docstring is one string, in characters that can be seen."""
    source = docstring(text)
    (statement,) = ast.parse(source).body

    assert isinstance(statement, ast.Expr)
    assert isinstance(ast.literal_eval(statement.value), str)
    assert all(each.isprintable() for each in source.replace("\n", ""))


def test_docstring_keeps_paragraphs() -> None:
    """Line breaks and words are kept, quotes and backslashes as they were written."""
    text = 'It says "so": \\d.\n\nThen """this""" is it'

    assert f"\n{text}\n" == ast.literal_eval(docstring(text))


def test_long_lines_are_wrapped() -> None:
    """A description is read without scrolling."""
    assert 110 >= max(map(len, docstring("word " * 100).splitlines()))
