"""A course planned again after something happened, with the least change for those who know it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import date, datetime, time, timedelta
from typing import assert_never

import attrs

from protocol_sched.engine.candidates import Calendars
from protocol_sched.engine.compiler import Compiled
from protocol_sched.engine.problem import DayLag, Lag, SlotLag, TableLag
from protocol_sched.engine.solvers.budget import Budget
from protocol_sched.engine.solvers.exact import solve
from protocol_sched.engine.solvers.result import Result
from protocol_sched.errors import InvalidValue
from protocol_sched.expansion.agenda import agenda_of
from protocol_sched.expansion.outline import outline
from protocol_sched.model import causes, reasons
from protocol_sched.model.agenda import (
    Agenda,
    FixedAt,
    NotBefore,
    PastVisit,
    Question,
    Rules,
    Spacing,
)
from protocol_sched.model.availability import Clinic, HoursOver, Person
from protocol_sched.model.causes import Asked
from protocol_sched.model.changes import Change, Fate, Replan
from protocol_sched.model.course import (
    Amended,
    Course,
    Deferred,
    Event,
    Given,
    Missed,
    Notified,
    Omitted,
    Pinned,
    Reviewed,
    Tested,
)
from protocol_sched.model.last_notice import (
    LastNotice,
    lapsed_visits,
    last_notices,
    unrecorded_visits,
)
from protocol_sched.model.moments import later_by, utc, zoned
from protocol_sched.model.notifying import notice_of
from protocol_sched.model.objective import ORDER, Level
from protocol_sched.model.reasons import Reason
from protocol_sched.model.schedule import Keep, Schedule, Visit
from protocol_sched.planning.course import EFFORT, CourseRoad, answer_settled, road_of
from protocol_sched.planning.cutting import shown
from protocol_sched.planning.declined import without_declined
from protocol_sched.planning.settling import settled
from protocol_sched.text.languages import ENGLISH
from protocol_sched.text.reasons import reason_text

_MINUTE = timedelta(minutes=1)


def replan_course(
    course: Course,
    clinic: Clinic,
    person: Person,
    *,
    as_of: date,
    now: datetime | None = None,
    before: Schedule | None = None,
    until: date | None = None,
    effort: int | Budget = EFFORT,
    calendars: Calendars | None = None,
    order: Iterable[Level] = ORDER,
) -> Replan:
    """
    Plan a course again so that as little as possible changes for the people who know of it.

    Least change comes first: fewest visits moved, then the fewest minutes moved, then the fewest
    rides changed; after that what `plan_course` looks at. What was given or is past never moves,
    nor what is pinned. An escort who said no to a visit is not asked again for that date;
    one who said yes is kept where the visit allows.

    Args:
        course: With everything that happened; what people know comes from its events ``notice``,
            ``cancelled``, ``confirmed`` and ``declined``.
        clinic: Its bookings are those of others, not this course's own.
        as_of: Today at the clinic.
        now: No visit is planned before this moment; without it, the beginning of ``as_of``.
        before: The plan people know, for visits whose notification was not recorded.
        until: As for `plan_course`; visits that people know of are shown wherever they are.
        effort: As for `plan_course`; or what is left of it to a call that plans more courses.
        calendars: As for `plan_course`.
        order: As for `plan_course`.

    Returns:
        The plan and, for each visit, whether it is kept, moved, added or dropped, and why. If
        there is no plan, what stands in the way, and nothing is changed.

    Raises:
        InvalidEvent, InvalidValue, UnknownName: As for `plan_course`.
    """
    prepared = prepare(
        course,
        clinic,
        person,
        as_of=as_of,
        now=now,
        before=before,
        until=until,
        calendars=calendars,
        order=order,
    )
    return prepared.replan(effort)


@attrs.frozen(kw_only=True)
class Prepared:
    """A course ready to be planned again: compiled, with what people know of it."""

    course: Course
    clinic: Clinic
    road: CourseRoad
    compiled: Compiled
    notices: Mapping[str, LastNotice]
    lapsed: Mapping[str, Missed | Deferred]
    unrecorded: tuple[PastVisit, ...]
    until: date | None = None
    """The last date of which visits are shown that nobody knows of."""

    def replan(
        self,
        effort: int | Budget = EFFORT,
        result: Result | None = None,
        asked: Sequence[Asked] = (),
    ) -> Replan:
        """
        Return the plan of least change and what becomes of each visit.

        Args:
            result: What `solve` said to its problem, where that is known already.
            asked: What its problem holds beside the rules.
        """
        budget = Budget.of(effort)
        if result is None:
            result = solve(self.compiled.problem, budget)
        found = settled(self.road, self.compiled, result, budget, asked)
        plan = answer_settled(self.road, found, asked, budget)
        if plan.schedule is None or found.result.starts is None:
            return Replan(plan=plan, unrecorded=self.unrecorded)
        why = _Why(self.course, found.compiled, found.result.starts, self.lapsed)
        past = {visit.id for visit in plan.agenda.past}
        notified = [visit for visit, one in self.notices.items() if not one.cancelled]
        changes = _changes(plan.schedule, self.notices, why, past)
        plan = shown(plan, self.until, notified)
        later = plan.schedule.later if plan.schedule is not None else ()
        changes = tuple(change for change in changes if change.visit not in later)
        return Replan(plan=plan, changes=changes, unrecorded=self.unrecorded)


def prepare(
    course: Course,
    clinic: Clinic,
    person: Person,
    *,
    as_of: date,
    now: datetime | None = None,
    before: Schedule | None = None,
    until: date | None = None,
    calendars: Calendars | None = None,
    order: Iterable[Level] = ORDER,
) -> Prepared:
    """Return a course ready to be planned again; arguments and errors as for `replan_course`."""
    started = _moment(as_of, now, clinic)
    if before is not None:
        course = as_if_notified(course, before, as_of)
    notices = last_notices(course.events)
    lapsed = dict(lapsed_visits(course))
    unrecorded = tuple(unrecorded_visits(course, notices, started, clinic.zone))
    keep = {
        visit: _keep(one, clinic)
        for visit, one in notices.items()
        if not one.cancelled and not one.given and visit not in lapsed
    }
    road = road_of(
        course,
        _still_open(clinic, as_of, started, _starts(course, notices)),
        without_declined(person, notices, clinic),
        as_of,
        until,
        keep,
        unrecorded=unrecorded,
        calendars=calendars,
        order=order,
        now=started,
    )
    compiled = road.laid_out()
    return Prepared(
        course=course,
        clinic=clinic,
        road=road,
        compiled=compiled,
        notices=notices,
        lapsed=lapsed,
        unrecorded=road.unrecorded_in(compiled.agenda),
        until=until,
    )


def _moment(as_of: date, now: datetime | None, clinic: Clinic) -> datetime:
    if now is None:
        return datetime.combine(as_of, time(), clinic.zone)
    local = zoned("re-plan", "now", now).astimezone(clinic.zone)
    if local.date() != as_of:
        raise InvalidValue("re-plan", "now", str(local), f"a moment of {as_of} at the clinic")
    return local


def _still_open(clinic: Clinic, day: date, now: datetime, starts: Iterable[datetime]) -> Clinic:
    """
    Return the clinic closed until now, so that nothing is planned for hours that are over.

    It opens again at the next of its start times, by real time: 01:00 EDT and 01:00 EST are two.

    Args:
        starts: When visits are fixed or known to begin, on the clinic's start times or not; those
            to come stay open.
    """
    begins = datetime.combine(day, time(), clinic.zone)
    until = now.replace(second=0, microsecond=0)
    if utc(until) < utc(now):
        until = later_by(until, _MINUTE)
    while until.minute % clinic.start_every:
        until = later_by(until, _MINUTE)
    to_come = (start.astimezone(clinic.zone) for start in starts if utc(start) >= utc(now))
    until = min([until, *(start for start in to_come if start.date() == day)], key=utc)
    if utc(until) <= utc(begins):
        return clinic
    shown = later_by(until, -_MINUTE)
    over = 60 * until.hour + until.minute if until.date() == day else 0
    # Midnight itself may come twice; then the clock shows nothing that is over.
    over = over or 60 * shown.hour + shown.minute + 1
    gone = HoursOver(first=day, hours=((0, over),), why="that time is over", until=until)
    return attrs.evolve(clinic, closures=(*clinic.closures, gone))


def _starts(course: Course, notices: Mapping[str, LastNotice]) -> Iterator[datetime]:
    yield from (one.notice.start for one in notices.values())
    yield from (event.start for event in course.events if isinstance(event, Pinned))


def as_if_notified(course: Course, before: Schedule, as_of: date) -> Course:
    """
    Return the course with a plan's visits told, where nobody recorded that they were.

    Raises:
        InvalidValue: The plan is of another course.
    """
    if before.course != course.key:
        found = f"one of course {before.course!r}"
        raise InvalidValue(f"course {course.key!r}", "before", found, "a plan of its own")
    notified = {event.visit for event in course.events if isinstance(event, Notified)}
    given = {event.visit for event in course.events if isinstance(event, Given)}
    notifications = [notice_of(v, as_of) for v in before.visits if v.id not in notified | given]
    # First of all events: what happened since, such as a visit missed, came after the notification.
    return attrs.evolve(course, events=(*notifications, *course.events))


def _keep(one: LastNotice, clinic: Clinic) -> Keep:
    return Keep(
        start=one.notice.start.astimezone(clinic.zone),
        places=one.notice.places,
        staff=one.notice.staff,
        escort=one.notice.escort,
        ride=one.ride,
        declined=one.declined,
    )


# --- what became of each visit -----------------------------------------------------------------


def _changes(
    schedule: Schedule, notices: Mapping[str, LastNotice], why: _Why, past: set[str]
) -> tuple[Change, ...]:
    found: list[tuple[datetime, Change]] = []
    planned = {visit.id: visit for visit in schedule.visits}
    for visit in schedule.visits:
        one = notices.get(visit.id)
        notice = one.notice if one is not None and not one.cancelled else None
        found.append((visit.start, _of_planned(visit, notice, why)))
    for identity, one in notices.items():
        if one.cancelled or one.given or identity in planned or identity in past:
            continue
        change = Change(
            visit=identity,
            title=why.title(identity),
            fate=Fate.DROPPED,
            before=one.notice,
            because=(because := why.dropped(identity)),
            reason=why.said(because),
        )
        found.append((one.notice.start, change))
    return tuple(change for _, change in sorted(found, key=lambda pair: utc(pair[0])))


def _of_planned(visit: Visit, notice: Notified | None, why: _Why) -> Change:
    if notice is None:
        fate, because = Fate.ADDED, why.added(visit)
    elif utc(notice.start) != utc(visit.start):
        fate, because = Fate.MOVED, why.moved(visit)
    else:
        fate = Fate.KEPT
        because = why.other_ride(visit, notice) if notice.escort != visit.escort else None
    return Change(
        visit=visit.id,
        title=visit.title,
        title_before=why.title_before(visit) if notice is not None else "",
        fate=fate,
        before=notice,
        after=visit,
        because=because,
        reason=why.said(because),
        lapsed=visit.id in why.lapsed,
    )


# What names a date or a person says more than what only says that there is no room.
_TELLING = (
    FixedAt,
    NotBefore,
    causes.Declined,
    causes.PersonAway,
    causes.Closed,
    causes.PersonBusy,
    causes.MustDrive,
)


@attrs.frozen
class _Why:
    """Asks what forbids a visit's old place, with the others where they are now."""

    course: Course
    compiled: Compiled
    starts: tuple[int, ...]
    lapsed: Mapping[str, Missed | Deferred]

    @property
    def agenda(self) -> Agenda:
        return self.compiled.agenda

    def title_before(self, visit: Visit) -> str:
        """Return what people called a visit, if it has another number since one was left out."""
        if not any(isinstance(event, Omitted) for event in self.course.events):
            return ""
        title = self.title(visit.id)
        return "" if title == visit.title else title

    def title(self, identity: str) -> str:
        """Return what a visit was called when people were last told of it."""
        events: list[Event] = []
        notified_on: date | None = None
        for n, event in enumerate(self.course.events):
            if isinstance(event, Notified) and event.visit == identity:
                events, notified_on = list(self.course.events[: n + 1]), event.on
        then = agenda_of(outline(attrs.evolve(self.course, events=events), notified_on or date.min))
        titles = {due.id: due.title for due in (*self.agenda.dues, *then.dues)}
        return titles.get(identity, identity)

    def said(self, because: Reason | None) -> str:
        """Return a reason in English."""
        return "" if because is None else reason_text(because, self.agenda, ENGLISH)

    def dropped(self, identity: str) -> Reason:
        for event in reversed(self.course.events):
            if isinstance(event, Omitted) and event.visit == identity:
                return reasons.LeftOut(event.on, event.why)
        lapsed = self.lapsed.get(identity)
        if isinstance(lapsed, Deferred):
            return self._lapse(lapsed)
        if self.agenda.ended:
            return reasons.CourseEnded(self.agenda.ended)
        if any(due.id == identity for due in self.agenda.dues):
            return self._waits(identity)
        if lapsed is not None:
            return self._lapse(lapsed)
        return self._changed_by(identity) or reasons.NoLongerAsked()

    def _waits(self, identity: str) -> Reason:
        """Return what a visit that is due and not planned waits for: a test, or an answer."""
        ids = [due.id for due in self.agenda.dues]
        ahead = self.agenda.dues[: ids.index(identity) + 1]
        tests = {event.gate: event for event in self.course.events if isinstance(event, Tested)}
        asked = {one.id: one for one in self.agenda.questions if not _from_source(one)}
        # A visit beside the treatments may stand before the one held: then it waits for that.
        for due in (*reversed(ahead), *self.agenda.dues):
            for need in due.needs:
                if f"gate-{need.gate}-{due.id}" in asked and need.gate in tests:
                    return reasons.WaitsForTest(need.gate, tests[need.gate].on)
        near = [
            one.asks for due in reversed(ahead) for one in asked.values() if one.about == due.id
        ]
        near += [one.asks for one in asked.values()]
        return reasons.WaitsForAnswer(near[0] if near else "")

    def _changed_by(self, identity: str) -> Reason | None:
        """Return what happened since people were told that changes which visits there are."""
        since: Reason | None = None
        for event in self.course.events:
            match event:
                case Notified(visit=visit) if visit == identity:
                    since = None
                case Reviewed():
                    since = reasons.Reviewed(event.on)
                case Amended():
                    since = reasons.ProtocolAmended(event.on, event.why)
                case _:
                    pass
        return since

    def added(self, visit: Visit) -> Reason | None:
        identity, due = visit.id, self.agenda.due(visit.id)
        former = [name for name, new in self.agenda.aliases if new == identity]
        before = [one for one in self.agenda.past if one.id in former and one.counts]
        if before:
            return reasons.TooOld(before[-1].title, before[-1].on)
        dated = due.foreseen or due.earliest
        if dated is None:
            return None
        # A target that depends on no visit to come is the same date in any plan.
        fixed = any(
            isinstance(rule, Spacing)
            and (rule.rule, rule.later) == ("other visit", identity)
            and isinstance(rule.earlier, PastVisit)
            for rule in self.agenda.bindings
        )
        over = (visit.day - (due.target_until or dated.day)).days
        if due.target is None or not fixed or over <= 0:
            return reasons.Dated(dated)
        return reasons.Dated(dated, late=over)

    def other_ride(self, visit: Visit, notice: Notified) -> Reason | None:
        if visit.id in self.agenda.waived:
            return reasons.RideWaived()
        keep = self.compiled.keep.get(visit.id)
        if notice.escort is None:
            return None
        if keep is not None and notice.escort in keep.declined:
            return reasons.EscortDeclined(notice.escort)
        return reasons.EscortNotFree(notice.escort)

    def moved(self, visit: Visit) -> Reason:
        lapsed = self.lapsed.get(visit.id)
        if lapsed is not None:
            return self._lapse(lapsed)
        found = list(self._against(visit.id))
        for origin in sorted(found, key=lambda one: not isinstance(one, _TELLING)):
            assert isinstance(origin, Rules | causes.Cause)  # solvers keep them unseen
            return reasons.Forbidden(origin)
        return reasons.PlaceNeeded()

    def _lapse(self, event: Missed | Deferred) -> Reason:
        if isinstance(event, Missed):
            return reasons.DidNotTakePlace(event.on, event.why)
        return reasons.PutOff(event.on, event.until, event.why)

    def _against(self, identity: str) -> Iterator[object]:
        """Yield every rule and calendar that the visit's old place would break."""
        problem = self.compiled.problem
        index = next(n for n, item in enumerate(problem.items) if item.name == identity)
        item = problem.items[index]
        if item.announced is None:
            return
        slot = item.announced.slot
        day = _day(self.compiled, slot)
        for allowed in item.days:
            if day is None or not allowed.bits >> day & 1:
                yield allowed.origin
        for allowed in item.slots:
            if slot < 0 or not allowed.bits >> slot & 1:
                yield allowed.origin
        if day is None:
            return
        places = [*self.starts[:index], slot, *self.starts[index + 1 :]]
        for lag in problem.lags:
            ends = places[lag.earlier], places[lag.later]
            if index in (lag.earlier, lag.later) and not holds(self.compiled, lag, *ends):
                yield lag.origin


def _day(compiled: Compiled, slot: int) -> int | None:
    """Return the day of a slot; ``None`` outside the horizon."""
    if not 0 <= slot < compiled.problem.day_slots[-1]:
        return None
    return compiled.horizon.day_of(slot * compiled.problem.slot_minutes)


def holds(compiled: Compiled, lag: Lag, earlier: int, later: int) -> bool:
    """Tell whether two starts keep a lag; one outside the horizon does not break it."""
    days = _day(compiled, earlier), _day(compiled, later)
    if days[0] is None or days[1] is None:
        return True
    match lag:
        case DayLag():
            return lag.window.cost(days[1] - days[0]) is not None
        case TableLag():
            return lag.windows[days[0]].cost(days[1] - days[0]) is not None
        case SlotLag():
            return lag.window.cost(later - earlier) is not None
        case _:
            assert_never(lag)


def _from_source(question: Question) -> bool:
    """Tell whether a question is what the protocol's source leaves open, whatever happened."""
    return question.id.startswith("unspecified")
