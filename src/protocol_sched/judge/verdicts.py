"""Real dates judged: was a visit too early, in its window, late, or not due at all?"""

from __future__ import annotations

from collections.abc import Container, Iterable, Iterator
from datetime import date, datetime, timedelta
from typing import TYPE_CHECKING

import attrs

from protocol_sched.expansion.forecast import comes_before
from protocol_sched.expansion.outline import outline
from protocol_sched.expansion.track import Aside, Laid
from protocol_sched.expansion.walk import Outline
from protocol_sched.judge.measured import When
from protocol_sched.judge.one_visit import Seen, of_aside, of_gate, of_treatment
from protocol_sched.model.agenda import PastVisit, Spacing
from protocol_sched.model.availability import Clinic
from protocol_sched.model.checks import need_a, need_date
from protocol_sched.model.course import (
    Amended,
    Answered,
    Course,
    Deferred,
    Discontinued,
    Event,
    Given,
    Missed,
    Omitted,
    Reviewed,
    Tested,
    by_the_clock_of,
    too_soon,
)
from protocol_sched.model.former import names_of
from protocol_sched.model.moments import as_instant, utc, zoned
from protocol_sched.model.verdict import Judged as Judged
from protocol_sched.model.verdict import Verdict as Verdict


def verdict(
    course: Course,
    visit_id: str,
    on: date,
    as_of: date | None = None,
    clinic: Clinic | None = None,
) -> Verdict:
    """
    Return what a date would be for a visit, seen from the history before that date.

    Every visit has one: treatments, those beside them, and what must come before them. Weekdays,
    the moment a visit is fixed at, and the first and last date of the course count as well. A
    visit still due has the dates that `expand` gives it: visits given stay where they were given,
    also where that is after the date, and the visits before it that are due as well are taken to
    be on the dates they are foreseen on, which are named (`foreseen`).

    A visit on record as given is judged as it was, or on another date by what came before that
    date and by the visits that come before it in the course. That it took place, and how that
    was, stands beside the verdict (`took_place`).

    Args:
        course: The course; tries of the visit that did not count are part of its history.
        visit_id: The visit's identity in the agenda.
        on: The date, which may be past or to come; or the moment, with which rules in hours are
            judged to the minute. With a date alone such a rule is kept if it is at every minute
            of the date and broken if it is at none; else it cannot be told.
        as_of: Today, from which on visits still due are foreseen. Without it, the last date on
            record or the start of the course; never a date after ``on``.
        clinic: Whose closed days count where a rule speaks of them, and by whose clock a date
            begins and ends. Without it a date that is right on some days of closing only cannot
            be told, and a date is that of the zone in which moments are on record.

    Raises:
        InvalidValue: ``on`` is neither a date nor a moment, or ``as_of`` is no date.
        NaiveMoment: The moment carries no zone.
    """
    need_a("verdict", "course", course, Course)
    need_a("verdict", "on", on, date)
    if isinstance(on, datetime):
        zoned("verdict", "on", on)
        on = on if clinic is None else on.astimezone(clinic.zone)
    when = When.of(on)
    need_date("verdict", "on", when.on)
    if as_of is not None:
        need_date("verdict", "as_of", as_of)
    if clinic is not None:
        course = by_the_clock_of(clinic.zone, course)
    given = [
        (n, event)
        for n, event in enumerate(course.events)
        if isinstance(event, Given) and event.visit == visit_id and event.counts
    ]
    whole = _whole(course, clinic)
    for n, event in given:
        started = when.start is None or as_instant(event.start) == as_instant(when.start)
        if event.on == when.on and started:
            was = _judged(course, visit_id, When(on=event.on, start=event.start), n, whole, clinic)
            return attrs.evolve(was, took_place=was)
    found = _ahead(course, visit_id, when, as_of, whole if given else None, clinic)
    if found is None:
        found = _judged(course, visit_id, when, None, whole, clinic)
    if not given:
        return found
    n, event = given[-1]
    was = _judged(course, visit_id, When(on=event.on, start=event.start), n, whole, clinic)
    return attrs.evolve(found, took_place=was)


