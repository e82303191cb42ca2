"""Operations of the ZangTable API, generated from its fragments: what `send` takes."""

from aiotables.zangtable._generated.operations import *  # noqa: F403 -- the generated module names what is public
