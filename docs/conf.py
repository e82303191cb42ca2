"""How Sphinx builds these pages; `make docs` calls it."""

from aiotables import __version__


project = "aiotables"
author = "The aiotables maintainers"
version = release = __version__
copyright = author  # noqa: A001 -- Sphinx's own name for it

extensions = ["myst_parser"]
exclude_patterns = ["_build", "demo"]
html_theme = "furo"
html_title = f"aiotables {__version__}"
myst_heading_anchors = 3
# A link to a folder of the repository leads there in a clone and on a forge. That all links do is a test of its own.
suppress_warnings = ["myst.xref_missing"]
