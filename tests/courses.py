"""
Small random courses with a past: a protocol, what happened so far, a clinic and a person.

Where `worlds` draws an agenda, these draw what an agenda comes from: gates, other visits, late
tables, adaptations, a second phase, series, restarts.
"""

from __future__ import annotations

import enum
import functools
from collections.abc import Iterator, Sequence
from datetime import UTC, date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import attrs
from hypothesis import strategies as st

from protocol_sched.errors import InvalidEvent
from protocol_sched.expansion import expand
from protocol_sched.judge.recording import record
from protocol_sched.model.availability import (
    Clinic,
    DatedHours,
    Escort,
    Hours,
    Person,
    Place,
    Preferences,
    Staff,
)
from protocol_sched.model.before_and_after import NoDriving, RideHome
from protocol_sched.model.cadences import (
    At,
    Cadence,
    ClosedDay,
    ClosedDays,
    Consecutive,
    Every,
    OnDemand,
    PerWeek,
    Within,
)
from protocol_sched.model.course import (
    Confirmed,
    Course,
    Declined,
    Deferred,
    Event,
    Exempted,
    Given,
    Happened,
    Missed,
    Omitted,
    Pinned,
    Requested,
    Reviewed,
    Tested,
    Waived,
)
from protocol_sched.model.gates import Gate, Outcome
from protocol_sched.model.last_notice import last_notices
from protocol_sched.model.numbers import Count, Ordinals
from protocol_sched.model.other_visits import CountedFrom, OtherVisit
from protocol_sched.model.plain import WEEKDAYS
from protocol_sched.model.protocol import Phase, Protocol, VisitType
from protocol_sched.model.references import (
    AnotherSeries,
    CoursePoint,
    EndOf,
    Numbering,
    OriginalDates,
    PreviousVisit,
    StartOf,
)
from protocol_sched.model.responses import (
    Action,
    Adaptation,
    Extend,
    GoTo,
    InsertVisit,
    NewCadence,
    Stop,
)
from protocol_sched.model.rules import (
    Between,
    Cap,
    Clock,
    Give,
    LateTable,
    Separation,
    Starts,
    Then,
    Tier,
    Tolerance,
)
from protocol_sched.model.spans import (
    CalendarSpan,
    ElapsedSpan,
    MonthEnd,
    Span,
    comparable,
    parse_range,
    parse_span,
)
from protocol_sched.model.stages import Stage
from protocol_sched.planning.replan import replan_course
from worlds import OPENINGS

COUNTED = ClosedDays.COUNTED
IN_PLACE = ClosedDays.EXTRA_OPENING
EFFORT = 5_000
"""Solver steps that are enough for most of these courses; the rest stay unproved."""
HOURS = (0, 1, 1, 9, 9, 12, 20, 23)
TWICE = (
    ("America/New_York", date(2027, 11, 7)),
    ("Europe/London", date(2027, 10, 31)),
    ("Australia/Lord_Howe", date(2027, 4, 4)),
    ("Africa/Casablanca", date(2027, 2, 7)),
)
"""A zone and a date on which an hour, or half an hour, comes twice."""
LENGTHS = ("12 hours", "24 hours", "30 hours", "60 hours")
BY_DAY = ("09:00-13:00", "09:00-13:00", "08:00-18:00")
FEW_STARTS = ("09:00-13:00", "01:00-03:00", "00:00-03:00, 21:00-24:00")
BY_NIGHT = ("01:00-03:00", "00:00-04:00, 22:00-24:00", "00:00-24:00")


class About(enum.Enum):
    """What a course has more of than chance gives."""

    ANYTHING = "anything"
    UNITS = "limits in two units"
    NIGHTS = "visits past midnight and over nights"
    CLOCK = "visits in the hour that comes twice"
    HOURS = "rules in hours"


BY_CHANCE = (About.ANYTHING, About.UNITS, About.NIGHTS, About.CLOCK)
"""What a course may be about unless a law asks for it."""


