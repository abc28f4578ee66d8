"""Days of a clinic as a picture: places as rows, stages as blocks, and under them the load."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from datetime import date, datetime, time, timedelta
from fractions import Fraction
from itertools import pairwise

import attrs

from protocol_sched.formats.svg.strokes import label, line, number, rect, said, tooltip
from protocol_sched.model.availability import ALWAYS, Booking, Clinic
from protocol_sched.model.day_list import ClinicVisits, Part
from protocol_sched.model.moments import as_instant, utc
from protocol_sched.text.english.words import counted, date_text

WIDE, MARGIN, TOP, ROW, LOAD, GAP = 1000, 120, 48, 20, 44, 26
HEAD = 30
"""Of a day: its date and, under it, the hours."""
FILLS = ("#9ecae1", "#c7e9c0", "#fdd0a2", "#dadaeb", "#fee391", "#d9d9d9")
"""Stages in the order in which they first appear; the seventh is as the first."""
BOOKED, EDGE, FAINT, USED, TAKEN = "#bbbbbb", "#555555", "#dddddd", "#6baed6", "#cccccc"


@attrs.frozen
class _Level:
    """How much of something is taken from a moment to another."""

    start: datetime = attrs.field(eq=as_instant)
    end: datetime = attrs.field(eq=as_instant)
    units: Fraction
    by: tuple[str, str] | None
    """Course and visit; ``None`` for others."""


def clinic_picture(visits: ClinicVisits, clinic: Clinic, days: Sequence[date]) -> str:
    """
    Return days of a clinic as SVG, one under the other.

    Each day has a row for each place with the stages of visits in it, and for each kind of place
    and of staff how much of it is taken hour by hour, with a line at what there is. Bookings of
    others are grey. People are named as in `Part`; hide the picture as you would a day list.

    Args:
        days: In order; five or seven of them make a week.
    """
    first, last = _hours(visits, clinic, days)
    stages = list(dict.fromkeys(part.stage for part in visits.parts if part.places))
    one = _Picture(visits, clinic, first, last, stages)
    body: list[str] = []
    y = float(TOP)
    for day in days:
        lines, y = one.day(day, y)
        body += lines
        y += GAP
    high = y
    title = f"{clinic.name}, {_span(days)}"
    there = sum(part.start.date() in days for part in visits.parts)
    says = f"{counted(len(clinic.places), 'place')} and {counted(there, 'stage')} of visits"
    head = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDE} {number(high)}" '
        f'width="{WIDE}" height="{number(high)}" font-family="sans-serif" role="img">',
        tooltip(title),
        f"<desc>{said(says)}</desc>",
        rect(0, 0, WIDE, high, "#ffffff"),
        label(10, 20, title, size=15, weight="bold"),
        *_legend(stages),
    ]
    return "\n".join([*head, *body, "</svg>", ""])


def _span(days: Sequence[date]) -> str:
    if len(days) == 1:
        return date_text(days[0], year=True)
    return f"{date_text(days[0])} to {date_text(days[-1], year=True)}" if days else "no day"


def _legend(stages: Sequence[str]) -> Iterator[str]:
    x = 10.0
    for n, stage in enumerate(stages):
        if x > WIDE - 120:
            break
        yield rect(x, 28, 10, 10, FILLS[n % len(FILLS)], stroke=EDGE)
        yield label(x + 14, 37, stage, size=10, room=110)
        x += 130


def _hours(visits: ClinicVisits, clinic: Clinic, days: Iterable[date]) -> tuple[int, int]:
    """Return the first and last hour that are shown, of every day the same."""
    on = set(days)
    ends: list[int] = []
    for day in on:
        ends += [minute for window in clinic.hours.on(day) for minute in window]
    for part in visits.parts:
        if part.start.date() in on:
            ends.append(60 * part.start.hour + part.start.minute)
            same = part.end.date() == part.start.date()
            ends.append(60 * part.end.hour + part.end.minute if same else 24 * 60)
    return (min(ends) // 60, -(-max(ends) // 60)) if ends else (8, 18)


class _Picture:
    """What all days of a picture share."""

    def __init__(
        self, visits: ClinicVisits, clinic: Clinic, first: int, last: int, stages: list[str]
    ) -> None:
        self.visits, self.clinic, self.first, self.last = visits, clinic, first, last
        self.fills = {stage: FILLS[n % len(FILLS)] for n, stage in enumerate(stages)}
        self.hour = (WIDE - MARGIN - 20) / max(1, last - first)

    def x(self, moment: datetime, day: date) -> float:
        """Return where a moment stands, read off the clinic's clock; cut at the ends of the day."""
        local = moment.astimezone(self.clinic.zone)
        hours = local.hour + local.minute / 60 + 24 * (local.date() - day).days
        return MARGIN + self.hour * (min(max(hours, self.first), self.last) - self.first)

    def day(self, day: date, y: float) -> tuple[list[str], float]:
        """Return the strokes of one day and where it ends."""
        parts = [part for part in self.visits.parts if self._on(part, day)]
        lines = [label(10, y + 12, self._head(day), size=12, weight="bold", room=WIDE - 30)]
        y += HEAD
        rows: list[str] = []
        top = y
        for place in self.clinic.places:
            rows.append(label(10, y + 14, place.name, size=11, room=MARGIN - 20))
            rows.append(line(MARGIN, y + ROW, WIDE - 20, y + ROW, FAINT))
            rows += [self._block(one, day, y, "booked", BOOKED) for one in place.booked
                     if one.day == day]  # fmt: skip
            rows += [self._stage(part, day, y) for part in parts if place.name in part.places]
            y += ROW
        grid = []
        for hour in range(self.first, self.last + 1):
            x = MARGIN + self.hour * (hour - self.first)
            grid.append(line(x, top, x, y, FAINT))
            grid.append(label(x, top - 4, f"{hour:02}:00", size=9, anchor="middle"))
        for name, there, levels in self._loads(parts, day):
            drawn, y = self._load(name, there, levels, day, y + 8)
            rows += drawn
        return [*lines, *grid, *rows], y

    def _head(self, day: date) -> str:
        """Return a date, and where the clinic is closed for the whole of it, that and why."""
        text = date_text(day, year=True)
        for one in self.clinic.closures:
            if one.first <= day <= one.last and one.hours == ALWAYS[0]:
                return f"{text}: closed ({one.why})" if one.why else f"{text}: closed"
        extra = any(one.first <= day <= one.last for one in self.clinic.extra_openings)
        return text if extra or self.clinic.hours.on(day) else f"{text}: closed"

    def _on(self, part: Part, day: date) -> bool:
        first = datetime.combine(day, time(), self.clinic.zone)
        end = datetime.combine(day + timedelta(days=1), time(), self.clinic.zone)
        return utc(part.start) < utc(end) and utc(part.end) > utc(first)

    def _at(self, day: date, minute: int) -> datetime:
        days, rest = divmod(minute, 24 * 60)
        clock = time(*divmod(rest, 60))
        return datetime.combine(day + timedelta(days=days), clock, self.clinic.zone)

    def _block(self, one: Booking, day: date, y: float, says: str, fill: str) -> str:
        start, end = self.x(self._at(day, one.start), day), self.x(self._at(day, one.end), day)
        return f"<g>{tooltip(says)}{rect(start, y + 2, end - start, ROW - 4, fill)}</g>"

    def _stage(self, part: Part, day: date, y: float) -> str:
        start, end = self.x(part.start, day), self.x(part.end, day)
        who = part.name or part.person
        says = f"{who}, {part.title}, {part.stage}, {part.start:%H:%M}-{part.end:%H:%M}"
        wide = end - start
        words = label(start + 3, y + 14, who, size=9, room=wide - 6) if wide > 30 else ""
        box = rect(start, y + 2, wide, ROW - 4, self.fills[part.stage], stroke=EDGE)
        return f"<g>{tooltip(says)}{box}{words}</g>"

    def _loads(
        self, parts: Sequence[Part], day: date
    ) -> Iterator[tuple[str, Fraction, list[_Level]]]:
        """Yield each kind of place and of staff: how much there is, and how much is taken when."""
        kind_of = {place.name: place.kind for place in self.clinic.places}
        for kind in dict.fromkeys(kind_of.values()):
            levels = [
                self._booking(one, day, 1)
                for place in self.clinic.places
                if place.kind == kind
                for one in place.booked
                if one.day == day
            ]
            levels += [
                _Level(part.start, part.end, Fraction(1), (part.course, part.visit))
                for part in parts
                for name in part.places
                if kind_of.get(name) == kind
            ]
            there = sum(one == kind for one in kind_of.values())
            yield kind, Fraction(there), levels
        for staff in self.clinic.staff:
            whole = self.clinic.whole(staff.kind)
            levels = [self._booking(one, day, one.of) for one in staff.booked if one.day == day]
            levels += [
                _Level(
                    part.start,
                    part.end,
                    Fraction(count * self.clinic.share(staff.kind, part.stage), whole),
                    (part.course, part.visit),
                )
                for part in parts
                if (count := part.staff.count(staff.kind))
            ]
            yield staff.kind, Fraction(staff.units), levels

    def _booking(self, one: Booking, day: date, of: int) -> _Level:
        start, end = self._at(day, one.start), self._at(day, one.end)
        return _Level(start, end, Fraction(one.units, of), None)

    def _load(
        self, name: str, there: Fraction, levels: Sequence[_Level], day: date, y: float
    ) -> tuple[list[str], float]:
        """Return the load of one kind as steps, others' bookings at the bottom."""
        points = sorted({self.x(end, day) for one in levels for end in (one.start, one.end)})
        base, most = y + LOAD - 14, LOAD - 18
        scale = most / float(there or 1)
        found = [
            label(10, base - 6, f"{name} ({float(there):g})", size=11, room=MARGIN - 20),
            line(MARGIN, base, WIDE - 20, base, EDGE),
            line(MARGIN, base - most, WIDE - 20, base - most, EDGE),
        ]
        for left, right in pairwise(points):
            middle = (left + right) / 2
            here = [
                one for one in levels if self.x(one.start, day) <= middle < self.x(one.end, day)
            ]
            others = sum((one.units for one in here if one.by is None), Fraction())
            # Of stages of one visit that may run at the same minute only one does.
            own: dict[tuple[str, str], Fraction] = {}
            for one in here:
                if one.by is not None:
                    own[one.by] = max(own.get(one.by, Fraction()), one.units)
            all_of = others + sum(own.values(), Fraction())
            if not all_of:
                continue
            high, low = scale * float(all_of), scale * float(others)
            says = f"{name}: {float(all_of):g} of {float(there):g}"
            boxes = rect(left, base - high, right - left, high - low, USED)
            boxes += rect(left, base - low, right - left, low, TAKEN) if low else ""
            found.append(f"<g>{tooltip(says)}{boxes}</g>")
        return found, base + 4
