"""
One picture of a course: weeks as rows, days as columns, visits as bars split into their stages.

SVG 1.1 without scripts, styles or outside fonts, so that it looks alike in a browser, in a
document and on paper. The same input gives the same bytes.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import UTC, date, datetime, time, timedelta
from xml.sax.saxutils import escape, quoteattr
from zoneinfo import ZoneInfo

import attrs

from protocol_sched.model.agenda import PastVisit
from protocol_sched.model.availability import (
    MINUTES_A_DAY,
    Clinic,
    DatedHours,
    LocalWindow,
    Person,
    clock_text,
    merged,
)
from protocol_sched.model.moments import utc
from protocol_sched.model.protocol import Protocol
from protocol_sched.model.schedule import PlannedStage, Ride, Schedule, Visit, main_stage
from protocol_sched.text.wording import (
    DAY_NAMES,
    MONTH_NAMES,
    counted,
    date_text,
    dates_text,
    moment_text,
)

WIDTH = 1120
MARGIN, GUTTER, NARROW = 24, 76, 82
"""Around everything; left of the weeks, for the month; of a weekday on which nothing ever is."""
DAY_HEAD, BLOCK, FOLD, GAP = 24, 92, 26, 4
"""Heights: of a day's date, of one visit, of weeks without visits, between two weeks."""
BAR, BAND = 20, 4
"""Heights of a visit's bar and of the band in which driving is barred."""
NIGHT = 5
"""What is left of a day's width on either side for the hours off the scale."""
EARLY, LATE = 7 * 60, 19 * 60
"""The scale of a day reaches no further than this unless a visit does."""

INK, SOFT, FAINT, PAPER = "#1f2933", "#52606d", "#d5dbe1", "#ffffff"
TRACK, SHUT, AWAY, BARRED, PAST = "#eef1f4", "#e4e7eb", "#955300", "#a61b1b", "#626e7b"
MAIN = "#2f6690"
COLOURS = ("#c7d3df", "#8fb8d6", "#8cc0a4", "#e3c16f", "#bda3cf", "#dd9f8d", "#a9b665")
"""Of the stages a visit is not about, in the order in which they first come."""
FONT = "Helvetica, Arial, 'Liberation Sans', 'DejaVu Sans', sans-serif"


def course_picture(
    schedule: Schedule, clinic: Clinic, person: Person, protocol: Protocol, *, names: bool = False
) -> str:
    """
    Return a picture of a course as the text of an SVG file.

    Each visit stands on its day, on a scale of the clinic's hours, with its stages, the time by
    which it may end later, the time in which driving is barred, and who takes the person home.
    Days on which the clinic is closed or the person is not available are marked; weeks without
    a visit are folded into one line; visits already given are grey.

    Args:
        schedule: What is drawn. Times are shown in the clinic's zone.
        clinic: For its opening hours and closures.
        person: For the days on which they are not available.
        protocol: For its title.
        names: Write the person's name; without it their key stands for them. An escort's name
            is always written.
    """
    return _Picture(schedule, clinic, person, protocol, names).text()


# --- what is drawn ---------------------------------------------------------------------------


@attrs.frozen(kw_only=True)
class _Piece:
    """A stretch of a bar on one day, in minutes after midnight."""

    start: int
    end: int
    stage: str = ""
    """Empty for a visit already given."""
    sure: bool = True


@attrs.frozen(kw_only=True)
class _Block:
    """What one day shows of one visit."""

    title: str
    times: str
    home: str = ""
    """Who takes the person home."""
    mark: str = ""
    """What is behind that name: `` ?`` until the ride is confirmed."""
    tells: str
    pieces: tuple[_Piece, ...]
    past: bool = False


@attrs.frozen(kw_only=True)
class _Day:
    """Everything one cell shows."""

    day: date
    open: tuple[LocalWindow, ...]
    closed_for: str | None
    """Why it is closed, where a closure says so; ``None`` where no closure is meant."""
    away: bool
    blocks: tuple[_Block, ...]
    barred: tuple[LocalWindow, ...]
    """When the person may not drive."""