@attrs.frozen
class Lived:
    """All that a plan is made from, on the date on which it is made."""

    course: Course
    clinic: Clinic
    person: Person
    today: date
    now: datetime
    until: date
    """The last date a plan may use."""


# --- the protocol ----------------------------------------------------------------------------


def _visit_type(name: str, length: str, escorted: bool, safe: bool = False) -> VisitType:
    needs = (("chair", 1), ("nurse", 1)) if escorted else (("nurse", 1),)
    stage = Stage(name=name, length=parse_range(length), needs=needs, source="local")
    ride = RideHome(safety=safe, source="local") if escorted else None
    driving = NoDriving(until="24 hours", source="local") if escorted else None
    longer = Stage(
        name="loading",
        length=parse_range("30 minutes"),
        visits=Ordinals.parse("first"),
        source="local",
    )
    stages = [longer, stage] if escorted else [stage]
    return VisitType(name=name, stages=stages, ride_home=ride, no_driving=driving)


@st.composite
def separations(draw: st.DrawFn, about: About) -> Separation:
    """Draw limits of one unit or of two: least in days with most in hours, and the reverse."""
    days: st.SearchStrategy[Span] = st.integers(0, 4).map(lambda n: CalendarSpan(days=n))
    hours: st.SearchStrategy[Span] = st.integers(0, 9).map(lambda n: ElapsedSpan(n * 720))
    two_units = about is About.UNITS
    of_days = about is not About.HOURS and draw(st.booleans())
    first, second = (days, hours) if of_days else (hours, days)
    if not two_units and draw(st.booleans()):
        second = first
    ends = draw(st.tuples(first, second))
    least, most = ends if comparable(ends[0]) <= comparable(ends[1]) else (ends[0], None)
    preferred = draw(st.sampled_from([None, None, least]))
    if preferred is not None and isinstance(most, type(preferred)):
        preferred = draw(st.sampled_from([preferred, most]))
    elif most is not None:
        preferred = None
    return Separation(
        least=least,
        most=most,
        preferred=preferred,
        between=draw(st.sampled_from(list(Between))),
        source="local",
    )


def caps() -> list[tuple[Cap, ...]]:
    """Two visits in any four days, as a rule of safety or not."""
    days = CalendarSpan(days=4)
    return [(Cap(most=2, in_any=days, safety=safe, source="local"),) for safe in (False, True)]


@functools.cache
def tables() -> st.SearchStrategy[LateTable]:
    """Late tables of two tiers: what is a little late goes back to the original dates."""
    late = st.builds(
        Tier,
        over=st.just(CalendarSpan(days=2)),
        give=st.sampled_from(Give),
        then=st.sampled_from(Then),
        extra=st.integers(0, 1),
        extra_after=st.just(CalendarSpan(days=2)),
    )
    again = st.tuples(late, st.booleans()).map(
        lambda both: attrs.evolve(
            both[0],
            reload=both[1] and both[0].give is not Give.SKIP,
            phase="first" if both[1] and both[0].give is Give.RESTART_PHASE else "",
        )
    )
    tiers = again.map(
        lambda tier: (Tier(up_to=CalendarSpan(days=2), then=Then.ORIGINAL_DATES), tier)
    )
    asked = Tier(over=CalendarSpan(days=2), ask="whether to go on")
    tiers |= st.just((Tier(up_to=CalendarSpan(days=2), then=Then.ORIGINAL_DATES), asked))
    return st.builds(LateTable, source=st.just("local"), clock=st.sampled_from(Clock), tiers=tiers)