def judge_history(course: Course, clinic: Clinic | None = None) -> tuple[Verdict, ...]:
    """
    Return a verdict for every visit given, in order of date, each against what came before.

    Rules in hours are judged by the moments on record. What depends on a later visit, such as a
    screening on the first day of treatment, is judged by that visit once it was given.

    Args:
        course: The course.
        clinic: As for `verdict`.
    """
    if clinic is not None:
        course = by_the_clock_of(clinic.zone, course)
    given = [(event.on, n) for n, event in enumerate(course.events) if isinstance(event, Given)]
    whole = _whole(course, clinic)
    verdicts = []
    for on, n in sorted(given):
        event = course.events[n]
        assert isinstance(event, Given)
        verdicts.append(
            _judged(course, event.visit, When(on=on, start=event.start), n, whole, clinic)
        )
    return tuple(verdicts)


SCANNED = 366
"""So many dates are looked through for one that would be right."""
NEAR = 31
"""So many for one on which the tests it waits for are passed as well."""


def nearest(
    course: Course, found: Verdict, as_of: date | None = None, clinic: Clinic | None = None
) -> tuple[date | None, date | None]:
    """
    Return the nearest dates before and after a verdict's own that `verdict` calls right.

    What must be passed before it, and is not on any date near, is left out of view.

    Args:
        as_of: As for `verdict`; the dates near are seen from the same day as the verdict's own.
        clinic: As for `verdict`.
    """
    as_of = None if as_of is None else min(as_of, found.on)
    near = _nearest(course, found, set(), as_of, NEAR, clinic)
    if near != (None, None) or not found.unmet or found.judged is Judged.IN_WINDOW:
        return near  # of dates that all wait for the same test, none is better than its own
    return _nearest(course, found, {*found.unmet}, as_of, SCANNED, clinic)


def _nearest(
    course: Course,
    found: Verdict,
    unmet: set[str],
    as_of: date | None,
    days: int,
    clinic: Clinic | None,
) -> tuple[date | None, date | None]:
    def right(near: Iterable[date]) -> date | None:
        for day in near:
            other = verdict(course, found.visit, day, as_of, clinic)
            met = not {*other.unmet, *other.untold} - unmet
            if met and other.judged is Judged.IN_WINDOW:
                return day
            if other.pending:
                return None  # it will be no other on any date
        return None

    first = found.earliest.day if found.earliest is not None else found.on
    last = found.latest.day if found.latest is not None else date.max
    before = min(found.on - timedelta(days=1), last)
    after = max(found.on + timedelta(days=1), first)
    if not found.unmet:
        days = SCANNED
    back = min(days, (before - first).days + 1)
    ahead = min(days, (last - after).days + 1)
    sooner = (before - timedelta(days=n) for n in range(back))
    later = (after + timedelta(days=n) for n in range(ahead))
    return right(sooner), right(later)


# --- one visit, seen from what came before ---------------------------------------------------


def _whole(course: Course, clinic: Clinic | None) -> Outline:
    """Return a course laid out with all that is on record of it."""
    last = max((event.on for event in course.events), default=date.min)
    return outline(course, max(last, course.not_before or last), clinic=clinic)


def _preceding(visit: str, whole: Outline) -> set[str]:
    """Return the visits that come before a treatment in its course, wherever they were given."""
    ids = [one.turn.id for one in whole.track.laid]
    if visit not in ids:
        return set()
    rules = whole.track.behind_of(visit).rules
    ends = [rule.earlier for rule in rules if isinstance(rule, Spacing)]
    asked = {end.id for end in ends if isinstance(end, PastVisit)}
    return {*ids[: ids.index(visit)], *asked, *(past.id for past in whole.gates_past)}


def _ahead(
    course: Course,
    visit: str,
    when: When,
    as_of: date | None,
    given: Outline | None,
    clinic: Clinic | None,
) -> Verdict | None:
    """
    Return a visit still due judged as the list of dates shows it; ``None`` of any other.

    Args:
        given: Where the visit is on record as given all the same: the course with all of it.
    """
    known = course
    if given is not None:
        before = _before(course.events, visit, when, None, _preceding(visit, given))
        known = attrs.evolve(course, events=tuple(before))
    last = min(when.on, _last_known(known, when.on))
    today = last if as_of is None else min(when.on, as_of)
    found = _seen_from(known, visit, when, today, clinic)
    if found is None or found.foreseen or found.pending or today <= last:
        return found
    # All that its dates count from is on record: what was right before today is what is right.
    then = _seen_from(known, visit, when, last, clinic)
    if then is None or (then.judged, then.days) != (found.judged, found.days):
        return found
    return then


