"""How an operation of Extruct says no, in FastAPI's words (the docs show no error body)."""

from collections.abc import Iterable

from aiotables.emulator.bodies import Issue, Json


class Refusal(Exception):
    """The call is answered with *status* and *detail*, and nothing was done."""

    def __init__(self, status: int, detail: Json) -> None:
        super().__init__(status, detail)
        self.status = status
        self.detail = detail


def invalid_body(*issues: Issue) -> Refusal:
    """FastAPI's 422 about what is wrong in the body."""
    return _invalid("body", issues)


def invalid_query(*issues: Issue) -> Refusal:
    """FastAPI's 422 about what is wrong in the query parameters."""
    return _invalid("query", issues)


def _invalid(source: str, issues: Iterable[Issue]) -> Refusal:
    return Refusal(
        422, [{"loc": [source, *issue.place], "msg": issue.message, "type": issue.type} for issue in issues]
    )
