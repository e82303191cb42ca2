"""
Async client for Extruct AI and ZangTable, and a bulk table provisioner.

The names here are imported when they are first used: `import aiotables` loads neither service.
"""

from typing import TYPE_CHECKING

from aiotables._lazy import lazy
from aiotables._version import __version__


if TYPE_CHECKING:
    from aiotables.core.errors import (
        AiotablesError,
        AuthenticationFailed,
        BadRequest,
        CallError,
        ClosedError,
        Conflict,
        DecodeError,
        NoReply,
        NotFound,
        NotSent,
        OutcomeUnknown,
        PaymentRequired,
        PermissionDenied,
        RateLimited,
        ReplyNotUnderstood,
        RequestError,
        ServerError,
        ServiceError,
        SettingsError,
        ValidationFailed,
    )
    from aiotables.core.events import AttemptEnded, AttemptStarted, CallEnded, CallEvent, CallStarted
    from aiotables.core.pacing import Limiter, Pacer
    from aiotables.core.paging import Listing
    from aiotables.core.polling import WaitPolicy, WaitTimedOut
    from aiotables.core.record import Attempt, CallRecord, record
    from aiotables.core.rendering import Rendered
    from aiotables.core.retries import NO_RETRIES, RetryPolicy
    from aiotables.core.sentinels import UNSET, Unset
    from aiotables.core.settle import Existed, Found, NotThere, Sent, SettlePolicy, Unclear
    from aiotables.core.streaming import DownloadCut
    from aiotables.core.transport import Timeouts
    from aiotables.core.wire import Reply
    from aiotables.extruct import Extruct
    from aiotables.zangtable import ZangTable

_HOMES = {
    "errors": (
        "AiotablesError",
        "AuthenticationFailed",
        "BadRequest",
        "CallError",
        "ClosedError",
        "Conflict",
        "DecodeError",
        "NoReply",
        "NotFound",
        "NotSent",
        "OutcomeUnknown",
        "PaymentRequired",
        "PermissionDenied",
        "RateLimited",
        "ReplyNotUnderstood",
        "RequestError",
        "ServerError",
        "ServiceError",
        "SettingsError",
        "ValidationFailed",
    ),
    "events": ("AttemptEnded", "AttemptStarted", "CallEnded", "CallEvent", "CallStarted"),
    "pacing": ("Limiter", "Pacer"),
    "paging": ("Listing",),
    "polling": ("WaitPolicy", "WaitTimedOut"),
    "record": ("Attempt", "CallRecord", "record"),
    "rendering": ("Rendered",),
    "retries": ("NO_RETRIES", "RetryPolicy"),
    "sentinels": ("UNSET", "Unset"),
    "settle": ("Existed", "Found", "NotThere", "Sent", "SettlePolicy", "Unclear"),
    "streaming": ("DownloadCut",),
    "transport": ("Timeouts",),
    "wire": ("Reply",),
}

__all__ = [
    "NO_RETRIES",
    "UNSET",
    "AiotablesError",
    "Attempt",
    "AttemptEnded",
    "AttemptStarted",
    "AuthenticationFailed",
    "BadRequest",
    "CallEnded",
    "CallError",
    "CallEvent",
    "CallRecord",
    "CallStarted",
    "ClosedError",
    "Conflict",
    "DecodeError",
    "DownloadCut",
    "Existed",
    "Extruct",
    "Found",
    "Limiter",
    "Listing",
    "NoReply",
    "NotFound",
    "NotSent",
    "NotThere",
    "OutcomeUnknown",
    "Pacer",
    "PaymentRequired",
    "PermissionDenied",
    "RateLimited",
    "Rendered",
    "Reply",
    "ReplyNotUnderstood",
    "RequestError",
    "RetryPolicy",
    "Sent",
    "ServerError",
    "ServiceError",
    "SettingsError",
    "SettlePolicy",
    "Timeouts",
    "Unclear",
    "Unset",
    "ValidationFailed",
    "WaitPolicy",
    "WaitTimedOut",
    "ZangTable",
    "__version__",
    "record",
]

__getattr__ = lazy(
    __name__,
    {
        **{name: f"aiotables.core.{home}" for home, names in _HOMES.items() for name in names},
        "Extruct": "aiotables.extruct.client",
        "ZangTable": "aiotables.zangtable.client",
    },
)
