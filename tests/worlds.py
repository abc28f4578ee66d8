"""Small random worlds for planning: an agenda, a clinic, a person and a protocol that fit."""

from __future__ import annotations

import enum
from collections.abc import Sequence
from datetime import UTC, date, datetime, timedelta
from itertools import pairwise
from zoneinfo import ZoneInfo

import attrs
from hypothesis import strategies as st

from protocol_sched.model.agenda import (
    Agenda,
    AtMost,
    CaughtUp,
    Due,
    FilledWeek,
    FixedAt,
    MadeUp,
    NextWorkingDay,
    NotAfter,
    NotBefore,
    OnDaysOfMonth,
    OnOpenDay,
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
    Member,
    Person,
    Place,
    Preferences,
    Ratio,
    Requirements,
    Staff,
)
from protocol_sched.model.before_and_after import NoDriving, RideHome
from protocol_sched.model.cadences import ClosedDay, OnDemand, Week
from protocol_sched.model.numbers import Count
from protocol_sched.model.plain import WEEKDAYS
from protocol_sched.model.protocol import Phase, Protocol, VisitType
from protocol_sched.model.rules import Between
from protocol_sched.model.schedule import Keep, Schedule
from protocol_sched.model.spans import (
    CalendarSpan,
    ElapsedSpan,
    MonthEnd,
    Span,
    SpanRange,
    comparable,
)
from protocol_sched.model.stages import Cleaning, Preparation, Stage

LocalWindows = tuple[tuple[int, int], ...]
"""Windows of one day, each from and to a minute after midnight."""

# A zone and the first date of a few days that hold, or do not hold, a change of its clock.
OPENINGS = (
    ("America/New_York", date(2027, 3, 12)),
    ("America/New_York", date(2027, 11, 5)),
    ("America/St_Johns", date(2027, 3, 13)),
    ("Europe/London", date(2027, 10, 29)),
    ("Australia/Lord_Howe", date(2027, 4, 2)),
    ("Australia/Lord_Howe", date(2027, 10, 1)),
    ("Pacific/Auckland", date(2027, 9, 24)),
    ("Africa/Casablanca", date(2027, 2, 5)),
    ("America/Santiago", date(2027, 9, 3)),
    ("Asia/Kathmandu", date(2028, 2, 27)),
    ("America/New_York", date(2027, 1, 29)),
)


class About(enum.Enum):
    """What a world has more of than chance gives."""

    ANYTHING = "anything"
    UNITS = "limits in two units"
    NIGHTS = "visits past midnight and over nights"
    ESCORTS = "three or four escorts, and few wanted"


@attrs.frozen
class World:
    """All that a plan is made from, and the dates it may use."""

    agenda: Agenda
    clinic: Clinic
    person: Person
    protocol: Protocol
    first: date
    last: date


