"""Random histories of one small course: what happens, a plan made anew, people told, and again."""

from __future__ import annotations

from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import attrs
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, precondition, rule

from protocol_sched.errors import InvalidEvent
from protocol_sched.judge.checker import violations
from protocol_sched.judge.recording import record
from protocol_sched.model.availability import (
    Clinic,
    DatedHours,
    Escort,
    Hours,
    Person,
    Place,
    Staff,
)
from protocol_sched.model.before_and_after import NoDriving, RideHome
from protocol_sched.model.changes import Replan
from protocol_sched.model.course import (
    Amended,
    Confirmed,
    Course,
    Declined,
    Deferred,
    Event,
    Given,
    Missed,
    Notified,
    Omitted,
    Pinned,
    Waived,
)
from protocol_sched.model.gates import Gate
from protocol_sched.model.last_notice import LastNotice, last_notices
from protocol_sched.model.numbers import Count, Ordinals
from protocol_sched.model.protocol import Phase, Protocol, VisitType
from protocol_sched.model.rules import Separation
from protocol_sched.model.spans import CalendarSpan, elapsed_span, parse_range, parse_span
from protocol_sched.model.stages import Stage
from protocol_sched.planning.replan import replan_course
from protocols import every

NEW_YORK = ZoneInfo("America/New_York")
START = date(2027, 3, 8)
"""The clocks go forward on 14 March."""


def visit_type(name: str, length: str, escorted: bool) -> VisitType:
    stage = Stage(
        name=name,
        length=parse_range(length),
        needs=(("chair", 1), ("nurse", 1)) if escorted else (("nurse", 1),),
        source="local",
    )
    ride = RideHome(confirm_before=elapsed_span("24 hours"), source="local") if escorted else None
    driving = NoDriving(until="next day", source="local") if escorted else None
    return VisitType(name=name, stages=[stage], ride_home=ride, no_driving=driving)


PROTOCOL = Protocol(
    name="small",
    title="Small",
    visit_types=[
        visit_type("dose", "60 to 90 minutes", True),
        visit_type("evaluation", "60 minutes", False),
    ],
    phases=[
        Phase(
            name="dose",
            visit="dose",
            visits=Count(3, 3),
            cadence=every("2 to 3 days"),
            separations=[
                Separation(least=parse_span("2 days"), most=parse_span("7 days"), source="local")
            ],
            source="local",
        )
    ],
    gates=[
        Gate(
            name="evaluation",
            visit="evaluation",
            phase="dose",
            before=Ordinals.parse("first"),
            min_age=CalendarSpan(days=1),
            source="local",
        )
    ],
)
WEEKDAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday")
CLINIC = Clinic(
    name="Small Clinic",
    zone=NEW_YORK,
    hours=Hours.of(dict.fromkeys(WEEKDAYS, "09:00-13:00")),
    places=[Place(name="chair 1", kind="chair"), Place(name="chair 2", kind="chair")],
    staff=[Staff(kind="nurse", units=1)],
    start_every=60,
)
PERSON = Person(
    key="p1",
    name="Ada",
    escorts=[
        Escort(name="Tomas", available=Hours.of(dict.fromkeys(WEEKDAYS[:4], "09:00-18:00"))),
        Escort(name="Priya", available=Hours.of(dict.fromkeys(WEEKDAYS, "09:00-18:00"))),
    ],
)


