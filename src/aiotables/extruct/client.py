"""The Extruct client: what the docs name, grouped as the docs group it."""

from typing import TYPE_CHECKING, Unpack

from yarl import URL

from aiotables._lazy import LazyMapping, LazyPart
from aiotables.core.client import ApiClient
from aiotables.core.convert import Converter
from aiotables.core.options import Options
from aiotables.extruct import _generated
from aiotables.extruct.dialect import Detail


if TYPE_CHECKING:
    from aiotables.core.settle import Rule
    from aiotables.extruct.columns import Columns
    from aiotables.extruct.companies import Companies
    from aiotables.extruct.deep_research import DeepResearch
    from aiotables.extruct.deep_search import DeepSearch
    from aiotables.extruct.rows import Rows
    from aiotables.extruct.tables import Tables


class Extruct(ApiClient):
    """
    A client of one Extruct workspace.

    ```python
    async with Extruct(token="…") as extruct:
        table = await extruct.tables.create(TableCreate(name="Accounts"), mark=True)
    ```

    Args:
        token: API token; else `EXTRUCT_API_TOKEN` of the environment.
        options: See `Options`. The base URL, with or without `/v1`, may come from `EXTRUCT_BASE_URL`.

    Raises:
        SettingsError: A setting is missing or wrong.
    """

    _service = "extruct"
    _token_variable = "EXTRUCT_API_TOKEN"  # noqa: S105 -- the variable's name
    _base_url_variable = "EXTRUCT_BASE_URL"
    default_base_url = "https://api.extruct.ai"

    tables: "LazyPart[Tables]" = LazyPart("aiotables.extruct.tables", "Tables")
    columns: "LazyPart[Columns]" = LazyPart("aiotables.extruct.columns", "Columns")
    rows: "LazyPart[Rows]" = LazyPart("aiotables.extruct.rows", "Rows")
    companies: "LazyPart[Companies]" = LazyPart("aiotables.extruct.companies", "Companies")
    deep_search: "LazyPart[DeepSearch]" = LazyPart("aiotables.extruct.deep_search", "DeepSearch")
    deep_research: "LazyPart[DeepResearch]" = LazyPart("aiotables.extruct.deep_research", "DeepResearch")

    def __init__(self, *, token: str | None = None, **options: Unpack[Options]) -> None:
        super().__init__(token=token, dialect=Detail(), rules=_RULES, converter=_CONVERTER, **options)

    @staticmethod
    def _root(base: URL) -> URL:
        # The vendor writes its base URL with `/v1` and without; the operations' paths begin with it.
        return base.with_path(base.raw_path.removesuffix("/").removesuffix("/v1") or "/", encoded=True)

    async def user(self) -> "_generated.models.User":
        """
        Say whose token the calls are made with, and the credits left.

        Source: docs page api-reference/user.
        """
        return (await self.send(_generated.operations.GET_USER)).value

    async def billing(self) -> "_generated.models.Billing":
        """
        Get the user and the subscription. Known from the vendor's public skills alone, so four fields are.

        Source: the vendor's https://github.com/extruct-ai/skills; there is no docs page (inferred).
        """
        return (await self.send(_generated.operations.GET_BILLING)).value

    async def healthcheck(self) -> "_generated.models.Health":
        """
        Ask whether the service is up.

        Source: docs page api-reference/healthcheck (inferred).
        """
        return (await self.send(_generated.operations.GET_HEALTHCHECK)).value


_CONVERTER = Converter()
_RULES: "LazyMapping[str, Rule]" = LazyMapping("aiotables.extruct.settling", "RULES")
