"""
A long course as one picture: a row for each month, a column for each day of it.

Visits are numbered boxes; below each lies its window, the dates on which its rules let it be.
Months in which nothing is are folded into one line, so that three years fit on a page.
"""

from __future__ import annotations

from calendar import monthrange
from collections.abc import Callable, Iterable, Iterator, Sequence
from datetime import date, timedelta
from itertools import groupby

import attrs

from protocol_sched.formats.svg.strokes import label, line, number, rect, said, text_width, tooltip
from protocol_sched.model.agenda import Agenda, Due, PastVisit
from protocol_sched.model.plain import as_tuple
from protocol_sched.model.protocol import Protocol
from protocol_sched.model.sentences import told
from protocol_sched.text.day_numbers import dates_in, numbers_of
from protocol_sched.text.language import Language
from protocol_sched.text.languages import ENGLISH, LANGUAGES

WIDTH, MARGIN, GUTTER = 1120, 24, 92
DAY = (WIDTH - 2 * MARGIN - GUTTER) / 31
TITLE, CELL, LANE, GAP, FOLD = 16, 22, 7, 8, 24
"""Heights: of a visit's name, of a day, of a window, between two months, of months left out."""
LEAST_NAME = 40
"""A name with less room than this is left to its number."""

INK, SOFT, FAINT, PAPER = "#1f2933", "#52606d", "#d5dbe1", "#ffffff"
OPEN, SHUT, MAIN, PAST, WINDOW = "#f7f9fa", "#e4e7eb", "#2f6690", "#626e7b", "#8fb8d6"
FONT = "Helvetica, Arial, 'Liberation Sans', 'DejaVu Sans', sans-serif"


@attrs.frozen(kw_only=True)
class Mark:
    """One visit of the picture."""

    title: str
    day: date
    until: date
    """Its last date; the first one for a visit of one day."""
    note: str = ""
    """What stands behind the title: the time of arrival."""
    first: date | None = None
    """Where its window begins; ``None`` where no rule says so."""
    last: date | None = None
    planned: bool = True
    """``False`` for a date that is asked for and not placed on any calendar."""
    past: bool = False
    tells: str
    """All about it, for a pointer and a screen reader."""


@attrs.frozen(kw_only=True)
class Months:
    """What a picture of months shows."""

    title: str
    subtitle: str
    marks: tuple[Mark, ...] = attrs.field(converter=as_tuple)
    prefix: str
    """What the identities in the file begin with."""
    speech: Language = ENGLISH
    shut: Callable[[date], bool] = lambda day: False
    """Whether nothing can be on a date."""


def given_text(one: PastVisit, speech: Language, number: str = "") -> str:
    """Return all about a visit given: ``infusion 1, Mon 1 March 2027 (day 1, week 0): given``."""
    day = speech.day(one.on, year=True) + (f" ({number})" if number else "")
    return f"{one.title}, {day}{speech.colon} {speech.plan.given}"


def agenda_picture(
    agenda: Agenda, title: str = "", *, protocol: Protocol | None = None, language: str = "en"
) -> str:
    """
    Return the dates a protocol asks for as the text of an SVG file, before any calendar is known.

    Each visit due stands on its target, or on its forecast where the protocol names no target,
    with its window below it. A visit without any date is left out.

    Args:
        title: What stands above it; without one, the protocol's name.
        protocol: With one that numbers its days, those of the dates are told.
        language: Its code, see `text.languages`.

    Raises:
        KeyError: There is no such language.
    """
    speech, dates = LANGUAGES[language], dates_in(agenda)

    def counted(day: date | None) -> str:
        numbers = None if day is None else numbers_of(day, dates, protocol)
        return "" if numbers is None else speech.calendar.course_day(*numbers)

    past = [
        Mark(
            title=one.title,
            day=one.on,
            until=one.on,
            past=True,
            tells=given_text(one, speech, counted(one.on)),
        )
        for one in agenda.past
        if one.kind
    ]
    foreseen = ((due, counted(due.foreseen.day if due.foreseen else None)) for due in agenda.dues)
    coming = [mark for due, said in foreseen if (mark := _due(due, speech, said)) is not None]
    return months_text(
        Months(
            title=title or agenda.protocol,
            subtitle=speech.tell("as of {day}", day=agenda.as_of),
            speech=speech,
            marks=[*past, *coming],
            prefix="m-" + "".join(c if c.isalnum() else "-" for c in agenda.course),
        )
    )


