"""Numbers, lengths, dates, lists and titles in English."""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import date, datetime, timedelta

import attrs

from protocol_sched.model.agenda import (
    Agenda,
    PastVisit,
)
from protocol_sched.model.plain import WEEKDAYS
from protocol_sched.model.spans import CalendarSpan, ElapsedSpan, Span, SpanRange, comparable

DAY_NAMES = tuple(name[:3] for name in WEEKDAYS)
"""Weekdays in three letters, Monday first, the same in every locale."""


MONTH_NAMES = (
    *("January", "February", "March", "April", "May", "June", "July"),
    *("August", "September", "October", "November", "December"),
)


MORE_STRETCHES = 8
"""A list of more stretches of dates than this is cut short."""


def date_text(day: date, *, year: bool = False) -> str:
    """Return ``Fri 6 March``, with ``year`` ``Fri 6 March 2027``; the same in every locale."""
    text = f"{DAY_NAMES[day.weekday()]} {day.day} {MONTH_NAMES[day.month - 1]}"
    return f"{text} {day.year}" if year else text


def moment_text(moment: datetime) -> str:
    """Return ``Wed 3 March 2027 at 09:30`` in the moment's own zone."""
    return f"{date_text(moment.date(), year=True)} at {moment:%H:%M}"


def dates_text(days: Sequence[date], *, year: bool = False) -> str:
    """
    Return dates in words, runs shortened: ``Fri 6 March and Mon 9 to Thu 12 March``.

    Args:
        days: In order, each once.
        year: Write the year; it is also written where the dates lie in several.
    """
    runs: list[list[date]] = []
    for day in days:
        if runs and day - runs[-1][1] == timedelta(days=1):
            runs[-1][1] = day
        else:
            runs.append([day, day])
    cut = len(runs) > MORE_STRETCHES
    shown = runs[: MORE_STRETCHES - 2] if cut else runs
    year = year or (bool(days) and days[0].year != days[-1].year)
    parts = []
    for n, (first, last) in enumerate(shown):
        # Month and year are written once for all the dates that share them.
        after = shown[n + 1][0] if n + 1 < len(shown) else None
        start = "" if first == last else f"{_short_text(first, last, year)} to "
        parts.append(f"{start}{_short_text(last, after, year)}")
    if cut:
        left = len(runs) - len(shown)
        parts.append(f"{left} more stretches until {date_text(days[-1], year=year)}")
    return listed(parts)


def _short_text(day: date, after: date | None, year: bool) -> str:
    """Return a date without the month and the year that the date after it has too."""
    if after is not None and (day.year, day.month) == (after.year, after.month):
        return f"{DAY_NAMES[day.weekday()]} {day.day}"
    return date_text(day, year=year and (after is None or after.year != day.year))


def listed(parts: Sequence[str], word: str = "and") -> str:
    """Return ``a``, ``a and b`` or ``a, b and c``."""
    return f" {word} ".join(filter(None, [", ".join(parts[:-1]), *parts[-1:]]))


def counted(number: int, thing: str) -> str:
    """Return ``1 day`` or ``3 days``."""
    return f"{number} {thing}" if number == 1 else f"{number} {thing}s"


def elapsed_text(minutes: int) -> str:
    """Return ``45 minutes``, ``72 hours`` or ``49 hours 30 minutes``."""
    hours, rest = divmod(minutes, 60)
    parts = [counted(hours, "hour")] if hours else []
    return " ".join([*parts, counted(rest, "minute")] if rest or not hours else parts)


def range_text(least: Span | None, most: Span | None) -> str:
    """
    Return what two limits allow: ``2 to 5 days``, ``at least 48 hours``, ``at most 30 days``.

    A least length of zero is no limit; empty where there is none.
    """
    if (
        least is not None
        and most is not None
        and (type(least) is not type(most) or comparable(most) < comparable(least))
    ):
        # Days and hours make no range, nor do limits that contradict each other.
        return f"at least {least} and at most {most}"
    if most is None:
        return "" if least is None or least in NOTHING else f"at least {least}"
    if least is None or (least in NOTHING and most not in NOTHING):
        return f"at most {most}"
    return lengths_text(SpanRange(least, most))


