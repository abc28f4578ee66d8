"""The checker: each rule is broken by one small change, and nothing else is."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import UTC, date, datetime
from typing import Any
from zoneinfo import ZoneInfo

import attrs
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from oracle import best, grid_starts, visit_at
from protocol_sched.judge.checker import rule_violations, violations
from protocol_sched.judge.objective import deviation_of, objective, preferences_of
from protocol_sched.judge.violation import Violation
from protocol_sched.model.agenda import (
    Agenda,
    AtMost,
    Due,
    FixedAt,
    NextWorkingDay,
    NotAfter,
    NotBefore,
    OnDaysOfMonth,
    OnWeekdays,
    PastVisit,
    Rules,
    Spacing,
    WeekApart,
)
from protocol_sched.model.availability import (
    Booking,
    Clinic,
    Commitment,
    DatedHours,
    Escort,
    Hours,
    Person,
    Place,
    Preferences,
    Staff,
)
from protocol_sched.model.before_and_after import NoDriving, RideHome
from protocol_sched.model.cadences import Every, Week
from protocol_sched.model.numbers import Count
from protocol_sched.model.objective import Objective
from protocol_sched.model.protocol import Phase, Protocol, VisitType
from protocol_sched.model.rules import Between
from protocol_sched.model.schedule import PlannedStage, Ride, Schedule, Slack, Visit
from protocol_sched.model.spans import (
    ElapsedSpan,
    MonthEnd,
    SpanRange,
    parse_range,
    parse_span,
)
from protocol_sched.model.stages import Stage
from strategies import clinics, persons, values

ZONE = ZoneInfo("America/New_York")
WEEK = dict.fromkeys(("Monday", "Wednesday", "Friday"), "08:00-12:00, 12:00-17:00")


def at(day: int, clock: str, month: int = 3, zone: ZoneInfo = ZONE, fold: int = 0) -> datetime:
    """Return a moment of 2027."""
    hour, minute = map(int, clock.split(":"))
    return datetime(2027, month, day, hour, minute, tzinfo=zone, fold=fold)


def on(day: int, month: int = 3) -> date:
    """Return a date of 2027; 1 March is a Monday."""
    return date(2027, month, day)


def stage(name: str, length: str, **more: Any) -> Stage:
    """Return a stage; ``needs`` and the rest as keywords."""
    return Stage(name=name, length=parse_range(length), source="local", **more)


INFUSION = VisitType(
    name="infusion",
    stages=[
        stage("check-in", "15 minutes"),
        stage("infusion", "45 to 60 minutes", needs=(("chair", 1), ("nurse", 1))),
        stage(
            "recovery",
            "at least 60 minutes",
            allow=ElapsedSpan(75),
            until="fit",
            needs=(("chair", 1),),
        ),
    ],
    ride_home=RideHome(source="local", stay_with=ElapsedSpan(30)),
    no_driving=NoDriving(source="local", until="next day"),
)
TALK = VisitType(name="talk", stages=[stage("talk", "30 minutes")], weekdays=("Monday", "Friday"))


def protocol_of(*kinds: VisitType) -> Protocol:
    """Return a protocol of these visit types; its phase is never looked at."""
    phase = Phase(
        name="course",
        visit=kinds[0].name,
        visits=Count(3, 3),
        cadence=Every(every=parse_range("2 days")),
        source="local",
    )
    return Protocol(name="p", title="P", visit_types=kinds, phases=[phase])


def due(identity: str, kind: str = "infusion", ordinal: int = 1) -> Due:
    """Return a due visit called as its identity with a space."""
    return Due(
        id=identity,
        title=identity.replace("-", " "),
        kind=kind,
        phase="course",
        ordinal=ordinal,
        type_ordinal=ordinal,
    )


@attrs.frozen(kw_only=True)
class World:
    """All that a schedule is judged by, and the schedule."""

    agenda: Agenda
    schedule: Schedule
    clinic: Clinic
    person: Person
    protocol: Protocol

    def found(self) -> tuple[Violation, ...]:
        """Return what the checker finds."""
        return violations(self.agenda, self.schedule, self.clinic, self.person, self.protocol)

    def rules(self) -> list[tuple[str, tuple[str, ...]]]:
        """Return the rule and the visits of each violation."""
        return [(one.rule, one.visits) for one in self.found()]

    def bound(self, *bindings: Rules, month_end: MonthEnd = MonthEnd.LAST_DAY) -> World:
        """Return the same with these rules and no others."""
        agenda = attrs.evolve(self.agenda, bindings=bindings, month_end=month_end)
        return attrs.evolve(self, agenda=agenda)

    def with_visit(self, n: int, **parts: Any) -> World:
        """Return the same with the n-th visit, from 0, changed."""
        visits = list(self.schedule.visits)
        visits[n] = attrs.evolve(visits[n], **parts)
        return self.with_visits(visits)

    def with_visits(self, visits: Sequence[Visit]) -> World:
        """Return the same with other visits."""
        return attrs.evolve(self, schedule=attrs.evolve(self.schedule, visits=visits))

    def moved(self, n: int, start: datetime) -> World:
        """Return the same with the n-th visit at another time, all of it right."""
        old = self.schedule.visits[n]
        new = visit_at(
            self.agenda.due(old.id),
            start,
            self.agenda,
            self.clinic,
            self.protocol,
            old.places,
            old.escort,
        )
        return self.with_visit(n, **{f: getattr(new, f) for f in MOMENTS})

    def in_order(self) -> World:
        """Return the same with its visits in order of time."""
        return self.with_visits(sorted(self.schedule.visits, key=lambda visit: visit.start))

    def with_clinic(self, **parts: Any) -> World:
        """Return the same with the clinic changed."""
        return attrs.evolve(self, clinic=attrs.evolve(self.clinic, **parts))

    def with_person(self, **parts: Any) -> World:
        """Return the same with the person changed."""
        return attrs.evolve(self, person=attrs.evolve(self.person, **parts))

    def with_escort(self, **parts: Any) -> World:
        """Return the same with the first escort changed."""
        first, *others = self.person.escorts
        return self.with_person(escorts=[attrs.evolve(first, **parts), *others])


MOMENTS = ("start", "discharge", "discharge_by", "stages", "no_driving_until")

FIRST = Visit(
    id="infusion-1",
    title="infusion 1",
    kind="infusion",
    phase="course",
    ordinal=1,
    type_ordinal=1,
    start=at(1, "09:00"),
    discharge=at(1, "11:00"),
    discharge_by=at(1, "11:30"),
    stages=[
        PlannedStage(
            name="check-in",
            start=at(1, "09:00"),
            start_by=at(1, "09:00"),
            end=at(1, "09:15"),
            end_by=at(1, "09:15"),
        ),
        PlannedStage(
            name="infusion",
            start=at(1, "09:15"),
            start_by=at(1, "09:15"),
            end=at(1, "10:00"),
            end_by=at(1, "10:15"),
        ),
        PlannedStage(
            name="recovery",
            start=at(1, "10:00"),
            start_by=at(1, "10:15"),
            end=at(1, "11:00"),
            end_by=at(1, "11:30"),
            until="fit",
        ),
    ],
    places=(("chair", "chair 1"),),
    escort="Sam",
    ride=Ride.UNCONFIRMED,
    no_driving_until=on(2),
)


def world() -> World:
    """Return three infusions on Monday, Wednesday and Friday and a talk, all rules kept."""
    clinic = Clinic(
        name="Harbour",
        zone=ZONE,
        hours=Hours.of(WEEK),
        places=[
            Place(
                name="chair 1",
                kind="chair",
                # Ends when the chair is first needed, and begins when it is last needed.
                booked=[
                    Booking(day=on(1), start=480, end=555),
                    Booking(day=on(1), start=690, end=720),
                ],
            ),
            Place(name="chair 2", kind="chair"),
            Place(name="bed 1", kind="bed"),
        ],
        staff=[Staff(kind="nurse", units=2, booked=[Booking(day=on(1), start=480, end=720)])],
    )
    person = Person(
        key="p1",
        name="Ada",
        available=Hours.of(dict.fromkeys(WEEK, "09:00-17:00")),
        commitments=[
            Commitment(what="call", hours=Hours.of({"Monday": "08:00-09:00, 11:30-12:00"})),
            # Driving is barred on Monday from 11:00 to midnight, and not a minute more.
            Commitment(
                what="school run",
                needs_driving=True,
                hours=Hours.of({"Monday": "08:00-09:00", "Tuesday": "00:00-01:00"}),
            ),
        ],
        # Free for just the discharge on Monday and the half hour after it.
        escorts=[
            Escort(name="Sam", available=Hours.of(dict.fromkeys(WEEK, "11:00-11:30, 11:30-12:00"))),
            Escort(name="Kim", available=Hours.of({})),
        ],
    )
    agenda = Agenda(
        course="c1",
        protocol="p",
        as_of=on(26, 2),
        month_end=MonthEnd.LAST_DAY,
        dues=[due("infusion-1"), due("infusion-2", ordinal=2), due("talk-1", "talk")],
        bindings=[],
    )
    protocol = protocol_of(INFUSION, TALK)
    second = visit_at(
        agenda.dues[1], at(3, "09:00"), agenda, clinic, protocol, [("chair", "chair 2")], "Sam"
    )
    third = visit_at(agenda.dues[2], at(5, "14:00"), agenda, clinic, protocol)
    schedule = Schedule(course="c1", zone="America/New_York", visits=[FIRST, second, third])
    return World(agenda=agenda, schedule=schedule, clinic=clinic, person=person, protocol=protocol)


def test_a_schedule_that_keeps_every_rule_has_no_violation() -> None:
    assert world().found() == ()


def test_the_visit_worked_out_by_the_oracle_is_the_one_written_by_hand() -> None:
    w = world()
    made = visit_at(
        w.agenda.dues[0],
        at(1, "09:00"),
        w.agenda,
        w.clinic,
        w.protocol,
        [("chair", "chair 1")],
        "Sam",
    )
    assert made == FIRST


def test_a_violation_is_a_sentence_with_what_was_found_and_wanted() -> None:
    rule = Spacing(
        rule="separation",
        source="label",
        earlier="infusion-1",
        later="infusion-2",
        least=parse_span("3 days"),
        most=parse_span("47 hours"),
    )
    assert [str(one) for one in world().bound(rule).found()] == [
        "infusion 2 comes 2 days after infusion 1; wanted at least 3 days, so Thu 2027-03-04 "
        "or later (separation)",
        "infusion 2 comes 48 hours after infusion 1; wanted at most 47 hours (separation)",
    ]
    assert {one.source for one in world().bound(rule).found()} == {"label"}


# --- one change, one violation ---------------------------------------------------------------


def _dropped(w: World) -> World:
    return w.with_visits(w.schedule.visits[1:])


def _doubled(w: World) -> World:
    return w.with_visits([w.schedule.visits[0], *w.schedule.visits])


def _stranger(w: World) -> World:
    return w.with_visits([*w.schedule.visits, attrs.evolve(w.schedule.visits[2], id="talk-9")])


def _unordered(w: World) -> World:
    return w.with_visits([w.schedule.visits[n] for n in (1, 0, 2)])


def _overlap(w: World) -> World:
    # The talk starts a quarter of an hour before infusion 1 may end.
    return w.moved(2, at(1, "11:15")).in_order().with_person(commitments=[])


def _stage_moved(w: World) -> World:
    stages = list(w.schedule.visits[0].stages)
    stages[1] = attrs.evolve(stages[1], end_by=at(1, "10:16"))
    return w.with_visit(0, stages=stages)


def _no_staff(w: World) -> World:
    staff = Staff(kind="nurse", units=2, booked=[Booking(day=on(1), start=614, end=615, units=2)])
    return w.with_clinic(staff=[staff])


def _waived(w: World) -> World:
    return attrs.evolve(w, agenda=attrs.evolve(w.agenda, waived=("infusion-1",)))


def _other_type(w: World) -> World:
    return attrs.evolve(w, protocol=protocol_of(INFUSION))


def _needing(kind: str) -> Callable[[World], World]:
    talk = attrs.evolve(TALK, stages=[stage("talk", "30 minutes", needs=((kind, 1),))])
    return lambda w: attrs.evolve(w, protocol=protocol_of(INFUSION, talk))


def _seen_in_utc(w: World) -> World:
    return w.with_visit(2, discharge=w.schedule.visits[2].discharge.astimezone(UTC))


ONE, TWO, THREE = ("infusion-1",), ("infusion-2",), ("talk-1",)

CHANGES: dict[str, tuple[Callable[[World], World], list[tuple[str, tuple[str, ...]]]]] = {
    "a due visit left out": (_dropped, [("missing visit", ONE)]),
    "a visit twice": (_doubled, [("doubled visit", ONE)]),
    "a visit that is not due": (_stranger, [("unknown visit", ("talk-9",))]),
    "visits out of order": (_unordered, [("listing", ("infusion-2", "infusion-1"))]),
    "another course": (
        lambda w: attrs.evolve(w, schedule=attrs.evolve(w.schedule, course="c2")),
        [("course", ())],
    ),
    "a schedule in another zone": (
        lambda w: attrs.evolve(w, schedule=attrs.evolve(w.schedule, zone="Europe/London")),
        [("zone", ())],
    ),
    "a moment in another zone": (_seen_in_utc, [("zone", THREE)]),
    "a moment out of reach": (
        lambda w: w.with_visit(2, start=datetime.max.replace(tzinfo=UTC)),
        [("moment", THREE)],
    ),
    "visits at once": (_overlap, [("overlap", ("infusion-1", "talk-1"))]),
    "another title": (lambda w: w.with_visit(0, title="x"), [("identity", ONE)]),
    "another kind": (lambda w: w.with_visit(0, kind="talk"), [("identity", ONE)]),
    "another phase": (lambda w: w.with_visit(0, phase="x"), [("identity", ONE)]),
    "another ordinal": (lambda w: w.with_visit(0, ordinal=2), [("identity", ONE)]),
    "another type ordinal": (lambda w: w.with_visit(0, type_ordinal=2), [("identity", ONE)]),
    "a type the protocol has not": (_other_type, [("visit type", THREE)]),
    "a discharge too early": (
        lambda w: w.with_visit(0, discharge=at(1, "10:59")),
        [("discharge", ONE)],
    ),
    "a discharge too late": (
        lambda w: w.with_visit(0, discharge_by=at(1, "11:45")),
        [("discharge", ONE)],
    ),
    "a stage that ends late": (_stage_moved, [("stages", ONE)]),
    "a stage left out": (
        lambda w: w.with_visit(0, stages=w.schedule.visits[0].stages[:2]),
        [("stages", ONE)],
    ),
    "driving allowed too soon": (
        lambda w: w.with_visit(0, no_driving_until=on(1)),
        [("no driving", ONE)],
    ),
    "driving not barred": (
        lambda w: w.with_visit(0, no_driving_until=None),
        [("no driving", ONE)],
    ),
    "driving barred after a talk": (
        lambda w: w.with_visit(2, no_driving_until=on(6)),
        [("no driving", THREE)],
    ),
    "off the start times": (lambda w: w.moved(2, at(5, "14:05")), [("start times", THREE)]),
    "a weekday of another type": (
        lambda w: w.moved(2, at(3, "14:00")),
        [("weekdays", THREE)],
    ),
    "after closing": (
        lambda w: w.moved(2, at(5, "16:45")).with_person(available=Hours()),
        [("opening hours", THREE)],
    ),
    "on a date with other hours": (
        lambda w: w.with_clinic(hours=Hours.of(WEEK, {on(5): [(8 * 60, 14 * 60 + 29)]})),
        [("opening hours", THREE)],
    ),
    "in a closure": (
        lambda w: w.with_clinic(closures=[DatedHours(first=on(5), hours=[(869, 960)])]),
        [("closure", THREE)],
    ),
    "in an extra opening that is closed": (
        lambda w: w.with_clinic(
            extra_openings=[DatedHours(first=on(5))], closures=[DatedHours(first=on(4), last=on(6))]
        ),
        [("closure", THREE)],
    ),
    "no place": (lambda w: w.with_visit(0, places=()), [("place", ONE)]),
    "two places of a kind": (
        lambda w: w.with_visit(1, places=(("chair", "chair 1"), ("chair", "chair 2"))),
        [("place", TWO)],
    ),
    "a place that is not there": (
        lambda w: w.with_visit(0, places=(("chair", "chair 7"),)),
        [("place", ONE)],
    ),
    "a place of another kind": (
        lambda w: w.with_visit(0, places=(("chair", "bed 1"),)),
        [("place", ONE)],
    ),
    "a place nobody needs": (
        lambda w: w.with_visit(0, places=(("chair", "chair 1"), ("bed", "bed 1"))),
        [("place", ONE)],
    ),
    "a place booked when it is first needed": (
        lambda w: w.with_clinic(
            places=[
                Place(
                    name="chair 1", kind="chair", booked=[Booking(day=on(1), start=555, end=556)]
                ),
                *w.clinic.places[1:],
            ]
        ),
        [("place", ONE)],
    ),
    "a place booked when it is last needed": (
        lambda w: w.with_clinic(
            places=[
                Place(
                    name="chair 1", kind="chair", booked=[Booking(day=on(1), start=689, end=690)]
                ),
                *w.clinic.places[1:],
            ]
        ),
        [("place", ONE)],
    ),
    "staff booked when the infusion may run": (_no_staff, [("staff", ONE)]),
    "too few staff": (
        lambda w: w.with_clinic(
            staff=[Staff(kind="nurse", units=1, booked=[Booking(day=on(3), start=600, end=615)])]
        ),
        [("staff", TWO)],
    ),
    "a kind the clinic has not": (_needing("scanner"), [("resource", THREE)]),
    "a place the stages need": (_needing("bed"), [("place", THREE)]),
    "the person is not available": (
        lambda w: (
            w.with_person(available=Hours.of({**dict.fromkeys(WEEK, "09:15-17:00")}))
            .moved(1, at(3, "09:15"))
            .with_escort(available=Hours())
        ),
        [("person available", ONE)],
    ),
    "the person is away": (
        lambda w: w.with_person(away=[DatedHours(first=on(5), hours=[(14 * 60, 14 * 60 + 1)])]),
        [("person away", THREE)],
    ),
    "the person has something to do": (
        lambda w: w.with_person(
            commitments=[Commitment(what="choir", hours=Hours.of({"Friday": "14:29-15:00"}))]
        ),
        [("commitment", THREE)],
    ),
    "the person must drive before midnight": (
        lambda w: w.with_person(
            commitments=[
                Commitment(what="x", needs_driving=True, hours=Hours.of({"Monday": "23:59-24:00"}))
            ]
        ),
        [("driving", ONE)],
    ),
    "no escort": (lambda w: w.with_visit(0, escort=None), [("escort", ONE)]),
    "an escort nobody knows": (lambda w: w.with_visit(0, escort="Bo"), [("escort", ONE)]),
    "an escort who is not free": (lambda w: w.with_visit(0, escort="Kim"), [("escort", ONE)]),
    "an escort who is away at discharge": (
        lambda w: w.with_escort(away=[DatedHours(first=on(1), hours=[(660, 661)])]),
        [("escort", ONE)],
    ),
    "an escort who leaves before the time to stay is over": (
        lambda w: w.with_escort(away=[DatedHours(first=on(3), hours=[(719, 720)])]),
        [("escort", TWO)],
    ),
    "an escort who declined": (
        lambda w: w.with_visit(0, ride=Ride.DECLINED),
        [("escort", ONE)],
    ),
    "a ride that nobody asked for": (lambda w: w.with_visit(0, ride=None), [("escort", ONE)]),
    "an escort where none is needed": (
        lambda w: w.with_visit(2, escort="Sam"),
        [("escort", THREE)],
    ),
    "a waiver that no clinician recorded": (
        lambda w: w.with_visit(0, waived=True),
        [("waiver", ONE)],
    ),
    "a waiver that the schedule does not know": (_waived, [("waiver", ONE), ("escort", ONE)]),
}


@pytest.mark.parametrize("change", CHANGES)
def test_one_change_breaks_the_rule_it_is_about_and_no_other(change: str) -> None:
    mutate, expected = CHANGES[change]
    assert mutate(world()).rules() == expected


# --- the agenda's rules, at their edges ------------------------------------------------------


def past(day: date, **more: Any) -> PastVisit:
    """Return a visit already given."""
    return PastVisit("before", "the visit before", day, **more)


def spacing(least: str = "", most: str = "", **more: Any) -> Spacing:
    """Return a spacing between the first two infusions, unless told otherwise."""
    return Spacing(
        rule="separation",
        earlier=more.pop("earlier", "infusion-1"),
        later=more.pop("later", "infusion-2"),
        least=parse_span(least) if least else None,
        most=parse_span(most) if most else None,
        **more,
    )


def working_days(days: int, earlier: str | PastVisit = "infusion-2") -> NextWorkingDay:
    """Return a rule from an earlier visit to the talk on Friday."""
    return NextWorkingDay(rule="r", earlier=earlier, later="talk-1", days=days)


def weeks(number: int, begins: Week, earlier: PastVisit) -> WeekApart:
    """Return a rule from an earlier visit to infusion 1, on Monday."""
    return WeekApart(rule="r", earlier=earlier, later="infusion-1", weeks=number, begins=begins)


def at_most(most: int, days: int, *more: PastVisit) -> AtMost:
    """Return a cap on the three visits of the world: Monday, Wednesday and Friday."""
    visits = (*more, "infusion-1", "infusion-2", "talk-1")
    return AtMost(rule="cap", most=most, days=days, visits=visits)


END = Between.END_AND_START
EVENING = at(27, "18:00", month=2)
KEPT_AND_BROKEN: dict[str, tuple[Rules, Rules]] = {
    "least dates": (spacing("2 days"), spacing("3 days")),
    "most dates": (spacing(most="2 days"), spacing(most="1 day")),
    "least hours": (spacing("48 hours"), spacing("48 hours + 1 minute")),
    "most hours": (spacing(most="48 hours"), spacing(most="48 hours - 1 minute")),
    "least from the latest discharge": (
        spacing("45 hours + 30 minutes", between=END),
        spacing("45 hours + 31 minutes", between=END),
    ),
    "most from the latest discharge": (
        spacing(most="45 hours + 30 minutes", between=END),
        spacing(most="45 hours + 29 minutes", between=END),
    ),
    "a negative span": (
        spacing("- 2 days", earlier="talk-1"),
        spacing("- 1 day", earlier="talk-1"),
    ),
    "least from a past start": (
        spacing("39 hours", earlier=past(on(27, 2), start=EVENING), later="infusion-1"),
        spacing("39 hours + 1 minute", earlier=past(on(27, 2), start=EVENING), later="infusion-1"),
    ),
    "least hours from the end of a past date": (
        spacing("33 hours", earlier=past(on(27, 2)), later="infusion-1"),
        spacing("33 hours + 1 minute", earlier=past(on(27, 2)), later="infusion-1"),
    ),
    "most hours from the beginning of a past date": (
        spacing(most="57 hours", earlier=past(on(27, 2)), later="infusion-1"),
        spacing(most="57 hours - 1 minute", earlier=past(on(27, 2)), later="infusion-1"),
    ),
    "least from a past end that is not known": (
        spacing(
            "33 hours", between=END, earlier=past(on(27, 2), start=EVENING), later="infusion-1"
        ),
        spacing(
            "33 hours + 1 minute",
            between=END,
            earlier=past(on(27, 2), start=EVENING),
            later="infusion-1",
        ),
    ),
    "most from a past end that is not known": (
        spacing(
            most="39 hours", between=END, earlier=past(on(27, 2), start=EVENING), later="infusion-1"
        ),
        spacing(
            most="39 hours - 1 minute",
            between=END,
            earlier=past(on(27, 2), start=EVENING),
            later="infusion-1",
        ),
    ),
    "a span beyond the calendar": (spacing(most="9999 years"), spacing("9999 years")),
    "working days over a weekend": (
        working_days(6, past(on(25, 2))),
        working_days(8, past(on(25, 2))),
    ),
    "working days in a week": (working_days(2), working_days(1)),
    "no working day": (working_days(0, past(on(5))), working_days(0, past(on(4)))),
    "weeks from Sunday": (
        weeks(0, Week.SUNDAY, past(on(28, 2))),
        weeks(0, Week.SUNDAY, past(on(27, 2))),
    ),
    "weeks from Monday": (
        weeks(1, Week.MONDAY, past(on(28, 2))),
        weeks(0, Week.MONDAY, past(on(28, 2))),
    ),
    "at most three in five days": (at_most(3, 5), at_most(2, 5)),
    "at most one in two days": (at_most(1, 2), at_most(1, 3)),
    "at most with the past": (at_most(3, 5, past(on(28, 2))), at_most(3, 6, past(on(28, 2)))),
    "not before": (
        NotBefore(rule="r", visit="infusion-2", day=on(3)),
        NotBefore(rule="r", visit="infusion-2", day=on(4)),
    ),
    "not after": (
        NotAfter(rule="r", visit="infusion-2", day=on(3)),
        NotAfter(rule="r", visit="infusion-2", day=on(2)),
    ),
    "weekdays": (
        OnWeekdays(rule="r", visit="infusion-2", weekdays=("Monday", "Wednesday")),
        OnWeekdays(rule="r", visit="infusion-2", weekdays=("Monday", "Thursday")),
    ),
    "pinned": (
        FixedAt(rule="r", visit="infusion-2", start=at(3, "09:00").astimezone(UTC)),
        FixedAt(rule="r", visit="infusion-2", start=at(3, "09:15")),
    ),
}


@pytest.mark.parametrize("rule", KEPT_AND_BROKEN)
def test_a_rule_is_kept_at_its_edge_and_broken_one_step_beyond(rule: str) -> None:
    kept, broken = KEPT_AND_BROKEN[rule]
    assert world().bound(kept).found() == ()
    assert [one.rule for one in world().bound(broken).found()] == [broken.rule]


@pytest.mark.parametrize(
    ("month_end", "least", "most", "broken"),
    [
        (MonthEnd.NEXT_DAY, "1 month", "1 month", []),
        (MonthEnd.NEXT_DAY, "1 month + 1 day", "2 months", ["separation"]),
        (MonthEnd.LAST_DAY, "1 month + 1 day", "1 month + 1 day", []),
        (MonthEnd.LAST_DAY, "1 month", "1 month", ["separation"]),
    ],
)
def test_a_month_from_31_january_ends_where_the_policy_says(
    month_end: MonthEnd, least: str, most: str, broken: list[str]
) -> None:
    rule = spacing(least, most, earlier=past(on(31, 1)), later="infusion-1")
    assert [one for one, _ in world().bound(rule, month_end=month_end).rules()] == broken


def test_a_rule_about_a_tentative_visit_that_is_not_placed_binds_nothing() -> None:
    w = world()
    more = attrs.evolve(due("talk-2", "talk", 2), tentative=True)
    agenda = attrs.evolve(w.agenda, dues=[*w.agenda.dues, more])
    rules = (spacing("9 days", later="talk-2"), spacing("9 days", earlier="talk-2"))
    assert attrs.evolve(w, agenda=agenda).bound(*rules).rules() == []


def test_a_pinned_visit_need_not_be_on_the_grid() -> None:
    pin = FixedAt(rule="pinned", visit="talk-1", start=at(5, "14:05"))
    assert world().moved(2, at(5, "14:05")).bound(pin).rules() == []


# --- edges of time ---------------------------------------------------------------------------


def single(
    start: datetime,
    length: str,
    hours: Hours,
    *,
    clinic_zone: ZoneInfo = ZONE,
    ride: RideHome | None = None,
    no_driving: str = "",
    **person: Any,
) -> World:
    """Return one visit in a clinic with those hours, a visit type of one stage, and a person."""
    kind = VisitType(
        name="infusion",
        stages=[stage("infusion", length)],
        ride_home=ride,
        no_driving=NoDriving(source="local", until=no_driving) if no_driving else None,
    )
    clinic = Clinic(name="Harbour", zone=clinic_zone, hours=hours)
    agenda = Agenda(
        course="c1",
        protocol="p",
        as_of=date(2026, 1, 1),
        month_end=MonthEnd.LAST_DAY,
        dues=[due("infusion-1")],
        bindings=[],
    )
    protocol = protocol_of(kind)
    visit = visit_at(
        agenda.dues[0], start, agenda, clinic, protocol, escort="Sam" if ride else None
    )
    return World(
        agenda=agenda,
        schedule=Schedule(course="c1", zone=str(clinic_zone), visits=[visit]),
        clinic=clinic,
        person=Person(key="p1", **person),
        protocol=protocol,
    )


SUNDAY = "Sunday"


@pytest.mark.parametrize(
    ("start", "length", "open_", "rules"),
    [
        # Forward on 14 March: 02:00 to 03:00 does not exist.
        (at(14, "01:00"), "60 minutes", "01:00-03:00", []),
        (at(14, "01:00"), "61 minutes", "01:00-03:00", ["opening hours"]),
        (at(14, "01:00"), "60 minutes", "01:00-02:30", []),
        (at(14, "03:00"), "60 minutes", "02:30-04:00", []),
        (at(14, "03:00"), "61 minutes", "02:00-04:00", ["opening hours"]),
        (at(14, "01:45"), "30 minutes", "01:00-02:00, 03:00-04:00", []),
        # Back on 7 November: 01:00 to 02:00 comes twice.
        (at(7, "01:00", 11), "120 minutes", "01:00-02:00", []),
        (at(7, "01:00", 11), "121 minutes", "01:00-02:00", ["opening hours"]),
        (at(7, "01:00", 11), "30 minutes", "01:00-01:30", []),
        (at(7, "01:00", 11), "90 minutes", "01:00-01:30", ["opening hours"]),
        (at(7, "01:30", 11), "30 minutes", "01:30-02:00", []),
        (at(7, "01:30", 11, fold=1), "30 minutes", "01:30-02:00", []),
        (at(7, "01:00", 11, fold=1), "60 minutes", "01:30-02:00", ["opening hours"]),
        (at(7, "01:15", 11), "45 minutes", "01:30-03:00", ["opening hours"]),
    ],
)
def test_opening_hours_are_real_time_across_a_clock_change(
    start: datetime, length: str, open_: str, rules: list[str]
) -> None:
    w = single(start, length, Hours.of({SUNDAY: open_}))
    assert [rule for rule, _ in w.rules()] == rules


@pytest.mark.parametrize(
    ("zone", "start", "length", "rules"),
    [
        # Lord Howe goes back by half an hour on 4 April: 01:30 to 02:00 comes twice.
        ("Australia/Lord_Howe", "2027-04-04 01:00", "90 minutes", []),
        ("Australia/Lord_Howe", "2027-04-04 01:00", "91 minutes", ["opening hours"]),
        ("Asia/Kathmandu", "2027-04-04 01:00", "60 minutes", []),
        ("Asia/Kathmandu", "2027-04-04 01:00", "61 minutes", ["opening hours"]),
    ],
)
def test_a_window_has_the_length_its_zone_gives_it(
    zone: str, start: str, length: str, rules: list[str]
) -> None:
    moment = datetime.fromisoformat(start).replace(tzinfo=ZoneInfo(zone))
    w = single(moment, length, Hours.of({SUNDAY: "01:00-02:00"}), clinic_zone=ZoneInfo(zone))
    assert [rule for rule, _ in w.rules()] == rules


def test_hours_to_midnight_and_from_midnight_are_one_window() -> None:
    hours = Hours.of({"Monday": "20:00-24:00", "Tuesday": "00:00-06:00"})
    assert single(at(1, "20:00"), "10 hours", hours).rules() == []
    assert single(at(2, "20:00"), "10 hours", hours).rules() == [("opening hours", ONE)]


def test_a_closure_wins_over_an_extra_opening_and_touches_without_harm() -> None:
    w = single(at(1, "10:00"), "60 minutes", Hours.of({"Tuesday": "all day"}))
    extra = DatedHours(first=on(1), hours=[(600, 660)])
    around = DatedHours(first=on(1), hours=[(0, 600), (660, 1440)])
    assert w.rules() == [("opening hours", ONE)]
    assert w.with_clinic(extra_openings=[extra]).rules() == []
    assert w.with_clinic(extra_openings=[extra], closures=[around]).rules() == []
    assert w.with_clinic(extra_openings=[extra], closures=[extra]).rules() == [("closure", ONE)]


@pytest.mark.parametrize(
    ("day", "month", "least", "rules"),
    [
        (14, 3, "23 hours", []),
        (14, 3, "24 hours", ["separation"]),
        (7, 11, "25 hours", []),
        (7, 11, "25 hours + 1 minute", ["separation"]),
        (14, 3, "1 day", []),
    ],
)
def test_hours_between_visits_are_real_time_and_days_are_dates(
    day: int, month: int, least: str, rules: list[str]
) -> None:
    earlier = past(on(day - 1, month), start=at(day - 1, "09:00", month))
    w = single(at(day, "09:00", month), "1 hours", Hours())
    rule = spacing(least, earlier=earlier, later="infusion-1")
    assert [one for one, _ in w.bound(rule).rules()] == rules


@pytest.mark.parametrize("start", ["03:00", "01:30"])
def test_a_start_next_to_a_clock_change_is_on_the_grid(start: str) -> None:
    assert single(at(14, start), "15 minutes", Hours()).found() == ()


def test_a_start_that_the_clocks_skip_is_told_in_its_real_time() -> None:
    w = single(at(14, "03:30"), "15 minutes", Hours()).with_visit(0, start=at(14, "02:30"))
    assert [str(one) for one in w.found()] == [
        "infusion 1: start is written 2027-03-14T02:30:00-05:00; wanted "
        "2027-03-14T03:30:00-04:00 in America/New_York (zone)"
    ]


@pytest.mark.parametrize(
    ("free", "rules"),
    [
        ("10:45-11:00", []),
        ("10:45-10:50, 10:50-11:00", []),
        ("10:46-11:00", ["escort"]),
        ("10:45-10:59", ["escort"]),
        ("10:45-10:50, 10:51-11:00", ["escort"]),
    ],
)
def test_an_escort_is_free_for_the_whole_discharge_range_edges_included(
    free: str, rules: list[str]
) -> None:
    escort = Escort(name="Sam", available=Hours.of({"Monday": free}))
    ride = RideHome(source="local")
    w = single(at(1, "10:00"), "45 to 60 minutes", Hours(), ride=ride, escorts=[escort])
    assert [rule for rule, _ in w.rules()] == rules


@pytest.mark.parametrize(
    ("free", "rules"), [("10:00-11:00", []), ("11:00-12:00", []), ("10:00-10:59", ["escort"])]
)
def test_a_discharge_at_one_moment_may_be_the_edge_of_a_free_window(
    free: str, rules: list[str]
) -> None:
    escort = Escort(name="Sam", available=Hours.of({"Monday": free}))
    ride = RideHome(source="local")
    w = single(at(1, "10:00"), "60 minutes", Hours(), ride=ride, escorts=[escort])
    assert [rule for rule, _ in w.rules()] == rules


def test_an_escort_keeps_the_hours_of_their_own_zone() -> None:
    london = Escort(
        name="Sam", available=Hours.of({"Monday": "15:45-16:00"}), zone=ZoneInfo("Europe/London")
    )
    ride = RideHome(source="local")
    w = single(at(1, "10:00"), "45 to 60 minutes", Hours(), ride=ride, escorts=[london])
    assert w.rules() == []
    assert w.with_escort(zone=None).rules() == [("escort", ONE)]


def test_a_person_keeps_the_hours_of_their_own_zone() -> None:
    free = Hours.of({"Monday": "15:00-16:00"})
    w = single(
        at(1, "10:00"), "60 minutes", Hours(), available=free, zone=ZoneInfo("Europe/London")
    )
    assert w.rules() == []
    assert w.with_person(zone=None).rules() == [("person available", ONE)]


def driving(day: str, hours: str, zone: ZoneInfo | None = None) -> dict[str, Any]:
    """Return a person who must drive then."""
    drive = Commitment(what="drive", needs_driving=True, hours=Hours.of({day: hours}))
    return {"commitments": [drive], "zone": zone}


@pytest.mark.parametrize(
    ("until", "day", "hours", "rules"),
    [
        ("next day", "Monday", "23:00-24:00", ["driving"]),
        ("next day", "Tuesday", "00:00-01:00", []),
        ("24 hours", "Tuesday", "10:59-11:30", ["driving"]),
        ("24 hours", "Tuesday", "11:00-11:30", []),
        ("24 hours", "Monday", "09:00-10:00", []),
        # From the earliest discharge at 10:45, when the visit may be over, on.
        ("24 hours", "Monday", "11:00-11:01", ["driving"]),
    ],
)
def test_driving_is_barred_until_the_next_date_or_for_real_hours(
    until: str, day: str, hours: str, rules: list[str]
) -> None:
    person = driving(day, hours)
    w = single(at(1, "10:00"), "45 to 60 minutes", Hours(), no_driving=until, **person)
    assert [rule for rule, _ in w.rules()] == rules


def test_the_next_day_of_no_driving_is_the_clinics_and_24_hours_are_real() -> None:
    london = ZoneInfo("Europe/London")
    # 05:00 on Tuesday in London is midnight in New York.
    person = driving("Tuesday", "04:59-05:30", london)
    assert single(at(1, "10:00"), "1 hours", Hours(), no_driving="next day", **person).rules() == [
        ("driving", ONE)
    ]
    person = driving("Tuesday", "05:00-05:30", london)
    w = single(at(1, "10:00"), "1 hours", Hours(), no_driving="next day", **person)
    assert w.rules() == []
    # Saturday 10:00 to 11:00, then the clocks go forward: 24 hours end at 12:00.
    w = single(
        at(13, "10:00"), "1 hours", Hours(), no_driving="24 hours", **driving(SUNDAY, "11:59-13:00")
    )
    assert w.rules() == [("driving", ONE)]
    assert w.with_person(**driving(SUNDAY, "12:00-13:00")).rules() == []


# --- the numbers -----------------------------------------------------------------------------


def test_the_numbers_kept_are_days_minutes_and_visits() -> None:
    cadence = spacing("2 days", "5 days", target=parse_range("3 to 4 days"))
    elapsed = spacing("40 hours", "3 days", target=parse_range("60 to 72 hours"))
    cap = at_most(3, 7)
    w = world().bound(cadence, elapsed, cap)
    slacks = [
        Slack(rule=cadence, found=2, to_least=0, to_most=3, deviation=1),
        Slack(rule=elapsed, found=2880, to_least=480, to_most=None, deviation=1),
        Slack(rule=cap, found=3, to_most=0),
    ]
    assert attrs.evolve(w, schedule=attrs.evolve(w.schedule, slacks=slacks)).rules() == []


@pytest.mark.parametrize("field", ["found", "to_least", "to_most", "deviation"])
def test_a_wrong_number_kept_is_a_violation(field: str) -> None:
    rule = spacing("2 days", "5 days", target=parse_range("3 to 4 days"))
    numbers = {"found": 2, "to_least": 0, "to_most": 3, "deviation": 1, field: 4}
    w = world().bound(rule)
    schedule = attrs.evolve(w.schedule, slacks=[Slack(rule=rule, **numbers)])
    assert attrs.evolve(w, schedule=schedule).rules() == [("kept", ("infusion-1", "infusion-2"))]


def test_kept_holds_every_spacing_once_and_no_strange_rule() -> None:
    rule, other = spacing("2 days"), spacing("1 day")
    right = Slack(rule=rule, found=2, to_least=0)
    w = world().bound(rule, other)
    strange = Slack(rule=spacing("9 hours"), found=2880, to_least=2340)
    schedule = attrs.evolve(w.schedule, slacks=[right, strange])
    assert [str(one) for one in attrs.evolve(w, schedule=schedule).found()] == [
        "kept names a rule of kind 'separation' that the agenda does not have; wanted only the "
        "agenda's rules (kept)",
        "kept lists the rule 'separation' 0 times; wanted 1 time (kept)",
    ]


@pytest.mark.parametrize(
    ("target", "deviation"),
    [
        ("2 to 3 days", 0),
        ("3 to 4 days", 1),
        ("0 to 1 days", 1),
        ("48 hours to 50 hours", 0),
        ("2881 to 2882 minutes", 1),
        ("24 hours to 2880 minutes", 0),
        ("23 to 24 hours", 1),
        ("23 hours to 1439 minutes", 2),
        ("1 month to 2 months", 29),
    ],
)
def test_deviation_counts_days_outside_the_target(target: str, deviation: int) -> None:
    rule = Spacing(
        rule="cadence", earlier="infusion-1", later="infusion-2", target=parse_range(target)
    )
    w = world().bound(rule)
    assert deviation_of(w.agenda, w.schedule) == deviation


def test_deviation_from_the_end_is_measured_from_the_latest_discharge() -> None:
    target = parse_range("2730 to 2730 minutes")
    rule = spacing("1 hours", target=target, between=END)
    w = world().bound(rule)
    assert deviation_of(w.agenda, w.schedule) == 0


@pytest.mark.parametrize(
    ("preferences", "cost"),
    [
        (Preferences(), 0),
        (Preferences(weekdays=("Monday", "Friday")), 1),
        (Preferences(earliest=9 * 60), 0),
        (Preferences(earliest=9 * 60 + 1), 2),
        (Preferences(latest=14 * 60 + 30), 0),
        (Preferences(latest=11 * 60 + 29), 3),
        (Preferences(weekdays=("Sunday",), earliest=15 * 60, latest=10 * 60), 9),
    ],
)
def test_each_preference_not_met_costs_one(preferences: Preferences, cost: int) -> None:
    w = world().with_person(preferences=preferences)
    assert preferences_of(w.schedule, w.person) == cost


@pytest.mark.parametrize(("length", "cost"), [("4 hours", 0), ("241 minutes", 1)])
def test_a_discharge_on_a_later_date_is_after_the_latest_time(length: str, cost: int) -> None:
    w = single(at(1, "20:00"), length, Hours(), preferences=Preferences(latest=1440))
    assert preferences_of(w.schedule, w.person) == cost


def test_the_objective_is_worked_out_from_the_visits() -> None:
    rule = spacing("1 day", target=parse_range("3 to 4 days"))
    w = world().bound(rule).with_person(preferences=Preferences(weekdays=("Monday",)))
    assert objective(w.agenda, w.schedule, w.person) == Objective(
        deviation=1, preferences=2, finish=on(5), time_of_day=540 + 540 + 840
    )


def test_an_empty_schedule_costs_nothing() -> None:
    w = world()
    empty = attrs.evolve(w.schedule, visits=[])
    assert objective(w.agenda, empty, w.person) == Objective(
        deviation=0, preferences=0, finish=None, time_of_day=0
    )


# --- whatever it is given --------------------------------------------------------------------


def bindings() -> st.SearchStrategy[Rules]:
    """Rules of any kind about a visit of the world, one that is not there, or a past one."""
    ids = st.sampled_from(["infusion-1", "infusion-2", "talk-1", "nothing"])
    ends = ids | values(PastVisit)
    several = st.lists(ends, max_size=4)
    between = st.one_of(
        values(Spacing, earlier=ends, later=ids),
        values(NextWorkingDay, earlier=ends, later=ids),
        values(WeekApart, earlier=ends, later=ids),
        values(AtMost, visits=several),
    )
    dated = values(NotBefore, visit=ids) | values(NotAfter, visit=ids)
    of_days = values(OnWeekdays, visit=ids) | values(OnDaysOfMonth, visit=ids)
    return between | dated | of_days | values(FixedAt, visit=ids)


@settings(max_examples=60, deadline=None)
@given(
    st.lists(values(Visit), min_size=3, max_size=4),
    st.lists(bindings(), max_size=4),
    clinics(),
    persons(),
    st.booleans(),
)
def test_any_schedule_is_judged_and_twice_alike(
    visits: list[Visit], rules: list[Rules], clinic: Clinic, person: Person, ready: bool
) -> None:
    w = world().bound(*rules)
    w = attrs.evolve(w, clinic=clinic, person=person)
    ids = [due.id for due in w.agenda.dues] * ready
    named = [attrs.evolve(visit, id=name) for visit, name in zip(visits, ids, strict=False)]
    w = w.with_visits([*named, *visits[len(named) :]])
    found = w.found()
    assert w.found() == found
    assert all(str(one) for one in found)
    objective(w.agenda, w.schedule, w.person)


@pytest.mark.parametrize("day", [date.min, date.max])
@pytest.mark.parametrize("span", ["- 9999 years", "9999 years", "- 999999 hours", "999999 hours"])
def test_dates_at_the_ends_of_the_calendar_are_judged(day: date, span: str) -> None:
    earlier, length = past(day), parse_span(span)
    target = SpanRange(length, length)
    rules = [
        spacing(span, span, earlier=earlier, later="infusion-1", target=target, between=between)
        for between in Between
    ]
    naive = past(day, start=datetime(2027, 2, 1, 9))  # noqa: DTZ001
    rules.append(spacing(span, span, earlier=naive, later="infusion-1"))
    w = world().bound(*rules, at_most(1, 7, earlier), weeks(1, Week.SUNDAY, earlier))
    assert {rule for rule, _ in w.rules()} == {"separation", "cap", "r"}
    assert objective(w.agenda, w.schedule, w.person).finish == on(5)


@pytest.mark.parametrize(
    "end", [datetime(1, 1, 1, tzinfo=ZONE), datetime(9999, 12, 31, 23, 59, tzinfo=ZONE)]
)
@pytest.mark.parametrize("field", ["start", "discharge", "discharge_by"])
def test_moments_at_the_ends_of_the_calendar_are_judged(field: str, end: datetime) -> None:
    w = world().bound(spacing("2 days", target=parse_range("2 to 3 days")))
    w = w.with_visit(0, **{field: end})
    assert w.rules() == [("moment", ONE)]
    objective(w.agenda, w.schedule, w.person)


# --- the oracle ------------------------------------------------------------------------------


def test_the_grid_of_a_date_skips_and_doubles_with_the_clocks() -> None:
    clinic = attrs.evolve(world().clinic, start_every=30)
    spring = [f"{m.astimezone(ZONE):%H:%M}" for m in grid_starts(clinic, on(14), on(14))]
    autumn = [f"{m.astimezone(ZONE):%H:%M}" for m in grid_starts(clinic, on(7, 11), on(7, 11))]
    assert spring[:4] == ["00:00", "00:30", "01:00", "01:30"]
    assert spring[4] == "03:00"
    assert autumn[2:7] == ["01:00", "01:30", "01:00", "01:30", "02:00"]
    assert (len(spring), len(autumn)) == (46, 50)


def test_brute_force_finds_the_best_plan_of_a_small_world() -> None:
    rules = (
        spacing("1 day", target=parse_range("2 to 3 days")),
        spacing("1 day", later="talk-1", earlier="infusion-2"),
        at_most(2, 7),
    )
    w = world().bound(*rules)
    w = w.with_clinic(start_every=60)
    # Monday and Wednesday at 09:00; the cap moves the talk to Monday, after the call.
    costs = best(w.agenda, w.clinic, w.person, w.protocol, on(1), on(8))
    assert costs == (0, 0, 0, 0, 0, on(8), 1620)


def test_brute_force_finds_no_plan_where_two_rules_cannot_both_hold() -> None:
    w = world().bound(spacing("3 days", later="talk-1"), spacing(most="2 days", later="talk-1"))
    w = w.with_clinic(start_every=60)
    assert best(w.agenda, w.clinic, w.person, w.protocol, on(1), on(8)) is None


def test_rules_are_judged_among_the_visits_given() -> None:
    w = world().bound(spacing("9 days"))
    visits, rest = w.schedule.visits, (w.agenda, w.clinic, w.person, w.protocol)
    assert rule_violations(visits[:1], *rest) == ()
    assert [one.rule for one in rule_violations(visits[:2], *rest)] == ["separation"]
