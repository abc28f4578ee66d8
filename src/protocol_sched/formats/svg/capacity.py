"""How full a clinic is, week by week, as a picture."""

from __future__ import annotations

from protocol_sched.formats.svg.strokes import label, line, number, rect, said, tooltip
from protocol_sched.model.capacity import Capacity
from protocol_sched.text.languages import LANGUAGES

WIDE, HIGH, LEFT, TOP, BOTTOM = 800, 300, 50, 60, 260
COLOURS = ("#0072b2", "#d55e00", "#009e73", "#cc79a7", "#e69f00", "#56b4e9")
"""Okabe and Ito's, told apart by the colour-blind; the seventh kind is as the first."""
DASHES = ("", "6 3", "2 2", "8 3 2 3", "1 3", "10 4")
GRID = "#dddddd"


def capacity_picture(found: Capacity) -> str:
    """
    Return the share of each kind of place and of staff that is held, week by week, as SVG.

    A line for each kind, told apart by its colour and by its dashes.
    """
    weeks = found.weeks
    most = max((load.percent for week in weeks for load in week.loads), default=100)
    top = max(100, -(-most // 20) * 20)
    title = f"{found.a_week} new courses a week"
    says = "Share held, " + ", ".join(
        f"{load.kind} at most {max(week.loads[n].percent for week in weeks)} %"
        for n, load in enumerate(weeks[0].loads if weeks else ())
    )

    def x(week: int) -> float:
        return LEFT + (WIDE - LEFT - 20) * week / max(1, len(weeks) - 1)

    def y(percent: int) -> float:
        return BOTTOM - (BOTTOM - TOP) * percent / top

    lines = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDE} {HIGH}" width="{WIDE}" '
        f'height="{HIGH}" font-family="sans-serif" role="img">',
        tooltip(title),
        f"<desc>{said(says)}</desc>",
        rect(0, 0, WIDE, HIGH, "#ffffff"),
        label(10, 20, title, size=15, weight="bold"),
    ]
    for percent in range(0, top + 1, 20):
        lines.append(line(LEFT, y(percent), WIDE - 20, y(percent), GRID))
        lines.append(label(LEFT - 6, y(percent) + 4, f"{percent} %", size=10, anchor="end"))
    for n, week in enumerate(weeks):
        if n % max(1, -(-len(weeks) // 12)) == 0:
            day = LANGUAGES["en"].day(week.first)
            lines.append(label(x(n), BOTTOM + 16, day, size=9, anchor="middle"))
    for n, load in enumerate(weeks[0].loads if weeks else ()):
        colour, dash = COLOURS[n % len(COLOURS)], DASHES[n % len(DASHES)]
        at = LEFT + 130 * n
        lines.append(_path([(at, 40.0), (at + 24.0, 40.0)], colour, dash))
        lines.append(label(at + 30, 44, load.kind, size=11, room=95))
        points = [(x(k), y(week.loads[n].percent)) for k, week in enumerate(weeks)]
        lines.append(f"<g>{tooltip(load.kind)}{_path(points, colour, dash)}</g>")
    return "\n".join([*lines, "</svg>", ""])


def _path(points: list[tuple[float, float]], colour: str, dash: str) -> str:
    at = " ".join(f"{number(x)},{number(y)}" for x, y in points)
    dashes = f' stroke-dasharray="{dash}"' if dash else ""
    return f'<polyline points="{at}" fill="none" stroke="{colour}" stroke-width="2"{dashes}/>'
