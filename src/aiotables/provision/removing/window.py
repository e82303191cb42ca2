"""Whether a thing that is there can be the one that was made: by when it was made."""

import math
from datetime import datetime
from typing import Any

from aiotables.core.settle import Sent, SettlePolicy, earliest_there
from aiotables.core.wire import Reply
from aiotables.provision.journal import Made


def made_within(made: Made, reply: Reply[Any], created_at: datetime | None) -> bool:
    """
    Whether a thing was made between the sending of a call and the moment its outcome was known.

    Args:
        made: The call and its outcome.
        reply: The reply that shows the thing; it tells how far the clocks are apart.
        created_at: When the service says that it made the thing; what has no time cannot be known to be ours.
    """
    if created_at is None:
        return False
    policy = SettlePolicy()
    earliest = earliest_there(Sent(**made.sent), reply, policy)
    took = made.outcome.at - float(made.sent["first_sent_at"])
    latest = math.ceil(earliest + took + 2 * policy.skew + 1)
    return earliest <= created_at.timestamp() <= latest
