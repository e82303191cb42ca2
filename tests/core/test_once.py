"""The invariant, against a service with a memory: a create makes one thing, or says truly what it did not do."""

import asyncio
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

import orjson
import pytest
from attrs import define, field
from hypothesis import HealthCheck, event, given, settings
from hypothesis import strategies as st
from multidict import CIMultiDict, CIMultiDictProxy

from aiotables.core import errors
from aiotables.core.operations import Operation
from aiotables.core.requests import Request
from aiotables.core.retries import Budget, RetryPolicy
from aiotables.core.settle import Found, Look, NotThere, Rule, Sent, SettlePolicy, Settling, Unclear
from aiotables.core.transport import SendFailure, Transport
from aiotables.core.wire import RawReply


if TYPE_CHECKING:
    from tests.core.conftest import FakeClock, Toy

GRACE = 60.0

# What may go wrong with one sending, and for what makes something: how long after it the effect shows.
LOST = [("lost", delay) for delay in (0.0, 0.3, 5.0, 59.0)]
FAILED = [("500", delay) for delay in (0.0, 5.0, 59.0)]
UNREADABLE = [("unreadable", 0.0)]
HARMLESS = [("never sent", None), ("429", None), ("lost", None), ("500", None), ("401", None), ("ok", 0.0)]
faults = st.lists(st.sampled_from([*LOST, *FAILED, *UNREADABLE, *HARMLESS]), max_size=12)


@define
class World(Transport):
    """A service whose effects show at their time, behind a network that fails as it is told."""

    clock: "FakeClock"
    faults: Iterator[tuple[str, float | None]]
    unique: bool
    made: list[float] = field(factory=list[float])
    """When each thing came, or will come, to be."""

    async def send(self, request: Request, *, watch_resends: bool = False) -> RawReply:
        """One sending."""
        kind, delay = next(self.faults, ("ok", 0.0))
        self.clock.time += 0.01
        if kind == "never sent":
            raise SendFailure(kind, sent=False)
        if kind in {"429", "401"}:
            return answer(int(kind))
        status, body = 200, orjson.dumps([{"name": "it"} for _ in self.there()])
        if request.method == "POST":
            status, body = self.create(delay)
        if kind == "lost":
            raise SendFailure(kind, sent=True)
        if kind == "500":
            status = 500
        return answer(status, b"<html>" if kind == "unreadable" else body)

    def create(self, delay: float | None) -> tuple[int, bytes]:
        """Make a thing, now or later, where the name is free."""
        if self.unique and self.made:
            return 409, b"{}"
        if delay is not None:
            self.made.append(self.clock.time + delay)
        return 200, b'{"name":"it"}'

    def there(self) -> list[float]:
        """The things that are there now."""
        return [time for time in self.made if time <= self.clock.time]


def answer(status: int, body: bytes = b"{}") -> RawReply:
    """An answer; a refusal asks for a second."""
    headers = CIMultiDictProxy(CIMultiDict({"Retry-After": "1"} if status == 429 else {}))
    return RawReply(status=status, headers=headers, body=body)


def only_one(things: Operation[Any, Any]) -> Rule:
    """The one thing that there is, is ours; of two nobody can tell."""

    def rule(sent: Sent, policy: SettlePolicy) -> Settling:
        look = yield Look(operation=things)
        if len(look.value) > 1:
            return Unclear("there are several")
        return Found(look.value[0], "alone") if look.value else NotThere()

    return rule


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=500)
@given(faults=faults, unique=st.booleans())
@pytest.mark.parametrize("attempts", [1, 3, 9])
def test_one_create_makes_one_thing(
    toy: "Toy", faults: list[tuple[str, float | None]], attempts: int, *, unique: bool
) -> None:
    """Whatever goes wrong, in whatever order, the service has at most one thing, and the caller is told the truth."""
    world = World(toy.clock, iter(faults), unique)
    toy.calls.transport = world
    toy.calls.rules = {toy.create.name: only_one(toy.things)}
    toy.calls.policy = RetryPolicy(attempts=attempts, deadline=1e9)
    toy.calls.settle_policy = SettlePolicy(grace=GRACE)
    toy.calls.budget = Budget()

    try:
        asyncio.run(toy.call(toy.create, body=toy.thing(name="it")))
    except errors.OutcomeUnknown:
        expected = {0, 1}
    except (errors.NotSent, errors.NoReply, errors.ServiceError):
        expected = {0}
    else:
        expected = {1}

    event(f"{len(world.made)} made, {expected} expected")
    assert len(world.made) in expected
