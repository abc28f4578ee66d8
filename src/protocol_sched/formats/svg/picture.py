"""
One picture of a course: weeks as rows, days as columns, visits as bars split into their stages.

SVG 1.1 without scripts, styles or outside fonts, so that it looks alike in a browser, in a
document and on paper. The same input gives the same bytes.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import date

from protocol_sched.formats.svg.days import Block, Day, Days, Piece, is_busy, minute_of
from protocol_sched.formats.svg.months import Mark, Months, months_text
from protocol_sched.formats.svg.months import given_text as _given
from protocol_sched.formats.svg.strokes import (
    fitted,
    label,
    line,
    number,
    rect,
    said,
    text_width,
    tooltip,
    triangle,
)
from protocol_sched.model.agenda import Agenda
from protocol_sched.model.availability import MINUTES_A_DAY, Clinic, LocalWindow, Person, clock_text
from protocol_sched.model.moments import utc
from protocol_sched.model.protocol import Protocol
from protocol_sched.model.schedule import Schedule, main_stage
from protocol_sched.model.sentences import told
from protocol_sched.text.day_numbers import dates_in
from protocol_sched.text.language import Language
from protocol_sched.text.languages import LANGUAGES
from protocol_sched.text.privacy import Privacy
from protocol_sched.text.shown import shown

WIDTH = 1120
MARGIN, GUTTER, NARROW = 24, 76, 82
"""Around everything; left of the weeks, for the month; of a weekday on which nothing ever is."""
DAY_HEAD, BLOCK, FOLD, GAP = 24, 102, 26, 4
"""Heights: of a day's date, of one visit, of weeks without visits, between two weeks."""
BAR, BAND, STRIP = 20, 4, 3
"""Heights of a visit's bar, of the band in which driving is barred, and of a person's hours."""
LONG = 10
"""A course with more weeks than these that have a visit is drawn month by month."""
NIGHT = 5
"""What is left of a day's width on either side for the hours off the scale."""
EARLY, LATE = 7 * 60, 19 * 60
"""The scale of a day reaches no further than this unless a visit does."""

INK, SOFT, FAINT, PAPER = "#1f2933", "#52606d", "#d5dbe1", "#ffffff"
TRACK, SHUT, AWAY, BARRED, PAST = "#eef1f4", "#e4e7eb", "#955300", "#a61b1b", "#626e7b"
MAIN = "#2f6690"
COME, DRIVE = "#7b8794", "#3f7d58"
COLOURS = ("#c7d3df", "#8fb8d6", "#8cc0a4", "#e3c16f", "#bda3cf", "#dd9f8d", "#a9b665")
"""Of the stages a visit is not about, in the order in which they first come."""
NARROW_LETTER = 7
"""A stretch narrower than this has no room for its stage's letter."""
STRIPS = {"come": told("the person can come"), "drive": told("an escort can drive")}
FONT = "Helvetica, Arial, 'Liberation Sans', 'DejaVu Sans', sans-serif"


def course_picture(
    schedule: Schedule,
    clinic: Clinic,
    person: Person,
    protocol: Protocol,
    *,
    names: bool = False,
    privacy: Privacy = Privacy.FULL,
    agenda: Agenda | None = None,
    language: str = "en",
) -> str:
    """
    Return a picture of a course as the text of an SVG file.

    Each visit stands on its day, on a scale of the clinic's hours, with its stages, the time by
    which it may end later, the time in which driving is barred, and who takes the person home.
    Days on which the clinic is closed or the person is not available are marked; weeks without
    a visit are folded into one line; visits already given are grey. Below a day's visits stand the
    hours in which the person can come, where those are not all, and those in which an escort can
    drive. A course with visits in more than ten weeks is drawn month by month, without hours.

    Args:
        schedule: What is drawn. Times are shown in the clinic's zone.
        clinic: For its opening hours and closures.
        person: For the days on which they are not available.
        protocol: For its title.
        names: Write the person's name; without it their key stands for them. An escort's name
            is always written.
        privacy: How much it tells; below the full level neither the person's name nor stages,
            places and treatments, see `text.shown`.
        agenda: For the window of each visit, which a picture of months draws.
        language: Its code, see `text.languages`.

    Raises:
        KeyError: There is no such language.
    """
    speech = LANGUAGES[language]
    may = shown(schedule, clinic, person, protocol, privacy, language=language)
    dates = dates_in(schedule) if privacy is Privacy.FULL else {}
    picture = _Picture(may.schedule, may.clinic, may.person, may.protocol, names, speech, dates)
    if sum(not folded for folded, _ in picture.rows()) > LONG:
        return months_text(picture.months(agenda))
    return picture.text()


