"""What a calendar, a clinic and a person ask of a plan, in French."""

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
from protocol_sched.text.french import words
from protocol_sched.text.language import FEW_DATES, drives_near
from protocol_sched.text.naming import Naming

OPEN, SHUT = "n'est ouvert {on} que {hours}", "est fermé {on}"
FREE, NOT_FREE = "{on} que {hours}", "pas {on}"
DRIVES, CANNOT_DRIVE = "ne peut conduire {on} que {hours}", "ne peut pas conduire {on}"
"""Where the hours of some dates stand in a sentence."""


def cause_text(cause: Cause, dates: Sequence[date], names: Naming) -> str:
    match cause:
        case OpeningHours(work=str(work)) | Closed(work=str(work)) if work:
            said = cause_text(attrs.evolve(cause, work=""), dates, names)
            return f"{said}, aussi pour {names.work(work)}"
        case TooLateFor():
            return f"cela aurait déjà dû commencer : {names.work(cause.work)}"
        case Turnover():
            kind = names.place(cause.needed)
            return f"pas pour deux rendez-vous à la fois, préparation et remise en état : {kind}"
        case OpeningHours():
            clinic = names.clinic(cause.clinic)
            if 0 < len(dates) <= FEW_DATES:
                extra = {day: [w for one in cause.extra for w in one.on(day)] for day in dates}
                on = [(day, merged((*cause.hours.on(day), *extra[day]))) for day in dates]
                return f"{clinic} {_hours_on(on, OPEN, SHUT, names)}"
            return f"{clinic} est ouvert {words.week(cause.hours)}"
        case Closed():
            return f"{names.clinic(cause.clinic)} est fermé {dated_text(cause.closure, names)}"
        case StartTimes():
            return f"les rendez-vous commencent toutes les {cause.minutes} minutes"
        case NoSuchKind():
            meant = words.meant(cause.near if names.full else "")
            return f"{names.clinic(cause.clinic)} n'a pas : {names.place(cause.needed)}{meant}"
        case PlacesTaken():
            return f"pas libre assez longtemps{_on(dates, names)} : {names.place(cause.place)}"
        case StaffTaken():
            return f"pas assez disponible{_on(dates, names)} : {names.staff(cause.staff)}"
        case TeamTaken():
            who = words.listed([words.wanted(names.wanted(one)) for one in cause.wanted])
            if cause.nobody:
                return f"pas dans l'équipe : {who}{words.meant(cause.near if names.full else '')}"
            if cause.together:
                return f"pas disponibles ensemble assez longtemps{_on(dates, names)} : {who}"
            return f"pas disponible assez longtemps{_on(dates, names)} : {who}"
        case PersonFree():
            if 0 < len(dates) <= FEW_DATES:
                free = [(day, cause.hours.on(day)) for day in dates]
                who = f"{names.person(cause.person)} n'est libre"
                if names.you:
                    who = "vous n'êtes libre"
                return f"{who} {_hours_on(free, FREE, NOT_FREE, names)}"
            return f"{_is(cause.person, names)} libre {words.week(cause.hours)}"
        case OnlyWeekdays():
            return f"{_can(cause.person, names)} venir que {words.weekdays(cause.weekdays)}"
        case PersonAway():
            return f"{_is_not(cause.person, names)} là {dated_text(cause.away, names)}"
        case PersonBusy():
            what, hours = names.what(cause.commitment.what), cause.commitment.hours
            drives = ""
            if cause.commitment.needs_driving:
                drives = f" et {'devez' if names.you else 'doit'} alors conduire"
            who = _is_not(cause.person, names)
            return f"{who} libre {words.week(hours)}{drives} ({what})"
        case MustDrive():
            who = "vous devez" if names.you else f"{names.person(cause.person)} doit"
            barred = "avant une nuit de repos" if cause.rest else "alors que c'est interdit"
            near = drives_near(cause.commitment, dates).items()
            some = [f"{_days(days, names)} {words.window(hours)}" for hours, days in near]
            when = words.listed(some) or words.week(cause.commitment.hours)
            return f"{who} conduire {barred} : {when} ({names.what(cause.commitment.what)})"
        case EscortFree():
            if not cause.escorts:
                return "aucun accompagnant n'est enregistré"
            who = words.listed([names.escort(name) for name in cause.escorts], "ou")
            return f"pas libre pendant tout le temps du retour : {who}"
        case EscortHours():
            return _escort(cause, dates, names)
        case InOrder():
            return "les rendez-vous se suivent dans leur ordre"
        case CourseStarts():
            return f"les rendez-vous commencent le {words.day(cause.day, names)}"
        case CourseEnds():
            return f"les rendez-vous se terminent au plus tard le {words.day(cause.day, names)}"
        case HorizonBegins():
            return f"la planification commence le {words.date_text(cause.first, year=True)}"
        case HorizonEnds():
            return f"la planification s'arrête le {words.date_text(cause.last, year=True)}"
        case Declined():
            who = words.listed([names.escort(name) for name in cause.escorts])
            return f"n'est pas disponible pour l'heure annoncée : {who}"
        case SameTime():
            kind = cause.visit_type if names.full else "rendez-vous"
            return f"souhaité : {kind} toujours à {words.hour(clock_text(cause.minute))}"
        case SameWeekday():
            kind = cause.visit_type if names.full else "rendez-vous"
            return f"souhaité : {kind} toujours {words.weekdays((cause.weekday,))}"
        case FewEscorts():
            who = words.listed([names.escort(name) for name in cause.escorts], "ou")
            return f"souhaité : accompagnement seulement par {who}"
        case EvenlySpread():
            return f"souhaité : un rendez-vous tous les {cause.days} ou {cause.days + 1} jours"
        case NotTwoDaysRunning():
            return f"{_can(cause.person, names)} pas venir deux jours de suite"
        case OneWeekday():
            who = _can(cause.person, names)
            return f"{who} venir aux rendez-vous d'un même type que le même jour de la semaine"
        case OneEscort():
            return f"{_can(cause.person, names)} venir qu'avec toujours le même accompagnant"
        case AsAnnounced():
            when = words.moment_text(cause.start)
            return f"{names.visit(cause.visit)} est annoncé pour le {when}"
        case Request() | PreferenceKept():
            return f"souhaité : {request_text(cause, names)}"
        case _:
            assert_never(cause)