@st.composite
def runs(draw: st.DrawFn, name: str, about: About) -> Phase:
    """Draw a phase of one to three visits some days apart."""
    daily: list[Cadence] = [
        Every(every=parse_range("1 days")),
        Consecutive(consecutive_days=Count(2, 2), weekends=True),
    ]
    cadences: list[Cadence] = [
        Every(every=parse_range("1 days")),
        Every(every=parse_range("2 to 3 days")),
        Every(every=parse_range("3 days")),
        Every(every=parse_range("24 to 36 hours")),
        Every(every=parse_range("8 hours")),
        Consecutive(consecutive_days=Count(2, 2), weekends=True),
        At(at=map(CoursePoint, ("day 1", "day 3"))),
        PerWeek(per_week=2),
        PerWeek(per_week=2, closed_days=ClosedDays.SKIP),
        Within(within=parse_range("2 to 5 days")),
    ]
    cadence = draw(st.sampled_from(daily if about is About.NIGHTS else cadences))
    limited = about in (About.UNITS, About.HOURS)
    few = [] if limited or about is About.NIGHTS else [Count(1, 1)]
    visits = draw(st.sampled_from([*few, Count(2, 2), Count(2, 3)]))
    if isinstance(cadence, At | Consecutive):
        visits = Count(2, 2)
    tolerance = Tolerance(
        before=CalendarSpan(days=1),
        after=CalendarSpan(days=1),
        hard=draw(st.booleans()),
        source="local",
    )
    if isinstance(cadence, Consecutive):
        meaning = draw(st.sampled_from(ClosedDays))
        cadence = Consecutive(
            consecutive_days=Count(2, 2),
            weekends=meaning is COUNTED or (meaning is not IN_PLACE and draw(st.booleans())),
            closed_days=meaning,
            make_up_apart=ElapsedSpan(120) if meaning is ClosedDays.MAKE_UP else None,
        )
    dated = cadence in (daily[0], cadences[2]) or isinstance(cadence, At)
    closed_day = draw(st.sampled_from([None, *ClosedDay])) if dated else None
    begins = Starts(after=parse_range("2 to 4 days"), source="local")
    asked_for = draw(st.sampled_from([None, None, OnDemand(on_demand="worse")]))
    block = asked_for if name == "second" else None
    hangs_on = [None, None, PreviousVisit(), OriginalDates(), StartOf("course")]
    return Phase(
        name=name,
        visit="dose",
        cadence=cadence,
        visits=visits,
        cycles=Count(1, None) if block else Count(1, 1),
        starts=block or (draw(st.sampled_from([None, begins])) if name == "second" else None),
        anchor=None if block else draw(st.sampled_from([*hangs_on, AnotherSeries("dialysis")])),
        tolerances=draw(st.sampled_from([(), (), () if closed_day else (tolerance,)])),
        separations=draw(st.lists(separations(about), min_size=limited, max_size=1)),
        caps=draw(st.sampled_from([(), (), *caps()])),
        late=draw(st.lists(tables(), max_size=1)),
        closed_day=closed_day,
        first_day_of_month=draw(st.sampled_from([None, None, None, Count(1, 5), Count(3, 28)])),
        source="local",
    )


@st.composite
def gates(draw: st.DrawFn) -> Gate:
    """Draw a visit or a test that must come before doses: lead and greatest age in any unit."""
    min_age = draw(
        st.sampled_from([None, None, "0 hours", "2 hours", "24 hours", "1 day", "2 days"])
    )
    age = draw(st.sampled_from([None, "2 days", "5 days", "48 hours", "72 hours"]))
    visit = draw(st.sampled_from(["check", "check", None]))
    aims = [one for one in ("2 days", "3 days", "48 hours") if visit and _fits(one, min_age, age)]
    return Gate(
        name="talk",
        visit=visit,
        before=Ordinals.parse(draw(st.sampled_from(["first", "first", "2", "from 2"]))),
        min_age=parse_span(min_age) if min_age else None,
        max_age=parse_span(age) if age else None,
        target=draw(st.sampled_from([None, *map(parse_span, aims)])),
        if_not=draw(st.sampled_from(Outcome)),
        source="local",
        **draw(results(test=visit is None)),
    )


