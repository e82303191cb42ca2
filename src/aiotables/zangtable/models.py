"""Models of the ZangTable API, generated from its fragments."""

from aiotables.zangtable._generated.models import *  # noqa: F403 -- the generated module names what is public