def _seen_from(
    known: Course, visit: str, when: When, today: date, clinic: Clinic | None
) -> Verdict | None:
    """Return a visit still due as the list of dates of a day shows it."""
    for until in (None, when.on):  # open runs as far as they are listed, or as far as it is
        found = outline(known, today, until, clinic=clinic)
        seen = Seen.of(found, until)
        laid = _find(found, visit)
        if laid is not None and laid.past is None and not laid.omitted:
            return of_treatment(laid, when, seen, ahead=True)
        if any(one.id == visit for one in found.gate_visits):
            return of_gate(visit, when, seen, ahead=True)
        for one in seen.asides:
            if one.id == visit and one.past is None:
                return of_aside(one, when, seen, ahead=True)
    return None


def _last_known(course: Course, on: date) -> date:
    """Return the last date on record, or else the start of the course; ``on`` without both."""
    days = [event.on for event in course.events]
    days += [course.not_before] if course.not_before is not None and not days else []
    return max(days, default=on)


def _judged(
    course: Course, visit: str, when: When, own: int | None, whole: Outline, clinic: Clinic | None
) -> Verdict:
    """Return a visit judged as it was given, by what came before it."""
    on, here = when.on, Given(visit=visit, on=when.on, start=when.start)
    known = tuple(_before(course.events, visit, when, own, _preceding(visit, whole)))
    before = attrs.evolve(course, events=known)
    tried = outline(before.after([here]), on, clinic=clinic)
    laid = _find(tried, visit)
    plain = outline(before, on, clinic=clinic)
    if laid is None or _passed_over(tried) - _passed_over(plain):
        tried, laid = plain, _find(plain, visit)
    seen = Seen.of(tried, on)
    if laid is not None and not laid.omitted:
        return of_treatment(laid, when, seen)
    others = [
        event for event in course.events if not (isinstance(event, Given) and event.visit == visit)
    ]
    rest = attrs.evolve(course, events=(*others, here))
    entire = Seen.of(outline(rest, on, clinic=clinic), on)
    aside = _aside(visit, seen)
    if aside is not None:
        backward = any(isinstance(r, Spacing) and comes_before(r) for r in aside.written)
        later = _aside(visit, entire) if backward else None
        return of_aside(later or aside, when, entire if later else seen)
    for one in (entire, seen, Seen.of(plain, on)):
        if (judged := of_gate(visit, when, one)) is not None:
            return judged
    return Verdict(visit=visit, title=visit, on=on, start=when.start, judged=Judged.NOT_DUE)


def _aside(visit: str, seen: Seen) -> Aside | None:
    gates = {one.id for one in seen.found.gate_visits}
    beside = [one for one in seen.asides if one.id == visit and visit not in gates]
    return next(iter(beside), None)


def _before(
    events: Iterable[Event], visit: str, when: When, own: int | None, preceding: Container[str]
) -> Iterator[Event]:
    """
    Yield what was known before the visit; answers and outside events count whenever told.

    So do the visits that come before it in the course, wherever they were given.
    """
    on, events = when.on, tuple(events)
    again = any(isinstance(one, Given) and one.visit == visit and one.on < on for one in events)
    for n, event in enumerate(events):
        match event:
            case Given():
                later = own is not None and n >= own and event.on == on
                if event.on == on and event.start is not None and when.start is not None:
                    later = later or utc(event.start) > utc(when.start)
                tried = not event.counts and event.on == on and (own is None or n < own)
                same = event.visit == visit and event.on >= on and not tried
                if same or ((event.on > on or later) and event.visit not in preceding):
                    continue
                if event.visit == visit and event.counts:
                    continue
            case Reviewed() | Tested() | Discontinued() | Amended() | Deferred() | Missed():
                if event.on > on:
                    continue
            case Omitted():
                if event.on > on or event.visit == visit:
                    continue
            case Answered():
                if event.question == too_soon(visit, on, again):
                    continue  # the visit is judged as it was, whatever was made of it afterwards
            case _:
                pass
        yield event


def _find(found: Outline, visit: str) -> Laid | None:
    return next((laid for laid in found.track.laid if laid.turn.id == visit), None)


def _passed_over(found: Outline) -> set[str]:
    return {question.id for question in found.questions if question.id.startswith("missing-")}


if not TYPE_CHECKING:  # a checker shall know the present names only
    __getattr__ = names_of(__name__)
