"""Charts."""

import xml.etree.ElementTree as ET

import pytest
from hypothesis import given
from hypothesis import strategies as st

from aiotables.provision.reporting.charts import HEIGHT, WIDTH, bars, histogram, line, nice, stack
from aiotables.provision.reporting.sums import Bin, Latency


def bins(*steps: int, latency: float | None = 0.5) -> list[Bin]:
    """Seconds with so many steps."""
    return [
        Bin(at=float(n), seconds=1.0, steps=each, latency=latency if each else None)
        for n, each in enumerate(steps)
    ]


def read(svg: str) -> ET.Element:
    """A chart that is well formed."""
    return ET.fromstring(svg)  # noqa: S314 -- made one line above


@given(most=st.floats(1e-6, 1e9))
def test_nice(most: float) -> None:
    """The top of a scale is round, not below what is drawn, and not far above it."""
    assert most <= nice(most) <= most * 2.01


def test_nice_of_nothing() -> None:
    """An empty chart has a scale, too."""
    assert 1.0 == nice(0.0)


@pytest.mark.parametrize("count", [1, 7, 60])
def test_bars(count: int) -> None:
    """Each stretch of time has a bar inside of the chart, and says what it stands for."""
    svg = read(bars(bins(*range(count))))
    rects = svg.findall("rect")

    assert count == len(rects)
    for rect in rects:
        x, y, wide, high = (float(rect.attrib[name]) for name in ("x", "y", "width", "height"))
        assert 0 <= x <= x + wide <= WIDTH
        assert 0 <= y <= y + high <= HEIGHT
    assert "0 s to 1 s: 0.0 per second (0 steps)" == rects[0].findtext("title")
    assert len(svg.findall("text")) <= 3 + 8


def test_line() -> None:
    """The line goes through the stretches in which something ended."""
    svg = read(line(bins(1, 0, 2)))

    assert ["0 s to 1 s: 500 ms", "2 s to 3 s: 500 ms"] == [
        dot.findtext("title") for dot in svg.findall("circle")
    ]


def test_histogram() -> None:
    """However many classes there are, the bars are few, and none of the steps is lost."""
    classes = [(0.001 * 1.1**n, n + 1) for n in range(90)]
    latency = Latency(steps=1, mean=1.0, p50=1.0, p90=1.0, p99=1.0, longest=1.0, classes=classes)

    titles = [rect.findtext("title") or "" for rect in read(histogram(latency)).findall("rect")]

    assert 20 <= len(titles) <= 40
    assert sum(range(1, 91)) == sum(int(title.split(": ")[1].split()[0].replace(",", "")) for title in titles)


def test_stack() -> None:
    """The parts of a bar fill it, each as wide as its share."""
    svg = read(stack({"created": 3, "failed": 1}, title="Steps <by> outcome"))
    rects = svg.findall("rect")

    assert [("created", "540.0"), ("failed", "180.0")] == [
        (r.attrib["class"], r.attrib["width"]) for r in rects
    ]
    assert "failed: 1 (25.0%)" == rects[1].findtext("title")
    assert "Steps <by> outcome" == svg.attrib["aria-label"]
