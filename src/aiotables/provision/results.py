"""Events and results as JSON: each type has its name in `event`."""

from typing import Any

from attrs import asdict


def as_json(result: Any) -> dict[str, Any]:  # noqa: ANN401 -- any attrs class with an `event`
    """One event or result as one JSON object, its type under `event`."""
    return {"event": result.event, **asdict(result)}