class _Picture:
    def __init__(
        self,
        schedule: Schedule,
        clinic: Clinic,
        person: Person,
        protocol: Protocol,
        names: bool,
        speech: Language,
        dates: Mapping[str, date],
    ) -> None:
        self.speech, self.tell = speech, speech.tell
        self.schedule, self.clinic, self.protocol = schedule, clinic, protocol
        self.who = person.name if names and person.name else person.key
        mains = (main_stage(visit) for visit in schedule.visits)
        self.mains = {stage.name for stage in mains if stage is not None}
        stages = [stage.name for visit in schedule.visits for stage in visit.stages]
        self.stages = tuple(dict.fromkeys(stages))
        self.colours = _colours(self.stages, self.mains)
        self.letters = _letters(self.stages, self.mains)
        self.days = Days(schedule, clinic, person, protocol, speech, dates)
        self.weeks = self.days.weeks()
        self.scale = self._scale()
        self.columns = self._columns()
        self.used: set[str] = set()
        """What the legend has to explain."""
        self.lettered: set[str] = set()
        """The stages whose letter stands on the picture somewhere."""
        self.prefix = "c-" + re.sub(r"[^A-Za-z0-9_-]", "-", schedule.course)

    def _scale(self) -> LocalWindow:
        """Return the hours a day's width stands for, whole hours that hold every visit."""
        windows = [window for week in self.weeks for day in week for window in day.open]
        starts = [max(EARLY, start) for start, _ in windows]
        ends = [min(LATE, end) for _, end in windows]
        # The nights of a visit over several days share the narrow edges; its two ends do not.
        for visit in self.schedule.visits:
            start, end = self.days.local(visit.start), self.days.local(visit.discharge_by)
            starts.append(minute_of(start))
            ends.append(minute_of(end))
            if start.date() != end.date():
                starts.append(max(0, minute_of(end) - 120))
                ends.append(min(MINUTES_A_DAY, minute_of(start) + 120))
        for given in self.schedule.past:
            starts += [minute_of(self.days.local(given.start))] if given.start else []
            ends += [minute_of(self.days.local(given.end))] if given.end else []
        first, last = min(starts, default=EARLY), max(ends, default=LATE)
        if last - first < 60:
            first, last = min(first, EARLY), max(last, LATE)
        return first // 60 * 60, -(-last // 60) * 60

    def _columns(self) -> tuple[tuple[float, float], ...]:
        """Return left edge and width of each weekday; those on which nothing ever is are narrow."""
        busy = [any(is_busy(week[n]) for week in self.weeks) for n in range(7)]
        room = WIDTH - 2 * MARGIN - GUTTER - NARROW * busy.count(False)
        wide = room / max(busy.count(True), 1)
        edges, x = [], float(MARGIN + GUTTER)
        for here in busy:
            edges.append((x, wide if here else NARROW))
            x += edges[-1][1]
        return tuple(edges)

    def months(self, agenda: Agenda | None) -> Months:
        """Return the course as a picture of months, with the windows that an agenda has."""
        dues = {due.id: due for due in agenda.dues} if agenda is not None else {}
        marks = []
        for visit in self.schedule.visits:
            due, start = dues.get(visit.id), self.days.local(visit.start)
            marks.append(
                Mark(
                    title=visit.title,
                    day=start.date(),
                    until=self.days.local(max(visit.start, visit.discharge, key=utc)).date(),
                    note=f"{start:%H:%M}",
                    first=due.earliest.day if due is not None and due.earliest else None,
                    last=due.latest.day if due is not None and due.latest else None,
                    tells=self.days.tells(visit),
                )
            )
        for given in self.schedule.past:
            tells = _given(given, self.speech, self.days.number(given.on))
            marks.append(
                Mark(title=given.title, day=given.on, until=given.on, past=True, tells=tells)
            )
        return Months(
            title=self.protocol.title,
            speech=self.speech,
            subtitle=self._subtitle(),
            marks=marks,
            prefix=self.prefix,
            shut=lambda day: not self.days.is_open(day),
        )

    # --- drawing -----------------------------------------------------------------------------

    def text(self) -> str:
        """Return the file."""
        body: list[str] = []
        y = 92.0
        for folded, weeks in self.rows():
            if folded:
                body += self._fold(weeks, y)
                y += FOLD + GAP
            else:
                week = weeks[0]
                height = self._height(week)
                body += self._week(week, y, height)
                y += height + GAP
        if not self.weeks:
            body.append(label(MARGIN, y, self.tell("No visit is due."), size=14))
            y += 24
        legend, y = self._legend(y + 18)
        whole = y + 8
        course = self.tell("course {key}", key=self.schedule.course)
        title = f"{self.protocol.title}{self.speech.colon} {course}"
        head = [
            '<?xml version="1.0" encoding="UTF-8"?>',
            '<svg xmlns="http://www.w3.org/2000/svg" version="1.1" '
            f'width="{WIDTH}" height="{number(whole)}" viewBox="0 0 {WIDTH} {number(whole)}" '
            f'role="img" aria-labelledby="{self.prefix}-title {self.prefix}-desc" '
            f'font-family="{FONT}" fill="{INK}">',
            f'<title id="{self.prefix}-title">{said(title)}</title>',
            f'<desc id="{self.prefix}-desc">{said(self._description())}</desc>',
            *self._patterns(),
            rect(0, 0, WIDTH, whole, PAPER),
            label(MARGIN, 40, self.protocol.title, size=20, weight="bold", room=WIDTH - 2 * MARGIN),
            label(MARGIN, 64, self._subtitle(), size=13, fill=SOFT, room=WIDTH - 2 * MARGIN),
        ]
        return "\n".join([*head, *body, *legend, "</svg>"]) + "\n"

    def _subtitle(self) -> str:
        key = self.schedule.course
        course = key if key.startswith("course") else self.tell("course {key}", key=key)
        who = [course, self.who, self.clinic.name]
        return "  ·  ".join([*who, self.tell("times in {zone}", zone=self.clinic.zone.key)])

    def _description(self) -> str:
        visits = sorted(self.schedule.visits, key=lambda visit: utc(visit.start))
        if not visits:
            return self.tell("No visit is due.")
        first, last = (self.days.local(one.start).date() for one in (visits[0], visits[-1]))
        template = "{visits} on {first}." if first == last else "{visits} from {first} to {last}."
        count = self.speech.counted(len(visits), "visit")
        head = self.tell(template, visits=count, first=first, last=last)
        return " ".join([head, *(f"{self.days.tells(visit)}." for visit in visits)])

    def _patterns(self) -> Iterator[str]:
        stripes = {"closed": ("#b8c1cb", 8, 1.5), "later": (PAPER, 4, 1.6)}
        yield "<defs>"
        for name, (colour, step, thick) in stripes.items():
            yield (
                f'<pattern id="{self.prefix}-{name}" width="{step}" height="{step}" '
                f'patternUnits="userSpaceOnUse" patternTransform="rotate(45)">'
                f'<rect width="{number(thick)}" height="{step}" fill="{colour}"/></pattern>'
            )
        yield "</defs>"

    def rows(self) -> Iterator[tuple[bool, list[tuple[Day, ...]]]]:
        """Yield weeks one by one, and runs of weeks without anything on them together."""
        empty: list[tuple[Day, ...]] = []
        for week in self.weeks:
            if any(day.blocks or day.barred for day in week):
                if empty:
                    yield True, empty
                yield False, [week]
                empty = []
            else:
                empty = [*empty, week]

    def _height(self, week: tuple[Day, ...]) -> int:
        return DAY_HEAD + BLOCK * max(1, *(len(day.blocks) for day in week))

    def _fold(self, weeks: list[tuple[Day, ...]], y: float) -> Iterator[str]:
        first, last = weeks[0][0].day, weeks[-1][6].day
        year = first.year != last.year
        says = self.tell(
            "no visits for {weeks}, {first} to {last}",
            weeks=self.speech.counted(len(weeks), "week"),
            first=self.speech.day(first, year=year),
            last=self.speech.day(last, year=year),
        )
        shut: dict[str, list[date]] = {}
        for day in (day for week in weeks for day in week):
            if day.closed_for is not None:
                shut.setdefault(day.closed_for, []).append(day.day)
        closed = [f"{self.speech.days(days)} ({why})" for why, days in shut.items()]
        if closed:
            says += f"  ·  {self.tell('clinic closed {days}', days=', '.join(closed))}"
        left, room = MARGIN + GUTTER, WIDTH - 2 * MARGIN - GUTTER
        yield "<g>" + tooltip(says)
        yield rect(left, y, room, FOLD, "#f7f8fa", stroke=FAINT, dash="3 3")
        yield label(left + 10, y + 17, says, size=12, fill=SOFT, room=room - 20)
        yield "</g>"

    def _week(self, week: tuple[Day, ...], y: float, height: float) -> Iterator[str]:
        monday = week[0].day
        shown = next((day.day for day in week if day.blocks), monday)
        month = f"{self.speech.month(shown.month, short=True)} {shown.year}"
        yield label(MARGIN, y + 16, month, size=12, weight="bold")
        number = (monday - self.weeks[0][0].day).days // 7 + 1
        yield label(MARGIN, y + 32, self.tell("week {number}", number=number), size=11, fill=SOFT)
        for day, (x, wide) in zip(week, self.columns, strict=True):
            yield from self._cell(day, x, y, wide, height)

    def _cell(self, day: Day, x: float, y: float, wide: float, height: float) -> Iterator[str]:
        yield "<g>"
        closed = not day.open
        if closed:
            said = self.tell("closed")
            yield tooltip(f"{said}{self.speech.colon} {day.closed_for}" if day.closed_for else said)
        yield rect(x, y, wide, height, SHUT if closed else PAPER, stroke=FAINT)
        if day.closed_for is not None:
            self.used.add("closed for a reason")
            yield rect(x, y, wide, height, f"url(#{self.prefix}-closed)")
        elif closed:
            self.used.add("closed")
        heading = f"{self.speech.plan.weekday(day.day)} {self.speech.plan.short_day(day.day)}"
        weight, fill = ("bold", INK) if day.blocks else ("normal", SOFT)
        yield label(x + 8, y + 17, heading, size=11.5, weight=weight, fill=fill)
        numbers = self.days.numbers(day.day) if day.blocks else None
        if numbers is not None and not day.away:
            number = f"{self.speech.plan.day_number} {numbers[0]}"
            if text_width(f"{heading} {number}", 11.5) < wide - 14:
                yield label(x + wide - 6, y + 17, number, size=10, fill=SOFT, anchor="end")
        if closed and not day.blocks:
            why = day.closed_for or self.tell("closed")
            yield label(x + 8, y + 36, why, size=11, fill=SOFT, room=wide - 14)
        if day.away:
            self.used.add("away")
            yield from self._away(x, y, wide)
        yield "</g>"
        for n in range(max(1, len(day.blocks))):
            top = y + DAY_HEAD + BLOCK * n
            yield from self._track(day, x, top + 42, wide)
        for n, window in enumerate(day.barred):
            yield from self._band(window, x, y + DAY_HEAD + 42 + BAR + 2, wide, n)
        if day.blocks:
            yield from self._hours_of(day, x, y + DAY_HEAD + 42 + BAR + BAND + 4, wide)
        for n, block in enumerate(day.blocks):
            yield from self._visit(block, x, y + DAY_HEAD + BLOCK * n, wide)

    def _away(self, x: float, y: float, wide: float) -> Iterator[str]:
        corner = x + wide
        yield "<g>" + tooltip(self.tell("the person is away"))
        yield triangle((corner - 13, y), (corner, y), (corner, y + 13), AWAY)
        yield label(corner - 16, y + 17, self.tell("away"), size=10.5, fill=AWAY, anchor="end")
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

    def _track(self, day: Day, x: float, y: float, wide: float) -> Iterator[str]:
        if wide <= NARROW:
            return
        for start, end in day.open:
            left, right = self._at(start, x, wide), self._at(end, x, wide)
            yield rect(left, y, right - left, BAR, TRACK)
        if not day.blocks:
            return
        for hour in self._hours():
            at = self._at(60 * hour, x, wide)
            yield line(at, y - 2, at, y + BAR, FAINT)
            yield label(at, y - 4, str(hour), size=9, fill=SOFT, anchor="middle")

    def _hours(self) -> range:
        first, last = self.scale
        step = 3 if last - first <= 14 * 60 else 6
        return range(-(-(first // 60 + 1) // step) * step, last // 60, step)

    def _band(
        self, window: LocalWindow, x: float, y: float, wide: float, number: int
    ) -> Iterator[str]:
        self.used.add("no driving")
        left, right = self._at(window[0], x, wide), self._at(window[1], x, wide)
        until = f"{self.tell('no driving')} {self._times(window)}"
        yield "<g>" + tooltip(until)
        yield rect(left, y, right - left, BAND, BARRED)
        yield "</g>"

    def _times(self, window: LocalWindow) -> str:
        start, end = (clock_text(minute) for minute in window)
        return self.tell("{start} to {end}", start=start, end=end)

    def _hours_of(self, day: Day, x: float, y: float, wide: float) -> Iterator[str]:
        """Draw when the person can come and when an escort can drive; both differ in form."""
        strips = (("come", day.come, COME), ("drive", day.drive, DRIVE))
        for n, (name, windows, colour) in enumerate(strips):
            if not windows:
                continue
            self.used.add(name)
            for start, end in windows:
                left, right = self._at(start, x, wide), self._at(end, x, wide)
                yield "<g>" + tooltip(
                    f"{self.speech.said(STRIPS[name])} {self._times((start, end))}"
                )
                yield from _strip(name, left, y + (STRIP + 2) * n, right - left, colour)
                yield "</g>"

    def _visit(self, block: Block, x: float, y: float, wide: float) -> Iterator[str]:
        ink, soft = (PAST, PAST) if block.past else (INK, SOFT)
        room = wide - 14
        yield "<g>" + tooltip(block.tells)
        yield label(x + 8, y + 11, block.title, size=13, weight="bold", fill=ink, room=room)
        yield label(x + 8, y + 26, block.times, size=11, fill=soft, room=room)
        for piece in block.pieces:
            yield from self._piece(piece, x, y + 42, wide)
        if block.past and not block.pieces:
            yield rect(x + NIGHT, y + 42 + BAR / 2 - 2, wide - 2 * NIGHT, 4, PAST)
        if block.past:
            self.used.add("past")
        if "?" in block.mark:
            self.used.add("unconfirmed")
        if block.home:
            home = fitted(block.home, 11, room - text_width(block.mark, 11)) + block.mark
            yield label(x + 8, y + 93, home, size=11)
        yield "</g>"

    def _piece(self, piece: Piece, x: float, y: float, wide: float) -> Iterator[str]:
        left, right = self._at(piece.start, x, wide), self._at(piece.end, x, wide)
        size = max(right - left, 1.5)
        if not piece.stage:
            yield rect(left, y, size, BAR, PAST)
            return
        yield rect(left, y, size, BAR, self.colours[piece.stage])
        if not piece.sure:
            self.used.add("later")
            yield rect(left, y, size, BAR, f"url(#{self.prefix}-later)")
        elif size >= NARROW_LETTER:
            ink = PAPER if piece.stage in self.mains else INK
            middle = left + size / 2
            letter = self.letters[piece.stage]
            self.lettered.add(piece.stage)
            high = 11 if size >= 11 else 9
            yield label(middle, y + 14, letter, size=high, weight="bold", fill=ink, anchor="middle")

    # --- the legend --------------------------------------------------------------------------

    def _legend(self, y: float) -> tuple[list[str], float]:
        """Return what each mark means, only for marks that are there, and where it ends."""
        entries: list[tuple[str, str, str]] = [
            (self.colours[name], self.letters[name] if name in self.lettered else "", name)
            for name in self.stages
        ]
        explained = {
            "later": ("later", told("may run until then")),
            "no driving": ("band", told("no driving")),
            "come": ("come", STRIPS["come"]),
            "drive": ("drive", STRIPS["drive"]),
            "closed for a reason": ("closed", told("clinic closed on that date")),
            "closed": ("shut", told("closed on that weekday")),
            "away": ("away", told("person away")),
            "past": (PAST, told("already given")),
            "unconfirmed": ("?", told("ride not confirmed yet")),
        }
        entries += [
            (mark, "", self.speech.said(text))
            for name, (mark, text) in explained.items()
            if name in self.used
        ]
        lines: list[str] = []
        x = float(MARGIN)
        for mark, letter, text in entries:
            size = 24 + 7 + text_width(text, 12) + 22
            if x + size > WIDTH - MARGIN and x > MARGIN:
                x, y = float(MARGIN), y + 26
            lines += self._swatch(mark, letter, x, y)
            lines.append(label(x + 31, y + 12, text, size=12, fill=SOFT, room=WIDTH - 100))
            x += size
        first, last = self.scale
        if self.weeks:
            y += 28
            says = self.tell(
                "Each day is drawn from {first} to {last}; its light strip is when the clinic is "
                "open.",
                first=clock_text(first),
                last=clock_text(last),
            )
            lines.append(label(MARGIN, y + 12, says, size=12, fill=SOFT))
        return lines, y + 22

    def _swatch(self, mark: str, letter: str, x: float, y: float) -> Iterator[str]:
        match mark:
            case "later":
                yield rect(x, y, 24, 16, MAIN)
                yield rect(x, y, 24, 16, f"url(#{self.prefix}-later)")
            case "band":
                yield rect(x, y + 6, 24, BAND, BARRED)
            case "come" | "drive":
                yield from _strip(mark, x, y + 7, 24, COME if mark == "come" else DRIVE)
            case "closed" | "shut":
                yield rect(x, y, 24, 16, SHUT, stroke=FAINT)
                if mark == "closed":
                    yield rect(x, y, 24, 16, f"url(#{self.prefix}-closed)")
            case "away":
                yield triangle((x + 8, y), (x + 24, y), (x + 24, y + 16), AWAY)
            case "?":
                yield label(x + 12, y + 13, "?", size=13, weight="bold", anchor="middle")
            case colour:
                yield rect(x, y, 24, 16, colour)
                ink = PAPER if colour == MAIN else INK
                if letter:
                    yield label(
                        x + 12, y + 12, letter, size=11, weight="bold", fill=ink, anchor="middle"
                    )


def _strip(name: str, x: float, y: float, wide: float, colour: str) -> Iterator[str]:
    """Draw hours as a line for the person, and as a frame for an escort."""
    if name == "come":
        yield rect(x, y, wide, STRIP, colour)
    else:
        yield rect(x, y + 0.5, wide, STRIP - 1, PAPER, stroke=colour)


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