def _can(person: str, names: Naming) -> str:
    return "vous ne pouvez" if names.you else f"{names.person(person)} ne peut"


def _is(person: str, names: Naming) -> str:
    return "vous êtes" if names.you else f"{names.person(person)} est"


def _is_not(person: str, names: Naming) -> str:
    return "vous n'êtes pas" if names.you else f"{names.person(person)} n'est pas"


def _on(dates: Sequence[date], names: Naming) -> str:
    return f" {_days(dates, names)}" if dates else ""


def _days(days: Sequence[date], names: Naming) -> str:
    return words.dates_text(days, year=bool(days) and names.far(days[0]))


def _hours_on(
    hours: Sequence[tuple[date, Sequence[LocalWindow]]], some: str, none: str, names: Naming
) -> str:
    by_hours: dict[str, list[date]] = {}
    for day, windows in hours:
        by_hours.setdefault(words.window(windows) if windows else "", []).append(day)
    parts = []
    for text, days in by_hours.items():
        on = _days(days, names)
        parts.append(some.format(on=on, hours=text) if text else none.format(on=on))
    return words.listed(parts)


def _escort(cause: EscortHours, dates: Sequence[date], names: Naming) -> str:
    who = names.escort(cause.escort)
    if 0 < len(dates) <= FEW_DATES:
        away = {day for day in dates if any(one.on(day) for one in cause.away)}
        on = [(day, () if day in away else cause.available.on(day)) for day in dates]
        return f"{who} {_hours_on(on, DRIVES, CANNOT_DRIVE, names)}"
    text = f"{who} peut conduire {words.week(cause.available)}"
    if cause.away:
        text += f", mais pas {words.listed([dated_text(one, names) for one in cause.away])}"
    return text


def dated_text(dated: DatedHours, names: Naming) -> str:
    first, last = words.day(dated.first, names), words.day(dated.last, names)
    on = f"le {first}" if dated.first == dated.last else f"du {first} au {last}"
    if dated.hours != ALWAYS[0]:
        on += f" {words.window(dated.hours)}"
    why = names.why(dated.why)
    return f"{on} ({why})" if why else on


def request_text(request: Asked, names: Naming) -> str:
    match request:
        case Request(never=date() as never):
            who = "aucun rendez-vous"
            if request.visit is not None:
                who = f"pas {names.visit(request.visit)}"
            return f"{who} le {words.day(never, names)}"
        case Request():
            who = "chaque rendez-vous" if request.visit is None else names.visit(request.visit)
            return f"{who} {_when(request, names)}"
        case PreferenceKept(which=which, preferences=preferences):
            if which == "weekdays":
                return f"chaque rendez-vous {words.weekdays(preferences.weekdays)}"
            if which == "hours":
                hours = Hours() if preferences.hours is None else preferences.hours
                return f"chaque rendez-vous à ces heures : {words.week(hours)}"
            if which == "not_two_days_running":
                return "jamais deux rendez-vous deux jours de suite"
            if which == "earliest":
                earliest = words.hour(clock_text(preferences.earliest or 0))
                return f"chaque rendez-vous à partir de {earliest}"
            latest = words.hour(clock_text(preferences.latest or 0))
            return f"chaque rendez-vous terminé à {latest}"
        case _:
            assert_never(request)


def _when(request: Request, names: Naming) -> str:
    parts = []
    first = None if request.first is None else words.day(request.first, names)
    last = None if request.last is None else words.day(request.last, names)
    if first is not None and first == last:
        parts.append(f"le {first}")
    elif first is not None and last is not None:
        parts.append(f"du {first} au {last}")
    elif first is not None:
        parts.append(f"le {first} ou plus tard")
    elif last is not None:
        parts.append(f"le {last} ou plus tôt")
    if request.earliest is not None and request.earliest == request.latest:
        parts.append(f"à {words.hour(clock_text(request.earliest))}")
    else:
        if request.earliest is not None:
            parts.append(f"à partir de {words.hour(clock_text(request.earliest))}")
        if request.latest is not None:
            parts.append(f"au plus tard à {words.hour(clock_text(request.latest))}")
    return " ".join(parts) or "à n'importe quel moment"
