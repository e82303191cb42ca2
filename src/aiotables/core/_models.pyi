from typing import Any, final

from aiotables.core import read_plans, write_plans

@final
class ModelReader:
    def __new__(
        cls,
        model: type,
        fields: tuple[read_plans.FieldPlan, ...],
        kept: str | None,
        rest: read_plans.Reader,
        /,
    ) -> ModelReader: ...
    def __call__(self, value: Any, /) -> Any: ...  # noqa: ANN401 -- any JSON to a model of any class

@final
class ModelWriter:
    def __new__(
        cls, model: type, fields: tuple[write_plans.FieldPlan, ...], kept: str | None, /
    ) -> ModelWriter: ...
    def __call__(self, model: Any, /) -> dict[str, Any]: ...  # noqa: ANN401 -- a model of any class