def _fits(target: str, least: str | None, most: str | None) -> bool:
    """Tell whether a target lies between two ends in its own unit."""
    aim, ends = parse_span(target), [parse_span(end) for end in (least, most) if end]
    low = comparable(parse_span(least)) if least else 0
    high = comparable(parse_span(most)) if most else comparable(aim)
    return all(type(end) is type(aim) for end in ends) and low <= comparable(aim) <= high


def results(test: bool) -> st.SearchStrategy[dict[str, Any]]:
    """What a test or visit comes to: a word or a number, one or two in a row; what replaces it."""
    unless = {"unless": st.sampled_from(["", "dialysis"])} if test else {}
    return st.fixed_dictionaries(
        {
            "at_least": st.sampled_from([None, 1.5]),
            "in_a_row": st.sampled_from([1, 1, 2]),
            "failed_in_a_row": st.sampled_from([1, 1, 2]),
            "repeat_after": st.sampled_from([None, None, CalendarSpan(days=4)]),
            **unless,
        }
    )


@functools.cache
def other_visits() -> st.SearchStrategy[OtherVisit]:
    """Other visits before and after the visit they hang on, in days and in hours."""
    points = st.sampled_from(["- 3 days", "- 2 days", "- 24 hours", "day 2", "30 hours"])
    around = st.sampled_from(
        [
            Tolerance(before=CalendarSpan(days=1), after=CalendarSpan(days=1), source="local"),
            Tolerance(before=ElapsedSpan(180), after=ElapsedSpan(90), source="local"),
        ]
    )
    series = st.builds(
        OtherVisit,
        source=st.just("local"),
        name=st.just("visit around"),
        visit=st.just("check"),
        cadence=st.sampled_from(["2 days", "2 to 3 days"]).map(
            lambda n: Every(every=parse_range(n))
        ),
        counted_from=st.just(CountedFrom.ONE_BEFORE),
        first=st.none() | st.just(parse_range("0 days")),
        visits=st.sampled_from([Count(2, 2), Count(1, 2)]),
        anchor=st.sampled_from([StartOf("course"), StartOf("first")]),
        tolerance=st.none() | around,
    )
    going_on = st.builds(
        OtherVisit,
        source=st.just("local"),
        name=st.just("visit around"),
        visit=st.just("check"),
        cadence=st.just(Every(every=parse_range("2 days"))),
        anchor=st.just(StartOf("course")),
        until=st.just(CalendarSpan(days=3)),
        until_from=st.sampled_from([StartOf("first"), EndOf("first"), EndOf("course")]),
    )
    return (
        series
        | going_on
        | st.builds(
            OtherVisit,
            source=st.just("local"),
            name=st.just("visit around"),
            visit=st.just("check"),
            cadence=points.map(lambda point: At(at=[CoursePoint(point)])),
            anchor=st.sampled_from([StartOf("course"), StartOf("first")]),
            tolerance=st.none() | around,
        )
    )


@functools.cache
def adaptations(phase: str) -> st.SearchStrategy[Adaptation]:
    """Responses and what they change; those that lead to another phase need one."""
    actions: list[Action] = [
        NewCadence(cadence=Every(every=parse_range("2 days")), phase="first"),
        InsertVisit(insert=CoursePoint("day 4"), phase="first"),
        Extend(extend=1, phase="first"),
        GoTo(go_to=phase),
        Stop(stop="no response"),
    ]
    return st.builds(
        Adaptation,
        source=st.just("local"),
        name=st.just("response"),
        measure=st.just("pain"),
        at_least=st.just(5.0),
        after=st.sampled_from([None, "first"]),
        then=st.sampled_from(actions),
    )


