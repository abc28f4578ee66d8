"""How full a clinic is from week to week, as a picture, and how long people wait."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import pairwise

from protocol_sched.formats.svg.strokes import label, line, number, rect, said, tooltip, triangle
from protocol_sched.model.clinic_capacity import ClinicCapacity
from protocol_sched.text.clinic_capacity import bound_by
from protocol_sched.text.english.words import counted

WIDE, LEFT, RIGHT, HIGH, TOP, GAP = 760, 60, 20, 150, 76, 60
INKS = ("#2f6690", "#c2571a", "#3f7d3f", "#7a4fa0", "#8a6d1d", "#52606d")
"""Of kinds of places and staff in their order; the seventh is as the first."""
FAINT, EDGE, CARRIED, BEYOND = "#dddddd", "#555555", "#8fb8d6", "#e8b08f"


def capacity_picture(found: ClinicCapacity, title: str) -> str:
    """
    Return as SVG how much of each kind is taken in each week, and the longest waits under it.

    Args:
        title: Of the picture, such as the clinic's name.
    """
    low = TOP + HIGH
    base = low + GAP + HIGH
    rate = f"{counted(found.rate, 'new course')} a week"
    body = [
        label(10, 22, f"{title}: {rate}", size=15, weight="bold"),
        label(10, 40, bound_by(found), size=11, room=WIDE - 20),
        *_frame(TOP, low, (0, 25, 50, 75, 100), 100, " %"),
        *_loads(found, low),
        label(LEFT, low + GAP - 12, "longest wait for a start, in days", size=11),
        *_waits_key(found, low + GAP - 12),
        *_waits(found, low + GAP, base),
        *_weeks(found, base + 14),
    ]
    head = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDE} {number(base + 30)}" '
        f'width="{WIDE}" height="{number(base + 30)}" font-family="sans-serif" role="img">',
        tooltip(f"{title}: {rate}"),
        f"<desc>{said(bound_by(found))}</desc>",
        rect(0, 0, WIDE, base + 30, "#ffffff"),
    ]
    return "\n".join([*head, *body, "</svg>", ""])


def _x(week: float, found: ClinicCapacity) -> float:
    return LEFT + (WIDE - LEFT - RIGHT) * week / found.weeks


def _frame(top: float, base: float, marks: Sequence[int], most: int, unit: str) -> Iterator[str]:
    for mark in marks:
        y = base - (base - top) * mark / most
        yield line(LEFT, y, WIDE - RIGHT, y, EDGE if mark == 0 else FAINT)
        yield label(LEFT - 6, y + 4, f"{mark}{unit}", size=9, anchor="end")


def _loads(found: ClinicCapacity, base: float) -> Iterator[str]:
    for n, load in enumerate(found.loads):
        ink = INKS[n % len(INKS)]
        x = LEFT + 150 * (n % 4)
        y = 56 + 12 * (n // 4)
        yield line(x - 4, y + 2, x + 10, y + 2, ink) + _point(x + 3, y + 2, ink, n)
        yield label(x + 14, y + 5, load.kind, size=10, room=130)
        points = [
            (_x(week + 0.5, found), base - HIGH * min(share, 1.0))
            for week, share in enumerate(load.weeks)
        ]
        lines = [line(*a, *b, ink) for a, b in pairwise(points)]
        lines += [_point(x, y, ink, n) for x, y in points]
        says = f"{load.kind}: {100 * max(load.weeks, default=0):.0f} % in the fullest week"
        yield f"<g>{tooltip(says)}{''.join(lines)}</g>"


def _point(x: float, y: float, ink: str, n: int) -> str:
    """Return a point whose shape tells a line from the others without its colour."""
    match n % 3:
        case 0:
            return rect(x - 3, y - 3, 6, 6, ink)
        case 1:
            return rect(x - 3, y - 3, 6, 6, "#ffffff", stroke=ink)
        case _:
            return triangle((x - 4, y + 3), (x + 4, y + 3), (x, y - 4), ink)


def _waits(found: ClinicCapacity, top: float, base: float) -> Iterator[str]:
    most = max(found.within, *found.waits, *found.beyond, 1)
    yield from _frame(top, base, sorted({0, found.within, most}), most, "")
    wide = (WIDE - LEFT - RIGHT) / found.weeks
    both = ((found.beyond, BEYOND, f"{found.rate + 1} a week"), (found.waits, CARRIED, "carried"))
    for waits, fill, called in both:
        for week, days in enumerate(waits):
            if days:
                high = (base - top) * days / most
                box = rect(_x(week, found), base - high, max(wide - 1, 0.5), high, fill)
                says = f"week {week + 1}, {called}: {counted(days, 'day')}"
                yield f"<g>{tooltip(says)}{box}</g>"


def _waits_key(found: ClinicCapacity, y: float) -> Iterator[str]:
    """Yield which bars are which; those of one course more stand out only where they are longer."""
    rates = [(CARRIED, f"{found.rate} a week"), (BEYOND, f"{found.rate + 1} a week")]
    for n, (fill, called) in enumerate(rates if found.beyond else rates[:1]):
        x = LEFT + 300 + 110 * n
        yield rect(x, y - 9, 10, 10, fill)
        yield label(x + 14, y, called, size=10, room=90)


def _weeks(found: ClinicCapacity, y: float) -> Iterator[str]:
    step = max(1, found.weeks // 13)
    for week in range(0, found.weeks, step):
        yield label(_x(week + 0.5, found), y, str(week + 1), size=9, anchor="middle")
    yield label(WIDE - RIGHT, y + 12, "week", size=9, anchor="end")
