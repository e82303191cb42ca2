"""The right of a worker to work on a shard, which passes to another one when it was not renewed in time."""

from aiotables.provision.holding import Holding
from aiotables.provision.lapse import Moment
from aiotables.provision.postgres.shards import Shard, Shards
from aiotables.provision.postgres.writer import HoldLost


class Lease(Holding):
    """
    How long a worker may take a shard for its own without asking.

    Args:
        shards: Where the shard was taken from.
        shard: The shard.
    """

    def __init__(self, shards: Shards, shard: Shard) -> None:
        super().__init__(shard.asked_at, shards.lease)
        self._shards = shards
        self._hold = shard.hold

    async def renew(self) -> bool:
        """
        Keep the shard, and say whether its run is to be cancelled.

        Raises:
            HoldLost: It is another worker's.
        """
        asked_at = Moment.now()
        cancelling = await self._shards.renew(self._hold)
        if cancelling is None:
            raise HoldLost(self._hold, where=self._shards.where)
        self.renewed(asked_at)
        return cancelling