class Histories(RuleBasedStateMachine):
    """One course in the hands of a clinic; every rule ends with a plan and people told."""

    def __init__(self) -> None:
        super().__init__()
        self.course = Course(key="c1", protocol=PROTOCOL, not_before=START)
        self.clinic, self.person = CLINIC, PERSON
        self.today = START - timedelta(days=1)
        self.hour, self.minutes = 8, 0
        self.events = 0

    @initialize()
    def first(self) -> None:
        self.replan()

    # --- what can happen ---------------------------------------------------------------------

    @property
    def now(self) -> datetime:
        # A minute later with each thing that happens: no two are told at one moment.
        minute = min(self.minutes, 59)
        return datetime.combine(self.today, time(self.hour, minute), NEW_YORK)

    def coming(self) -> list[LastNotice]:
        """Return the visits people know of that are still to come, soonest first."""
        found = [
            one
            for one in last_notices(self.course.events).values()
            if not one.given and not one.cancelled and one.notice.start >= self.now
        ]
        return sorted(found, key=lambda one: one.notice.start)

    @rule(days=st.integers(0, 3), hour=st.integers(8, 14))
    def time_passes(self, days: int, hour: int) -> None:
        """Nothing is recorded of visits whose time comes."""
        self.today += timedelta(days=days)
        self.hour = hour if days else max(hour, self.hour)
        self.minutes = 0 if days else self.minutes
        self.replan()

    @precondition(lambda self: self.coming())
    @rule(late=st.sampled_from([0, 0, 0]) | st.integers(-7, 43))
    def the_next_is_given(self, late: int) -> None:
        """It begins so many minutes after the time that people know."""
        notified = self.coming()[0].notice
        self.today, self.hour = notified.start.date(), 14
        start = notified.start + timedelta(minutes=late)
        self.happens(Given(visit=notified.visit, on=self.today, start=start))

    @precondition(lambda self: self.coming())
    @rule(n=st.integers(0, 3), why=st.sampled_from(["", "a cold"]))
    def one_is_missed(self, n: int, why: str) -> None:
        notified = self.coming()[0].notice
        self.today = notified.start.date()
        self.happens(Missed(visit=notified.visit, on=self.today, why=why))

    @precondition(lambda self: self.coming())
    @rule(n=st.integers(0, 3), days=st.integers(0, 9))
    def one_is_put_off(self, n: int, days: int) -> None:
        until = self.today + timedelta(days=days)
        self.happens(Deferred(visit=self.one(n).visit, on=self.today, until=until))

    @precondition(lambda self: len(self.coming()) > 1)
    @rule(n=st.integers(0, 3))
    def one_is_left_out(self, n: int) -> None:
        self.happens(Omitted(visit=self.one(n).visit, on=self.today))

    @precondition(lambda self: self.coming())
    @rule(n=st.integers(0, 3))
    def one_is_pinned(self, n: int) -> None:
        notified = self.one(n)
        self.happens(Pinned(visit=notified.visit, start=notified.start, on=self.today))

    @precondition(lambda self: self.coming())
    @rule(n=st.integers(0, 3))
    def an_escort_says_yes(self, n: int) -> None:
        notified = self.one(n)
        if notified.escort is not None:
            self.happens(
                Confirmed(visit=notified.visit, escort=notified.escort, on=self.today, at=self.now)
            )

    @precondition(lambda self: self.coming())
    @rule(n=st.integers(0, 3))
    def an_escort_says_no(self, n: int) -> None:
        notified = self.one(n)
        if notified.escort is not None:
            self.happens(
                Declined(visit=notified.visit, escort=notified.escort, on=self.today, at=self.now)
            )

    @precondition(lambda self: self.coming())
    @rule(n=st.integers(0, 3))
    def a_ride_is_waived(self, n: int) -> None:
        visit = self.one(n).visit
        self.happens(Waived(visit=visit, by="Dr. Osei", why="stays near", on=self.today))

    @rule(most=st.integers(5, 9))
    def the_protocol_is_amended(self, most: int) -> None:
        (run,) = PROTOCOL.phases
        limits = Separation(
            least=parse_span("2 days"), most=parse_span(f"{most} days"), source="local"
        )
        other = attrs.evolve(PROTOCOL, phases=[attrs.evolve(run, separations=[limits])])
        self.happens(Amended(protocol=other, on=self.today))

    @rule(days=st.integers(0, 9), why=st.sampled_from(["burst pipe", "training"]))
    def the_clinic_closes_a_day(self, days: int, why: str) -> None:
        closed = DatedHours(first=self.today + timedelta(days=days), why=why)
        self.clinic = attrs.evolve(self.clinic, closures=(*self.clinic.closures, closed))
        self.replan()

    @rule(days=st.integers(0, 9), more=st.integers(0, 2))
    def the_person_is_away(self, days: int, more: int) -> None:
        first = self.today + timedelta(days=days)
        away = DatedHours(first=first, last=first + timedelta(days=more), why="travels")
        self.person = attrs.evolve(self.person, away=(*self.person.away, away))
        self.replan()

    def one(self, n: int) -> Notified:
        coming = self.coming()
        return coming[n % len(coming)].notice

    # --- what must hold after it -------------------------------------------------------------

    def happens(self, event: Event) -> None:
        before = self.course
        try:
            self.course = record(before, [event], as_of=self.today)
        except InvalidEvent:
            assert self.course == before
            return
        self.events += 1
        assert record(self.course, [event], as_of=self.today) == self.course
        self.replan()

    def replan(self) -> None:
        self.minutes += 1
        found = self.again()
        self.judge(found)
        notified = found.events(self.today, self.now)
        self.course = record(self.course, notified, as_of=self.today)
        self.events += len(notified)
        if found.plan.schedule is not None:
            after = self.again()
            assert after.events(self.today, self.now) == (), "planned twice, something changed"
            assert after.plan.schedule is not None

    def again(self) -> Replan:
        return replan_course(self.course, self.clinic, self.person, as_of=self.today, now=self.now)

    def judge(self, found: Replan) -> None:
        schedule, agenda = found.plan.schedule, found.plan.agenda
        past = {visit.id for visit in agenda.past}
        given = {event.visit for event in self.course.events if isinstance(event, Given)}
        over = {
            visit
            for visit, one in last_notices(self.course.events).items()
            if one.notice.start < self.now and not one.cancelled and not self.lapsed(visit)
        }
        if schedule is None:
            assert found.plan.conflicts
            return
        assert [str(one) for one in self.broken(found)] == []
        planned = {visit.id: visit for visit in schedule.visits}
        assert not planned.keys() & (given | past | over), "something past was planned anew"
        assert all(visit.start >= self.now for visit in schedule.visits)
        for visit, start in self.pinned().items():
            if visit in planned:
                assert planned[visit].start == start, "something pinned moved"
        for change in found.changes:
            assert change.reason or change.fate.value == "kept", change

    def broken(self, found: Replan) -> tuple[object, ...]:
        assert found.plan.schedule is not None
        parts = (self.clinic, self.person, PROTOCOL)
        return violations(found.plan.agenda, found.plan.schedule, *parts)

    def lapsed(self, visit: str) -> bool:
        last = False
        for event in self.course.events:
            if isinstance(event, Missed | Deferred) and event.visit == visit:
                last = True
            elif isinstance(event, Notified) and event.visit == visit:
                last = False
        return last

    def pinned(self) -> dict[str, datetime]:
        pins: dict[str, datetime] = {}
        for event in self.course.events:
            if isinstance(event, Pinned):
                pins[event.visit] = event.start
            elif isinstance(event, Missed | Deferred | Omitted):
                pins.pop(event.visit, None)
        return pins
