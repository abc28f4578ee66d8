"""
Rules, causes and proofs in words: one sentence each, as the person who knows it would say it.

Sentences begin in lower case and end without a full stop, so that they fit into a list as well
as after a colon. Everything people read about a plan is said here and nowhere else.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from datetime import date, datetime, time, timedelta, tzinfo
from typing import assert_never

import attrs

from protocol_sched.model.agenda import (
    FLOOR,
    SPREAD,
    WAITING,
    Agenda,
    AtMost,
    FixedAt,
    Gated,
    NotAfter,
    NotBefore,
    Noticed,
    OfDates,
    OnDaysOfMonth,
    OnWeekdays,
    Overruled,
    PastVisit,
    Question,
    Rules,
    Spacing,
    Untested,
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
from protocol_sched.model.objective import ORDER, Level, Objective
from protocol_sched.model.plain import WEEKDAYS
from protocol_sched.model.rules import Between
from protocol_sched.model.schedule import Fits, Proof, Schedule, Unproved
from protocol_sched.model.spans import CalendarSpan, ElapsedSpan, Span, SpanRange, comparable
from protocol_sched.text.two_dates import in_english

DAY_NAMES = tuple(name[:3] for name in WEEKDAYS)
"""Weekdays in three letters, Monday first, the same in every locale."""
MONTH_NAMES = (
    *("January", "February", "March", "April", "May", "June", "July"),
    *("August", "September", "October", "November", "December"),
)

MORE_STRETCHES = 8
"""A list of more stretches of dates than this is cut short."""


# --- dates, lengths and lists ----------------------------------------------------------------


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
        return "" if least is None or least in _NOTHING else f"at least {least}"
    if least is None or (least in _NOTHING and most not in _NOTHING):
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
    if least.days == most.days or whole in _NOTHING or attrs.evolve(most, days=0) != whole:
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


_NOTHING = (CalendarSpan(), ElapsedSpan(0))


def as_calendar_days(text: str) -> str:
    """Return ``2 to 5 calendar days`` for ``2 to 5 days``; other lengths unchanged."""
    return re.sub(r"^((?:at (?:least|most) )?[\d to]+) (days?)$", r"\1 calendar \2", text)


# --- visits ----------------------------------------------------------------------------------


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
    return f"{title} on {_day(end.on, agenda)}{'' if end.counts else ', which did not count'}"


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


def _day(day: date, agenda: Agenda) -> str:
    return date_text(day, year=day.year != agenda.as_of.year)


# --- rules -----------------------------------------------------------------------------------


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


def binding_text(binding: Rules, agenda: Agenda) -> str:
    """
    Return a rule that binds a plan: ``infusion 3 comes 2 to 5 calendar days after infusion 2``.

    Args:
        agenda: Knows the visits' titles. Dates in the year it was made are written without it.
    """
    match binding:
        case Spacing():
            return _spacing(binding, agenda)
        case OfDates():
            return in_english(binding, named(binding.later, agenda), named(binding.earlier, agenda))
        case AtMost():
            titles = titles_text([title_of(visit, agenda) for visit in binding.visits])
            days = "on any day" if binding.days == 1 else f"in any {binding.days} days"
            return f"at most {binding.most} of {titles} {days}"
        case NotBefore():
            day = _day(binding.day, agenda)
            return f"{named(binding.visit, agenda)} is on {day} or later{_because(binding.rule)}"
        case NotAfter():
            day = _day(binding.day, agenda)
            return f"{named(binding.visit, agenda)} is on {day} or earlier{_because(binding.rule)}"
        case OnWeekdays():
            return f"{named(binding.visit, agenda)} is on {_weekdays(binding.weekdays)}"
        case OnDaysOfMonth():
            return f"{named(binding.visit, agenda)} is on {binding.days} of a month"
        case FixedAt():
            when = f"{_day(binding.start.date(), agenda)} at {binding.start:%H:%M}"
            return f"{named(binding.visit, agenda)} is fixed on {when}"
        case Noticed():
            begins = f"is on {_day(binding.not_before.date(), agenda)}"
            if binding.not_before.time() != time():
                begins += f" at {binding.not_before:%H:%M}"
            text = f"{named(binding.visit, agenda)} needs {binding.notice} of notice: it {begins} "
            known = ", or where people know it already" if binding.stays is not None else ""
            return f"{text}or later{known}"
        case Gated():
            return _gated(binding, agenda)
        case _:
            assert_never(binding)


def _gated(rule: Gated, agenda: Agenda) -> str:
    """Return ``infusion 1 comes at least 2 weeks after vaccine (passed on Wed 3 March)``."""
    limits = as_calendar_days(range_text(rule.least, rule.most))
    row = f"{rule.in_a_row} in a row" if rule.in_a_row > 1 else ""
    asked = ", ".join(filter(None, (str(rule.band) if rule.band else "", row)))
    test = f"{rule.gate} ({asked})" if asked else rule.gate
    text = f"{named(rule.visit, agenda)} comes {f'{limits} ' if limits else ''}after {test}"
    if rule.receipt:
        text = f"{named(rule.visit, agenda)} comes {f'{limits} ' if limits else ''}after "
        text += f"{rule.gate} is received"
    if rule.tests:
        days = listed([_day(test.on, agenda) for test in rule.tests], "or")
        return f"{text} ({'received' if rule.receipt else 'passed'} on {days})"
    if rule.instead is not None:
        return f"{text}, or from {_day(rule.instead.on, agenda)} on with {rule.instead.title}"
    if rule.again is None:
        return text
    if rule.receipt:
        return f"{text} (not on record as received; {_day(rule.again, agenda)} or later)"
    return f"{text} (not on record as passed; {_day(rule.again, agenda)} or later)"


def _because(rule: str) -> str:
    reasons = {
        "today": "the day this was asked",
        "missed": "it was missed the day before",
        "deferred": "it was put off until then",
        "start": "the course starts then",
        "request": "it is asked for then",
        "finish": "the course ends by then",
    }
    return f" ({reasons[rule]})" if rule in reasons else ""


def backward(span: Span) -> Span:
    """Return a distance as it is from the other end: 14 days for 14 days before."""
    return ElapsedSpan(-span.minutes) if isinstance(span, ElapsedSpan) else span.times(-1)


def _backward(rule: Spacing, later: str, earlier: str) -> str:
    """Return a rule about a visit that comes before the one it is measured from."""
    assert rule.most is not None
    limits = range_text(backward(rule.most), None if rule.least is None else backward(rule.least))
    text = f"{later} comes {as_calendar_days(limits)} before {earlier}"
    if rule.target is None:
        return text
    last = rule.target.most or rule.target.least
    best = lengths_text(SpanRange(backward(last), backward(rule.target.least)))
    return f"{text}, best {best}"


def _spacing(rule: Spacing, agenda: Agenda) -> str:
    later, earlier = named(rule.later, agenda), named(rule.earlier, agenda)
    begins = rule.between is Between.STARTS
    if rule.rule == "order":
        if isinstance(rule.least, ElapsedSpan):
            return f"{later} begins after {earlier} ends"
        return f"{later} comes on a later date than {earlier}"
    if rule.rule == FLOOR:
        return _floor(rule, later, earlier)
    if rule.rule == WAITING and isinstance(rule.earlier, PastVisit):
        return f"{later} comes best on {_day(rule.earlier.on, agenda)}, the first possible date"
    least, most, target = rule.least, rule.most, rule.target
    if most is not None and comparable(most) < 0:
        return _backward(rule, later, earlier)
    if least is most is None and target is not None and comparable(target.least) < 0:
        last = target.most or target.least
        best = lengths_text(SpanRange(backward(last), backward(target.least)))
        return f"{later} comes best {as_calendar_days(best)} before {earlier}"
    limits = range_text(least, most)
    elapsed = any(isinstance(span, ElapsedSpan) for span in (least, most)) or (
        target is not None and isinstance(target.least, ElapsedSpan)
    )
    after = f"after {earlier}" if begins else f"after the end of {earlier}"
    verb = "begins" if elapsed else "comes"
    if elapsed and begins:
        after = f"after {earlier} begins"
    if rule.rule == "gate" and limits and not elapsed and not isinstance(rule.earlier, PastVisit):
        return f"{earlier} is {as_calendar_days(limits)} before {later}"
    around = around_text(least, most) if begins else ""
    if around:
        best = "" if target is None else f", best {target_text(target)}"
        return f"{later} comes {around} {earlier}{best}"
    if limits and target is not None:
        return f"{later} {verb} {as_calendar_days(limits)} {after}, best {lengths_text(target)}"
    if limits:
        same_day = least == most == CalendarSpan()
        if same_day and begins:
            return f"{later} is on the day of {earlier}"
        return f"{later} {verb} {as_calendar_days(limits)} {after}"
    if target is not None:
        if target == SpanRange(CalendarSpan(), CalendarSpan()) and begins:
            return f"{later} comes best {on_the_day_of(earlier)}"
        says = f"{later} {verb} best {as_calendar_days(lengths_text(target))} {after}"
        return f"{says}, spread over the week" if rule.rule == SPREAD else says
    return f"{later} is measured from {earlier}"


def floor_length(rule: Spacing) -> Span:
    """Return how far a floor is from what it is measured from, whichever comes first."""
    if rule.least is not None:
        return rule.least
    match rule.most:
        case CalendarSpan():
            return rule.most.times(-1)
        case ElapsedSpan():
            return ElapsedSpan(-rule.most.minutes)
        case None:
            raise ValueError(f"floor of {rule.later!r} has no length")
        case _:
            assert_never(rule.most)


def in_days(span: Span) -> Span:
    """Return weeks as days: six days, and not a week less a day; other lengths unchanged."""
    if isinstance(span, CalendarSpan) and not span.by_months:
        return CalendarSpan(days=span.in_days)
    return span


def _floor(rule: Spacing, later: str, earlier: str) -> str:
    end = "" if rule.between is Between.STARTS else "the end of "
    apart = as_calendar_days(str(floor_length(rule)))
    if rule.least == CalendarSpan() and not end:
        return (
            f"{later} is not before its target, {on_the_day_of(earlier)} "
            "(no earlier limit is published)"
        )
    if rule.least is None:
        return (
            f"{later} is not after its target, {apart} before {end}{earlier} "
            "(no later limit is published)"
        )
    return (
        f"{later} is not before its target, {apart} after {end}{earlier} "
        "(no earlier limit is published)"
    )


def overruled_text(one: Overruled, agenda: Agenda) -> str:
    """Return ``infusion 2 is fixed on Mon 8 March at 09:00: that overrules ...``."""
    return f"{binding_text(one.by, agenda)}; that overrules: {binding_text(one.rule, agenda)}"


def fits_text(fits: Fits, agenda: Agenda) -> str:
    """Return ``5 of 12 treatments fit by Mon 26 April; infusion 6 would be on Mon 3 May``."""
    said = f"{fits.count or 'none'} of the {counted(fits.of, 'treatment')} still due"
    said += f" {'fits' if fits.count <= 1 else 'fit'} by {_day(fits.by, agenda)}"
    return f"{said}; {named(fits.next, agenda)} would be on {_day(fits.next_on, agenda)}"


def later_text(schedule: Schedule) -> str:
    """Return ``3 visits more come after Fri 30 April 2027``; empty where none is left out."""
    if not schedule.later or schedule.until is None:
        return ""
    after = date_text(schedule.until, year=True)
    if len(schedule.later) == 1:
        return f"1 more visit is planned after {after} and not shown"
    return f"{len(schedule.later)} more visits are planned after {after} and not shown"


def _weekdays(names: Sequence[str]) -> str:
    days = [name for name in WEEKDAYS if name in names]
    places = [WEEKDAYS.index(name) for name in days]
    if len(days) > 2 and places == list(range(places[0], places[-1] + 1)):
        return f"a day from {days[0]} to {days[-1]}"
    return listed([f"a {name}" for name in days], "or") if days else "no weekday"


# --- causes ----------------------------------------------------------------------------------


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
            return f"{_who(cause.person)} can come only on {_weekdays(cause.weekdays)}"
        case PersonAway():
            return f"{_who(cause.person)} is away {_dated(cause.away, agenda)}"
        case PersonBusy():
            return f"{_who(cause.person)} is busy {_commitment(cause.commitment)}"
        case MustDrive():
            barred = "before a night's rest" if cause.rest else "while it is barred"
            says = f"{_who(cause.person)} has to drive {barred}"
            return f"{says}: {_drives(cause.commitment, dates, agenda)}"
        case EscortFree():
            free = "free for the whole time in which the ride home can begin"
            match cause.escorts:
                case ():
                    return "there is nobody to ask for the ride home"
                case (one,):
                    return f"{one} is not {free}"
                case several:
                    return f"none of {listed(several)} is {free}"
        case EscortHours():
            return _escort_hours(cause, agenda, dates)
        case InOrder():
            return "the visits come in their order"
        case CourseStarts():
            return f"the course starts on {_day(cause.day, agenda)}"
        case CourseEnds():
            return f"the course ends by {_day(cause.day, agenda)}"
        case HorizonBegins():
            return f"planning begins on {date_text(cause.first, year=True)}"
        case HorizonEnds():
            return f"planning looks no further than {date_text(cause.last, year=True)}"
        case Declined():
            return f"{listed(cause.escorts)} said no to the ride home at the time people know"
        case SameTime():
            return f"every {cause.visit_type} begins at {clock_text(cause.minute)}"
        case SameWeekday():
            return f"every {cause.visit_type} is on {_weekdays((cause.weekday,))}"
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


FEW_DATES = 3
"""For so many dates somebody's hours are said for each; for more, those of the week."""


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
    drives = " and has to drive then" if commitment.needs_driving else ""
    return f"{week_text(commitment.hours)} ({commitment.what}){drives}"


