"""A report as one HTML page, which needs nothing else: no script, no file, no network."""

from collections.abc import Mapping, Sequence
from html import escape
from typing import Final

from aiotables.provision.reporting.charts import bars, histogram, line, stack
from aiotables.provision.reporting.report import Report
from aiotables.provision.reporting.words import facts, latencies, span


STYLE: Final = """
:root {
  color-scheme: light dark;
  --page: #f7f7f5; --card: #fff; --text: #1c1d1f; --soft: #63666b; --rule: #e2e2de; --mark: #2f6fde;
  --created: #2f6fde; --adopted: #159a8c; --unchanged: #9aa0a8; --failed: #d23b3b; --unknown: #d98a00;
  --absent: #c3bfb5; --deleted: #8a5cc7;
}
@media (prefers-color-scheme: dark) {
  :root {
    --page: #141518; --card: #1d1f23; --text: #e9eaec; --soft: #a0a4ab; --rule: #33363c; --mark: #6ea0ff;
    --created: #6ea0ff; --adopted: #3cc7b6; --unchanged: #7d838c; --failed: #ff6f6f; --unknown: #f2b13c;
    --absent: #57544d; --deleted: #b48cf0;
  }
}
* { box-sizing: border-box; }
body {
  margin: 0; background: var(--page); color: var(--text);
  font: 15px/1.5 system-ui, -apple-system, "Segoe UI", Roboto, "Helvetica Neue", Arial, sans-serif;
}
main { max-width: 800px; margin: 0 auto; padding: 32px 20px 64px; }
h1 { font-size: 22px; margin: 0 0 4px; overflow-wrap: anywhere; }
h2 { font-size: 16px; margin: 0 0 12px; }
p { margin: 0 0 12px; }
.soft { color: var(--soft); }
section { background: var(--card); border: 1px solid var(--rule); border-radius: 10px; padding: 20px; margin-top: 16px; }
dl { display: grid; grid-template-columns: repeat(auto-fill, minmax(150px, 1fr)); gap: 14px 20px; margin: 0; }
dt { color: var(--soft); font-size: 13px; }
dd { margin: 0; font-weight: 600; overflow-wrap: anywhere; font-variant-numeric: tabular-nums; }
.badge { display: inline-block; border-radius: 99px; padding: 1px 10px; font-size: 13px; font-weight: 600; color: #fff; }
.done { background: #1d7f46; } .failed-run { background: #bd2f2f; } .other { background: #7a5a00; }
svg { display: block; width: 100%; }
svg.stack { height: 28px; border-radius: 6px; }
.scroll { overflow-x: auto; }
.grid { stroke: var(--rule); } .scale { fill: var(--soft); font-size: 11px; }
.bar { fill: var(--mark); } .bar:hover, .dot:hover { opacity: .7; }
.line { fill: none; stroke: var(--mark); stroke-width: 2; stroke-linejoin: round; } .dot { fill: var(--mark); }
.created { fill: var(--created); } .adopted { fill: var(--adopted); } .unchanged { fill: var(--unchanged); }
.failed { fill: var(--failed); } .unknown { fill: var(--unknown); } .absent { fill: var(--absent); }
.deleted { fill: var(--deleted); }
.key { width: 10px; height: 10px; display: inline-block; border-radius: 3px; margin-right: 6px; }
table { border-collapse: collapse; width: 100%; font-size: 14px; margin-top: 12px; }
th { text-align: left; color: var(--soft); font-weight: 500; font-size: 13px; }
th, td { padding: 6px 12px 6px 0; border-bottom: 1px solid var(--rule); vertical-align: top; overflow-wrap: anywhere; }
tr:last-child td { border-bottom: 0; }
.number { text-align: right; font-variant-numeric: tabular-nums; white-space: nowrap; }
"""

_BADGES: Final[Mapping[str, str]] = {"done": "done", "failed": "failed-run"}