def milestones_of(draw: st.DrawFn, count: int) -> list[OtherVisit]:
    """Draw other visits, the second of which hangs on the first."""
    drawn = [draw(other_visits()) for _ in range(count)]
    for n, one in enumerate(drawn):
        dated = isinstance(one.cadence, At) and isinstance(one.cadence.at[0].span, CalendarSpan)
        if dated and one.tolerance is None:
            which = draw(st.sampled_from([None, *ClosedDay]))
            drawn[n] = attrs.evolve(one, closed_day=which)
    if count == 2:
        drawn[1] = attrs.evolve(drawn[1], name="visit after", anchor=StartOf(drawn[0].name))
    return drawn


@st.composite
def protocols(draw: st.DrawFn, about: About) -> Protocol:
    """Draw a protocol of one or two phases, each further kind of rule there or not."""
    usual = ["60 minutes", "60 to 90 minutes", "3 hours"]
    length = draw(st.sampled_from([usual[2], *LENGTHS] if about is About.NIGHTS else usual[:2]))
    phases = [draw(runs("first", about))]
    if draw(st.integers(0, 2)) == 0:
        phases.append(draw(runs("second", about)))
    last = phases[-1].name
    beside = milestones_of(draw, draw(st.sampled_from([0, 0, 0, 1, 1, 2])))
    if beside and last == "second" and draw(st.booleans()):
        after = parse_range("1 to 2 days")
        waits = Starts(after=after, from_=(EndOf(beside[0].name),), source="local")
        phases[1] = attrs.evolve(phases[1], starts=waits)
    return Protocol(
        name="small",
        title="Small",
        visit_types=[
            _visit_type("dose", length, draw(st.booleans()), draw(st.booleans())),
            _visit_type("check", "60 minutes", False),
        ],
        phases=phases,
        gates=draw(st.lists(gates(), max_size=1)),
        other_visits=beside,
        adaptations=draw(st.lists(adaptations(last), max_size=draw(st.sampled_from([0, 0, 1])))),
        month_end=MonthEnd.NEXT_DAY,
        numbering=draw(st.sampled_from([None, None, Numbering(day=0), Numbering(day=0, week=1)])),
    )


# --- the calendars ---------------------------------------------------------------------------


@st.composite
def clinics(draw: st.DrawFn, zone: ZoneInfo, first: date, hours: Sequence[str]) -> Clinic:
    """Draw a clinic with one of these hours on every day."""
    open_ = draw(st.sampled_from(hours))
    shut = st.integers(0, 8).map(lambda n: DatedHours(first=first + timedelta(days=n), why="fire"))
    return Clinic(
        name="Small Clinic",
        zone=zone,
        hours=Hours.of(dict.fromkeys(WEEKDAYS, open_)),
        closures=draw(st.lists(shut, max_size=2)),
        places=[Place(name="chair 1", kind="chair")],
        staff=[Staff(kind="nurse", units=2)],
        start_every=60,
    )


@st.composite
def people(draw: st.DrawFn, first: date, small: bool) -> Person:
    """
    Draw a person with one to four escorts, each free on some weekdays.

    Args:
        small: Few starts a day, so that a request for one time of day has few ways to be met.
    """
    away = st.builds(
        lambda n, more: DatedHours(
            first=first + timedelta(days=n), last=first + timedelta(days=n + more)
        ),
        st.integers(0, 6),
        st.integers(0, 3),
    )
    days = st.lists(st.sampled_from(WEEKDAYS), unique=True, min_size=3)
    return Person(
        key="p",
        away=draw(st.lists(away, max_size=1)),
        preferences=Preferences(
            same_time=small and draw(st.booleans()),
            few_escorts=draw(st.booleans()),
            not_two_days_running=draw(st.booleans()),
            evenly_spread=small and draw(st.booleans()),
        ),
        escorts=[
            Escort(name=f"escort {n}", available=Hours.of(dict.fromkeys(draw(days), "00:00-24:00")))
            for n in range(draw(st.sampled_from([1, 2, 3, 4])))
        ],
    )


# --- what happened ---------------------------------------------------------------------------