def drives_near(
    commitment: Commitment, dates: Sequence[date]
) -> dict[tuple[LocalWindow, ...], list[date]]:
    """
    Return when a person drives on the dates of visits and on the mornings after, by the hours.

    Empty where there are too many dates for each to be told.
    """
    found: dict[tuple[LocalWindow, ...], list[date]] = {}
    if len(dates) > FEW_DATES:
        return found
    for day in sorted({day + timedelta(days=n) for day in dates for n in (0, 1)}):
        if windows := commitment.hours.on(day):
            found.setdefault(windows, []).append(day)
    return found


def _drives(commitment: Commitment, dates: Sequence[date], agenda: Agenda) -> str:
    """Return ``on Wed 10 March 07:00-08:00 (school run)``."""
    near = drives_near(commitment, dates)
    on = [f"{_on(days, agenda).strip()} {hours_text(hours)}" for hours, days in near.items()]
    return f"{listed(on) or week_text(commitment.hours)} ({commitment.what})"


def request_text(request: Request, agenda: Agenda) -> str:
    """Return what is asked for: ``infusion 3 is on Tue 9 March at 10:00``."""
    if request.never is not None:
        no = "no visit is" if request.visit is None else f"{named(request.visit, agenda)} is not"
        return f"{no} on {_day(request.never, agenda)}"
    who = "every visit" if request.visit is None else named(request.visit, agenda)
    return f"{who} is {requested_when(request, agenda)}"


