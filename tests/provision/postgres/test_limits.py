"""The limits of one process."""

from attrs import evolve

from aiotables.provision.postgres import Session
from aiotables.provision.postgres.limits import Limits
from aiotables.provision.targets import ExtructTarget, ZangTableTarget


CRM = ZangTableTarget(name="crm", token_env="T", project="acme", rate=100.0)


async def test_one_for_each_token(session: Session) -> None:
    """Targets with one token and one rate share a limiter; other tokens, rates and services have others."""
    limits = Limits(session)
    first = limits.of(CRM, "a")

    assert first is limits.of(evolve(CRM, name="other", project="globex"), "a")
    others = {
        limits.of(CRM, "b"),
        limits.of(evolve(CRM, rate=50.0), "a"),
        limits.of(ExtructTarget(name="research", token_env="T", rate=100.0), "a"),
    }
    assert 3 == len(others - {first})


async def test_waits_are_told(session: Session) -> None:
    """Whoever counts how long requests wait is told of each, whatever its target."""
    waits: list[float] = []
    limits = Limits(session, waited=waits.append)
    for project in ("acme", "globex"):
        await limits.of(evolve(CRM, project=project), "a").acquire()

    assert 2 == len(waits)
