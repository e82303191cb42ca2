"""How far work is that takes a known time. Pure."""


def share(elapsed: float, begins: float, takes: float) -> float:
    """
    Which share of some work is done, 0 to 1.

    Args:
        elapsed: Seconds since the whole began.
        begins: When this part of it begins, likewise.
        takes: How long this part takes, in seconds.
    """
    if elapsed >= begins + takes:
        return 1.0

    return max(elapsed - begins, 0.0) / takes
