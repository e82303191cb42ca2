"""What follows from a client's settings."""

from typing import Any

import aiohttp
import pytest
from yarl import URL

from aiotables.core.errors import SettingsError
from aiotables.core.options import LEAST_GRACE, Options, check, network_of, reaching
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


def test_settings_that_there_are() -> None:
    """What a client takes passes, and so does nothing at all."""
    check(Options())
    check(Options(timeouts=Timeouts(answer=5.0), settling=SettlePolicy(), connections=3, allow_http=True))


@pytest.mark.parametrize(
    ("wrong", "message"),
    [
        ({"timeout": 5}, r"there is no setting timeout \(did you mean timeouts\?\)"),
        ({"tokn": "it"}, r"there is no setting tokn \(did you mean token\?\)"),
        ({"xyz": 5}, r"there is no setting xyz$"),
        ({"timeouts": 5.0}, "timeouts takes a Timeouts, not float"),
        ({"retries": None}, "retries takes a RetryPolicy, not NoneType"),
        ({"settling": 90}, "settling takes a SettlePolicy, not int"),
    ],
)
def test_settings_that_there_are_not(wrong: Any, message: str) -> None:  # noqa: ANN401 -- what types would refuse
    """What no client goes by is refused, and not passed over."""
    with pytest.raises(SettingsError, match=f"^{message}"):
        check(wrong)
