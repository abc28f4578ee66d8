"""
What a change that could make room costs, which rules it is about, and the world after it.

The costs are this library's own order of how much is asked of people, in steps of an hour of
someone's favour; they are compared and added, nothing else. See `COSTS`.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from datetime import date, timedelta
from itertools import pairwise
from typing import assert_never

import attrs

from protocol_sched.model.agenda import (
    Agenda,
    AtMost,
    FixedAt,
    NotAfter,
    NotBefore,
    Rules,
    Spacing,
)
from protocol_sched.model.availability import (
    MINUTES_A_DAY,
    Booking,
    Clinic,
    DatedHours,
    Escort,
    Hours,
    LocalWindow,
    Member,
    Person,
    Place,
    merged,
)
from protocol_sched.model.causes import (
    Closed,
    CourseEnds,
    CourseStarts,
    EscortFree,
    EscortHours,
    HorizonEnds,
    MustDrive,
    OpeningHours,
    Origin,
    PersonAway,
    PersonBusy,
    PersonFree,
    PlacesTaken,
    StaffTaken,
    TeamTaken,
)
from protocol_sched.model.relaxations import (
    ALL_DAY,
    AnotherEscort,
    Change,
    EndsLater,
    Looser,
    MoreHours,
    NotAway,
    OneMorePlace,
    OneMoreStaff,
    OneMoreVisit,
    Reopened,
    Skipped,
    StartsSooner,
    Unpinned,
    Whose,
    WithoutEscort,
    longer_by,
    loosened,
)
from protocol_sched.model.spans import CalendarSpan, Span, SpanRange, comparable

MOST_HOURS = 2
"""So many hours more are asked of somebody on one date, at the most."""
MOST_WEEKS = 4
"""So many weeks more a course may last."""
WEEK = timedelta(days=7)


@attrs.frozen
class Situation:
    """All that a plan is made from."""

    agenda: Agenda
    clinic: Clinic
    person: Person
    first: date
    """The first date a visit may be on."""
    last: date
    """The last one."""


COSTS: Mapping[str, int] = {
    "an escort, one hour more on one date": 1,
    "a visit that is fixed may move": 2,
    "the person, one hour more on one date": 2,
    "a commitment is left out once": 2,
    "somebody else takes the person home on one date": 3,
    "an escort, the whole of one date": 3,
    "the clinic, one hour more on one date": 3,
    "the course ends up to a week later (each further week 1 more)": 3,
    "the course starts up to a week sooner": 3,
    "a spacing, one day (or one hour) more or less": 4,
    "the person is not away on one date": 4,
    "one more place on one date": 4,
    "one more of the staff on one date": 4,
    "a closure is lifted": 5,
    "the person, on a date on which they are otherwise not free": 5,
    "somebody else takes the person home from every visit": 5,
    "the clinic, open on a date on which it is not": 6,
    "the escort is waived for one visit": 6,
    "a cap, one visit more": 8,
}
"""What each kind of change costs; a set of changes costs their sum."""


def cost(change: Change) -> int:
    """Return what a change costs; see `COSTS`."""
    match change:
        case MoreHours(whose=whose, start=start, end=end):
            hours = -(-(end - start) // 60)
            if whose is Whose.ESCORT:
                return 3 if (start, end) == ALL_DAY else hours
            if whose is Whose.PERSON:
                return 5 if (start, end) == ALL_DAY else 2 * hours
            return 3 * hours if hours <= MOST_HOURS else 6
        case AnotherEscort(day=day):
            return 5 if day is None else 3
        case EndsLater(weeks=weeks):
            return 2 + weeks
        case StartsSooner():
            return 3
        case Unpinned() | Skipped():
            return 2
        case NotAway() | OneMorePlace() | OneMoreStaff():
            return 4
        case Looser(steps=steps):
            return 4 * steps
        case Reopened():
            return 5
        case WithoutEscort():
            return 6
        case OneMoreVisit():
            return 8
        case _:
            assert_never(change)


def covers(change: Change, other: Change) -> bool:
    """Tell whether a change allows all that another one does."""
    match change, other:
        case MoreHours(), MoreHours():
            of = (change.whose, change.name, change.day) == (other.whose, other.name, other.day)
            return of and change.start <= other.start and other.end <= change.end
        case Looser(), Looser():
            of_rule = (change.rule, change.least) == (other.rule, other.least)
            return of_rule and change.steps >= other.steps
        case EndsLater(), EndsLater():
            return change.day >= other.day
        case StartsSooner(), StartsSooner():
            return change.day <= other.day
        case AnotherEscort(day=None), AnotherEscort():
            return True
        case _:
            return change == other


def changes_of(rule: Origin, visits: Iterable[str], situation: Situation) -> Iterator[Change]:
    """
    Yield every change of no single date that lets a rule give way.

    Args:
        rule: A rule of a conflict; a safety rule yields nothing.
        visits: Identities of the visits of the conflict that the rule is about.
        situation: Before any change.
    """
    match rule:
        case EscortHours() | EscortFree():
            yield AnotherEscort()
            yield from (WithoutEscort(visit) for visit in visits)
        case Closed(closure=closure):
            yield Reopened(closure)
        case FixedAt(visit=visit):
            yield Unpinned(visit)
        case Spacing(rule="order"):
            return
        case Spacing() if not rule.safety:
            for steps in (1, 2):
                if rule.most is not None:
                    yield Looser(rule, False, steps)
                if (
                    rule.least is not None
                    and not rule.safe_least
                    and longer_by(rule.least, -steps) is not None
                ):
                    yield Looser(rule, True, steps)
        case AtMost() if not rule.safety:
            yield OneMoreVisit(rule)
        case CourseEnds() | HorizonEnds():
            for weeks in range(1, MOST_WEEKS + 1):
                yield EndsLater(situation.last + weeks * WEEK, weeks)
        case CourseStarts():
            first = max(situation.agenda.as_of, situation.first - WEEK)
            if first < situation.first:
                yield StartsSooner(first)
        case _:
            return


def changes_on(rule: Origin, day: date, situation: Situation) -> Iterator[Change]:
    """
    Yield every change on one date that lets a calendar give way to a visit on that date.

    Args:
        situation: Before any change; hours are lengthened from those it has.
    """
    clinic, person = situation.clinic, situation.person
    match rule:
        case EscortHours(escort=name):
            for escort in person.escorts:
                away = any(_touches(one, day) for one in escort.away)
                if escort.name == name and not away:
                    yield from _more_hours(Whose.ESCORT, name, escort.available.on(day), day)
            yield AnotherEscort(day)
        case EscortFree():
            yield AnotherEscort(day)
        case PersonFree():
            yield from _more_hours(Whose.PERSON, "", person.available.on(day), day)
        case PersonAway(away=away) if _touches(away, day):
            yield NotAway(day)
        case PersonBusy(commitment=commitment) | MustDrive(commitment=commitment):
            # A commitment in the morning after bars driving just as well.
            for other in (day, day + timedelta(days=1)):
                if commitment.hours.on(other):
                    yield Skipped(commitment.what, other)
        case PlacesTaken(place=kind):
            yield OneMorePlace(kind, day)
        case StaffTaken(staff=kind):
            yield OneMoreStaff(kind, day)
        case TeamTaken(wanted=wanted):
            for one in wanted:
                yield OneMoreStaff(one.role, day, one.skills)
        case OpeningHours():
            extra = [w for one in clinic.extra_openings for w in one.on(day)]
            windows = merged((*clinic.hours.on(day), *extra))
            yield from _more_hours(Whose.CLINIC, "", windows, day, _longest(clinic.hours))
        case _:
            return


def _more_hours(
    whose: Whose,
    name: str,
    windows: tuple[LocalWindow, ...],
    day: date,
    instead: LocalWindow = ALL_DAY,
) -> Iterator[Change]:
    """Yield longer hours on one date; where there are none, ``instead``."""
    if not windows:
        yield MoreHours(whose, name, day, *instead)
        return
    opens, closes = windows[0][0], windows[-1][1]
    for hours in range(1, MOST_HOURS + 1):
        if opens >= 60 * hours:
            yield MoreHours(whose, name, day, opens - 60 * hours, opens)
        if closes <= MINUTES_A_DAY - 60 * hours:
            yield MoreHours(whose, name, day, closes, closes + 60 * hours)
    for (_, end), (start, _) in pairwise(windows):
        if start - end <= 60 * MOST_HOURS:
            yield MoreHours(whose, name, day, end, start)


def _longest(hours: Hours) -> LocalWindow:
    """Return from when to when a clinic is open on its longest weekday."""
    days = [(windows[0][0], windows[-1][1]) for windows in hours.week if windows]
    return max(days, key=lambda day: day[1] - day[0], default=ALL_DAY)


def _touches(dated: DatedHours, day: date) -> bool:
    return dated.first <= day <= dated.last


def after(situation: Situation, changes: Iterable[Change]) -> Situation:
    """Return what a plan is made from after changes, whatever their order."""
    rules: dict[Spacing | AtMost, Spacing | AtMost] = {}
    for change in changes:
        match change:
            case Looser(rule=rule) | OneMoreVisit(rule=rule):
                rules[rule] = _given_way(rules.get(rule, rule), change)
            case _:
                situation = _changed(situation, change)
    agenda = situation.agenda
    bindings = [
        rules.get(binding, binding) if isinstance(binding, Spacing | AtMost) else binding
        for binding in agenda.bindings
    ]
    return attrs.evolve(situation, agenda=attrs.evolve(agenda, bindings=bindings))


def given_way(changes: Iterable[Change]) -> dict[Origin, Origin]:
    """Return the rules as changes left them, each with the rule it was before."""
    changes = tuple(changes)
    rules: dict[Origin, Origin] = {}
    for change in changes:
        if isinstance(change, Looser | OneMoreVisit):
            rules[change.rule] = _given_way(rules.get(change.rule, change.rule), change)
    return {now: before for before, now in rules.items()}


def _given_way(now: Origin, change: Looser | OneMoreVisit) -> Spacing | AtMost:
    """Return a rule after one more change; of two steps on one side the longer counts."""
    match change, now:
        case OneMoreVisit(), AtMost():
            return attrs.evolve(now, most=change.rule.most + 1)
        case Looser(rule=rule, steps=steps, least=least), Spacing():
            one = loosened(rule, steps, least)
            if least:
                shorter = min((now.least or one.least, one.least), key=_length)
                return attrs.evolve(now, least=shorter)
            return attrs.evolve(now, most=max((now.most or one.most, one.most), key=_length))
        case _:
            raise TypeError(f"{type(change).__name__} is not about {type(now).__name__}")


def _length(span: Span | None) -> int:
    return 0 if span is None else comparable(span)


def _changed(situation: Situation, change: Change) -> Situation:
    agenda, clinic, person = situation.agenda, situation.clinic, situation.person
    match change:
        case MoreHours():
            return _with_hours(situation, change)
        case AnotherEscort(day=day):
            # A visit may last into the next day.
            days = () if day is None else (day, day + timedelta(days=1))
            free = Hours.of(dates=dict.fromkeys(days, (ALL_DAY,))) if days else Hours()
            name = "somebody else" if day is None else f"somebody else on {day}"
            known = [escort.name for escort in person.escorts]
            if name in known:
                return situation
            one = Escort(name=name, available=free, zone=clinic.zone)
            return attrs.evolve(
                situation, person=attrs.evolve(person, escorts=(*person.escorts, one))
            )
        case WithoutEscort(visit=visit):
            return attrs.evolve(
                situation, agenda=attrs.evolve(agenda, waived=(*agenda.waived, visit))
            )
        case Unpinned(visit=visit):
            left = [b for b in agenda.bindings if not (isinstance(b, FixedAt) and b.visit == visit)]
            return attrs.evolve(situation, agenda=attrs.evolve(agenda, bindings=left))
        case Skipped(what=what, day=day):
            commitments = [
                attrs.evolve(one, hours=_replaced(one.hours, day, ())) if one.what == what else one
                for one in person.commitments
            ]
            return attrs.evolve(situation, person=attrs.evolve(person, commitments=commitments))
        case NotAway(day=day):
            away = [part for one in person.away for part in _outside(one, day)]
            return attrs.evolve(situation, person=attrs.evolve(person, away=away))
        case Reopened(closure=closure):
            closures = [one for one in clinic.closures if one != closure]
            return attrs.evolve(situation, clinic=attrs.evolve(clinic, closures=closures))
        case OneMorePlace(place=kind, day=day):
            place = _place(situation, kind, day)
            return attrs.evolve(
                situation, clinic=attrs.evolve(clinic, places=(*clinic.places, place))
            )
        case OneMoreStaff(staff=kind, day=day, skills=skills):
            taken = [Booking(day=other, start=0, end=1440) for other in _others(situation, day)]
            staff = [
                attrs.evolve(one, units=one.units + 1, booked=(*one.booked, *taken))
                if one.kind == kind
                else one
                for one in clinic.staff
            ]
            team = clinic.team
            if any(member.role == kind for member in team):
                name = f"one more {kind} ({len(team) + 1})"
                more = Member(name=name, role=kind, skills=skills, booked=tuple(taken))
                team = (*team, more)
            return attrs.evolve(situation, clinic=attrs.evolve(clinic, staff=staff, team=team))
        case Looser() | OneMoreVisit():
            return situation
        case EndsLater(day=day):
            bindings = [
                attrs.evolve(b, day=max(b.day, day))
                if isinstance(b, NotAfter) and b.rule == "finish"
                else b
                for b in agenda.bindings
            ]
            later = attrs.evolve(agenda, bindings=bindings)
            return attrs.evolve(situation, agenda=later, last=max(situation.last, day))
        case StartsSooner(day=day):
            bindings = [_begun_sooner(b, day, situation.first) for b in agenda.bindings]
            sooner = attrs.evolve(agenda, bindings=bindings)
            return attrs.evolve(situation, agenda=sooner, first=min(situation.first, day))
        case _:
            assert_never(change)


def _begun_sooner(rule: Rules, day: date, first: date) -> Rules:
    """Return a rule where the course may start on ``day``: a first visit before is on target."""
    match rule:
        case NotBefore(rule="start"):
            return attrs.evolve(rule, day=min(rule.day, day))
        case Spacing(rule="start" | "waiting", target=SpanRange() as target):
            return attrs.evolve(
                rule,
                target=SpanRange(
                    CalendarSpan(days=(day - first).days), target.most or target.least
                ),
            )
        case _:
            return rule


def _with_hours(situation: Situation, change: MoreHours) -> Situation:
    clinic, person = situation.clinic, situation.person
    more = (change.start, change.end)
    match change.whose:
        case Whose.CLINIC:
            opening = DatedHours(first=change.day, hours=(more,))
            extra = (*clinic.extra_openings, opening)
            return attrs.evolve(situation, clinic=attrs.evolve(clinic, extra_openings=extra))
        case Whose.PERSON:
            free = _longer(person.available, change.day, more)
            return attrs.evolve(situation, person=attrs.evolve(person, available=free))
        case Whose.ESCORT:
            escorts = [
                attrs.evolve(one, available=_longer(one.available, change.day, more))
                if one.name == change.name
                else one
                for one in person.escorts
            ]
            return attrs.evolve(situation, person=attrs.evolve(person, escorts=escorts))
        case _:
            assert_never(change.whose)


def _longer(hours: Hours, day: date, more: LocalWindow) -> Hours:
    return _replaced(hours, day, merged((*hours.on(day), more)))


def _replaced(hours: Hours, day: date, windows: tuple[LocalWindow, ...]) -> Hours:
    return Hours(hours.week, tuple(sorted({**dict(hours.dates), day: windows}.items())))


def _outside(dated: DatedHours, day: date) -> Iterator[DatedHours]:
    """Yield dated hours without one date."""
    if not _touches(dated, day):
        yield dated
        return
    if dated.first < day:
        yield attrs.evolve(dated, last=day - timedelta(days=1))
    if day < dated.last:
        yield attrs.evolve(dated, first=day + timedelta(days=1))


def _others(situation: Situation, day: date) -> Iterator[date]:
    """Yield every date of the horizon but one; visits may last into the day after the last."""
    for n in range((situation.last - situation.first).days + 9):
        other = situation.first + timedelta(days=n)
        if other != day:
            yield other


def _place(situation: Situation, kind: str, day: date) -> Place:
    taken = [Booking(day=other, start=0, end=1440) for other in _others(situation, day)]
    names = [place.name for place in situation.clinic.places]
    name, n = f"one more {kind}", 1
    while name in names:
        n += 1
        name = f"{n} more {kind}s"
    return Place(name=name, kind=kind, booked=taken)