def _is_busy(day: _Day) -> bool:
    """Tell whether there is anything to say about a day but that it is closed as ever."""
    return bool(day.open or day.blocks) or day.closed_for is not None


class _Picture:
    def __init__(
        self,
        schedule: Schedule,
        clinic: Clinic,
        person: Person,
        protocol: Protocol,
        names: bool,
    ) -> None:
        self.schedule, self.clinic, self.person = schedule, clinic, person
        self.protocol = protocol
        self.who = person.name if names and person.name else person.key
        self.zone = clinic.zone
        mains = (main_stage(visit) for visit in schedule.visits)
        self.mains = {stage.name for stage in mains if stage is not None}
        stages = [stage.name for visit in schedule.visits for stage in visit.stages]
        self.stages = tuple(dict.fromkeys(stages))
        self.colours = _colours(self.stages, self.mains)
        self.letters = _letters(self.stages, self.mains)
        self.blocks: dict[date, list[_Block]] = {}
        self.barred: dict[date, list[LocalWindow]] = {}
        self._gather()
        self.weeks = self._weeks()
        self.scale = self._scale()
        self.columns = self._columns()
        self.used: set[str] = set()
        """What the legend has to explain."""
        self.prefix = "c-" + re.sub(r"[^A-Za-z0-9_-]", "-", schedule.course)

    # --- gathering ---------------------------------------------------------------------------

    def _gather(self) -> None:
        for given in self.schedule.past:
            self.blocks.setdefault(given.on, []).append(self._given(given))
        for visit in sorted(self.schedule.visits, key=lambda visit: utc(visit.start)):
            start = self._local(visit.start)
            end = self._local(max(visit.start, visit.discharge_by, key=utc))
            for day, (_, until) in _each_day(start, end):
                if until or day == start.date():
                    self.blocks.setdefault(day, []).append(self._block(visit, day))
            for day, window in self._no_driving(visit):
                self.barred.setdefault(day, []).append(window)

    def _local(self, moment: datetime) -> datetime:
        return moment.astimezone(self.zone)

    def _given(self, given: PastVisit) -> _Block:
        said = "happened" if not given.kind else "given" if given.counts else "did not count"
        pieces, times = [], said
        if given.start is not None:
            start = self._local(given.start)
            end = self._local(given.end or given.start)
            last = _minute(end) if end.date() == start.date() else MINUTES_A_DAY
            pieces.append(_Piece(start=_minute(start), end=max(last, _minute(start))))
            times = f"{start:%H:%M}, {said}"
        tells = f"{given.title}, {date_text(given.on, year=True)}: {times}"
        return _Block(title=given.title, times=times, tells=tells, pieces=tuple(pieces), past=True)

    def _block(self, visit: Visit, day: date) -> _Block:
        pieces = []
        for stage, start, end, sure in _stretches(visit.stages):
            for on, (first, last) in _each_day(self._local(start), self._local(end)):
                if on == day:
                    pieces.append(_Piece(start=first, end=last, stage=stage, sure=sure))
        begins = self._local(visit.start).date() == day
        ends = self._local(visit.discharge_by).date() == day
        leave = self._leave(visit, day)
        if begins and ends:
            times = f"{self._local(visit.start):%H:%M} to {leave}"
        elif begins:
            times = f"from {self._local(visit.start):%H:%M}"
        else:
            times = f"until {leave}" if ends else "all day"
        return _Block(
            title=visit.title if begins else f"… {visit.title}",
            times=times,
            home=_home(visit) if ends else "",
            mark=_mark(visit) if ends else "",
            tells=self._tells(visit),
            pieces=tuple(pieces),
        )

    def _leave(self, visit: Visit, day: date) -> str:
        first, last = self._local(visit.discharge), self._local(visit.discharge_by)
        text = f"{last:%H:%M}"
        return text if utc(first) == utc(last) or first.date() != day else f"{first:%H:%M}-{text}"

    def _tells(self, visit: Visit) -> str:
        """Return everything about a visit in words, for a pointer and for a screen reader."""
        first, last = self._local(visit.discharge), self._local(visit.discharge_by)
        parts = [f"arrive {self._local(visit.start):%H:%M}"]
        for stage in visit.stages:
            start, end = self._local(stage.start), self._local(stage.end_by)
            parts.append(f"{stage.name} {start:%H:%M} to {end:%H:%M}")
        if utc(first) == utc(last):
            parts.append(f"may leave at {last:%H:%M}")
        else:
            parts.append(f"may leave from {first:%H:%M}, by {last:%H:%M}")
        if last.date() != self._local(visit.start).date():
            parts[-1] += f" on {date_text(last.date())}"
        if visit.waived:
            parts.append("the ride home is waived")
        elif visit.ride is not None:
            parts.append(f"home with {visit.escort or 'nobody yet'}, ride {visit.ride.value}")
        parts += [name for _, name in visit.places]
        until = visit.no_driving_until
        if isinstance(until, datetime):
            parts.append(f"no driving until {moment_text(self._local(until))}")
        elif until is not None:
            parts.append(f"no driving until {date_text(until, year=True)}")
        day = date_text(self._local(visit.start).date(), year=True)
        return f"{visit.title}, {day}: {'; '.join(parts)}"

    def _no_driving(self, visit: Visit) -> Iterator[tuple[date, LocalWindow]]:
        until = visit.no_driving_until
        if until is None:
            return
        if not isinstance(until, datetime):
            until = datetime.combine(until, time(), self.zone)
        for day, window in _each_day(self._local(visit.discharge), self._local(until)):
            if window[0] < window[1]:
                yield day, window

    # --- days and weeks ----------------------------------------------------------------------

    def _weeks(self) -> tuple[tuple[_Day, ...], ...]:
        """Return every week from the first to the last day with anything on it."""
        days = sorted({*self.blocks, *self.barred})
        if not days:
            return ()
        first = days[0] - timedelta(days[0].weekday())
        count = (days[-1] - first).days // 7 + 1
        return tuple(
            tuple(self._day(first + timedelta(7 * week + n)) for n in range(7))
            for week in range(count)
        )

    def _day(self, day: date) -> _Day:
        closures = [closure for closure in self.clinic.closures if closure.on(day)]
        hours = list(self.clinic.hours.on(day))
        for opening in self.clinic.extra_openings:
            hours += opening.on(day)
        whole = merged(hours)
        windows = _without(whole, closures, day)
        shut = [closure.why or "closed" for closure in closures]
        return _Day(
            day=day,
            open=windows,
            closed_for=", ".join(shut) if whole and not windows else None,
            away=bool(windows) and not self._can_come(day, windows),
            blocks=tuple(self.blocks.get(day, ())),
            barred=merged(self.barred.get(day, ())),
        )

    def _can_come(self, day: date, windows: Iterable[LocalWindow]) -> bool:
        """Tell whether the person is available at any time the clinic is open."""
        zone = self.person.zone or self.zone
        opened = [_instants(self.zone, day, window) for window in windows]
        for near in (day - timedelta(1), day, day + timedelta(1)):
            away = [one for one in self.person.away if one.on(near)]
            for window in _without(self.person.available.on(near), away, near):
                start, end = _instants(zone, near, window)
                if any(utc(start) < utc(last) and utc(first) < utc(end) for first, last in opened):
                    return True
        return False

    def _scale(self) -> LocalWindow:
        """Return the hours a day's width stands for, whole hours that hold every visit."""
        windows = [window for week in self.weeks for day in week for window in day.open]
        starts = [max(EARLY, start) for start, _ in windows]
        ends = [min(LATE, end) for _, end in windows]
        # The nights of a visit over several days share the narrow edges; its two ends do not.
        for visit in self.schedule.visits:
            start, end = self._local(visit.start), self._local(visit.discharge_by)
            starts.append(_minute(start))
            ends.append(_minute(end))
            if start.date() != end.date():
                starts.append(max(0, _minute(end) - 120))
                ends.append(min(MINUTES_A_DAY, _minute(start) + 120))
        for given in self.schedule.past:
            starts += [_minute(self._local(given.start))] if given.start else []
            ends += [_minute(self._local(given.end))] if given.end else []
        first, last = min(starts, default=EARLY), max(ends, default=LATE)
        if last - first < 60:
            first, last = min(first, EARLY), max(last, LATE)
        return first // 60 * 60, -(-last // 60) * 60

    def _columns(self) -> tuple[tuple[float, float], ...]:
        """Return left edge and width of each weekday; those on which nothing ever is are narrow."""
        busy = [any(_is_busy(week[n]) for week in self.weeks) for n in range(7)]
        room = WIDTH - 2 * MARGIN - GUTTER - NARROW * busy.count(False)
        wide = room / max(busy.count(True), 1)
        edges, x = [], float(MARGIN + GUTTER)
        for here in busy:
            edges.append((x, wide if here else NARROW))
            x += edges[-1][1]
        return tuple(edges)

    # --- drawing -----------------------------------------------------------------------------

    def text(self) -> str:
        """Return the file."""
        body: list[str] = []
        y = 92.0
        for folded, weeks in self._rows():
            if folded:
                body += self._fold(weeks, y)
                y += FOLD + GAP
            else:
                week = weeks[0]
                height = self._height(week)
                body += self._week(week, y, height)
                y += height + GAP
        if not self.weeks:
            body.append(_text(MARGIN, y, "No visit is due.", size=14))
            y += 24
        legend, y = self._legend(y + 18)
        whole = y + 8
        title = f"{self.protocol.title}: course {self.schedule.course}"
        head = [
            '<?xml version="1.0" encoding="UTF-8"?>',
            '<svg xmlns="http://www.w3.org/2000/svg" version="1.1" '
            f'width="{WIDTH}" height="{_n(whole)}" viewBox="0 0 {WIDTH} {_n(whole)}" '
            f'role="img" aria-labelledby="{self.prefix}-title {self.prefix}-desc" '
            f'font-family="{FONT}" fill="{INK}">',
            f'<title id="{self.prefix}-title">{_said(title)}</title>',
            f'<desc id="{self.prefix}-desc">{_said(self._description())}</desc>',
            *self._patterns(),
            _rect(0, 0, WIDTH, whole, PAPER),
            _text(MARGIN, 40, self.protocol.title, size=20, weight="bold", room=WIDTH - 2 * MARGIN),
            _text(MARGIN, 64, self._subtitle(), size=13, fill=SOFT, room=WIDTH - 2 * MARGIN),
        ]
        return "\n".join([*head, *body, *legend, "</svg>"]) + "\n"

    def _subtitle(self) -> str:
        key = self.schedule.course
        course = key if key.startswith("course") else f"course {key}"
        who = [course, self.who, self.clinic.name]
        return "  ·  ".join([*who, f"times in {self.clinic.zone.key}"])

    def _description(self) -> str:
        visits = sorted(self.schedule.visits, key=lambda visit: utc(visit.start))
        if not visits:
            return "No visit is due."
        days = [date_text(self._local(v.start).date(), year=True) for v in (visits[0], visits[-1])]
        count = counted(len(visits), "visit")
        span = f"on {days[0]}" if days[0] == days[1] else f"from {days[0]} to {days[1]}"
        return " ".join([f"{count} {span}.", *(f"{self._tells(visit)}." for visit in visits)])

    def _patterns(self) -> Iterator[str]:
        stripes = {"closed": ("#b8c1cb", 8, 1.5), "later": (PAPER, 4, 1.6)}
        yield "<defs>"
        for name, (colour, step, thick) in stripes.items():
            yield (
                f'<pattern id="{self.prefix}-{name}" width="{step}" height="{step}" '
                f'patternUnits="userSpaceOnUse" patternTransform="rotate(45)">'
                f'<rect width="{_n(thick)}" height="{step}" fill="{colour}"/></pattern>'
            )
        yield "</defs>"

    def _rows(self) -> Iterator[tuple[bool, list[tuple[_Day, ...]]]]:
        """Yield weeks one by one, and runs of weeks without anything on them together."""
        empty: list[tuple[_Day, ...]] = []
        for week in self.weeks:
            if any(day.blocks or day.barred for day in week):
                if empty:
                    yield True, empty
                yield False, [week]
                empty = []
            else:
                empty = [*empty, week]

    def _height(self, week: tuple[_Day, ...]) -> int:
        return DAY_HEAD + BLOCK * max(1, *(len(day.blocks) for day in week))

    def _fold(self, weeks: list[tuple[_Day, ...]], y: float) -> Iterator[str]:
        first, last = weeks[0][0].day, weeks[-1][6].day
        year = first.year != last.year
        span = f"{date_text(first, year=year)} to {date_text(last, year=year)}"
        says = f"no visits for {counted(len(weeks), 'week')}, {span}"
        shut: dict[str, list[date]] = {}
        for day in (day for week in weeks for day in week):
            if day.closed_for is not None:
                shut.setdefault(day.closed_for, []).append(day.day)
        closed = [f"{dates_text(days)} ({why})" for why, days in shut.items()]
        if closed:
            says += f"  ·  clinic closed {', '.join(closed)}"
        left, room = MARGIN + GUTTER, WIDTH - 2 * MARGIN - GUTTER
        yield "<g>" + _title(says)
        yield _rect(left, y, room, FOLD, "#f7f8fa", stroke=FAINT, dash="3 3")
        yield _text(left + 10, y + 17, says, size=12, fill=SOFT, room=room - 20)
        yield "</g>"

    def _week(self, week: tuple[_Day, ...], y: float, height: float) -> Iterator[str]:
        monday = week[0].day
        shown = next((day.day for day in week if day.blocks), monday)
        month = f"{MONTH_NAMES[shown.month - 1][:3]} {shown.year}"
        yield _text(MARGIN, y + 16, month, size=12, weight="bold")
        number = (monday - self.weeks[0][0].day).days // 7 + 1
        yield _text(MARGIN, y + 32, f"week {number}", size=11, fill=SOFT)
        for day, (x, wide) in zip(week, self.columns, strict=True):
            yield from self._cell(day, x, y, wide, height)

    def _cell(self, day: _Day, x: float, y: float, wide: float, height: float) -> Iterator[str]:
        yield "<g>"
        closed = not day.open
        if closed:
            yield _title(f"closed: {day.closed_for}" if day.closed_for else "closed")
        yield _rect(x, y, wide, height, SHUT if closed else PAPER, stroke=FAINT)
        if day.closed_for is not None:
            self.used.add("closed for a reason")
            yield _rect(x, y, wide, height, f"url(#{self.prefix}-closed)")
        elif closed:
            self.used.add("closed")
        label = f"{DAY_NAMES[day.day.weekday()]} {day.day.day} {MONTH_NAMES[day.day.month - 1][:3]}"
        weight, fill = ("bold", INK) if day.blocks else ("normal", SOFT)
        yield _text(x + 8, y + 17, label, size=11.5, weight=weight, fill=fill)
        if closed and not day.blocks:
            why = day.closed_for or "closed"
            yield _text(x + 8, y + 36, why, size=11, fill=SOFT, room=wide - 14)
        if day.away:
            self.used.add("away")
            yield from self._away(x, y, wide)
        yield "</g>"
        for n in range(max(1, len(day.blocks))):
            top = y + DAY_HEAD + BLOCK * n
            yield from self._track(day, x, top + 42, wide)
        for n, window in enumerate(day.barred):
            yield from self._band(window, x, y + DAY_HEAD + 42 + BAR + 2, wide, n)
        for n, block in enumerate(day.blocks):
            yield from self._visit(block, x, y + DAY_HEAD + BLOCK * n, wide)

    def _away(self, x: float, y: float, wide: float) -> Iterator[str]:
        corner = x + wide
        yield "<g>" + _title("the person is not available")
        points = f"{_n(corner - 13)},{_n(y)} {_n(corner)},{_n(y)} {_n(corner)},{_n(y + 13)}"
        yield f'<polygon points="{points}" fill="{AWAY}"/>'
        yield _text(corner - 16, y + 17, "away", size=10.5, fill=AWAY, anchor="end")
        yield "</g>"

    def _at(self, minute: int, x: float, wide: float) -> float:
        """Return where a minute of the day stands; hours off the scale share a narrow edge."""
        first, last = self.scale
        if minute <= first:
            return x + (NIGHT * minute / first if first else 0)
        if minute >= last:
            rest = MINUTES_A_DAY - last
            return x + wide - (NIGHT * (MINUTES_A_DAY - minute) / rest if rest else 0)
        left, right = NIGHT if first else 0, NIGHT if last < MINUTES_A_DAY else 0
        return x + left + (wide - left - right) * (minute - first) / (last - first)

    def _track(self, day: _Day, x: float, y: float, wide: float) -> Iterator[str]:
        if wide <= NARROW:
            return
        for start, end in day.open:
            left, right = self._at(start, x, wide), self._at(end, x, wide)
            yield _rect(left, y, right - left, BAR, TRACK)
        if not day.blocks:
            return
        for hour in self._hours():
            at = self._at(60 * hour, x, wide)
            yield _line(at, y - 2, at, y + BAR, FAINT)
            yield _text(at, y - 4, str(hour), size=9, fill=SOFT, anchor="middle")

    def _hours(self) -> range:
        first, last = self.scale
        step = 3 if last - first <= 14 * 60 else 6
        return range(-(-(first // 60 + 1) // step) * step, last // 60, step)

    def _band(
        self, window: LocalWindow, x: float, y: float, wide: float, number: int
    ) -> Iterator[str]:
        self.used.add("no driving")
        left, right = self._at(window[0], x, wide), self._at(window[1], x, wide)
        until = f"no driving {clock_text(window[0])} to {clock_text(window[1])}"
        yield "<g>" + _title(until)
        yield _rect(left, y, right - left, BAND, BARRED)
        yield "</g>"

    def _visit(self, block: _Block, x: float, y: float, wide: float) -> Iterator[str]:
        ink, soft = (PAST, PAST) if block.past else (INK, SOFT)
        room = wide - 14
        yield "<g>" + _title(block.tells)
        yield _text(x + 8, y + 11, block.title, size=13, weight="bold", fill=ink, room=room)
        yield _text(x + 8, y + 26, block.times, size=11, fill=soft, room=room)
        for piece in block.pieces:
            yield from self._piece(piece, x, y + 42, wide)
        if block.past and not block.pieces:
            yield _rect(x + NIGHT, y + 42 + BAR / 2 - 2, wide - 2 * NIGHT, 4, PAST)
        if block.past:
            self.used.add("past")
        if "?" in block.mark:
            self.used.add("unconfirmed")
        if block.home:
            home = _fitted(block.home, 11, room - _width(block.mark, 11)) + block.mark
            yield _text(x + 8, y + 83, home, size=11)
        yield "</g>"

    def _piece(self, piece: _Piece, x: float, y: float, wide: float) -> Iterator[str]:
        left, right = self._at(piece.start, x, wide), self._at(piece.end, x, wide)
        size = max(right - left, 1.5)
        if not piece.stage:
            yield _rect(left, y, size, BAR, PAST)
            return
        yield _rect(left, y, size, BAR, self.colours[piece.stage])
        if not piece.sure:
            self.used.add("later")
            yield _rect(left, y, size, BAR, f"url(#{self.prefix}-later)")
        elif size >= 11:
            ink = PAPER if piece.stage in self.mains else INK
            middle = left + size / 2
            letter = self.letters[piece.stage]
            yield _text(middle, y + 14, letter, size=11, weight="bold", fill=ink, anchor="middle")

    # --- the legend --------------------------------------------------------------------------

    def _legend(self, y: float) -> tuple[list[str], float]:
        """Return what each mark means, only for marks that are there, and where it ends."""
        entries: list[tuple[str, str, str]] = [
            (self.colours[name], self.letters[name], name) for name in self.stages
        ]
        explained = {
            "later": ("later", "may take until then"),
            "no driving": ("band", "no driving"),
            "closed for a reason": ("closed", "clinic closed on that date"),
            "closed": ("shut", "closed on that weekday"),
            "away": ("away", "person not available"),
            "past": (PAST, "already given"),
            "unconfirmed": ("?", "ride not confirmed yet"),
        }
        entries += [
            (mark, "", text) for name, (mark, text) in explained.items() if name in self.used
        ]
        lines: list[str] = []
        x = float(MARGIN)
        for mark, letter, text in entries:
            size = 24 + 7 + _width(text, 12) + 22
            if x + size > WIDTH - MARGIN and x > MARGIN:
                x, y = float(MARGIN), y + 26
            lines += self._swatch(mark, letter, x, y)
            lines.append(_text(x + 31, y + 12, text, size=12, fill=SOFT, room=WIDTH - 100))
            x += size
        first, last = self.scale
        if self.weeks:
            y += 28
            says = (
                f"Each day is drawn from {clock_text(first)} to {clock_text(last)}; "
                "its light strip is when the clinic is open."
            )
            lines.append(_text(MARGIN, y + 12, says, size=12, fill=SOFT))
        return lines, y + 22

    def _swatch(self, mark: str, letter: str, x: float, y: float) -> Iterator[str]:
        match mark:
            case "later":
                yield _rect(x, y, 24, 16, MAIN)
                yield _rect(x, y, 24, 16, f"url(#{self.prefix}-later)")
            case "band":
                yield _rect(x, y + 6, 24, BAND, BARRED)
            case "closed" | "shut":
                yield _rect(x, y, 24, 16, SHUT, stroke=FAINT)
                if mark == "closed":
                    yield _rect(x, y, 24, 16, f"url(#{self.prefix}-closed)")
            case "away":
                points = f"{_n(x + 8)},{_n(y)} {_n(x + 24)},{_n(y)} {_n(x + 24)},{_n(y + 16)}"
                yield f'<polygon points="{points}" fill="{AWAY}"/>'
            case "?":
                yield _text(x + 12, y + 13, "?", size=13, weight="bold", anchor="middle")
            case colour:
                yield _rect(x, y, 24, 16, colour)
                ink = PAPER if colour == MAIN else INK
                if letter:
                    yield _text(
                        x + 12, y + 12, letter, size=11, weight="bold", fill=ink, anchor="middle"
                    )


# --- times -----------------------------------------------------------------------------------


def _minute(moment: datetime) -> int:
    return 60 * moment.hour + moment.minute


def _each_day(start: datetime, end: datetime) -> Iterator[tuple[date, LocalWindow]]:
    """Yield each date from start to end with its part, in minutes after midnight."""
    day = start.date()
    while day <= end.date():
        first = _minute(start) if day == start.date() else 0
        last = _minute(end) if day == end.date() else MINUTES_A_DAY
        yield day, (first, max(first, last))
        day += timedelta(1)


def _stretches(stages: Sequence[PlannedStage]) -> Iterator[tuple[str, datetime, datetime, bool]]:
    """
    Yield each stage's stretches: the one it surely takes, and the one in which it may still run.

    While a stage may still run the next one may have begun; that time is shown as the earlier
    stage's, so that a bar has each minute once.
    """
    shown: datetime | None = None
    for stage in stages:
        start = max(shown, stage.start, key=utc) if shown else stage.start
        if utc(start) < utc(stage.end):
            yield stage.name, start, stage.end, True
        start = max(start, stage.end, key=utc)
        if utc(start) < utc(stage.end_by):
            yield stage.name, start, stage.end_by, False
        shown = max(start, stage.end_by, key=utc)


def _instants(zone: ZoneInfo, day: date, window: LocalWindow) -> tuple[datetime, datetime]:
    """Return the instants at which a stretch of a local day begins and ends."""
    midnight = datetime.combine(day, time())
    first, last = (midnight + timedelta(minutes=minute) for minute in window)
    return first.replace(tzinfo=zone).astimezone(UTC), last.replace(tzinfo=zone).astimezone(UTC)


def _without(
    windows: Iterable[LocalWindow], cuts: Iterable[DatedHours], day: date
) -> tuple[LocalWindow, ...]:
    """Return windows of one day without what closures or absences take from them."""
    left = list(windows)
    for cut in (window for dated in cuts for window in dated.on(day)):
        parts = [((a, min(b, cut[0])), (max(a, cut[1]), b)) for a, b in left]
        left = [part for pair in parts for part in pair if part[0] < part[1]]
    return tuple(left)


# --- stages ----------------------------------------------------------------------------------


def _colours(stages: Iterable[str], mains: set[str]) -> Mapping[str, str]:
    others = [name for name in stages if name not in mains]
    colours = {name: COLOURS[n % len(COLOURS)] for n, name in enumerate(others)}
    return colours | dict.fromkeys(sorted(mains), MAIN)


def _letters(stages: Sequence[str], mains: set[str]) -> Mapping[str, str]:
    """Return one letter or digit for each stage, its own where there are enough."""
    letters: dict[str, str] = {}
    for name in sorted(stages, key=lambda name: (name not in mains, stages.index(name))):
        words = [word for word in name.split() if word[:1].isalnum()]
        wanted = [word[0] for word in reversed(words)] + [c for c in name if c.isalnum()]
        choices = [letter.upper()[:1] for letter in wanted] + list("123456789")
        free = (letter for letter in choices if letter not in letters.values())
        letters[name] = next(free, "·")
    return letters


def _home(visit: Visit) -> str:
    """Return who takes the person home; empty where nobody has to."""
    if visit.waived:
        return "ride waived"
    return visit.escort or ("nobody yet" if visit.ride is not None else "")


def _mark(visit: Visit) -> str:
    if visit.waived or visit.ride is None:
        return ""
    return {Ride.UNCONFIRMED: " ?", Ride.CONFIRMED: "", Ride.DECLINED: " declined"}[visit.ride]


# --- SVG -------------------------------------------------------------------------------------


def _plain(text: str) -> str:
    """Return text on one line, without the characters that XML has no place for."""
    spaced = (" " if c.isspace() else c for c in text)
    kept = (c for c in spaced if unicodedata.category(c) not in ("Cc", "Cs"))
    return " ".join("".join(c for c in kept if c not in "\ufffe\uffff").split())


def _said(text: str) -> str:
    return escape(_plain(text))


def _n(number: float) -> str:
    """Return a coordinate with at most one decimal."""
    return f"{number:.1f}".removesuffix(".0")


def _title(text: str) -> str:
    return f"<title>{_said(text)}</title>"


def _rect(
    x: float, y: float, wide: float, high: float, fill: str, *, stroke: str = "", dash: str = ""
) -> str:
    edge = f' stroke="{stroke}"' if stroke else ""
    edge += f' stroke-dasharray="{dash}"' if dash else ""
    place = f'x="{_n(x)}" y="{_n(y)}" width="{_n(wide)}" height="{_n(high)}"'
    return f'<rect {place} fill="{fill}"{edge}/>'


def _line(x1: float, y1: float, x2: float, y2: float, stroke: str) -> str:
    place = f'x1="{_n(x1)}" y1="{_n(y1)}" x2="{_n(x2)}" y2="{_n(y2)}"'
    return f'<line {place} stroke="{stroke}"/>'


def _text(
    x: float,
    y: float,
    text: str,
    *,
    size: float,
    weight: str = "",
    fill: str = "",
    anchor: str = "",
    room: float | None = None,
) -> str:
    """Return a line of text, shortened where its room is too small for it."""
    marks = {
        "font-size": _n(size),
        "font-weight": weight if weight != "normal" else "",
        "fill": fill,
        "text-anchor": anchor,
    }
    shown = "".join(f" {name}={quoteattr(mark)}" for name, mark in marks.items() if mark)
    bold = 1.14 if weight == "bold" else 1.0
    fitting = text if room is None else _fitted(text, size * bold, room)
    return f'<text x="{_n(x)}" y="{_n(y)}"{shown}>{_said(fitting)}</text>'


def _width(text: str, size: float) -> float:
    """Return how wide a text will be at most, whatever plain font is found."""
    wide = sum(unicodedata.east_asian_width(c) in "WF" for c in text)
    return size * (0.58 * (len(text) - wide) + wide)


def _fitted(text: str, size: float, room: float) -> str:
    text = _plain(text)
    if _width(text, size) <= room:
        return text
    while text and _width(text + "…", size) > room:
        text = text[:-1]
    return text.rstrip() + "…"