def _due(due: Due, speech: Language, number: str) -> Mark | None:
    foreseen = due.foreseen
    if foreseen is None:
        return None
    kind = speech.tell("target" if due.target is not None else "forecast")
    dated = [(kind, foreseen.day)]
    dated += [(speech.tell("earliest"), due.earliest.day)] if due.earliest else []
    dated += [(speech.tell("latest"), due.latest.day)] if due.latest else []
    parts = [f"{word} {speech.day(day, year=True)}" for word, day in dated]
    if number:
        parts[0] += f" ({number})"
    return Mark(
        title=due.title,
        day=foreseen.day,
        until=foreseen.day,
        first=due.earliest.day if due.earliest else None,
        last=due.latest.day if due.latest else None,
        planned=False,
        tells=f"{due.title}{speech.colon} {', '.join(parts)}",
    )


def months_text(of: Months) -> str:
    """Return the text of an SVG file; the same input gives the same bytes."""
    marks = sorted(of.marks, key=lambda mark: (mark.day, mark.until))
    numbered = list(enumerate(marks, 1))
    y = 84.0
    body: list[str] = []
    if marks:
        body += _head(y)
        y += 10
    for empty, months in groupby(_span(marks), lambda month: not _on(month, marks)):
        if empty:
            body += _fold(list(months), y, of.speech)
            y += FOLD + GAP
            continue
        for month in months:
            lanes = _lanes(month, marks)
            body += _month(month, y, of, numbered, lanes)
            y += TITLE + CELL + LANE * max(1, len(lanes)) + GAP
    if not marks:
        body.append(label(MARGIN, y, of.speech.tell("No visit is due."), size=14))
        y += 20
    y += 10
    body += _legend(marks, y, of.speech)
    whole = y + 30
    count = of.speech.counted(len(marks), "visit")
    words = [f"{count}.", *(f"{mark.tells}." for mark in marks)]
    head = [
        '<?xml version="1.0" encoding="UTF-8"?>',
        '<svg xmlns="http://www.w3.org/2000/svg" version="1.1" '
        f'width="{WIDTH}" height="{number(whole)}" viewBox="0 0 {WIDTH} {number(whole)}" '
        f'role="img" aria-labelledby="{of.prefix}-title {of.prefix}-desc" '
        f'font-family="{FONT}" fill="{INK}">',
        f'<title id="{of.prefix}-title">{said(of.title)}</title>',
        f'<desc id="{of.prefix}-desc">{said(" ".join(words))}</desc>',
        rect(0, 0, WIDTH, whole, PAPER),
        label(MARGIN, 36, of.title, size=20, weight="bold", room=WIDTH - 2 * MARGIN),
        label(MARGIN, 58, of.subtitle, size=13, fill=SOFT, room=WIDTH - 2 * MARGIN),
    ]
    return "\n".join([*head, *body, "</svg>"]) + "\n"


def _span(marks: Sequence[Mark]) -> Iterator[date]:
    """Yield the first date of every month from the first visit to the last."""
    if not marks:
        return
    month, last = marks[0].day.replace(day=1), max(mark.until for mark in marks)
    while month <= last:
        yield month
        month = (month + timedelta(31)).replace(day=1)


def _end(month: date) -> date:
    return month.replace(day=monthrange(month.year, month.month)[1])


def _on(month: date, marks: Iterable[Mark]) -> bool:
    return any(mark.day <= _end(month) and month <= mark.until for mark in marks)


def _x(day: date) -> float:
    return MARGIN + GUTTER + DAY * (day.day - 1)


def _name(month: date, speech: Language, *, short: bool = False) -> str:
    return f"{speech.month(month.month, short=short)} {month.year}"


def _head(y: float) -> Iterator[str]:
    for day in range(1, 32):
        at = MARGIN + GUTTER + DAY * (day - 0.5)
        yield label(at, y, str(day), size=11, fill=SOFT, anchor="middle")


def _fold(months: Sequence[date], y: float, speech: Language) -> Iterator[str]:
    first, last = months[0], months[-1]
    begins = _name(first, speech) if first.year != last.year else speech.month(first.month)
    template = "no visit in {last}" if first == last else "no visit in {first} to {last}"
    says = speech.tell(template, first=begins, last=_name(last, speech))
    yield rect(MARGIN, y, WIDTH - 2 * MARGIN, FOLD, OPEN)
    yield label(MARGIN + GUTTER, y + 16, says, size=11.5, fill=SOFT)