def requested_when(request: Request, agenda: Agenda) -> str:
    """Return when: ``on Tue 9 March at 10:00``, ``on Mon 8 March or earlier``."""
    first = None if request.first is None else _day(request.first, agenda)
    last = None if request.last is None else _day(request.last, agenda)
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
            return f"every visit is on {_weekdays(preferences.weekdays)}"
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
    first, last = _day(dated.first, agenda), _day(dated.last, agenda)
    on = f"on {first}" if dated.first == dated.last else f"from {first} to {last}"
    if dated.hours != ALWAYS[0]:
        on += f", {hours_text(dated.hours)}"
    return f"{on} ({dated.why})" if dated.why else on


# --- what is known about a plan --------------------------------------------------------------


def objective_text(objective: Objective) -> str:
    """Return what a plan costs: ``0 days off target, 1 preference not met, ...``."""
    return ", ".join(filter(None, (_cost(level, objective) for level in objective.order)))


def _cost(level: Level, objective: Objective) -> str:
    """Return what a plan costs in a level, or nothing where that goes without saying."""
    match level:
        case Level.BREACH if objective.breach:
            return f"{counted(objective.breach, 'day')} outside broken limits"
        case Level.DEVIATION:
            return f"{counted(objective.deviation, 'day')} off target"
        case Level.PREFERENCES:
            unmet = objective.preferences
            return f"{unmet} preference not met" if unmet == 1 else f"{unmet} preferences not met"
        case Level.FINISH if objective.finish is not None:
            return f"last visit {date_text(objective.finish, year=True)}"
        case _:
            return ""


