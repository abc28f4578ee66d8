"""Rules and causes in words: one sentence each, as the person who knows the rule would say it."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime, timedelta
from typing import assert_never

from protocol_sched.model.agenda import (
    Agenda,
    AtMost,
    FixedAt,
    NextWorkingDay,
    NotAfter,
    NotBefore,
    OnWeekdays,
    PastVisit,
    Spacing,
    WeekApart,
)
from protocol_sched.model.availability import DatedHours
from protocol_sched.model.causes import (
    Closed,
    EscortFree,
    HorizonEnds,
    MustDrive,
    OpeningHours,
    Origin,
    PersonAway,
    PersonBusy,
    PersonFree,
    PlacesTaken,
    StaffTaken,
    StartGrid,
)
from protocol_sched.model.rules import Between
from protocol_sched.model.spans import CalendarSpan, Span, SpanRange

_DAYS = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")
_MONTHS = (
    "January",
    "February",
    "March",
    "April",
    "May",
    "June",
    "July",
    "August",
    "September",
    "October",
    "November",
    "December",
)


def date_text(day: date, *, year: bool = False) -> str:
    """Return ``Fri 6 March``, with ``year`` ``Fri 6 March 2027``; the same in every locale."""
    text = f"{_DAYS[day.weekday()]} {day.day} {_MONTHS[day.month - 1]}"
    return f"{text} {day.year}" if year else text


def dates_text(days: Sequence[date]) -> str:
    """Return dates in words, runs shortened: ``Fri 6 March, Mon 9 to Thu 12 March``."""
    runs: list[list[date]] = []
    for day in days:
        if runs and day - runs[-1][1] == timedelta(days=1):
            runs[-1][1] = day
        else:
            runs.append([day, day])
    parts = []
    for first, last in runs:
        if first == last:
            parts.append(date_text(first))
        elif (first.year, first.month) == (last.year, last.month):
            parts.append(f"{_DAYS[first.weekday()]} {first.day} to {date_text(last)}")
        else:
            parts.append(f"{date_text(first)} to {date_text(last)}")
    if len(parts) > 8:
        parts = [*parts[:6], f"{len(parts) - 6} more stretches until {date_text(days[-1])}"]
    return listed(parts)


def listed(parts: Sequence[str]) -> str:
    """Return ``a``, ``a and b`` or ``a, b and c``."""
    return " and ".join(filter(None, [", ".join(parts[:-1]), *parts[-1:]]))


def named(end: str | PastVisit, agenda: Agenda) -> str:
    """Return what people call a visit that is due or was given."""
    if isinstance(end, PastVisit):
        return end.title
    return next((due.title for due in agenda.dues if due.id == end), end)


def origin_text(origin: object, agenda: Agenda) -> str:
    """
    Return a rule or a cause as one plain sentence without a full stop.

    Raises:
        TypeError: ``origin`` is neither.
    """
    if not isinstance(origin, Origin):
        raise TypeError(f"a rule or a cause is needed, got {type(origin).__name__}")
    match origin:
        case Spacing():
            return _spacing(origin, agenda)
        case NextWorkingDay():
            later, earlier = named(origin.later, agenda), named(origin.earlier, agenda)
            days = "the next working day" if origin.days == 1 else f"{origin.days} working days"
            return f"{later} comes {days} after {earlier}, Monday to Friday"
        case WeekApart():
            later, earlier = named(origin.later, agenda), named(origin.earlier, agenda)
            if origin.weeks == 0:
                return f"{later} is in the same calendar week as {earlier}"
            weeks = "week" if origin.weeks == 1 else "weeks"
            return f"{later} is {origin.weeks} calendar {weeks} after {earlier}"
        case AtMost():
            first, last = named(origin.visits[0], agenda), named(origin.visits[-1], agenda)
            return f"at most {origin.most} of {first} to {last} in any {origin.days} days"
        case NotBefore():
            return f"{named(origin.visit, agenda)} is not before {date_text(origin.day)}"
        case NotAfter():
            return f"{named(origin.visit, agenda)} is not after {date_text(origin.day)}"
        case OnWeekdays():
            return f"{named(origin.visit, agenda)} is on {_or(origin.weekdays)}"
        case FixedAt():
            when = f"{date_text(origin.start.date())} at {origin.start:%H:%M}"
            return f"{named(origin.visit, agenda)} is fixed on {when}"
        case OpeningHours():
            return f"{origin.clinic} is not open long enough"
        case Closed():
            return f"{origin.clinic} is closed {_dated(origin.closure)}"
        case StartGrid():
            return f"visits begin at multiples of {origin.minutes} minutes"
        case PlacesTaken():
            return f"every {origin.kind} is taken"
        case StaffTaken():
            return f"not enough {origin.kind} time is free"
        case PersonFree():
            return f"{origin.person} is not available"
        case PersonAway():
            return f"{origin.person} is away {_dated(origin.away)}"
        case PersonBusy():
            return f"{origin.person} has {origin.commitment.what}"
        case MustDrive():
            return (
                f"{origin.person} has to drive to {origin.commitment.what}"
                " and may not drive after a visit"
            )
        case EscortFree():
            if not origin.escorts:
                return "there is no escort for the ride home"
            verb = "is" if len(origin.escorts) == 1 else "are"
            no = "not" if len(origin.escorts) == 1 else "none of them"
            return f"{listed(origin.escorts)} {verb} {no} free for the ride home"
        case HorizonEnds():
            return f"planning looks no further than {date_text(origin.last, year=True)}"
        case _:
            assert_never(origin)


def _or(names: Sequence[str]) -> str:
    return " or ".join(filter(None, [", ".join(names[:-1]), *names[-1:]]))


def _dated(hours: DatedHours) -> str:
    if hours.first == hours.last:
        on = f"on {date_text(hours.first)}"
    else:
        on = f"from {date_text(hours.first)} to {date_text(hours.last)}"
    return f"{on} ({hours.why})" if hours.why else on


def _counted(span: Span) -> str:
    """Return a span with calendar days named as such: ``5 calendar days``."""
    text = str(span)
    if isinstance(span, CalendarSpan) and not span.by_months and not span.weeks:
        return text.replace(" day", " calendar day")
    return text


def _spacing(rule: Spacing, agenda: Agenda) -> str:
    later, earlier = named(rule.later, agenda), named(rule.earlier, agenda)
    least, most = rule.least, rule.most
    if rule.between is Between.END_AND_START:
        earlier = f"the end of {earlier}"
    if least is not None and least == most:
        return f"{later} comes {_counted(least)} after {earlier}"
    if least is not None and most is not None:
        return f"{later} comes {_counted_range(least, most)} after {earlier}"
    if least is not None:
        return f"{later} comes at least {_counted(least)} after {earlier}"
    if most is not None:
        return f"{later} comes at most {_counted(most)} after {earlier}"
    if rule.target is None:
        return f"{later} comes after {earlier}"
    return f"{later} comes best {_target(rule.target)} after {earlier}"


def _counted_range(least: Span, most: Span) -> str:
    return (
        _target(SpanRange(least, most))
        if type(least) is type(most)
        else (f"at least {_counted(least)} and at most {_counted(most)}")
    )


def _target(target: SpanRange) -> str:
    text = str(target)
    plain = isinstance(target.least, CalendarSpan) and not target.least.by_months
    return text.replace(" day", " calendar day") if plain else text


def moment_text(moment: datetime) -> str:
    """Return ``Wed 3 March 2027 at 09:30`` in the moment's own zone."""
    return f"{date_text(moment.date(), year=True)} at {moment:%H:%M}"
