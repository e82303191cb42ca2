"""What workers take for a run, in words and as JSON."""

from typing import Any

from attrs import asdict

from aiotables.core.counting import counted
from aiotables.provision.estimate import Estimate


def estimate_text(estimate: Estimate) -> str:
    """An estimate, for people."""
    requests = "request" if estimate.calls == 1 else "requests"
    calls = f"{counted(estimate.tables, 'table')} with {estimate.calls:.2g} {requests} each"
    if estimate.seconds is None or estimate.rate is None or estimate.workers is None:
        return f"{calls}: no estimate of the time, since a target has no rate; {size_text(estimate.size)} of journal"
    return (
        f"{calls}, {estimate.rate:,g} a second: {time_text(estimate.seconds)}, "
        f"{_workers(estimate.workers)}, {size_text(estimate.size)} of journal"
    )


def _workers(number: int) -> str:
    return f"{counted(number, 'worker')}, and one more for when one dies"


def estimate_json(estimate: Estimate) -> dict[str, Any]:
    """An estimate, for programs."""
    return {"workers": {**asdict(estimate), "calls": estimate.calls}}


def time_text(seconds: float) -> str:
    """A time, to two digits: no estimate is better than that."""
    for name, length in (("day", 86_400), ("hour", 3_600), ("minute", 60)):
        if seconds >= length:
            number = _two_digits(seconds / length)
            return f"{number} {name}{'' if number == '1' else 's'}"
    return f"{seconds:.0f} s"


def size_text(size: int) -> str:
    """A number of bytes, to two digits."""
    for name, unit in (("GB", 10**9), ("MB", 10**6)):
        if size >= unit:
            return f"{_two_digits(size / unit)} {name}"
    return f"{_two_digits(size / 1000)} KB"


def _two_digits(number: float) -> str:
    return f"{float(f'{number:.2g}'):,g}"