@st.composite
def lived(draw: st.DrawFn, small: bool = False, of: About | None = None) -> Lived:
    """
    Draw a course whose history `record` accepts, and the calendars to plan the rest of it.

    Args:
        small: Few dates and few starts a day, so that all plans can be tried.
        of: What it is about; ``None`` leaves that to chance.
    """
    chances = [one for one in BY_CHANCE if not small or one is not About.NIGHTS]
    about = draw(st.sampled_from(chances)) if of is None else of
    twice = about is About.CLOCK
    name, opens = draw(st.sampled_from(TWICE if twice else OPENINGS))
    # Moments to the minute cut time into minutes; few starts a day keep such a world small.
    stay = about is About.NIGHTS
    fine = not stay and draw(st.booleans())
    zone = ZoneInfo(name)
    start = opens + timedelta(days=draw(st.integers(-1, 0) if twice else st.integers(-3, 1)))
    protocol = draw(protocols(about))
    within = draw(st.sampled_from([None, CalendarSpan(days=2)]))
    course = Course(key="c1", protocol=protocol, not_before=start, first_treatment_within=within)
    few = small or fine
    by_day = FEW_STARTS if few else (*BY_DAY, *BY_NIGHT)
    hours = BY_NIGHT[1:] if stay else BY_NIGHT[:1] if twice else by_day
    clinic, person = draw(clinics(zone, start, hours)), draw(people(start, few))
    today = start - timedelta(days=1)
    for _ in range(draw(st.integers(0, 3 if small else 5))):
        today += timedelta(days=draw(st.sampled_from([0, 0, 1, 2])))
        if draw(st.integers(0, 3)) == 0:  # people are told
            here = _at_eight(course, clinic, person, today, today + timedelta(days=9))
            found = replan_course(
                here.course,
                clinic,
                person,
                as_of=today,
                now=here.now,
                effort=EFFORT,
            )
            notified = found.events(today, here.now)
            course = course.after(notified)
            continue
        event = draw(st.sampled_from(list(_events(draw, course, today, zone, fine))))
        on = max(today, event.on)
        try:
            course = record(course, [event], as_of=on)
        except InvalidEvent:
            continue
        today = on
    days = st.integers(2, 5) if small else st.integers(4, 8)
    until = max(today, start) + timedelta(days=draw(days))
    return _at_eight(course, clinic, person, today, until)


def _at_eight(course: Course, clinic: Clinic, person: Person, today: date, until: date) -> Lived:
    now = datetime(today.year, today.month, today.day, 8, tzinfo=clinic.zone)
    return Lived(attrs.evolve(course, finish_by=until), clinic, person, today, now, until)