_BEST = {
    Level.DEVIATION: "fewest days off target",
    Level.PREFERENCES: "most preferences met",
    Level.FINISH: "earliest end",
    Level.TIME_OF_DAY: "earliest times",
}


def best_text(order: Iterable[Level] = ORDER) -> str:
    """Return ``fewest days off target, then most preferences met, ...``: what is best, in order."""
    return ", then ".join(_BEST[level] for level in order if level in _BEST)


def proof_text(
    proof: Proof,
    objective: Objective | None,
    unproved: Unproved = Unproved.EFFORT,
    agenda: Agenda | None = None,
    hinges: Sequence[str] = (),
) -> str:
    """
    Return what is known about an answer, with an objective about a schedule that was found.

    Args:
        agenda: Tells whether a limit was broken by what happened, and whether the course is longer
            than what was laid out of it; then it is said what the proof is about.
        hinges: Titles of visits whose dates change the rules of others, where nothing is proved.
    """
    order = ORDER if objective is None else objective.order
    match proof:
        case Proof.OPTIMAL if agenda is not None and agenda.broken:
            return (
                "not every rule is kept, as said above; proved: no plan is fewer days outside the "
                "broken limits, nor, with as few, better on target, preferences, end and times"
                f"{_of_first(agenda)}"
            )
        case Proof.OPTIMAL if agenda is not None and agenda.cut_after:
            return (
                f"proved best of the first {agenda.cut_after} visits alone, not of the whole "
                f"course: {best_text(order)}"
            )
        case Proof.OPTIMAL:
            return f"proved best: {best_text(order)}"
        case Proof.IMPOSSIBLE:
            return "proved: no plan keeps every rule"
        case Proof.NOT_PROVED if unproved is Unproved.OPEN:
            return "not proved best: an open question decides about some of these dates"
        case Proof.NOT_PROVED if unproved is Unproved.LATE and objective is None:
            return f"no plan was found: {_hinging(hinges)}; none is ruled out"
        case Proof.NOT_PROVED if unproved is Unproved.LATE:
            return f"not proved best: {_hinging(hinges)}"
        case Proof.NOT_PROVED if objective is None:
            return "the allowed effort ended before a plan was found; none is ruled out"
        case Proof.NOT_PROVED:
            bound = counted(objective.bound, "day")
            return (
                "not proved best: the allowed effort ended first; "
                f"no plan has fewer than {bound} off target"
            )
        case _:
            assert_never(proof)


