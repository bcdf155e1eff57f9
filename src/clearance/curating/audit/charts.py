"""Charts of an audit as SVG: bars with their interval and their target, and the same in words. Pure.

A chart stands inside the page, and alone as a file: its colours follow the page where there is one.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from html import escape
from typing import Any

from clearance.errors import printable

_MAX_BARS = 15
_ROW, _LEFT, _WIDTH, _RIGHT = 26, 190, 420, 90
"""In pixels: height of a row, width of the names, of the bars, and of the figures behind them."""
_MAX_NAME_CHARS = 28


@dataclass(frozen=True, slots=True, kw_only=True)
class Bar:
    """One bar; a share of a withheld cell is nothing, and is drawn as such."""

    name: str
    share: float | None
    low: float
    high: float
    target: float | None


def charts_of(facts: Mapping[str, Any]) -> dict[str, str]:
    """Return the chart of every dimension that has something to show, by the name of its file."""
    charts = {}
    for dimension in facts["dimensions"]:
        bars = _bars(dimension)
        if dimension["known"] and bars:
            title = f"Share of pictures by {dimension['of']}"
            charts[chart_name(dimension["of"])] = bar_chart(title, bars)
    return charts


def chart_name(dimension: str) -> str:
    """Return a dimension's name as part of a file name and an id: letters, digits and hyphens."""
    plain = "".join(char if char.isascii() and char.isalnum() else "-" for char in dimension)
    # Two attributes may come out alike: what they were stays in their code points.
    return plain if plain == dimension else f"{plain}-{dimension.encode('utf-8', 'replace').hex()[:40]}"


def bar_chart(title: str, bars: Sequence[Bar]) -> str:
    """Draw a chart of horizontal bars."""
    shown = bars[:_MAX_BARS]
    scale = max([0.01, *(max(bar.share or 0.0, bar.target or 0.0, bar.high) for bar in shown)])
    height = _ROW * len(shown) + 34
    lines = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {_LEFT + _WIDTH + _RIGHT} {height}"'
        ' role="img" font-family="system-ui, sans-serif" font-size="13">',
        f"<title>{_text(title, 200)}</title>",
        f"<desc>{_text(' '.join(_sentence(bar) for bar in shown), 4000)}</desc>",
    ]
    for number, bar in enumerate(shown):
        lines += _drawn(bar, top=number * _ROW + 6, scale=scale)
    more = f" {len(bars) - len(shown)} more are in the table." if len(bars) > len(shown) else ""
    legend = f"Bar: share. Line: its interval. Tick: target.{more}"
    lines.append(
        f'<text x="{_LEFT}" y="{height - 8}" font-size="11" style="fill:var(--soft,#5d5a53)">{legend}</text>'
    )
    lines.append("</svg>")
    return "\n".join(lines) + "\n"


def _bars(dimension: Mapping[str, Any]) -> list[Bar]:
    return [
        Bar(
            name=each["name"],
            share=each["share"],
            low=each["interval"][0] if each["interval"] else 0.0,
            high=each["interval"][1] if each["interval"] else 0.0,
            target=each["target"],
        )
        for each in (*dimension["categories"], *dimension["without_target"])
    ]


def _drawn(bar: Bar, *, top: int, scale: float) -> list[str]:
    middle = top + 9
    ink, tone = 'style="fill:var(--ink,#1c1b19)"', 'style="fill:var(--tone,#1d6b45)"'
    name = _text(bar.name, _MAX_NAME_CHARS)
    lines = [f'<text x="{_LEFT - 8}" y="{middle + 4}" text-anchor="end" {ink}>{name}</text>']
    if bar.share is None:
        lines.append(f'<text x="{_LEFT}" y="{middle + 4}" {ink}>withheld</text>')
    else:
        width = _place(bar.share, scale) - _LEFT
        lines += [
            f'<rect x="{_LEFT}" y="{top}" width="{width:.1f}" height="18" fill-opacity="0.7" {tone}/>',
            _line(_place(bar.low, scale), middle, _place(bar.high, scale), middle, "--ink,#1c1b19", 1),
            f'<text x="{_LEFT + _WIDTH + 8}" y="{middle + 4}" {ink}>{bar.share:.1%}</text>',
        ]
    if bar.target is not None:
        at = _place(bar.target, scale)
        lines.append(_line(at, top - 2, at, top + 20, "--ink,#1c1b19", 3))
    return lines


def _line(x1: float, y1: float, x2: float, y2: float, colour: str, width: int) -> str:
    return (
        f'<line x1="{x1:.1f}" y1="{y1}" x2="{x2:.1f}" y2="{y2}" style="stroke:var({colour})"'
        f' stroke-width="{width}"/>'
    )


def _place(share: float, scale: float) -> float:
    return _LEFT + _WIDTH * share / scale


def _sentence(bar: Bar) -> str:
    aim = "" if bar.target is None else f", target {bar.target:.1%}"
    if bar.share is None:
        return f"{bar.name}: withheld{aim}."
    return f"{bar.name}: {bar.share:.1%}, between {bar.low:.1%} and {bar.high:.1%}{aim}."


def _text(untrusted: str, max_chars: int) -> str:
    return escape(printable(untrusted, max_chars=max_chars))
