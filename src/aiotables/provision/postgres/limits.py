"""The limits of one process: one for each token, however many targets it is for."""

from aiotables.provision.opening import base_of
from aiotables.provision.postgres.limiter import PostgresLimiter, Waited, limit_of
from aiotables.provision.postgres.session import Session
from aiotables.provision.targets import AnyTarget


class Limits:
    """
    Limiters by token. Slots come in blocks, so those that one target leaves are for the next: else a run of very many
    targets with a call or two each would lose most of them.

    Args:
        session: To the database.
        waited: Told how long each request waited.
    """

    def __init__(self, session: Session, *, waited: Waited | None = None) -> None:
        self._session = session
        self._waited = waited
        self._limiters: dict[tuple[str, float | None], PostgresLimiter] = {}

    def of(self, target: AnyTarget, token: str) -> PostgresLimiter:
        """
        The limiter of a target.

        Args:
            target: The target.
            token: Its token.
        """
        name = limit_of(base_of(target), token)
        key = (name, target.rate)
        if key not in self._limiters:
            self._limiters[key] = PostgresLimiter(self._session, name, rate=target.rate, waited=self._waited)
        return self._limiters[key]
