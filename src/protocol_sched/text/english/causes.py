"""
What a calendar, a clinic and a person ask of a plan, in English: one sentence for each cause.

Sentences begin in lower case and end without a full stop, as those of `english.rules` do.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import assert_never

import attrs

from protocol_sched.model.agenda import (
    Agenda,
    Rules,
)
from protocol_sched.model.availability import (
    ALWAYS,
    Commitment,
    DatedHours,
    Hours,
    LocalWindow,
    clock_text,
    hours_text,
    merged,
)
from protocol_sched.model.causes import (
    AsAnnounced,
    Cause,
    Closed,
    CourseEnds,
    CourseStarts,
    Declined,
    EscortFree,
    EscortHours,
    EvenlySpread,
    FewEscorts,
    HorizonBegins,
    HorizonEnds,
    InOrder,
    MustDrive,
    NoSuchKind,
    NotTwoDaysRunning,
    OneEscort,
    OneWeekday,
    OnlyWeekdays,
    OpeningHours,
    PersonAway,
    PersonBusy,
    PersonFree,
    PlacesTaken,
    PreferenceKept,
    Request,
    SameTime,
    SameWeekday,
    StaffTaken,
    StartTimes,
    TeamTaken,
    TooLateFor,
    Turnover,
    Wanted,
)
from protocol_sched.model.plain import WEEKDAYS
from protocol_sched.text.english.rules import binding_text
from protocol_sched.text.english.words import (
    counted,
    date_text,
    dates_text,
    day_text,
    listed,
    moment_text,
    named,
    title_of,
    weekdays_text,
    with_article,
)
from protocol_sched.text.language import FEW_DATES, drives_near


def origin_text(origin: object, agenda: Agenda) -> str:
    """
    Return a rule or a cause as one plain sentence.

    Raises:
        TypeError: ``origin`` is neither; a problem's constraints keep theirs unseen, so the
            type checker cannot tell.
    """
    if isinstance(origin, Rules):
        return binding_text(origin, agenda)
    if isinstance(origin, Cause):
        return cause_text(origin, agenda)
    raise TypeError(f"a rule or a cause is needed, got {type(origin).__name__}")


def cause_text(cause: Cause, agenda: Agenda, dates: Sequence[date] = ()) -> str:
    """
    Return what a calendar or the course asks: ``the clinic is closed on Fri 6 March``.

    Args:
        dates: Dates on which it matters. For a few of them hours are said for each, and those
            of the week otherwise.
    """
    match cause:
        case OpeningHours(work=str(work)) | Closed(work=str(work)) if work:
            return f"{cause_text(attrs.evolve(cause, work=''), agenda, dates)}, for {work} too"
        case TooLateFor():
            return f"{cause.work} would have had to begin by now"
        case Turnover():
            return f"two visits do not hold a {cause.needed} at once, work around them included"
        case OpeningHours():
            extra = {day: [w for one in cause.extra for w in one.on(day)] for day in dates}
            windows = [(day, merged((*cause.hours.on(day), *extra[day]))) for day in dates]
            if 0 < len(dates) <= FEW_DATES:
                return f"{cause.clinic} {_hours_on(windows, 'is open only', 'is closed', agenda)}"
            return f"{cause.clinic} is open {week_text(cause.hours)}"
        case Closed():
            return f"{cause.clinic} is closed {_dated(cause.closure, agenda)}"
        case StartTimes():
            return f"visits begin at multiples of {counted(cause.minutes, 'minute')}"
        case NoSuchKind():
            return f"{cause.clinic} has no {cause.needed}{_meant(cause.near)}"
        case PlacesTaken():
            return f"no {cause.place} is free for long enough{_on(dates, agenda)}"
        case StaffTaken():
            return f"not enough {cause.staff} time is free{_on(dates, agenda)}"
        case TeamTaken():
            who = listed([wanted_text(one) for one in cause.wanted])
            if cause.nobody:
                return f"the clinic's team has no {who}{_meant(cause.near)}"
            if cause.together:
                return f"not enough of the team is free together{_on(dates, agenda)}: {who}"
            return f"no {who} is free for long enough{_on(dates, agenda)}"
        case PersonFree():
            if 0 < len(dates) <= FEW_DATES:
                on = [(day, cause.hours.on(day)) for day in dates]
                return (
                    f"{_who(cause.person)} {_hours_on(on, 'is free only', 'is not free', agenda)}"
                )
            return f"{_who(cause.person)} is free {week_text(cause.hours)}"
        case OnlyWeekdays():
            return f"{_who(cause.person)} can come only on {weekdays_text(cause.weekdays)}"
        case PersonAway():
            return f"{_who(cause.person)} is away {_dated(cause.away, agenda)}"
        case PersonBusy():
            return f"{_who(cause.person)} is busy {_commitment(cause.commitment)}"
        case MustDrive():
            barred = "before a night's rest" if cause.rest else "while it is barred"
            says = f"{_who(cause.person)} has to drive {barred}"
            return f"{says}: {_drives(cause.commitment, dates, agenda)}"
        case EscortFree():
            free = "free whenever the ride home may begin"
            match cause.escorts:
                case ():
                    return "no escort is listed for the ride home"
                case (one,):
                    return f"{one} is not {free}"
                case several:
                    return f"none of {listed(several)} is {free}"
        case EscortHours():
            return _escort_hours(cause, agenda, dates)
        case InOrder():
            return "visits must stay in order"
        case CourseStarts():
            return f"the course starts on {day_text(cause.day, agenda)}"
        case CourseEnds():
            return f"the course ends by {day_text(cause.day, agenda)}"
        case HorizonBegins():
            return f"planning begins on {date_text(cause.first, year=True)}"
        case HorizonEnds():
            return f"planning ends on {date_text(cause.last, year=True)}"
        case Declined():
            return f"{listed(cause.escorts)} declined the ride home at the time announced"
        case SameTime():
            return f"every {cause.visit_type} begins at {clock_text(cause.minute)}"
        case SameWeekday():
            return f"every {cause.visit_type} is on {weekdays_text((cause.weekday,))}"
        case FewEscorts():
            return f"only {listed(cause.escorts)} are asked for the ride home"
        case EvenlySpread():
            return f"the visits of {cause.phase} are {evenly_text(cause.days)} apart"
        case NotTwoDaysRunning():
            return f"{_who(cause.person)} cannot come on two days running"
        case OneWeekday():
            return f"{_who(cause.person)} can come to visits of one kind only on one weekday"
        case OneEscort():
            return f"{_who(cause.person)} can come only with the same escort every time"
        case AsAnnounced():
            title = title_of(cause.visit, agenda)
            return f"people know {with_article(title)} on {moment_text(cause.start)}"
        case Request():
            return f"{request_text(cause, agenda)}, as asked for"
        case PreferenceKept():
            return f"{preference_text(cause)}, as asked for"
        case _:
            assert_never(cause)


def wanted_text(wanted: Wanted) -> str:
    """Return ``nurse with the skill port access``."""
    if not wanted.skills:
        return wanted.role
    word = "skill" if len(wanted.skills) == 1 else "skills"
    return f"{wanted.role} with the {word} {listed(wanted.skills)}"


def _meant(near: str) -> str:
    return f" (did you mean {near!r}?)" if near else ""


def _who(person: str) -> str:
    return person or "the person"


def _on(dates: Sequence[date], agenda: Agenda) -> str:
    if not dates:
        return ""
    return f" on {dates_text(dates, year=dates[0].year != agenda.as_of.year)}"


def _escort_hours(cause: EscortHours, agenda: Agenda, dates: Sequence[date]) -> str:
    if 0 < len(dates) <= FEW_DATES:
        away = {day for day in dates if any(one.on(day) for one in cause.away)}
        on = [(day, () if day in away else cause.available.on(day)) for day in dates]
        return f"{cause.escort} {_hours_on(on, 'can drive only', 'cannot drive', agenda)}"
    text = f"{cause.escort} can drive {week_text(cause.available)}"
    if cause.away:
        text += f", but not {listed([_dated(one, agenda) for one in cause.away])}"
    return text


def _hours_on(
    hours: Sequence[tuple[date, Sequence[LocalWindow]]], some: str, none: str, agenda: Agenda
) -> str:
    """Return ``can drive only 08:00-12:00 on Fri 5 March and cannot drive on Mon 8 March``."""
    by_hours: dict[str, list[date]] = {}
    for day, windows in hours:
        by_hours.setdefault(hours_text(windows), []).append(day)
    parts = []
    for text, days in by_hours.items():
        on = dates_text(days, year=days[0].year != agenda.as_of.year)
        parts.append(f"{none} on {on}" if text == "closed" else f"{some} {text} on {on}")
    return listed(parts)


def week_text(hours: Hours) -> str:
    """Return ``from Monday to Thursday 08:00-17:00 and on Fridays 08:00-15:30``."""
    runs: list[tuple[int, int, str]] = []
    for n, windows in enumerate(hours.week):
        text = hours_text(windows)
        if runs and runs[-1][1] == n - 1 and runs[-1][2] == text:
            runs[-1] = (runs[-1][0], n, text)
        else:
            runs.append((n, n, text))
    on_dates = [(day, windows) for day, windows in hours.dates if windows]
    if len(runs) == 1 and runs[0][2] == "closed" and on_dates:
        by_hours: dict[str, list[date]] = {}
        for day, windows in on_dates:
            by_hours.setdefault(hours_text(windows), []).append(day)
        return listed([f"on {dates_text(days)} {text}" for text, days in by_hours.items()])
    if len(runs) == 1:
        return {"all day": "at all times", "closed": "on no weekday"}.get(
            runs[0][2], f"every day {runs[0][2]}"
        )
    parts = []
    for first, last, text in runs:
        if text != "closed":
            on = f"on {WEEKDAYS[first]}s"
            if last > first:
                on = f"from {WEEKDAYS[first]} to {WEEKDAYS[last]}"
            parts.append(f"{on} {text}")
    return listed(parts)


def _commitment(commitment: Commitment) -> str:
    drives = " and needs to drive then" if commitment.needs_driving else ""
    return f"{week_text(commitment.hours)} ({commitment.what}){drives}"


def _drives(commitment: Commitment, dates: Sequence[date], agenda: Agenda) -> str:
    """Return ``on Wed 10 March 07:00-08:00 (school run)``."""
    near = drives_near(commitment, dates)
    on = [f"{_on(days, agenda).strip()} {hours_text(hours)}" for hours, days in near.items()]
    return f"{listed(on) or week_text(commitment.hours)} ({commitment.what})"


def request_text(request: Request, agenda: Agenda) -> str:
    """Return what is asked for: ``infusion 3 is on Tue 9 March at 10:00``."""
    if request.never is not None:
        no = "no visit is" if request.visit is None else f"{named(request.visit, agenda)} is not"
        return f"{no} on {day_text(request.never, agenda)}"
    who = "every visit" if request.visit is None else named(request.visit, agenda)
    return f"{who} is {requested_when(request, agenda)}"


def requested_when(request: Request, agenda: Agenda) -> str:
    """Return when: ``on Tue 9 March at 10:00``, ``on Mon 8 March or earlier``."""
    first = None if request.first is None else day_text(request.first, agenda)
    last = None if request.last is None else day_text(request.last, agenda)
    on = ""
    if first is not None and first == last:
        on = f"on {first}"
    elif first is not None and last is not None:
        on = f"between {first} and {last}"
    elif first is not None:
        on = f"on {first} or later"
    elif last is not None:
        on = f"on {last} or earlier"
    at = ""
    if request.earliest is not None and request.earliest == request.latest:
        at = f"at {clock_text(request.earliest)}"
    elif request.earliest is not None and request.latest is not None:
        at = f"between {clock_text(request.earliest)} and {clock_text(request.latest)}"
    elif request.earliest is not None:
        at = f"at {clock_text(request.earliest)} or later"
    elif request.latest is not None:
        at = f"at {clock_text(request.latest)} or earlier"
    return " ".join(filter(None, [on, at])) or "at any time"


def evenly_text(days: int) -> str:
    """Return the distances of visits evenly spread: ``3 or 4 days``."""
    return f"{days} or {days + 1} days"


def preference_text(cause: PreferenceKept) -> str:
    """Return a preference as a rule: ``every visit is on a Monday or a Wednesday``."""
    preferences = cause.preferences
    match cause.which:
        case "weekdays":
            return f"every visit is on {weekdays_text(preferences.weekdays)}"
        case "hours":
            hours = Hours() if preferences.hours is None else preferences.hours
            return f"every visit is {week_text(hours)}"
        case "not_two_days_running":
            return "no two visits are on two days running"
        case "earliest":
            return f"every visit begins at {clock_text(preferences.earliest or 0)} or later"
        case _:
            return f"every visit ends by {clock_text(preferences.latest or 0)}"


def _dated(dated: DatedHours, agenda: Agenda) -> str:
    first, last = day_text(dated.first, agenda), day_text(dated.last, agenda)
    on = f"on {first}" if dated.first == dated.last else f"from {first} to {last}"
    if dated.hours != ALWAYS[0]:
        on += f", {hours_text(dated.hours)}"
    return f"{on} ({dated.why})" if dated.why else on
