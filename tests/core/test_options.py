"""What follows from a client's settings."""

import aiohttp
import pytest
from yarl import URL

from aiotables.core.errors import SettingsError
from aiotables.core.options import LEAST_GRACE, Options, network_of, reaching
from aiotables.core.settle import SettlePolicy
from aiotables.core.transport import Timeouts


API = URL("https://toy.example")


def test_the_network_is_of_its_settings_alone() -> None:
    """Other settings say nothing of it, and what is not set has its default."""
    options = Options(connections=3, allow_http=True)

    assert (3, None) == (network_of(API, options, {}).connections, network_of(API, options, {}).proxy)


@pytest.mark.parametrize(
    "options", [Options(connections=3), Options(proxy="http://proxy.example"), Options(ca_file="ca.pem")]
)
async def test_a_given_session_has_its_own_network(options: Options) -> None:
    """What would have no effect beside a session that is given is refused."""
    async with aiohttp.ClientSession() as session:
        both: Options = {**options, "session": session}
        with pytest.raises(SettingsError, match="set this on the session that you give"):
            network_of(API, both, {})

        assert network_of(API, Options(session=session), {}) == network_of(API, Options(), {})


@pytest.mark.parametrize(("grace", "answer"), [(60.0, 60.0), (1.0, 2.0)])
def test_a_grace_is_longer_than_the_timeout(grace: float, answer: float) -> None:
    """After a reply that timed out there is time left to look, and all else of the policy stays."""
    policy = reaching(SettlePolicy(grace=grace, skew=7.0), Timeouts(answer=answer))

    assert (LEAST_GRACE * answer, 7.0) == (policy.grace, policy.skew)


def test_a_long_grace_stays() -> None:
    """One that reaches is left as it is."""
    policy = SettlePolicy(grace=200.0)

    assert policy is reaching(policy, Timeouts(answer=60.0))
