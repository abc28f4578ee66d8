"""A course as one picture: weeks are rows, days are columns, time runs to the right in each day."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, datetime, time, timedelta
from itertools import groupby
from xml.sax.saxutils import escape

import attrs

from protocol_sched.model.availability import Clinic, LocalWindow, Person, merged
from protocol_sched.model.protocol import Protocol
from protocol_sched.model.schedule import PlannedStage, Schedule, Visit

LEFT, TOP, DAY, WEEK, FOLD = 70, 70, 150, 92, 24
"""Pixels: room for the week's date, for the headings, a day's width, a week's height, and the
height of a row that stands for several weeks without a visit."""
BAR_TOP, BAR, BARRED_TOP, BARRED = 36, 20, 58, 10
FITS = 24
"""Letters that fit into the width of a day."""
EMPTY_WEEKS = 3
"""So many weeks in a row without a visit are folded into one line."""

_WEEKDAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")
_MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")
_COLOURS = ("#9aa5b1", "#56b4e9", "#0072b2", "#009e73", "#e69f00", "#cc79a7")
"""Told apart by most people with a colour vision deficiency (Okabe and Ito), in stage order."""
_STYLE = """\
text{font:11px sans-serif;fill:#222}.h{font-weight:bold}.t{font-size:16px;font-weight:bold}
.s{fill:#666}.shut{fill:#e4e4e4}.open{fill:#fff}.cell{fill:none;stroke:#bbb}
.tail{fill:#fff;stroke:#666;stroke-dasharray:2 2}.barred{fill:url(#stripes)}"""
_STRIPES = """\
<pattern id="stripes" width="6" height="6" patternUnits="userSpaceOnUse">\
<path d="M0 6L6 0" stroke="#d55e00"/></pattern>"""


def course_picture(schedule: Schedule, clinic: Clinic, person: Person, protocol: Protocol) -> str:
    """
    Return the course as SVG text, ending with a line feed.

    White is when the clinic is open, grey when it is closed. A visit is a bar of its stages, each
    at its earliest and shortest; the dashed tail ends at the latest discharge. Stripes below show
    when driving is barred. Times are wall-clock times of the clinic. The person is named by key.
    """
    drawing = _Drawing(schedule=schedule, clinic=clinic, person=person)
    body = "".join(f"{line}\n" for line in drawing.lines())
    title = escape(f"{protocol.title}, {person.key}")
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" role="img" width="{drawing.width}" '
        f'height="{drawing.height}" viewBox="0 0 {drawing.width} {drawing.height}">\n'
        f"<title>{title}</title>\n<style>{_STYLE}</style>\n<defs>{_STRIPES}</defs>\n"
        f'<rect width="100%" height="100%" fill="#fff"/>\n'
        f'<text class="t" x="{LEFT}" y="28">{title}</text>\n{body}</svg>\n'
    )


@attrs.frozen
class _Piece:
    """What falls on one local day of something that lasts, in minutes after midnight."""

    day: date
    start: int
    end: int


def _pieces(start: datetime, end: datetime) -> Iterator[_Piece]:
    """Yield the part of a stretch of wall-clock time on each of its days."""
    day = start.date()
    while day <= end.date():
        first = _minute(start) if day == start.date() else 0
        last = _minute(end) if day == end.date() else 24 * 60
        if first < last:
            yield _Piece(day, first, last)
        day += timedelta(days=1)


def _minute(moment: datetime) -> int:
    return 60 * moment.hour + moment.minute


def _clock(moment: datetime) -> str:
    return f"{moment:%H:%M}"


@attrs.frozen(kw_only=True)
class _Drawing:
    schedule: Schedule
    clinic: Clinic
    person: Person
    weeks: tuple[date, ...] = attrs.field(init=False)
    """Mondays, from the week of the first visit to that of the last."""
    hours: LocalWindow = attrs.field(init=False)
    """What of a day is drawn, in whole hours."""

    @weeks.default
    def _all_weeks(self) -> tuple[date, ...]:
        days = [visit.day for visit in self.schedule.visits]
        days += [past.on for past in self.schedule.past]
        mondays = [day - timedelta(days=day.weekday()) for day in days]
        if not mondays:
            return ()
        count = (max(mondays) - min(mondays)).days // 7 + 1
        return tuple(min(mondays) + timedelta(weeks=n) for n in range(count))

    @hours.default
    def _all_hours(self) -> LocalWindow:
        windows = [window for week in self.clinic.hours.week for window in week]
        for visit in self.schedule.visits:
            stays = _pieces(visit.start, visit.discharge_by)
            windows += [(piece.start, piece.end) for piece in stays]
        first = min((start for start, _ in windows), default=8 * 60) // 60
        last = -(-max((end for _, end in windows), default=17 * 60) // 60)
        return max(60 * (first - 1), 0), min(60 * (last + 1), 24 * 60)

    @property
    def width(self) -> int:
        return LEFT + 7 * DAY + 10

    @property
    def height(self) -> int:
        rows = sum(FOLD if len(weeks) > 1 else WEEK for weeks in self._rows())
        return TOP + rows + 20 * -(-len(self._entries()) // 5) + 30

    def lines(self) -> Iterator[str]:
        for n, name in enumerate(_WEEKDAYS):
            yield _text(LEFT + n * DAY + 4, TOP - 8, name, "h")
        top = TOP
        for weeks in self._rows():
            if len(weeks) > 1:
                yield _text(LEFT + 4, top + 16, f"{len(weeks)} weeks without a visit", "s")
                top += FOLD
                continue
            monday = weeks[0]
            yield _text(4, top + 16, f"{monday.day} {_MONTHS[monday.month - 1]}", "h")
            yield _text(4, top + 30, str(monday.year), "s")
            for n in range(7):
                yield from self._day(monday + timedelta(days=n), LEFT + n * DAY, top)
            top += WEEK
        yield from self._key(top + 24)

    def _rows(self) -> list[tuple[date, ...]]:
        """Return the weeks in order, long runs of empty ones as one row."""
        busy = {visit.day for visit in self.schedule.visits}
        busy |= {past.on for past in self.schedule.past}

        def visited(monday: date) -> bool:
            return any(monday + timedelta(days=n) in busy for n in range(7))

        rows: list[tuple[date, ...]] = []
        for with_visit, run in groupby(self.weeks, visited):
            weeks = tuple(run)
            folded = not with_visit and len(weeks) >= EMPTY_WEEKS
            rows += [weeks] if folded else [(week,) for week in weeks]
        return rows

    def _x(self, left: int, minute: int) -> int:
        first, last = self.hours
        return left + (min(max(minute, first), last) - first) * DAY // (last - first)

    def _rect(self, kind: str, left: int, top: int, height: int, span: LocalWindow) -> str:
        start, end = self._x(left, span[0]), self._x(left, span[1])
        return f'<rect {kind} x="{start}" y="{top}" width="{end - start}" height="{height}"/>'

    def _day(self, day: date, left: int, top: int) -> Iterator[str]:
        yield self._rect('class="shut"', left, top, WEEK, self.hours)
        for window in _open(self.clinic, day):
            yield self._rect('class="open"', left, top, WEEK, window)
        yield self._rect('class="cell"', left, top, WEEK, self.hours)
        yield _text(left + 4, top + 14, f"{day.day} {_MONTHS[day.month - 1]}", "s")
        visits = [visit for visit in self.schedule.visits if visit.day == day]
        past = [visit for visit in self.schedule.past if visit.on == day]
        titles = [f"{one.title} (given)" if one.kind else one.title for one in past]
        titles += [visit.title for visit in visits]
        rides = [visit.escort or "waived" for visit in visits if visit.escort or visit.waived]
        reasons = [one.why for one in self.clinic.closures if one.why and one.on(day)]
        reasons += [f"away: {one.why}".rstrip(": ") for one in self.person.away if one.on(day)]
        if titles:
            yield _text(left + 50, top + 14, ", ".join(_clock(v.start) for v in visits), "h")
            yield _text(left + 4, top + 30, ", ".join(titles), "h")
        else:
            yield from (_text(left + 4, top + 30 + 14 * n, r, "s") for n, r in enumerate(reasons))
        if rides:
            yield _text(left + 4, top + 84, f"home: {', '.join(rides)}")
        for visit in self.schedule.visits:
            yield from self._bar(visit, day, left, top)

    def _bar(self, visit: Visit, day: date, left: int, top: int) -> Iterator[str]:
        """Yield what falls on the day: the tail first, so that the stages lie above it."""
        colours = self._legend()
        tail = visit.discharge, visit.discharge_by, 'class="tail"', _until(visit)
        stages = [(s.start, s.end, f'fill="{colours[s.name]}"', _stage(s)) for s in visit.stages]
        for start, end, kind, words in [tail, *stages]:
            for piece in _pieces(start, end):
                if piece.day == day:
                    rect = self._rect(kind, left, top + BAR_TOP, BAR, (piece.start, piece.end))
                    yield rect.replace("/>", f"><title>{escape(words)}</title></rect>")
        for piece in _barred(visit):
            if piece.day == day:
                span = piece.start, piece.end
                yield self._rect('class="barred"', left, top + BARRED_TOP, BARRED, span)

    def _legend(self) -> dict[str, str]:
        """Return a colour for each stage name, in the order in which visits have them."""
        names = dict.fromkeys(s.name for visit in self.schedule.visits for s in visit.stages)
        return {name: _COLOURS[n % len(_COLOURS)] for n, name in enumerate(names)}

    def _entries(self) -> list[tuple[str, str]]:
        entries = [(f'fill="{colour}"', name) for name, colour in self._legend().items()]
        entries += [('class="tail"', "may last until"), ('class="barred"', "no driving")]
        return [*entries, ('class="shut"', "closed")]

    def _key(self, top: int) -> Iterator[str]:
        for n, (kind, name) in enumerate(self._entries()):
            x, y = LEFT + n % 5 * 200, top + n // 5 * 20
            yield f'<rect {kind} x="{x}" y="{y - 10}" width="18" height="12"/>'
            yield _text(x + 24, y, name)


def _text(x: int, y: int, words: str, kind: str = "") -> str:
    style = f' class="{kind}"' if kind else ""
    if len(words) > FITS:
        words = words[: FITS - 1] + "…"
    return f'<text{style} x="{x}" y="{y}">{escape(words)}</text>'


def _stage(stage: PlannedStage) -> str:
    until = f", until {stage.until}" if stage.until else ""
    return f"{stage.name} {_clock(stage.start)} to {_clock(stage.end)}{until}"


def _until(visit: Visit) -> str:
    return f"{visit.title}: may leave {_clock(visit.discharge)} to {_clock(visit.discharge_by)}"


def _barred(visit: Visit) -> Iterator[_Piece]:
    """Yield when driving is barred, from the earliest discharge on."""
    until = visit.no_driving_until
    if isinstance(until, datetime):
        yield from _pieces(visit.discharge, until.astimezone(visit.discharge.tzinfo))
    elif until is not None:
        yield from _pieces(visit.discharge, datetime.combine(until, time(), visit.start.tzinfo))


def _open(clinic: Clinic, day: date) -> list[LocalWindow]:
    """Return when the clinic is open on a date: hours and extra openings, less closures."""
    openings = [*clinic.hours.on(day)]
    openings += [window for extra in clinic.extra_openings for window in extra.on(day)]
    left = list(merged(openings))
    for closure in clinic.closures:
        for shut_from, shut_to in closure.on(day):
            parts = [((a, min(b, shut_from)), (max(a, shut_to), b)) for a, b in left]
            left = [part for pair in parts for part in pair if part[0] < part[1]]
    return left
