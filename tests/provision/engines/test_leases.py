"""Nothing is sent for a shard that may be another worker's."""

import asyncio
from typing import TYPE_CHECKING

import pytest

from aiotables.core.pacing import Limiter
from aiotables.provision.engines.leases import Lease
from aiotables.provision.holding import Held, holding
from aiotables.provision.postgres import HoldLost
from aiotables.provision.postgres.shards import Shards


if TYPE_CHECKING:
    from tests.provision.engines.conftest import Shop

NOTES = """
manifest: shop
targets:
  crm: {service: zangtable, project: acme, timeout: 10}
tables:
  - {target: crm, name: a}
"""


async def test_no_request_after_another_worker_took_the_shard(shop: "Shop") -> None:
    """A worker that froze for longer than its lease sends nothing more, though it was about to."""
    run_id = (await shop.share(NOTES)).run.run_id
    slow, quick = (Shards(shop.session, owner=name, lease=0.3) for name in ("slow", "quick"))
    shard = await slow.take(run_id, "crm")
    assert shard is not None
    limiter: Limiter = Held()
    holding.set(Lease(slow, shard))
    await limiter.acquire()

    await asyncio.sleep(0.4)
    assert await quick.take(run_id, "crm") is not None

    with pytest.raises(HoldLost):
        await limiter.acquire()


async def test_lease_that_nobody_took_is_renewed(shop: "Shop") -> None:
    """A worker that is late, and finds its shard still its own, goes on."""
    run_id = (await shop.share(NOTES)).run.run_id
    shards = Shards(shop.session, owner="w", lease=0.3)
    shard = await shards.take(run_id, "crm")
    assert shard is not None
    limiter: Limiter = Held()
    holding.set(Lease(shards, shard))
    await asyncio.sleep(0.4)
    await asyncio.gather(*(limiter.acquire() for _ in range(3)))

    assert await Shards(shop.session, owner="other").take(run_id, "crm") is None
