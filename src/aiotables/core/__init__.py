"""The runtime under both clients; knows no service. What not every call needs is imported when it is first used."""

from typing import TYPE_CHECKING

from aiotables._lazy import lazy


if TYPE_CHECKING:
    from aiotables.core import compiled as compiled
    from aiotables.core import compiled_writers as compiled_writers
    from aiotables.core import events as events
    from aiotables.core import metrics as metrics
    from aiotables.core import rendering as rendering
    from aiotables.core import slips as slips
    from aiotables.core import streaming as streaming
    from aiotables.core import tracing as tracing

_LAZY = ("compiled", "compiled_writers", "events", "metrics", "rendering", "slips", "streaming", "tracing")

__getattr__ = lazy(__name__, dict.fromkeys(_LAZY, __name__))
