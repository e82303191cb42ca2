"""Charts as inline SVG: no script, nothing from elsewhere, and colours that the page's style sheet names."""

from collections.abc import Callable, Mapping, Sequence
from html import escape
from typing import Final

from aiotables.core.counting import counted
from aiotables.provision.reporting.sums import Bin, Latency
from aiotables.provision.reporting.words import MINUTE, span


WIDTH: Final = 720
HEIGHT: Final = 200
LEFT: Final = 56
RIGHT: Final = 8
TOP: Final = 12
BOTTOM: Final = 28

_INSIDE: Final = WIDTH - LEFT - RIGHT
_FLOOR: Final = HEIGHT - BOTTOM
_TALL: Final = _FLOOR - TOP
_GAP: Final = 2.0
"""Most pixels between two bars."""


def bars(bins: Sequence[Bin]) -> str:
    """Steps that ended per second, over time."""
    most = max((each.rate for each in bins), default=0.0)
    top = nice(most)
    drawn = [
        _bar(
            n,
            len(bins),
            each.rate / top,
            f"{_when(each)}: {each.rate:,.1f} per second ({counted(each.steps, 'step')})",
        )
        for n, each in enumerate(bins)
    ]
    return _chart(
        "Steps ended per second, over time", drawn, top, lambda value: f"{value:,.4g}", _times(bins)
    )


def line(bins: Sequence[Bin]) -> str:
    """How long steps took on average, over time."""
    timed = [(n, each, each.latency) for n, each in enumerate(bins) if each.latency is not None]
    top = nice(max((latency for _, _, latency in timed), default=0.0))
    wide = _INSIDE / len(bins)
    points = [(LEFT + (n + 0.5) * wide, _FLOOR - latency / top * _TALL) for n, _, latency in timed]
    path = " ".join(f"{x:.1f},{y:.1f}" for x, y in points)
    dots = [
        f'<circle class="dot" cx="{x:.1f}" cy="{y:.1f}" r="3"><title>{_when(each)}: {span(latency)}</title></circle>'
        for (x, y), (_, each, latency) in zip(points, timed, strict=True)
    ]
    drawn = [f'<polyline class="line" points="{path}"/>', *dots]
    return _chart("Average time from intent to outcome, over time", drawn, top, span, _times(bins))


def histogram(latency: Latency) -> str:
    """How many steps took how long."""
    classes = _merged(latency.classes)
    top = nice(max(count for _, count in classes))
    drawn = [
        _bar(n, len(classes), count / top, f"at most {span(end)}: {counted(count, 'step')}")
        for n, (end, count) in enumerate(classes)
    ]
    labels = [(n, span(end)) for n, (end, _) in enumerate(classes)]
    every = -(-len(labels) // 8)
    wide = _INSIDE / len(classes)
    marks = [(LEFT + (n + 1) * wide, text) for n, text in labels[every - 1 :: every]]
    return _chart(
        "Steps by the time from intent to outcome", drawn, top, lambda value: f"{value:,.4g}", marks
    )


def stack(counts: Mapping[str, int], *, title: str) -> str:
    """One bar, divided by outcome."""
    total = sum(counts.values())
    left = 0.0
    drawn = []
    for kind, count in counts.items():
        wide = count / total * WIDTH
        label = f"{escape(kind)}: {count:,} ({count / total:.1%})"
        drawn.append(
            f'<rect class="{escape(kind)}" x="{left:.1f}" y="0" width="{wide:.1f}" height="28">'
            f"<title>{label}</title></rect>"
        )
        left += wide
    return _svg(title, drawn, height=28, kind="stack")


def nice(most: float) -> float:
    """A round number that is not below *most*, for the top of a scale."""
    if most <= 0:
        return 1.0
    unit = 1.0
    while unit > most:
        unit /= 10
    while unit * 10 <= most:
        unit *= 10
    return next(unit * step for step in (1, 2, 3, 4, 5, 6, 8, 10) if unit * step >= most)


def _merged(classes: Sequence[tuple[float, int]]) -> Sequence[tuple[float, int]]:
    """Few enough classes to be seen: neighbours are taken together."""
    together = -(-len(classes) // 40)
    groups = [classes[first : first + together] for first in range(0, len(classes), together)]
    return [(group[-1][0], sum(count for _, count in group)) for group in groups]


def _bar(n: int, count: int, part: float, title: str) -> str:
    wide = _INSIDE / count
    gap = min(_GAP, wide / 4)
    high = part * _TALL
    place = f'x="{LEFT + n * wide + gap / 2:.1f}" y="{_FLOOR - high:.1f}" width="{wide - gap:.1f}" height="{high:.1f}"'
    return f'<rect class="bar" {place}><title>{title}</title></rect>'


def _when(each: Bin) -> str:
    return f"{_whole(each.at)} to {_whole(each.at + each.seconds)}"


def _whole(seconds: float) -> str:
    return f"{seconds:.0f} s" if seconds < MINUTE else span(seconds)


def _times(bins: Sequence[Bin]) -> list[tuple[float, str]]:
    every = -(-len(bins) // 8)
    wide = _INSIDE / len(bins)
    return [(LEFT + n * wide, _whole(bins[n].at)) for n in range(0, len(bins), every)]


def _chart(
    title: str,
    drawn: Sequence[str],
    top: float,
    text: Callable[[float], str],
    marks: Sequence[tuple[float, str]],
) -> str:
    grid = []
    for part in (0.0, 0.5, 1.0):
        y = _FLOOR - part * _TALL
        grid.append(f'<line class="grid" x1="{LEFT}" x2="{WIDTH - RIGHT}" y1="{y:.1f}" y2="{y:.1f}"/>')
        label = text(part * top) if part else "0"
        grid.append(f'<text class="scale" x="{LEFT - 8}" y="{y + 4:.1f}" text-anchor="end">{label}</text>')
    below = [
        f'<text class="scale" x="{min(x, WIDTH - 24):.1f}" y="{HEIGHT - 8}" text-anchor="middle">{label}</text>'
        for x, label in marks
    ]
    return _svg(title, [*grid, *drawn, *below], height=HEIGHT, kind="chart")


def _svg(title: str, drawn: Sequence[str], *, height: int, kind: str) -> str:
    inside = "\n".join(drawn)
    # The bar of outcomes has no text in it that stretching could spoil.
    stretch = ' preserveAspectRatio="none"' if kind == "stack" else ""
    label = escape(title)
    return f'<svg class="{kind}" viewBox="0 0 {WIDTH} {height}" role="img" aria-label="{label}"{stretch}>\n{inside}\n</svg>'