@st.composite
def day_windows(draw: st.DrawFn, step: int = 30) -> LocalWindows:
    """Draw the windows of one day: none, one or two, sometimes over midnight's edges."""
    edges = draw(
        st.lists(st.integers(0, 1440 // step), min_size=0, max_size=4, unique=True).map(sorted)
    )
    return tuple((a * step, b * step) for a, b in zip(edges[::2], edges[1::2], strict=False))


def wide_days() -> st.SearchStrategy[LocalWindows]:
    """Windows of a day, long ones more often than not."""
    return (
        st.sampled_from([((480, 1020),), ((480, 720), (780, 1020)), ((0, 1440),)]) | day_windows()
    )


def weeks(days: st.SearchStrategy[LocalWindows] | None = None) -> st.SearchStrategy[Hours]:
    """Hours of a week, each day of it one of these days."""
    each = wide_days() if days is None else days
    return st.lists(each, min_size=7, max_size=7).map(lambda days: Hours(tuple(days)))


def nights() -> st.SearchStrategy[LocalWindows]:
    """Windows of a day at a place that is open at night."""
    night = [((0, 1440),), ((0, 240), (1320, 1440)), ((0, 720),), ((720, 1440),)]
    return st.sampled_from([night[0], *night])


STAYS = (180, 720, 1440, 1800, 3600)


@st.composite
def stages(draw: st.DrawFn, kinds: Sequence[str], stay: bool = False) -> tuple[Stage, ...]:
    """
    Draw one to three stages, some of open length, some that hold a place or staff.

    Args:
        kinds: What a stage may hold.
        stay: Whether one of them lasts 3 to 60 hours.
    """
    made = []
    number = draw(st.integers(1, 3))
    long = draw(st.integers(0, number - 1)) if stay else None
    for n in range(number):
        usual = [30, 45, 60, 90]
        least = draw(st.sampled_from(STAYS if n == long else usual))
        more = draw(st.sampled_from([0, 0, 15, 30]))
        needs = draw(st.lists(st.sampled_from(kinds), unique=True, max_size=2)) if kinds else []
        made.append(
            Stage(
                name=f"stage {n}",
                length=SpanRange(ElapsedSpan(least), ElapsedSpan(least + more)),
                needs=tuple((kind, 1) for kind in needs),
                source="local",
            )
        )
    return tuple(made)


@st.composite
def works(draw: st.DrawFn, kind: VisitType) -> VisitType:
    """Draw a visit type with some work around it, most often with none."""
    if draw(st.integers(0, 2)):
        return kind
    stage = st.sampled_from(["", *(stage.name for stage in kind.stages)])
    work = {
        "name": st.sampled_from(["mixing", "cleaning"]),
        "length": st.sampled_from([15, 30, 60, 150]).map(ElapsedSpan),
        "needs": st.sets(st.sampled_from([("chair", 1), ("nurse", 1)])).map(sorted).map(tuple),
        "after_hours": st.booleans(),
        "source": st.just("local"),
    }
    if kind.ride_home is not None:
        longer = SpanRange(ElapsedSpan(120), ElapsedSpan(120))
        (*others, last) = kind.stages
        kind = attrs.evolve(kind, stages=[*others, attrs.evolve(last, without_escort=longer)])
    return attrs.evolve(
        kind,
        preparation=draw(st.lists(st.builds(Preparation, before=stage, **work), max_size=1)),
        cleaning=draw(st.lists(st.builds(Cleaning, after=stage, **work), max_size=2)),
    )


def calendar_lengths(low: int, high: int, months: bool) -> st.SearchStrategy[Span]:
    """Days, now and then a month less some days."""
    days = st.integers(low, high).map(lambda n: CalendarSpan(days=n))
    by_months = st.integers(-31, -25).map(lambda n: CalendarSpan(months=1, days=n))
    return st.one_of(days, days, days, by_months) if months else days


KINDS = ("days", "days", "days", "hours", "mixed", "mixed", "working day", "open day", "week")


@st.composite
def spacings(
    draw: st.DrawFn,
    earlier: str | PastVisit,
    later: str,
    months: bool,
    kinds: Sequence[str] = KINDS,
) -> Rules:
    """Draw a rule between two visits, of one of these kinds."""
    kind = draw(st.sampled_from(kinds))
    if kind == "working day":
        days = draw(st.integers(1, 2))
        return NextWorkingDay(rule="cadence", earlier=earlier, later=later, days=days)
    if kind == "open day" and draw(st.integers(0, 2)) == 0:
        days, weekends = draw(st.integers(1, 3)), draw(st.booleans())
        return MadeUp(rule="cadence", earlier=earlier, later=later, days=days, weekends=weekends)
    if kind == "open day" and draw(st.integers(0, 2)) == 0:
        since = draw(st.none() | st.just(earlier.on)) if isinstance(earlier, PastVisit) else None
        back = timedelta(days=draw(st.integers(0, 3)))
        return CaughtUp(
            rule="cadence",
            earlier=earlier,
            later=later,
            days=draw(st.integers(1, 3)),
            since=None if since is None else since - back,
            done=0 if since is None else draw(st.integers(0, 2)),
        )
    if kind == "open day":
        return OnOpenDay(
            rule="closed day",
            earlier=earlier,
            later=later,
            after=CalendarSpan(days=draw(st.integers(0, 3))),
            closed_day=draw(st.sampled_from(ClosedDay)),
            weekends=draw(st.booleans()),
        )
    if kind == "week":
        begins = draw(st.sampled_from([Week.MONDAY, Week.SUNDAY]))
        weeks_apart = draw(st.integers(0, 1))
        if draw(st.booleans()):
            return FilledWeek(
                rule="cadence",
                earlier=earlier,
                later=later,
                visits=draw(st.integers(1, 3)),
                per_week=draw(st.integers(1, 3)),
                begins=draw(st.sampled_from(Week)),
                into=draw(st.integers(0, 6)),
                gone=draw(st.integers(0, 4)),
                weeks=weeks_apart,
            )
        return WeekApart(
            rule="cadence", earlier=earlier, later=later, weeks=weeks_apart, begins=begins
        )
    in_days = calendar_lengths(0, 5, months)
    in_hours = st.integers(0, 12).map(lambda n: ElapsedSpan(n * 450))
    first, second, aim = {
        "days": (in_days, in_days, in_days),
        "hours": (in_hours, in_hours, in_hours),
        "mixed": (in_days, in_hours, in_days | in_hours),
    }[kind]
    ends = sorted([draw(first), draw(second)], key=comparable)
    least, most = draw(st.none() | st.just(ends[0])), draw(st.none() | st.just(ends[1]))
    if kind == "mixed":  # least in days and most in hours, or the other way round
        least, most = ends
    target = draw(aim)
    exact = SpanRange(target, target)
    wanted = exact if least is None and most is None else draw(st.none() | st.just(exact))
    between = draw(st.sampled_from(list(Between)))
    return Spacing(
        rule="separation",
        earlier=earlier,
        later=later,
        least=least,
        most=most,
        target=wanted,
        between=between,
    )


@st.composite
def worlds(draw: st.DrawFn, zones: Sequence[str] = (), months: bool = True) -> World:
    """
    Draw one to three visits over a few days, with any rules and calendars around them.

    Args:
        zones: Only these zones of `OPENINGS`; none is all. With any given, the person's own
            zone has no clock changes.
        months: Whether a rule may count in months.
    """
    openings = [one for one in OPENINGS if not zones or one[0] in zones]
    name, first = draw(st.sampled_from(openings))
    zone = ZoneInfo(name)
    about = draw(st.sampled_from(About))
    at_night, escorted = about is About.NIGHTS, about is About.ESCORTS
    days = draw(st.just(4) if at_night else st.integers(3, 6))
    last = first + timedelta(days=days - 1)
    some_dates = st.integers(0, days - 1).map(lambda n: first + timedelta(days=n))
    kinds = tuple(
        VisitType(
            name=kind,
            stages=draw(
                stages(() if at_night else ("chair", "nurse"), at_night and kind == "long")
            ),
            ride_home=draw(
                st.sampled_from([RideHome(source="local"), *([] if escorted else [None])])
            ),
            no_driving=draw(
                st.sampled_from(
                    [None, *(NoDriving(until=u, source="local") for u in UNTIL), *RESTS]
                )
            ),
        )
        for kind in ("long", "short")
    )
    kinds = tuple(draw(works(kind)) for kind in kinds)
    phase = Phase(
        name="run",
        visit="long",
        cadence=OnDemand(on_demand="test"),
        visits=Count(0, None),
        source="local",
    )
    protocol = Protocol(name="small", title="Small", visit_types=kinds, phases=[phase])
    count = draw(st.just(3) if escorted else st.just(2) if at_night else st.integers(1, 3))
    dues = [
        Due(
            id=f"v{n}",
            title=f"visit {n}",
            kind="long" if at_night and n == 1 else draw(st.sampled_from(["long", "short"])),
            phase="run",
            ordinal=n,
            type_ordinal=n,
        )
        for n in range(1, count + 1)
    ]
    bindings = draw(rules(dues, first, days, zone, months, about))
    agenda = Agenda(
        course="c",
        protocol="small",
        as_of=first,
        month_end=draw(st.sampled_from(MonthEnd)),
        dues=dues,
        bindings=bindings,
        waived=[due.id for due in dues if draw(st.integers(0, 5)) == 0],
    )
    bookings = st.builds(
        lambda day, at, length: Booking(day=day, start=at * 60, end=min(1440, (at + length) * 60)),
        some_dates,
        st.integers(6, 18),
        st.integers(1, 6),
    )
    dated = st.builds(
        lambda day, part: DatedHours(first=day, hours=part or ((0, 1440),)),
        some_dates,
        day_windows(),
    )
    clinic = Clinic(
        name="Clinic",
        zone=zone,
        hours=draw(
            st.just(Hours()) | weeks(nights())
            if at_night
            else weeks().filter(lambda hours: any(hours.week))
        ),
        closures=draw(st.lists(dated, max_size=1)),
        extra_openings=draw(st.lists(dated, max_size=1)),
        places=[
            Place(name=f"chair {n}", kind="chair", booked=draw(st.lists(bookings, max_size=3)))
            for n in range(draw(st.integers(1, 2)))
        ],
        staff=[
            Staff(
                kind="nurse",
                units=draw(st.integers(1, 2)),
                booked=draw(st.lists(bookings, max_size=3)),
            )
        ],
        start_every=draw(st.sampled_from([60, 60, 30])),
    )
    commitments = st.builds(
        lambda hours, driving: Commitment(what="work", hours=hours, needs_driving=driving),
        st.lists(day_windows(120), min_size=7, max_size=7).map(lambda w: Hours(tuple(w))),
        st.booleans(),
    )
    full: st.SearchStrategy[LocalWindows] = st.sampled_from([((0, 1440),), ((480, 1320),), ()])
    abroad = ZoneInfo("Asia/Kolkata" if zones else "America/St_Johns")
    clock = st.none() | st.integers(7, 17).map(lambda hour: hour * 60)
    person = Person(
        key="p",
        available=draw(st.just(Hours()) if at_night or escorted else st.just(Hours()) | weeks()),
        away=draw(st.lists(dated, max_size=1)),
        commitments=draw(st.lists(commitments, max_size=0 if at_night or escorted else 1)),
        only_weekdays=draw(
            st.sampled_from([(), (), ()])
            | st.lists(st.sampled_from(WEEKDAYS), min_size=4, unique=True)
        ),
        preferences=Preferences(
            weekdays=draw(st.lists(st.sampled_from(WEEKDAYS), unique=True, max_size=4)),
            earliest=draw(clock),
            latest=draw(clock),
            same_time=draw(st.booleans()),
            same_weekday=draw(st.integers(0, 3)) == 0,
            few_escorts=escorted or draw(st.booleans()),
            hours=draw(st.none() | weeks(full)) if draw(st.integers(0, 3)) == 0 else None,
            not_two_days_running=draw(st.integers(0, 3)) == 0,
            evenly_spread=draw(st.integers(0, 3)) == 0,
        ),
        requires=draw(requirements()),
        escorts=[
            Escort(
                name=f"escort {n}",
                available=draw(weeks(full) if escorted or at_night else weeks()),
                away=draw(st.lists(dated, max_size=1)),
                zone=draw(st.sampled_from([None, None, ZoneInfo("Asia/Kathmandu")])),
            )
            for n in range(draw(st.sampled_from([3, 4] if escorted else [1, 2, 2, 3, 4])))
        ],
        zone=draw(st.sampled_from([None, None, None, abroad])),
    )
    return World(agenda, clinic, person, protocol, first, last)


@st.composite
def teams(draw: st.DrawFn, world: World) -> World:
    """Draw the world with its nurses by name: hours, skills, ratios, who has to stay."""
    (nurses,) = world.clinic.staff
    days = (world.last - world.first).days
    dates = st.integers(0, days).map(lambda n: world.first + timedelta(days=n))
    team = [
        Member(
            name=f"nurse {n}",
            role="nurse",
            skills=draw(st.sampled_from([(), ("ports",)])),
            hours=draw(st.just(Hours()) | weeks()),
            absent=draw(st.lists(st.builds(DatedHours, first=dates), max_size=1)),
            booked=[
                attrs.evolve(one, of=draw(st.sampled_from([1, 2, 3]))) for one in nurses.booked
            ],
        )
        for n in range(draw(st.integers(1, 3)))
    ]
    ratio = Ratio(one="nurse", for_=(("stage 0", 2), ("mixing", draw(st.sampled_from([1, 2, 3])))))
    ratios = [ratio] if draw(st.booleans()) else []
    kinds = []
    for kind in world.protocol.visit_types:
        needs = {name for stage in kind.stages for name, _ in stage.needs}
        skilled = [
            attrs.evolve(stage, skills=(("nurse", ("ports",)),))
            if "nurse" in dict(stage.needs) and draw(st.integers(0, 2)) == 0
            else stage
            for stage in kind.stages
        ]
        stays = ("nurse",) if "nurse" in needs and draw(st.booleans()) else ()
        kinds.append(attrs.evolve(kind, stages=skilled, same_staff=stays))
    return attrs.evolve(
        world,
        clinic=attrs.evolve(world.clinic, staff=(), team=team, ratios=ratios),
        protocol=attrs.evolve(world.protocol, visit_types=kinds),
    )


def requirements() -> st.SearchStrategy[Requirements]:
    """What a person insists on; most people on nothing."""
    seldom = st.sampled_from([False, False, False, False, True])
    return st.builds(
        Requirements, same_weekday=seldom, one_escort=seldom, not_two_days_running=seldom
    )


def minutes() -> st.SearchStrategy[int]:
    """The minute of an hour at which something began."""
    return st.sampled_from([0, 0, 0, 20]) | st.integers(0, 59)


@st.composite
def kept(draw: st.DrawFn, world: World, known: Schedule | None = None) -> dict[str, Keep]:
    """
    Draw how people know some of a world's visits: any start, escort and answers.

    Args:
        known: A plan; more often than not they know a visit as it is there.
    """
    keep = {}
    planned = {visit.id: visit.start for visit in known.visits} if known else {}
    names = [escort.name for escort in world.person.escorts]
    days = (world.last - world.first).days
    for due in world.agenda.dues:
        if draw(st.integers(0, 2)):
            day = world.first + timedelta(days=draw(st.integers(-1, days + 1)))
            hour, minute = draw(st.integers(0, 23)), draw(st.sampled_from([0, 0, 0, 30, 10, 7]))
            at = datetime(day.year, day.month, day.day, hour, minute, tzinfo=world.clinic.zone)
            if due.id in planned and draw(st.integers(0, 3)):
                at = planned[due.id]
            keep[due.id] = Keep(
                start=at.astimezone(UTC),
                escort=draw(st.none() | st.sampled_from(names)),
                declined=draw(st.lists(st.sampled_from(names), unique=True, max_size=2)),
            )
    return keep


UNTIL = ("next day", "24 hours", "90 minutes")
RESTS = tuple(
    NoDriving(until="next day", rest=ElapsedSpan(60 * hours), source="local")
    for hours in (3, 8, 20)
)


@st.composite
def rules(
    draw: st.DrawFn,
    dues: list[Due],
    first: date,
    days: int,
    zone: ZoneInfo,
    months: bool,
    about: About,
) -> list[Rules]:
    """Draw rules about the visits; two neighbours always have one that says they are in order."""
    made: list[Rules] = []
    two_units = about is About.UNITS
    kinds = ("mixed",) if two_units else KINDS
    for earlier, later in pairwise(dues):
        if draw(st.integers(0, 3)):
            made.append(
                Spacing(
                    rule="order",
                    earlier=earlier.id,
                    later=later.id,
                    least=CalendarSpan(days=1),
                )
            )
        else:
            made.append(
                Spacing(
                    rule="order",
                    earlier=earlier.id,
                    later=later.id,
                    least=ElapsedSpan(0),
                    between=Between.END_AND_START,
                )
            )
        for _ in range(draw(st.integers(0, 1 if about is About.NIGHTS else 2))):
            made.append(draw(spacings(earlier.id, later.id, months, kinds)))
    if len(dues) == 3:
        made += draw(st.lists(spacings(dues[0].id, dues[2].id, months), max_size=1))
    if len(dues) > 1 and draw(st.integers(0, 7)) == 0:  # measured against the order of time
        made.append(draw(spacings(dues[1].id, dues[0].id, False)))
    dates = st.integers(-1, days).map(lambda n: first + timedelta(days=n))
    some = st.sampled_from([due.id for due in dues])
    if two_units or draw(st.booleans()):
        given = draw(st.integers(-4, 0))
        on = first + timedelta(days=given)
        start = None
        if draw(st.booleans()):
            hour, minute = draw(st.sampled_from([10, 10, 0, 16, 23])), draw(minutes())
            start = datetime(on.year, on.month, on.day, hour, minute, tzinfo=zone).astimezone(UTC)
        lasted = draw(st.sampled_from([None, 2, 2, 30]))
        end = None if start is None or lasted is None else start + timedelta(hours=lasted)
        past = PastVisit("v0", "visit 0", on, start, end, "long")
        made += draw(st.lists(spacings(past, dues[0].id, months, kinds), min_size=1, max_size=2))
        if draw(st.booleans()):
            visits = [past, *(due.id for due in dues)]
            most, in_days = draw(st.integers(1, 2)), draw(st.integers(1, 5))
            made.append(AtMost(rule="cap", most=most, days=in_days, visits=visits))
    extra = st.one_of(
        st.builds(lambda v, d: NotBefore(rule="start", visit=v, day=d), some, dates),
        st.builds(lambda v, d: NotAfter(rule="finish by", visit=v, day=d), some, dates),
        st.builds(
            lambda v, names: OnWeekdays(rule="weekdays", visit=v, weekdays=tuple(names)),
            some,
            st.lists(st.sampled_from(WEEKDAYS), min_size=3, unique=True),
        ),
        st.builds(
            lambda v, n: OnDaysOfMonth(rule="day of the month", visit=v, first=n, last=n + 7),
            some,
            st.integers(1, 24),
        ),
    )
    found = draw(st.lists(extra, max_size=2))
    made += [one for one in found if months or not isinstance(one, OnDaysOfMonth)]
    if draw(st.integers(0, 4)) == 0:
        day = first + timedelta(days=draw(st.integers(0, days - 1)))
        at = datetime(day.year, day.month, day.day, draw(st.integers(7, 14)), 20, tzinfo=zone)
        made.append(FixedAt(rule="pinned", visit=draw(some), start=at))
    return made