def _events(
    draw: st.DrawFn, course: Course, today: date, zone: ZoneInfo, fine: bool
) -> Iterator[Event]:
    """Yield what could happen next, some of it impossible; ``fine`` is to the minute."""
    minutes = st.integers(0, 59) if fine else st.sampled_from([0, 0, 30])

    def moment(day: date, minute: int, hours: tuple[int, ...] = HOURS) -> datetime:
        hour = draw(st.sampled_from(hours))
        at = datetime(day.year, day.month, day.day, hour, minute, tzinfo=zone)
        return at.astimezone(UTC).astimezone(zone)  # an hour the clock skips is never shown

    for one in list(last_notices(course.events).values())[-1:]:
        notified = one.notice
        yield Given(visit=notified.visit, on=notified.start.date(), start=notified.start)
        if notified.escort is not None:
            yield Declined(
                visit=notified.visit, escort=notified.escort, on=today, at=moment(today, 0, (7,))
            )
            yield Confirmed(
                visit=notified.visit, escort=notified.escort, on=today, at=moment(today, 0, (7,))
            )
    for due in expand(course, today).dues[:2]:
        dated = due.foreseen or due.earliest
        base = max(today, dated.day if dated is not None else today)
        on = base + timedelta(days=draw(st.sampled_from([0, 0, 0, 1, 2, 4, 9])))
        at = moment(on, draw(minutes))
        yield Given(visit=due.id, on=at.date(), start=at)
        yield Given(visit=due.id, on=at.date(), start=at)
        yield Given(visit=due.id, on=on, counts=draw(st.booleans()))
        extra = f"{due.phase}-unplanned-{len(course.events)}"
        yield Given(visit=extra, on=on, shifts=draw(st.sampled_from([True, False, None])))
        yield Missed(visit=due.id, on=today)
        yield Omitted(visit=due.id, on=today)
        until = today + timedelta(days=draw(st.integers(0, 6)))
        yield Deferred(visit=due.id, on=today, until=draw(st.sampled_from([until, until, None])))
        yield Waived(visit=due.id, by="Dr. Osei", why="stays near", on=today)
        yield Pinned(visit=due.id, start=moment(on, draw(minutes)), on=today)
        kinds = ["separation", "tolerance", "cap", "gate", "weekdays", "order", "floor"]
        rule = draw(st.sampled_from(kinds))
        yield Exempted(visit=due.id, rule=rule, by="Dr. Osei", why="travels", on=today)
    protocol = course.protocol
    if protocol.gates:
        at = moment(today, draw(minutes))
        yield Tested(gate="talk", on=today, at=at, passed=True)
        yield Tested(gate="talk", on=today, passed=draw(st.booleans()))
        yield Tested(gate="talk", on=today, value=draw(st.sampled_from([1.2, 1.5])))
    if protocol.adaptations:
        yield Reviewed(on=today, scores=[("pain", draw(st.sampled_from([2.0, 7.0])))])
    yield Happened(event="dialysis", on=today)
    yield Requested(phase=protocol.phases[-1].name, on=today)


# --- which kinds of world a world is ---------------------------------------------------------


def kinds(world: Lived) -> Iterator[str]:
    """Yield the kinds of rule and history that a world has, for a count of them."""
    protocol, events = world.course.protocol, world.course.events
    limits = [one for phase in protocol.phases for one in phase.separations]
    mixed = [
        one for one in limits if one.least and one.most and type(one.least) is not type(one.most)
    ]
    has = {
        "limits in two units": mixed,
        "several nights": protocol.visit_type("dose").most(1) >= 720,
        "three or more escorts": len(world.person.escorts) > 2,
        "a ride declined": [one for one in events if isinstance(one, Declined)],
        "given to the minute": [
            one for one in events if isinstance(one, Given) and one.start and one.start.minute % 30
        ],
        "gate that is a visit": [gate for gate in protocol.gates if gate.visit],
        "gate visit with a result": [
            gate
            for gate in protocol.gates
            if gate.visit and any(isinstance(one, Tested) for one in events)
        ],
        "gate that is a test": [gate for gate in protocol.gates if not gate.visit],
        "other visit before its anchor": [
            one
            for one in protocol.other_visits
            if isinstance(one.cadence, At) and one.cadence.at[0].text.startswith("-")
        ],
        "other visit on a visit beside the treatments": protocol.other_visits[1:],
        "late table": [phase for phase in protocol.phases if phase.late],
        "restart": [
            tier
            for phase in protocol.phases
            for table in phase.late
            for tier in table.tiers
            if tier.give in (Give.RESTART_PHASE, Give.RESTART_COURSE)
        ],
        "adaptation": protocol.adaptations,
        "closed day": [phase for phase in protocol.phases if phase.closed_day],
        "closed days skipped": [
            phase
            for phase in protocol.phases
            if isinstance(phase.cadence, Consecutive | PerWeek)
            and phase.cadence.closed_days is not COUNTED
        ],
        "second phase": protocol.phases[1:],
        "series": [phase for phase in protocol.phases if isinstance(phase.anchor, AnotherSeries)],
        "clock change": world.clinic.zone.key != "Asia/Kathmandu",
    }
    yield from (kind for kind, found in has.items() if found)