def _lanes(month: date, marks: Iterable[Mark]) -> list[list[Mark]]:
    """Return the windows that touch a month, in as few lanes as they need."""
    lanes: list[list[Mark]] = []
    for mark in marks:
        first, last = mark.first or mark.day, mark.last or mark.until
        if mark.past or (mark.first is None and mark.last is None):
            continue
        if last < month or first > _end(month):
            continue
        for lane in lanes:
            if (lane[-1].last or lane[-1].until) < first:
                lane.append(mark)
                break
        else:
            lanes.append([mark])
    return lanes


def _month(
    month: date,
    y: float,
    of: Months,
    marks: Sequence[tuple[int, Mark]],
    lanes: Sequence[Sequence[Mark]],
) -> Iterator[str]:
    end, top = _end(month), y + TITLE
    yield label(MARGIN, top + 15, _name(month, of.speech, short=True), size=12.5, weight="bold")
    for n in range(end.day):
        day = month + timedelta(n)
        fill = SHUT if of.shut(day) else OPEN
        yield rect(_x(day), top, DAY - 2, CELL, fill, stroke=FAINT)
    here = [(n, mark) for n, mark in marks if mark.day <= end and month <= mark.until]
    for place, (n, mark) in enumerate(here):
        begins = max(mark.day, month)
        right = _x(here[place + 1][1].day) if place + 1 < len(here) else WIDTH - MARGIN / 2
        left = _x(begins)
        if right > _x(end) and (not place or here[place - 1][1].until < begins - timedelta(4)):
            # At the end of a month a name begins before its box, rather than be cut.
            left = min(left, right - text_width(mark.title, 10.5))
        yield "<g>" + tooltip(mark.tells)
        yield from _named(mark, left, top - 4, right - left)
        yield from _box(n, mark, _x(begins), top, _x(min(mark.until, end)) + DAY - 2)
        yield "</g>"
    for lane, windows in enumerate(lanes):
        for mark in windows:
            yield from _window(mark, month, end, top + CELL + 3 + LANE * lane)


def _named(mark: Mark, x: float, y: float, room: float) -> Iterator[str]:
    fill = PAST if mark.past else INK
    whole = f"{mark.title} {mark.note}".strip()
    if room >= LEAST_NAME:
        words = whole if text_width(whole, 10.5) <= room else mark.title
        yield label(x, y, words, size=10.5, fill=fill, room=room)


def _box(n: int, mark: Mark, x: float, y: float, right: float) -> Iterator[str]:
    if mark.past or mark.planned:
        yield rect(x, y, right - x, CELL, PAST if mark.past else MAIN)
        ink = PAPER
    else:
        yield rect(x + 1, y + 1, right - x - 2, CELL - 2, PAPER, stroke=MAIN)
        ink = MAIN
    middle = x + (DAY - 2) / 2
    yield label(middle, y + 15, str(n), size=12, weight="bold", fill=ink, anchor="middle")


def _window(mark: Mark, month: date, end: date, y: float) -> Iterator[str]:
    """Draw a window's part in a month; a closed end has a tick, an open one none."""
    first, last = mark.first or mark.day, mark.last or mark.until
    left, right = _x(max(first, month)), _x(min(last, end)) + DAY - 2
    yield "<g>" + tooltip(mark.tells)
    yield rect(left, y, right - left, 3, WINDOW)
    if mark.first is not None and month <= mark.first:
        yield line(left, y - 1, left, y + 4, MAIN)
    if mark.last is not None and mark.last <= end:
        yield line(right, y - 1, right, y + 4, MAIN)
    yield "</g>"


def _legend(marks: Sequence[Mark], y: float, speech: Language) -> Iterator[str]:
    x = float(MARGIN)
    entries = [
        (any(m.planned and not m.past for m in marks), "planned", told("planned")),
        (
            any(not m.planned and not m.past for m in marks),
            "asked",
            told("asked for by the protocol"),
        ),
        (any(m.past for m in marks), "past", told("given")),
        (
            any(not m.past and (m.first or m.last) for m in marks),
            "window",
            told("allowed dates; a tick marks a limit"),
        ),
    ]
    for there, kind, sentence in entries:
        text = speech.said(sentence)
        if not there:
            continue
        match kind:
            case "planned":
                yield rect(x, y, 24, 16, MAIN)
            case "past":
                yield rect(x, y, 24, 16, PAST)
            case "asked":
                yield rect(x + 1, y + 1, 22, 14, PAPER, stroke=MAIN)
            case _:
                yield rect(x, y + 7, 24, 3, WINDOW)
                yield line(x, y + 5, x, y + 12, MAIN)
                yield line(x + 24, y + 5, x + 24, y + 12, MAIN)
        yield label(x + 31, y + 12, text, size=12, fill=SOFT)
        x += 31 + text_width(text, 12) + 22
