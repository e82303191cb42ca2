"""Models of the Extruct API, generated from its fragments."""

from aiotables.extruct._generated.models import *  # noqa: F403 -- the generated module names what is public
