"""How Sphinx builds these pages; `make docs` calls it."""

import sys
from pathlib import Path

from aiotables import __version__


sys.path.append(str(Path(__file__).parent))

project = "aiotables"
author = "The aiotables maintainers"
version = release = __version__
copyright = author  # noqa: A001 -- Sphinx's own name for it

extensions = ["myst_parser", "sphinx.ext.autodoc", "sphinx.ext.napoleon", "docstrings"]
exclude_patterns = ["_build", "demo"]
html_theme = "furo"
html_title = f"aiotables {__version__}"
myst_heading_anchors = 3
# A link to a folder of the repository leads there in a clone and on a forge. That all links do is a test of its own.
# Fields may be called `type`, which is then one of several things that the builtin in an annotation may mean.
suppress_warnings = ["myst.xref_missing", "ref.python"]

autodoc_member_order = "bysource"
autodoc_typehints_format = "short"
napoleon_numpy_docstring = False
# `Attributes:` as a list, since most attributes have an entry of their own.
napoleon_use_ivar = True
python_maximum_signature_line_length = 90
