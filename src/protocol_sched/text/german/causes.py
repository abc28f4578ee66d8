"""What a calendar, a clinic and a person ask of a plan, in German."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import assert_never

import attrs

from protocol_sched.model.availability import (
    ALWAYS,
    DatedHours,
    Hours,
    LocalWindow,
    clock_text,
    merged,
)
from protocol_sched.model.causes import (
    AsAnnounced,
    Asked,
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
)
from protocol_sched.text.german import words
from protocol_sched.text.language import FEW_DATES, drives_near
from protocol_sched.text.naming import Naming

OPEN, SHUT = "hat {on} nur {hours} geöffnet", "ist {on} geschlossen"
FREE, NOT_FREE = "{on} nur {hours} frei", "{on} nicht frei"
DRIVES, CANNOT_DRIVE = "kann {on} nur {hours} fahren", "kann {on} nicht fahren"
"""Where the hours of some dates stand in a sentence."""


def cause_text(cause: Cause, dates: Sequence[date], names: Naming) -> str:
    match cause:
        case OpeningHours(work=str(work)) | Closed(work=str(work)) if work:
            said = cause_text(attrs.evolve(cause, work=""), dates, names)
            return f"{said}, auch für {names.work(work)}"
        case TooLateFor():
            work = names.work(cause.work)
            return f"hätte schon beginnen müssen: {work}"
        case Turnover():
            kind = names.place(cause.needed)
            return f"nicht für zwei Termine zugleich, samt Vor- und Nacharbeit: {kind}"
        case OpeningHours():
            clinic = names.clinic(cause.clinic)
            if 0 < len(dates) <= FEW_DATES:
                extra = {day: [w for one in cause.extra for w in one.on(day)] for day in dates}
                on = [(day, merged((*cause.hours.on(day), *extra[day]))) for day in dates]
                return f"{clinic} {_hours_on(on, OPEN, SHUT, names)}"
            return f"{clinic} hat geöffnet: {words.week(cause.hours)}"
        case Closed():
            clinic = names.clinic(cause.clinic)
            return f"{clinic} ist geschlossen {dated_text(cause.closure, names)}"
        case StartTimes():
            return f"Termine beginnen alle {cause.minutes} Minuten"
        case NoSuchKind():
            meant = words.meant(cause.near if names.full else "")
            return f"{names.clinic(cause.clinic)} hat nicht: {names.place(cause.needed)}{meant}"
        case PlacesTaken():
            return f"nicht lange genug frei{_on(dates, names)}: {names.place(cause.place)}"
        case StaffTaken():
            return f"nicht genug frei{_on(dates, names)}: {names.staff(cause.staff)}"
        case TeamTaken():
            who = words.listed([words.wanted(names.wanted(one)) for one in cause.wanted])
            if cause.nobody:
                return f"nicht im Team: {who}{words.meant(cause.near if names.full else '')}"
            if cause.together:
                return f"nicht zusammen lange genug frei{_on(dates, names)}: {who}"
            return f"nicht lange genug frei{_on(dates, names)}: {who}"
        case PersonFree():
            who = _who(cause.person, names)
            if 0 < len(dates) <= FEW_DATES:
                free = [(day, cause.hours.on(day)) for day in dates]
                return f"{who} {_hours_on(free, FREE, NOT_FREE, names)}"
            return f"{who} frei: {words.week(cause.hours)}"
        case OnlyWeekdays():
            who = _can(cause.person, names)
            return f"{who} nur an einem {words.weekdays(cause.weekdays)} kommen"
        case PersonAway():
            who = _who(cause.person, names)
            return f"{who} abwesend {dated_text(cause.away, names)}"
        case PersonBusy():
            who = _who(cause.person, names)
            what, hours = names.what(cause.commitment.what), cause.commitment.hours
            drives = ""
            if cause.commitment.needs_driving:
                drives = f" und {'müssen' if names.you else 'muss'} dann selbst fahren"
            return f"{who} {words.week(hours)} verhindert{drives} ({what})"
        case MustDrive():
            who = "Sie müssen" if names.you else f"{names.person(cause.person)} muss"
            barred = "vor einer Nachtruhe" if cause.rest else "in der fahrfreien Zeit"
            near = drives_near(cause.commitment, dates).items()
            some = [f"am {_days(days, names)} {words.window(hours)}" for hours, days in near]
            when = words.listed(some) or words.week(cause.commitment.hours)
            return f"{who} {barred} selbst fahren: {when} ({names.what(cause.commitment.what)})"
        case EscortFree():
            if not cause.escorts:
                return "es ist keine Begleitperson eingetragen"
            who = words.listed([names.escort(name) for name in cause.escorts], "oder")
            return f"nicht frei für die ganze Zeit der Abholung: {who}"
        case EscortHours():
            return _escort(cause, dates, names)
        case InOrder():
            return "die Termine kommen in ihrer Reihenfolge"
        case CourseStarts():
            return f"die Termine beginnen am {words.day(cause.day, names)}"
        case CourseEnds():
            return f"die Termine enden spätestens am {words.day(cause.day, names)}"
        case HorizonBegins():
            return f"geplant wird ab {words.date_text(cause.first, year=True)}"
        case HorizonEnds():
            return f"geplant wird nur bis {words.date_text(cause.last, year=True)}"
        case Declined():
            who = words.listed([names.escort(name) for name in cause.escorts])
            return f"für die bekannte Zeit hat abgesagt: {who}"
        case SameTime():
            kind = cause.visit_type if names.full else "Termin"
            return f"gewünscht: {kind} immer um {clock_text(cause.minute)} Uhr"
        case SameWeekday():
            kind = cause.visit_type if names.full else "Termin"
            return f"gewünscht: {kind} immer an einem {words.weekdays((cause.weekday,))}"
        case FewEscorts():
            who = words.listed([names.escort(name) for name in cause.escorts], "oder")
            return f"gewünscht: Begleitung nur durch {who}"
        case EvenlySpread():
            return f"gewünscht: alle {cause.days} oder {cause.days + 1} Tage ein Termin"
        case NotTwoDaysRunning():
            return f"{_can(cause.person, names)} nicht an zwei Tagen nacheinander kommen"
        case OneWeekday():
            who = _can(cause.person, names)
            return f"{who} zu Terminen einer Art nur am selben Wochentag kommen"
        case OneEscort():
            return f"{_can(cause.person, names)} nur immer mit derselben Begleitung kommen"
        case AsAnnounced():
            return f"{names.visit(cause.visit)} ist bekannt für {words.moment_text(cause.start)}"
        case Request() | PreferenceKept():
            return f"gewünscht: {request_text(cause, names)}"
        case _:
            assert_never(cause)


def _can(person: str, names: Naming) -> str:
    return "Sie können" if names.you else f"{names.person(person)} kann"


def _who(person: str, names: Naming) -> str:
    return "Sie sind" if names.you else f"{names.person(person)} ist"


def _on(dates: Sequence[date], names: Naming) -> str:
    return f" am {_days(dates, names)}" if dates else ""


def _days(days: Sequence[date], names: Naming) -> str:
    return words.dates_text(days, year=bool(days) and names.far(days[0]))


def _hours_on(
    hours: Sequence[tuple[date, Sequence[LocalWindow]]],
    some: str,
    none: str,
    names: Naming,
) -> str:
    by_hours: dict[str, list[date]] = {}
    for day, windows in hours:
        by_hours.setdefault(words.window(windows) if windows else "", []).append(day)
    parts = []
    for text, days in by_hours.items():
        on = f"am {_days(days, names)}"
        parts.append(some.format(on=on, hours=text) if text else none.format(on=on))
    return words.listed(parts)


def _escort(cause: EscortHours, dates: Sequence[date], names: Naming) -> str:
    who = names.escort(cause.escort)
    if 0 < len(dates) <= FEW_DATES:
        away = {day for day in dates if any(one.on(day) for one in cause.away)}
        on = [(day, () if day in away else cause.available.on(day)) for day in dates]
        return f"{who} {_hours_on(on, DRIVES, CANNOT_DRIVE, names)}"
    text = f"{who} kann fahren: {words.week(cause.available)}"
    if cause.away:
        text += f", aber nicht {words.listed([dated_text(one, names) for one in cause.away])}"
    return text


def dated_text(dated: DatedHours, names: Naming) -> str:
    first, last = words.day(dated.first, names), words.day(dated.last, names)
    on = f"am {first}" if dated.first == dated.last else f"von {first} bis {last}"
    if dated.hours != ALWAYS[0]:
        on += f", {words.window(dated.hours)}"
    why = names.why(dated.why)
    return f"{on} ({why})" if why else on


def request_text(request: Asked, names: Naming) -> str:
    match request:
        case Request(never=date() as never):
            who = "kein Termin" if request.visit is None else f"{names.visit(request.visit)} nicht"
            return f"{who} am {words.day(never, names)}"
        case Request():
            who = "jeder Termin" if request.visit is None else names.visit(request.visit)
            return f"{who} {_when(request, names)}"
        case PreferenceKept(which=which, preferences=preferences):
            if which == "weekdays":
                return f"jeder Termin an einem {words.weekdays(preferences.weekdays)}"
            if which == "hours":
                hours = Hours() if preferences.hours is None else preferences.hours
                return f"jeder Termin in diesen Zeiten: {words.week(hours)}"
            if which == "not_two_days_running":
                return "keine zwei Termine an zwei Tagen nacheinander"
            if which == "earliest":
                return f"jeder Termin ab {clock_text(preferences.earliest or 0)} Uhr"
            return f"jeder Termin bis {clock_text(preferences.latest or 0)} Uhr"
        case _:
            assert_never(request)


def _when(request: Request, names: Naming) -> str:
    parts = []
    first = None if request.first is None else words.day(request.first, names)
    last = None if request.last is None else words.day(request.last, names)
    if first is not None and first == last:
        parts.append(f"am {first}")
    elif first is not None and last is not None:
        parts.append(f"von {first} bis {last}")
    elif first is not None:
        parts.append(f"am {first} oder später")
    elif last is not None:
        parts.append(f"am {last} oder früher")
    if request.earliest is not None and request.earliest == request.latest:
        parts.append(f"um {clock_text(request.earliest)} Uhr")
    else:
        if request.earliest is not None:
            parts.append(f"ab {clock_text(request.earliest)} Uhr")
        if request.latest is not None:
            parts.append(f"bis {clock_text(request.latest)} Uhr")
    return " ".join(parts) or "zu irgendeiner Zeit"
