"""Operations of the Extruct API, generated from its fragments: what `send` takes."""

from aiotables.extruct._generated.operations import *  # noqa: F403 -- the generated module names what is public