def around_text(least: Span | None, most: Span | None) -> str:
    """
    Return limits on both sides of a date: ``within 7 days of``, ``3 days before to 5 days after``.

    Empty for all other limits.
    """
    match least, most:
        case CalendarSpan(), CalendarSpan() if comparable(least) < 0 < comparable(most):
            if least.times(-1) == most:
                return f"within {most} of"
            return f"{least.times(-1)} before to {most} after"
        case _:
            return ""


def lengths_text(lengths: SpanRange) -> str:
    """
    Return a range of lengths in words.

    Ends that differ only by days around months or weeks are told by these days:
    ``12 months (2 days earlier to 3 days later)``.
    """
    least, most = lengths.least, lengths.most
    if not isinstance(least, CalendarSpan) or not isinstance(most, CalendarSpan):
        return str(lengths)
    whole = attrs.evolve(least, days=0)
    if least.days == most.days or whole in NOTHING or attrs.evolve(most, days=0) != whole:
        return str(lengths)
    if least.days > 0 or most.days < 0:
        return str(lengths)
    earlier = f"{counted(-least.days, 'day')} earlier"
    later = f"{counted(most.days, 'day')} later"
    if not least.days or not most.days:
        return f"{whole} (up to {later if most.days else earlier})"
    return f"{whole} ({earlier} to {later})"


def target_text(target: SpanRange) -> str:
    """Return a target in words: ``2 to 3 days``, ``on the day itself``."""
    on_the_day = target == SpanRange(CalendarSpan(), CalendarSpan())
    return "on the day itself" if on_the_day else lengths_text(target)


NOTHING = (CalendarSpan(), ElapsedSpan(0))


def as_calendar_days(text: str) -> str:
    """Return ``2 to 5 calendar days`` for ``2 to 5 days``; other lengths unchanged."""
    return re.sub(r"^((?:at (?:least|most) )?[\d to]+) (days?)$", r"\1 calendar \2", text)


def title_of(end: str | PastVisit, agenda: Agenda) -> str:
    """Return the title of a visit given or due; an identity that is unknown stays as it is."""
    if isinstance(end, PastVisit):
        return end.title
    titles = {visit.id: visit.title for visit in agenda.past}
    titles |= {due.id: due.title for due in agenda.dues}
    return titles.get(end, end)


def named(end: str | PastVisit, agenda: Agenda) -> str:
    """Return what a sentence calls a visit: ``infusion 3``, ``the evaluation``."""
    title = with_article(title_of(end, agenda))
    if isinstance(end, str):
        return title
    return f"{title} on {day_text(end.on, agenda)}{'' if end.counts else ', which did not count'}"


def with_article(title: str) -> str:
    """Return ``the evaluation``; a title with a number, such as ``infusion 3``, needs none."""
    numbered = title[-1:].isdigit() or re.match(r"day \d", title) is not None
    return title if numbered else f"the {title}"


def on_the_day_of(name: str) -> str:
    """Return ``on the day of infusion 1``; what is itself a day is ``on the day asked for``."""
    return f"on {name}" if name.startswith("the day ") else f"on the day of {name}"


def titles_text(titles: Sequence[str]) -> str:
    """Return titles in their order, numbered runs shortened: ``infusion 1 to infusion 6``."""
    runs: list[list[str]] = []
    for title in titles:
        if runs and _next_title(runs[-1][-1]) == title:
            runs[-1].append(title)
        else:
            runs.append([title])
    parts: list[str] = []
    for run in runs:
        if len(run) > 2:
            parts.append(f"{run[0]} to {run[-1]}")
        else:
            parts += [with_article(title) for title in run]
    return listed(parts)


def _next_title(title: str) -> str | None:
    match = re.fullmatch(r"(.*\D)(\d+)", title)
    return f"{match[1]}{int(match[2]) + 1}" if match else None


def day_text(day: date, agenda: Agenda) -> str:
    return date_text(day, year=day.year != agenda.as_of.year)


def weekdays_text(names: Sequence[str]) -> str:
    days = [name for name in WEEKDAYS if name in names]
    places = [WEEKDAYS.index(name) for name in days]
    if len(days) > 2 and places == list(range(places[0], places[-1] + 1)):
        return f"a day from {days[0]} to {days[-1]}"
    return listed([f"a {name}" for name in days], "or") if days else "no weekday"
