"""From a reference in a protocol to the visit or date it means for one visit."""

from __future__ import annotations

import calendar
from collections.abc import Iterable
from datetime import date, timedelta
from typing import assert_never

from protocol_sched.expansion.track import Laid, Role, Track, Turn
from protocol_sched.expansion.wording import Where
from protocol_sched.model.agenda import PastVisit, Question, Spacing
from protocol_sched.model.references import (
    AnotherSeries,
    DayOfMonth,
    EachVisit,
    EndOf,
    OriginalDates,
    OutsideEvent,
    PreviousVisit,
    Reference,
    StartOf,
    VisitNumber,
)
from protocol_sched.model.sentences import told
from protocol_sched.model.spans import CalendarSpan, MonthEnd

Found = Where | Question | None
"""A place; a question where its date is not known yet; nothing where there is none."""


def find(reference: Reference, turn: Turn, tries: tuple[PastVisit, ...], track: Track) -> Found:
    """Return what a reference means for a visit that comes next in the track."""
    match reference:
        case PreviousVisit():
            return previous(tries, track)
        case VisitNumber():
            return _numbered(reference, track)
        case OriginalDates():
            return track.real[-1].original if track.real else None
        case DayOfMonth():
            return _next_day_of_month(reference, turn, track)
        case StartOf():
            beside = _beside(reference.what, track)
            return beside[0] if beside else _first(_part(reference.what, turn, track))
        case EndOf():
            beside = _beside(reference.what, track)
            return beside[-1] if beside else _last(_part(reference.what, turn, track))
        case OutsideEvent():
            return event(reference.name, track)
        case AnotherSeries():
            return _session(reference.name, turn, tries, track)
        case EachVisit():
            return None
        case _:
            assert_never(reference)


def previous(tries: tuple[PastVisit, ...], track: Track) -> Where | None:
    """Return the last visit given or due, one that did not count included."""
    if tries:
        return tries[-1]
    return track.real[-1].where if track.real else None


def on_original_dates(laid: Laid, track: Track) -> tuple[Where, CalendarSpan]:
    """
    Return a visit's place among the original dates as a distance from what they depend on.

    While nothing of them has a date, that is the visit they were laid out from: the visit itself
    may be off its target, and its place is not.
    """
    still = laid.original, CalendarSpan()
    aims = [
        rule
        for rule in laid.rules
        if isinstance(rule, Spacing) and rule.rule in ("cadence", "start") and rule.target
    ]
    open_ = laid.past is None and track.fixed_at(laid.turn.id) is None
    kept = isinstance(laid.turn.phase.anchor, OriginalDates) and laid.effect is None
    if not (open_ and kept) or laid.deferred or len(aims) != 1 or laid.original != laid.turn.id:
        return still
    (aim,) = aims
    assert aim.target is not None
    after = aim.target.least
    if after != aim.target.most or not isinstance(after, CalendarSpan) or after.by_months:
        return still
    return (aim.earlier, after) if isinstance(aim.earlier, str) else still


def _beside(what: str, track: Track) -> list[Where]:
    """Return the visits of another visit of that name, as far as they are laid out."""
    return [one.past or one.id for one in track.asides if one.run == what]


def _first(laid: Iterable[Laid]) -> Where | None:
    return next((one.where for one in laid), None)


def _last(laid: Iterable[Laid]) -> Where | None:
    places = [one.where for one in laid]
    return places[-1] if places else None


def _part(what: str, turn: Turn, track: Track) -> list[Laid]:
    """Return the visits of a cycle, a phase or the course, in order, as far as laid out."""
    course = [laid for laid in track.real if laid.turn.run >= track.course_run]
    here = [laid for laid in course if laid.turn.run == turn.run]
    match what:
        case "course":
            return course
        case "phase":
            return here
        case "cycle":
            return [laid for laid in here if laid.turn.position.cycle == turn.position.cycle]
        case "previous cycle":
            return [laid for laid in here if laid.turn.position.cycle == turn.position.cycle - 1]
        case _:
            runs = [laid.turn.run for laid in course if laid.turn.phase.name == what]
            return [laid for laid in course if laid.turn.run == max(runs, default=-1)]


def _numbered(reference: VisitNumber, track: Track) -> Where | None:
    course = [
        laid
        for laid in track.laid
        if laid.turn.run >= track.course_run and laid.turn.role is Role.REGULAR
    ]
    if reference.phase is not None:
        runs = [laid.turn.run for laid in course if laid.turn.phase.name == reference.phase]
        course = [laid for laid in course if laid.turn.run == max(runs, default=-1)]
    if len(course) < reference.number or course[reference.number - 1].omitted:
        return None
    return course[reference.number - 1].where


def event(name: str, track: Track) -> PastVisit | Question:
    """Return an outside event's last date, or ask for it."""
    question = f"event-{name}"
    days = list(track.history.happened.get(name, ()))
    if answer := _a_date(track.history.answers.get(question, "")):
        days.append(answer)
    if days:
        return PastVisit(name, name, max(days))
    return Question(id=question, asks=told("When is or was {name}?", name=name), about=name)


def _a_date(text: str) -> date | None:
    try:
        return date.fromisoformat(text.strip())
    except ValueError:
        return None


def _session(
    name: str, turn: Turn, tries: tuple[PastVisit, ...], track: Track
) -> PastVisit | Question:
    """
    Return the first date of another series after the previous visit; still due, from today, and
    of a visit put off from the date to which it was.
    """
    before = tries[-1].on if tries else track.real[-1].day if track.real else date.min
    given = track.history.given.get(turn.id)
    first = (track.course.not_before or date.min) if given else track.floor
    deferral = track.history.deferred.get(turn.id)
    if deferral is not None and deferral.until is not None:
        early = given is not None and given[0].on < deferral.until
        first = first if early else max(first, deferral.until)
    # No date told is left behind a visit that has none.
    for day in track.history.happened.get(name, ()):
        if day >= first and before is not None and day > before:
            title = told("{name} of {on}", name=name, on=day)
            return PastVisit(f"{name} {day}", title, day)
    asks = told("On which dates is {name} from here on?", name=name)
    return Question(id=f"series-{name}", asks=asks, about=name)


def _next_day_of_month(reference: DayOfMonth, turn: Turn, track: Track) -> PastVisit | None:
    here = _part("phase", turn, track)
    first = here[0].day if here else None
    wanted = reference.day or (first.day if first else None)
    start = track.real[-1].day if track.real else track.floor
    if wanted is None or start is None:
        return None
    day = day_of_month(start, 0, wanted, track.month_end)
    if day <= start:
        day = day_of_month(start, 1, wanted, track.month_end)
    return PastVisit(f"day {day}", monthly(wanted), day)


def monthly(wanted: int) -> str:
    """Return ``day 31 of the month``: what a date fixed in each month is called."""
    return told("day {day} of the month", day=wanted)


def day_of_month(day: date, months: int, wanted: int, month_end: MonthEnd) -> date:
    """Return day ``wanted`` of the month so many months after that of ``day``."""
    whole = 12 * day.year + day.month - 1 + months
    year, month = divmod(whole, 12)
    if not 1 <= year <= 9998:
        return date.max if year > 1 else date.min
    length = calendar.monthrange(year, month + 1)[1]
    landed = date(year, month + 1, min(wanted, length))
    if wanted > length and month_end is MonthEnd.NEXT_DAY:
        return landed + timedelta(days=1)
    return landed
