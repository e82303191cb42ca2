"""
How much of a stated rate is used, by whatever holds requests back: the pace of one process, and the limit that many share.

A service that takes R requests in each second counts them as they arrive. Sent evenly at a part p of R, no second of its
clock sees more than R of them as long as none is later or earlier than the others by more than 1/p - 1 of a second: with
98 %, by 20 ms. That is the way through the network and the waking of a process that sleeps. One request too many costs more
than the margin does: the service asks for a pause until its second is over.
"""

from typing import Final


AIM: Final = 0.98
"""The part of a stated rate that is used."""


def aimed_at(rate: float) -> float:
    """
    Requests per second to send.

    Args:
        rate: Requests per second that the service takes.
    """
    return AIM * rate