def html(report: Report) -> str:
    """A report as an HTML page. Names and reasons come from outside, and are only ever text in it."""
    title = f"Run {report.run_id}"
    parts = [_head(report), *_outcomes(report), *_times(report), *_slowest(report), *_problems(report)]
    return (
        '<!doctype html>\n<html lang="en">\n<head>\n<meta charset="utf-8">\n'
        '<meta name="viewport" content="width=device-width, initial-scale=1">\n'
        # Nothing may be loaded or run, whatever a name holds.
        "<meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; style-src 'unsafe-inline'\">\n"
        f"<title>{escape(title)}</title>\n<style>{STYLE}</style>\n</head>\n<body>\n<main>\n"
        + "\n".join(parts)
        + "\n</main>\n</body>\n</html>\n"
    )


def _head(report: Report) -> str:
    ending = report.ending or "under way, or killed"
    badge = _BADGES.get(ending, "other")
    told = [(name, value) for name, value in facts(report) if name != "Ending"]
    return (
        f'<header><h1>Run {escape(report.run_id)} <span class="badge {badge}">{escape(ending)}</span></h1></header>\n'
        + _section("At a glance", _list(told))
    )


def _outcomes(report: Report) -> list[str]:
    if not report.outcomes:
        return [_section("Outcomes", '<p class="soft">Nothing was sent.</p>')]
    head = ["Target", *(_key(kind) for kind in report.outcomes)]
    rows = [[escape(target), *_counts(report, counts)] for target, counts in report.targets.items()]
    if len(rows) > 1:
        rows.append(["all", *_counts(report, report.outcomes)])
    return [
        _section(
            "Outcomes", stack(report.outcomes, title="Steps by outcome") + _table(head, rows, numbers=True)
        )
    ]


def _key(kind: str) -> str:
    return f'<span class="key" style="background: var(--{escape(kind)})"></span>{escape(kind)}'


def _counts(report: Report, counts: Mapping[str, int]) -> list[str]:
    return [f"{counts.get(kind, 0):,}" for kind in report.outcomes]


def _times(report: Report) -> list[str]:
    if not report.outcomes:
        return []
    parts = [_section("Throughput: steps ended per second", bars(report.bins))]
    if report.latency is not None:
        parts.append(
            _section("From intent to outcome", _list(latencies(report)) + "<br>" + histogram(report.latency))
        )
        parts.append(_section("From intent to outcome, over time: average", line(report.bins)))
    return parts


def _slowest(report: Report) -> list[str]:
    if not report.slowest:
        return []
    rows = [[span(s.seconds), escape(s.target), escape(s.key), escape(s.step)] for s in report.slowest]
    return [_section("Slowest steps", _table(["Took", "Target", "Table", "Step"], rows))]


def _problems(report: Report) -> list[str]:
    if not report.problems:
        return []
    rows = [
        [_key(p.outcome), escape(p.target), escape(p.key), escape(p.step), escape(p.reason)]
        for p in report.problems
    ]
    return [_section("Problems", _table(["Outcome", "Target", "Table", "Step", "Reason"], rows))]


def _section(heading: str, inside: str) -> str:
    return f"<section>\n<h2>{escape(heading)}</h2>\n{inside}\n</section>"


def _list(told: Sequence[tuple[str, str]]) -> str:
    items = "".join(f"<div><dt>{escape(name)}</dt><dd>{escape(value)}</dd></div>" for name, value in told)
    return f"<dl>{items}</dl>"


def _table(head: Sequence[str], rows: Sequence[Sequence[str]], *, numbers: bool = False) -> str:
    """A table of HTML that is escaped already; of *numbers*, behind the first column."""

    def line(tag: str, cells: Sequence[str]) -> str:
        kinds = ["", *[' class="number"' if numbers else ""] * (len(cells) - 1)]
        inside = (f"<{tag}{kind}>{cell}</{tag}>" for kind, cell in zip(kinds, cells, strict=True))
        return f"<tr>{''.join(inside)}</tr>"

    body = "\n".join(line("td", row) for row in rows)
    return f'<div class="scroll"><table>\n<thead>{line("th", head)}</thead>\n<tbody>\n{body}\n</tbody>\n</table></div>'
