"""The rate limit that processes share."""

import asyncio
import time

from aiotables.provision.postgres import PostgresLimiter, Session
from aiotables.provision.postgres.limiter import limit_of, slots_at_once


async def test_two_processes_share_a_rate(url: str, session: Session) -> None:
    """Two limiters with connections of their own let out together no more than the rate says."""
    async with Session(url) as other:
        limiters = [PostgresLimiter(each, "x", rate=200.0) for each in (session, other)]
        began = time.monotonic()
        await asyncio.gather(*(limiters[number % 2].acquire() for number in range(100)))
        took = time.monotonic() - began

    # The first slots are there at once; those that are left begin one after the other.
    assert took >= (100 - 2 * slots_at_once(200.0)) / 200.0


async def test_slots_that_were_not_used_are_lost(session: Session) -> None:
    """After a quiet time only one block goes out at once."""
    limiter = PostgresLimiter(session, "x", rate=100.0)
    await limiter.acquire()
    await asyncio.sleep(0.5)

    began = time.monotonic()
    for _ in range(20):
        await limiter.acquire()

    assert time.monotonic() - began >= (20 - slots_at_once(100.0)) / 100.0


async def test_pause_holds_all(url: str, session: Session) -> None:
    """A pause that one asks for holds the others, with a rate or without."""
    async with Session(url) as other:
        asks, paced, free = (
            PostgresLimiter(session, "x", rate=100.0),
            PostgresLimiter(other, "x", rate=100.0),
            PostgresLimiter(other, "x", rate=None),
        )
        began = time.monotonic()
        await asks.pause(0.4)
        await asyncio.gather(paced.acquire(), free.acquire(), free.acquire(), asks.acquire())

        assert time.monotonic() - began >= 0.4


async def test_pause_counts_from_the_longest(session: Session) -> None:
    """A shorter pause does not end a longer one."""
    limiter = PostgresLimiter(session, "x", rate=None)
    began = time.monotonic()
    await limiter.pause(0.4)
    await limiter.pause(0.01)
    await limiter.acquire()

    assert time.monotonic() - began >= 0.4


async def test_waits_are_told(session: Session) -> None:
    """The time that each request waited is told."""
    waits: list[float] = []
    limiter = PostgresLimiter(session, "x", rate=50.0, waited=waits.append)
    await asyncio.gather(*(limiter.acquire() for _ in range(5)))

    assert 5 == len(waits)
    assert max(waits) >= 3 / 50.0


def test_name_of_a_limit() -> None:
    """The same token at the same service has one limit, and the name does not hold the token."""
    base = "https://api.example"

    assert limit_of(base, "pat_1") == limit_of(f"{base}/v1", "pat_1")
    assert 3 == len({limit_of(base, "pat_1"), limit_of(base, "pat_2"), limit_of("http://x", "pat_1")})
    assert "pat_1" not in limit_of(base, "pat_1")


def test_slots_at_once() -> None:
    """One to eight, by the rate."""
    assert [1, 1, 1, 2, 8, 8] == [slots_at_once(rate) for rate in (None, 1.0, 25.0, 50.0, 200.0, 1000.0)]
