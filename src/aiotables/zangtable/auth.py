"""Project API Tokens."""

from aiotables.core.client import Resource
from aiotables.core.sentinels import UNSET
from aiotables.zangtable._generated import operations
from aiotables.zangtable._generated.models import (
    CreatedToken,
    CurrentAuth,
    RevokedToken,
    TokenCreate,
    TokenTest,
    TokenTestResult,
)


class Auth(Resource):
    """The token of the client, and others of its project."""

    async def me(self) -> CurrentAuth:
        """
        Say which token the calls are made with; its secret is not in the answer.

        Raises:
            AuthenticationFailed: The token is not valid.

        Source: docs page reference/auth/get-current-auth.
        """
        return await self._call(operations.GET_CURRENT_AUTH)

    async def create_token(self, *, token_name: str | None = None) -> CreatedToken:
        """
        Create a token. The service revokes the earlier ones of the same account user, maybe that of this client.

        It is sent again only where the service took nothing: when it never left, or was refused by 429. After a lost
        reply it is neither sent again nor settled: the secret cannot be had again.

        Args:
            token_name: Name for people.

        Raises:
            OutcomeUnknown: The reply was lost; earlier tokens may be revoked.

        Source: docs page reference/auth/create-project-api-token.
        """
        body = TokenCreate(token_name=UNSET if token_name is None else token_name)
        return await self._call(operations.CREATE_TOKEN, body=body)

    async def test_token(
        self, *, table_name: str | None = None, token_name: str | None = None
    ) -> TokenTestResult:
        """
        Make a temporary token and read a row with it. Whether the token is revoked again is not documented.

        Args:
            table_name: Table to read a row of.
            token_name: Name of the temporary token.

        Raises:
            OutcomeUnknown: The reply was lost; a token may have been made.

        Source: docs page reference/auth/test-token.
        """
        body = TokenTest(
            table_name=UNSET if table_name is None else table_name,
            token_name=UNSET if token_name is None else token_name,
        )
        return await self._call(operations.TEST_TOKEN, body=body)

    async def delete_token(self, token_id: int) -> RevokedToken | None:
        """
        Revoke a token.

        Args:
            token_id: Its number: `id` in the answer of `me`, `token_id` in that of `create_token`.

        Returns:
            What was revoked, or `None` when it is not told (an answer without a body), or when a reply was lost and
            the repeated call found it gone.

        Source: docs page reference/auth/delete-token.
        """
        return await self._call(operations.DELETE_TOKEN, path={"token_id": token_id})