def _hinging(hinges: Sequence[str]) -> str:
    """Return ``the date of infusion 3 changes the rules of later visits, and ...``."""
    if len(hinges) > 1:
        dates = f"the dates of {titles_text(hinges)} change"
        return f"{dates} the rules of later visits, and not all of them were tried"
    of = titles_text(hinges) or "one visit"
    return f"the date of {of} changes the rules of later visits, and not all its dates were tried"


def _of_first(agenda: Agenda) -> str:
    return f" (of the first {agenda.cut_after} visits alone)" if agenda.cut_after else ""


def untested_text(one: Untested) -> str:
    """Return ``no blood test on record as passed before infusion 1 to infusion 3``."""
    kept = "received" if one.receipt else "passed"
    return f"no {one.gate} on record as {kept} before {titles_text(one.visits)}"


def question_text(question: Question) -> str:
    """Return a question with its choices: ``restart or carry on? (restart, carry on)``."""
    choices = f" ({listed(question.choices, 'or')})" if question.choices else ""
    return f"{question.asks}{choices}"


def unrecorded_text(past: PastVisit, zone: tzinfo | None = None) -> str:
    """Return ``not recorded: infusion 1, Thu 4 March 2027 at 08:00; ... Was it?``."""
    when = str(past.on)
    if past.start is not None:
        when = moment_text(past.start if zone is None else past.start.astimezone(zone))
    return f"not recorded: {past.title}, {when}; planned as if it was given. Was it?"
